import { signRecord } from '../async/sign.ts'
import { isExpiredToken } from '../core/received/service-error.ts'
import { isS3 } from '../core/signing/scope.ts'
import { readCall } from './call.ts'
import { isSkewed, measureSkew } from './clock.ts'
import { holdCredentials } from './credentials.ts'
import { checkOptions, type RetryReason, type SignedFetch, type SignedFetchOptions } from './options.ts'
import { type NewTarget, redirectTarget, regionalTarget } from './redirect.ts'
import { isIdempotent, retryCost, retryDelay, retryReason } from './retry.ts'
import { type ErrorResponse, readError } from './service-error.ts'
import { untilAborted, wait } from './wait.ts'

const MAX_REDIRECTS = 5
/** Hosts whose clocks are kept. */
const MAX_HOSTS = 1000
/** What all requests may spend on retries, which limits the load on a service that fails. */
const BUDGET = 500

/**
 * Creates a function that is called like `fetch` and signs each request. It repeats requests that failed for a reason
 * that may pass, refreshes credentials before they expire, and corrects a wrong clock. Responses are returned unchanged.
 *
 * @param options - Credentials, and options for signing and retries.
 * @returns A function with the signature of `fetch`; `init.aws` contains signing options of the single request.
 * @throws `ERR_SIGV4_CREDENTIALS_MISSING` and argument errors. The returned function rejects with the errors of `sign` and
 * of `fetch`.
 * @example
 * ```ts
 * import { createSignedFetch } from 'sigv4/fetch'
 *
 * const signedFetch = createSignedFetch({
 *   credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 * })
 * const response = await signedFetch('https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues')
 * console.log(response.status)
 * ```
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createSignedFetch(options: SignedFetchOptions): SignedFetch {
  checkOptions(options)
  const { credentials: source, fetch: send = globalFetch, retry, onAttempt, ...others } = options
  const { clockSkewCorrection = true, followRegion = true, maxBufferedBytes = 16_777_216, ...defaults } = others
  const { attempts, baseDelay, unsafe } = retry === false ? { attempts: 1 } : (retry ?? {})
  const isRefreshable = typeof source === 'function'
  const held = holdCredentials(isRefreshable ? source : () => source)
  /** Milliseconds by which the clock of a host is ahead. */
  const skews = new Map<string, number>()
  let tokens = BUDGET
  /**
   * Returns when credentials must be valid. Their expiration may be on the clock of this machine or of the service: an object is
   * used while it is valid on either one. The result of a function is always used: the service reports if it has expired.
   */
  const validAt = (now: number, skew: number): number => (isRefreshable ? 0 : Math.min(now, now + skew) / 1000)

  return async (...args) => {
    const call = readCall(args, defaults, maxBufferedBytes)
    const { request, init, signing, unsignedHeaders, service, method, headers, signal } = call
    const { body, payloadHash, isRepeatable } = await untilAborted(call.content, signal)
    const [base, limit] = service === 'dynamodb' ? [25, 4] : [50, 3]
    let { url, region } = call
    let mayRefresh = isRefreshable
    let mayMove = followRegion && isS3(service ?? '')
    let redirects = 0
    let retries = 0
    let cost = 1
    for (let attempt = 1; ; attempt++) {
      const credentials = await untilAborted(held.get(), signal)
      const { host } = new URL(url)
      const skew = skews.get(host) ?? 0
      const now = Date.now()
      const { signingDate = now + skew } = signing
      const signed = await signRecord(
        { method, url, headers, body },
        { ...signing, unsignedHeaders, payloadHash, credentials, region, signingDate },
        credentials,
        validAt(now, skew),
      )

      const sent = Date.now()
      let response: Response | undefined
      let error: unknown
      let failure: ErrorResponse = {}
      let reason: RetryReason | undefined
      let next: NewTarget | undefined
      try {
        const target = request && url === call.url ? request : signed.url
        response = await (send as typeof fetch)(target, { ...init, ...signed, redirect: 'manual' } as RequestInit)
      } catch (thrown) {
        error = thrown
        const isAborted = signal?.aborted || /^(?:Abort|Timeout)Error$/.test(Object(thrown).name)
        if (!isAborted && (unsafe || isIdempotent(method))) reason = 'network'
      }
      if (response) {
        const measured = clockSkewCorrection ? measureSkew(response.headers, sent, Date.now()) : skew
        if (skews.size > MAX_HOSTS) skews.clear()
        skews.set(host, measured ?? skew)
        if (response.status >= 300) failure = await untilAborted(readError(response), signal)
        if (isExpiredToken(failure)) {
          if (mayRefresh && held.discard(credentials)) reason = 'credentials'
        } else if (isSkewed(failure.code, (measured ?? skew) - skew)) reason = 'clock'
        else {
          next =
            (mayMove ? regionalTarget(url, region, method, response, failure) : undefined) ??
            (redirects < MAX_REDIRECTS ? redirectTarget(url, service, response) : undefined)
          reason = next?.reason ?? retryReason(response.status, failure)
        }
      }

      let delay = 0
      if (!isRepeatable) reason = undefined
      else if (reason && !next) {
        const price = retryCost(reason)
        if (price) delay = retryDelay(reason, retries, baseDelay ?? base, response)
        if (++retries < (attempts ?? limit) && price <= tokens) {
          cost = price || cost
          tokens -= price
        } else reason = undefined
      }
      onAttempt?.({
        attempt,
        method,
        url: url.replace(/\?.*/, ''),
        status: response?.status,
        code: failure.code,
        error,
        retry: reason,
        wait: reason ? delay : 0,
      })
      if (!reason) {
        if (!response) throw error
        if (response.ok) tokens = Math.min(BUDGET, tokens + cost)
        return response
      }
      response?.body?.cancel().catch(() => undefined)
      if (next) {
        url = next.url
        region = next.region ?? region
        redirects++
      }
      mayMove &&= reason !== 'region'
      mayRefresh &&= reason !== 'credentials'
      if (delay) await wait(delay, signal)
    }
  }
}

/** Calls the current global function, which tests and instrumentation replace. */
const globalFetch: typeof fetch = (input, init) => fetch(input, init)
