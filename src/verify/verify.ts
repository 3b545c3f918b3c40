import { toTime } from '../core/encoding/time.ts'
import type { BodySource } from '../core/http/body.ts'
import type { Bytes, WebRequest } from '../core/http/platform.ts'
import { formatCanonicalRequest } from '../core/signing/canonical-request.ts'
import { hashPayload, isUnsigned, type Payload } from '../core/signing/payload.ts'
import type { Scope } from '../core/signing/scope.ts'
import { formatStringToSign } from '../core/signing/string-to-sign.ts'
import { sha256Hex } from '../crypto/webcrypto.ts'
import { canonicalRequestOf } from '../received/canonicalize.ts'
import type { Location } from '../received/claim.ts'
import { BODY_EVENTS, BODY_UNSIGNED } from '../received/refusals.ts'
import { type Received, type ReceivedRequest, readReceived } from '../received/request.ts'
import { authenticate } from './authenticate.ts'
import { type Claim, readClaim } from './claim.ts'
import { type Body, checkVerifyOptions, OPTIONS, type VerifyOptions } from './options.ts'
import { availableBody, type CheckedBody, checkBody, checkPayload, collect } from './payload.ts'
import { refuse } from './refuse.ts'
import { checkPath, checkTarget } from './target.ts'

/** A request whose signature is valid. */
export interface VerifiedRequest {
  readonly accessKeyId: string
  /** Day, region and service that it was signed for. Signature Version 4a: the region is a set, `us-east-1,eu-*`. */
  readonly scope: Scope
  /** Names of the headers that were not changed after signing. */
  readonly signedHeaders: readonly string[]
  readonly location: Location
  readonly signedAt: Date
  /** Expiration of a presigned URL. */
  readonly expiresAt?: Date
  /**
   * The session token of the request, which was signed. Only its issuer can validate it. Missing for a token that was
   * added after signing (`sessionTokenPlacement: 'appended'`), which may be anyone's.
   */
  readonly sessionToken?: string
  /**
   * `'verified'`: the body is the signed body. `'unsigned'`: the signature does not cover the body.
   * `'deferred'`: trust the body only when `verifyBody` has read all of it.
   */
  readonly payload: 'verified' | 'unsigned' | 'deferred'
  /** The decoded body, if it was passed completely. */
  readonly body?: Bytes
  /**
   * Streams a body and checks it: yields its bytes, `aws-chunked` decoded, and returns the trailing headers. Signed
   * chunks are yielded after they are checked. A single hash, or a checksum in the trailing headers, is checked after all
   * bytes were yielded, and an error is thrown at the end.
   * A stream of signed events is rejected: pass it to `verifyEvents` of `sigv4/streams`.
   */
  readonly verifyBody: (source: BodySource) => CheckedBody
}

/**
 * Verifies a signed request: its signature, that it is valid for this service and time, that everything relevant is
 * signed, and its body.
 *
 * @param request - A `Request`, Node's `IncomingMessage`, or `{ method, url, headers, body? }`.
 * @param options - The lookup of credentials, and the accepted requests.
 * @returns The signer and the signed parts. Trust only signed parts; `payload` indicates whether they include the body.
 * @throws `SigV4VerifyError` if the request must be rejected, its `code` one of `ERR_SIGV4_AUTH_MISSING`,
 * `…_AUTH_MALFORMED`, `…_AUTH_AMBIGUOUS`, `…_ALGORITHM_UNSUPPORTED`, `…_SCOPE_MISMATCH`, `…_ACCESS_KEY_UNKNOWN`,
 * `…_TIME_SKEWED`, `…_NOT_YET_VALID`, `…_EXPIRED`, `…_HEADER_NOT_SIGNED`, `…_PAYLOAD_MISMATCH`, `…_PAYLOAD_UNCHECKED`,
 * `…_SIGNATURE_MISMATCH`; `TypeError` for invalid options or an invalid lookup result; and any error that the lookup throws.
 * @example
 * ```ts
 * import { toErrorResponse, verify } from 'sigv4/verify'
 *
 * async function handle(request: Request): Promise<Response> {
 *   try {
 *     const { accessKeyId } = await verify(request, { credentials: (id) => secrets.get(id), region: 'eu-west-1', service: 's3' })
 *     return new Response(`Hello ${accessKeyId}`)
 *   } catch (error) {
 *     const { status, headers, body } = toErrorResponse(error)
 *     return new Response(body, { status, headers })
 *   }
 * }
 * const secrets = new Map([['AKIDEXAMPLE', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY']])
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export async function verify(request: ReceivedRequest | WebRequest, options: VerifyOptions): Promise<VerifiedRequest> {
  const claimed = readClaimed(request, options)
  checkPath(claimed.received, claimed.claim, options)
  const { verified } = await verifyClaimed(claimed, options)
  return verified
}

/** A request whose claims are accepted. Its signature is not verified. */
export interface ClaimedRequest {
  readonly request: ReceivedRequest | WebRequest
  readonly received: Received
  readonly claim: Claim
  /** The body in the options. */
  readonly given: Body | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** A request whose signature is valid, and the payload that its body must have. */
export interface VerifiedPayload {
  readonly verified: VerifiedRequest
  readonly payload: Payload
}

/** Reads a request, and refuses one whose claims are not accepted. */
export function readClaimed(request: ReceivedRequest | WebRequest, options: VerifyOptions): ClaimedRequest {
  checkVerifyOptions(options, OPTIONS)
  const { now: clock = Date.now } = options
  const now = toTime(clock)
  const received = readReceived(request as ReceivedRequest, options.host)
  const given = options.body ?? undefined // null is not an empty body beside the one of a Request
  checkBody(request, given, received)
  checkTarget(request as ReceivedRequest, received)
  const claim = readClaim(received, options, now / 1000)
  return { request, received, claim, given, now }
}

/**
 * Verifies a request that was read, whose path the caller reads as it was signed. If its claim has a payload, the signature
 * is verified before the body is read; otherwise `bodyHash` is the hash of the body, if the caller has read it.
 */
export async function verifyClaimed(
  { request, received, claim, given, now }: ClaimedRequest,
  options: VerifyOptions,
  bodyHash?: string,
): Promise<VerifiedPayload> {
  const { allowUnsignedPayload, allowSmallChunks = false, checksums } = options
  const { accessKeyId, scope, location, time, expiry, signature, sessionToken, unsignedHash } = claim
  const isBodyUnsigned = claim.payload !== undefined && isUnsigned(claim.payload)
  if (isBodyUnsigned && !(allowUnsignedPayload ?? location === 'query')) refuse(BODY_UNSIGNED)
  const isRequired = options.payload !== 'deferred' && (!isBodyUnsigned || unsignedHash !== undefined)
  const early = claim.payload || bodyHash ? undefined : await availableBody(request, given, received, true)
  const payload = claim.payload ?? hashPayload(bodyHash ?? (await sha256Hex(early!)))
  const canonicalRequest = formatCanonicalRequest(canonicalRequestOf(received, claim, payload.text, options))
  const context = { algorithm: claim.algorithm.name, amzDate: claim.amzDate, scope: claim.credentialScope }
  const stringToSign = formatStringToSign(context, await sha256Hex(canonicalRequest))
  const verifier = await authenticate(claim, { canonicalRequest, stringToSign }, options, now)

  const hasEvents = payload.kind === 'events'
  if (hasEvents && options.payload !== 'deferred') refuse(BODY_EVENTS)
  const body = hasEvents ? undefined : (early ?? (await availableBody(request, given, received, isRequired)))
  const expected = unsignedHash === undefined ? payload : hashPayload(unsignedHash)
  const signed = { received, context, signature, payload: expected, verifier, allowSmallChunks, checksums }
  const verifyBody = (source: BodySource): CheckedBody => checkPayload(signed, source)
  const isHashed = early !== undefined && expected === payload
  const checked = isHashed ? early : body && (await collect(verifyBody([body])))
  const verified: VerifiedRequest = {
    accessKeyId,
    scope,
    signedHeaders: claim.signedHeaders,
    location,
    signedAt: new Date(time * 1000),
    ...(expiry !== undefined && { expiresAt: new Date(expiry * 1000) }),
    ...(sessionToken !== undefined && claim.isTokenSigned && { sessionToken }),
    payload: isBodyUnsigned ? 'unsigned' : checked ? 'verified' : 'deferred',
    ...(checked && { body: checked }),
    verifyBody,
  }
  return { verified, payload: expected }
}
