import { FENCE, type Paste, type Reader, region } from '../found.ts'
import { findCanonical, findToSign, textOfHex } from '../recover.ts'
import { MOST_LINES, writeXml } from './xml.ts'

// What a browser window shows of an error: the text without its tags, or a page in HTML.

/** Reads an error without its tags: the text that a browser window shows, on lines or all in one. */
export const readBareError: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const [, code, rest = ''] =
    /\b(SignatureDoesNotMatch)[\s:.]*(The request signature we calculated.*)?$/.exec(line) ?? []
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
