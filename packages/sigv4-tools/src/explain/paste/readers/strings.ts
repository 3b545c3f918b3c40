import { findStart } from '../../../formats/canonical-request.ts'
import { FENCE, type Found, lineAt, type Paste, type Reader, region, unescapeString } from '../model/found.ts'
import { readLiteral } from '../model/literal.ts'
import { findCanonical, recoverCanonical, recoverProse, recoverToSign } from '../model/recover.ts'

// Canonical requests and strings to sign that stand alone, and those in the message of a service.

const MOST_LINES = 400
/** Maximum number of lines of a canonical request whose end was cut off. */
const MOST_HEADERS = 60
/** Maximum number of lines of a string in a program that `+` joins. */
const MOST_PARTS = 60
/** The end of a line that ends with the hash of a payload. */
const HASH_END = /(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]{5,60})["'`\\\s)},;]{0,20}$/i
/** The characters after the last letter or digit. The search starts only where such a run does. */
const END_MARKS = /(?<!\W)\W+$/

/** Reads a canonical request or a string to sign that starts on a line. */
export const readString: Reader = (paste, at, line) =>
  /<(?:\?xml|Error|CanonicalRequest|StringToSign)\b/.test(line)
    ? undefined
    : (readWellFormed(paste, at, line) ?? readLabeled(paste, at, line))

const readWellFormed: Reader = (paste, at, line) =>
  readEscaped(paste, at, line) ?? readCanonical(paste, at, line) ?? readToSign(paste, at, line)

/** A label before a string, in the spellings that programs use. The string is in the same line, or starts in the next one. */
const LABEL =
  /(canonical[ _-]?(?:request|string)?|string[ _-]?to[ _-]?sign)["'`\])*]{0,4}\s{0,9}(?:(?::=|=>|[:=])\s{0,9}["'`]?(?=\w)|\W*$)/i
/** The names of signed headers, which are in the line before the last. */
const LIST = /^(?:signedheaders[=:] ?)?(?=.*\bhost\b(?!:))[\w-]+(?:[;,] ?[\w-]+)*[;,]?$/i
const LAST = /^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]{5,60})["'`]?$/i
/** The parts of a string to sign, however it is malformed. */
const PARTS = [/AWS4-[A-Z\d]+(?:-P256)?-SHA256/i, /\b20\d{6}/, /aws4_request/, /[\da-f]{64}|(?:[\da-f]{2}[-: ]){31}/i]
const LONGEST_LINE = 2000
const MOST_TO_SIGN = 6

/** A string with a label, as it stands: the lines that are not as they should be are the mistake. */
function readLabeled(paste: Paste, at: number, line: string): Found[] | undefined {
  const { lines } = paste
  const label = line.length > LONGEST_LINE || paste.budget.left < 0 ? null : LABEL.exec(line)
  if (!label) return undefined
  const isToSign = /sign/i.test(label[1]!)
  const column = label.index + label[0].length
  const before = line.slice(0, column)
  const foundAs = (text: string, to: number): Found[] =>
    isToSign
      ? [{ ...described(paste, at, before, 'String to sign'), to, stringToSign: text }]
      : [{ ...described(paste, at, before, 'Canonical request'), to, canonicalRequest: text, written: text }]
  const quote = line.slice(0, label.index).search(/['"]/)
  if (quote >= 0) {
    // the label is part of a string of a program
    const literal = readLiteral(paste.text, paste.starts[at]! + quote)
    paste.budget.left -= (literal?.end ?? paste.text.length) - paste.starts[at]!
    const content = String(literal?.value).slice(column - quote - 1)
    const text = isToSign ? recoverToSign(content) : (recoverCanonical(content) ?? findCanonical(content))
    return text === undefined || !literal ? undefined : foundAs(text, lineAt(paste, literal.end - 1))
  }
  const isInline = column < line.length
  let from = at
  if (!isInline)
    do from++
    while (from < at + 3 && /^(?:```)?\s*$/.test(lines[from] ?? 'end'))
  if (from >= lines.length || (!isInline && readWellFormed(paste, from, lines[from]!))) return undefined
  const to = isToSign ? endOfToSign(lines, from) : endOfCanonical(lines, from)
  if (to === undefined) return undefined
  const copy = isInline ? [line.slice(column), ...lines.slice(at + 1, to + 1)].join('\n') : region(paste, from, to)
  const text = (copy.includes('\n') ? copy : unescaped(copy)).replace(/["'`]\s*$/, '')
  // that of a chunk has others
  const isWhole = PARTS.filter((part) => part.test(text)).length > 2 && !/SHA256-/.test(text)
  return !isToSign || isWhole ? foundAs(text, to) : undefined
}

function isEnd(line = FENCE): boolean {
  return line === FENCE || line.length > LONGEST_LINE || LABEL.test(line)
}

function endOfToSign(lines: readonly string[], from: number): number {
  let to = from
  while (to < from + MOST_TO_SIGN && !isEnd(lines[to + 1]) && lines[to + 1]!.trim() !== '') to++
  return to
}

/** The payload hash is the line after the names of the signed headers. */
function endOfCanonical(lines: readonly string[], from: number): number | undefined {
  for (let to = from; to < from + MOST_HEADERS && (to === from || !isEnd(lines[to])); to++) {
    const line = (lines[to] ?? '').trim()
    if (LAST.test(line)) return to
    if (LIST.test(line)) return isEnd(lines[to + 1]) || lines[to + 1]!.trim() === '' ? to : to + 1
  }
  return undefined
}

/** A string on one line, with escapes of most languages or of PowerShell in place of line feeds. */
function unescaped(text: string): string {
  return unescapeString(text.replaceAll('`n', '\n'))
}

/** A canonical request on separate lines, or all on one line. */
function readCanonical(paste: Paste, at: number, line: string): Found[] | undefined {
  const start = /(?:^|[\s'"`:=>(])(GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)(?:[ \t]*$|[ \t]+\/\S*[ \t]+\S)/.exec(line)
  if (!start) return undefined
  const isAlone = !start[0].includes('/')
  if (isAlone ? !/^\s*\//.test(paste.lines[at + 1] ?? '') : !/[a-z\d-]:\S/.test(line.slice(start.index)))
    return undefined
  const before = line.slice(0, start.index)
  for (let to = at; to < Math.min(at + MOST_LINES, paste.lines.length) && paste.budget.left > 0; to++) {
    const text = paste.lines[to]!
    if (text === FENCE) break
    paste.budget.left -= text.length + 20
    if (to === at ? isAlone : !HASH_END.test(text.slice(-120))) continue
    const copy = region(paste, at, to)
    const canonicalRequest = findCanonical(copy, before.trimStart().length)
    if (canonicalRequest !== undefined) {
      const written = copy.slice(copy.indexOf(start[1]!)).replace(END_MARKS, '')
      return [{ ...described(paste, at, before, 'Canonical request'), to, canonicalRequest, written }]
    }
  }
  if (!isAlone || paste.budget.left < 0) return undefined
  const canonicalRequest = findStart([start[1], ...paste.lines.slice(at + 1, at + MOST_HEADERS)].join('\n'))
  if (canonicalRequest === undefined) return undefined
  const to = Math.min(at + canonicalRequest.split('\n').length - 4, paste.lines.length - 1)
  return [{ ...described(paste, at, before, 'Start of a canonical request'), to, canonicalRequest }]
}

function readToSign(paste: Paste, at: number, line: string): Found[] | undefined {
  const start = line.search(/AWS4-(?:HMAC|ECDSA-P256)-SHA256(?:\W*$|\s+\d{8}T)/)
  if (start < 0) return undefined
  for (let to = at; to < at + 6 && to < paste.lines.length; to++) {
    const text = region(paste, at, to)
    const stringToSign = recoverToSign(text.slice(text.search(/AWS4-(?:HMAC|ECDSA)/)).replace(END_MARKS, ''))
    if (stringToSign !== undefined)
      return [{ ...described(paste, at, line.slice(0, start), 'String to sign'), to, stringToSign }]
  }
  return undefined
}

/** Strings of a program, with escapes: `'PUT\n/cat.jpg\n…'`, perhaps joined over lines by `+`. */
function readEscaped(paste: Paste, at: number, line: string): Found[] | undefined {
  const start = /(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS|AWS4-(?:HMAC|ECDSA-P256)-SHA256)(?:\\n|`n)/.exec(line)
  if (!start || paste.budget.left < 0) return undefined
  let to = at
  while (to < at + MOST_PARTS && /\+\s*$/.test(paste.lines[to]!) && to + 1 < paste.lines.length) to++
  const joined = region(paste, at, to).replace(/(['"`])[ \t]*\+\s*['"`]/g, '')
  const from = joined.indexOf(start[0])
  const [quote] = /['"`]/.exec(joined[from - 1] ?? '') ?? []
  const end = quote === undefined ? -1 : joined.indexOf(quote, from)
  const content = unescaped(joined.slice(from, end < 0 ? undefined : end))
  const before = line.slice(0, start.index)
  const canonicalRequest = recoverCanonical(content) ?? findCanonical(content)
  if (canonicalRequest !== undefined)
    return [{ ...described(paste, at, before, 'Canonical request'), to, canonicalRequest, written: content }]
  const stringToSign = recoverToSign(content.replace(END_MARKS, ''))
  if (stringToSign === undefined) return undefined
  return [{ ...described(paste, at, before, 'String to sign'), to, stringToSign }]
}

/** Words that only the logs of one side contain. */
const LOGS = {
  server:
    /\bauth_signature_v4\.go\b|\bs3api\w*\.go\b|\brgw\b|\bminio\/cmd\b|\bcalculated canonical|\bserver[- ]side canonical/i,
  client:
    /aws_sigv4::|canonical_request=|AWSAuthV4Signer|CanonicalRequest:|StringToSign:|CANONICAL STRING|STRING TO SIGN \]|AWS4 (?:Canonical|String)/,
}
const THEIRS = /\b(?:aws(?:'s)?|s3|server|service|theirs?|expected|should|response|returned|error|got back|amazon)\b/i
const OURS =
  /\b(?:mine?|my|ours?|we|i|client|local|generated|calculated|computed|code|sdk|botocore|debug|sent|created|signer|boto\w*|aws4|log)\b/i

/** Returns a string with the side that computed it, by the words before it. */
function described(paste: Paste, at: number, before: string, what: string): Omit<Found, 'to'> {
  let label = before.trim()
  for (let i = at - 1; label.length < 12 && i >= Math.max(at - 4, 0); i--)
    if (paste.lines[i] !== FENCE) label = `${paste.lines[i]!.slice(-200)} ${label}`.trim()
  const text = label.slice(-240)
  const isTheirs = THEIRS.test(text)
  const isOurs = OURS.test(text)
  let side: Found['side'] = isTheirs === isOurs ? undefined : isTheirs ? 'server' : 'client'
  if (isTheirs && /should have been|expected/i.test(text)) side = 'server'
  if (LOGS.client.test(text)) side = 'client'
  if (LOGS.server.test(text)) side = 'server'
  const whose = side === undefined ? '' : ` that the ${side === 'client' ? 'client' : 'service'} computed`
  const kind = what === 'String to sign' ? 'string-to-sign' : 'canonical-request'
  return { kind, from: at, side, description: `${what}${whose}` }
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

/** "The Canonical String for this request should have been": the message of an error, with the strings in it. */
export const readProseStrings: Reader = (paste, at, line) => {
  const { lines } = paste
  if (!/The Canonical String for this request should/i.test(line)) return undefined
  let to = at
  // up to the hash of the string to sign
  let isToSign = false
  let isScope = false
  for (let i = at; i < Math.min(at + MOST_LINES, lines.length) && lines[i] !== FENCE && paste.budget.left > 0; i++) {
    const text = lines[i]!
    // another canonical request
    if (i > at + 3 && /^\s*[A-Z]{3,7}\s*$/.test(text) && /^\s*\//.test(lines[i + 1] ?? '')) break
    paste.budget.left -= text.length + 20
    isToSign ||= /String-to-Sign/i.test(text)
    to = i
    const rest = text.slice(Math.max(text.search(/String-to-Sign/i), 0))
    if (isToSign && (isScope || /[\da-f]{64}['"\\]|aws4_request\W{1,6}n/.test(rest))) break
    isScope = isToSign && /aws4_request\s*$/.test(rest)
  }
  let text = region(paste, at, to)
  // a string inside a string is escaped again
  for (let depth = 0; depth < 3 && text.includes('\\n'); depth++) text = unescapeString(text)
  const strings = recoverProse(text.slice(text.search(/The Canonical String/i)))
  if (!strings) return undefined
  const before = lines
    .slice(Math.max(at - 4, 0), at + 1)
    .join(' ')
    .slice(-4000)
  const [code = 'InvalidSignatureException'] =
    /\b(?:InvalidSignatureException|SignatureDoesNotMatch|InvalidSignature)\b/.exec(before) ?? []
  const response = { code, message: MISMATCH, strings }
  const description = 'Error message with the canonical request that the service computed'
  return [{ kind: 'error', from: at, to, description, response, shown: strings.canonicalRequest }]
}
