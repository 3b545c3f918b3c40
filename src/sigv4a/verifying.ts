import { fail } from '../core/errors.ts'
import type { SecretCredentials } from '../core/signing/credentials.ts'
import type { Verifier } from '../crypto/algorithm.ts'
import { forgetKey, type KeyCache, verifyingCache } from '../crypto/key-cache.ts'
import { fromHex, hex, randomBytes, subtle, utf8 } from '../crypto/webcrypto.ts'
import { parseDer } from './der.ts'
import { cachedKey4a } from './key.ts'
import { checkCrypto, derivePrivateKey, ECDSA, importPrivateKey } from './webcrypto.ts'

const cache: KeyCache<Promise<CryptoKey>, string> = /* @__PURE__ */ verifyingCache(Object.is)

/** Returns the key that verifies the signatures of a private key, whose public key the runtime computes. */
async function importPublicKey(scalar: Uint8Array): Promise<CryptoKey> {
  const key = await importPrivateKey(scalar, true)
  const exported = await subtle()
    .exportKey('jwk', key)
    .catch(() =>
      fail(
        'ERR_SIGV4_CRYPTO_UNAVAILABLE',
        'crypto.subtle',
        'unusable',
        'Firefox does not export public keys. Verify in a different runtime.',
      ),
    )
  const { kty, crv, x, y } = exported
  return subtle().importKey('jwk', { kty, crv, x, y } as JsonWebKey, ECDSA, false, ['verify'])
}

async function deriveKey(accessKeyId: string, secretAccessKey: string): Promise<CryptoKey> {
  return importPublicKey(await derivePrivateKey(accessKeyId, secretAccessKey))
}

/** Returns the verifying key of credentials. It is derived once per credentials object. */
function verifyingKey(credentials: SecretCredentials): Promise<CryptoKey> {
  return cachedKey4a(cache, credentials, (accessKeyId, secretAccessKey) => {
    const key = deriveKey(accessKeyId, secretAccessKey)
    key.catch(() => forgetKey(cache, credentials, key)) // failures are not cached
    return key
  })
}

/**
 * Returns a verifier for the signatures of credentials; without credentials, one that rejects all after the same work.
 * With `equalWork`, it reads no cache, so that the time does not show which access key IDs are known.
 */
export async function verifier(credentials: SecretCredentials | undefined, equalWork = false): Promise<Verifier> {
  checkCrypto()
  const { accessKeyId, secretAccessKey } = credentials ?? {
    accessKeyId: hex(randomBytes()),
    secretAccessKey: hex(randomBytes()),
  }
  const key = await (credentials && !equalWork ? verifyingKey(credentials) : deriveKey(accessKeyId, secretAccessKey))
  return async (message, signature) => {
    const numbers = parseDer(signature)
    if (!numbers) return false
    const isValid = await subtle().verify(ECDSA, key, fromHex(numbers), utf8(message))
    return isValid && credentials !== undefined
  }
}
