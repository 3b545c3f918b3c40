import type { Credentials } from '../async/credentials.ts'
import { type HeldCredentials, holdCredentials } from '../async/hold.ts'
import { signRecord } from '../async/sign.ts'
import { toMilliseconds } from '../core/durations.ts'
import { retryRules } from '../core/services.ts'
import { isExpiredToken } from '../received/service-error.ts'
import type { FetchBody } from './body.ts'
import { type Call, readCall, readCallScope } from './call.ts'
import { measureSkew } from './clock.ts'
import { BUDGET, decide, type Outcome, type State } from './decide.ts'
import { type Failure, readFailure } from './failure.ts'
import { checkFetchOptions, type SignedFetch, type SignedFetchOptions } from './options.ts'
import { untilAborted, wait } from './wait.ts'

/** Hosts whose clocks are kept. */
const MAX_HOSTS = 1000

/** The outcome of an attempt, with what the caller receives. */
interface Attempted extends Outcome {
  readonly response: Response | undefined
  /** The error that `fetch` threw. */
  readonly error: unknown
}

/**
 * Creates a function that is called like `fetch` and signs each request. It repeats requests that failed for a reason
 * that may pass, refreshes credentials before they expire, and corrects a wrong clock. Responses are returned unchanged.
 *
 * @param options - Credentials, and options for signing and retries.
 * @returns A function with the signature of `fetch`; `init.aws` contains signing options of the single request.
 * @throws `ERR_SIGV4_CREDENTIALS_MISSING` and argument errors. The returned function rejects with the errors of `sign`, with
 * a `TypeError` with `ERR_INVALID_ARG_VALUE` for arguments of which no request can be created, and with the errors
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
  checkFetchOptions(options)
  const { credentials: source, fetch: send = globalFetch, retry, onAttempt, ...others } = options
  const { clockSkewCorrection = true, followRegion = true, maxBufferedBytes = 16_777_216, ...defaults } = others
  const { attempts, baseDelay, unsafe } = retry === false ? { attempts: 1 } : (retry ?? {})
  const held: HeldCredentials<Credentials> = holdCredentials(source)
  const { isRefreshable } = held
  /** Milliseconds by which the clock of a host is ahead. */
  const skews = new Map<string, number>()
  let budget = BUDGET

  const start = ({ method, url, signing: { service, region } }: Call, { isRepeatable }: FetchBody): State => {
    const usual = retryRules(service)
    return {
      method,
      service,
      isRepeatable,
      unsafe,
      attempts: attempts ?? usual.attempts,
      baseDelay: baseDelay === undefined ? usual.baseDelay : toMilliseconds(baseDelay),
      url,
      region,
      followRegion,
      tried: [],
      refund: 1,
    }
  }

  /** Signs and sends a request once. */
  const attempt = async (call: Call, { body, payloadHash }: FetchBody, state: State): Promise<Attempted> => {
    const { request, init, signing, headers, signal } = call
    const { method, url, region } = state
    const credentials = await untilAborted(held.get(), signal)
    const { host } = new URL(url)
    const skew = skews.get(host) ?? 0
    const clock = Date.now()
    const { now = clock + skew } = signing
    const signed = await signRecord(
      { method, url, headers, body },
      { ...signing, payloadHash, credentials, region, now },
      credentials,
      readCallScope,
      // the expiration may be on the clock of this machine or of the service: an object is used while it is valid on either
      // one; the result of a function is always used, because the service reports if it has expired
      isRefreshable ? Number.NEGATIVE_INFINITY : Math.min(clock, clock + skew),
    )

    const sent = Date.now()
    let response: Response | undefined
    let error: unknown
    let failure: Failure = {}
    let measured: number | undefined
    try {
      const target = request && url === call.url ? request : signed.url
      response = await (send as typeof fetch)(target, { ...init, ...signed, redirect: 'manual' } as RequestInit)
    } catch (thrown) {
      error = thrown
    }
    if (response) {
      if (clockSkewCorrection) measured = measureSkew(response.headers, sent, Date.now())
      if (skews.size > MAX_HOSTS) skews.clear()
      skews.set(host, measured ?? skew)
      if (response.status >= 300) failure = await untilAborted(readFailure(response), signal)
    }
    return {
      response,
      error,
      failure,
      isAborted: signal?.aborted || /^(?:Abort|Timeout)Error$/.test(Object(error).name),
      // the caller's clock is not corrected
      clockError: signing.now === undefined ? (measured ?? skew) - skew : 0,
      // other requests need others, even if this one cannot be repeated
      isRefreshed: isExpiredToken(failure) ? held.discard(credentials) : undefined,
      time: Date.now(),
      random: Math.random(),
    }
  }

  return async (...args) => {
    const call = readCall(args, defaults, maxBufferedBytes)
    const { method, signal } = call
    const content = await untilAborted(call.content, signal)
    for (let state = start(call, content); ; ) {
      const outcome = await attempt(call, content, state)
      const { again, budget: left } = decide(state, outcome, budget)
      budget = left
      const { response, failure, error } = outcome
      onAttempt?.({
        attempt: state.tried.length + 1,
        method,
        url: state.url.replace(/\?.*/, ''),
        status: response?.status,
        code: failure.code,
        error,
        retry: again?.reason,
        wait: again?.wait ?? 0,
      })
      if (!again) {
        if (!response) throw error
        return response
      }
      response?.body?.cancel().catch(() => undefined)
      state = again.state
      if (again.wait) await wait(again.wait, signal)
    }
  }
}

/** Calls the current global function, which tests and instrumentation replace. */
const globalFetch: typeof fetch = (input, init) => fetch(input, init)
