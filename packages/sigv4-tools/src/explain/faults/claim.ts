import { ALGORITHM } from '../../../../../src/internal/canonical-request.ts'
import { formatAmzDate, MAX_EXPIRES, parseAmzDate } from '../../../../../src/internal/encoding.ts'
import {
  CLOCK_SKEW,
  checkClock,
  checkExpires,
  checkLifetime,
  checkScopeDate,
  checkUnsigned,
  parseCredential,
} from '../../../../../src/internal/received.ts'
import { EXPIRED, EXPIRES_FORMAT, SCOPE_TERMINATOR } from '../../../../../src/internal/refusals.ts'
import { isMasked } from '../../formats/canonical-request.ts'
import type { Cause } from '../model/causes.ts'
import { type Clue, fault, header } from '../model/clue.ts'
import { formatDuration, isOtherMonth, isZoneOffset, localTimeSentence, secondsOf } from '../model/duration.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { PRINTED } from '../request/octets.ts'
import { scopeOf } from '../request/pieces.ts'
import { listProblem } from '../request/signed-headers.ts'
import { PADDING_FIX } from '../wording.ts'

// Faults in the signature that a request states, by the checks of `verify`.

/** The lifetime of a URL that does not state one, in seconds: it never expires. */
const LONGEST_LIFE = 1e9

/** The largest difference of a clock that is described as a duration, in seconds: ten years. */
const FARTHEST = 315_360_000

/** An algorithm that no service has. Forms are signed with Signature Version 4 only. */
export function* algorithmFaults({ claim: { algorithm, is4a }, location }: ParsedRequest): Iterable<Clue> {
  if (algorithm === undefined || algorithm === ALGORITHM || (is4a && location !== 'post')) return
  const values = { expected: ALGORITHM, actual: algorithm.slice(0, 40) }
  yield fault('algorithm', `The algorithm was not ${ALGORITHM}.`, values)
}

function* credentialFaults({ claim, headers, location }: ParsedRequest): Iterable<Clue> {
  const { credential, accessKeyId, scope, date, is4a } = claim
  // in a URL that is encoded twice, all parameters are malformed
  if (credential === undefined || (location === 'query' && /%2F/i.test(credential))) return
  // an access key ID may be a placeholder, and invisible characters are reported for its parts
  const parts = scopeOf(claim).replace(/[^!-~]/g, '?')
  const parsed = parseCredential(`${accessKeyId === undefined ? '' : 'ID'}/${parts}`, is4a ? '*' : undefined)
  const isEscaped = location !== 'query' && !credential.endsWith(`/${scopeOf(claim)}`)
  if (('refusal' in parsed && parsed.refusal !== SCOPE_TERMINATOR) || isEscaped) {
    const parts = `access key ID, date, ${is4a ? '' : 'region, '}service, and aws4_request`
    return yield fault('malformed-credential', `The credential did not consist of ${parts}.`)
  }
  if ('refusal' in parsed) {
    const values = { expected: 'aws4_request', actual: scope[3] }
    yield fault('scope-terminator', 'The credential scope did not end with aws4_request.', values)
  }
  const [day = '', region = '', service = ''] = scope
  if (service !== service.toLowerCase()) yield uppercase('scope-service', 'service', service)
  if (region !== region.toLowerCase()) {
    // US is the default region of clients of S3-compatible services
    const ground = /\.amazonaws\.com(?:\.cn)?$/.test(headers.host ?? '') ? 'fault' : 'note'
    yield { ...uppercase('scope-region', 'region', region), ground }
  }
  const time = secondsOf(date)
  if (time !== undefined && checkScopeDate({ date: day }, formatAmzDate(time))) {
    const values = { expected: formatAmzDate(time).slice(0, 8), actual: day }
    yield fault('scope-date', 'The date in the credential scope differed from the date of the request.', values)
  }
}

function uppercase(cause: Cause, what: string, actual: string): Clue {
  const message = `The ${what} in the credential scope was not lowercase.`
  return fault(cause, message, { expected: actual.toLowerCase(), actual })
}

/** Returns whether a signature is complete: 64 digits or, with Signature Version 4a, a DER sequence, which starts with its length. */
function isComplete(signature: string, is4a: boolean): boolean {
  if (!is4a) return /^[\da-f]{64}$/.test(signature)
  return (
    /^30[\da-f]{14,142}$/.test(signature) && signature.length === 4 + 2 * Number.parseInt(signature.slice(2, 4), 16)
  )
}

/** Other forms of a digest than 64 digits, and what to do instead. */
const forms = (what: string): readonly (readonly [form: RegExp, fix: string])[] => [
  [/^[\dA-F]{64}$/i, `Write the ${what} in lowercase hexadecimal digits.`],
  [/^[\w+/-]{43}=?$/, `Write the ${what} in lowercase hexadecimal digits instead of base64.`],
  [PRINTED, `Write only the 64 digits of the ${what}, without what the command prints beside them.`],
  [/^[\da-f]{32}$/i, `Compute the ${what} with SHA-256: 32 digits are those of MD5.`],
  [/^[\da-f]{40}$/i, `Compute the ${what} with SHA-256: 40 digits are those of SHA-1.`],
  [/^[\da-f]{128}$/i, `Compute the ${what} with SHA-256: 128 digits are those of SHA-512.`],
  [/^[\da-f]{52,63}$/i, `Copy the complete ${what} again. If the program wrote it so: ${PADDING_FIX}`],
]

/** How to write a digest that is not 64 lowercase hexadecimal digits. */
export function digestFix(what: string, value: string): string | undefined {
  return forms(what).find(([form]) => form.test(value))?.[1]
}

function* signatureFaults({ claim: { signature, is4a } }: ParsedRequest): Iterable<Clue> {
  if (signature === undefined || isComplete(signature, is4a)) return
  if (isComplete(signature.toLowerCase(), is4a))
    return yield fault('signature-case', 'The signature was written in uppercase hexadecimal digits.')
  const fix = is4a ? undefined : digestFix('signature', signature)
  const expected = is4a ? 'a complete ECDSA signature in hexadecimal digits' : '64 hexadecimal digits'
  yield fault('malformed-signature', `The signature was not ${expected}: its length was ${signature.length}.`, { fix })
}

function* dateFaults({ claim: { date }, headers }: ParsedRequest): Iterable<Clue> {
  if (date === undefined || isMasked(date) || parseAmzDate(date) !== undefined) return
  if (date === headers.date && secondsOf(date) !== undefined) return
  const values = { expected: 'yyyyMMddTHHmmssZ', actual: date }
  yield fault('date-format', 'The signing date was not in the format 20150830T123600Z.', values)
}

/** The credential, the signature and the date. */
export function claimFaults(facts: ParsedRequest): Clue[] {
  return [...credentialFaults(facts), ...signatureFaults(facts), ...dateFaults(facts)]
}

/** The lifetime of a URL. */
export function* expiresFaults({ claim: { expires }, token }: ParsedRequest): Iterable<Clue> {
  if (expires === undefined) return
  const maximum = token?.maximum ?? MAX_EXPIRES
  const problem = checkExpires(expires, maximum)
  if (problem?.refusal === EXPIRES_FORMAT)
    return yield fault('expires-format', 'X-Amz-Expires was not an integer.', { actual: expires })
  if (!problem && Number(expires) > 0) return
  const fix = token && `Create a token for at most ${maximum} seconds.`
  const values = { expected: `1 to ${maximum}`, actual: expires, fix }
  yield fault('expires-range', `X-Amz-Expires was not between 1 and ${maximum} seconds.`, values)
}

/** The date of a request, at a time in epoch milliseconds; unless `isShown`, that is the current time. */
export function timeFaults({ claim, location, token }: ParsedRequest, now: number, isShown: boolean): Clue[] {
  const time = secondsOf(claim.date)
  if (time === undefined) return []
  const off = Math.round(now / 1000 - time)
  const stated = /^\d{1,9}$/.test(claim.expires ?? '') ? Number(claim.expires) : LONGEST_LIFE
  const expires = token?.kind === 'eks' ? token.maximum : stated
  const problem = location === 'query' ? checkLifetime(0, expires, off, CLOCK_SKEW) : checkClock(0, off, CLOCK_SKEW)
  if (!problem) return []
  const values = { expected: formatAmzDate(Math.floor(now / 1000)), actual: formatAmzDate(time) }
  // the clock was never set, or the unit was wrong
  const isFar = Math.abs(off) > FARTHEST
  const distance = `${formatDuration(off)} in the ${off > 0 ? 'past' : 'future'}`
  const dated = `was dated ${isFar ? `in the year ${new Date(time * 1000).getUTCFullYear()}` : distance}`
  const zoned = isZoneOffset(off) ? [fault('clock-timezone', localTimeSentence(off), values)] : []
  if (problem.refusal === EXPIRED) {
    const message = `The ${token ? 'token' : 'URL'} expired ${formatDuration(off - expires)} ${isShown ? 'before the request' : 'ago'}.`
    const times = { expected: new Date(now).toISOString(), actual: new Date((time + expires) * 1000).toISOString() }
    const fix = token && 'Create a new token for each connection.'
    return [fault('expired', message, { ...times, fix }), ...zoned]
  }
  const subject = token ? 'token' : location === 'query' ? 'URL' : 'request'
  // a URL may be used days later
  if (isShown && !isFar && isOtherMonth(off) && (off < 0 || location !== 'query'))
    return [
      fault('date-format', `The ${subject} ${dated}, at the same time of day: only its date was wrong.`, {
        ...values,
        fix: 'Format the date as year, month, and day: in most languages, MM is the month and mm the minutes, and YYYY is the year of the week instead of yyyy.',
      }),
      fault(off > 0 ? 'clock-past' : 'clock-future', `The ${subject} ${dated}.`, values),
    ]
  return [...zoned, fault(off > 0 ? 'clock-past' : 'clock-future', `The ${subject} ${dated}.`, values)]
}

/** The signed headers, compared with those that were sent. */
export function* signedHeaderFaults({ claim, headers, location }: ParsedRequest): Iterable<Clue> {
  const { signedHeaders } = claim
  if (!signedHeaders.length) return
  const list = signedHeaders.join(';')
  const appended = /\?.*/.exec(list)?.[0]
  if (location === 'query' && appended !== undefined) {
    const message = `The URL contains a second ?, so that ${appended} became part of X-Amz-SignedHeaders.`
    return yield fault('query-extra', message, { expected: '&', actual: appended })
  }
  const problem = listProblem({ claim, headers })
  if (problem) return yield fault('signed-headers', problem.message, problem)
  const unsigned = checkUnsigned(headers, signedHeaders)?.values?.HeadersNotSigned?.split(', ') ?? []
  // clients of HTTP/2 may sign :authority instead, which a URL alone does not show
  if (unsigned[0] === 'host' && !signedHeaders.includes(':authority'))
    yield fault('signed-headers', 'The Host header was not signed.', { expected: 'host', actual: list })
  for (const name of signedHeaders) {
    const message = `The ${name} header was signed, but it was not sent.`
    if (headers[name] === undefined && name !== 'host') yield fault('header-missing', message, { part: header(name) })
  }
  for (const name of unsigned) {
    const message = `The ${name} header was sent, but it was not signed.`
    if (name !== 'host') yield fault('unsigned-header', message, { part: header(name), actual: name })
  }
}
