import {
  type Credentials as CoreCredentials,
  type SigningKey as CoreSigningKey,
  cachedKey,
  credentialScope,
  type KeyCache,
  type Scope,
} from './core/credentials.ts'
import { fail } from './core/errors.ts'
import { type Plan, stringToSign } from './core/plan.ts'
import { type ReceivedRequest as CoreReceivedRequest, readReceived } from './core/received.ts'
import { refuse } from './core/refusal.ts'
import { type AcceptanceOptions, planStatement, readStatement, type SignedStatement } from './core/verification.ts'
import { type HmacKey, importKey, sha256Hex, verifyHmac } from './crypto/webcrypto.ts'
import { type BodySource, bodyAtHand, type CheckedBody, checkPayload, collect } from './verify/payload.ts'

/** A derived key; its `key` is bytes, or a `CryptoKey` that cannot be read. */
export type SigningKey = CoreSigningKey<Uint8Array | CryptoKey>

export type Credentials = CoreCredentials<Uint8Array | CryptoKey>

/** What a lookup finds for a key id: the secret access key, a derived key, or credentials. */
export type FoundCredentials = string | SigningKey | Credentials

/** The whole body of a request. */
export type Body = string | Uint8Array | ArrayBuffer

/** A request that somebody else signed. Node's `IncomingMessage` fits as it is. */
export type ReceivedRequest = CoreReceivedRequest<unknown>

/** How to verify; see {@link AcceptanceOptions} for what is accepted. */
export interface VerifyOptions extends AcceptanceOptions {
  /**
   * Looks up a key id: gives the secret access key, a signing key from `deriveSigningKey`, or credentials, whose session
   * token the request must then have; nothing for a key that is not known. `scope` is what the request says, and one of
   * the accepted ones.
   */
  readonly credentials: (
    accessKeyId: string,
    scope: Scope,
  ) => FoundCredentials | null | undefined | Promise<FoundCredentials | null | undefined>
  /** The time, a `Date` or epoch milliseconds. @default the clock */
  readonly now?: Date | number | undefined
  /**
   * Whether a request may leave its body unsigned (`UNSIGNED-PAYLOAD`, or unsigned chunks).
   * @default presigned URLs may, whose body nobody knows when they are made; others may not
   */
  readonly allowUnsignedPayload?: boolean | undefined
  /** `'deferred'`: the body is checked later, by `check` of the result, while it is read. @default `'required'` */
  readonly payload?: 'required' | 'deferred' | undefined
  /** The whole body, where `request.body` is not it, as with the parsers of Express. @default `request.body` */
  readonly body?: Body | undefined
  /** The host that clients sign, where a proxy changes the Host header. @default the Host header */
  readonly host?: string | undefined
  /** Answers an unknown key id and a foreign session token as it answers a wrong signature, after the same work. @default false */
  readonly uniform?: boolean | undefined
}

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
   * `'deferred'`: believe the body only when `check` has read all of it.
   */
  readonly payload: 'verified' | 'unsigned' | 'deferred'
  /** The body, decoded, where it was given whole. */
  readonly body?: Uint8Array<ArrayBuffer>
  /**
   * Passes a body through and checks it: gives its bytes, `aws-chunked` decoded, and returns the headers that came behind
   * them. Signed chunks are given out once they are checked; the bytes under one hash before, and the error comes last.
   */
  readonly check: (source: BodySource) => CheckedBody
}

const cache = /* @__PURE__ */ new WeakMap<object, KeyCache<Promise<HmacKey>>>()

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
 * `…_SIGNATURE_MISMATCH`; `TypeError` for wrong options; and whatever the lookup throws.
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
export async function verify(request: ReceivedRequest | Request, options: VerifyOptions): Promise<VerifiedRequest> {
  checkOptions(options)
  const received = readReceived(request as ReceivedRequest, options.host)
  const statement = readStatement(received, options, Number(options.now ?? Date.now()) / 1000)
  const { accessKeyId, scope, location, time, ends, signature, sessionToken } = statement
  const isUnsigned = /UNSIGNED/.test(statement.payloadHash ?? '')
  if (isUnsigned && !(options.allowUnsignedPayload ?? location === 'query'))
    refuse('ERR_SIGV4_PAYLOAD_UNCHECKED', 'AccessDenied', 403, 'The body must be signed')
  const isDeferred = options.payload === 'deferred' && statement.payloadHash !== undefined
  const body = await bodyAtHand(request, options.body, received, !(isDeferred || isUnsigned))
  if (body === undefined && !isDeferred && !isUnsigned)
    refuse(
      'ERR_SIGV4_PAYLOAD_UNCHECKED',
      'InvalidRequest',
      400,
      "The body is signed and was not given: pass it as options.body, or use payload: 'deferred'",
    )
  const payloadHash = statement.payloadHash ?? (await sha256Hex(body!))
  const plan = planStatement(received, statement, options, payloadHash)
  const toSign = stringToSign(plan, await sha256Hex(plan.canonicalRequest))

  const found = (await options.credentials(accessKeyId, scope)) ?? undefined
  const key = await keyFor(found, plan.scope)
  const isRight = await verifyHmac(key, toSign, signature)
  if (found === undefined && !options.uniform)
    refuse(
      'ERR_SIGV4_ACCESS_KEY_UNKNOWN',
      'InvalidAccessKeyId',
      403,
      'The AWS Access Key Id you provided does not exist in our records.',
      { AWSAccessKeyId: accessKeyId },
    )
  const hasToken = found !== undefined && (await isToken(found, sessionToken))
  if (!isRight || found === undefined || (!hasToken && options.uniform)) refuseSignature(statement, plan, toSign)
  if (!hasToken)
    refuse('ERR_SIGV4_ACCESS_KEY_UNKNOWN', 'InvalidToken', 400, 'The provided token is malformed or otherwise invalid.')

  const payload = { received, plan, signature, payloadHash, key }
  const check = (source: BodySource): CheckedBody => checkPayload(payload, source)
  const checked = body && (await collect(check([body])))
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
    check,
  }
}

function checkOptions(options: VerifyOptions): void {
  if (typeof options?.credentials !== 'function')
    fail('ERR_INVALID_ARG_TYPE', 'options.credentials must be a function that gives the secret of an access key id')
  const { now, clockSkew, maxExpires, payload } = options
  for (const [name, value] of Object.entries({ now, clockSkew, maxExpires }))
    if (value !== undefined && !(Number(value) >= 0))
      fail('ERR_INVALID_ARG_VALUE', `options.${name} must not be negative`)
  if (payload !== undefined && payload !== 'required' && payload !== 'deferred')
    fail('ERR_INVALID_ARG_VALUE', "options.payload must be 'required' or 'deferred'")
}

/** The key that the signature should be made with. For a key id that is not known: a key of nobody, after the same work. */
async function keyFor(found: FoundCredentials | undefined, scope: string): Promise<HmacKey> {
  if (typeof found !== 'object') return importKey(found ?? 'unknown', undefined, scope)
  const credentials = 'key' in found ? { accessKeyId: '', signingKey: found } : found
  if (credentials.signingKey && credentialScope(credentials.signingKey) !== scope)
    return importKey('unknown', undefined, scope)
  return cachedKey(cache, credentials, scope, (secret, derived) => {
    const made = importKey(secret, derived, scope)
    made.catch(() => cache.delete(credentials)) // a failure is not kept
    return made
  })
}

/** Whether the session token is that of the credentials; a lookup that gives less than credentials says nothing of it. */
async function isToken(found: FoundCredentials, sessionToken: string | undefined): Promise<boolean> {
  if (typeof found === 'string' || 'key' in found) return true
  const [expected, given] = await Promise.all([found.sessionToken, sessionToken].map((token) => sha256Hex(token ?? '')))
  return expected === given
}

function refuseSignature({ accessKeyId, signature }: SignedStatement, plan: Plan, stringToSign: string): never {
  refuse(
    'ERR_SIGV4_SIGNATURE_MISMATCH',
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { AWSAccessKeyId: accessKeyId, SignatureProvided: signature },
    { canonicalRequest: plan.canonicalRequest, stringToSign },
  )
}

export { type ErrorResponse, type ErrorResponseOptions, toErrorResponse } from './core/answer.ts'
export type { Location } from './core/authorization.ts'
export type { Scope } from './core/credentials.ts'
export { isSigV4Error, SigV4Error, type SigV4VerifyErrorCode } from './core/errors.ts'
export type { ReceivedHeaders } from './core/received.ts'
export { type RefusalDetails, SigV4VerifyError } from './core/refusal.ts'
export type { AcceptanceOptions } from './core/verification.ts'
export type { BodySource, CheckedBody } from './verify/payload.ts'
