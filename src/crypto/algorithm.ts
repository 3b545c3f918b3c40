import type { Credentials, SecretCredentials } from '../core/signing/credentials.ts'
import type { AnyScopeInput, ScopeInput } from '../core/signing/input.ts'
import type { SignOptions } from '../core/signing/options.ts'
import type { SignInput, UnsignedRequest } from '../core/signing/sign.ts'
import type { AnyContext, RequestContext, Unsigned } from '../core/signing/string-to-sign.ts'

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

/** Functions that sign requests with an algorithm. `Signature` is a promise, unless the algorithm is synchronous. */
export interface Signing<
  Scope extends AnyScopeInput = ScopeInput,
  Context extends AnyContext = RequestContext,
  Signature = Promise<string>,
> {
  /** Returns the time and scope to sign with at `now`, epoch milliseconds. */
  readonly context: (scope: Scope, now: number) => Context
  /** Computes the signature of a request. */
  readonly signature: (unsigned: Unsigned<Context>, credentials: Credentials<unknown>) => Signature
}

/** Functions that sign requests and their chunks with an algorithm. */
export interface ChunkSigning<Scope extends AnyScopeInput = ScopeInput, Context extends AnyContext = RequestContext>
  extends Pick<Signing<Scope, Context>, 'context'> {
  /** Length of a signature in the body: shorter ones are padded. */
  readonly signatureLength: number
  /** Reads a request to sign, and its options. */
  readonly readSign: (request: UnsignedRequest, options: ChunkedOptions) => SignInput<Scope>
  /** Returns a function that signs strings. */
  readonly signer: (
    credentials: Credentials<unknown>,
    context: Context,
  ) => Promise<(stringToSign: string) => Promise<string>>
}

/** The options of `sign`, with a region set in place of the region for Signature Version 4a. */
export interface ChunkedOptions extends SignOptions<unknown> {
  readonly regionSet?: string | readonly string[] | undefined
}

/** All of an algorithm. Functions take the part that they use, so that bundles contain no more. */
export interface Algorithm<Scope extends AnyScopeInput, Context extends AnyContext>
  extends SignatureAlgorithm,
    Signing<Scope, Context>,
    ChunkSigning<Scope, Context> {}
