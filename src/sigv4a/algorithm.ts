import { ALGORITHM_4A, type RequestContext } from '../core/signing/string-to-sign.ts'
import type { ChunkSigning, SignatureAlgorithm } from '../crypto/algorithm.ts'
import { includesRegion } from '../received/claim.ts'
import { type RegionSetInput, readSign4a } from './input.ts'
import { verifier } from './verifying.ts'
import { SIGNING } from './webcrypto.ts'

/** All of Signature Version 4a. */
const SIGV4A: SignatureAlgorithm & ChunkSigning<RegionSetInput, RequestContext<undefined>> = {
  name: ALGORITHM_4A,
  signing: SIGNING,
  signatureLength: 144,
  readSign: readSign4a,
  verifier,
  includes: includesRegion,
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
export const sigv4a: SignatureAlgorithm = SIGV4A
