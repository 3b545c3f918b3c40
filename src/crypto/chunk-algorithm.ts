import type { Credentials } from '../core/signing/credentials.ts'
import type { ScopeInput } from '../core/signing/input.ts'
import type { SignOptions } from '../core/signing/options.ts'
import type { Scope } from '../core/signing/scope.ts'
import type { SignInput, UnsignedRequest } from '../core/signing/sign.ts'
import type { RequestContext } from '../core/signing/string-to-sign.ts'

/** What `signChunks` uses of an algorithm; the types of the package do not show it. */
export interface ChunkAlgorithm {
  /** Length of a signature in the body: shorter ones are padded. */
  readonly signatureLength: number
  /** Reads a request to sign, and its options. */
  readonly readSign: (request: UnsignedRequest, options: ChunkAlgorithmOptions) => SignInput
  /** Returns what a request is signed with at a time, epoch milliseconds. */
  readonly signingContext: (scope: ScopeInput, now: number) => RequestContext
  /** Returns what signs strings with credentials. */
  readonly signer: (
    credentials: Credentials<unknown>,
    scope: Scope,
  ) => Promise<(stringToSign: string) => Promise<string>>
}

/** Options of a {@link ChunkAlgorithm}: those of `sign`, with a region set in place of the region. */
export interface ChunkAlgorithmOptions extends SignOptions<unknown> {
  readonly regionSet?: string | readonly string[] | undefined
}
