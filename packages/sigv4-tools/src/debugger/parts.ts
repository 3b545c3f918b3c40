import { decode, parseAmzDate } from '../../../../src/internal/encoding.ts'
import { formatDuration } from '../explain/model/duration.ts'
import type { ParsedRequest } from '../explain/request/facts.ts'

/** A part of a request: its name, its decoded value, and what it means. */
export interface Part {
  readonly group: 'Request' | 'Signature' | 'Query' | 'Headers' | 'Form'
  readonly name: string
  readonly value: string
  readonly note?: string | undefined
  /** When it ends, in epoch milliseconds: the page counts down. */
  readonly until?: number | undefined
}

const MEANINGS: Readonly<Record<string, string>> = {
  __proto__: null as never,
  'x-amz-algorithm': 'The algorithm',
  'x-amz-signedheaders': 'Headers that the signature covers',
  'x-amz-signature': 'The signature, which is not signed itself',
  'x-amz-security-token': 'The session token of temporary credentials',
  'x-amz-content-sha256': 'The hash of the body, or UNSIGNED-PAYLOAD',
  'x-amz-expires': 'Seconds until the URL expires',
  'x-amz-date': 'When the request was signed, in UTC',
  'x-amz-credential': 'The access key ID and the credential scope',
  authorization: 'The signature, its scope, and the signed headers',
}

/** The beginning of a string that is too long to be shown, and its length. */
export function cut(text: string, most = 1000): string {
  return text.length > most ? `${text.slice(0, most)}… (${text.length.toLocaleString('en')} characters)` : text
}

/** A token is never shown completely. */
function shorten(name: string, value: string): string {
  return /security-token$/i.test(name) && value.length > 12 ? `${value.slice(0, 8)}…` : cut(value)
}

/** Most parts of a group. */
const MOST = 100

function when(seconds: number): string {
  return new Date(seconds * 1000).toUTCString()
}

/** Splits a request into its parts. `now` is the time of the response, if it is known. */
export function partsOf(facts: ParsedRequest, now: number | undefined): Part[] {
  const { method, path, parameters, headers, form, location, urlHost } = facts
  const parts: Part[] = []
  const add = (group: Part['group'], name: string, value: string | undefined, note?: string): void => {
    if (value !== undefined && value !== '') parts.push({ group, name: cut(name), value: shorten(name, value), note })
  }
  add('Request', 'Method', method)
  add('Request', 'Host', headers.host ?? urlHost)
  add('Request', 'Path', path, decode(path) === path ? undefined : `Decoded: ${cut(decode(path))}`)
  if (location !== undefined) parts.push(...signatureParts(facts, now))
  for (const { name, value = '' } of parameters.slice(0, MOST)) {
    const meaning = MEANINGS[decode(name).toLowerCase()]
    add(
      'Query',
      decode(name),
      value === '' ? '(empty)' : decode(value),
      meaning ?? (location === 'query' ? 'Signed' : undefined),
    )
  }
  const signed = facts.claim.signedHeaders
  for (const [name, value] of Object.entries(headers).slice(0, MOST))
    if (name !== 'host')
      add('Headers', name, value, MEANINGS[name] ?? (location && (signed.includes(name) ? 'Signed' : 'Not signed')))
  for (const name of signed.slice(0, MOST))
    if (headers[name] === undefined && location !== 'post')
      parts.push({
        group: 'Headers',
        name,
        value: '(not in the evidence)',
        note: 'Signed: the request must contain it',
      })
  for (const [name, value] of [...(form ?? [])].slice(0, MOST))
    add('Form', name, name === 'policy' ? policyText(value) : value, MEANINGS[name])
  return parts
}

function signatureParts({ claim, location }: ParsedRequest, now: number | undefined): Part[] {
  const { accessKeyId, scope, date, expires } = claim
  const [day, region, service, terminator] = scope
  const time = parseAmzDate(date ?? '')
  const seen = (now ?? Date.now()) / 1000
  const reference = now === undefined ? '' : ' the response'
  const rows: [string, string | undefined, (string | undefined)?][] = [
    ['Location', { query: 'The URL', header: 'The Authorization header', post: 'A form' }[location!]],
    ['Access key ID', accessKeyId, /^ASIA/.test(accessKeyId ?? '') ? 'Temporary: requires a session token' : undefined],
    [
      'Signed',
      time === undefined ? date : when(time),
      time === undefined ? 'Not a date such as 20260131T120000Z' : ago(seen - time, reference),
    ],
    ['Scope date', day],
    ['Region', region],
    ['Service', service],
    ['Terminator', terminator],
  ]
  const parts = rows
    .filter(([, value]) => value)
    .map(([name, value, note]): Part => ({ group: 'Signature', name, value: cut(value!), note }))
  const seconds = /^\d{1,9}$/.test(expires ?? '') ? Number(expires) : undefined
  if (seconds !== undefined && time !== undefined) {
    const until = (time + seconds) * 1000
    parts.push({
      group: 'Signature',
      name: 'Expires',
      value: when(time + seconds),
      note: `Valid for ${formatDuration(seconds)}:`,
      until,
    })
  }
  return parts
}

/** `2 minutes before the response`, `2 minutes ago`, `2 minutes from now`. */
function ago(seconds: number, reference: string): string {
  const words = formatDuration(seconds)
  if (reference) return seconds < 0 ? `${words} after${reference}` : `${words} before${reference}`
  return seconds < 0 ? `${words} from now` : `${words} ago`
}

/** How long a URL is still valid, in words. */
export function remaining(until: number, now: number): string {
  const seconds = Math.floor((until - now) / 1000)
  return seconds < 0 ? `expired ${formatDuration(seconds)} ago` : `${formatDuration(seconds)} left`
}

function policyText(value: string): string {
  try {
    return JSON.stringify(JSON.parse(atob(value)), undefined, 1)
  } catch {
    return value
  }
}
