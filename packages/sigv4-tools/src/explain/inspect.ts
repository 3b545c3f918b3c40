import { decode, type Now, parseAmzDate } from '../../../../src/internal/encoding.ts'
import { fail } from '../../../../src/internal/errors.ts'
import { checkMembers, isObject, members } from '../../../../src/internal/options.ts'
import { requestFaults } from './faults/faults.ts'
import { type Finding, findingsOf } from './findings.ts'
import { toEpochMs } from './model/duration.ts'
import { rankFaults } from './rank.ts'
import { createRedactor } from './redact.ts'
import { parseRequest, type RequestAsSent, type SignatureLocation } from './request/facts.ts'
import { scopeOf } from './request/pieces.ts'

/** Options of `inspect`. */
export interface InspectOptions {
  /** The current time: a `Date`, epoch milliseconds, or a function that returns one. @default the clock */
  readonly now?: Now | undefined
}

const OPTIONS = /* @__PURE__ */ members('now')

/** The contents of a signed request or URL, without secrets. */
export interface Inspection {
  /** Location of the signature; `undefined` for a request that is not signed. */
  readonly location: SignatureLocation | undefined
  readonly accessKeyId: string | undefined
  /** `AWS4-HMAC-SHA256`, or `AWS4-ECDSA-P256-SHA256` for Signature Version 4a. */
  readonly algorithm: string | undefined
  /** `20150830/us-east-1/s3/aws4_request`; with Signature Version 4a, without a region. */
  readonly credentialScope: string | undefined
  /** The region; with Signature Version 4a, the set of regions. */
  readonly region: string | undefined
  readonly service: string | undefined
  readonly signedAt: Date | undefined
  /** The service that accepts the URL as a password, such as `Amazon RDS`; `undefined` if it is not such a token. */
  readonly tokenFor: string | undefined
  /** The user whom the token logs in, if it names one. */
  readonly tokenUser: string | undefined
  /** Presigned only. Of a token, the time from which the service rejects it. */
  readonly expiresAt: Date | undefined
  /** Seconds until it expires; negative once it has. */
  readonly secondsUntilExpiry: number | undefined
  readonly signedHeaders: readonly string[]
  /** Signed headers that the sender must set. A browser requires CORS to allow them. */
  readonly headersToSend: readonly string[]
  readonly hasSessionToken: boolean
  /** Problems and warnings, with their fixes. */
  readonly warnings: Finding[]
}

/**
 * Parses a presigned URL, a token to log in with, or a signed request: signer, contents, expiration, and problems. Only
 * `explain` compares a body with the headers that describe it.
 *
 * @param input - A URL, a token, or a request `{ method, url, headers }`.
 * @param options - `now`, a `Date` or epoch milliseconds; the current time by default.
 * @returns The contents, without secrets.
 * @throws `TypeError` with `ERR_INVALID_ARG_TYPE` for anything else, `ERR_INVALID_ARG_VALUE` for an invalid `now`.
 * @example
 * ```ts
 * import { inspect } from 'sigv4-tools/explain'
 *
 * const { secondsUntilExpiry, headersToSend, warnings } = inspect('https://photos.s3.amazonaws.com/cat.jpg?X-Amz-Expires=900')
 * for (const { message, fix } of warnings) console.log(message, fix)
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function inspect(
  input: string | { readonly href: string } | RequestAsSent,
  options: InspectOptions = {},
): Inspection {
  checkMembers('options', options, OPTIONS)
  const facts = parseRequest(asRequest(input))
  const now = toEpochMs(options.now ?? Date.now, 'options.now')
  const { location, claim, token, parameters } = facts
  const { algorithm, accessKeyId, scope, date, expires, signedHeaders, sessionToken } = claim
  const time = parseAmzDate(date ?? '')
  const stated = /^\d{1,11}$/.test(expires ?? '') ? Number(expires) : undefined
  const lives = token?.kind === 'eks' ? token.maximum : stated
  const ends = time !== undefined && lives !== undefined ? time + lives : undefined
  const hide = createRedactor(facts, undefined)
  const shownHeaders = signedHeaders.map(hide)
  const user = token && parameters.find(({ name }) => /^(?:DB)?User$/.test(name))?.value
  // a URL alone does not show the headers that are sent with it
  const isAlone = typeof input === 'string' || 'href' in input
  const faults = requestFaults(facts, now, false).filter(({ cause }) => !(isAlone && cause === 'header-missing'))
  return {
    location,
    algorithm: algorithm && hide(algorithm),
    accessKeyId: accessKeyId && hide(accessKeyId),
    credentialScope: scope.length ? hide(scopeOf(claim)) : undefined,
    region: scope[1] && hide(scope[1]),
    service: scope[2] && hide(scope[2]),
    signedAt: time === undefined ? undefined : new Date(time * 1000),
    tokenFor: token?.name,
    tokenUser: user && hide(decode(user)),
    expiresAt: ends === undefined ? undefined : new Date(ends * 1000),
    secondsUntilExpiry: ends === undefined ? undefined : Math.floor(ends - now / 1000),
    signedHeaders: shownHeaders,
    headersToSend: token ? [] : shownHeaders.filter((name) => !/^(?:host|:authority|content-length)$/.test(name)),
    hasSessionToken: sessionToken !== undefined,
    warnings: findingsOf(rankFaults(faults), hide),
  }
}

function asRequest(input: string | { readonly href: string } | RequestAsSent): RequestAsSent {
  if (typeof input === 'string') return { url: input.trim(), headers: {} }
  if (!isObject(input))
    fail('ERR_INVALID_ARG_TYPE', 'input', 'type', 'Pass a URL, or a request { method, url, headers }.')
  if ('href' in input) return { url: input.href, headers: {} }
  if (typeof (input.target ?? input.url ?? '') !== 'string')
    fail('ERR_INVALID_ARG_TYPE', 'input.url', 'type', 'Pass a string.')
  return input
}
