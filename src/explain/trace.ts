import { type Expires, readExpires } from '../core/encoding/time.ts'
import { wellFormed } from '../core/encoding/utf8.ts'
import { fail } from '../core/errors.ts'
import { bodyContent } from '../core/http/body.ts'
import { type HeaderRecord, type HeaderSelection, headerFilter, signedNames } from '../core/http/headers.ts'
import { formatQuery, parseQuery, sortPairs } from '../core/http/query.ts'
import { checkMembers, members } from '../core/members.ts'
import { type ReceivedHeaders, readReceived } from '../core/received/request.ts'
import { requiresPayloadHash } from '../core/services.ts'
import { canonicalHeaders, canonicalUri, formatCanonicalRequest } from '../core/signing/canonical-request.ts'
import { type Credentials, checkCredentials } from '../core/signing/credentials.ts'
import { hostScope } from '../core/signing/hosts.ts'
import { readPathRules, readScope, readSessionToken, signingContext } from '../core/signing/input.ts'
import type { SigningOptions } from '../core/signing/options.ts'
import { presignedQuery, tokenParameter } from '../core/signing/presign.ts'
import { formatStringToSign } from '../core/signing/string-to-sign.ts'
import { hmacHex, sha256Hex, signingKey } from '../crypto/sha256.ts'

const OPTIONS = /* @__PURE__ */ members(
  'credentials location expires region service payloadHash payloadHashHeader signingDate pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signHeaders unsignedHeaders',
)

/** A request exactly as it is sent. */
export interface TraceRequest {
  /** @default `'GET'` */
  readonly method?: string | undefined
  /** The target as it is sent, `/a%20b?x=y`. */
  readonly target: string
  /** The headers as they are sent; `host` among them. */
  readonly headers: ReceivedHeaders
  /** A string or bytes. @default none */
  readonly body?: string | Uint8Array | ArrayBuffer | undefined
}

/** The options of `sign` and `presign`, and the location of the signature. */
export interface TraceOptions extends SigningOptions<Credentials>, HeaderSelection {
  /** @default `'header'` */
  readonly location?: 'header' | 'query' | undefined
  /** With `location: 'query'`, the lifetime of the URL, in seconds or as a duration. @default 900 */
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
 * @param request - `{ method, target, headers, body? }`, exactly as it is sent.
 * @param options - As for `sign` and `presign`, and `location`.
 * @returns `{ canonicalRequest, stringToSign, signature, signedHeaders, credentialScope }`.
 * @throws as `sign`, but only for invalid options and credentials, never for an unusual request.
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
  checkMembers('options', options, OPTIONS)
  const { location = 'header', credentials, expires = 900 } = options
  if (location !== 'header' && location !== 'query')
    fail('ERR_INVALID_ARG_VALUE', 'options.location', 'invalid', "Pass 'header' or 'query'.")
  if (typeof request?.target !== 'string')
    fail('ERR_INVALID_ARG_TYPE', 'request.target', 'type', "Pass a string such as '/a%20b?x=y'.")
  const content = bodyContent(request.body)
  if (content === undefined) fail('ERR_INVALID_ARG_TYPE', 'request.body', 'type', 'Pass a string or bytes.')
  const { method, path, query, headers } = readReceived({ ...request, url: wellFormed(request.target) }, undefined)
  const { host = '' } = headers
  const scope = readScope({ host, argument: 'request' }, options, hostScope)
  const { s3 } = scope
  const [pathEncoding, pathNormalization] = readPathRules(options, s3)
  const context = signingContext(scope, Date.now())
  const own = parseQuery(query)
  const { name, isSigned, given } = readSessionToken(
    options,
    scope,
    { host, argument: 'request.target' },
    own,
    headers,
    'request',
  )
  checkCredentials(credentials, context.now, given)
  const token = isSigned ? credentials.sessionToken : undefined
  const isPresigned = location === 'query'
  const unstated = isPresigned && s3 ? 'UNSIGNED-PAYLOAD' : sha256Hex(content)
  const payloadHash = options.payloadHash ?? headers['x-amz-content-sha256'] ?? unstated
  const all: HeaderRecord = { ...headers, host }
  if (!isPresigned) {
    all['x-amz-date'] = context.amzDate
    if (options.payloadHashHeader ?? requiresPayloadHash(scope.service, payloadHash))
      all['x-amz-content-sha256'] = payloadHash
    if (token) all[name] = token
  }
  const names = signedNames(all, headerFilter(options))
  const sentNames = names.map(wellFormed)
  const signedHeaders = sentNames.join(';')
  const canonicalRequest = formatCanonicalRequest({
    method,
    uri: canonicalUri(path, pathEncoding, pathNormalization),
    query: isPresigned
      ? presignedQuery(
          own,
          context,
          credentials.accessKeyId,
          expires === false ? undefined : readExpires(expires)(context.time),
          tokenParameter(name, token),
          sentNames,
        )
      : formatQuery(sortPairs(own)),
    headers: canonicalHeaders(all, names),
    signedHeaders,
    payloadHash,
  })
  const stringToSign = formatStringToSign(context, sha256Hex(canonicalRequest))
  return {
    canonicalRequest,
    stringToSign,
    signature: hmacHex(signingKey(credentials, context), stringToSign),
    signedHeaders,
    credentialScope: context.scope,
  }
}
