import { createHash, createHmac } from 'node:crypto'
import { SigV4VerifyError, verify } from '../../../../../src/verify.ts'
import { randomBits } from '../../../../../test/support/random.ts'
import { LARGEST_SEARCH } from '../../../src/explain/case/budget.ts'
import { explainWithin } from '../../../src/explain/explain.ts'

// Random requests as services receive them, signed as AWS documents it or with some rules changed, with node:crypto alone;
// and what verify and explain make of them.

/** A received request, and what is known about its signer. */
export interface ReceivedCase {
  readonly id: string
  readonly service: string
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers: [name: string, value: string][]
    readonly body?: string
  }
  /** Whether the signature is the one of AWS's rules. */
  readonly isRight: boolean
}

export const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const TIME = Date.UTC(2026, 0, 31, 12)
export const AMZ_DATE = '20260131T120000Z'
/** A moment after the signing date. */
export const NOW = TIME + 5000

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Returns the signature of a canonical request. `date`: as the string to sign contains it. */
export function signatureOf(canonicalRequest: string, scope: string, date = AMZ_DATE): string {
  const start: string | Buffer = `AWS4${CREDENTIALS.secretAccessKey}`
  const key = scope.split('/').reduce<Buffer | string>((key, part) => hmac(key, part), start)
  return hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonicalRequest)}`).toString('hex')
}

/** Services with their AWS host, in the region of the scope. */
const SERVICES: readonly (readonly [service: string, ...hosts: string[]])[] = [
  ['s3', 's3.eu-west-1.amazonaws.com', 'photos.s3.eu-west-1.amazonaws.com'],
  ['s3express', 'photos--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com'],
  ['s3-object-lambda', 'mine-123456789012.s3-object-lambda.eu-west-1.amazonaws.com'],
  ['es', 'search-a.eu-west-1.es.amazonaws.com'],
  ['execute-api', 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com'],
  ['dynamodb', 'dynamodb.eu-west-1.amazonaws.com'],
  ['lambda', 'lambda.eu-west-1.amazonaws.com'],
  ['iam', ''],
  ['billing', ''],
]
const HOSTS = ['search.example.com', 'localhost:9000', '127.0.0.1:4566', '[::1]:8080', 'minio', 'Api.Example.com']

const PATH = [
  'a',
  'B7',
  '-_.~',
  '%7E',
  '%7e',
  '%20',
  '%2520',
  '%252F',
  '%2F',
  '%2f',
  '+',
  '%2B',
  '%2b',
  '%C3%A9',
  '%c3%a9',
]
const PATH_ENDS = ['//', '/./', '/../', '/.', '/..', '/', '%2E', '(', "'", '*', '!', ':', '@', '=', '&', ',', ';', '$']
const QUERY = ['a', 'b', 'A', '0', '~', '%7E', '+', '%20', '%2B', '%2f', '%2F', '%25', '%2520', '%C3%A9', '%c3%a9', '/']
const QUERY_ENDS = [':', '(', ')', '*', '!', '@', ',', ';', "'", '$', '=', '?', '%3D', '%26', '-', '_', '.']
const VALUES = ['a', 'A b', ' a', 'a ', 'a  b', '\ta\t', 'a \t b', '"a  b"', '', 'a,b', 'é', 'a\u00a0 b', '1+1', '%20']

/** Mistakes of signers, by the part of the canonical request. */
const SIGNERS = {
  path: ['once', 'twice', 'raw', 'resolved once', 'unresolved twice', 'plus kept once', 'decoded plus twice'],
  query: ['plus kept', 'raw', 'encoded again', 'by pair', 'as sent', 'without empty', 'first only', 'twice sorted'],
  header: ['not trimmed', 'not collapsed', 'first only', 'lowercase'],
  payload: ['of the body', 'unsigned', 'of nothing', 'as stated'],
  date: ['raw date'],
} as const

type Part = keyof typeof SIGNERS
type Mistakes = Partial<Record<Part, string>>

const isUnreserved = (octet: number): boolean => /[\w.~-]/.test(String.fromCharCode(octet)) && octet < 128
const escaped = (octet: number): string => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`

/** Encodes octets, except for those in `kept`. */
function encode(octets: Iterable<number>, kept = ''): string {
  let text = ''
  for (const octet of octets)
    text +=
      isUnreserved(octet) || kept.includes(String.fromCharCode(octet)) ? String.fromCharCode(octet) : escaped(octet)
  return text
}

/** Decodes escapes to octets. */
function decode(text: string, plus: number): number[] {
  const octets: number[] = []
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === 0x25) {
      octets.push(Number.parseInt(bytes.toString('latin1', i + 1, i + 3), 16))
      i += 2
    } else octets.push(byte === 0x2b ? plus : byte)
  }
  return octets
}

const SPACE = 0x20
const PLUS = 0x2b

/** Resolves dot segments and empty ones (RFC 3986, section 5.2.4). */
function resolve(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const [i, segment] of segments.entries()) {
    const isLast = i === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.' && segment !== '') kept.push(segment)
    if (isLast && /^\.{0,2}$/.test(segment)) kept.push('')
  }
  return `/${kept.join('/')}`
}

function canonicalPath(path: string, s3: boolean, mistake: string | undefined): string {
  const once = (text: string, plus = SPACE): string => encode(decode(text, plus), '/')
  const twice = (text: string): string => encode(Buffer.from(text), '/')
  const ways: Record<string, () => string> = {
    once: () => once(path),
    twice: () => twice(resolve(path)),
    raw: () => path,
    'resolved once': () => once(resolve(path)),
    'unresolved twice': () => twice(path),
    'plus kept once': () => once(path, PLUS),
    'decoded plus twice': () => twice(resolve(path).replaceAll('+', '%20')),
  }
  return ways[mistake ?? (s3 ? 'once' : 'twice')]!()
}

function canonicalQuery(query: string, mistake: string | undefined): string {
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  const plus = mistake === 'plus kept' ? PLUS : SPACE
  const recoded = (text: string): string => {
    if (mistake === 'raw') return text
    if (mistake === 'encoded again') return encode(Buffer.from(text))
    return encode(decode(text, plus))
  }
  const pairs = query
    .split('&')
    .filter((part) => part !== '' && !part.startsWith('X-Amz-Signature='))
    .map((part) => {
      const [name = '', ...rest] = part.split('=')
      return [recoded(name), recoded(rest.join('='))] as const
    })
  const text = (list: readonly (readonly [string, string])[]): string[] =>
    list.map(([name, value]) => `${name}=${value}`)
  const sorted = [...pairs].sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
  if (mistake === 'by pair') return text(pairs).sort(order).join('&')
  if (mistake === 'as sent') return text(pairs).join('&')
  if (mistake === 'without empty') return text(sorted.filter(([, value]) => value !== '')).join('&')
  if (mistake === 'first only')
    return text(sorted.filter(([name], i) => i === 0 || sorted[i - 1]![0] !== name)).join('&')
  if (mistake === 'twice sorted') return text(sorted).reverse().join('&')
  return text(sorted).join('&')
}

function canonicalHeader(values: readonly string[], mistake: string | undefined): string {
  const all = mistake === 'first only' ? values.slice(0, 1) : values
  const joined = all.join(',')
  if (mistake === 'not trimmed') return joined.replace(/[\t ]+/g, ' ')
  if (mistake === 'not collapsed') return joined.replace(/^[\t ]+|[\t ]+$/g, '')
  const right = joined.replace(/[\t ]+/g, ' ').replace(/^ | $/g, '')
  return mistake === 'lowercase' ? right.toLowerCase() : right
}

/** Returns a random request, the same for the same seed. */
export function receivedCase(seed: number): ReceivedCase {
  const bits = randomBits(seed)
  const below = (limit: number): number => bits() % limit
  const chance = (percent: number): boolean => below(100) < percent
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
  const word = (usual: readonly string[], rare: readonly string[], most: number): string =>
    Array.from({ length: below(most + 1) }, () => pick(chance(75) ? usual : rare)).join('')

  const [service, ...hosts] = pick(SERVICES)
  const aws = hosts.filter((each) => each !== '')
  const host = aws.length > 0 && chance(40) ? pick(aws) : pick(HOSTS)
  const s3 = service.startsWith('s3')
  const location = chance(50) ? 'header' : 'query'
  const method = pick(['GET', 'GET', 'PUT', 'POST', 'DELETE', 'HEAD'])
  const body = /^P/.test(method) ? pick(['', 'hello', '{"a":1}']) : pick([undefined, ''])
  const segments = Array.from({ length: below(4) }, () => `/${word(PATH, PATH_ENDS, 3)}`)
  const path = segments.join('').replace(/^\/{2,}/, '/') || '/'
  const own = Array.from({ length: below(4) }, () => {
    const name = word(QUERY, QUERY_ENDS, 2)
    return chance(20) ? name : `${name}=${word(QUERY, QUERY_ENDS, 3)}`
  })
  if (own.length > 0 && chance(25)) own.push(pick(own))
  if (own.length > 0 && chance(20)) own.push(`${own[0]!.split('=')[0]}=${word(QUERY, QUERY_ENDS, 2)}`)
  if (chance(10)) own.push('')

  const region = 'eu-west-1'
  const scope = `20260131/${region}/${service}/aws4_request`
  const dated = location === 'header' && chance(15)
  const headers: [string, string][] = [['Host', host]]
  const add = (name: string, value: string): void => {
    headers.push([name, value])
  }
  if (location === 'header') add(dated ? 'Date' : 'X-Amz-Date', dated ? new Date(TIME).toUTCString() : AMZ_DATE)
  for (const name of ['Content-Type', 'X-Amz-Meta-A', 'X-Amz-Meta-B', 'Accept', 'X-Own'])
    if (chance(25)) {
      add(name, pick(VALUES))
      if (chance(20)) add(name.toLowerCase(), pick(VALUES))
    }
  const token = chance(10) ? `IQoJ${word(['a', 'B', '0', '+', '/'], ['='], 20)}==` : undefined
  if (token !== undefined && location === 'header') add('X-Amz-Security-Token', token)
  const bodyHash = sha256(body ?? '')
  const isHashSent = (location === 'header' && s3) || chance(location === 'header' ? 30 : 10)
  const stated = isHashSent ? pick([bodyHash, bodyHash, 'UNSIGNED-PAYLOAD']) : undefined
  // in a URL, either
  const isParameter = stated !== undefined && (location === 'query' ? chance(50) : false)
  if (stated !== undefined && !isParameter) add('X-Amz-Content-Sha256', stated)
  const isIgnored = location === 'header' && chance(3)

  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const isHashSigned = chance(80)
  const listed = [...names]
    .filter((name) => {
      if (name === 'x-amz-content-sha256') return isHashSigned
      return name === 'host' || name.startsWith('x-amz-') || name === 'date' || chance(50)
    })
    .sort()
  const signedHeaders = listed.join(';')
  if (location === 'query')
    own.push(
      'X-Amz-Algorithm=AWS4-HMAC-SHA256',
      `X-Amz-Credential=${encodeURIComponent(`${CREDENTIALS.accessKeyId}/${scope}`)}`,
      `X-Amz-Date=${AMZ_DATE}`,
      ...(s3 || chance(70) ? ['X-Amz-Expires=900'] : []),
      `X-Amz-SignedHeaders=${pick([signedHeaders, encodeURIComponent(signedHeaders)])}`,
      ...(token === undefined ? [] : [`X-Amz-Security-Token=${encodeURIComponent(token)}`]),
      ...(isParameter ? [`X-Amz-Content-Sha256=${stated}`] : []),
    )
  else if (isIgnored) own.push('X-Amz-Content-Sha256=UNSIGNED-PAYLOAD')
  const query = own.join('&')

  const mistakes: Mistakes = {}
  if (chance(75))
    for (const part of Object.keys(SIGNERS) as Part[])
      if (chance(part === 'path' ? 50 : part === 'query' ? 40 : 20)) mistakes[part] = pick(SIGNERS[part])
  // a presigned URL states the hash in a parameter, or in a header that is signed
  const known = location === 'header' || isParameter || listed.includes('x-amz-content-sha256') ? stated : undefined
  const payloads: Record<string, string> = {
    'of the body': bodyHash,
    unsigned: 'UNSIGNED-PAYLOAD',
    'of nothing': sha256(''),
    'as stated': stated ?? '',
  }
  const payload = known ?? (location === 'query' && s3 ? 'UNSIGNED-PAYLOAD' : bodyHash)
  const sign = ({ path: p, query: q, header, payload: b, date }: Mistakes): string => {
    const lines = listed.map((name) => {
      const values = headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
      return `${name}:${canonicalHeader(values, header)}\n`
    })
    const canonical = [
      method,
      canonicalPath(path, s3, p),
      canonicalQuery(query, q),
      lines.join(''),
      signedHeaders,
      b === undefined ? payload : payloads[b],
    ].join('\n')
    const time = date !== undefined && dated ? new Date(TIME).toUTCString() : AMZ_DATE
    return signatureOf(canonical, scope, time)
  }
  const signature = sign(mistakes)
  const isRight = signature === sign({})
  if (location === 'header')
    add(
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    )
  const sent = location === 'query' ? `${query}&X-Amz-Signature=${signature}` : query
  const target = sent === '' ? path : `${path}?${sent}`
  const made = isRight ? 'right' : Object.values(mistakes).join(', ')
  return {
    id: `${seed}: ${method} ${target.slice(0, 120)} at ${host}, ${service} in the ${location}: ${made}`,
    service,
    request: { method, url: target, headers, ...(body !== undefined && { body }) },
    isRight,
  }
}

/** Returns how `verify` decides about the signature; `refused`: for a different reason. */
async function verdictOf({ request, service }: ReceivedCase): Promise<'right' | 'wrong' | 'refused'> {
  try {
    await verify(request, {
      credentials: () => CREDENTIALS.secretAccessKey,
      now: NOW,
      allowUnsignedPayload: true,
      // an application that reads paths as the service does
      pathNormalization: service.startsWith('s3') ? 'none' : 'rfc3986',
    })
    return 'right'
  } catch (error) {
    if (!(error instanceof SigV4VerifyError)) throw error
    return error.code === 'ERR_SIGV4_SIGNATURE_MISMATCH' ? 'wrong' : 'refused'
  }
}

/**
 * The requests about whose signature AWS's rules, `verify` and `explain` disagree, and how many of each verdict there were.
 * `hypotheses`: how many `explain` may try of what else was signed.
 */
export async function compareVerdicts(seed: number, count: number, hypotheses = LARGEST_SEARCH.hypotheses) {
  const different: string[] = []
  const counts = { right: 0, wrong: 0, refused: 0 }
  for (let i = 0; i < count; i++) {
    const given = receivedCase(seed + i)
    const verdict = await verdictOf(given)
    counts[verdict]++
    if (verdict === 'refused') continue
    const limit = { ...LARGEST_SEARCH, hypotheses }
    const { signature } = explainWithin({ request: given.request, credentials: CREDENTIALS, now: NOW }, limit)
    const isSame = given.isRight === (verdict === 'right') && (signature === 'right') === (verdict === 'right')
    if (!isSame) different.push(`${given.id}: verify ${verdict}, explain ${signature}`)
  }
  return { different, ...counts }
}
