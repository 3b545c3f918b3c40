import { hostScope } from '../core/signing/hosts.ts'
import { signingContext } from '../core/signing/input.ts'
import { prepareSign, readSign, signed, startChecksum } from '../core/signing/sign.ts'
import { addBody } from '../crypto/body.ts'
import { signature } from '../crypto/webcrypto.ts'
import { type Call, readCall } from './call.ts'
import { isSkewed, measureSkew } from './clock.ts'
import { holdCredentials } from './credentials.ts'
import { checkOptions, type RetryReason, type SignedFetch, type SignedFetchOptions } from './options.ts'
import { type NewTarget, redirectTarget, regionalTarget } from './redirect.ts'
import { isDelayed, isIdempotent, retryDelay, retryReason } from './retry.ts'
import { readError, type ServiceError } from './service-error.ts'
import { untilAborted, wait } from './wait.ts'

const MAX_REDIRECTS = 5
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
  const { clockSkewCorrection = true, followRegion = true, maxBufferedBytes = 16_777_216, ...signing } = others
  const held = holdCredentials(source)
  const { attempts, unsafe } = retry === false ? { attempts: 1 } : (retry ?? {})
  /** Milliseconds by which the clock of a host is ahead. */
  const skews = new Map<string, number>()
  let tokens = BUDGET

  const run = async (call: Call): Promise<Response> => {
    const { request, init, method, body, isRepeatable, signal } = call
    const { checksum } = call.signing
    let { url } = call
    let { region } = call.signing
    let isRefreshed = !held.isRefreshable
    let isRegionKnown = !followRegion
    let redirects = 0
    let retries = 0
    let cost = 1
    for (let attempt = 1; ; attempt++) {
      const credentials = await untilAborted(held.get(), signal)
      const { host } = new URL(url)
      const skew = skews.get(host) ?? 0
      const input = readSign(
        { method, url, headers: call.headers },
        { ...call.signing, credentials, region },
        hostScope,
      )
      const { service } = input.scope
      if (checksum) {
        const running = startChecksum(input, checksum)
        await addBody(running, body)
        input.headers[checksum.header] = running.digest()
      }
      const context = signingContext(input.scope, Date.now() + skew)
      const prepared = prepareSign(input, body, call.payloadHash, credentials, context)
      const unsent = signed(prepared, await signature(prepared, credentials))
      signal?.throwIfAborted()

      const sent = Date.now()
      let response: Response | undefined
      let error: unknown
      let failure: ServiceError = {}
      let reason: RetryReason | undefined
      let next: NewTarget | undefined
      try {
        const target = request && url === call.url ? request : unsent.url
        response = await (send as typeof fetch)(target, { ...init, ...unsent, redirect: 'manual' } as RequestInit)
      } catch (thrown) {
        error = thrown
        const isAborted = signal?.aborted || /^(?:Abort|Timeout)Error$/.test(Object(thrown).name)
        if (!isAborted && (unsafe || isIdempotent(method))) reason = 'network'
      }
      if (response) {
        const { status, headers } = response
        const measured = clockSkewCorrection ? measureSkew(headers, sent, Date.now()) : undefined
        if (measured !== undefined) skews.set(host, measured)
        if (status >= 300) failure = await untilAborted(readError(response), signal)
        const { code = '' } = failure
        if (/^(?:ExpiredToken|TokenRefreshRequired)/.test(code)) {
          held.discard(credentials)
          if (!isRefreshed) reason = 'credentials'
        } else if (isSkewed(code, (measured ?? skew) - skew)) reason = 'clock'
        else if (service === 's3' && !isRegionKnown) {
          next = regionalTarget(url, input.scope.region, method, response, failure)
          if (next) reason = 'region'
        }
        if (!reason && redirects < MAX_REDIRECTS) {
          next = redirectTarget(url, service, response)
          if (next) reason = 'redirect'
        }
        reason ??= retryReason(status, failure)
      }

      if (!isRepeatable) reason = undefined
      const isDynamo = service === 'dynamodb'
      if (reason && !next) {
        // retries after a corrected clock or with new credentials do not overload a service
        const price = !isDelayed(reason) ? 0 : reason === 'throttling' ? 5 : 14
        if (++retries < (attempts ?? (isDynamo ? 4 : 3)) && price <= tokens) {
          cost = price || cost
          tokens -= price
        } else reason = undefined
      }
      const delay = reason ? retryDelay(reason, retries - 1, isDynamo ? 25 : 50, response) : 0
      onAttempt?.({
        attempt,
        method,
        url: url.replace(/\?.*/, ''),
        status: response?.status,
        code: failure.code,
        error,
        retry: reason,
        wait: delay,
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
      isRegionKnown ||= reason === 'region'
      isRefreshed ||= reason === 'credentials'
      if (delay) await wait(delay, signal)
    }
  }
  return async (...call) => run(await readCall(call, signing, maxBufferedBytes))
}

/** Calls the current global function, which tests and instrumentation replace. */
const globalFetch: typeof fetch = (input, init) => fetch(input, init)
