import { formatAmzDate, formatIsoDate, parseAmzDate } from '../../../../../src/internal/encoding.ts'
import { type Clue, told } from '../model/clue.ts'
import { formatDuration, isZoneOffset, localTimeSentence, secondsOf } from '../model/duration.ts'
import type { ServiceResponse } from '../response/response.ts'

/** Parses the times at which the request was signed and received. */
export function timesTold(response: ServiceResponse): Clue[] {
  const { message, elements } = response
  const [, signedAt = '', , receivedAt = '', minutes] =
    /(?:Signature expired|Signature not yet current): (\w+) is (?:now earlier|still later) than (\w+) \((\w+) [-+] (\d+) min/i.exec(
      message,
    ) ?? []
  const received = parseAmzDate(receivedAt) ?? secondsOf(elements.get('ServerTime'))
  const ends = secondsOf(elements.get('Expires'))
  if (/expired/i.test(message) && ends !== undefined && received !== undefined && elements.has('ServerTime'))
    return [
      told('expired', `The URL expired ${formatDuration(received - ends)} before the service received the request.`, {
        expected: formatIsoDate(ends),
        actual: formatIsoDate(received),
      }),
      ...zoned(ends, received),
    ]
  const stated = /signature expired(?: at)?: ([\w:.+-]+)(?: is now earlier than (\w+))?/i.exec(message)
  const [whole = '', endsAt = '', acceptedFrom] = stated ?? []
  const rest = message.slice((stated?.index ?? 0) + whole.length)
  // a time that was cut off, or the start of what it is compared with
  const isCut = /^ is\b/.test(rest) || (response.isCut && rest === '')
  const end = isCut ? undefined : secondsOf(endsAt)
  if (!receivedAt && end !== undefined) return [endTold(endsAt, end, acceptedFrom, response.time)]
  const signed =
    parseAmzDate(signedAt) ?? secondsOf(elements.get('RequestTime')) ?? milliseconds(elements.get('X-Amz-Date'))
  if (signed === undefined || received === undefined) return []
  const skew = Number(elements.get('MaxAllowedSkewMilliseconds')) / 1000
  return skewTold(signed, received, Number(minutes) * 60 || skew || 900)
}

/** A time in the past: the expiry of a URL, or, if the service states the earliest time that it accepts, a signing time. */
function endTold(time: string, ends: number, acceptedFrom: string | undefined, received: number | undefined): Clue {
  const accepted = `The request was dated ${time}, but the service accepts dates only from ${acceptedFrom}.`
  if (acceptedFrom !== undefined) return told('clock-past', accepted, { expected: acceptedFrom, actual: time })
  const late = received === undefined ? 0 : received / 1000 - ends
  const before = late > 0 ? `, ${formatDuration(late)} before the service received the request` : ''
  return told('expired', `The signature expired at ${formatIsoDate(ends)}${before}.`, { expected: formatIsoDate(ends) })
}

/** Describes a difference between two clocks, or a delay. `allowed`: the largest difference, in seconds. */
function skewTold(signed: number, received: number, allowed: number): Clue[] {
  const off = received - signed
  const sentence = `The request was dated ${formatIsoDate(signed)}, but the service received it at ${formatIsoDate(received)}, ${formatDuration(off)} ${off > 0 ? 'later' : 'earlier'}. The service allows a difference of ${formatDuration(allowed)}.`
  const cause = off > 0 ? 'clock-past' : 'clock-future'
  return [...zoned(signed, received), told(cause, sentence, datesOf(signed, received))]
}

/** Finds local time that was written as UTC: it is off by a multiple of 15 minutes. */
function zoned(signed: number, received: number): Clue[] {
  const off = received - signed
  if (!isZoneOffset(off)) return []
  return [told('clock-timezone', localTimeSentence(off), datesOf(signed, received))]
}

function datesOf(signed: number, received: number): Pick<Clue, 'expected' | 'actual'> {
  return { expected: formatAmzDate(received), actual: formatAmzDate(signed) }
}

/** Amazon S3 shows X-Amz-Date in epoch milliseconds. */
function milliseconds(text = ''): number | undefined {
  return /^\d{12,14}$/.test(text) ? Number(text) / 1000 : secondsOf(text)
}
