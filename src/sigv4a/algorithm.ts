import { includesRegion } from '../core/received/claim.ts'
import { ALGORITHM_4A } from '../core/signing/string-to-sign.ts'
import type { SignatureAlgorithm } from '../crypto/algorithm.ts'
import type { ChunkAlgorithm } from '../crypto/chunk-algorithm.ts'
import { readSign4a, signingContext4a } from './input.ts'
import { verifier } from './verifying.ts'
import { signer } from './webcrypto.ts'

const algorithm: SignatureAlgorithm & ChunkAlgorithm = {
  name: ALGORITHM_4A,
  verifier,
  includes: includesRegion,
  signatureLength: 144,
  readSign: readSign4a,
  signingContext: signingContext4a,
  signer,
}

/**
 * Signature Version 4a, for functions that sign and accept only Signature Version 4 unless an algorithm is passed:
 * `signChunks` of `sigv4/streams`, and `verify` of `sigv4/verify`.
 *
 * @example
 * ```ts
 * import { sigv4a } from 'sigv4/sigv4a'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * const verifies = await sigv4a.verifier(credentials)
 * console.log(await verifies('AWS4-ECDSA-P256-SHA256\n…', '3045…'))
 * ```
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export const sigv4a: SignatureAlgorithm = algorithm
