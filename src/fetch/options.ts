import type { Credentials } from '../async/credentials.ts'
import { fail } from '../core/errors.ts'
import { checkMembers, members } from '../core/members.ts'
import { checkCredentials } from '../core/signing/credentials.ts'
import type { SignOptions } from '../core/signing/options.ts'

export type { Credentials, ScopedCredentials, SigningKey } from '../async/credentials.ts'

/** The runtime's `fetch`, as the types of the compiling project define it. */
export type WebFetch = typeof globalThis extends { fetch: infer Fetch extends (...args: never) => unknown }
  ? Fetch
  : never

/** A function that returns credentials, such as a credential provider of the AWS SDK. */
export type CredentialsProvider = (options?: {
  /** `true` if a service rejected the credentials as expired: return new ones. Set at most once in 10 seconds. */
  readonly forceRefresh?: boolean
}) => Credentials | Promise<Credentials>

/** Signing options of a single request. */
export interface SignedRequestOptions extends Omit<SignOptions<never>, 'credentials'> {}

/** How often a request is sent. */
export interface RetryOptions {
  /** Maximum number of attempts, the first included. @default 3; 4 for DynamoDB */
  readonly attempts?: number | undefined
  /** Maximum wait before the first retry, in milliseconds; 1,000 after throttling. @default 50; 25 for DynamoDB */
  readonly baseDelay?: number | undefined
  /**
   * Whether a POST or PATCH is also repeated after a network error, when the service may already have processed it.
   * @default false
   */
  readonly unsafe?: boolean | undefined
}

/** Why a request is sent again. */
export type RetryReason = 'throttling' | 'transient' | 'network' | 'clock' | 'credentials' | 'region' | 'redirect'

/** An attempt that has ended, for logs. It contains no header, no body and no query string. */
export interface Attempt {
  /** Number of this attempt, from 1. */
  readonly attempt: number
  readonly method: string
  /** The URL without its query string. */
  readonly url: string
  /** Status of the response; `undefined` after a network error. */
  readonly status: number | undefined
  /** Error code of the service, such as `ThrottlingException`. */
  readonly code: string | undefined
  /** What `fetch` threw. */
  readonly error: unknown
  /** Why the request will be sent again; `undefined` if it will not. */
  readonly retry: RetryReason | undefined
  /** Milliseconds until then. */
  readonly wait: number
}

/** Options of `createSignedFetch`. */
export interface SignedFetchOptions extends SignedRequestOptions {
  /** Credentials, or a function that returns them; its result is cached and refreshed before it expires. */
  readonly credentials: Credentials | CredentialsProvider
  /** Function that sends the signed requests. @default the global `fetch` */
  readonly fetch?: WebFetch | undefined
  /** How often a request is sent; `false` sends it once. @default `{ attempts: 3, baseDelay: 50, unsafe: false }` */
  readonly retry?: false | RetryOptions | undefined
  /** Whether requests are signed with the host's time if it differs from this machine's by at most a day. @default true */
  readonly clockSkewCorrection?: boolean | undefined
  /** Whether a request for an S3 bucket is repeated in the bucket's region. @default true */
  readonly followRegion?: boolean | undefined
  /** Maximum length of a stream that is read before it is sent, in bytes. @default 16,777,216 */
  readonly maxBufferedBytes?: number | undefined
  /** Receives each attempt after it has ended, for logs. @default none */
  readonly onAttempt?: ((attempt: Attempt) => void) | undefined
}

/** A `fetch` that signs. `init.aws` contains signing options of the single request. */
export type SignedFetch = (
  input: Parameters<WebFetch>[0],
  init?: Parameters<WebFetch>[1] & { readonly aws?: SignedRequestOptions | undefined },
) => ReturnType<WebFetch>

const OPTIONS = /* @__PURE__ */ members(
  'credentials fetch retry clockSkewCorrection followRegion maxBufferedBytes onAttempt region service payloadHash payloadHashHeader signingDate pathEncoding pathNormalization sessionTokenPlacement sessionTokenName signHeaders unsignedHeaders checksum',
)
const RETRY = /* @__PURE__ */ members('attempts baseDelay unsafe')

/** Throws for invalid options. The values of those of signing are checked when a request is signed. */
export function checkOptions(options: SignedFetchOptions): void {
  checkMembers('options', options, OPTIONS)
  const { credentials, fetch: send, retry, maxBufferedBytes, clockSkewCorrection, followRegion, onAttempt } = options
  if (typeof credentials !== 'function') checkCredentials(credentials, Date.now() / 1000)
  if (retry) checkMembers('options.retry', retry, RETRY)
  const { attempts, baseDelay, unsafe } = retry || {}
  const numbers = { 'retry.attempts': attempts, 'retry.baseDelay': baseDelay, maxBufferedBytes }
  const kinds = {
    function: { fetch: send, onAttempt },
    boolean: { 'retry.unsafe': unsafe, clockSkewCorrection, followRegion },
    number: numbers,
  }
  for (const [type, values] of Object.entries(kinds))
    for (const [name, value] of Object.entries(values))
      if (value !== undefined && typeof value !== type) fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type')
  for (const [name, value] of Object.entries(numbers)) {
    const least = name === 'retry.attempts' ? 1 : 0
    if (value !== undefined && !(value >= least))
      fail('ERR_INVALID_ARG_VALUE', `options.${name}`, 'range', `Pass ${least} or more.`)
  }
}
