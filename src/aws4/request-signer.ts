import type { Credentials, Request, RequestInput } from './request.ts'

/** The methods of {@link RequestSigner}: all are public, and call each other through `this`. */
export interface SignerMethods {
  /** Returns service and region of a host; empty if it is not in `amazonaws.com`. */
  matchHost(host: string): [service: string, region: string]
  /** Returns whether the host of the service has no region. */
  isSingleRegion(): boolean
  /** Returns the host of the service in the region. */
  createHost(): string
  /** Adds headers or, with `signQuery`, parameters. */
  prepareRequest(): void
  /** Signs the request and returns it. */
  sign(): Request
  /** Returns the signed time: `datetime`, otherwise the `Date` header, otherwise now. */
  getDateTime(): string
  /** Returns the signed day: the first eight characters of the time. */
  getDate(): string
  /** Returns the value of the Authorization header. */
  authHeader(): string
  /** Returns the signature in hex. */
  signature(): string
  /** Returns the string to sign: algorithm, time, credential scope, and the hash of the canonical request. */
  stringToSign(): string
  /** Returns the canonical request. */
  canonicalString(): string
  /** Sets `filteredHeaders`. */
  filterHeaders(): void
  /** Returns the canonical headers, one per line. */
  canonicalHeaders(): string
  /** Returns the names of the signed headers, separated by semicolons. */
  signedHeaders(): string
  /** Returns the credential scope. */
  credentialString(): string
  /** Returns the credentials in the environment. */
  defaultCredentials(): Credentials
  /** Sets `parsedPath`. */
  parsePath(): void
  /** Returns the path as sent. */
  formatPath(): string
}

/** A signer of one request. Its fields may be changed. */
export interface RequestSigner extends SignerMethods {
  request: Request
  credentials: Credentials
  service: string
  region: string
  /** Whether this is the `GIT` request of CodeCommit, whose signature is a password. */
  isCodeCommitGit: boolean
  extraHeadersToIgnore: Record<string, boolean>
  extraHeadersToInclude: Record<string, boolean>
  /** Path and query, which is `null` without a `?`; set by `parsePath`. */
  parsedPath?: { path: string; query: Record<string, string | string[]> }
  /** The signed time, once it is known: `20150830T123600Z`. */
  datetime?: string
  /** Lowercase names and values of the signed headers, sorted, once they are known. */
  filteredHeaders?: [name: string, value: string][]
}

/** A function to call with `new` or, as in aws4, on an object: old-style subclasses call it on theirs. */
export interface RequestSignerConstructor {
  new (request: string | RequestInput, credentials?: Credentials | null): RequestSigner
  readonly prototype: RequestSigner
}
