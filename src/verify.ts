import type { Scope } from './core/credentials.ts'
import { stringToSign } from './core/plan.ts'
import type { Bytes, WebRequest } from './core/platform.ts'
import { type ReceivedRequest as CoreReceivedRequest, readReceived } from './core/received.ts'
import { refuse } from './core/refusal.ts'
import { planStatement, readStatement } from './core/verification.ts'
import { sha256Hex } from './crypto/webcrypto.ts'
import { authenticate } from './verify/authenticate.ts'
import { checkOptions, type VerifyOptions } from './verify/options.ts'
import { type BodySource, bodyAtHand, type CheckedBody, checkPayload, collect } from './verify/payload.ts'
import { checkPath, checkTarget } from './verify/target.ts'

/** A request that somebody else signed. Node's `IncomingMessage` fits as it is. */
export type ReceivedRequest = CoreReceivedRequest<unknown>

/** What is known of a request whose signature is right. */
export interface VerifiedRequest {
  readonly accessKeyId: string
  /** Day, region and service that it was signed for. */
  readonly scope: Scope
  /** Names of the headers that nobody has changed. */
  readonly signedHeaders: readonly string[]
  readonly location: 'header' | 'query'
  readonly signingDate: Date
  /** When a presigned URL ends. */
  readonly expiresAt?: Date
  /** The security token that came with the request and was signed. Whether it is a good one, the issuer knows. */
  readonly sessionToken?: string
  /**
   * `'verified'`: the body is the one that was signed. `'unsigned'`: the signature says nothing of the body.
   * `'deferred'`: trust the body only when `verifyBody` has read all of it.
   */
  readonly payload: 'verified' | 'unsigned' | 'deferred'
  /** The body, decoded, where it was given whole. */
  readonly body?: Bytes
  /**
   * Passes a body through and checks it: gives its bytes, `aws-chunked` decoded, and returns the headers that came behind
   * them. Signed chunks are given out once they are checked; the bytes under one hash before, and the error comes last.
   */
  readonly verifyBody: (source: BodySource) => CheckedBody
}

/**
 * Verifies a request that somebody else signed: its signature, that it is meant for here and now, that all that counts is
 * signed, and its body.
 *
 * @param request - A `Request`, Node's `IncomingMessage`, or `{ method, url, headers, body? }`.
 * @param options - The lookup of credentials, and what is accepted.
 * @returns Who signed what. Nothing that is not signed should be believed; `payload` says whether that is the body.
 * @throws `SigV4VerifyError` if the request must be refused, its `code` one of `ERR_SIGV4_AUTH_MISSING`,
 * `…_AUTH_MALFORMED`, `…_AUTH_AMBIGUOUS`, `…_ALGORITHM_UNSUPPORTED`, `…_SCOPE_MISMATCH`, `…_ACCESS_KEY_UNKNOWN`,
 * `…_TIME_SKEWED`, `…_NOT_YET_VALID`, `…_EXPIRED`, `…_HEADER_NOT_SIGNED`, `…_PAYLOAD_MISMATCH`, `…_PAYLOAD_UNCHECKED`,
 * `…_SIGNATURE_MISMATCH`; `TypeError` for wrong options or a lookup that gives something else; and whatever the lookup throws.
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
  checkOptions(options)
  const { allowUnsignedPayload, allowSmallChunks = false, body: given } = options
  const now = Number(options.now ?? Date.now())
  const received = readReceived(request as ReceivedRequest, options.host)
  checkTarget(request as ReceivedRequest, received)
  const statement = readStatement(received, options, now / 1000)
  checkPath(received, statement, options)
  const { accessKeyId, scope, location, time, ends, signature, sessionToken, unsignedHash } = statement
  const isUnsigned = /UNSIGNED/.test(statement.payloadHash ?? '')
  if (isUnsigned && !(allowUnsignedPayload ?? location === 'query'))
    refuse('ERR_SIGV4_PAYLOAD_UNCHECKED', 'AccessDenied', 403, 'The body must be signed')
  const isDeferred = options.payload === 'deferred' && statement.payloadHash !== undefined
  const isRead = !isDeferred && (!isUnsigned || unsignedHash !== undefined)
  // if the payload hash is known, the signature is verified before the body is read
  const early = statement.payloadHash === undefined ? await neededBody(request, given, received) : undefined
  const payloadHash = statement.payloadHash ?? (await sha256Hex(early!))
  const plan = planStatement(received, statement, options, payloadHash)
  const { canonicalRequest } = plan
  const toSign = stringToSign(plan, await sha256Hex(canonicalRequest))
  const key = await authenticate(statement, { canonicalRequest, stringToSign: toSign }, options, now)

  const body = early ?? (await (isRead ? neededBody : bodyAtHand)(request, given, received))
  const payload = { received, plan, signature, payloadHash: unsignedHash ?? payloadHash, key, allowSmallChunks }
  const verifyBody = (source: BodySource): CheckedBody => checkPayload(payload, source)
  const checked = body && (await collect(verifyBody([body])))
  return {
    accessKeyId,
    scope,
    signedHeaders: statement.signedHeaders,
    location,
    signingDate: new Date(time * 1000),
    ...(ends !== undefined && { expiresAt: new Date(ends * 1000) }),
    ...(sessionToken !== undefined && { sessionToken }),
    payload: isUnsigned ? 'unsigned' : checked ? 'verified' : 'deferred',
    ...(checked && { body: checked }),
    verifyBody,
  }
}

/** The body that the signature says something of. */
async function neededBody(...args: Parameters<typeof bodyAtHand>): Promise<Uint8Array<ArrayBuffer>> {
  const [request, given, received] = args
  const body = await bodyAtHand(request, given, received, true)
  if (body === undefined)
    refuse(
      'ERR_SIGV4_PAYLOAD_UNCHECKED',
      'InvalidRequest',
      400,
      "The body is signed and was not given: pass it as options.body, or use payload: 'deferred'",
    )
  return body
}

export { type ErrorResponse, type ErrorResponseOptions, toErrorResponse } from './core/answer.ts'
export type { Location } from './core/authorization.ts'
export type { Scope } from './core/credentials.ts'
export { isSigV4Error, SigV4Error, type SigV4VerifyErrorCode } from './core/errors.ts'
export type { FormFields } from './core/form.ts'
export type { ReceivedHeaders } from './core/received.ts'
export { type RefusalDetails, SigV4VerifyError } from './core/refusal.ts'
export type { AcceptanceOptions } from './core/verification.ts'
export type { Credentials, CredentialsLookup, FoundCredentials, SigningKey } from './verify/authenticate.ts'
export type { Body, VerifyOptions } from './verify/options.ts'
export type { BodySource, CheckedBody } from './verify/payload.ts'
export { type VerifiedPost, type VerifyPostOptions, verifyPost } from './verify/post.ts'
