import { type ErrorReason, fail } from '../errors.ts'
import { credentialScope, S3_EXPRESS, type Scope, SESSION_TOKEN } from './scope.ts'

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
  /** Session token of temporary credentials. Sent and signed as `x-amz-security-token`; that of a session as S3 Express requires. */
  readonly sessionToken?: string | undefined
  /** When the credentials expire. Nothing is signed after that, and no `expiresAt` is later. */
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
 * Throws unless the credentials are complete and valid at `time` (seconds). No message contains a part of them.
 * `givenToken` is the argument that has the session token, if they do not.
 */
export function checkCredentials(credentials: Credentials<unknown>, time: number, givenToken?: string): void {
  const { accessKeyId, secretAccessKey, signingKey, sessionToken, expiration } = credentials ?? {}
  if (!accessKeyId && !secretAccessKey && !signingKey)
    failCredentials('accessKeyId', 'missing', 'Pass { accessKeyId, secretAccessKey }.')
  checkString('accessKeyId', accessKeyId, /^[!-~]+$/)
  if (!signingKey) checkString('secretAccessKey', secretAccessKey, /^\S(?:.*\S)?$/s)
  // swapped, they have the lengths of AWS's: the secret would be in URLs
  if (/^.{40}A[KS]IA\w{16}$/.test(accessKeyId! + secretAccessKey))
    failCredentials('accessKeyId', 'invalid', 'Swap it with secretAccessKey.')
  if (sessionToken && givenToken)
    fail('ERR_INVALID_ARG_VALUE', givenToken, 'conflict', 'Omit it: options.credentials.sessionToken is sent.')
  if (sessionToken || (!givenToken && /^ASIA/.test(accessKeyId!))) checkString('sessionToken', sessionToken, /^[!-~]+$/)
  if (isExpired(expiration, time * 1000))
    failCredentials('expiration', Number.isNaN(Number(expiration)) ? 'invalid' : 'expired')
}

function checkString(part: string, value: unknown, pattern: RegExp): void {
  if (!value) failCredentials(part, 'missing')
  if (typeof value !== 'string') failCredentials(part, 'type')
  if (pattern.test(value)) return
  if (!/\s/.test(value)) failCredentials(part, 'invalid')
  failCredentials(part, 'whitespace', /\s/.test(value.trim()) ? 'Remove it.' : 'Trim it.')
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

/** Throws unless credentials contain a secret, from which a key can be derived now; for a `service`, if only for that one. */
export function checkSecret(credentials: SecretCredentials, now: number, service?: string): void {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials ?? {}
  // a header of the request may contain the token of a session
  const givenToken = service === S3_EXPRESS && !sessionToken ? SESSION_TOKEN : undefined
  checkCredentials(
    { accessKeyId, secretAccessKey, sessionToken, expiration } as SecretCredentials,
    now / 1000,
    givenToken,
  )
}

/** Keys derived from one credentials object, and what they were derived from. */
interface DerivedKeys<Key> {
  readonly source: unknown
  /** By credential scope. */
  readonly keys: Map<string, Key>
}

/** Derived keys by credentials object. */
export type KeyCache<Key> = WeakMap<object, DerivedKeys<Key>>

/**
 * Returns the signing key for a scope: from the cache, otherwise from `derive`. A changed secret on the same object is
 * detected, and a signing key for a different scope is rejected.
 */
export function cachedKey<Key, Raw>(
  cache: KeyCache<Key>,
  credentials: Credentials<Raw>,
  scope: Scope,
  derive: (secretAccessKey: string | undefined, key: Raw | undefined, scope: Scope) => Key,
): Key {
  const { signingKey, secretAccessKey } = credentials
  const name = credentialScope(scope)
  if (signingKey && credentialScope(signingKey) !== name)
    fail('ERR_SIGV4_KEY_SCOPE', 'options.credentials.signingKey', 'mismatch', `Derive a key for ${name}.`)
  const source = signingKey ? contentOf(signingKey.key) : secretAccessKey
  let known = cache.get(credentials)
  if (!known || known.source !== source || known.keys.size > 7) {
    known = { source, keys: new Map() } // holds the keys of a few regions around midnight
    cache.set(credentials, known)
  }
  let key = known.keys.get(name)
  if (!key) {
    key = derive(signingKey ? undefined : secretAccessKey, signingKey?.key, scope)
    known.keys.set(name, key)
  }
  return key
}

/**
 * Returns the value to compare a key by: a copy of its bytes, which may be overwritten in place. It starts with a space,
 * which no secret does.
 */
function contentOf(key: unknown): unknown {
  return ArrayBuffer.isView(key)
    ? String.fromCharCode(32, ...new Uint8Array(key.buffer, key.byteOffset, key.byteLength))
    : key
}

/** Returns a copy of the bytes of a signing key. */
export function keyBytes(key: unknown): Uint8Array {
  if (ArrayBuffer.isView(key) && key.byteLength === 32) return new Uint8Array(key.buffer, key.byteOffset, 32).slice()
  return fail(
    'ERR_INVALID_ARG_TYPE',
    'options.credentials.signingKey.key',
    'type',
    "Pass 32 bytes or, in 'sigv4', a CryptoKey.",
  )
}
