import {
  EMPTY_HASH,
  formatCanonicalRequest,
  formatStringToSign,
} from '../../../../../src/internal/canonical-request.ts'
import { encodeOctets, toOctets } from '../../../../../src/internal/encoding.ts'
import type { Pair } from '../../../../../src/internal/http.ts'
import { type HmacKey, hmacHex, hmacKey, sha256Hex } from '../../../../../src/internal/sha256.ts'
import type { Cause } from '../model/causes.ts'
import type { Difference, PartKind } from '../model/clue.ts'
import { hashOfBody, type ParsedRequest } from '../request/facts.ts'
import { bytesOf, fromAnyOctets, octetsOf, octetsOfHex } from '../request/octets.ts'
import type { Pieces } from '../request/pieces.ts'
import { permutations } from './keys.ts'
import { base64, ENDS, type Line, type Made, METHOD, PATH, withEnds, written, writtenTwice } from './lines.ts'

// Mistakes in assembling the signed strings: each is one way to write a string, so that one HMAC proves it.

/** A mistake that was found. */
export type Assembly = Difference & { readonly message: string }

const PATH_FIX =
  'Write only the path on the second line, and only the query string on the third, with its parameters encoded and sorted.'
const NAMES_FIX = 'Write the names of the signed headers in lowercase, separated by ";" and nothing else.'
const HEADERS_FIX = 'Write each signed header as name:value, with the name in lowercase, on a line of its own.'

/** The lines of a canonical request, and what each contains. */
function linesOf({ method, uri, query, headers, signedHeaders, payloadHash }: Pieces): Line[] {
  return [
    [method, METHOD],
    [uri, PATH],
    [query, 'the line of the query string'],
    ...headers.map(([name, value]): Line => [`${name}:${value}`, `the ${name} header`, 'signed-headers']),
    ['', 'the empty line after the headers'],
    [signedHeaders, 'the list of signed headers', 'signed-headers'],
    [payloadHash, 'the payload hash', 'payload-hash'],
  ]
}

/** A part that was written in the wrong place or form: the pieces, the mistake, and its fix and cause. */
type Misplaced = readonly [change: Partial<Pieces>, how: string, fix: string, cause?: Cause]

/** Parts of a canonical request that clients write in the wrong place or form. */
function* misplaced({ uri, query, headers, signedHeaders }: Pieces, facts: ParsedRequest): Generator<Misplaced> {
  const { path, parameters } = facts
  const host = headers.find(([name]) => name === 'host')?.[1] ?? ''
  const sent = parameters.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join('&')
  for (const start of ['', host, `https://${host}`, `http://${host}`, `//${host}`]) {
    const what = start === '' ? 'the query string' : start === host ? 'the host' : 'the URL'
    for (const given of new Set([uri, path, ...(uri === '/' ? [''] : [])])) {
      if (start !== '') yield [{ uri: start + given }, `with ${what} in the line of the path`, PATH_FIX]
      for (const rest of new Set([`?${query}`, `?${sent}`, ...(query === '' && start !== '' ? [''] : [])])) {
        const own = rest === `?${sent}` && sent !== query ? ', as it was sent,' : ''
        const how = `with ${what}${start === '' ? '' : ' and the query string'}${own} in the line of the path`
        yield [{ uri: start + given + rest, query: '' }, how, PATH_FIX]
        yield [{ uri: start + given + rest }, how, PATH_FIX]
      }
    }
  }
  yield [{ uri: host }, 'with the host instead of the path', PATH_FIX]
  const named = (names: string, how: string): Misplaced => [
    { signedHeaders: names },
    `with ${how} the names of signed headers`,
    NAMES_FIX,
    'signed-headers',
  ]
  for (const mark of ['; ', ', ', ',', ' ', ':', '\n'])
    yield named(signedHeaders.replaceAll(';', mark), `${JSON.stringify(mark)} between`)
  for (const start of ['SignedHeaders=', 'SignedHeaders:', 'signedheaders:'])
    yield named(start + signedHeaders, `"${start}" before`)
  const all = (map: (header: Pair) => Pair): Partial<Pieces> => ({ headers: headers.map(map) })
  for (const scheme of ['https://', 'http://']) {
    const change = all(([name, value]) => [name, name === 'host' ? scheme + value : value])
    yield [change, `with ${scheme} in the host`, 'Write the host without a scheme.']
  }
  const uppercase = all(([name, value]) => [name.toUpperCase(), value])
  yield [uppercase, 'with uppercase names of headers', HEADERS_FIX, 'signed-headers']
  yield [all(([name, value]) => [name, value.toLowerCase()]), 'with lowercase values of headers', HEADERS_FIX]
  for (const [i, [name]] of headers.entries()) {
    const twice = headers.flatMap((header, j) => (i === j ? [header, header] : [header]))
    const change = { headers: twice, signedHeaders: twice.map(([each]) => each).join(';') }
    yield [change, `with the ${name} header twice`, 'Sign each header once.', 'signed-headers']
  }
  yield [{ headers: [] }, 'without the headers', HEADERS_FIX]
}

/** Incorrect ways to write a canonical request. */
function* canonicalWays(pieces: Pieces, facts: ParsedRequest, isShort: boolean): Generator<Made> {
  yield* written(linesOf(pieces), isShort)
  for (const [change, how, fix, cause] of misplaced(pieces, facts)) {
    const text = formatCanonicalRequest({ ...pieces, ...change })
    yield [text, how, fix, cause]
    if (change.query === '')
      yield [text.replace('\n\n', '\n'), `${how}, and without the line of the query string`, fix, cause]
  }
  const lines = pieces.headers.map(([name, value]) => `${name}:${value}`)
  for (const mark of ['', ';', ',', ' ', '\n\n'])
    yield [
      formatCanonicalRequest(pieces).replace(lines.join('\n'), () => lines.join(mark)),
      `with ${mark === '' ? 'nothing' : JSON.stringify(mark)} between the headers`,
      HEADERS_FIX,
    ]
}

const PAYLOAD_FIX = 'Write the SHA-256 of the bytes of the body in lowercase hexadecimal digits.'

/** Payload hashes that clients write in place of the right one. */
function* payloadWays(pieces: Pieces, facts: ParsedRequest): Generator<Made> {
  const hash = hashOfBody(facts) ?? EMPTY_HASH
  const body = facts.body && facts.body.length <= LONGEST_BODY ? fromAnyOctets(octetsOf(facts.body)) : ''
  const made: readonly (readonly [string, string])[] = [
    [base64(hash), 'in base64'],
    [sha256Hex(hash), 'of the hash'],
    [sha256Hex(bytesOf(octetsOfHex(hash))), 'of the bytes of the hash'],
    [sha256Hex(encodeOctets(toOctets(body))), 'of the body in base64'],
    [sha256Hex(pieces.payloadHash), `of the string "${pieces.payloadHash.slice(0, 64)}"`],
    ...['{}', '[]', '""', 'null', 'undefined', '\n'].map((text) => [sha256Hex(text), `of the string ${text}`] as const),
  ]
  for (const [payloadHash, how] of made)
    yield [formatCanonicalRequest({ ...pieces, payloadHash }), `the hash ${how}`, PAYLOAD_FIX]
  yield [formatCanonicalRequest({ ...pieces, payloadHash: body }), 'the body instead of its hash', PAYLOAD_FIX]
}

/** Maximum size of a body in a canonical request, in bytes. */
const LONGEST_BODY = 65_536

/** Canonical requests that the client may have assembled incorrectly. `isShort`: only those that clients combine. */
export function* canonicalMistakes(
  pieces: Pieces,
  facts: ParsedRequest,
  isShort = false,
): Generator<[string, Assembly]> {
  const right = formatCanonicalRequest(pieces)
  for (const made of canonicalWays(pieces, facts, isShort)) if (made[0] !== right) yield [made[0], inCanonical(made)]
  for (const [text, how, fix] of payloadWays(pieces, facts))
    if (text !== right)
      // an empty body in base64 is empty, too
      yield [text, mistake('payload-hash', 'payload hash', `As the payload hash, the client signed ${how}.`, fix)]
}

function inCanonical([, how, fix, cause = 'canonical-request']: Made): Assembly {
  return mistake(cause, 'canonical request', `The client wrote the canonical request ${how}.`, fix)
}

function inToSign([, how, fix, cause = 'string-to-sign']: Made): Assembly {
  return mistake(cause, 'string to sign', `The client wrote the string to sign ${how}.`, fix)
}

/** Incorrect ways to write a scope: in a different order, without some of its parts, with different separators. */
function scopes(parts: readonly string[]): string[] {
  if (parts.length !== 4) return []
  const orders = permutations(parts).map((order) => order.join('/'))
  const fewer = Array.from({ length: 15 }, (_, bits) => parts.filter((_, i) => bits & (1 << i)).join('/'))
  return [...orders, ...fewer, ...['', ',', '-', ':', ';', '\n'].map((mark) => parts.join(mark))]
}

const HASH_FIX = 'End the string to sign with the SHA-256 of the canonical request, in lowercase hexadecimal digits.'

/** The lines of a string to sign, and what each contains. */
function linesToSign({ algorithm, amzDate, scope }: Pieces, hash: string): Line[] {
  return [
    [algorithm, 'the algorithm', 'algorithm'],
    [amzDate, 'the date'],
    [scope, 'the credential scope'],
    [hash, 'the hash of the canonical request'],
  ]
}

/**
 * Strings to sign that the client may have assembled incorrectly for a canonical request. `keys`: keys with which it may
 * have computed an HMAC instead of a hash.
 */
export function* toSignMistakes(
  pieces: Pieces,
  canonical: string,
  { claim, location }: ParsedRequest,
  keys: readonly HmacKey[] = [],
  isShort = false,
): Generator<[string, Assembly]> {
  const { amzDate, scope } = pieces
  const hash = sha256Hex(canonical)
  const spaced = location === 'query' ? amzDate.replaceAll('+', ' ') : amzDate
  const ways: Made[] = [
    // the URL was written incorrectly then, not the string
    [
      formatStringToSign({ ...pieces, amzDate: spaced }, hash),
      'with a space where the URL has a +',
      undefined,
      'query-plus',
    ],
    ...written(linesToSign(pieces, hash), isShort),
    ...scopes(scope.split('/')).map(
      (other): Made => [
        formatStringToSign({ ...pieces, scope: other }, hash),
        `with the credential scope ${other}`,
        'Write the credential scope as date/region/service/aws4_request.',
      ],
    ),
    [
      formatStringToSign({ ...pieces, scope: `${claim.accessKeyId}/${scope}` }, hash),
      'with the access key ID in the credential scope',
      'Start the credential scope with the date.',
    ],
    [formatStringToSign(pieces, canonical), 'with the canonical request instead of its hash', HASH_FIX],
    [formatStringToSign(pieces, pieces.payloadHash), 'with the payload hash as its last line', HASH_FIX],
    ...keys.map(
      (key): Made => [formatStringToSign(pieces, hmacHex(key, canonical)), 'with an HMAC as its last line', HASH_FIX],
    ),
  ]
  const right = formatStringToSign(pieces, hash)
  for (const made of ways) if (made[0] !== right) yield [made[0], inToSign(made)]
  const fix = 'Compute the HMAC of the string to sign.'
  for (const [text, what] of [
    [sha256Hex(right), 'the hash of the string to sign'],
    [canonical, 'the canonical request'],
    [hash, 'the hash of the canonical request'],
  ] as const)
    yield [text, mistake('string-to-sign', 'string to sign', `The client computed the HMAC of ${what}.`, fix)]
}

function mistake(cause: Cause, of: PartKind, message: string, fix: string | undefined): Assembly {
  return { cause, part: { of }, message, fix }
}

/** The last HMAC with key and message swapped. */
export function isSwapped(key: Uint8Array, toSign: string, signature: string): boolean {
  return hmacHex(hmacKey(bytesOf(toOctets(toSign))), key) === signature
}

export const SWAPPED = /* @__PURE__ */ mistake(
  'key-derivation',
  'signing key',
  'The client computed the last HMAC with key and message swapped.',
  'Use the bytes of the signing key as the key, and the string to sign as the message.',
)

/** A string to sign, the mistakes in assembling it, and the number of characters that were hashed for it. */
export type Assembled = readonly [toSign: string, mistakes: readonly Assembly[], size: number]

/** Strings to sign with one mistake in the assembly. `isShort`: only those that clients combine with others. */
export function* assembledWrongly(
  pieces: Pieces,
  facts: ParsedRequest,
  keys: readonly HmacKey[],
  isShort = false,
): Generator<Assembled> {
  const canonical = formatCanonicalRequest(pieces)
  for (const [text, found] of toSignMistakes(pieces, canonical, facts, keys, isShort))
    yield [text, [found], text.length]
  for (const [text, found] of canonicalMistakes(pieces, facts, isShort))
    yield [formatStringToSign(pieces, sha256Hex(text)), [found], text.length]
  // a client makes the same mistake in both strings
  for (const row of ENDS) {
    const [own] = withEnds(canonical.split('\n'), row)
    const [text, fix] = withEnds(formatStringToSign(pieces, sha256Hex(own)).split('\n'), row)
    yield [
      text,
      [mistake('canonical-request', 'canonical request', `The client wrote each string with ${row[0]}.`, fix)],
      own.length,
    ]
  }
  const uppercase = formatCanonicalRequest({ ...pieces, payloadHash: pieces.payloadHash.toUpperCase() })
  yield [formatStringToSign(pieces, sha256Hex(uppercase).toUpperCase()), [UPPERCASE], uppercase.length]
}

const UPPERCASE = /* @__PURE__ */ mistake(
  'signature-case',
  'string to sign',
  'The client wrote its hashes in uppercase hexadecimal digits.',
  'Write hashes and the signature in lowercase hexadecimal digits.',
)

/** Strings to sign with two mistakes in the assembly. */
export function* assembledTwice(pieces: Pieces, facts: ParsedRequest): Generator<Assembled> {
  const finish = (canonical: string, ...found: Assembly[]): Assembled => [
    formatStringToSign(pieces, sha256Hex(canonical)),
    found,
    canonical.length,
  ]
  const right = formatCanonicalRequest(pieces)
  for (const [text, one, two] of writtenTwice(linesToSign(pieces, sha256Hex(right))))
    yield [text, [inToSign(one), inToSign(two)], text.length]
  for (const [text, one, two] of writtenTwice(linesOf(pieces))) yield finish(text, inCanonical(one), inCanonical(two))
  for (const [change, ...how] of misplaced(pieces, facts)) {
    const changed = { ...pieces, ...change }
    for (const made of written(linesOf(changed), true))
      yield finish(made[0], inCanonical(['', ...how]), inCanonical(made))
  }
  for (const [canonical, one] of canonicalMistakes(pieces, facts, true))
    for (const [text, two] of toSignMistakes(pieces, canonical, facts, [], true)) yield [text, [one, two], text.length]
}
