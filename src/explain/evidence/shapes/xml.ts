import { unescapeXml } from '../../../core/encoding/xml.ts'
import type { ResponseAsReceived } from '../../response/response.ts'
import { repairElements, writeXml } from '../elements.ts'
import { FENCE, type Paste, type Reader, region, unescapeString } from '../found.ts'
import { findCanonical, findToSign, textOfHex } from '../recover.ts'

// Errors in XML: as a service wrote them, and as a browser window shows them, with tags or without. Error pages in HTML.

const MOST_LINES = 600
const ERROR_START =
  /<(?:\w+:)?(?:Error|ErrorResponse|Response)(?:\s[^<>]*)?>\s*(?:<|$|[-▼▶▾▸])|<\?xml\b|<Code>|<\w{3,60}Exception>\s*(?:<|$|\\n)|^\s*<error>|<(?:AWSAccessKeyId|StringToSign|SignatureProvided)>/
const BROWSER = /This XML file does not appear to have any style information/i

/** Reads an error in XML that starts on a line, even in the middle of it. */
export const readXmlError: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const start = line.search(ERROR_START)
  if (start < 0 && !BROWSER.test(line)) return undefined
  let isOpen = start >= 0
  let to = at
  let isClosed = false
  const last = Math.min(at + MOST_LINES, paste.lines.length - 1)
  for (let i = at; i <= last && paste.budget.left > 0; i++) {
    const text = i === at ? line.slice(Math.max(start, 0)) : paste.lines[i]!
    paste.budget.left -= text.length
    if (text === FENCE && i > at) break
    isOpen ||= ERROR_START.test(text)
    if (!isOpen && i > at + 4) return undefined
    to = i
    isClosed =
      /<\/(?:\w{3,60}Exception|error)>/.test(text) ||
      /<\/(?:\w+:)?ErrorResponse>/.test(text) ||
      (/<\/Error>/.test(text) && !hasResponse(paste, at, i))
    if (isClosed) break
  }
  if (!isOpen) return undefined
  if (!isClosed) to = cutEnd(paste, at, to)
  const whole = region(paste, at, to)
  const found = readElements(
    whole,
    start < 0 ? 0 : whole.search(ERROR_START),
    /^[-−▼▶▾▸+]\s*$/.test(line.slice(0, Math.max(start, 0)).trim()),
  )
  if (!found) return undefined
  const { response, code, isBrowser } = found
  return [
    {
      kind: 'error',
      from: at,
      to,
      column: Math.max(start, 0),
      description: `XML error ${code || 'without a code'}${isBrowser ? ', copied from a browser window' : ''}${isClosed ? '' : ', cut off'}`,
      response,
    },
  ]
}

/** Whether an ErrorResponse is open, whose end follows. */
function hasResponse(paste: Paste, from: number, to: number): boolean {
  const ahead = paste.lines.slice(to, to + 6).join('\n')
  return /<\/ErrorResponse>/.test(ahead) && paste.lines.slice(from, to + 1).some((line) => /ErrorResponse/.test(line))
}

/** The last line that has a tag, where the end is missing. */
function cutEnd(paste: Paste, at: number, to: number): number {
  let end = at
  for (let i = at; i <= to; i++) {
    const line = paste.lines[i]!
    if (/<\/?[A-Za-z]/.test(line)) end = i
    if (i > end + 40) break
  }
  if (!/<CanonicalRequest>[^<]*$/.test(paste.lines[end]!)) return end
  for (let i = end + 1; i <= to && CANONICAL_LINE.test(paste.lines[i]!.trim()); i++) if (paste.lines[i]!.trim()) end = i
  return end
}

/** A line of a canonical request after its method: the path, the query, a header, the list of headers, or the hash. */
const CANONICAL_LINE = /^(?:\/\S*|[\w.%~-]+=\S*|[\w-]+:.*|[a-z\d-]+(?:;[a-z\d-]+)*|UNSIGNED-PAYLOAD)?$/

/** The elements of an error, and its body: unchanged, or repaired. */
function readElements(
  whole: string,
  start: number,
  isMarked: boolean,
): { response: ResponseAsReceived; code: string; isBrowser: boolean } | undefined {
  const pasted = whole.slice(Math.max(start, 0))
  const isEscaped = /\\n|\\"/.test(pasted) && !/\n[ \t]*</.test(pasted)
  const plain = isEscaped ? unescapeString(pasted) : pasted
  // PHP shows the start of an error before the whole of it
  const again = plain.includes('(truncated...)') ? plain.lastIndexOf('<?xml') : 0
  const text = plain.slice(Math.max(again, 0))
  const isBrowser = isMarked || BROWSER.test(whole) || /^[ \t]*[-−▼▶▾▸][ \t]*<|[▼▶▾▸]\s*</m.test(text)
  const end =
    /<\/(?:\w+:)?ErrorResponse>/.exec(text) ??
    /<\/Response>/.exec(text) ??
    /<\/(?:Error|error|\w{3,60}Exception)>/.exec(text)
  const content = text.slice(Math.max(text.search(ERROR_START), 0), end ? end.index + end[0].length : undefined)
  const elements = new Map<string, string>()
  for (const [, name, value] of content.matchAll(/<([A-Za-z][\w.-]{0,80})(?:\s[^<>]{0,300})?>([^<]*)(?:<\/|$)/g))
    if (!elements.has(name!)) elements.set(name!, unescapeXml(value!))
  // the browser shows what follows a < in a value as it is, so an element may be missing
  const [, root = ''] = /<(\w{3,60}Exception)>/.exec(content) ?? []
  // the start may have been cut off
  if (elements.has('SignatureProvided') && !elements.has('Code')) elements.set('Code', 'SignatureDoesNotMatch')
  const code = elements.get('Code')?.trim() ?? root
  const message = elements.get('Message') ?? elements.get('message')
  if (code === '' && message === undefined) return undefined
  const isRepaired = repairElements(elements)
  const isWritten =
    !isBrowser && !isRepaired && /<Error\b|<Errors>|<Response>|<\w+:Error\b|<\w+Exception>|<error>/.test(content)
  const named = elements.has('Code') || root === '' ? elements : new Map([['Code', root], ...elements])
  return {
    response: {
      body: isWritten ? content : writeXml(named),
      ...(isWritten && root !== '' && !elements.has('Code') && { code: root }),
      ...(isWritten && !elements.has('Message') && message !== undefined && { message: message.trim() }),
    },
    code,
    isBrowser,
  }
}

/** Reads an error without its tags: the text that a browser window shows, on lines or all in one. */
export const readBareError: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const [, code, rest = ''] =
    /\b(SignatureDoesNotMatch)[\s:.]*(The request signature we calculated.*)?$/s.exec(line) ?? []
  if (
    code === undefined ||
    /^\w/.test(line.slice(line.indexOf(code) + code.length).replace(/^The request signature/, '')) ||
    (rest === '' && !/^\s*The request signature we/.test(paste.lines[at + 1] ?? ''))
  )
    return undefined
  let to = at
  let whole = ''
  for (let i = at; i < Math.min(at + 80, paste.lines.length) && paste.budget.left > 0; i++) {
    const text = paste.lines[i]!
    if (/The Canonical String for this request/.test(text)) return undefined
    if (i > at && (text === FENCE || /^\s*[<>*{]/.test(text))) break
    whole += `${i === at ? text.slice(text.indexOf(code)) : text}\n`
    paste.budget.left -= text.length
    to = i
  }
  const toSign = findToSign(whole)
  if (!toSign) return undefined
  const after = whole.slice(toSign.end)
  const [, signature] = /^\s*([\da-f]{64})/i.exec(after) ?? []
  const elements = new Map([['Code', code]])
  const head = whole.slice(code.length, toSign.start)
  const id = /(?:AKIA|ASIA)[A-Z\d]{12,17}$|[A-Z\d]{16,32}$/.exec(head.trim().slice(-40))?.[0]
  elements.set(
    'Message',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  )
  if (id !== undefined) elements.set('AWSAccessKeyId', id)
  elements.set('StringToSign', toSign.text)
  if (signature !== undefined) elements.set('SignatureProvided', signature)
  const dumps = [...after.matchAll(/(?:[\da-f]{2}(?: |\n(?=[\da-f]{2}[ \n]))){30,}[\da-f]{2}/gi)]
  const exact = dumps.map(([dump]) => textOfHex(dump)).find((text) => /^[A-Z]+\n\//.test(text ?? ''))
  const canonical = exact ?? findCanonical(after)?.text
  if (canonical !== undefined) elements.set('CanonicalRequest', canonical)
  return [
    {
      kind: 'error',
      from: at,
      to: lastLine(paste, at, to),
      description: `Error ${code}, copied from a browser window without its tags`,
      response: { body: writeXml(elements) },
    },
  ]
}

/** The last line that belongs to the values of an error: identifiers and hexadecimal digits. */
function lastLine(paste: Paste, at: number, to: number): number {
  let end = to
  while (end > at && !/[\da-f]{64}|(?:[\da-f]{2} ){8}|UNSIGNED-PAYLOAD|^\s*[\w+/=]{16,}\s*$/i.test(paste.lines[end]!))
    end--
  return end
}

/** Reads an error page in HTML. */
export const readHtml: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const start = /<(?:!doctype html|html|head><title)\b/i.exec(line)
  if (!start) return undefined
  let to = at
  const last = Math.min(at + MOST_LINES, paste.lines.length - 1)
  for (let i = at; i <= last && paste.lines[i] !== FENCE && paste.budget.left > 0; i++) {
    paste.budget.left -= paste.lines[i]!.length
    to = i
    if (/<\/html>/i.test(paste.lines[i]!)) break
  }
  const whole = region(paste, at, to)
  const body = whole.slice(whole.indexOf(start[0]))
  const [, title = ''] = /<title>([^<]*)/i.exec(body) ?? []
  const [, heading = ''] = /<h1>([^<]*)/i.exec(body) ?? []
  const [, status] = /\b([45]\d\d)\b/.exec(`${title} ${heading}`) ?? []
  const [, code] = /<li>Code: (\w+)/.exec(body) ?? []
  const [, message] = /<li>Message: ([^<]*)/.exec(body) ?? []
  if (status === undefined && code === undefined) return undefined
  return [
    {
      kind: 'error',
      from: at,
      to,
      column: start.index,
      description: `HTML error page${title || heading ? ` "${(title || heading).trim().slice(0, 60)}"` : ''}`,
      response: {
        ...(status !== undefined && { status: Number(status) }),
        body,
        ...(code !== undefined && { code }),
        ...(message !== undefined && { message }),
      },
    },
  ]
}
