import type { Credentials, SecretCredentials } from '../core/signing/credentials.ts'
import type { SignOptions } from '../core/signing/options.ts'
import type { AnyScopeInput, Scope, ScopeInput } from '../core/signing/scope.ts'
import type { SignInput, UnsignedRequest } from '../core/signing/sign.ts'
import type { AnyContext, RequestContext } from '../core/signing/string-to-sign.ts'

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

/** The part of an algorithm that verifies; Signature Version 4 has no sets of regions. */
export interface Verifying extends Pick<SignatureAlgorithm, 'name'>, Partial<Pick<SignatureAlgorithm, 'includes'>> {
  /** As in {@link SignatureAlgorithm}; `scope` is that of the request. */
  verifier(credentials: Credentials<unknown> | undefined, equalWork: boolean, scope: Scope): Promise<Verifier>
}

/** The part of an algorithm that signs. `Signature` is a promise, unless the algorithm is synchronous. */
export interface Signing<
  Input extends AnyScopeInput = ScopeInput,
  Context extends AnyContext = RequestContext,
  Signature = Promise<string>,
> {
  /** Returns the time and scope to sign with at `now`, epoch milliseconds. */
  readonly context: (scope: Input, now: number) => Context
  /** Returns the key of credentials, or a promise of it. */
  readonly key: (credentials: Credentials<unknown>, context: Context) => unknown
  sign(key: unknown, stringToSign: string): Signature
}

/** The part of an algorithm that signs requests with chunks. */
export interface ChunkSigning<Input extends AnyScopeInput = ScopeInput, Context extends AnyContext = RequestContext> {
  readonly signing: Signing<Input, Context>
  /** Length of a signature in the body: shorter ones are padded. */
  readonly signatureLength: number
  readonly readSign: (request: UnsignedRequest, options: ChunkedOptions) => SignInput<Input>
}

/** The options of `sign`, with a region set in place of the region for Signature Version 4a. */
export interface ChunkedOptions extends SignOptions<unknown> {
  readonly regionSet?: string | readonly string[] | undefined
}
