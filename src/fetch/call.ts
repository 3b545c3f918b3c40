import { fail } from '../core/errors.ts'
import { hasTag } from '../core/kind.ts'
import { hostScope } from '../core/signing/hosts.ts'
import { type FetchBody, readBody } from './body.ts'
import type { SignedFetch, SignedRequestOptions } from './options.ts'
import { untilAborted } from './wait.ts'

/** Headers that a client or a proxy added to a request before it was passed on. */
const PASSED_ON = /^(?:cf-.+|cookie|x-forwarded-.+|x-request-id)$/

/** The arguments of one call of a signed fetch. */
export interface Call extends FetchBody {
  /** The first argument, if it is a `Request`: it has settings that cannot be read, such as a dispatcher of Node. */
  readonly request: Request | undefined
  /** The options of `fetch`, without `aws`. */
  readonly init: RequestInit
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly signal: AbortSignal | null | undefined
  readonly signing: SignedRequestOptions
}

/** Reads the arguments of a call, and its body. */
export async function readCall(
  [input, init]: Parameters<SignedFetch>,
  options: SignedRequestOptions,
  limit: number,
): Promise<Call> {
  const { aws, ...rest } = init ?? {}
  if (aws && 'credentials' in aws)
    fail('ERR_INVALID_ARG_VALUE', 'init.aws.credentials', 'unusable', 'Pass it to createSignedFetch.')
  // checks the arguments, and returns the headers that fetch adds for a kind of body
  const request = new Request(input, { duplex: 'half', ...rest } as RequestInit)
  const isRequest = hasTag(input, 'Request')
  const signal = rest.signal === undefined && isRequest ? (input as Request).signal : rest.signal
  signal?.throwIfAborted()
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers) if (name !== 'host' && name !== 'expect') headers[name] = value
  const url = request.url.replace(/#.*/, '')
  const merged = { ...options, ...aws }
  const unsignedHeaders = Object.keys(headers).filter((name) => PASSED_ON.test(name))
  const signing = { ...merged, unsignedHeaders: unsignedHeaders.concat(merged.unsignedHeaders ?? []) }
  const service = signing.service || hostScope(new URL(url).host).service
  const { payloadHash } = signing
  // without its length, the stream would be sent in chunks, which S3 rejects
  const isUnsigned = service === 's3' && /^https:/.test(url) && 'content-length' in headers
  const streamHash = payloadHash ?? (isUnsigned ? 'UNSIGNED-PAYLOAD' : undefined)
  const body = await untilAborted(readBody(request, rest.body, payloadHash, streamHash, limit), signal)
  return {
    ...body,
    request: isRequest ? (input as Request) : undefined,
    init: rest,
    url,
    method: request.method,
    headers,
    signal,
    signing,
  }
}
