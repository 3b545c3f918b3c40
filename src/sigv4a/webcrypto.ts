import { fail } from '../core/errors.ts'
import { formatCanonicalRequest } from '../core/signing/canonical-request.ts'
import { type Credentials, forgetKey, type KeyCache, signingCache } from '../core/signing/credentials.ts'
import { formatStringToSign, type RequestContext, type Unsigned } from '../core/signing/string-to-sign.ts'
import { deriveSigningKey, hasSubtle, hex, sha256Hex, subtle, utf8 } from '../crypto/webcrypto.ts'
import { formatDer } from './der.ts'
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
  return cachedKey4a(cache, credentials, (accessKeyId, secretAccessKey) => {
    const key = derivePrivateKey(accessKeyId, secretAccessKey).then((scalar) => importPrivateKey(scalar, false))
    key.catch(() => forgetKey(cache, credentials, key)) // failures are not cached
    return key
  })
}

async function sign(key: CryptoKey, stringToSign: string): Promise<string> {
  return formatDer(hex(await subtle().sign(ECDSA, key, utf8(stringToSign))))
}

/** Returns a function that signs strings. */
export async function signer(credentials: Credentials<unknown>): Promise<(stringToSign: string) => Promise<string>> {
  checkCrypto()
  const key = await signingKey(credentials)
  return (stringToSign) => sign(key, stringToSign)
}

/** Computes the signature of a request. The request is hashed while the key is still being derived. */
export async function signature(
  { context, parts }: Unsigned<RequestContext<undefined>>,
  credentials: Credentials<unknown>,
): Promise<string> {
  checkCrypto()
  const key = signingKey(credentials)
  const hash = await sha256Hex(formatCanonicalRequest(parts))
  return sign(await key, formatStringToSign(context, hash))
}
