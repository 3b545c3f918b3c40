import { SigV4VerifyError, verify } from '../../../../../src/verify.ts'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import {
  authorization,
  byBytes,
  decode,
  decodePlus,
  EMPTY_HASH,
  encode,
  headerBlock,
  joinParameters,
  normalizePath,
  type Pair,
  parametersOf,
  sha256,
  sign,
  signingParameters,
  sortParameters,
  UNSIGNED_PAYLOAD,
} from '../../../../../test/support/oracle.ts'
import { randomBits } from '../../../../../test/support/random.ts'
import { LARGEST_SEARCH } from '../../../src/explain/case/budget.ts'
import { explainWithin } from '../../../src/explain/explain.ts'

// Random requests as services receive them, signed by the oracle as AWS documents it or with some steps replaced;
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

const TIME = Date.UTC(2026, 0, 31, 12)
export const AMZ_DATE = '20260131T120000Z'
/** A moment after the signing date. */
export const NOW = TIME + 5000

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

/** Paths here are ASCII. */
function canonicalPath(path: string, s3: boolean, mistake: string | undefined): string {
  const once = (text: string): string => encode(decodePlus(text), '/')
  const ways: Record<string, () => string> = {
    once: () => once(path),
    twice: () => encode(normalizePath(path), '/'),
    raw: () => path,
    'resolved once': () => once(normalizePath(path)),
    'unresolved twice': () => encode(path, '/'),
    'plus kept once': () => encode(decode(path), '/'),
    'decoded plus twice': () => encode(normalizePath(path).replaceAll('+', '%20'), '/'),
  }
  return ways[mistake ?? (s3 ? 'once' : 'twice')]!()
}

function canonicalQuery(query: string, mistake: string | undefined): string {
  const recoded = (text: string): string => {
    if (mistake === 'raw') return text
    if (mistake === 'encoded again') return encode(text)
    return encode(mistake === 'plus kept' ? decode(text) : decodePlus(text))
  }
  const pairs = parametersOf(query).map(([name, value = '']): Pair => [recoded(name), recoded(value)])
  const sorted = sortParameters(pairs)
  const text = (list: readonly Pair[]): string[] => list.map((pair) => pair.join('='))
  if (mistake === 'by pair') return text(pairs).sort(byBytes).join('&')
  if (mistake === 'as sent') return joinParameters(pairs)
  if (mistake === 'without empty') return joinParameters(sorted.filter(([, value]) => value !== ''))
  if (mistake === 'first only') return joinParameters(sorted.filter(([name], i) => sorted[i - 1]?.[0] !== name))
  if (mistake === 'twice sorted') return text(sorted).reverse().join('&')
  return joinParameters(sorted)
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
  const valuesOf = (name: string): string[] =>
    headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value)
  const claim = { credential: `${CREDENTIALS.accessKeyId}/${scope}`, amzDate: AMZ_DATE, sessionToken: token }
  if (location === 'query')
    own.push(
      ...signingParameters(claim, '900', signedHeaders)
        .filter(([name]) => name !== 'X-Amz-Expires' || s3 || chance(70))
        .map(
          ([name, value]) => `${name}=${name === 'X-Amz-SignedHeaders' ? pick([value, encode(value)]) : encode(value)}`,
        ),
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
    unsigned: UNSIGNED_PAYLOAD,
    'of nothing': EMPTY_HASH,
    'as stated': stated ?? '',
  }
  const payload = known ?? (location === 'query' && s3 ? UNSIGNED_PAYLOAD : bodyHash)
  const request = {
    method,
    path,
    query: [],
    headers,
    signedHeaders: listed,
    amzDate: AMZ_DATE,
    scope: scope.split('/'),
  }
  const signatureWith = ({ path: p, query: q, header, payload: b, date }: Mistakes): string =>
    sign(
      {
        ...request,
        payloadHash: (b === undefined ? payload : payloads[b])!,
        ...(date !== undefined && dated && { amzDate: new Date(TIME).toUTCString() }),
        pathRule: s3 ? 's3' : 'other',
        secretAccessKey: CREDENTIALS.secretAccessKey,
      },
      {
        canonicalUri: () => canonicalPath(path, s3, p),
        canonicalQuery: () => canonicalQuery(query, q),
        canonicalHeaders: () => headerBlock(listed.map((name) => [name, canonicalHeader(valuesOf(name), header)])),
      },
    ).signature
  const signature = signatureWith(mistakes)
  const isRight = signature === signatureWith({})
  if (location === 'header') add('Authorization', authorization(claim, signedHeaders, signature))
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
