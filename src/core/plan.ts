import {
  canonicalHeaders,
  canonicalUri,
  type HeaderRecord,
  type PathEncoding,
  type PathNormalization,
  queryEntries,
  queryString,
} from './canonical.ts'
import { uriEncode } from './encoding.ts'

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** A request exactly as it is sent, with all that signing adds but the signature. */
export interface SentRequest {
  readonly method: string
  readonly path: string
  /** Query parameters, as `queryEntries` gives them. */
  readonly query: readonly string[]
  readonly headers: HeaderRecord
  /** Names of the headers that are signed, sorted; `host` among them. */
  readonly signed: readonly string[]
  /** SHA-256 of the body in hex, or `UNSIGNED-PAYLOAD` and its like. */
  readonly payloadHash: string
}

/** What signing needs to know besides the request; everything is said, nothing has a default. */
export interface SigningContext {
  readonly amzDate: string
  /** Credential scope, `date/region/service/aws4_request`. */
  readonly scope: string
  readonly accessKeyId: string
  /** The security token where it is signed. */
  readonly sessionToken?: string | undefined
  readonly pathEncoding: PathEncoding
  readonly pathNormalization: PathNormalization
  /** Whether the service is S3 or one of its kind. */
  readonly s3?: boolean
}

/** Everything up to the signature, which alone needs a hash and a key. */
export interface Plan {
  readonly context: SigningContext
  readonly canonicalRequest: string
  readonly signedHeaders: string
  /** The canonical query string. */
  readonly query: string
}

/** What the signature is made of: `hmacHex(key, prefix + sha256Hex(head + tail))`. */
export interface ToSign {
  /** The canonical request up to what may be the same as in the last one. */
  readonly head: string
  readonly frame: Frame
}

/** What signatures may have in common. */
export interface Frame {
  /** Credential scope, which the key must be for. */
  readonly scope: string
  /** The string to sign up to its last line. */
  readonly prefix: string
  /** The canonical request behind the head. */
  readonly tail: string
}

/** Plans a signature in the query: its parameters are part of the plan's query. */
export function planQuery(request: SentRequest, context: SigningContext, expires: number): Plan {
  const { accessKeyId, amzDate, scope, sessionToken } = context
  const credential = uriEncode(`${accessKeyId}/${scope}`)
  const token = sessionToken ? `&X-Amz-Security-Token=${uriEncode(sessionToken)}` : ''
  // in the order of their names: a request without parameters of its own has nothing to sort
  const added = `X-Amz-Algorithm=${ALGORITHM}&X-Amz-Credential=${credential}&X-Amz-Date=${amzDate}&X-Amz-Expires=${expires}${token}&X-Amz-SignedHeaders=${uriEncode(request.signed.join(';'))}`
  const entries = request.query
  return plan(request, context, entries.length ? queryString([...entries, ...queryEntries(added)].sort()) : added)
}

/** Plans a signature in the Authorization header: what signing adds is among the request's headers already. */
export function planHeader(request: SentRequest, context: SigningContext): Plan {
  return plan(request, context, queryString([...request.query].sort()))
}

function plan(
  { method, path, headers, signed, payloadHash }: SentRequest,
  context: SigningContext,
  query: string,
): Plan {
  const signedHeaders = signed.join(';')
  const uri = canonicalUri(path, context.pathEncoding, context.pathNormalization)
  const canonicalRequest = `${method}\n${uri}\n${query}\n${canonicalHeaders(headers, signed)}\n${signedHeaders}\n${payloadHash}`
  return { context, canonicalRequest, signedHeaders, query }
}

/** The string to sign up to its last line: the algorithm, the time, the scope. */
export function stringToSignPrefix({ amzDate, scope }: SigningContext): string {
  return `${ALGORITHM}\n${amzDate}\n${scope}\n`
}

/** What is signed: the prefix, and the hash of the canonical request. */
export function stringToSign(plan: Plan, canonicalRequestHash: string): string {
  return stringToSignPrefix(plan.context) + canonicalRequestHash
}

/** The value of the Authorization header. */
export function formatAuthorization({ context, signedHeaders }: Plan, signature: string): string {
  const { accessKeyId, scope } = context
  return `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`
}
