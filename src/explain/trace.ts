import { bodyContent, isA, isObject } from '../core/body.ts'
import { queryEntries } from '../core/canonical.ts'
import type { Credentials } from '../core/credentials.ts'
import { fail } from '../core/errors.ts'
import { type HeaderSelection, signedNames } from '../core/headers.ts'
import type { SigningOptions } from '../core/options.ts'
import { planHeader, planQuery, stringToSign as stringToSignOf } from '../core/plan.ts'
import { type ReceivedHeaders, readReceived } from '../core/received.ts'
import { EMPTY_HASH, signingContext, signingTime } from '../core/request.ts'
import { hostScope } from '../core/services.ts'
import { type Expires, expiresSeconds } from '../core/time.ts'
import { hmacHex, importKey, sha256Hex } from '../crypto/sha256.ts'

/** A request exactly as it is on the wire. */
export interface TraceRequest {
  /** @default `'GET'` */
  readonly method?: string | undefined
  /** The target as it is sent, `/a%20b?x=y`. */
  readonly target: string
  /** The headers as they are sent; `host` among them. */
  readonly headers: ReceivedHeaders
  /** Text or bytes. @default none */
  readonly body?: string | Uint8Array | ArrayBuffer | undefined
}

/** The options of `sign` and `presign`, and where the signature goes. */
export interface TraceOptions extends SigningOptions<Credentials>, HeaderSelection {
  /** @default `'header'` */
  readonly location?: 'header' | 'query' | undefined
  /** With `location: 'query'`, how long the URL lives. @default 900 */
  readonly expires?: Expires | undefined
  /** With `location: 'header'`, adds `x-amz-content-sha256`. @default `true` for S3, else `false` */
  readonly payloadHashHeader?: boolean | undefined
}

/** Every step of a signature. */
export interface Trace {
  readonly canonicalRequest: string
  readonly stringToSign: string
  /** 64 lower-case hex digits. */
  readonly signature: string
  /** `host;x-amz-date` */
  readonly signedHeaders: string
  /** `20150830/us-east-1/s3/aws4_request` */
  readonly credentialScope: string
}

/**
 * Shows every step of a signature, also of a request that `sign` refuses to send because something on its way would
 * rewrite it.
 *
 * @param request - `{ method, target, headers, body? }`, exactly as on the wire.
 * @param options - As for `sign` and `presign`, and `location`.
 * @returns `{ canonicalRequest, stringToSign, signature, signedHeaders, credentialScope }`.
 * @throws as `sign`, but not for what the request is like: only for wrong options and credentials.
 * @example
 * ```ts
 * import { trace } from 'sigv4/explain'
 *
 * const { canonicalRequest, stringToSign } = trace(
 *   { method: 'GET', target: '/a/../b', headers: { host: 'example.amazonaws.com' } },
 *   {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *     region: 'us-east-1',
 *     service: 'service',
 *   },
 * )
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function trace(request: TraceRequest, options: TraceOptions): Trace {
  if (!isObject(options)) fail('ERR_INVALID_ARG_TYPE', 'options must be an object with credentials')
  const { location = 'header', credentials } = options
  if (location !== 'header' && location !== 'query')
    fail('ERR_INVALID_ARG_VALUE', "options.location must be 'header' or 'query'")
  const { method, path, query, headers } = readReceived({ ...request, url: request?.target }, undefined)
  const time = signingTime(options, Date.now())
  const { host = '' } = headers
  const context = signingContext({ host }, options, credentials, time, hostScope)
  const content = bodyContent(request.body)
  if (content === undefined) fail('ERR_INVALID_ARG_TYPE', 'request.body must be text or bytes')
  const isPresigned = location === 'query'
  const stated =
    isPresigned && context.s3 ? 'UNSIGNED-PAYLOAD' : isA(request.body, 'Undefined') ? EMPTY_HASH : sha256Hex(content)
  const payloadHash = options.payloadHash ?? headers['x-amz-content-sha256'] ?? stated
  const added = isPresigned
    ? {}
    : {
        'x-amz-date': context.amzDate,
        ...((options.payloadHashHeader ?? context.s3) && { 'x-amz-content-sha256': payloadHash }),
        ...(context.sessionToken && { 'x-amz-security-token': context.sessionToken }),
      }
  const all = { ...headers, ...added }
  const sent = {
    method,
    path,
    query: queryEntries(query),
    headers: all,
    signed: signedNames(all, options),
    payloadHash,
  }
  const plan = isPresigned
    ? planQuery(sent, context, expiresSeconds(options.expires ?? 900, time))
    : planHeader(sent, context)
  const toSign = stringToSignOf(plan, sha256Hex(plan.canonicalRequest))
  const { secretAccessKey, signingKey } = credentials
  const key = importKey(signingKey ? undefined : secretAccessKey, signingKey?.key, context.scope)
  return {
    canonicalRequest: plan.canonicalRequest,
    stringToSign: toSign,
    signature: hmacHex(key, toSign),
    signedHeaders: plan.signedHeaders,
    credentialScope: context.scope,
  }
}
