import { sha256 } from '../../../../../test/support/oracle.ts'

// What was signed repeats most of the request, and a refusal repeats most of what was signed, then once more as
// hexadecimal bytes. In the files that is folded, which makes them a third as large and leaves what differs to be seen:
// - in what was signed, a line that is as the request says is a name in braces: `{path}`, `{query}`, `{host}`
// - in a refusal, `{3}` is the third line of the string that was signed
// - `{lower, by byte}` are the bytes of the element before
// - the signature that an error contains is `{signature}`
// - in a form, `{part}` begins a part, and `{what was signed}` is the policy
// It comes back to the byte, or is not folded.

export interface Signed {
  canonicalRequest?: string
  stringToSign?: string
}

const STRINGS = /<(StringToSign|CanonicalRequest)>([^<]*)<\/\1>/g
const BYTES = /<(StringToSign|CanonicalRequest)Bytes>([^<]*)<\/\1Bytes>/g
const MARK = /^\{(.*)\}$/
const LINE_END = /(\n|&#xA;|&#10;)/

const SPELLINGS: Record<string, (hex: string) => string> = {
  'lower, by byte': (hex) => hex.match(/../g)!.join(' '),
  // groups are counted from the end
  'upper, by two bytes': (hex) => hex.toUpperCase().replace(/(?!^)(?=(.{4})+$)/g, ' '),
  'upper, by byte': (hex) => hex.toUpperCase().match(/../g)!.join(' '),
  'lower, at once': (hex) => hex,
}

/** How documents write an ampersand, by what the mark of a line ends in. */
const AMPERSANDS: Record<string, string> = { '': '&amp;', '#': '&#38;' }

const escaped = (text: string, ampersand: string): string =>
  text.replaceAll('&', ampersand).replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const unescaped = (text: string): string =>
  text
    .replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replace(/&#(?!38;)(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replace(/&(?:amp|#38);/g, '&')

const linesOf = (name: string, { canonicalRequest = '', stringToSign = '' }: Signed): string[] =>
  (name === 'StringToSign' ? stringToSign : canonicalRequest).split('\n')

function spell(document: string, name: string, spelling: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1] ?? ''
  const hex = Buffer.from(unescaped(text)).toString('hex')
  return hex === '' ? undefined : SPELLINGS[spelling]?.(hex)
}

const PROVIDED = /<SignatureProvided>([^<]*)<\/SignatureProvided>/

const signatureOf = ({ target, headers }: Sent): string | undefined =>
  /[?&]X-Amz-Signature=([^&]+)/.exec(target)?.[1] ??
  /Signature=(\w+)$/.exec(headers.find(([name]) => name === 'Authorization')?.[1] ?? '')?.[1]

/** Makes the document short. Throws if it would not come back as it was. */
export function fold(document: string, signed: Signed, sent: Sent): string {
  const folded = document
    .replace(PROVIDED, (whole, signature) =>
      signature === signatureOf(sent) ? whole.replace(signature, '{signature}') : whole,
    )
    .replace(BYTES, (whole, name: string, bytes: string) => {
      const spelling = Object.keys(SPELLINGS).find((spelling) => spell(document, name, spelling) === bytes)
      return spelling === undefined ? whole : `<${name}Bytes>{${spelling}}</${name}Bytes>`
    })
    .replace(STRINGS, (_whole, name: string, text: string) => {
      const lines = linesOf(name, signed)
      const short = text.split(LINE_END).map((part, i) => {
        if (i % 2 === 1 || part.length < 5) return part
        for (const [end, ampersand] of Object.entries(AMPERSANDS)) {
          const at = lines.findIndex((line) => escaped(line, ampersand) === part)
          if (at >= 0) return `{${at + 1}${end}}`
        }
        return part
      })
      return `<${name}>${short.join('')}</${name}>`
    })
  if (unfold(folded, signed, sent) !== document) throw new Error('the folded document does not unfold to what it was')
  return folded
}

export function unfold(folded: string, signed: Signed, sent: Sent): string {
  const provided = folded.replace(PROVIDED, (whole) => whole.replace('{signature}', signatureOf(sent) ?? '{signature}'))
  const document = provided.replace(STRINGS, (_whole, name: string, text: string) => {
    const lines = linesOf(name, signed)
    const long = text.split(LINE_END).map((part) => {
      const [, number, end] = /^\{(\d+)(#?)\}$/.exec(part) ?? []
      const line = lines[Number(number) - 1]
      return line === undefined ? part : escaped(line, AMPERSANDS[end!]!)
    })
    return `<${name}>${long.join('')}</${name}>`
  })
  return document.replace(BYTES, (whole, name: string, mark: string) => {
    const bytes = spell(document, name, MARK.exec(mark)?.[1] ?? '')
    return bytes === undefined ? whole : `<${name}Bytes>${bytes}</${name}Bytes>`
  })
}

type Pair = [name: string, value: string]

interface Sent {
  target: string
  headers: Pair[]
}

/** The lines that a request which is right has in its canonical request and its string to sign, by name. */
function vocabulary({ target, headers }: Sent, canonicalRequest: string | undefined): Map<string, string> {
  const [, path = '', rawQuery = ''] = /^([^?]*)\??(.*)$/s.exec(target) ?? []
  const pairs = rawQuery.split('&').filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
  const parameter = (name: string) => {
    const pair = pairs.find((pair) => pair.startsWith(`X-Amz-${name}=`))
    return pair
      ?.slice(name.length + 7)
      .replaceAll('%2F', '/')
      .replaceAll('%3B', ';')
  }
  const header = (name: string) => headers.find(([other]) => other.toLowerCase() === name)?.[1]
  const [, scope, list] = /Credential=[^/]*\/([^,]*), SignedHeaders=([^,]*)/.exec(header('authorization') ?? '') ?? []
  const lines: [string, string | undefined][] = [
    ['path', path],
    [
      'query',
      pairs
        .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
        .sort()
        .join('&'),
    ],
    ['signed headers', list ?? parameter('SignedHeaders')],
    ['scope', scope ?? parameter('Credential')?.replace(/^[^/]*\//, '')],
    ['date', header('x-amz-date') ?? parameter('Date')],
    ['payload hash', header('x-amz-content-sha256')],
    ['SHA-256', canonicalRequest === undefined ? undefined : sha256(canonicalRequest)],
    ...headers.map(([name, value]): Pair => [name.toLowerCase(), `${name.toLowerCase()}:${value.trim()}`]),
  ]
  return new Map(lines.filter((line): line is Pair => (line[1]?.length ?? 0) > 1))
}

export function foldSigned(signed: Signed, sent: Sent): Signed {
  const words = vocabulary(sent, signed.canonicalRequest)
  const short = (text: string) =>
    text
      .split('\n')
      .map((line) => {
        const word = [...words].find(([, text]) => text === line)
        return word ? `{${word[0]}}` : line
      })
      .join('\n')
  const folded = eachString(signed, short)
  const back = unfoldSigned(folded, sent)
  return back.canonicalRequest === signed.canonicalRequest && back.stringToSign === signed.stringToSign
    ? folded
    : signed
}

export function unfoldSigned(folded: Signed, sent: Sent): Signed {
  const long = (words: Map<string, string>) => (text: string) =>
    text
      .split('\n')
      .map((line) => words.get(MARK.exec(line)?.[1] ?? '') ?? line)
      .join('\n')
  const { canonicalRequest } = eachString(folded, long(vocabulary(sent, undefined)))
  return eachString(folded, long(vocabulary(sent, canonicalRequest)))
}

function eachString({ canonicalRequest, stringToSign }: Signed, change: (text: string) => string): Signed {
  return {
    ...(canonicalRequest === undefined ? {} : { canonicalRequest: change(canonicalRequest) }),
    ...(stringToSign === undefined ? {} : { stringToSign: change(stringToSign) }),
  }
}

const POLICY = '{what was signed}'
const PART = '{part}'
const WORTH_IT = 100

/** The beginning of each part of a form, up to its name. */
const partOf = ({ headers }: Sent): string | undefined => {
  const boundary = /boundary=(.*)/.exec(headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '')?.[1]
  return boundary && `\r\n--${boundary}\r\nContent-Disposition: form-data; name="`
}

/** A form holds the policy, which is the string that was signed. */
export function foldForm(body: string, { stringToSign = '' }: Signed, sent: Sent): string {
  const part = partOf(sent)
  if (part === undefined || stringToSign.length < WORTH_IT) return body
  const folded = body.replaceAll(stringToSign, POLICY).replaceAll(part, PART)
  return unfoldForm(folded, { stringToSign }, sent) === body ? folded : body
}

export function unfoldForm(folded: string, { stringToSign = '' }: Signed, sent: Sent): string {
  const part = partOf(sent)
  return part === undefined ? folded : folded.replaceAll(PART, () => part).replaceAll(POLICY, () => stringToSign)
}
