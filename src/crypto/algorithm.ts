import type { SecretCredentials } from '../core/signing/credentials.ts'

/** Returns whether a signature, as received, is that of a string. */
export type Verifier = (message: string, signature: string) => Promise<boolean>

/** An algorithm besides Signature Version 4, which `verify` and `signChunks` accept if it is passed: `sigv4a` of `sigv4/sigv4a`. */
export interface SignatureAlgorithm {
  /** The first line of its strings to sign, such as `AWS4-ECDSA-P256-SHA256`. */
  readonly name: string
  /**
   * Returns a verifier for the signatures of credentials; without credentials, one that rejects all after the same work. With
   * `equalWork`, it reads no cache, so that the time does not show which access key IDs are known.
   */
  readonly verifier: (credentials: SecretCredentials | undefined, equalWork?: boolean) => Promise<Verifier>
  /** Returns whether a set of regions, as received, includes a region. */
  readonly includes: (regionSet: string, region: string) => boolean
}
