import type { KeyCache, SecretCredentials } from '../core/signing/credentials.ts'
import type { Verifier } from '../crypto/algorithm.ts'
import { hex, randomBytes, subtle, utf8 } from '../crypto/webcrypto.ts'
import { parseDer } from './der.ts'
import { cachedKey4a, fromHex } from './key.ts'
import { publicKey } from './p256.ts'
import { checkCrypto, derivePrivateKey, ECDSA, importPrivateKey } from './webcrypto.ts'

const cache: KeyCache<Promise<CryptoKey>> = /* @__PURE__ */ new WeakMap()

/** Returns the key that verifies the signatures of a private key. */
async function importPublicKey(scalar: Uint8Array): Promise<CryptoKey> {
  const key = await importPrivateKey(scalar, true)
  // the runtime computes the public key, but Firefox does not export it
  const exported = await subtle()
    .exportKey('jwk', key)
    .catch(() => undefined)
  if (!exported) return subtle().importKey('raw', publicKey(scalar), ECDSA, false, ['verify'])
  const { kty, crv, x, y } = exported
  return subtle().importKey('jwk', { kty, crv, x, y } as JsonWebKey, ECDSA, false, ['verify'])
}

/** Returns the verifying key of credentials. It is derived once per credentials object. */
function verifyingKey(credentials: SecretCredentials): Promise<CryptoKey> {
  return cachedKey4a(cache, credentials, (accessKeyId, secretAccessKey) => {
    const key = derivePrivateKey(accessKeyId, secretAccessKey).then(importPublicKey)
    key.catch(() => cache.delete(credentials)) // failures are not cached
    return key
  })
}

/** Returns what verifies the signatures of credentials; without credentials, what rejects all after the same work. */
export async function verifier(credentials: SecretCredentials | undefined): Promise<Verifier> {
  checkCrypto()
  const random = (): string => hex(randomBytes())
  const key = await verifyingKey(credentials ?? { accessKeyId: random(), secretAccessKey: random() })
  return async (message, signature) => {
    const numbers = parseDer(signature)
    if (!numbers) return false
    const isValid = await subtle().verify(ECDSA, key, fromHex(numbers), utf8(message))
    return isValid && credentials !== undefined
  }
}
