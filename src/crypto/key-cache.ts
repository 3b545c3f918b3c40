import { fail } from '../core/errors.ts'
import type { Credentials } from '../core/signing/credentials.ts'
import { credentialScope, isSameScope, type Scope } from '../core/signing/scope.ts'

// Derived keys are the only state that outlives a call.

/** A signing key, and the secret or the contents of the key that it was derived from. */
interface DerivedKey<Key, Name> {
  readonly source: unknown
  readonly name: Name
  readonly key: Key
}

/** Derived keys by name: the scope or, with Signature Version 4a, the access key ID. Each list has the latest first. */
export interface KeyCache<Key, Name = Scope> {
  readonly isSame: (one: Name, other: Name) => boolean
  /** By the object that was passed. */
  objects: WeakMap<object, DerivedKey<Key, Name>[]>
  /** By secret: credentials may be a new object in each call. */
  recent: DerivedKey<Key, Name>[] | undefined
}

/** All caches, each of whose members is replaced when its keys are forgotten. */
const CACHES: { objects: WeakMap<object, unknown>; recent: unknown[] | undefined }[] = []

/** Creates a cache for keys that sign. */
export function signingCache<Key, Name>(isSame: (one: Name, other: Name) => boolean): KeyCache<Key, Name> {
  return cacheOf(isSame, [])
}

/**
 * Creates a cache for keys that verify: only by object, because unauthenticated callers choose the scopes, and
 * could remove each other's keys.
 */
export function verifyingCache<Key, Name>(isSame: (one: Name, other: Name) => boolean): KeyCache<Key, Name> {
  return cacheOf(isSame, undefined)
}

function cacheOf<Key, Name>(
  isSame: KeyCache<Key, Name>['isSame'],
  recent: KeyCache<Key, Name>['recent'],
): KeyCache<Key, Name> {
  const cache = { isSame, objects: new WeakMap(), recent }
  CACHES.push(cache)
  return cache
}

/**
 * Forgets the signing keys that were derived and kept for later calls, in every entry of this package, except those that
 * aliases keep as their originals do: `sigv4/aws4`, each `AwsClient`, and `getSigningKey` of `sigv4/smithy`. The next call
 * derives its key again. Keys are kept in memory only: the last 50, and up to 8 for each credentials object in use.
 *
 * @example
 * ```ts
 * import { forgetSigningKeys } from 'sigv4'
 *
 * process.once('SIGTERM', () => forgetSigningKeys())
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#derive-signing-key
 */
export function forgetSigningKeys(): void {
  for (const cache of CACHES) {
    cache.objects = new WeakMap()
    cache.recent &&= []
  }
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
  const { signingKey } = credentials
  const secret = signingKey ? undefined : credentials.secretAccessKey
  const source = signingKey ? contentOf(signingKey.key) : secret
  const object = signingKey ?? credentials
  const { isSame, objects, recent } = cache
  const own = objects.get(object) ?? []
  const shared = secret && recent ? recent : []
  const isWanted = (each: DerivedKey<Key, Name>): boolean => each.source === source && isSame(each.name, name)
  const known = own.find(isWanted)
  if (known) return known.key
  const i = shared.findIndex(isWanted)
  const [used] = i < 0 ? [{ source, name, key: derive(secret, signingKey?.key, name) }] : shared.splice(i, 1)
  objects.set(object, own)
  if (own.unshift(used!) > 8) own.pop() // a few regions around midnight
  if (shared.unshift(used!) > 50) shared.pop()
  return used!.key
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
