import { decodeOctets, encodeBase64 } from '../../core/encoding/base64.ts'
import { formatAmzDate, parseAmzDate } from '../../core/encoding/time.ts'
import { toOctets } from '../../core/encoding/utf8.ts'
import { type HmacKey, hmacHex, hmacKey } from '../../crypto/sha256.ts'
import type { Cause } from '../causes.ts'
import { decode, type ParsedRequest } from '../request/facts.ts'
import { bytesOf, octetsOfHex } from '../request/octets.ts'
import { encode, type Pieces } from '../request/pieces.ts'

// Other keys, dates and scopes that a client may have signed with.

/** Something else than the secret and the scope that the key may have been derived from. Its parts are never shown. */
export interface KeyVariation {
  readonly cause: Cause
  readonly part: string
  readonly expected: string
  readonly actual: string
  readonly key: HmacKey
}

/** What the credentials hold. */
export interface Secrets {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

const ALGORITHMS = [
  'AWS4-HMAC-SHA256',
  'AWS4-HMAC-SHA-256',
  'AWS4-HMAC-SHA1',
  'AWS4-HMAC-SHA512',
  'AWS4_HMAC_SHA256',
  'AWS4-SHA256',
  'AWS-HMAC-SHA256',
  'HMAC-SHA256',
  'aws4-hmac-sha256',
  'AWS4-HMAC',
  'AWS4',
]
const REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-1',
  'ap-southeast-1',
  'auto',
  'garage',
  'default',
  '',
]
/** No service issues a longer one. */
const LONGEST_SECRET = 4096

const SERVICES = ['s3', 's3express', 'execute-api', 'sts', 'iam', 'es', 'aoss', '']

/** Derives a key step by step; the first text is the secret with its prefix. */
export function deriveKey(first: string, parts: readonly string[]): HmacKey {
  let key = hmacKey(bytesOf(toOctets(first)))
  for (const part of parts) key = hmacKey(bytesOf(octetsOfHex(hmacHex(key, part))))
  return key
}

/** The ways in which keys go wrong; the right one comes first and is not among them. */
export function keyVariations(facts: ParsedRequest, { accessKeyId, secretAccessKey: secret }: Secrets): KeyVariation[] {
  if (secret.length > LONGEST_SECRET) return []
  const scope = facts.claim.scope
  const [date = '', region = '', service = '', terminator = 'aws4_request'] = scope
  const found: KeyVariation[] = []
  const add = (cause: Cause, part: string, expected: string, first: string, parts: readonly string[] = scope): void => {
    found.push({ cause, part, expected, actual: 'as it should be', key: deriveKey(first, parts) })
  }
  for (const [how, text] of [
    ['with a line feed behind it', `${secret}\n`],
    ['with a line end behind it', `${secret}\r\n`],
    ['with a carriage return behind it', `${secret}\r`],
    ['with a blank behind it', `${secret} `],
    ['with a blank before it', ` ${secret}`],
    ['without the white space around it', secret.trim()],
    ['with a tab behind it', `${secret}\t`],
  ] as const)
    if (text !== secret) add('secret-whitespace', 'the secret', how, `AWS4${text}`)
  for (const [how, text] of [
    ['percent-encoded', encode(secret)],
    ['percent-decoded', decode(secret)],
    ['with + read as a blank', secret.replaceAll('+', ' ')],
    ['with blanks written as +', secret.replaceAll(' ', '+')],
    ['in double quotes', `"${secret}"`],
    ['in single quotes', `'${secret}'`],
    ['in lower case', secret.toLowerCase()],
    ['in upper case', secret.toUpperCase()],
    ['in base64', encodeBase64(secret)],
    ['read as base64', decodeOctets(secret) ?? ''],
    ['with escaped slashes', secret.replaceAll('/', '\\/')],
    ['without its backslashes', secret.replaceAll('\\', '')],
    ['with HTML entities', secret.replaceAll('&', '&amp;')],
  ] as const)
    if (text !== secret && text) add('secret-encoding', 'the secret', how, `AWS4${text}`)
  for (const [how, text] of [
    ['without its last character', secret.slice(0, -1)],
    ['without its first character', secret.slice(1)],
  ] as const)
    add('wrong-secret', 'the secret', how, `AWS4${text}`)
  if (accessKeyId !== secret) add('keys-swapped', 'the secret', 'the access key id', `AWS4${accessKeyId}`)
  if (facts.claim.accessKeyId && facts.claim.accessKeyId !== accessKeyId)
    add('keys-swapped', 'the secret', 'the access key id that was sent', `AWS4${facts.claim.accessKeyId}`)
  add('key-derivation', 'the signing key', 'without AWS4 before the secret', secret)
  add('key-derivation', 'the signing key', 'with AWS4 twice', `AWS4AWS4${secret}`)
  add('key-derivation', 'the signing key', 'the secret itself', `AWS4${secret}`, [])
  add('key-derivation', 'the signing key', 'the secret itself', secret, [])
  add('key-derivation', 'the signing key', 'without its last step', `AWS4${secret}`, scope.slice(0, 3))
  for (const parts of permutations(scope))
    add('key-derivation', 'the signing key', `of ${parts.join(', ')}`, `AWS4${secret}`, parts)
  found.push(...chained(secret, scope))
  add('key-derivation', 'the signing key', 'of the scope as one text', `AWS4${secret}`, [scope.join('/')])
  add('key-derivation', 'the signing key', 'of the whole date and time', `AWS4${secret}`, [
    facts.claim.date ?? '',
    region,
    service,
    terminator,
  ])
  for (const [days, how] of [
    [-1, 'of the day before'],
    [1, 'of the day after'],
    [-2, 'of two days before'],
    [-7, 'of a week before'],
  ] as const) {
    const other = shiftDay(date, days)
    if (other) add('key-derivation', 'the signing key', how, `AWS4${secret}`, [other, region, service, terminator])
  }
  for (const other of REGIONS)
    if (other !== region)
      add('key-derivation', 'the signing key', `of the region '${other}'`, `AWS4${secret}`, [
        date,
        other,
        service,
        terminator,
      ])
  for (const other of SERVICES)
    if (other !== service)
      add('key-derivation', 'the signing key', `of the service '${other}'`, `AWS4${secret}`, [
        date,
        region,
        other,
        terminator,
      ])
  for (const lower of [region.toLowerCase(), service.toLowerCase()].filter(
    (each) => each !== region && each !== service,
  ))
    add(
      'key-derivation',
      'the signing key',
      `of '${lower}'`,
      `AWS4${secret}`,
      scope.map((part) => (part.toLowerCase() === lower ? lower : part)),
    )
  return found
}

/** All orders of the parts of a scope but the right one. */
function permutations(parts: readonly string[]): string[][] {
  if (parts.length > 4) return []
  const orders = (rest: readonly string[]): string[][] =>
    rest.length < 2
      ? [[...rest]]
      : rest.flatMap((part, i) => orders(rest.filter((_, j) => j !== i)).map((order) => [part, ...order]))
  return orders(parts).slice(1)
}

/** Keys chained in another way: as hexadecimal text, or with key and text in each other's place. */
function chained(secret: string, scope: readonly string[]): KeyVariation[] {
  let hexadecimal = `AWS4${secret}`
  let swapped = toOctets(`AWS4${secret}`)
  for (const part of scope) {
    hexadecimal = hmacHex(hmacKey(bytesOf(toOctets(hexadecimal))), part)
    swapped = octetsOfHex(hmacHex(hmacKey(bytesOf(toOctets(part))), swapped))
  }
  const shared = { cause: 'key-derivation', part: 'the signing key', actual: 'as it should be' } as const
  return [
    { ...shared, expected: 'made of hexadecimal text', key: hmacKey(bytesOf(toOctets(hexadecimal))) },
    { ...shared, expected: "with key and text in each other's place", key: hmacKey(bytesOf(swapped)) },
  ]
}

/** An amz date, unless it would have no four digits for its year. */
function amzDateOf(seconds: number): string | undefined {
  return seconds >= 0 && seconds < 253_402_300_800 ? formatAmzDate(seconds) : undefined
}

function shiftDay(date: string, days: number): string | undefined {
  const time = parseAmzDate(`${date}T000000Z`)
  return time === undefined ? undefined : amzDateOf(time + days * 86_400)?.slice(0, 8)
}

/** First lines of the string to sign that may have been signed. */
export function statementChanges(facts: ParsedRequest, base: Pieces): Partial<Pieces>[] {
  const [date = '', region = '', service = '', terminator = ''] = facts.claim.scope
  const scopes = [
    ...REGIONS.map((other) => [date, other, service, terminator]),
    ...SERVICES.map((other) => [date, region, other, terminator]),
    ...[-1, 1].map((days) => [shiftDay(date, days) ?? date, region, service, terminator]),
    [date, region, service, 'aws4_request'],
    [date, region, service],
  ]
  const time = parseAmzDate(base.amzDate)
  const dates = [facts.headers.date, httpToAmz(facts.headers.date), date, `${date}T000000Z`]
  if (time !== undefined) {
    for (let quarters = -56; quarters <= 56; quarters++) dates.push(amzDateOf(time + quarters * 900))
    const iso = new Date(time * 1000).toISOString()
    dates.push(iso, iso.replace(/\.\d+/, ''), String(time), String(time * 1000), base.amzDate.slice(0, -1))
  }
  return [
    ...scopes.map((parts) => ({ scope: parts.join('/') })),
    ...dates.filter((amzDate) => amzDate !== undefined).map((amzDate) => ({ amzDate })),
    ...ALGORITHMS.map((algorithm) => ({ algorithm })),
  ]
}

/** The request, dated some seconds earlier or later: in its header or parameter, in the string to sign, or in both. */
export function* redated(base: Pieces): Generator<Partial<Pieces>> {
  const time = parseAmzDate(base.amzDate)
  if (time === undefined) return
  for (let seconds = 1; seconds <= 900; seconds++)
    for (const other of [time - seconds, time + seconds]) {
      const amzDate = amzDateOf(other)
      if (amzDate === undefined) continue
      const headers = base.headers.map(([name, value]) => [name, name === 'x-amz-date' ? amzDate : value] as const)
      const query = base.query.replace(/(X-Amz-Date=)[^&]*/, `$1${amzDate}`)
      yield { amzDate, headers, query }
      if (seconds <= 10) yield* [{ amzDate }, { headers, query }]
    }
}

/** An HTTP date as an amz date. */
export function httpToAmz(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '') / 1000
  return time > 0 ? amzDateOf(Math.floor(time)) : undefined
}
