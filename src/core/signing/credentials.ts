import { type ErrorReason, fail } from '../errors.ts'
import { SESSION_HEADER } from '../http/headers.ts'
import { isObject } from '../kind.ts'
import { S3_EXPRESS, type Scope } from './scope.ts'

/**
 * A derived key. It signs for one day, one region and one service, and does not reveal the secret: pass it to an edge
 * process and keep the secret on the server. For that day, `key` is as sensitive as a password.
 */
export interface SigningKey<Key = Uint8Array> extends Scope {
  /** The 32 bytes of the key or, with Web Crypto, a non-extractable `CryptoKey`. */
  readonly key: Key
}

interface Identity {
  /** The public half: `AKIA…` or, if temporary, `ASIA…`. */
  readonly accessKeyId: string
  /** Session token of temporary credentials. Sent and signed as `x-amz-security-token`, or, for S3 Express, `x-amz-s3session-token`. */
  readonly sessionToken?: string | undefined
  /** Expiration of the credentials. Nothing is signed after that, and no `expiresAt` is later. */
  readonly expiration?: Date | undefined
}

/** Credentials with the secret itself. The result of an AWS SDK credential provider can be passed unchanged. */
export interface SecretCredentials extends Identity {
  readonly secretAccessKey: string
  readonly signingKey?: undefined
}

/** Credentials with a derived key in place of the secret. */
export interface ScopedCredentials<Key = Uint8Array> extends Identity {
  readonly signingKey: SigningKey<Key>
  readonly secretAccessKey?: undefined
}

/** Credentials to sign with: the secret access key, or a key derived from it. */
export type Credentials<Key = Uint8Array> = SecretCredentials | ScopedCredentials<Key>

/**
 * Throws unless the credentials are complete and valid at `now`, epoch milliseconds. No message contains a part of them.
 * `givenToken` is the argument that contains the session token if the credentials do not; `reject` throws for a part.
 */
export function checkCredentials(
  credentials: Credentials<unknown>,
  now: number,
  givenToken?: string,
  reject: RejectPart = failCredentials,
): void {
  const { accessKeyId, secretAccessKey, signingKey, sessionToken, expiration } = credentials ?? {}
  if (!accessKeyId && !secretAccessKey && !signingKey)
    reject('accessKeyId', 'missing', 'Pass { accessKeyId, secretAccessKey }, in this spelling.')
  checkString(reject, 'accessKeyId', accessKeyId, /^[!-~]+$/)
  if (!signingKey) checkString(reject, 'secretAccessKey', secretAccessKey, /^\S(?:.*\S)?$/s)
  // swapped, they have the lengths of AWS's: the secret would be in URLs
  if (accessKeyId!.length === 40 && /^A[KS]IA\w{16}$/.test(secretAccessKey ?? ''))
    reject('accessKeyId', 'invalid', 'Swap it with secretAccessKey.')
  if (sessionToken && givenToken)
    fail('ERR_INVALID_ARG_VALUE', givenToken, 'conflict', 'Omit it: options.credentials.sessionToken is sent.')
  if (sessionToken || (!givenToken && accessKeyId!.startsWith('ASIA')))
    checkString(reject, 'sessionToken', sessionToken, /^[!-~]+$/)
  if (isExpired(expiration, now)) reject('expiration', Number.isNaN(Number(expiration)) ? 'invalid' : 'expired')
}

/** Returns the credentials of a synchronous call; throws if they are a function, which may return a promise. */
export function resolved<Source>(source: Source): Source {
  if (typeof source === 'function') fail('ERR_INVALID_ARG_TYPE', 'options.credentials', 'type', 'Call it first.')
  return source
}

type RejectPart = (part: string, reason: ErrorReason, hint?: string) => never

function checkString(reject: RejectPart, part: string, value: unknown, pattern: RegExp): void {
  if (!value) reject(part, 'missing')
  if (typeof value !== 'string') reject(part, 'type')
  if (pattern.test(value)) return
  if (!/\s/.test(value)) reject(part, 'invalid')
  reject(part, 'whitespace', /\s/.test(value.trim()) ? 'Remove it.' : 'Trim it.')
}

function failCredentials(part: string, reason: ErrorReason, hint?: string): never {
  const isMissing = reason === 'missing' || reason === 'expired'
  fail(
    isMissing ? 'ERR_SIGV4_CREDENTIALS_MISSING' : `ERR_INVALID_ARG_${reason === 'type' ? 'TYPE' : 'VALUE'}`,
    `options.credentials.${part}`,
    reason,
    hint,
  )
}

/** Returns whether an expiration has passed at `now` (epoch milliseconds); `true` if it is not a date. */
export function isExpired(expiration: Date | null | undefined, now: number): boolean {
  return expiration !== undefined && expiration !== null && !(Number(expiration) > now)
}

/** Throws unless credentials contain a secret from which a key can be derived now. `service` is set if the key is for one service only. */
export function checkSecret(credentials: SecretCredentials, now: number, service?: string): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials ?? {}
  // a header of the request may contain the token of a session
  const givenToken = service === S3_EXPRESS && !sessionToken ? SESSION_HEADER : undefined
  checkCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration } as SecretCredentials, now, givenToken)
}

/** Copies credentials, which the caller may change while something is awaited; a function is returned unchanged. */
export function copyCredentials<Source>(source: Source): Source {
  if (!isObject(source) || 'AccessKeyId' in source) return source
  const { accessKeyId, secretAccessKey, sessionToken, expiration, signingKey } = source as unknown as SecretCredentials
  return { accessKeyId, secretAccessKey, sessionToken, expiration, signingKey } as Source
}
