import { fail } from '../core/errors.ts'
import { type Credentials, type KeyCache, signingCache } from '../core/signing/credentials.ts'
import { formatStringToSign, type Unsigned } from '../core/signing/string-to-sign.ts'
import { nodeCrypto, type PrivateKey } from '../crypto/runtime.ts'
import { deriveSigningKey, sha256Hex } from '../crypto/sha256.ts'
import { cachedKey4a, derivationInput, pkcs8, privateScalar } from './key.ts'

// The counterpart of webcrypto.ts: the same names with node:crypto, whose signatures take the same time for every key, which
// JavaScript could not. They are random as those of Web Crypto.

const cache: KeyCache<PrivateKey> = /* @__PURE__ */ signingCache()

function crypto(): NonNullable<ReturnType<typeof nodeCrypto>> {
  return nodeCrypto() ?? fail('ERR_SIGV4_CRYPTO_UNAVAILABLE', 'node:crypto', 'missing', "Import from 'sigv4/sigv4a'.")
}

/** Derives the private key of a secret, 32 bytes. */
export function derivePrivateKey(accessKeyId: string, secretAccessKey: string): Uint8Array {
  for (let round = 1; ; round++) {
    // the key for the HMAC starts with AWS4A, of which AWS4 is added there
    const candidate = deriveSigningKey(`A${secretAccessKey}`, [derivationInput(accessKeyId, round)])
    const scalar = privateScalar(candidate)
    if (scalar) return scalar
  }
}

/** Returns the signing key of credentials. It is derived once per access key. */
function signingKey(credentials: Credentials<unknown>): PrivateKey {
  return cachedKey4a(cache, credentials, (accessKeyId, secretAccessKey) => {
    const key = pkcs8(derivePrivateKey(accessKeyId, secretAccessKey))
    return crypto().createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  })
}

/** Computes the signature of a request. */
export function signature({ context, canonicalRequest }: Unsigned, credentials: Credentials<unknown>): string {
  const key = signingKey(credentials)
  const stringToSign = formatStringToSign(context, sha256Hex(canonicalRequest))
  return crypto().createSign('sha256').update(stringToSign).sign(key, 'hex')
}
