import type { Credentials, CredentialsProvider } from '../async/credentials.ts'
import { timerRule } from '../core/durations.ts'
import type { WebFetch } from '../core/http/platform.ts'
import { checkOptions, optionRules, type Rule, typeRule } from '../core/rules.ts'
import { checkCredentials } from '../core/signing/credentials.ts'
import type { SignOptions } from '../core/signing/options.ts'

/** Signing options of a single request. */
export interface SignedRequestOptions extends Omit<SignOptions<never>, 'credentials'> {}

/** Options for retrying requests. */
export interface RetryOptions {
  /** Maximum number of attempts, the first included. @default 3; 4 for DynamoDB */
  readonly attempts?: number | undefined
  /** Maximum wait before the first retry, `'50ms'`; `'1s'` after throttling. @default `'50ms'`; `'25ms'` for DynamoDB */
  readonly baseDelay?: string | undefined
  /**
   * Whether a POST or PATCH is also repeated after a network error, when the service may already have processed it.
   * @default false
   */
  readonly unsafe?: boolean | undefined
}

/** The reason for sending a request again. */
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
  /** The error that `fetch` threw. */
  readonly error: unknown
  /** The reason for the next attempt; `undefined` if there is none. */
  readonly retry: RetryReason | undefined
  /** Milliseconds until the next attempt. */
  readonly wait: number
}

/** Options of `createSignedFetch`. */
export interface SignedFetchOptions extends SignedRequestOptions {
  /** Credentials, or a function that returns them; its result is cached and refreshed before it expires. */
  readonly credentials: Credentials | CredentialsProvider
  /** Function that sends the signed requests. @default the global `fetch` */
  readonly fetch?: WebFetch | undefined
  /** Options for retries; with `false`, nothing is repeated because of an error. @default `{ attempts: 3, baseDelay: '50ms', unsafe: false }` */
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

function atLeast(least: number): Rule {
  return typeRule('number', (value) => (value >= least ? undefined : ['range', `Pass ${least} or more.`]))
}

const FUNCTION = /* @__PURE__ */ typeRule('function')
const BOOLEAN = /* @__PURE__ */ typeRule('boolean')

/** The options; the values of those of signing are checked when a request is signed. */
const OPTIONS = /* @__PURE__ */ optionRules<SignedFetchOptions>({
  credentials: undefined,
  fetch: FUNCTION,
  retry: undefined,
  clockSkewCorrection: BOOLEAN,
  followRegion: BOOLEAN,
  maxBufferedBytes: /* @__PURE__ */ atLeast(0),
  onAttempt: FUNCTION,
  region: undefined,
  service: undefined,
  payloadHash: undefined,
  payloadHashHeader: undefined,
  now: undefined,
  pathEncoding: undefined,
  pathNormalization: undefined,
  sessionTokenPlacement: undefined,
  sessionTokenName: undefined,
  signedHeaders: undefined,
  unsignedHeaders: undefined,
  checksum: undefined,
})
const RETRY = /* @__PURE__ */ optionRules<RetryOptions>({
  attempts: /* @__PURE__ */ atLeast(1),
  baseDelay: /* @__PURE__ */ timerRule('50ms', 0),
  unsafe: BOOLEAN,
})

export function checkFetchOptions(options: SignedFetchOptions): void {
  checkOptions('options', options, OPTIONS)
  const { credentials, retry } = options
  if (typeof credentials !== 'function') checkCredentials(credentials, Date.now())
  if (retry) checkOptions('options.retry', retry, RETRY)
}
