import { createHash } from 'node:crypto'
import {
  type DocPolicy,
  type DocRequest,
  type Location,
  type Pair,
  type SuiteCase,
  suiteContext,
} from '../../test/support/fixtures.ts'

// Vectors as plain data, in the format of the entries.

/** A worked example of signed chunks. */
export interface ChunkedUpload {
  vector: Vector
  sizes: number[]
  signatures: string[]
  trailers: Pair[]
  trailerSignature: string | undefined
}

/** The fields of a form before its file, and how they are signed. */
export interface SignedForm {
  fields: Record<string, string>
  secretAccessKey: string
  now: number
}

/** A request to sign or presign, and its expected signature. */
export interface Vector {
  name: string
  location: Location
  method: string
  url: string
  headers: Pair[]
  body?: string
  options: {
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
    now: number
    region?: string
    service?: string
    expires?: number
    payloadHash?: string
    payloadHashHeader?: boolean
    pathEncoding?: 'single' | 'double'
    pathNormalization?: 'rfc3986' | 'none'
    sessionTokenPlacement?: 'signed' | 'appended'
    signedHeaders?: string[]
  }
  /** Missing if a client would change the request, so that it is rejected. */
  signature?: string
  /** The steps of the signature of the unchanged request. */
  steps?: { canonicalRequest: string; stringToSign: string; signature: string; pathEncoding: 'single' | 'double' }
}

// ---- AWS's signing test suite ----

/** The path is already escaped, or is escaped before it is sent: encoded once, it matches the suite. */
const SINGLE = ['get-space-normalized', 'get-space-unnormalized', 'get-utf8']

/** Folded headers, and dot segments that clients resolve. */
const UNSENDABLE =
  /^get-(?:header-value-multiline|(?:relative|relative-relative|slash-dot-slash|slash-pointless-dot)-unnormalized)$/

export function suiteVectors(suiteCase: SuiteCase): Vector[] {
  const { name, request } = suiteCase
  const suite = suiteContext(suiteCase)
  const { accessKeyId, secretAccessKey, sessionToken } = suite
  const vectors: Vector[] = []
  for (const location of ['header', 'query'] as const) {
    const { signature, signedRequest, canonicalRequest, stringToSign } = suiteCase[location]
    const authorization = header(signedRequest?.headers ?? [], 'authorization') ?? ''
    const expected = signature ?? /Signature=([\da-f]{64})$/.exec(authorization)?.[1]
    if (expected === undefined) continue // Two cases do not have a query location.
    const inHeader = location === 'header'
    vectors.push({
      name: `${name} in the ${location}`,
      location,
      method: request.method,
      url: `https://${header(request.headers, 'host')}${request.target}`,
      headers: without(request.headers, 'host', 'x-amz-date'),
      ...(suite.signBody && { body: request.body }),
      options: {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
        now: epoch(suite.amzDate),
        region: suite.region,
        service: suite.service,
        ...(inHeader ? { payloadHashHeader: suite.signBody } : { expires: suite.expires }),
        ...(suite.signBody && !inHeader && { payloadHash: createHash('sha256').update(request.body).digest('hex') }),
        pathEncoding: SINGLE.includes(name) ? 'single' : 'double',
        pathNormalization: suite.normalize ? 'rfc3986' : 'none',
        sessionTokenPlacement: suite.omitSessionToken ? 'appended' : 'signed',
      },
      ...(!UNSENDABLE.test(name) && { signature: expected }),
      // The canonical request of the case without a string to sign is of a different day.
      ...(canonicalRequest &&
        stringToSign && {
          steps: {
            canonicalRequest,
            stringToSign,
            signature: expected,
            pathEncoding: name === 'get-space-normalized' ? ('single' as const) : ('double' as const),
          },
        }),
    })
  }
  return vectors
}

// ---- AWS's documentation: the library derives region, service and encoding from the host ----

export function docVector(example: DocRequest): Vector {
  const { id, kind, request, expected, credentials, amzDate, expires } = example
  const location = kind === 'query' ? 'query' : 'header'
  const search = request.query.map((pair) => pair.map(encode).join('=')).join('&')
  const path = request.path.split('/').map(encode).join('/')
  const payload = request.payloadHash === undefined || location === 'query' ? {} : { payloadHash: request.payloadHash }
  return {
    name: id,
    location,
    method: request.method,
    url: `https://${header(request.headers, 'host')}${path}${search && `?${search}`}`,
    headers: without(request.headers, 'host', 'x-amz-date', 'x-amz-content-sha256'),
    ...(location === 'header' && request.body && { body: request.body }),
    options: {
      credentials,
      now: epoch(amzDate),
      ...(location === 'query'
        ? { expires: expires! }
        : {
            payloadHashHeader: header(request.headers, 'x-amz-content-sha256') !== undefined,
            signedHeaders: ['range', 'content-length'],
          }),
      ...payload,
    },
    signature: expected.signature,
    steps: {
      canonicalRequest: expected.canonicalRequest,
      stringToSign: expected.stringToSign,
      signature: expected.signature,
      pathEncoding: example.service === 's3' ? 'single' : 'double',
    },
  }
}

export function chunkedUpload(example: DocRequest): ChunkedUpload {
  const { published, chunkSizes, trailers } = example as DocRequest & {
    published: { chunks: { signature: string }[]; trailer?: { signature: string } }
    chunkSizes: number[]
    trailers?: Pair[]
  }
  return {
    vector: docVector(example),
    sizes: chunkSizes,
    signatures: published.chunks.map(({ signature }) => signature),
    trailers: trailers ?? [],
    trailerSignature: published.trailer?.signature,
  }
}

export type DocForm = DocPolicy & { bucket: string; policyBase64: string }

/** The page shows the policy, and the fields of its form. */
export function docForm({ amzDate, credentials, policyBase64, published }: DocForm): SignedForm {
  const fields = {
    key: 'user/user1/a.jpg',
    acl: 'public-read',
    success_action_redirect: 'http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html',
    'Content-Type': 'image/jpeg',
    'x-amz-meta-uuid': '14365123651274',
    'x-amz-server-side-encryption': 'AES256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${amzDate.slice(0, 8)}/us-east-1/s3/aws4_request`,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Date': amzDate,
    'x-amz-meta-tag': '',
    Policy: policyBase64,
    'X-Amz-Signature': published.signature,
  }
  return { fields, secretAccessKey: credentials.secretAccessKey, now: epoch(amzDate) }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function header(headers: readonly Pair[], name: string): string | undefined {
  return headers.find(([entries]) => entries.toLowerCase() === name)?.[1].trim()
}

function without(headers: readonly Pair[], ...names: string[]): Pair[] {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()))
}

function epoch(amzDate: string): number {
  return Date.parse(amzDate.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'))
}
