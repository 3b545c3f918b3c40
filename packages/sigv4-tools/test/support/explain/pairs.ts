import {
  base64,
  canonicalParameters,
  canonicalPath,
  EMPTY_HASH,
  headerBlock,
  hmac,
  joinParameters,
  sha256,
  signedPairs,
  sortParameters,
  stringToSignOf,
} from '../../../../../test/support/oracle.ts'
import { type Cause, type Explanation, explain } from '../../../src/explain.ts'
import { type ClientRequest, type SentRequest, send } from './structure/client.ts'

// A hand-written signer, with one or two of fifteen mistakes. Each is independent of the others.

/** The mistakes, and the causes that name each. */
export const SIGNER_MISTAKES = {
  hexKey: ['key-derivation'],
  noPrefix: ['key-derivation'],
  lineFeedInSecret: ['secret-whitespace'],
  otherRegionInKey: ['key-derivation', 'scope-region'],
  queryNotSorted: ['query-order'],
  plusForSpace: ['query-plus', 'query-encoding'],
  queryInPath: ['canonical-request', 'path'],
  pathOfOtherService: ['path-double-encoding', 'path-encoding', 'path'],
  hostWithoutPort: ['host', 'host-port'],
  headersNotSorted: ['signed-headers', 'canonical-request'],
  noEmptyLine: ['canonical-request'],
  emptyBody: ['payload-mismatch', 'payload-hash'],
  lowercaseMethod: ['method'],
  dayAsDate: ['string-to-sign', 'date-mismatch', 'date-format'],
  base64Hash: ['string-to-sign'],
} as const satisfies Record<string, readonly Cause[]>

export type SignerMistake = keyof typeof SIGNER_MISTAKES

export const MISTAKE_NAMES = Object.keys(SIGNER_MISTAKES) as SignerMistake[]

const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const AMZ_DATE = '20261103T101112Z'

/** The requests of the two signers: an upload to S3, and a call of an API. */
export const SIGNED_REQUESTS: Readonly<Record<'S3' | 'API', ClientRequest>> = {
  S3: requestOf({
    method: 'PUT',
    path: '/photos/2026/a%20b.txt',
    query: [
      ['x-id', 'PutObject'],
      ['tag', 'two%20words'],
    ],
    host: 'localhost:9000',
    region: 'eu-central-1',
    service: 's3',
    pathRule: 's3',
    type: 'text/plain',
    body: 'hello, world',
  }),
  API: requestOf({
    method: 'POST',
    path: '/prod/items%20new',
    query: [
      ['page', '2'],
      ['filter', 'in%20stock'],
    ],
    host: 'api.example.com:8443',
    region: 'eu-west-1',
    service: 'execute-api',
    pathRule: 'other',
    type: 'application/json',
    body: '{"name":"lamp"}',
  }),
}

function requestOf({
  host,
  region,
  service,
  type,
  body,
  ...rest
}: Pick<ClientRequest, 'method' | 'path' | 'query' | 'host' | 'pathRule' | 'body'> & {
  region: string
  service: string
  type: string
}): ClientRequest {
  const payloadHash = sha256(body)
  return {
    ...rest,
    ...CREDENTIALS,
    host,
    body,
    scheme: 'http',
    location: 'header',
    payloadHash,
    amzDate: AMZ_DATE,
    scope: [AMZ_DATE.slice(0, 8), region, service, 'aws4_request'],
    headers: [
      ['X-Amz-Date', AMZ_DATE],
      ['Host', host],
      ['Content-Type', type],
      ['X-Amz-Content-Sha256', payloadHash],
    ],
    signedHeaders: ['content-type', 'host', 'x-amz-content-sha256', 'x-amz-date'],
  }
}

/** Signs a request with some mistakes. */
export function signWith(
  request: ClientRequest,
  has: ReadonlySet<SignerMistake>,
): { strings: string[]; signature: string } {
  const { scope, secretAccessKey, amzDate } = request
  const isForS3 = (request.pathRule === 's3') !== has.has('pathOfOtherService')
  const path = canonicalPath(request.path, isForS3 ? 's3' : 'other')
  const pairs = canonicalParameters(request)
  let query = joinParameters(has.has('queryNotSorted') ? pairs : sortParameters(pairs))
  if (has.has('plusForSpace')) query = query.replaceAll('%20', '+')
  const headers = signedPairs(request).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    has.has('hostWithoutPort') && name === 'Host' ? value.replace(/:\d+$/, '') : value,
  ])
  if (!has.has('headersNotSorted')) headers.sort(([a], [b]) => (a < b ? -1 : 1))
  const canonicalRequest = [
    has.has('lowercaseMethod') ? request.method.toLowerCase() : request.method,
    has.has('queryInPath') ? `${path}?${query}` : path,
    has.has('queryInPath') ? '' : query,
    has.has('noEmptyLine') ? headerBlock(headers).slice(0, -1) : headerBlock(headers),
    request.signedHeaders.join(';'),
    has.has('emptyBody') ? EMPTY_HASH : request.payloadHash,
  ].join('\n')
  let stringToSign = stringToSignOf(
    canonicalRequest,
    has.has('dayAsDate') ? amzDate.slice(0, 8) : amzDate,
    scope.join('/'),
  )
  if (has.has('base64Hash'))
    stringToSign = stringToSign.replace(/.*$/, base64(Buffer.from(sha256(canonicalRequest), 'hex')))
  const secret = secretAccessKey + (has.has('lineFeedInSecret') ? '\n' : '')
  const [date, region, service, end] = scope
  const signed = [date, has.has('otherRegionInKey') ? 'us-east-1' : region, service, end]
  const step = (key: string | Buffer, text: string): string | Buffer =>
    has.has('hexKey') ? hmac(key, text).toString('hex') : hmac(key, text)
  const key = signed.reduce<string | Buffer>(step, (has.has('noPrefix') ? '' : 'AWS4') + secret)
  return { strings: [canonicalRequest, stringToSign], signature: hmac(key, stringToSign).toString('hex') }
}

export interface MistakePair {
  readonly id: string
  readonly mistakes: readonly [SignerMistake, SignerMistake]
  readonly sent: SentRequest
  readonly strings: readonly string[]
}

/** All pairs of mistakes of one signer. Those whose result is that of one mistake are excluded. */
export function pairsOf(signer: keyof typeof SIGNED_REQUESTS): MistakePair[] {
  const request = SIGNED_REQUESTS[signer]
  const single = new Set(
    [[], ...MISTAKE_NAMES.map((name) => [name])].map((each) => signWith(request, new Set(each)).signature),
  )
  return MISTAKE_NAMES.flatMap((one, i) =>
    MISTAKE_NAMES.slice(i + 1).flatMap((two): MistakePair[] => {
      const { signature, strings } = signWith(request, new Set([one, two]))
      if (single.has(signature)) return []
      return [{ id: `${signer}: ${one}, ${two}`, mistakes: [one, two], sent: send(request, signature), strings }]
    }),
  )
}

export interface PairScore {
  readonly id: string
  readonly isProven: boolean
  /** Whether a finding that is more than possible names each of both mistakes. */
  readonly areNamed: boolean
  readonly isSecretFirst: boolean
  readonly milliseconds: number
  readonly said: string
}

const ERROR = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message></Error>`

/** Explains a request and the response to it, with the right credentials. */
export function explainSent(request: SentRequest, credentials = CREDENTIALS): Explanation {
  return explain({ request, response: { status: 403, body: ERROR }, credentials })
}

export function scorePair({ id, mistakes, sent }: MistakePair): PairScore {
  const start = performance.now()
  const { findings, verdict } = explainSent(sent)
  const milliseconds = performance.now() - start
  const proven = findings.filter(({ confidence }) => confidence === 'proven')
  // a rule of the service, which the host does not name, is only likely
  const sure = findings.filter(({ confidence }) => confidence !== 'possible')
  // two mistakes with the same cause need two findings, unless the first names both
  const left = [...sure]
  const areNamed = mistakes.every((name) => {
    if (name === 'queryNotSorted' && sure.some(({ message }) => message.includes('as it was sent'))) return true
    const at = left.findIndex(({ cause }) => (SIGNER_MISTAKES[name] as readonly Cause[]).includes(cause))
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
  return {
    id,
    isProven: proven.length > 0,
    areNamed,
    isSecretFirst: /^(?:wrong-secret|keys-swapped)$/.test(findings[0]?.cause ?? ''),
    milliseconds,
    said: `${findings.slice(0, 3).map(({ cause, confidence }) => `${cause} ${confidence}`)} | ${verdict}`,
  }
}
