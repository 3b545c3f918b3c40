import { formatAmzDate, parseAmzDate } from '../../core/encoding/time.ts'
import { ALGORITHM } from '../../core/signing/string-to-sign.ts'
import { fault, type Symptom } from '../clue.ts'
import { formatDuration, isZoneOffset, secondsOf } from '../duration.ts'
import { isMasked, type ParsedRequest } from '../request/facts.ts'

// What a request states about its signature: the credential, the date, the signed headers.

/** Describes an unsupported algorithm. */
export function algorithmSymptom(actual = ''): Symptom {
  return fault('algorithm', `The algorithm was not ${ALGORITHM}.`, ALGORITHM, actual.slice(0, 40))
}

/** Finds problems with the credential, signature and date. */
export function claimSymptoms({ claim, headers, location }: ParsedRequest): Symptom[] {
  const { scope, credential, signature, date } = claim
  const found: Symptom[] = []
  const isWhole =
    scope.length === 4 &&
    /^\d{8}$/.test(scope[0]!) &&
    scope.every((part) => part !== '') &&
    claim.accessKeyId !== undefined
  if (credential !== undefined && !isWhole && !(location === 'query' && /%2F/i.test(credential)))
    found.push(
      fault(
        'malformed-credential',
        'The credential did not consist of access key ID, date, region, service, and aws4_request.',
      ),
    )
  if (isWhole && scope[3] !== 'aws4_request')
    found.push(
      fault('scope-terminator', 'The credential scope did not end with aws4_request.', 'aws4_request', scope[3]!),
    )
  for (const [at, part] of [
    [1, 'region'],
    [2, 'service'],
  ] as const) {
    const value = scope[at] ?? ''
    // US is the default region of clients of S3-compatible services
    const breaks = part === 'service' || /\.amazonaws\.com(?:\.cn)?$/.test(headers.host ?? '')
    if (isWhole && value !== value.toLowerCase())
      found.push({
        ...fault(`scope-${part}`, `The ${part} in the credential scope was not lowercase.`, value.toLowerCase(), value),
        breaks,
      })
  }
  if (signature !== undefined && !/^[\da-f]{64}$/.test(signature))
    found.push(
      /^[\da-f]{64}$/i.test(signature)
        ? fault('signature-case', 'The signature was uppercase.')
        : fault(
            'malformed-signature',
            `The signature was not 64 hexadecimal digits: its length was ${signature.length}.`,
          ),
    )
  const time = secondsOf(date)
  if (
    date !== undefined &&
    !isMasked(date) &&
    parseAmzDate(date) === undefined &&
    !(time !== undefined && date === headers.date)
  )
    found.push(
      fault('date-format', 'The signing date was not in the format 20150830T123600Z.', 'yyyyMMddTHHmmssZ', date),
    )
  const day = time === undefined ? undefined : formatAmzDate(time).slice(0, 8)
  if (isWhole && day !== undefined && scope[0] !== day)
    found.push(
      fault('scope-date', 'The date in the credential scope differed from the date of the request.', day, scope[0]!),
    )
  return found
}

/** Finds problems with the time. */
export function timeSymptoms({ claim, location }: ParsedRequest, now: number, isNowKnown: boolean): Symptom[] {
  const time = secondsOf(claim.date)
  if (time === undefined) return []
  const off = Math.round(now / 1000 - time)
  const expires = /^\d+$/.test(claim.expires ?? '') ? Number(claim.expires) : undefined
  const actual = formatAmzDate(time)
  const expected = formatAmzDate(Math.floor(now / 1000))
  const zone = isZoneOffset(off)
  if (location === 'query') {
    if (expires !== undefined && off > expires)
      return [
        fault(
          'expired',
          `The URL expired ${formatDuration(off - expires)} ${isNowKnown ? 'before the request' : 'ago'}.`,
          new Date(now).toISOString(),
          new Date((time + expires) * 1000).toISOString(),
        ),
        ...(zone ? [timezone(off, expected, actual)] : []),
      ]
    if (off < -900)
      return [
        ...(zone ? [timezone(off, expected, actual)] : []),
        fault('clock-future', `The URL was dated ${formatDuration(off)} in the future.`, expected, actual),
      ]
    return []
  }
  if (Math.abs(off) <= 900) return []
  return [
    ...(zone ? [timezone(off, expected, actual)] : []),
    fault(
      off > 0 ? 'clock-past' : 'clock-future',
      `The request was dated ${formatDuration(off)} in the ${off > 0 ? 'past' : 'future'}.`,
      expected,
      actual,
    ),
  ]
}

function timezone(off: number, expected: string, actual: string): Symptom {
  return fault(
    'clock-timezone',
    `The request was dated ${formatDuration(Math.round(off / 900) * 900)} in the ${off > 0 ? 'past' : 'future'}, as if local time had been written as UTC.`,
    expected,
    actual,
  )
}

/** Finds problems with the signed headers. */
export function signedSymptoms({ claim, headers, location }: ParsedRequest): Symptom[] {
  const { signedHeaders } = claim
  if (!signedHeaders.length) return []
  const appended = /\?.*/.exec(signedHeaders.join(';'))?.[0]
  if (location === 'query' && appended !== undefined)
    return [
      fault(
        'query-extra',
        `The URL contains a second ?, so that ${appended} became part of X-Amz-SignedHeaders.`,
        '&',
        appended,
      ),
    ]
  const found: Symptom[] = []
  const isSorted = signedHeaders.every((name, i) => !i || signedHeaders[i - 1]! < name)
  if (!isSorted || signedHeaders.some((name) => !/^[\da-z!#$%&'*+.^_`|~-]+$/.test(name)))
    return [
      fault(
        'signed-headers',
        'The names in SignedHeaders were not lowercase, sorted, and unique.',
        [...new Set(signedHeaders.map((name) => name.toLowerCase()))].sort().join(';'),
        signedHeaders.join(';'),
      ),
    ]
  if (!signedHeaders.includes('host'))
    found.push(fault('signed-headers', 'The Host header was not signed.', 'host', signedHeaders.join(';')))
  for (const name of signedHeaders)
    if (headers[name] === undefined && name !== 'host')
      found.push(fault('header-missing', `The ${name} header was signed, but it was not sent.`, name))
  const signed = new Set(signedHeaders)
  for (const name of Object.keys(headers))
    if (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signed.has(name))
      found.push(fault('unsigned-header', `The ${name} header was sent, but it was not signed.`, undefined, name))
  return found
}
