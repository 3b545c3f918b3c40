import { FENCE, type Reader } from '../found.ts'
import { type FormField, formRequest, isSignedForm } from './build.ts'

// Forms as a browser shows their payload.

const MOST_LINES = 400

/** Reads the parts of a form, without the head of the request. */
export const readForm: Reader = (paste, at) => {
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
    if (lines[i]?.trim() === '') i++
    const content: string[] = []
    while (i < Math.min(at + MOST_LINES, lines.length) && !lines[i]!.trim().startsWith(boundary) && lines[i] !== FENCE)
      content.push(lines[i++]!)
    to = i - 1
    if (name === undefined) return undefined
    const indent = /^\s*/.exec(lines[at]!)![0].length
    fields.push({ name, value: content.map((line) => line.slice(indent)).join('\n'), filename, type })
  }
  if (lines[i]?.trim() === `${boundary}--`) to = i
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

/** The target of the form, if a line before it contains it. */
function targetBefore(lines: readonly string[], at: number): string | undefined {
  for (let i = at - 1; i >= Math.max(at - 4, 0); i--) {
    const found = /\bPOST(?: to)? ["'`<]?((?:https?:\/)?\/[^\s"'`<>,;]{0,2000})/.exec(lines[i]!.slice(0, 4000))?.[1]
    if (found !== undefined) return found
  }
  return undefined
}
