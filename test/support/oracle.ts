import { createHash, createHmac } from 'node:crypto'

// Signature Version 4 as AWS specifies it, on node:crypto alone and without a line of src, so that it cannot share a
// mistake. Each step can be replaced: what an attacker or a broken client signs is this with one step changed.

export type Data = string | Uint8Array
export type Pair = readonly [name: string, value: string]

/** A query parameter as sent, encoded; without a value if there is no equals sign. */
export type Parameter = readonly [name: string, value: string | undefined]

/** How a service reads a path: S3 decodes it and encodes it once, others normalize it and encode it again. */
export type PathRule = 's3' | 'other' | 'other, not normalized'

/** What is signed, and with what. Path and query are as sent, one character per octet. */
export interface SigningRequest {
  readonly method: string
  readonly path: string
  /** Includes the parameters of a presigned URL, except the signature. */
  readonly query: readonly Parameter[]
  /** As sent; those that `signedHeaders` does not list are ignored. */
  readonly headers: readonly Pair[]
  /** Lowercase and sorted. */
  readonly signedHeaders: readonly string[]
  /** Last line of the canonical request. */
  readonly payloadHash: string
  readonly pathRule: PathRule
  /** Default: `AWS4-HMAC-SHA256`. */
  readonly algorithm?: string
  readonly amzDate: string
  /** Date, region, service and `aws4_request`. */
  readonly scope: readonly string[]
  readonly secretAccessKey: string
  /** JSON of the policy of a form: its Base64 is the string to sign, and there is no canonical request. */
  readonly policy?: string
}

/** The parts of a canonical request. `headers` ends with a line feed, from which the empty line results. */
export interface CanonicalParts {
  readonly method: string
  readonly uri: string
  readonly query: string
  readonly headers: string
  readonly signedHeaders: string
  readonly payloadHash: string
}

export interface StringParts {
  readonly algorithm: string
  readonly amzDate: string
  readonly scope: string
  readonly hash: string
}

export interface MacInput {
  readonly key: Data
  readonly stringToSign: string
  /** Empty for a form. */
  readonly canonicalRequest: string
}

export interface Steps<Request extends SigningRequest = SigningRequest> {
  method(request: Request): string
  canonicalUri(request: Request): string
  canonicalQuery(request: Request): string
  canonicalHeaders(request: Request): string
  signedHeaders(request: Request): string
  payloadHash(request: Request): string
  canonicalRequest(parts: CanonicalParts, request: Request): string
  requestHash(canonicalRequest: string): string
  scope(request: Request): string
  stringToSign(parts: StringParts, request: Request, canonicalRequest: string): string
  policyToSign(request: Request): string
  key(request: Request): Data
  signature(input: MacInput, request: Request): string
}

export interface Signed {
  /** Missing for a form. */
  readonly canonicalRequest?: string
  readonly stringToSign: string
  readonly signature: string
}

export const ALGORITHM = 'AWS4-HMAC-SHA256'
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'

// ---- Hashes, keys and encodings ----

export const sha256 = (data: Data): string => createHash('sha256').update(data).digest('hex')
export const hmac = (key: Data, data: Data): Buffer => createHmac('sha256', key).update(data).digest()
export const hmacHex = (key: Data, data: Data): string => hmac(key, data).toString('hex')
/** SHA-256 of nothing. */
export const EMPTY_HASH = sha256('')

/** Derives a key: an HMAC of each part, keyed with the one before. */
export const chain = (start: Data, parts: readonly Data[]): Buffer =>
  parts.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(start as string))

/** Derives the signing key of a scope, which may be written with slashes. */
export const signingKey = (secret: string, scope: string | readonly string[]): Buffer =>
  chain(`AWS4${secret}`, typeof scope === 'string' ? scope.split('/') : scope)

/** The signature of a string to sign, or of the Base64 of a policy. */
export const signatureOf = (secret: string, scope: string | readonly string[], stringToSign: string): string =>
  hmacHex(signingKey(secret, scope), stringToSign)

export const amzDateOf = (time: number | Date): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')

export const base64 = (data: Data): string => Buffer.from(data as string).toString('base64')

/** Percent-encodes all octets that RFC 3986 does not call unreserved, except those in `kept`. Strings are UTF-8. */
export const encode = (data: Data, kept = ''): string =>
  Buffer.from(data as string)
    .toString('latin1')
    .replace(/[^A-Za-z\d._~-]/g, (octet) =>
      kept.includes(octet) ? octet : `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )

/** Decodes escapes. `text` has one character per octet. */
export const decode = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

/** Decodes escapes, and plus signs as spaces, as S3 does. */
export const decodePlus = (text: string): Buffer => decode(text.replaceAll('+', ' '))

/** Compares by bytes, as AWS sorts. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

// ---- The parts of a canonical request ----

/** Resolves dot segments and empty ones (RFC 3986, section 5.2.4). */
export function normalizePath(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '.' && segment !== '') kept.push(segment)
  }
  const isFolder = kept.length > 0 && /\/\.{0,2}$/.test(path)
  return `/${kept.join('/')}${isFolder ? '/' : ''}`
}

export function canonicalPath(path: string, rule: PathRule): string {
  if (rule === 's3') return encode(decodePlus(path), '/') || '/'
  return encode(Buffer.from(rule === 'other' ? normalizePath(path) : path, 'latin1'), '/') || '/'
}

/** Splits a query string; empty parts are ignored. */
export const parametersOf = (query: string): Parameter[] =>
  query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [part, undefined] : [part.slice(0, at), part.slice(at + 1)]
    })

/** Parameters encoded as in a canonical query string, but in the order sent. */
export const canonicalParameters = ({ query }: Pick<SigningRequest, 'query'>): Pair[] =>
  query.map(([name, value = '']) => [encode(decodePlus(name)), encode(decodePlus(value))])

export const sortParameters = (parameters: readonly Pair[]): Pair[] =>
  [...parameters].sort((a, b) => byBytes(a[0], b[0]) || byBytes(a[1], b[1]))

export const joinParameters = (parameters: readonly Pair[]): string =>
  parameters.map(([name, value]) => `${name}=${value}`).join('&')

/** The signed headers, in the order sent, with names as sent; values are trimmed, repeated headers joined. */
export function signedPairs({ headers, signedHeaders }: SigningRequest): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (const [name, value] of headers) {
    if (!signedHeaders.includes(name.toLowerCase())) continue
    const trimmed = value.trim().replace(/[\t ]+/g, ' ')
    const earlier = pairs.find(([other]) => other.toLowerCase() === name.toLowerCase())
    if (earlier === undefined) pairs.push([name, trimmed])
    else earlier[1] += `,${trimmed}`
  }
  return pairs
}

/** The signed headers as in a canonical request: names in lowercase, sorted. */
export const canonicalPairs = (request: SigningRequest): Pair[] =>
  signedPairs(request)
    .map(([name, value]): Pair => [name.toLowerCase(), value])
    .sort((a, b) => byBytes(a[0], b[0]))

export const headerBlock = (pairs: readonly Pair[]): string =>
  pairs.map(([name, value]) => `${name}:${value}\n`).join('')

export const canonicalLines = (parts: CanonicalParts): string[] => [
  parts.method,
  parts.uri,
  parts.query,
  parts.headers,
  parts.signedHeaders,
  parts.payloadHash,
]

/** The string to sign of a canonical request. */
export const stringToSignOf = (canonicalRequest: string, amzDate: string, scope: string, algorithm = ALGORITHM) =>
  [algorithm, amzDate, scope, sha256(canonicalRequest)].join('\n')

// ---- Signing ----

/** The steps as AWS specifies them. */
export const RIGHT: Steps = {
  method: ({ method }) => method,
  canonicalUri: ({ path, pathRule }) => canonicalPath(path, pathRule),
  canonicalQuery: (request) => joinParameters(sortParameters(canonicalParameters(request))),
  canonicalHeaders: (request) => headerBlock(canonicalPairs(request)),
  signedHeaders: ({ signedHeaders }) => signedHeaders.join(';'),
  payloadHash: ({ payloadHash }) => payloadHash,
  canonicalRequest: (parts) => canonicalLines(parts).join('\n'),
  requestHash: (canonicalRequest) => sha256(canonicalRequest),
  scope: ({ scope }) => scope.join('/'),
  stringToSign: ({ algorithm, amzDate, scope, hash }) => [algorithm, amzDate, scope, hash].join('\n'),
  policyToSign: ({ policy = '' }) => base64(policy),
  key: ({ secretAccessKey, scope }) => signingKey(secretAccessKey, scope),
  signature: ({ key, stringToSign }) => hmacHex(key, stringToSign),
}

/** Signs a request or a form, with some steps replaced. */
export function sign<Request extends SigningRequest>(request: Request, change: Partial<Steps<Request>> = {}): Signed {
  const steps: Steps<Request> = { ...RIGHT, ...change }
  if (request.policy !== undefined) {
    const stringToSign = steps.policyToSign(request)
    const input = { key: steps.key(request), stringToSign, canonicalRequest: '' }
    return { stringToSign, signature: steps.signature(input, request) }
  }
  const parts = {
    method: steps.method(request),
    uri: steps.canonicalUri(request),
    query: steps.canonicalQuery(request),
    headers: steps.canonicalHeaders(request),
    signedHeaders: steps.signedHeaders(request),
    payloadHash: steps.payloadHash(request),
  }
  const canonicalRequest = steps.canonicalRequest(parts, request)
  const { algorithm = ALGORITHM, amzDate } = request
  const lines = { algorithm, amzDate, scope: steps.scope(request), hash: steps.requestHash(canonicalRequest) }
  const stringToSign = steps.stringToSign(lines, request, canonicalRequest)
  const signature = steps.signature({ key: steps.key(request), stringToSign, canonicalRequest }, request)
  return { canonicalRequest, stringToSign, signature }
}

// ---- What is sent ----

export interface Claim {
  readonly algorithm?: string
  /** Access key ID and scope. */
  readonly credential: string
  readonly amzDate: string
  readonly sessionToken?: string | undefined
}

/** The value of the Authorization header. */
export const authorization = (
  { algorithm = ALGORITHM, credential }: Pick<Claim, 'algorithm' | 'credential'>,
  signedHeaders: string,
  signature: string,
): string => `${algorithm} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`

/** The parameters that a presigned URL adds before its signature, not encoded. */
export const signingParameters = (
  { algorithm = ALGORITHM, credential, amzDate, sessionToken }: Claim,
  expires: string,
  signedHeaders: string,
): [name: string, value: string][] => [
  ['X-Amz-Algorithm', algorithm],
  ['X-Amz-Credential', credential],
  ['X-Amz-Date', amzDate],
  ['X-Amz-Expires', expires],
  ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken] as [string, string]]),
  ['X-Amz-SignedHeaders', signedHeaders],
]

/** The fields that a form adds before its policy. */
export const signingFields = ({ algorithm = ALGORITHM, credential, amzDate, sessionToken }: Claim) =>
  Object.entries({
    'x-amz-algorithm': algorithm,
    'x-amz-credential': credential,
    'x-amz-date': amzDate,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  })
