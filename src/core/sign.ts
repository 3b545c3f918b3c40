import { isA, isObject } from './body.ts'
import { queryString } from './canonical.ts'
import type { Credentials } from './credentials.ts'
import { fail } from './errors.ts'
import { type HeadersInput, readHeaders, signedNames } from './headers.ts'
import type { SignOptions } from './options.ts'
import { formatAuthorization, type Plan, planHeader, stringToSignPrefix, type ToSign } from './plan.ts'
import { checkPayloadHash, type HostReader, readQuery, sentMethod, signingContext, signingTime } from './request.ts'
import { parseUrl, sentPath, type UrlLike } from './target.ts'

/** A request to sign. */
export interface UnsignedRequest<Body = unknown> {
  /** @default `'GET'`, with a body `'POST'` */
  readonly method?: string | undefined
  readonly url: string | UrlLike
  /** Headers to send; those that nothing changes on the way are signed. @default none */
  readonly headers?: HeadersInput | undefined
  /** @default none */
  readonly body?: Body | undefined
}

/** A signed request, ready for `fetch(request.url, request)`. */
export interface SignedRequest<Body = unknown> {
  readonly method: string
  readonly url: string
  /** The caller's headers and those of the signature, names in lower case. */
  readonly headers: Record<string, string>
  /** As it was given; missing if none was. */
  readonly body?: Exclude<Body, undefined | null>
  /** Beside a stream, without which `fetch` does not take it. */
  readonly duplex?: 'half'
}

/** A request to be signed in its headers. */
export interface SignPlan<Body> extends ToSign {
  readonly plan: Plan
  /** The security token where it is added after signing. */
  readonly appendedToken: string | undefined
  /** The request, its headers without those of the signature. */
  readonly unsigned: SignedRequest<Body>
}

/** Throws unless a request is an object. */
export function checkRequest(request: unknown): void {
  if (!isObject(request)) fail('ERR_INVALID_ARG_TYPE', 'request must be an object with a url')
}

/** Plans the signature of a request whose payload hash is known. */
export function planSign<Body>(
  request: UnsignedRequest<Body>,
  options: SignOptions<unknown>,
  credentials: Credentials<unknown>,
  payloadHash: string,
  now: number,
  hostScope: HostReader,
): SignPlan<Body> {
  const { body } = request
  const hasBody = body !== undefined && body !== null
  const method = sentMethod(request.method ?? (hasBody ? 'POST' : 'GET'))
  const time = signingTime(options, now)
  const target = parseUrl(request.url)
  const { host, origin } = target
  const context = signingContext(target, options, credentials, time, hostScope)
  const path = sentPath(target.path, context.pathEncoding, context.pathNormalization)
  const headers = readHeaders(request.headers, host)
  checkPayloadHash(payloadHash)
  headers['x-amz-date'] = context.amzDate
  if (options.payloadHashHeader ?? context.s3) headers['x-amz-content-sha256'] = payloadHash
  if (context.sessionToken) headers['x-amz-security-token'] = context.sessionToken
  const all = { ...headers, host }
  const entries = readQuery(target.query, undefined)
  // without a body, clients send a length of zero with POST and PUT only
  const hasLength = hasBody || method === 'POST' || method === 'PUT'
  const signed = signedNames(all, options).filter((name) => hasLength || name !== 'content-length')
  const sent = { method, path, query: entries, headers: all, signed, payloadHash }
  const plan = planHeader(sent, context)
  return {
    plan,
    frame: { scope: context.scope, prefix: stringToSignPrefix(context), tail: '' },
    head: plan.canonicalRequest,
    appendedToken: context.sessionToken ? undefined : credentials.sessionToken,
    unsigned: {
      method,
      url: origin + path + (entries.length ? `?${queryString(entries)}` : ''),
      headers,
      ...(hasBody && { body: body as Exclude<Body, undefined | null> }),
      ...((isA(body, 'ReadableStream') || Symbol.asyncIterator in Object(body)) && { duplex: 'half' }),
    },
  }
}

/** Puts the signature in. */
export function applySignature<Body>(
  { plan, unsigned, appendedToken }: SignPlan<Body>,
  signature: string,
): SignedRequest<Body> {
  const headers: Record<string, string> = { ...unsigned.headers, authorization: formatAuthorization(plan, signature) }
  if (appendedToken) headers['x-amz-security-token'] = appendedToken
  return { ...unsigned, headers }
}
