import { type ErrorReason, fail } from '../errors.ts'
import { isObject } from '../kind.ts'
import { credentialScope, isSameScope, S3_EXPRESS, type Scope, SESSION_TOKEN } from './scope.ts'

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
 * Throws unless the credentials are complete and valid at `time` (seconds). No message contains a part of them.
 * `givenToken` is the argument that contains the session token if the credentials do not.
 */
export function checkCredentials(credentials: Credentials<unknown>, time: number, givenToken?: string): void {
  const { accessKeyId, secretAccessKey, signingKey, sessionToken, expiration } = credentials ?? {}
  if (!accessKeyId && !secretAccessKey && !signingKey)
    failCredentials('accessKeyId', 'missing', 'Pass { accessKeyId, secretAccessKey }.')
  checkString('accessKeyId', accessKeyId, /^[!-~]+$/)
  if (!signingKey) checkString('secretAccessKey', secretAccessKey, /^\S(?:.*\S)?$/s)
  // swapped, they have the lengths of AWS's: the secret would be in URLs
  if (accessKeyId!.length === 40 && /^A[KS]IA\w{16}$/.test(secretAccessKey ?? ''))
    failCredentials('accessKeyId', 'invalid', 'Swap it with secretAccessKey.')
  if (sessionToken && givenToken)
    fail('ERR_INVALID_ARG_VALUE', givenToken, 'conflict', 'Omit it: options.credentials.sessionToken is sent.')
  if (sessionToken || (!givenToken && accessKeyId!.startsWith('ASIA')))
    checkString('sessionToken', sessionToken, /^[!-~]+$/)
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

/** Throws unless credentials contain a secret from which a key can be derived now. `service` is set if the key is for one service only. */
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

/** Copies credentials, which the caller may change while something is awaited; a function is returned unchanged. */
export function copyCredentials<Source>(source: Source): Source {
  if (!isObject(source)) return source
  const { accessKeyId, secretAccessKey, sessionToken, expiration, signingKey } = source as unknown as SecretCredentials
  return { accessKeyId, secretAccessKey, sessionToken, expiration, signingKey } as Source
}

/** A signing key, and the secret that it was derived from, unless the key was passed. */
interface DerivedKey<Key, Name> {
  readonly secret: string | undefined
  readonly name: Name
  readonly key: Key
}

/** Keys derived from one credentials object, and its secret at that time. */
interface DerivedKeys<Key, Name> {
  readonly source: unknown
  readonly keys: DerivedKey<Key, Name>[]
}

/** Derived keys by name: the scope or, with Signature Version 4a, the access key ID. */
export interface KeyCache<Key, Name = Scope> {
  readonly isSame: (one: Name, other: Name) => boolean
  /** By the object that was passed. */
  readonly objects: WeakMap<object, DerivedKeys<Key, Name>>
  /** By secret and name, most recently used first: credentials may be a new object in each call. */
  recent: DerivedKey<Key, Name>[] | undefined
}

/** Maximum number of keys that are cached by secret and name. */
const MAX_RECENT = 50

/** Creates a cache for keys that sign. */
export function signingCache<Key, Name>(isSame: (one: Name, other: Name) => boolean): KeyCache<Key, Name> {
  return { isSame, objects: new WeakMap(), recent: [] }
}

/**
 * Creates a cache for keys that verify: only by object, because unauthenticated callers choose the scopes, and
 * could remove each other's keys.
 */
export function verifyingCache<Key, Name>(isSame: (one: Name, other: Name) => boolean): KeyCache<Key, Name> {
  return { isSame, objects: new WeakMap(), recent: undefined }
}

/** Returns the signing key for a scope. A signing key for a different scope is rejected. */
export function scopedKey<Key, Raw>(
  cache: KeyCache<Key>,
  credentials: Credentials<Raw>,
  scope: Scope,
  derive: (secretAccessKey: string | undefined, key: Raw | undefined, scope: Scope) => Key,
): Key {
  const { signingKey } = credentials
  if (signingKey && !isSameScope(signingKey, scope))
    fail(
      'ERR_SIGV4_KEY_SCOPE',
      'options.credentials.signingKey',
      'mismatch',
      `Derive a key for ${credentialScope(scope)}.`,
    )
  const latest = cache.recent?.[0]
  if (latest && latest.name.date < scope.date)
    cache.recent = cache.recent!.filter(({ name }) => name.date >= scope.date)
  return cachedKey(cache, credentials, scope, derive)
}

/** Returns a key from the cache, otherwise from `derive`. A changed secret on the same object is detected. */
export function cachedKey<Key, Name, Raw>(
  cache: KeyCache<Key, Name>,
  credentials: Credentials<Raw>,
  name: Name,
  derive: (secretAccessKey: string | undefined, key: Raw | undefined, name: Name) => Key,
): Key {
  const { signingKey, secretAccessKey } = credentials
  const secret = signingKey ? undefined : secretAccessKey
  const { isSame, objects, recent } = cache
  if (secret && recent)
    for (let i = 0; i < recent.length; i++) {
      const each = recent[i]!
      if (each.secret !== secret || !isSame(each.name, name)) continue
      if (i) {
        recent.copyWithin(1, 0, i)
        recent[0] = each
      }
      return each.key
    }
  const source = signingKey ? contentOf(signingKey.key) : secret
  const object = signingKey ?? credentials
  let known = objects.get(object)
  if (!known || known.source !== source || known.keys.length > 7) {
    known = { source, keys: [] } // holds the keys of a few regions around midnight
    objects.set(object, known)
  }
  for (const each of known.keys) if (isSame(each.name, name)) return each.key
  const added = { secret, name, key: derive(secret, signingKey?.key, name) }
  known.keys.push(added)
  if (secret && recent) {
    recent.length = Math.min(recent.length, MAX_RECENT - 1)
    recent.unshift(added)
  }
  return added.key
}

/** Removes a key that could not be derived. */
export function forgetKey<Key, Name>(cache: KeyCache<Key, Name>, credentials: Credentials<unknown>, key: Key): void {
  cache.objects.delete(credentials.signingKey ?? credentials)
  cache.recent = cache.recent?.filter((each) => each.key !== key)
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
