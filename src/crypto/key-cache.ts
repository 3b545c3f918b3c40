import { fail } from '../core/errors.ts'
import type { Credentials } from '../core/signing/credentials.ts'
import { credentialScope, isSameScope, type Scope } from '../core/signing/scope.ts'

// Derived keys are the only state that outlives a call.

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
  objects: WeakMap<object, DerivedKeys<Key, Name>>
  /** By secret and name, most recently used first: credentials may be a new object in each call. */
  recent: DerivedKey<Key, Name>[] | undefined
}

/** All caches, each of whose members is replaced when its keys are forgotten. */
const CACHES: { objects: WeakMap<object, unknown>; recent: unknown[] | undefined }[] = []

/** Maximum number of keys that are cached by secret and name. */
const MAX_RECENT = 50

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
 * Forgets all signing keys that were derived and kept for later calls, in every entry of this package except `sigv4/aws4`,
 * which keeps them as aws4 does. The next call derives its key again. Keys are kept in memory only: at most 50 that sign,
 * and those of credentials objects that are still in use.
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
