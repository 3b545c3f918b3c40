import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import {
  decodeOctets,
  encodeOctets,
  formatAmzDate,
  parseAmzDate,
  toOctets,
} from '../../../../../src/internal/encoding.ts'
import { deriveSigningKey, type HmacKey, hmacHex, hmacKey } from '../../../../../src/internal/sha256.ts'
import type { Cause } from '../model/causes.ts'
import type { Difference } from '../model/clue.ts'
import { type Claim, isSecretAsId, type ParsedRequest } from '../request/facts.ts'
import { bytesOf, decodeLossy, octetsOfHex } from '../request/octets.ts'
import type { Pieces } from '../request/pieces.ts'
import { LINE_BREAKS, SPELLINGS, UNSET } from './spellings.ts'

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

/** A wrong part of a key: the mistake, the part itself, and the fix if it is a specific one. */
type Wrong<T> = readonly [how: string, part: T, fix?: string | undefined]

/** Incorrect secrets and signing keys that clients use by mistake. */
export function keyVariations({ claim }: ParsedRequest, secrets: SecretCredentials): KeyVariation[] {
  const { secretAccessKey } = secrets
  if (secretAccessKey.length > LONGEST_SECRET) return []
  const { scope } = claim
  const secret = toOctets(secretAccessKey)
  const first = `AWS4${secret}`
  const derived = ([how, octets, fix]: Wrong<string>): KeyVariation => derivedWrongly(how, fix, octets)
  return [
    ...wrongSecrets(claim, secrets).map((wrong) => withSecret(wrong, scope)),
    ...starts(claim, secret).map(([how, start]) => derived([how, chain(start, scope)])),
    derived(['identical to the secret access key', first]),
    derived(['identical to the secret access key', secret]),
    ...steps(claim).map(([how, parts, fix]) => derived([how, chain(first, parts), fix])),
    ...chains().map(([how, run, fix]) => derived([how, run(first, scope), fix])),
  ]
}

/** A key with two mistakes. */
export interface TwiceWrongKey {
  readonly key: HmacKey
  readonly mistakes: readonly [KeyVariation, KeyVariation]
}

/** Signing keys with two mistakes: in the secret, the start, the parts of the scope, or the way they are chained. */
export function* twiceWrongKeys({ claim }: ParsedRequest, secrets: SecretCredentials): Generator<TwiceWrongKey> {
  const { secretAccessKey } = secrets
  if (secretAccessKey.length > LONGEST_SECRET) return
  const { scope } = claim
  const right = `AWS4${toOctets(secretAccessKey)}`
  function* wrongSecretAnd(one: KeyVariation, secret: string): Generator<TwiceWrongKey> {
    for (const [how, start] of starts(claim, secret)) yield both(one, how, chain(start, scope))
    for (const [how, parts, fix] of steps(claim)) yield both(one, how, chain(`AWS4${secret}`, parts), fix)
    for (const [how, run, fix] of chains()) yield both(one, how, run(`AWS4${secret}`, scope), fix)
  }
  const both = (one: KeyVariation, how: string, octets: string, fix?: string): TwiceWrongKey => {
    const two = derivedWrongly(how, fix, octets)
    return { key: two.key, mistakes: [one, two] }
  }
  for (const wrong of wrongSecrets(claim, secrets)) yield* wrongSecretAnd(withSecret(wrong, scope), wrong[2])
  for (const [how, start] of starts(claim, toOctets(secretAccessKey))) {
    const one = derivedWrongly(how, undefined, chain(start, scope))
    for (const [other, parts, fix] of steps(claim)) yield both(one, other, chain(start, parts), fix)
    for (const [other, run, fix] of chains()) yield both(one, other, run(start, scope), fix)
  }
  for (const [how, parts, fix] of steps(claim)) {
    const one = derivedWrongly(how, fix, chain(right, parts))
    for (const [other, run, otherFix] of chains()) yield both(one, other, run(right, parts), otherFix)
  }
}

/** Derives a key correctly from the octets of a start and the parts of a scope. */
function chain(start: string, parts: readonly string[]): string {
  return parts.reduce(nextKey, start)
}

function nextKey(octets: string, part: string): string {
  return octetsOfHex(hmacHex(hmacKey(bytesOf(octets)), part))
}

function derivedWrongly(how: string, fix: string | undefined, octets: string): KeyVariation {
  return keyOf('key-derivation', how, hmacKey(bytesOf(octets)), fix)
}

/** A wrong secret: its cause, the mistake, its octets, and the fix if it is a specific one. */
type WrongSecret = readonly [cause: Cause, how: string, octets: string, fix?: string]

function withSecret([cause, how, octets, fix]: WrongSecret, scope: readonly string[]): KeyVariation {
  return keyOf(cause, how, hmacKey(bytesOf(chain(`AWS4${octets}`, scope))), fix)
}

const UNSET_FIX = 'Set the variable or option with the secret in the environment that signs the request.'
const BASE64_FIX = 'Use the characters of the secret as they were issued: they are not base64.'

/** Secrets that clients use in place of the right one. */
function wrongSecrets(claim: Claim, secrets: SecretCredentials): WrongSecret[] {
  const { accessKeyId, secretAccessKey } = secrets
  const found: WrongSecret[] = UNSET.map((text) => {
    const what = text === '' ? 'an empty string' : `"${text}"`
    return ['wrong-secret', `before it was set: the client signed with ${what}`, text, UNSET_FIX]
  })
  for (const [how, change] of [...LINE_BREAKS, ...SPELLINGS]) {
    const changed = change(secretAccessKey)
    if (changed !== '') found.push([causeOf(changed, secretAccessKey), how, toOctets(changed)])
  }
  found.push(['secret-encoding', 'decoded from base64', decodeOctets(secretAccessKey) ?? '', BASE64_FIX])
  // local servers have pairs such as test and test, in which nothing was swapped
  if (isSecretAsId(claim, secrets) || /^A[KS]IA/.test(accessKeyId))
    found.push(['keys-swapped', 'replaced by the access key ID', toOctets(accessKeyId)])
  else found.push(['wrong-secret', 'identical to the access key ID, as local servers have it', toOctets(accessKeyId)])
  return found.filter(([, , octets]) => octets !== toOctets(secretAccessKey))
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

/** Incorrect starts of a derivation, as octets. */
function starts({ accessKeyId }: Claim, secret: string): Wrong<string>[] {
  return [
    ['derived without the prefix AWS4', secret],
    ['derived with the prefix AWS4 twice', `AWS4AWS4${secret}`],
    ['derived with the prefix aws4', `aws4${secret}`],
    ['derived with AWS4 at the end of the secret', `${secret}AWS4`],
    ['derived from the access key ID', toOctets(`AWS4${accessKeyId}`)],
    ['derived with the prefix AWS', `AWS${secret}`],
  ]
}

/** Incorrect parts that a key is derived from. */
function steps({ scope, date: amzDate = '' }: Claim): Wrong<readonly string[]>[] {
  const [date = '', region = '', service = '', terminator = 'aws4_request'] = scope
  const scopes: [how: string, day: string | undefined, region: string, service: string, fix?: string][] = [
    ['derived from the full date and time', amzDate, region, service],
    ['derived for the previous day', shiftDay(date, -1), region, service, DAY_FIX],
    ['derived for the next day', shiftDay(date, 1), region, service, DAY_FIX],
    ['derived for two days earlier', shiftDay(date, -2), region, service, DAY_FIX],
    ['derived for a week earlier', shiftDay(date, -7), region, service, DAY_FIX],
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
    ...['AWS4_REQUEST', 'aws4-request', 'aws_request', 'request', 'AWS4'].map(
      (end): Wrong<string[]> => [`derived with "${end}" as the last step`, [...scope.slice(0, 3), end]],
    ),
    ['derived with the last step twice', [...scope, terminator]],
    ['derived without the last step', scope.slice(0, 3)],
    ['derived without the date', [region, service, terminator]],
    ['derived without the region', [date, service, terminator]],
    ['derived without the service', [date, region, terminator]],
    ['derived from the scope as one string', [scope.join('/')]],
    ...permutations(scope).map((parts): Wrong<string[]> => [`derived in the order ${parts.join(', ')}`, parts]),
    ...scopes.flatMap(([how, day, r, s, fix]): Wrong<string[]>[] =>
      day !== undefined && isOther([day, r, s]) ? [[how, [day, r, s, terminator], fix]] : [],
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

type Chain = (start: string, parts: readonly string[]) => string

/** Incorrect ways to chain a key: as strings, in all steps or only in some, or with key and message swapped. */
function chains(): Wrong<Chain>[] {
  return [
    ...Object.entries(FORMS).flatMap(([how, form]): Wrong<Chain>[] => {
      const step = (octets: string, part: string): string => form(nextKey(octets, part))
      return [
        [`derived from ${how}`, (start, parts) => parts.reduce(step, start), BYTES_FIX],
        [`passed on as ${how}`, (start, parts) => form(parts.reduce(nextKey, start)), BYTES_FIX],
        [
          `derived from ${how}, except for the last step`,
          (start, parts) => nextKey(parts.slice(0, -1).reduce(step, start), parts[parts.length - 1] ?? ''),
          BYTES_FIX,
        ],
      ]
    }),
    ...['date', 'region', 'service'].map(
      (name, at): Wrong<Chain> => [
        `derived from the hexadecimal string of the ${name} step, and from bytes in the others`,
        (start, parts) =>
          parts.reduce(
            (octets, part, i) => (i === at ? hexOfOctets(nextKey(octets, part)) : nextKey(octets, part)),
            start,
          ),
        BYTES_FIX,
      ],
    ),
    ['derived with key and message swapped', (start, parts) => parts.reduce(swapped(), start), SWAP_FIX],
    ['derived with key and message swapped', (start, parts) => parts.reduce(swapped(toOctets), start), SWAP_FIX],
  ]
}

/** A step of a derivation with key and message swapped. `form`: a program's form of its bytes. */
function swapped(form?: (octets: string) => string): (octets: string, part: string) => string {
  return (octets, part) => octetsOfHex(hmacHex(hmacKey(bytesOf(toOctets(part))), bytesOf(form ? form(octets) : octets)))
}

/** The signing key that results if key and message are swapped in each step. */
export function swappedKey(secret: string, scope: readonly string[]): Uint8Array {
  return bytesOf(scope.reduce(swapped(), toOctets(`AWS4${secret}`)))
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

/** Scopes, dates and algorithms that may have been signed instead; the likeliest first. */
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
  const shifted: (string | undefined)[] = []
  if (time !== undefined) {
    const iso = new Date(time * 1000).toISOString()
    dates.push(iso, iso.replace(/\.\d+/, ''), String(time), String(time * 1000), base.amzDate.slice(0, -1))
    for (let quarters = -56; quarters <= 56; quarters++) shifted.push(amzDateOf(time + quarters * 900))
  }
  const dated = (all: readonly (string | undefined)[]): Partial<Pieces>[] =>
    all.filter((amzDate) => amzDate !== undefined).map((amzDate) => ({ amzDate }))
  return [
    ...scopes.map((parts) => ({ scope: parts.join('/') })),
    ...dated(dates),
    ...ALGORITHMS.split(' ').map((algorithm) => ({ algorithm })),
    ...dated(shifted),
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
