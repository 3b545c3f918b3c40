import {
  EMPTY_HASH,
  formatCanonicalRequest,
  formatStringToSign,
} from '../../../../../src/internal/canonical-request.ts'
import { encodeOctets, toOctets } from '../../../../../src/internal/encoding.ts'
import type { Pair } from '../../../../../src/internal/http.ts'
import { deriveSigningKey, type HmacKey, hmacHex, hmacKey, sha256Hex } from '../../../../../src/internal/sha256.ts'
import { type Budget, spend } from '../case/budget.ts'
import type { Cause } from '../model/causes.ts'
import type { Difference, PartKind } from '../model/clue.ts'
import { hashOfBody, type ParsedRequest } from '../request/facts.ts'
import { bytesOf, fromAnyOctets, octetsOf, octetsOfHex } from '../request/octets.ts'
import type { Pieces } from '../request/pieces.ts'
import { permutations, swappedKey } from './keys.ts'
import { base64, ENDS, type Line, type Made, METHOD, PATH, withEnds, written } from './lines.ts'

// Mistakes in assembling the signed strings: each is one way to write a string, so that one HMAC proves it.

/** A mistake that was found. */
export type Assembly = Difference & { readonly message: string }

const PATH_FIX = 'Write only the path on the second line, and only the query string on the third.'
const NAMES_FIX = 'Write the names of the signed headers in lowercase, separated by ";" and nothing else.'
const HEADERS_FIX = 'Write each signed header as name:value, with the name in lowercase, on a line of its own.'

/** Incorrect ways to write a canonical request. */
function* canonicalWays(pieces: Pieces, { path, parameters }: ParsedRequest): Generator<Made> {
  const { method, uri, query, headers, signedHeaders, payloadHash } = pieces
  const format = (change: Partial<Pieces>): string => formatCanonicalRequest({ ...pieces, ...change })
  yield* written([
    [method, METHOD],
    [uri, PATH],
    [query, 'the line of the query string'],
    ...headers.map(([name, value]): Line => [`${name}:${value}`, `the ${name} header`, 'signed-headers']),
    ['', 'the empty line after the headers'],
    [signedHeaders, 'the list of signed headers', 'signed-headers'],
    [payloadHash, 'the payload hash', 'payload-hash'],
  ])
  const host = headers.find(([name]) => name === 'host')?.[1] ?? ''
  const sent = parameters.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)).join('&')
  for (const start of ['', host, `https://${host}`, `http://${host}`, `//${host}`]) {
    const what = start === '' ? 'the query string' : start === host ? 'the host' : 'the URL'
    for (const given of new Set([uri, path, ...(uri === '/' ? [''] : [])])) {
      if (start !== '') yield [format({ uri: start + given }), `with ${what} in the line of the path`, PATH_FIX]
      for (const rest of new Set([`?${query}`, `?${sent}`, ...(query === '' && start !== '' ? [''] : [])])) {
        const target = start + given + rest
        const how = `with ${what}${start === '' ? '' : ' and the query string'} in the line of the path`
        yield [format({ uri: target, query: '' }), how, PATH_FIX]
        yield [format({ uri: target }), how, PATH_FIX]
        const short = format({ uri: target, query: '' }).replace('\n\n', '\n')
        yield [short, `${how}, and without the line of the query string`, PATH_FIX]
      }
    }
  }
  yield [format({ uri: host }), 'with the host instead of the path', PATH_FIX]
  const named = (names: string, how: string): Made => [
    format({ signedHeaders: names }),
    `with ${how} the names of signed headers`,
    NAMES_FIX,
    'signed-headers',
  ]
  for (const mark of ['; ', ', ', ',', ' ', ':', '\n'])
    yield named(signedHeaders.replaceAll(';', mark), `${JSON.stringify(mark)} between`)
  for (const start of ['SignedHeaders=', 'SignedHeaders:', 'signedheaders:'])
    yield named(start + signedHeaders, `"${start}" before`)
  const all = (map: (header: Pair) => Pair): string => format({ headers: headers.map(map) })
  for (const scheme of ['https://', 'http://']) {
    const text = all(([name, value]) => [name, name === 'host' ? scheme + value : value])
    yield [text, `with ${scheme} in the host`, 'Write the host without a scheme.']
  }
  const uppercase = all(([name, value]) => [name.toUpperCase(), value])
  yield [uppercase, 'with uppercase names of headers', HEADERS_FIX, 'signed-headers']
  yield [all(([name, value]) => [name, value.toLowerCase()]), 'with lowercase values of headers', HEADERS_FIX]
  for (const [i, [name]] of headers.entries()) {
    const twice = headers.flatMap((header, j) => (i === j ? [header, header] : [header]))
    const text = format({ headers: twice, signedHeaders: twice.map(([each]) => each).join(';') })
    yield [text, `with the ${name} header twice`, 'Sign each header once.', 'signed-headers']
  }
  const lines = headers.map(([name, value]) => `${name}:${value}`)
  yield [format({ headers: [] }), 'without the headers', HEADERS_FIX]
  for (const mark of ['', ';', ',', ' '])
    yield [
      format({}).replace(lines.join('\n'), () => lines.join(mark)),
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

/** Canonical requests that the client may have assembled incorrectly. */
export function* canonicalMistakes(pieces: Pieces, facts: ParsedRequest): Generator<[string, Assembly]> {
  const right = formatCanonicalRequest(pieces)
  for (const [text, how, fix, cause = 'canonical-request'] of canonicalWays(pieces, facts))
    if (text !== right)
      yield [text, mistake(cause, 'canonical request', `The client wrote the canonical request ${how}.`, fix)]
  for (const [text, how, fix] of payloadWays(pieces, facts))
    if (text !== right)
      // an empty body in base64 is empty, too
      yield [text, mistake('payload-hash', 'payload hash', `As the payload hash, the client signed ${how}.`, fix)]
}

/** Incorrect ways to write a scope: in a different order, without some of its parts, with different separators. */
function scopes(parts: readonly string[]): string[] {
  if (parts.length !== 4) return []
  const orders = permutations(parts).map((order) => order.join('/'))
  const fewer = Array.from({ length: 15 }, (_, bits) => parts.filter((_, i) => bits & (1 << i)).join('/'))
  return [...orders, ...fewer, ...['', ',', '-', ':', ';', '\n'].map((mark) => parts.join(mark))]
}

const HASH_FIX = 'End the string to sign with the SHA-256 of the canonical request, in lowercase hexadecimal digits.'

/**
 * Strings to sign that the client may have assembled incorrectly for a canonical request. `keys`: keys with which it may
 * have computed an HMAC instead of a hash.
 */
export function* toSignMistakes(
  pieces: Pieces,
  canonical: string,
  { claim, location }: ParsedRequest,
  keys: readonly HmacKey[] = [],
): Generator<[string, Assembly]> {
  const { algorithm, amzDate, scope } = pieces
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
    ...written([
      [algorithm, 'the algorithm', 'algorithm'],
      [amzDate, 'the date'],
      [scope, 'the credential scope'],
      [hash, 'the hash of the canonical request'],
    ]),
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
  for (const [text, how, fix, cause = 'string-to-sign'] of ways)
    if (text !== right)
      yield [text, mistake(cause, 'string to sign', `The client wrote the string to sign ${how}.`, fix)]
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

/** Searches for mistakes in assembling a request that is signed with the right secret. */
export function searchAssembly(
  pieces: Pieces,
  facts: ParsedRequest,
  secretAccessKey: string,
  signature: string,
  budget: Budget,
): Assembly | undefined {
  const bytes = deriveSigningKey(secretAccessKey, facts.claim.scope)
  const key = hmacKey(bytes)
  const canonical = formatCanonicalRequest(pieces)
  const toSign = formatStringToSign(pieces, sha256Hex(canonical))
  const swapped = swappedKey(secretAccessKey, facts.claim.scope)
  if (isSwapped(bytes, toSign, signature) || isSwapped(swapped, toSign, signature)) return SWAPPED
  const keys = [key, ...[secretAccessKey, `AWS4${secretAccessKey}`, ''].map((each) => hmacKey(bytesOf(toOctets(each))))]
  for (const [text, found] of toSignMistakes(pieces, canonical, facts, keys)) {
    if (hmacHex(key, text) === signature) return found
    if (!spend(budget, text.length)) return undefined
  }
  for (const [text, found] of canonicalMistakes(pieces, facts)) {
    if (hmacHex(key, formatStringToSign(pieces, sha256Hex(text))) === signature) return found
    if (!spend(budget, text.length)) return undefined
  }
  // a client makes the same mistake in both strings
  for (const row of ENDS) {
    const [own] = withEnds(canonical.split('\n'), row)
    const [text, fix] = withEnds(formatStringToSign(pieces, sha256Hex(own)).split('\n'), row)
    if (hmacHex(key, text) === signature)
      return mistake('canonical-request', 'canonical request', `The client wrote each string with ${row[0]}.`, fix)
  }
  const uppercase = formatCanonicalRequest({ ...pieces, payloadHash: pieces.payloadHash.toUpperCase() })
  if (hmacHex(key, formatStringToSign(pieces, sha256Hex(uppercase).toUpperCase())) === signature)
    return mistake(
      'signature-case',
      'string to sign',
      'The client wrote its hashes in uppercase hexadecimal digits.',
      'Write hashes and the signature in lowercase hexadecimal digits.',
    )
  return undefined
}
