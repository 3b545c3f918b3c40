import { FENCE, type Found, indentOf, type Paste, type Reader, region, unescapeString } from '../found.ts'
import { findCanonical, findStart, recoverCanonical, recoverProse, recoverToSign } from '../recover.ts'

// Canonical requests and strings to sign: those that a client logged, and those that stand alone.

/** Most lines of a canonical request. */
const MOST_LINES = 400
/** Most lines of one whose end was cut off. */
const MOST_HEADERS = 60
/** The end of a line that ends with the hash of a payload. */
const HASH_END = /(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]{5,60})["'`\\\s)},;]{0,20}$/
/** What follows the last letter or digit. The search starts only where such a run does. */
const END_MARKS = /(?<!\W)\W+$/

/** Reads a canonical request or a string to sign that starts on a line. */
export const readString: Reader = (paste, at) =>
  /<(?:\?xml|Error|CanonicalRequest|StringToSign)\b/.test(paste.lines[at]!)
    ? undefined
    : (readEscaped(paste, at) ?? readCanonical(paste, at) ?? readToSign(paste, at))

/** A canonical request on lines of its own, or all on one line. */
function readCanonical(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = /(?:^|[\s'"`:=>(])(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)(?:[ \t]*$|[ \t]+\/\S*[ \t]+\S)/.exec(line)
  if (!start) return undefined
  const next = paste.lines[at + 1]?.trim() ?? ''
  const isAlone = /[A-Z]\s*$/.test(start[0])
  if (isAlone ? !next.startsWith('/') : !/[a-z\d-]:\S/.test(line.slice(start.index))) return undefined
  const last = Math.min(at + MOST_LINES, paste.lines.length - 1)
  let to = at
  let lines = 0
  for (; to <= last; to++) {
    const text = paste.lines[to]!
    if (text === FENCE || lines > MOST_LINES || paste.budget.left < 0) break
    paste.budget.left -= text.length + 20
    lines++
    if (to > at && !HASH_END.test(text.slice(-120))) continue
    if (to === at && isAlone) continue
    const whole = region(paste, at, to)
    const found = findCanonical(whole, Math.max(start.index - indentOf(line) - 1, 0))
    if (!found) continue
    const canonicalRequest = found.text
    return [
      {
        kind: 'canonical-request',
        from: at,
        to,
        canonicalRequest,
        ...described(paste, at, line.slice(0, start.index), 'Canonical request'),
      },
    ]
  }
  if (!isAlone || paste.budget.left < 0) return undefined
  const [method] = /[A-Z]{3,7}$/.exec(line.trimEnd())!
  const cut = findStart([method, ...paste.lines.slice(at + 1, at + MOST_HEADERS)].join('\n'))
  if (cut === undefined) return undefined
  const end = at + cut.split('\n').length - 4
  const found = described(paste, at, line.slice(0, start.index), 'Start of a canonical request')
  return [{ kind: 'canonical-request', from: at, to: Math.min(end, last), canonicalRequest: cut, ...found }]
}

function readToSign(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = line.search(/AWS4-HMAC-SHA256(?:\W*$|\s+\d{8}T)/)
  if (start < 0) return undefined
  for (let to = at; to < at + 6 && to < paste.lines.length; to++) {
    const text = region(paste, at, to)
    const found = recoverToSign(text.slice(text.indexOf('AWS4-HMAC')).replace(END_MARKS, ''))
    if (found === undefined) continue
    return [
      {
        kind: 'string-to-sign',
        from: at,
        to,
        stringToSign: found,
        ...described(paste, at, line.slice(0, start), 'String to sign'),
      },
    ]
  }
  return undefined
}

/** Strings of a program, with escapes: `'PUT\n/cat.jpg\n…'`, perhaps joined over lines by `+`. */
function readEscaped(paste: Paste, at: number): Found[] | undefined {
  const line = paste.lines[at]!
  const start = /(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS|AWS4-HMAC-SHA256)\\n/.exec(line)
  if (!start || paste.budget.left < 0) return undefined
  let to = at
  while (to < at + 60 && /\+\s*$/.test(paste.lines[to]!) && to + 1 < paste.lines.length) to++
  const text = region(paste, at, to)
  const joined = text.replace(/(['"`])[ \t]*\+\s*['"`]/g, '')
  const from = joined.indexOf(start[0])
  const quote = /['"`]/.exec(joined[from - 1] ?? '')?.[0]
  const end = quote ? joined.indexOf(quote, from) : joined.length
  const content = unescapeString(joined.slice(from, end < 0 ? undefined : end))
  const before = line.slice(0, start.index)
  const canonicalRequest = recoverCanonical(content) ?? findCanonical(content)?.text
  if (canonicalRequest !== undefined)
    return [
      {
        kind: 'canonical-request',
        from: at,
        to,
        canonicalRequest,
        ...described(paste, at, before, 'Canonical request'),
      },
    ]
  const stringToSign = recoverToSign(content.replace(END_MARKS, ''))
  return stringToSign === undefined
    ? undefined
    : [{ kind: 'string-to-sign', from: at, to, stringToSign, ...described(paste, at, before, 'String to sign') }]
}

const THEIRS = /\b(?:aws(?:'s)?|s3|server|service|theirs?|expected|should|response|returned|error|got back|amazon)\b/i
const OURS =
  /\b(?:mine?|my|ours?|we|i|client|local|generated|calculated|computed|code|sdk|botocore|debug|sent|created|signer|boto\w*|aws4|log)\b/i

/** What only the logs of servers have. */
const SERVERS =
  /^\$ ?(?:StringToSign|CanonicalRequest) *: chr|\bauth_signature_v4\.go\b|\bs3api\w*\.go\b|\brgw\b|\bgarage_api|\bminio\/cmd\b|\bcalculated canonical|\bserver[- ]side canonical/i

/** Who computed a string, by the words in front of it. */
function described(
  paste: Paste,
  at: number,
  before: string,
  what: string,
): { description: string; side: Found['side'] } {
  let label = before.trim()
  for (let i = at - 1, seen = 0; label.length < 12 && i >= 0 && seen < 3; i--) {
    if (paste.lines[i] !== FENCE && paste.lines[i]!.trim() !== '') {
      label = `${paste.lines[i]!.slice(-200)} ${label}`
      seen++
    }
    if (i < at - 4) break
  }
  const text = label.slice(-240)
  const side = SERVERS.test(text)
    ? 'server'
    : /aws_sigv4::|canonical_request=|AWSAuthV4Signer|CanonicalRequest:|StringToSign:|CANONICAL STRING|STRING TO SIGN \]|AWS4 (?:Canonical|String)/.test(
          text,
        )
      ? 'client'
      : THEIRS.test(text)
        ? OURS.test(text) && !/should have been|expected/i.test(text)
          ? undefined
          : 'server'
        : OURS.test(text)
          ? 'client'
          : undefined
  const whose = side === 'client' ? ' that the client computed' : side === 'server' ? ' that the service computed' : ''
  return { side, description: `${what}${whose}` }
}

/** "The Canonical String for this request should have been": the message of an error, with the strings in it. */
export const readProseStrings: Reader = (paste, at) => {
  const line = paste.lines[at]!
  const start = /The Canonical String for this request should/i.exec(line)
  if (!start) return undefined
  let to = at
  const last = Math.min(at + MOST_LINES, paste.lines.length - 1)
  // up to the hash of the string to sign
  let isToSign = false
  let isScope = false
  for (let i = at; i <= last && paste.lines[i] !== FENCE && paste.budget.left > 0; i++) {
    const text = paste.lines[i]!
    // another canonical request
    if (i > at + 3 && /^\s*[A-Z]{3,7}\s*$/.test(text) && /^\s*\//.test(paste.lines[i + 1] ?? '')) break
    paste.budget.left -= text.length + 20
    isToSign ||= /String-to-Sign/i.test(text)
    to = i
    const rest = text.slice(Math.max(text.search(/String-to-Sign/i), 0))
    if (isToSign && (isScope || /[\da-f]{64}['"\\]|aws4_request\W{1,6}n/.test(rest))) break
    isScope = isToSign && /aws4_request\s*$/.test(rest)
  }
  const whole = region(paste, at, to)
  let text = whole
  // a string inside a string is escaped again
  for (let depth = 0; depth < 3 && /\\n *\\*'?(?:GET|PUT|POST|HEAD|DELETE|PATCH|OPTIONS)\\/.test(text); depth++)
    text = unescapeString(text)
  if (text === whole && whole.includes('\\n')) text = unescapeString(whole)
  const message = recoverProse(text.slice(Math.max(text.search(/The Canonical String/i), 0)))
  if (message === undefined) return undefined
  const general =
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
  const [, code = 'InvalidSignatureException'] =
    /\b(InvalidSignatureException|SignatureDoesNotMatch|InvalidSignature)\b/.exec(
      paste.lines
        .slice(Math.max(at - 4, 0), at + 1)
        .join(' ')
        .slice(-4000),
    ) ?? []
  return [
    {
      kind: 'error',
      from: at,
      to,
      description: 'Error message with the canonical request that the service computed',
      response: { code, message: `${general}\n\n${message}` },
    },
  ]
}
