import { formatAmzDate, parseAmzDate } from '../../core/encoding/time.ts'
import { ALGORITHM } from '../../core/signing/string-to-sign.ts'
import type { Symptom } from '../clue.ts'
import type { ParsedRequest } from '../request/facts.ts'

// What a request claims of its signature: the credential, the date, the signed headers.

/** The algorithm is another one. */
export function algorithmSymptom(actual = ''): Symptom {
  return {
    cause: 'algorithm',
    breaks: true,
    message: `The algorithm is not ${ALGORITHM}.`,
    expected: ALGORITHM,
    actual: actual.slice(0, 40),
  }
}

/** What is odd about credential, signature and date. */
export function claimSymptoms({ claim, headers, location }: ParsedRequest): Symptom[] {
  const { scope, credential, signature, date } = claim
  const found: Symptom[] = []
  const isWhole =
    scope.length === 4 &&
    /^\d{8}$/.test(scope[0]!) &&
    scope.every((part) => part !== '') &&
    claim.accessKeyId !== undefined
  if (credential !== undefined && !isWhole && !(location === 'query' && /%2F/i.test(credential)))
    found.push({
      cause: 'malformed-credential',
      breaks: true,
      message: 'The credential is not key id, day, region, service and aws4_request.',
    })
  if (isWhole && scope[3] !== 'aws4_request')
    found.push({
      cause: 'scope-terminator',
      breaks: true,
      message: 'The credential scope does not end with aws4_request.',
      expected: 'aws4_request',
      actual: scope[3]!,
    })
  for (const [at, part] of [
    [1, 'region'],
    [2, 'service'],
  ] as const) {
    const value = scope[at] ?? ''
    if (isWhole && value !== value.toLowerCase())
      found.push({
        cause: `scope-${part}`,
        breaks: true,
        message: `The ${part} of the credential scope is not in lower case.`,
        expected: value.toLowerCase(),
        actual: value,
      })
  }
  if (signature !== undefined && !/^[\da-f]{64}$/.test(signature))
    found.push(
      /^[\da-f]{64}$/i.test(signature)
        ? { cause: 'signature-case', breaks: true, message: 'The signature is in upper-case hex.' }
        : {
            cause: 'malformed-signature',
            breaks: true,
            message: `The signature has ${signature.length} characters and is not 64 hex digits.`,
          },
    )
  const time = amzTime(date)
  if (date !== undefined && parseAmzDate(date) === undefined && !(time !== undefined && date === headers.date))
    found.push({
      cause: 'date-format',
      breaks: true,
      message: 'The date is not written like 20150830T123600Z.',
      expected: 'yyyyMMddTHHmmssZ',
      actual: date,
    })
  const day = time === undefined ? undefined : formatAmzDate(time).slice(0, 8)
  if (isWhole && day !== undefined && scope[0] !== day)
    found.push({
      cause: 'scope-date',
      breaks: true,
      message: 'The day of the credential scope is not the day of the request.',
      expected: day,
      actual: scope[0]!,
    })
  return found
}

/** An amz date, or any other that can be read, in seconds. */
function amzTime(date: string | undefined): number | undefined {
  if (date === undefined) return undefined
  const time = parseAmzDate(date) ?? Math.floor(Date.parse(date) / 1000)
  return time > 0 && time < 253_402_300_800 ? time : undefined
}

/** What is odd about the time. */
export function timeSymptoms({ claim, location }: ParsedRequest, now: number): Symptom[] {
  const time = amzTime(claim.date)
  if (time === undefined) return []
  const off = Math.round(now / 1000 - time)
  const expires = /^\d+$/.test(claim.expires ?? '') ? Number(claim.expires) : undefined
  const actual = formatAmzDate(time)
  const expected = formatAmzDate(Math.floor(now / 1000))
  const zone = Math.abs(off) > 3400 && Math.abs(off) < 51_000 && Math.abs(off - Math.round(off / 900) * 900) < 120
  if (location === 'query') {
    if (expires !== undefined && off > expires)
      return [
        {
          cause: 'expired',
          breaks: true,
          message: `The URL has expired ${off - expires} seconds before the answer.`,
          actual: new Date((time + expires) * 1000).toISOString(),
          expected: new Date(now).toISOString(),
        },
        ...(zone ? [timezone(off, expected, actual)] : []),
      ]
    if (off < -900)
      return [
        ...(zone ? [timezone(off, expected, actual)] : []),
        { cause: 'clock-future', breaks: true, message: `The URL is dated ${-off} seconds ahead.`, expected, actual },
      ]
    return []
  }
  if (Math.abs(off) <= 900) return []
  return [
    ...(zone ? [timezone(off, expected, actual)] : []),
    {
      cause: off > 0 ? 'clock-past' : 'clock-future',
      breaks: true,
      message: `The request is dated ${Math.abs(off)} seconds ${off > 0 ? 'back' : 'ahead'}.`,
      expected,
      actual,
    },
  ]
}

function timezone(off: number, expected: string, actual: string): Symptom {
  const hours = Math.round(-off / 900) / 4
  return {
    cause: 'clock-timezone',
    breaks: true,
    message: `The date differs by ${hours} hours, as local time written as UTC does.`,
    expected,
    actual,
  }
}

/** What is odd about the signed headers. */
export function signedSymptoms({ claim, headers, location }: ParsedRequest): Symptom[] {
  const { signedHeaders } = claim
  if (!signedHeaders.length) return []
  const appended = /\?.*/.exec(signedHeaders.join(';'))?.[0]
  if (location === 'query' && appended !== undefined)
    return [
      {
        cause: 'query-extra',
        breaks: true,
        message: `The URL contains a second ?, so that ${appended} became part of X-Amz-SignedHeaders.`,
        expected: '&',
        actual: appended,
      },
    ]
  const found: Symptom[] = []
  const isSorted = signedHeaders.every((name, i) => !i || signedHeaders[i - 1]! < name)
  if (!isSorted || signedHeaders.some((name) => !/^[\da-z!#$%&'*+.^_`|~-]+$/.test(name)))
    return [
      {
        cause: 'signed-headers',
        breaks: true,
        message: 'SignedHeaders is not in lower case and sorted, each name once.',
        expected: [...new Set(signedHeaders.map((name) => name.toLowerCase()))].sort().join(';'),
        actual: signedHeaders.join(';'),
      },
    ]
  if (!signedHeaders.includes('host'))
    found.push({
      cause: 'signed-headers',
      breaks: true,
      message: 'The host is not signed.',
      expected: 'host',
      actual: signedHeaders.join(';'),
    })
  for (const name of signedHeaders)
    if (headers[name] === undefined && name !== 'host')
      found.push({
        cause: 'header-missing',
        breaks: true,
        message: `The header ${name} is signed and was not sent.`,
        expected: name,
      })
  const signed = new Set(signedHeaders)
  for (const name of Object.keys(headers))
    if (name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !signed.has(name))
      found.push({
        cause: 'unsigned-header',
        breaks: true,
        message: `The header ${name} was sent and is not signed.`,
        actual: name,
      })
  return found
}
