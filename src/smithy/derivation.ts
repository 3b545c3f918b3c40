import { bodyContent } from '../core/http/body.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import { isSameScope } from '../core/signing/scope.ts'
import { type KeyCache, signingCache } from '../crypto/key-cache.ts'
import { type HmacKey, hex, signingKey, utf8 } from '../crypto/webcrypto.ts'
import { KEY_TYPE_IDENTIFIER, MAX_CACHE_SIZE } from './constants.ts'
import type { HashConstructor } from './options.ts'

/** The keys of `SignatureV4`, which the runtime derives. */
const runtime: { keys: KeyCache<Promise<HmacKey>> } = { keys: /* @__PURE__ */ signingCache(isSameScope) }

/** The keys that a given hash derived, the oldest first, by scope and a hash of the secret. */
const derived: Map<string, Uint8Array> = /* @__PURE__ */ new Map()

/** Returns the key of `SignatureV4` for a scope. */
export function runtimeKey(
  credentials: SecretCredentials,
  date: string,
  region: string,
  service: string,
): Promise<HmacKey> {
  return signingKey(credentials, { date, region, service }, runtime.keys)
}

/**
 * Formats a credential scope.
 *
 * @param shortDate - The day, `20150830`.
 * @param region - The region.
 * @param service - The signing name of the service.
 * @returns `20150830/eu-west-1/sqs/aws4_request`, for example.
 */
export function createScope(shortDate: string, region: string, service: string): string {
  return `${shortDate}/${region}/${service}/${KEY_TYPE_IDENTIFIER}`
}

/**
 * Derives a signing key with a given hash. The last 50 keys are kept.
 *
 * @param sha256Constructor - Computes HMAC-SHA-256.
 * @param credentials - The credentials with the secret.
 * @param shortDate - The day, `20150830`.
 * @param region - The region.
 * @param service - The signing name of the service.
 * @returns The key. Do not change it: later calls return the same array.
 * @throws The errors of the hash.
 */
export async function getSigningKey(
  sha256Constructor: HashConstructor,
  credentials: SecretCredentials,
  shortDate: string,
  region: string,
  service: string,
): Promise<Uint8Array> {
  const { accessKeyId, secretAccessKey } = credentials
  const secretHash = await digestHex(sha256Constructor, accessKeyId, secretAccessKey)
  const name = JSON.stringify([secretHash, shortDate, region, service])
  const known = derived.get(name)
  if (known) return known
  let key: string | Uint8Array = `AWS4${secretAccessKey}`
  for (const part of [shortDate, region, service, KEY_TYPE_IDENTIFIER]) key = await digest(sha256Constructor, part, key)
  derived.set(name, key as Uint8Array)
  if (derived.size > MAX_CACHE_SIZE) derived.delete(derived.keys().next().value!)
  return key as Uint8Array
}

/** Removes the keys that were kept, also those of `SignatureV4`. */
export function clearCredentialCache(): void {
  runtime.keys = signingCache(isSameScope)
  derived.clear()
}

/** Computes a hash, or with a key an HMAC, as the interface of @smithy/types requires. */
async function digest(
  Hash: HashConstructor,
  data: string | Uint8Array,
  ...key: [(string | Uint8Array)?]
): Promise<Uint8Array> {
  const hash = new Hash(...key)
  hash.update(typeof data === 'string' ? utf8(data) : (bodyContent(data) as Uint8Array))
  return hash.digest()
}

/** Computes the same in lowercase hex. */
export async function digestHex(...given: Parameters<typeof digest>): Promise<string> {
  return hex(await digest(...given))
}
