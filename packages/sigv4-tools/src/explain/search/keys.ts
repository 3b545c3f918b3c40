import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { encodeOctets, formatAmzDate, parseAmzDate, toOctets } from '../../../../../src/internal/encoding.ts'
import { deriveKey, deriveSigningKey, type HmacKey, hmacHex, hmacKey } from '../../../../../src/internal/sha256.ts'
import type { Cause } from '../model/causes.ts'
import type { Difference } from '../model/clue.ts'
import { type Claim, isSecretAsId, type ParsedRequest } from '../request/facts.ts'
import { bytesOf, decodeLossy, octetsOfHex } from '../request/octets.ts'
import type { Pieces } from '../request/pieces.ts'
import { LINE_BREAKS, SPELLINGS } from './spellings.ts'

// Keys, dates and scopes that a client may have signed with instead.

/** An incorrect signing key. Its parts are never shown. */
export interface KeyVariation extends Difference {
  readonly key: HmacKey
}

const ALGORITHMS =
  'AWS4-HMAC-SHA256 AWS4-HMAC-SHA-256 AWS4-HMAC-SHA1 AWS4-HMAC-SHA512 AWS4_HMAC_SHA256 AWS4-SHA256 AWS-HMAC-SHA256 HMAC-SHA256 aws4-hmac-sha256 AWS4-HMAC AWS4'
const REGIONS = 'us-east-1 us-east-2 us-west-1 us-west-2 eu-west-1 eu-central-1 ap-southeast-1 auto garage default'
const SERVICES = 's3 s3express execute-api sts iam es aoss'

/** The names in a list, and an empty one. */
const namesIn = (list: string): string[] => [...list.split(' '), '']

/** No service issues a longer one. */
const LONGEST_SECRET = 4096

export function signingKeyOf(secretAccessKey: string, scope: readonly string[]): HmacKey {
  return hmacKey(deriveSigningKey(secretAccessKey, scope))
}

/** Incorrect secrets and signing keys that clients use by mistake. */
export function keyVariations({ claim }: ParsedRequest, secrets: SecretCredentials): KeyVariation[] {
  const { accessKeyId, secretAccessKey } = secrets
  if (secretAccessKey.length > LONGEST_SECRET) return []
  const found: KeyVariation[] = []
  const add = (cause: Cause, how: string, secret: string | undefined): void => {
    if (secret && secret !== secretAccessKey) found.push(keyOf(cause, how, signingKeyOf(secret, claim.scope)))
  }
  for (const [how, change] of [...LINE_BREAKS, ...SPELLINGS]) {
    const changed = change(secretAccessKey)
    add(causeOf(changed, secretAccessKey), how, changed)
  }
  // local servers have pairs such as test and test, in which nothing was swapped
  if (isSecretAsId(claim, secrets) || /^A[KS]IA/.test(accessKeyId))
    add('keys-swapped', 'replaced by the access key ID', accessKeyId)
  else add('wrong-secret', 'identical to the access key ID, as local servers have it', accessKeyId)
  for (const [how, first, parts] of derivations(claim, secretAccessKey))
    found.push(
      keyOf(
        'key-derivation',
        how,
        hmacKey(deriveKey(first, parts)),
        / (?:day|earlier)$/.test(how) ? DAY_FIX : undefined,
      ),
    )
  return [...found, ...chained(secretAccessKey, claim.scope)]
}

function keyOf(cause: Cause, expected: string, key: HmacKey, fix?: string): KeyVariation {
  const of = cause === 'key-derivation' ? 'signing key' : 'secret'
  return { cause, part: { of }, expected, actual: 'correct', key, fix }
}

/** The cause of a secret that was changed. */
function causeOf(changed: string, secret: string): Cause {
  if (changed.trim() === secret.trim()) return 'secret-whitespace'
  return secret.includes(changed) ? 'wrong-secret' : 'secret-encoding'
}

/** Incorrect derivations: the mistake, and the strings that the key is derived from. */
function derivations(claim: Claim, secret: string): [how: string, string, readonly string[]][] {
  const { scope, date: amzDate = '' } = claim
  const [date = '', region = '', service = '', terminator = 'aws4_request'] = scope
  const first = `AWS4${secret}`
  const scopes: [string, string | undefined, string, string][] = [
    ['derived from the full date and time', amzDate, region, service],
    ['derived for the previous day', shiftDay(date, -1), region, service],
    ['derived for the next day', shiftDay(date, 1), region, service],
    ['derived for two days earlier', shiftDay(date, -2), region, service],
    ['derived for a week earlier', shiftDay(date, -7), region, service],
  ]
  for (const other of namesIn(REGIONS)) scopes.push([`derived for the region "${other}"`, date, other, service])
  for (const other of namesIn(SERVICES)) scopes.push([`derived for the service "${other}"`, date, region, other])
  for (const [r, s] of [
    [region.toLowerCase(), service],
    [region, service.toLowerCase()],
    [region.toUpperCase(), service],
    [region, service.toUpperCase()],
  ] as const)
    scopes.push([`derived for "${r === region ? s : r}"`, date, r, s])
  const isOther = (parts: readonly unknown[]): boolean => parts.some((part, i) => part !== scope[i])
  return [
    ['derived without the prefix AWS4', secret, scope],
    ['derived with the prefix AWS4 twice', `AWS4${first}`, scope],
    ['identical to the secret access key', first, []],
    ['identical to the secret access key', secret, []],
    ['derived with the prefix aws4', `aws4${secret}`, scope],
    ['derived with AWS4 at the end of the secret', `${secret}AWS4`, scope],
    ['derived from the access key ID', `AWS4${claim.accessKeyId}`, scope],
    ...['AWS4_REQUEST', 'aws4-request', 'aws_request', 'request', 'AWS4'].map((end): [string, string, string[]] => [
      `derived with "${end}" as the last step`,
      first,
      [...scope.slice(0, 3), end],
    ]),
    ['derived with the last step twice', first, [...scope, terminator]],
    ['derived with the prefix AWS', `AWS${secret}`, scope],
    ['derived without the last step', first, scope.slice(0, 3)],
    ['derived without the date', first, [region, service, terminator]],
    ['derived without the region', first, [date, service, terminator]],
    ['derived without the service', first, [date, region, terminator]],
    ['derived from the scope as one string', first, [scope.join('/')]],
    ...permutations(scope).map((parts): [string, string, string[]] => [
      `derived in the order ${parts.join(', ')}`,
      first,
      parts,
    ]),
    ...scopes.flatMap(([how, day, ...names]): [string, string, string[]][] =>
      day !== undefined && isOther([day, ...names]) ? [[how, first, [day, ...names, terminator]]] : [],
    ),
  ]
}

/** All incorrect orders of the parts of a scope. */
export function permutations(parts: readonly string[]): string[][] {
  if (parts.length > 4) return []
  const orders = (rest: readonly string[]): string[][] =>
    rest.length < 2
      ? [[...rest]]
      : rest.flatMap((part, i) => orders(rest.filter((_, j) => j !== i)).map((order) => [part, ...order]))
  return orders(parts).slice(1)
}

const BYTES_FIX =
  'Use the bytes of each HMAC as the next key: in PHP hash_hmac(…, true), in Python and Node digest() instead of hexdigest() or digest("hex").'
const DAY_FIX =
  'Derive the key for the date of the credential scope: a cached key is valid only on its own day, in UTC.'
const SWAP_FIX =
  'The key of each HMAC is the previous result, and the message is the next part of the credential scope.'

/** Forms into which programs convert the bytes of a key, by name. */
const FORMS: Readonly<Record<string, (octets: string) => string>> = {
  'hexadecimal strings': hexOfOctets,
  'base64 strings': encodeOctets,
  'binary strings that were encoded as UTF-8': toOctets,
  'strings that were decoded as UTF-8': (octets) => toOctets(decodeLossy(octets)),
}

/** Keys chained incorrectly: as strings, in all steps or only in some, or with key and message swapped. */
function chained(secret: string, scope: readonly string[]): KeyVariation[] {
  const keyOfOctets = (octets: string): HmacKey => hmacKey(bytesOf(octets))
  const first = toOctets(`AWS4${secret}`)
  const right = (octets: string, part: string): string => octetsOfHex(hmacHex(keyOfOctets(octets), part))
  const last = scope.reduce(right, first)
  const ways = Object.entries(FORMS).flatMap(([how, form]): [how: string, octets: string][] => {
    const step = (octets: string, part: string): string => form(right(octets, part))
    const before = scope.slice(0, -1).reduce(step, first)
    return [
      [`derived from ${how}`, scope.reduce(step, first)],
      [`passed on as ${how}`, form(last)],
      [`derived from ${how}, except for the last step`, right(before, scope[scope.length - 1] ?? '')],
    ]
  })
  const swapped = [undefined, toOctets].map((form) => hmacKey(swappedKey(secret, scope, form)))
  return [
    ...ways.map(([how, octets]) => keyOf('key-derivation', how, keyOfOctets(octets), BYTES_FIX)),
    ...swapped.map((key) => keyOf('key-derivation', 'derived with key and message swapped', key, SWAP_FIX)),
  ]
}

/** The signing key that results if key and message are swapped in each step. `form`: a program's form of its bytes. */
export function swappedKey(secret: string, scope: readonly string[], form?: (octets: string) => string): Uint8Array {
  const swap = (octets: string, part: string): string =>
    octetsOfHex(hmacHex(hmacKey(bytesOf(toOctets(part))), bytesOf(form ? form(octets) : octets)))
  return bytesOf(scope.reduce(swap, toOctets(`AWS4${secret}`)))
}

function hexOfOctets(octets: string): string {
  return octets.replace(/[\0-\xff]/g, (octet) => octet.charCodeAt(0).toString(16).padStart(2, '0'))
}

function amzDateOf(seconds: number): string | undefined {
  return seconds >= 0 && seconds < 253_402_300_800 ? formatAmzDate(seconds) : undefined
}

function shiftDay(date: string, days: number): string | undefined {
  const time = parseAmzDate(`${date}T000000Z`)
  return time === undefined ? undefined : amzDateOf(time + days * 86_400)?.slice(0, 8)
}

/** Dates, scopes and algorithms that may have been signed instead. */
export function statementChanges(facts: ParsedRequest, base: Pieces): Partial<Pieces>[] {
  const [date = '', region = '', service = '', terminator = ''] = facts.claim.scope
  const scopes = [
    ...namesIn(REGIONS).map((other) => [date, other, service, terminator]),
    ...namesIn(SERVICES).map((other) => [date, region, other, terminator]),
    ...[-1, 1].map((days) => [shiftDay(date, days) ?? date, region, service, terminator]),
    [date, region, service, 'aws4_request'],
    [date, region, service],
  ]
  const time = parseAmzDate(base.amzDate)
  const dates = [facts.headers.date, httpToAmz(facts.headers.date), date, `${date}T000000Z`]
  if (time !== undefined) {
    for (let quarters = -56; quarters <= 56; quarters++) dates.push(amzDateOf(time + quarters * 900))
    const iso = new Date(time * 1000).toISOString()
    dates.push(iso, iso.replace(/\.\d+/, ''), String(time), String(time * 1000), base.amzDate.slice(0, -1))
  }
  return [
    ...scopes.map((parts) => ({ scope: parts.join('/') })),
    ...dates.filter((amzDate) => amzDate !== undefined).map((amzDate) => ({ amzDate })),
    ...ALGORITHMS.split(' ').map((algorithm) => ({ algorithm })),
  ]
}

/** The request with a date some seconds earlier or later, in its header or parameter, in the string to sign, or both. */
export function* redated(base: Pieces): Generator<Partial<Pieces>> {
  const time = parseAmzDate(base.amzDate)
  if (time === undefined) return
  for (let seconds = 1; seconds <= 900; seconds++)
    for (const other of [time - seconds, time + seconds]) {
      const amzDate = amzDateOf(other)
      if (amzDate === undefined) continue
      const headers = base.headers.map(([name, value]) => [name, name === 'x-amz-date' ? amzDate : value] as const)
      const query = base.query.replace(/(X-Amz-Date=)[^&]*/, `$1${amzDate}`)
      yield { amzDate, headers, query }
      if (seconds <= 10) yield* [{ amzDate }, { headers, query }]
    }
}

function httpToAmz(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '') / 1000
  return time > 0 ? amzDateOf(Math.floor(time)) : undefined
}
