import { fail } from '../core/errors.ts'
import type { Credentials } from '../core/signing/credentials.ts'
import { ALGORITHM_4A } from '../core/signing/string-to-sign.ts'
import { cachedKey, type KeyCache } from '../crypto/key-cache.ts'
import { fromHex } from '../crypto/webcrypto.ts'

/** The largest candidate for a private key, which is one more: the order of P-256 minus two. */
const LARGEST = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f'

/** A private key of P-256 in PKCS #8 without its public key, up to the 32 bytes of the key. */
const PKCS8 = '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420'

/**
 * Returns the string to hash with the secret for a candidate: the input of NIST SP 800-108 in counter mode, for 256 bits.
 *
 * @param round - 1, and 2 once in 2^32 keys.
 */
export function derivationInput(accessKeyId: string, round: number): string {
  return `\0\0\0\x01${ALGORITHM_4A}\0${accessKeyId}${String.fromCharCode(round)}\0\0\x01\0`
}

/**
 * Returns the private key of a candidate, which is one more; `undefined` if that is not less than the order of the curve.
 * The time that this takes does not depend on the candidate.
 */
export function privateScalar(candidate: Uint8Array): Uint8Array | undefined {
  const largest = fromHex(LARGEST)
  const scalar = new Uint8Array(32)
  let borrow = 0
  let carry = 1
  for (let i = 31; i >= 0; i--) {
    borrow = ((largest[i]! - candidate[i]! - borrow) >> 8) & 1
    carry += candidate[i]!
    scalar[i] = carry
    carry >>= 8
  }
  return borrow ? undefined : scalar
}

/** Returns a private key in PKCS #8. All runtimes compute the public key, which is left out. */
export function pkcs8(scalar: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(...fromHex(PKCS8), ...scalar)
}

/** Returns the key of credentials, which is the same for all days, regions and services, from a cache or `derive`. */
export function cachedKey4a<Key>(
  cache: KeyCache<Key, string>,
  credentials: Credentials<unknown>,
  derive: (accessKeyId: string, secretAccessKey: string) => Key,
): Key {
  const { accessKeyId, signingKey } = credentials
  if (signingKey)
    fail(
      'ERR_SIGV4_KEY_SCOPE',
      'options.credentials.signingKey',
      'unusable',
      'Pass secretAccessKey: a key for one day, region and service cannot sign with Signature Version 4a.',
    )
  return cachedKey(cache, credentials, accessKeyId, (secretAccessKey) => derive(accessKeyId, secretAccessKey!))
}
