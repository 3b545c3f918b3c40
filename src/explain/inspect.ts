import { parseAmzDate } from '../core/encoding/time.ts'
import { fail } from '../core/errors.ts'
import { isObject } from '../core/kind.ts'
import { type Facts, type RequestAsSent, readFacts } from './facts.ts'
import { type Finding, hider, rank } from './findings.ts'
import { symptoms } from './symptoms.ts'

/** What a signed request or URL says, without any secret. */
export interface Inspection {
  /** Where the signature is; `undefined` for a request that is not signed. */
  readonly location: Facts['location']
  readonly accessKeyId: string | undefined
  /** `20150830/us-east-1/s3/aws4_request` */
  readonly credentialScope: string | undefined
  readonly region: string | undefined
  readonly service: string | undefined
  readonly signingDate: Date | undefined
  /** Presigned only. */
  readonly expiresAt: Date | undefined
  /** Until it expires; negative once it has. */
  readonly secondsLeft: number | undefined
  readonly signedHeaders: readonly string[]
  /** Signed headers that the sender must set by itself. A browser needs CORS to allow them. */
  readonly headersToSend: readonly string[]
  readonly hasSessionToken: boolean
  /** Everything that is odd, with what to do about it. */
  readonly oddities: Finding[]
}

/**
 * Reads a presigned URL or a signed request: who signed what, until when, and everything that is odd about it.
 *
 * @param input - A URL, or a request `{ method, url, headers }`.
 * @param options - `now`, a `Date` or epoch milliseconds; the clock by default.
 * @returns What it says; no part of it is a secret.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` for anything else, `ERR_INVALID_ARG_VALUE` for a bad `now`.
 * @example
 * ```ts
 * import { inspect } from 'sigv4/explain'
 *
 * const { secondsLeft, headersToSend, oddities } = inspect('https://photos.s3.amazonaws.com/cat.jpg?X-Amz-Expires=900')
 * for (const { message, fix } of oddities) console.log(message, fix)
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function inspect(
  input: string | { readonly href: string } | RequestAsSent,
  options: { readonly now?: Date | number | undefined } = {},
): Inspection {
  const facts = readFacts(asRequest(input))
  const now = moment(options.now ?? Date.now(), 'options.now')
  const { location, claim } = facts
  const { accessKeyId, scope, date, expires, signedHeaders, sessionToken } = claim
  const time = parseAmzDate(date ?? '')
  const ends = time !== undefined && /^\d{1,11}$/.test(expires ?? '') ? time + Number(expires) : undefined
  const hide = hider(facts, undefined)
  // a URL alone does not say what headers go with it
  const isAlone = typeof input === 'string' || 'href' in input
  const shown = symptoms(facts, now).filter(({ cause }) => !(isAlone && cause === 'header-missing'))
  const candidates = shown.map((each, i) => ({
    ...each,
    confidence: each.breaks ? ('likely' as const) : ('possible' as const),
    score: -i,
  }))
  return {
    location,
    accessKeyId: accessKeyId && hide(accessKeyId),
    credentialScope: scope.length ? hide(scope.join('/')) : undefined,
    region: scope[1] && hide(scope[1]),
    service: scope[2] && hide(scope[2]),
    signingDate: time === undefined ? undefined : new Date(time * 1000),
    expiresAt: ends === undefined ? undefined : new Date(ends * 1000),
    secondsLeft: ends === undefined ? undefined : Math.floor(ends - now / 1000),
    signedHeaders,
    headersToSend: signedHeaders.filter((name) => name !== 'host' && name !== 'content-length'),
    hasSessionToken: sessionToken !== undefined,
    oddities: rank(candidates, hide),
  }
}

/** A moment that the caller gives, in epoch milliseconds. */
export function moment(given: Date | number, name: string): number {
  const time = Number(given)
  if (!(time >= 0 && time < 253_402_300_800_000))
    fail('ERR_INVALID_ARG_VALUE', name, 'invalid', 'Pass a Date or epoch milliseconds.')
  return time
}

function asRequest(input: string | { readonly href: string } | RequestAsSent): RequestAsSent {
  if (typeof input === 'string') return { url: input.trim(), headers: {} }
  if (!isObject(input))
    fail('ERR_INVALID_ARG_TYPE', 'input', 'type', 'Pass a URL, or a request { method, url, headers }.')
  return 'href' in input ? { url: input.href, headers: {} } : input
}
