import { fail } from '../core/errors.ts'
import { hasTag, isObject } from '../core/kind.ts'
import { isS3 } from '../core/services.ts'
import { hostScope } from '../core/signing/hosts.ts'
import { UNSIGNED_PAYLOAD } from '../core/signing/payload.ts'
import { readScope, type ScopeInput, type ScopeOptions, type ScopeParts } from '../core/signing/scope.ts'
import { type FetchBody, readBody } from './body.ts'
import type { SignedFetch, SignedRequestOptions } from './options.ts'

/** Headers that a client or a proxy added to a request before it was passed on. */
const PASSED_ON = /^(?:cf-.+|cookie|x-forwarded-.+|x-request-id)$/

/** The arguments of one call of a signed fetch. */
export interface Call {
  /** The first argument, if it is a `Request`: it has settings that cannot be read, such as a dispatcher of Node. */
  readonly request: Request | undefined
  /** The options of `fetch`, without `aws`. */
  readonly init: RequestInit
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly signal: AbortSignal | null | undefined
  readonly content: FetchBody | Promise<FetchBody>
  /** The options of the signed fetch and of the call, completed. */
  readonly signing: SignedRequestOptions
}

/** Reads the arguments of a call, and starts to read its body. */
export function readCall(
  [input, settings]: Parameters<SignedFetch>,
  options: SignedRequestOptions,
  limit: number,
): Call {
  if (!isObject(settings ?? {})) fail('ERR_INVALID_ARG_TYPE', 'init', 'type', 'Pass the options of fetch.')
  const { aws, ...init } = settings ?? {}
  if (!isObject(aws ?? {})) fail('ERR_INVALID_ARG_TYPE', 'init.aws', 'type', 'Pass signing options.')
  if (aws && 'credentials' in aws)
    fail('ERR_INVALID_ARG_VALUE', 'init.aws.credentials', 'unusable', 'Pass it to createSignedFetch.')
  const given = hasTag(input, 'Request') ? (input as Request) : undefined
  // a stream of its bytes would take longer than signing
  const isText = typeof init.body === 'string' && !given && !/^(?:GET|HEAD|)$/i.test(init.method ?? '')
  // checks the arguments, and returns the headers that fetch adds for a kind of body; Firefox sends the name of a stream
  const body = isText || hasTag(init.body, 'ReadableStream') ? undefined : init.body
  const request = createRequest(input, { ...init, body } as RequestInit)
  const { method } = request
  const signal = init.signal === undefined ? given?.signal : init.signal
  const { host, expect, ...headers } = Object.fromEntries(request.headers)
  if (isText) headers['content-type'] ??= 'text/plain;charset=UTF-8'
  const url = request.url.replace(/#.*/, '')
  const passed = aws ? { ...options, ...aws } : options
  const { host: authority, pathname } = new URL(url)
  const known = passed.region && passed.service ? passed : hostScope(authority, pathname)
  const region = passed.region || known.region
  const service = passed.service || known.service
  const passedOn = Object.keys(headers).filter((name) => PASSED_ON.test(name))
  // without its length, the stream would be sent in chunks, which S3 rejects
  const isUnsigned = isS3(service) && /^https:/.test(url) && 'content-length' in headers
  const { payloadHash } = passed
  const streamHash = payloadHash ?? (isUnsigned ? UNSIGNED_PAYLOAD : undefined)
  const content = readBody(request, init.body, { payloadHash, streamHash, limit, signal })
  const signing = { ...passed, region, service, unsignedHeaders: passedOn.concat(passed.unsignedHeaders ?? []) }
  return { content, request: given, init, url, method, headers, signal, signing }
}

/** Reads the scope of an attempt. A service that rejects the region may name the right one, so it is not certain to fail. */
export function readCallScope(parts: ScopeParts, options: ScopeOptions): ScopeInput {
  return readScope(parts, options, hostScope)
}

/** Creates a request. The runtime's error would not name the argument, and it contains the password in a URL. */
function createRequest(input: RequestInfo | URL, init: RequestInit): Request {
  const create = (members: RequestInit): Request | undefined => {
    try {
      return new Request(input, { duplex: 'half', ...members } as RequestInit)
    } catch {
      return undefined
    }
  }
  const request = create(init)
  if (request) return request
  const { method } = init
  if (!create({}))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'input',
      'invalid',
      'Pass an absolute http(s) URL without a user name, or an unused Request.',
    )
  const [name] =
    Object.entries(init).find(([name, value]) => !create({ ...(method && { method }), [name]: value })) ?? []
  return fail('ERR_INVALID_ARG_VALUE', name ? `init.${name}` : 'init', 'invalid')
}
