import type { Expires } from '../core/encoding/time.ts'
import { wellFormed } from '../core/encoding/utf8.ts'
import { fail } from '../core/errors.ts'
import { bodyContent } from '../core/http/body.ts'
import { checkMembers, members } from '../core/members.ts'
import { formatCanonicalRequest } from '../core/signing/canonical-request.ts'
import { type Credentials, resolved } from '../core/signing/credentials.ts'
import type { SigningOptions } from '../core/signing/options.ts'
import { preparePresign } from '../core/signing/presign.ts'
import { signingContext } from '../core/signing/scope.ts'
import { prepareSign } from '../core/signing/sign.ts'
import { formatStringToSign, type Unsigned } from '../core/signing/string-to-sign.ts'
import { hmacHex, sha256Hex, signingKey } from '../crypto/sha256.ts'
import { type ReceivedHeaders, readReceived } from '../received/request.ts'
import { readPresignAsSent, readSignAsSent, type SentRequest } from './as-sent.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials location expires region service payloadHash payloadHashHeader now pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signedHeaders unsignedHeaders',
)

/** A request exactly as it is sent. */
export interface TraceRequest {
  /** @default `'GET'` */
  readonly method?: string | undefined
  /** The target as it is sent, `/a%20b?x=y`, every byte of it; or the complete URL. */
  readonly url: string
  /** The headers as they are sent; `host` among them, unless the URL is complete. */
  readonly headers: ReceivedHeaders
  /** A string or bytes. @default none */
  readonly body?: string | Uint8Array | ArrayBuffer | undefined
}

/** The options of `sign` and `presign`, and the location of the signature. */
export interface TraceOptions extends SigningOptions<Credentials> {
  /** Where the signature is: in the header `Authorization`, or in the query. @default `'header'` */
  readonly location?: 'header' | 'query' | undefined
  /** With `location: 'query'`, the lifetime of the URL, as for `presign`. @default `'15m'` */
  readonly expires?: Expires | false | undefined
}

/** Every step of a signature. */
export interface Trace {
  readonly canonicalRequest: string
  readonly stringToSign: string
  /** 64 lowercase hexadecimal digits. */
  readonly signature: string
  /** `host;x-amz-date` */
  readonly signedHeaders: string
  /** `20150830/us-east-1/s3/aws4_request` */
  readonly credentialScope: string
}

/**
 * Shows every step of a signature, also for a request that `sign` rejects because HTTP clients would rewrite it in
 * transit.
 *
 * @param request - `{ method, url, headers, body? }`, exactly as it is sent.
 * @param options - As for `sign` and `presign`, and `location`.
 * @returns `{ canonicalRequest, stringToSign, signature, signedHeaders, credentialScope }`.
 * @throws as `sign`, but only for invalid options and credentials, never for an unusual request.
 * @example
 * ```ts
 * import { trace } from 'sigv4/trace'
 *
 * const { canonicalRequest, stringToSign } = trace(
 *   { method: 'GET', url: '/a/../b', headers: { host: 'example.amazonaws.com' } },
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
  checkMembers('options', options, OPTIONS)
  const { location = 'header' } = options
  if (location !== 'header' && location !== 'query')
    fail('ERR_INVALID_ARG_VALUE', 'options.location', 'invalid', "Pass 'header' or 'query'.")
  if (typeof request?.url !== 'string')
    fail('ERR_INVALID_ARG_TYPE', 'request.url', 'type', "Pass a string such as '/a%20b?x=y'.")
  const content = bodyContent(request.body)
  if (content === undefined) fail('ERR_INVALID_ARG_TYPE', 'request.body', 'type', 'Pass a string or bytes.')
  const received = readReceived({ ...request, url: wellFormed(request.url) }, undefined)
  const bodyHash = sha256Hex(content)
  const unsigned = location === 'query' ? presigned(received, options, bodyHash) : signed(received, options, bodyHash)
  const { context, parts } = unsigned
  const canonicalRequest = formatCanonicalRequest(parts)
  const stringToSign = formatStringToSign(context, sha256Hex(canonicalRequest))
  return {
    canonicalRequest,
    stringToSign,
    signature: hmacHex(signingKey(options.credentials, context), stringToSign),
    signedHeaders: parts.signedHeaders,
    credentialScope: context.scope,
  }
}

function signed(request: SentRequest, options: TraceOptions, bodyHash: string): Unsigned {
  const input = readSignAsSent(request, options, bodyHash)
  const { payloadHash } = input
  const context = signingContext(input.scope, Date.now())
  return prepareSign(input, { body: undefined, payloadHash }, resolved(options.credentials), context)
}

function presigned(request: SentRequest, options: TraceOptions, bodyHash: string): Unsigned {
  const input = readPresignAsSent(request, options, bodyHash)
  return preparePresign(input, resolved(options.credentials), signingContext(input.scope, Date.now()))
}
