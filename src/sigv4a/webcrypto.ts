import { fail } from '../core/errors.ts'
import type { Credentials } from '../core/signing/credentials.ts'
import type { RequestContext } from '../core/signing/string-to-sign.ts'
import type { Signing } from '../crypto/algorithm.ts'
import { forgetKey, type KeyCache, signingCache } from '../crypto/key-cache.ts'
import { deriveSigningKey, hasSubtle, hex, subtle, utf8 } from '../crypto/webcrypto.ts'
import { formatDer } from './der.ts'
import { type RegionSetInput, signingContext4a } from './input.ts'
import { cachedKey4a, derivationInput, pkcs8, privateScalar } from './key.ts'

/** ECDSA with SHA-256 on P-256, for all functions of Web Crypto. */
export const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

const cache: KeyCache<Promise<CryptoKey>, string> = /* @__PURE__ */ signingCache(Object.is)

/** Throws if the runtime has no Web Crypto. */
export function checkCrypto(): void {
  if (!hasSubtle())
    fail(
      'ERR_SIGV4_CRYPTO_UNAVAILABLE',
      'crypto.subtle',
      'missing',
      'Use it on an https:// page, on localhost, or on a server.',
    )
}

/** Derives the private key of a secret, 32 bytes. */
export async function derivePrivateKey(accessKeyId: string, secretAccessKey: string): Promise<Uint8Array> {
  for (let round = 1; ; round++) {
    // the key for the HMAC starts with AWS4A, of which AWS4 is added there
    const candidate = await deriveSigningKey(`A${secretAccessKey}`, [derivationInput(accessKeyId, round)])
    const scalar = privateScalar(candidate)
    if (scalar) return scalar
  }
}

/** Imports a private key. If it is `extractable`, the runtime exports its public key, too. */
export function importPrivateKey(scalar: Uint8Array, extractable: boolean): Promise<CryptoKey> {
  return subtle().importKey('pkcs8', pkcs8(scalar), ECDSA, extractable, ['sign'])
}

/** Returns the signing key of credentials, which cannot be read. It is derived once per access key. */
function signingKey(credentials: Credentials<unknown>): Promise<CryptoKey> {
  checkCrypto()
  return cachedKey4a(cache, credentials, (accessKeyId, secretAccessKey) => {
    const key = derivePrivateKey(accessKeyId, secretAccessKey).then((scalar) => importPrivateKey(scalar, false))
    key.catch(() => forgetKey(cache, credentials, key)) // failures are not cached
    return key
  })
}

async function sign(key: CryptoKey, stringToSign: string): Promise<string> {
  return formatDer(hex(await subtle().sign(ECDSA, key, utf8(stringToSign))))
}

/** The part of Signature Version 4a that signs. */
export const SIGNING: Signing<RegionSetInput, RequestContext<undefined>> = {
  context: signingContext4a,
  key: signingKey,
  sign,
}
