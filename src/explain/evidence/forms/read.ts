import { unescapeXml } from '../../../core/encoding/xml.ts'
import { FENCE, type Found, type Paste, type Reader } from '../found.ts'
import { type FormField, formRequest, isSignedForm } from './build.ts'

// Forms as a browser shows their payload, and as HTML.

const MOST_LINES = 400

/** Reads a form that starts on a line. */
export const readForm: Reader = (paste, at) => readMultipart(paste, at) ?? readHtmlForm(paste, at)

/** The parts of a form, without the head of the request. */
function readMultipart(paste: Paste, at: number): Found[] | undefined {
  const { lines } = paste
  const boundary = lines[at]!.trim()
  const isDisposition = (i: number): boolean => /^\s*Content-Disposition: *form-data;/i.test(lines[i] ?? '')
  if (!/^--[\w'()+,./:=?-]{2,80}$/.test(boundary) || !isDisposition(at + 1)) return undefined
  const fields: FormField[] = []
  let to = at
  let i = at
  for (; i < Math.min(at + MOST_LINES, lines.length) && lines[i]!.trim() === boundary && isDisposition(i + 1); ) {
    const head = lines[i + 1]!.slice(0, 2000)
    const name = /\bname="([^"]*)"/i.exec(head)?.[1]
    const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1]
    i += 2
    let type: string | undefined
    for (; i < lines.length && /^\s*[\w-]{2,60}:/.test(lines[i]!) && lines[i]!.trim() !== boundary; i++)
      type ??= /^\s*Content-Type: *(\S.{0,200})/i.exec(lines[i]!)?.[1]
    if ((lines[i] ?? '').trim() === '') i++
    const content: string[] = []
    while (i < Math.min(at + MOST_LINES, lines.length) && !lines[i]!.trim().startsWith(boundary) && lines[i] !== FENCE)
      content.push(lines[i++]!)
    to = i - 1
    if (name === undefined) return undefined
    const indent = /^\s*/.exec(lines[at]!)![0].length
    fields.push({ name, value: content.map((line) => line.slice(indent)).join('\n'), filename, type })
  }
  if ((lines[i] ?? '').trim() === `${boundary}--`) to = i
  if (!isSignedForm(fields) && !fields.some(({ name }) => /^signature$/i.test(name))) return undefined
  const request = formRequest(targetBefore(lines, at), fields)
  return [
    {
      kind: 'request',
      from: at,
      to,
      description: `Form of a presigned POST, ${fields.length} fields`,
      ...(request && { request, isForm: true }),
    },
  ]
}

/** Where the form was sent, if a line before it says so. */
function targetBefore(lines: readonly string[], at: number): string | undefined {
  for (let i = at - 1; i >= Math.max(at - 4, 0); i--) {
    const found = /\bPOST(?: to)? ["'`<]?((?:https?:\/)?\/[^\s"'`<>,;]{0,2000})/.exec(lines[i]!.slice(0, 4000))?.[1]
    if (found !== undefined) return found
  }
  return undefined
}

/** A form in HTML that is sent as multipart/form-data. */
function readHtmlForm(paste: Paste, at: number): Found[] | undefined {
  const start = paste.lines[at]!.search(/<form\b/i)
  if (start < 0 || paste.budget.left < 0) return undefined
  let to = at
  while (
    to < Math.min(at + MOST_LINES, paste.lines.length - 1) &&
    !/<\/form>/i.test(paste.lines[to]!) &&
    paste.lines[to] !== FENCE
  )
    to++
  const whole = paste.lines
    .slice(at, to + 1)
    .join('\n')
    .slice(start)
  paste.budget.left -= whole.length
  const [open = ''] = /^<form\b[^>]{0,4000}>/i.exec(whole) ?? []
  const url = attribute(open, 'action')
  if (!/^https?:\/\//i.test(url ?? '') || !/^post$/i.test(attribute(open, 'method') ?? '')) return undefined
  if (!/^multipart\/form-data/i.test(attribute(open, 'enctype') ?? '')) return undefined
  const fields: FormField[] = []
  for (const [tag] of whole.matchAll(/<(?:input|button|textarea)\b[^>]{0,8000}>/gi)) {
    const name = attribute(tag, 'name')
    if (name === undefined || name === '') continue
    const isFile = /^file$/i.test(attribute(tag, 'type') ?? '')
    fields.push({ name, value: isFile ? '' : (attribute(tag, 'value') ?? ''), ...(isFile && { filename: 'file' }) })
  }
  // values that a template fills in are not known
  if (!isSignedForm(fields) || fields.some(({ value }) => /\{\{|<%|\$\{(?!filename\})|\{%/.test(value ?? '')))
    return undefined
  const request = formRequest(url, fields)
  if (!request) return undefined
  return [
    {
      kind: 'request',
      from: at,
      to,
      description: `Form of a presigned POST in HTML, ${fields.length} fields`,
      request,
      isForm: true,
    },
  ]
}

function attribute(tag: string, name: string): string | undefined {
  const at = tag.search(
    name === 'action'
      ? /\saction\s{0,3}=/i
      : name === 'method'
        ? /\smethod\s{0,3}=/i
        : name === 'enctype'
          ? /\senctype\s{0,3}=/i
          : name === 'type'
            ? /\stype\s{0,3}=/i
            : name === 'value'
              ? /\svalue\s{0,3}=/i
              : /\sname\s{0,3}=/i,
  )
  if (at < 0) return undefined
  const [, double, single, bare] = /^\s*\w+\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/.exec(tag.slice(at)) ?? []
  const value = double ?? single ?? bare
  return value === undefined ? undefined : unescapeXml(value)
}
