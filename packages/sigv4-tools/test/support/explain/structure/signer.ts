import { createHash, createHmac } from 'node:crypto'

// A signer for Signature Version 4 in which each step can be replaced. It is an oracle, so it uses node:crypto only and
// none of this package's code.

export type Pair = readonly [name: string, value: string]

/** A query parameter as sent, encoded; without a value if there is no equals sign. */
export type Parameter = readonly [name: string, value: string | undefined]

/** Everything that a client knows when it signs. Names, path and query are as sent. */
export interface SigningRequest {
  readonly method: string
  readonly scheme: 'https' | 'http'
  readonly host: string
  readonly path: string
  /** Includes the signing parameters of a presigned URL, except the signature. */
  readonly query: readonly Parameter[]
  /** Includes the host and the headers that signing adds, in the order sent. */
  readonly headers: readonly Pair[]
  /** Lowercase and sorted. */
  readonly signedHeaders: readonly string[]
  readonly body: string
  /** Correct last line of the canonical request. */
  readonly payloadHash: string
  readonly location: 'header' | 'query' | 'form'
  /** Policy of a form, as JSON; it is sent in Base64. */
  readonly policy?: string
  readonly amzDate: string
  readonly region: string
  readonly service: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** S3 encodes the decoded path once; other services encode the sent path again. */
  readonly pathEncoding: 'once' | 'again'
  readonly isNormalized: boolean
  /** Bucket in the path or in the host name, for S3. */
  readonly bucket?: string
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
  readonly key: Buffer | string
  readonly stringToSign: string
  /** Empty for a form. */
  readonly canonicalRequest: string
}

export interface Steps {
  method(request: SigningRequest): string
  uri(request: SigningRequest): string
  query(request: SigningRequest): string
  headers(request: SigningRequest): string
  signedHeaders(request: SigningRequest): string
  payloadHash(request: SigningRequest): string
  canonicalRequest(parts: CanonicalParts, request: SigningRequest): string
  requestHash(canonicalRequest: string): string
  scope(request: SigningRequest): string
  stringToSign(parts: StringParts, request: SigningRequest, canonicalRequest: string): string
  policyToSign(request: SigningRequest): string
  key(request: SigningRequest): Buffer | string
  signature(input: MacInput, request: SigningRequest): string
}

export interface Signed {
  /** Missing for a form. */
  readonly canonicalRequest?: string
  readonly stringToSign: string
  readonly signature: string
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

export const hmac = (key: Buffer | string, data: Buffer | string): Buffer =>
  createHmac('sha256', key).update(data).digest()

export const dateOf = ({ amzDate }: SigningRequest): string => amzDate.slice(0, 8)

/** Percent-encodes all bytes of the UTF-8 form that RFC 3986 does not call unreserved, except those in `kept`. */
export function encode(value: string, kept = ''): string {
  return value.replace(/[^A-Za-z0-9._~-]/gu, (character) => {
    if (kept.includes(character)) return character
    return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&')
  })
}

export const decode = (value: string): string => decodeURIComponent(value)

/** Compares by bytes, as AWS sorts. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The parameters of a request as in a canonical query string, but in the order sent. */
export const canonicalParameters = ({ query }: SigningRequest): Pair[] =>
  query.map(([name, value]) => [encode(decode(name)), encode(decode(value ?? ''))])

export const sortParameters = (parameters: readonly Pair[]): Pair[] =>
  [...parameters].sort((a, b) => byBytes(a[0], b[0]) || byBytes(a[1], b[1]))

export const joinParameters = (parameters: readonly Pair[]): string =>
  parameters.map(([name, value]) => `${name}=${value}`).join('&')

/** The signed headers, in the order sent, with names as sent; values are trimmed, repeated headers joined. */
export function signedPairs(request: SigningRequest): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (const [name, value] of request.headers) {
    if (!request.signedHeaders.includes(name.toLowerCase())) continue
    const trimmed = value.trim().replace(/\s+/g, ' ')
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

function normalizePath(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '.' && segment !== '') segments.push(segment)
  }
  const isFolder = segments.length > 0 && /\/\.{0,2}$/.test(path)
  return `/${segments.join('/')}${isFolder ? '/' : ''}`
}

/** Derives a key: an HMAC of each part, keyed with the one before. */
export const derive = (secret: string, parts: readonly string[]): Buffer =>
  parts.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(secret))

export const keyParts = (request: SigningRequest): [date: string, region: string, service: string, end: string] => [
  dateOf(request),
  request.region,
  request.service,
  'aws4_request',
]

export const policyBase64 = ({ policy }: SigningRequest): string => Buffer.from(policy!).toString('base64')

/** The steps as AWS specifies them. */
export const RIGHT: Steps = {
  method: ({ method }) => method,
  uri({ path, pathEncoding, isNormalized }) {
    const normalized = isNormalized ? normalizePath(path) : path
    return encode(pathEncoding === 'once' ? decode(normalized) : normalized, '/') || '/'
  },
  query: (request) => joinParameters(sortParameters(canonicalParameters(request))),
  headers: (request) => headerBlock(canonicalPairs(request)),
  signedHeaders: ({ signedHeaders }) => signedHeaders.join(';'),
  payloadHash: ({ payloadHash }) => payloadHash,
  canonicalRequest: (parts) => canonicalLines(parts).join('\n'),
  requestHash: (canonicalRequest) => sha256(canonicalRequest),
  scope: (request) => keyParts(request).join('/'),
  stringToSign: ({ algorithm, amzDate, scope, hash }) => [algorithm, amzDate, scope, hash].join('\n'),
  policyToSign: policyBase64,
  key: (request) => derive(`AWS4${request.secretAccessKey}`, keyParts(request)),
  signature: ({ key, stringToSign }) => hmac(key, stringToSign).toString('hex'),
}

/** Signs a request, with some steps replaced. */
export function sign(request: SigningRequest, change: Partial<Steps> = {}): Signed {
  const steps: Steps = { ...RIGHT, ...change }
  if (request.location === 'form') {
    const stringToSign = steps.policyToSign(request)
    const input = { key: steps.key(request), stringToSign, canonicalRequest: '' }
    return { stringToSign, signature: steps.signature(input, request) }
  }
  const canonicalRequest = steps.canonicalRequest(
    {
      method: steps.method(request),
      uri: steps.uri(request),
      query: steps.query(request),
      headers: steps.headers(request),
      signedHeaders: steps.signedHeaders(request),
      payloadHash: steps.payloadHash(request),
    },
    request,
  )
  const stringToSign = steps.stringToSign(
    {
      algorithm: 'AWS4-HMAC-SHA256',
      amzDate: request.amzDate,
      scope: steps.scope(request),
      hash: steps.requestHash(canonicalRequest),
    },
    request,
    canonicalRequest,
  )
  const signature = steps.signature({ key: steps.key(request), stringToSign, canonicalRequest }, request)
  return { canonicalRequest, stringToSign, signature }
}

/** A request as a client sends it. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export const BOUNDARY = '----WebKitFormBoundary7MA4YWxkTrZu0gW0'

/** The fields of a form, without the file. */
export const formFields = (request: SigningRequest, signature: string, fields: readonly Pair[]): Pair[] => [
  ...fields,
  ['policy', policyBase64(request)],
  ['x-amz-signature', signature],
]

/** Puts a signature into a request. For a form, `fields` are the ones before the policy. */
export function send(request: SigningRequest, signature: string, fields: readonly Pair[] = []): SentRequest {
  const { method, scheme, host, path } = request
  const query = request.query.map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers) headers[name] = value
  let body: string | undefined = request.body === '' ? undefined : request.body
  if (request.location === 'header') {
    const credential = `${request.accessKeyId}/${keyParts(request).join('/')}`
    const names = request.signedHeaders.join(';')
    headers.Authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
  } else if (request.location === 'query') {
    query.push(`X-Amz-Signature=${encode(signature)}`)
  } else {
    const parts = formFields(request, signature, fields).map(
      ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const file = 'Content-Disposition: form-data; name="file"; filename="upload.txt"\r\nContent-Type: text/plain'
    body = `${parts.join('')}--${BOUNDARY}\r\n${file}\r\n\r\n${request.body}\r\n--${BOUNDARY}--\r\n`
  }
  const search = query.length > 0 ? `?${query.join('&')}` : ''
  return { method, url: `${scheme}://${host}${path}${search}`, headers, body }
}
