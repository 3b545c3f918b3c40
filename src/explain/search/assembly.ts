import { encodeOctets } from '../../core/encoding/base64.ts'
import { toOctets } from '../../core/encoding/utf8.ts'
import { formatCanonicalRequest } from '../../core/signing/canonical-request.ts'
import { formatStringToSign } from '../../core/signing/string-to-sign.ts'
import { deriveKey, hmacHex, hmacKey, sha256Hex } from '../../crypto/sha256.ts'
import type { Cause } from '../model/causes.ts'
import type { Difference, PartKind } from '../model/clue.ts'
import { hashOfBody, type ParsedRequest } from '../request/facts.ts'
import { bytesOf, octetsOf, octetsOfHex } from '../request/octets.ts'
import type { Pieces } from '../request/pieces.ts'

// Mistakes in assembling what is signed. Each is one way to write a string, so that one HMAC proves it.

/** A mistake: what happened, what to do, and what the client made of the right value. */
type Mistake<T extends readonly unknown[]> = readonly [how: string, fix: string, made: (...given: T) => string]

/** A mistake that was found. */
export type Assembly = Difference & { readonly message: string }

const base64 = (hex: string): string => encodeOctets(octetsOfHex(hex))
/** Lines without the one at an index; from the end if it is negative. */
const without = (lines: readonly string[], at: number): string[] =>
  lines.filter((_, i) => i !== (at < 0 ? lines.length + at : at))
/** Lines with a different one at an index; from the end if it is negative. */
const replaced = (lines: readonly string[], at: number, map: (line: string) => string): string =>
  joined(lines.map((line, i) => (i === (at < 0 ? lines.length + at : at) ? map(line) : line)))
const joined = (lines: readonly string[]): string => lines.join('\n')

/** Mistakes in any string of several lines. */
const LINES: readonly Mistake<[text: string]>[] = [
  ['with a line feed at its end', 'Do not add a line feed after the last line.', (text) => `${text}\n`],
  ['with CRLF between its lines', 'Separate the lines by a line feed alone.', (text) => text.replaceAll('\n', '\r\n')],
  [
    'with a backslash and an n between its lines',
    'Separate the lines by a line feed: in PHP, Perl, and shells, "\\n" requires double quotes.',
    (text) => text.replaceAll('\n', '\\n'),
  ],
  ['with spaces around its lines', 'Do not indent the lines.', (text) => text.replaceAll('\n', '\n ')],
  ['with a line feed at its start', 'Start with the first line.', (text) => `\n${text}`],
]

const EMPTY_LINE = 'Write an empty line between the headers and the list of their names.'
const QUERY_LINE = 'Write the query string on the third line. If there is none, leave the line empty.'
const PATH_LINE = 'Write only the path on the second line, and the query string on the third.'

/** Mistakes in the canonical request: method, path, query, headers, an empty line, signed headers, and payload hash. */
const CANONICAL: readonly Mistake<[lines: readonly string[], pieces: Pieces]>[] = [
  ['without the empty line after the headers', EMPTY_LINE, (lines) => joined(without(lines, -3))],
  ['with two empty lines after the headers', EMPTY_LINE, (lines) => replaced(lines, -3, () => '\n')],
  ['without the line of the query string', QUERY_LINE, (lines) => joined(without(lines, 2))],
  [
    'without the line of the query string, and without the empty line after the headers',
    `${QUERY_LINE} ${EMPTY_LINE}`,
    (lines) => joined(without(without(lines, -3), 2)),
  ],
  [
    'with the query string in the line of the path',
    PATH_LINE,
    ([method, uri, query, ...rest]) => joined([method!, `${uri}?${query}`, '', ...rest]),
  ],
  [
    'with the query string in the line of the path, and without a line of its own',
    PATH_LINE,
    ([method, uri, query, ...rest]) => joined([method!, `${uri}?${query}`, ...rest]),
  ],
  [
    'with the query string in the line of the path as well',
    PATH_LINE,
    ([method, uri, query, ...rest]) => joined([method!, `${uri}?${query}`, query!, ...rest]),
  ],
  ...['https://', 'http://', ''].flatMap((scheme): Mistake<[readonly string[], Pieces]>[] => [
    [
      `with the ${scheme === '' ? 'host' : 'complete URL'} in the line of the path`,
      PATH_LINE,
      ([method, uri, ...rest], pieces) => joined([method!, scheme + hostOf(pieces) + uri, ...rest]),
    ],
    [
      `with the ${scheme === '' ? 'host' : 'complete URL'} and the query string in the line of the path`,
      PATH_LINE,
      ([method, uri, query, ...rest], pieces) =>
        joined([method!, `${scheme}${hostOf(pieces)}${uri}?${query}`, '', ...rest]),
    ],
    [
      `with ${scheme} in the host`,
      'Write the host without a scheme.',
      (lines) => joined(lines).replace('\nhost:', `\nhost:${scheme}`),
    ],
  ]),
  [
    'without the list of signed headers',
    'Write the names of the signed headers on the line before the last.',
    (lines) => joined(without(lines, -2)),
  ],
  ['without the payload hash', 'End with the hash of the body.', (lines) => joined(without(lines, -1))],
  ['without the method', 'Start with the method.', (lines) => joined(without(lines, 0))],
  [
    'without the headers',
    'Write each signed header on a line of its own.',
    (lines) => joined([...lines.slice(0, 3), ...lines.slice(-3)]),
  ],
  [
    'with uppercase names of headers',
    'Write the names of headers in lowercase.',
    (lines) => joined(lines).replace(/^[a-z][\w-]*(?=:)/gm, (name) => name.toUpperCase()),
  ],
  ...['; ', ', ', ' ', ':', '\n'].map(
    (mark): Mistake<[readonly string[]]> => [
      `with ${JSON.stringify(mark)} between the names of signed headers`,
      'Separate the names by ";", without spaces.',
      (lines) => replaced(lines, -2, (names) => names.replaceAll(';', mark)),
    ],
  ),
  [
    'with ";" after the names of signed headers',
    'Separate the names by ";", without one at the end.',
    (lines) => replaced(lines, -2, (names) => `${names};`),
  ],
  ...LINES.map(([how, fix, made]): Mistake<[readonly string[]]> => [how, fix, (lines) => made(joined(lines))]),
]

function hostOf({ headers }: Pieces): string {
  return headers.find(([name]) => name === 'host')?.[1] ?? ''
}

const HASH_LINE = 'End with the SHA-256 of the canonical request, in lowercase hexadecimal digits.'
const SCOPE_LINE = 'Write the third line as 20150830/us-east-1/s3/aws4_request, without a slash at its start or end.'

/** Mistakes in the string to sign: algorithm, date, scope, and hash. */
const TO_SIGN: readonly Mistake<[lines: readonly string[], canonical: string, facts: ParsedRequest]>[] = [
  ['without its first line, the algorithm', 'Start with AWS4-HMAC-SHA256.', (lines) => joined(without(lines, 0))],
  ['without the date', 'Write X-Amz-Date on the second line.', (lines) => joined(without(lines, 1))],
  ['without the credential scope', SCOPE_LINE, (lines) => joined(without(lines, 2))],
  [
    'with the access key ID in the scope',
    SCOPE_LINE,
    (lines, _, { claim }) => replaced(lines, 2, (scope) => `${claim.accessKeyId}/${scope}`),
  ],
  ['with a slash before the scope', SCOPE_LINE, (lines) => replaced(lines, 2, (scope) => `/${scope}`)],
  ['with a slash after the scope', SCOPE_LINE, (lines) => replaced(lines, 2, (scope) => `${scope}/`)],
  [
    'with the canonical request instead of its hash',
    HASH_LINE,
    (lines, canonical) => replaced(lines, 3, () => canonical),
  ],
  ['with the hash of the hash', HASH_LINE, (lines) => replaced(lines, 3, sha256Hex)],
  ['with the hash in base64', HASH_LINE, (lines) => replaced(lines, 3, base64)],
  ['with the hash in uppercase', HASH_LINE, (lines) => replaced(lines, 3, (hash) => hash.toUpperCase())],
  [
    'with the hash of the payload',
    HASH_LINE,
    (lines, canonical) => replaced(lines, 3, () => canonical.slice(canonical.lastIndexOf('\n') + 1)),
  ],
  ['as its hash', 'Compute the HMAC of the string to sign, not of its hash.', (lines) => sha256Hex(joined(lines))],
  ['as the canonical request', 'Compute the HMAC of the string to sign.', (_, canonical) => canonical],
  ...LINES.map(([how, fix, made]): Mistake<[readonly string[]]> => [how, fix, (lines) => made(joined(lines))]),
]

const LAST_STEP = 'Use the 32 bytes of the signing key as the key, and the string to sign as the message.'

/** Mistakes in the last HMAC. */
const SIGNED: readonly Mistake<[key: Uint8Array, toSign: string]>[] = [
  [
    'with the signing key as hexadecimal text',
    LAST_STEP,
    (key, toSign) => hmacHex(hmacKey(bytesOf(hexOf(key))), toSign),
  ],
  [
    'with the signing key in base64',
    LAST_STEP,
    (key, toSign) => hmacHex(hmacKey(bytesOf(encodeOctets(octetsOf(key)))), toSign),
  ],
  ['with key and message swapped', LAST_STEP, (key, toSign) => hmacHex(hmacKey(bytesOf(toOctets(toSign))), key)],
]

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Payload hashes that are written incorrectly. */
const PAYLOAD: readonly Mistake<[hash: string, body: string]>[] = [
  ['in base64', 'Write the SHA-256 of the body in lowercase hexadecimal digits.', (hash) => base64(hash)],
  ['hashed twice', 'Hash the bytes of the body once.', (hash) => sha256Hex(hash)],
  ['hashed twice, as bytes', 'Hash the bytes of the body once.', (hash) => sha256Hex(bytesOf(octetsOfHex(hash)))],
  ['replaced by the body', 'Write the SHA-256 of the body in lowercase hexadecimal digits.', (_, body) => body],
]

function mistake(cause: Cause, of: PartKind, message: string, fix: string): Assembly {
  return { cause, part: { of }, message, fix }
}

/** Canonical requests that the client may have assembled incorrectly. */
export function* canonicalMistakes(pieces: Pieces, facts: ParsedRequest): Generator<[string, Assembly]> {
  const lines = formatCanonicalRequest(pieces).split('\n')
  for (const [how, fix, made] of CANONICAL)
    yield [
      made(lines, pieces),
      mistake('canonical-request', 'canonical request', `The client assembled the canonical request ${how}.`, fix),
    ]
  const hash = hashOfBody(facts)
  const body = facts.body && facts.body.length <= LONGEST_BODY ? octetsOf(facts.body) : ''
  for (const [how, fix, made] of hash === undefined ? [] : PAYLOAD)
    yield [
      formatCanonicalRequest({ ...pieces, payloadHash: made(hash!, body) }),
      mistake('payload-hash', 'payload hash', `The client signed the payload hash ${how}.`, fix),
    ]
}

/** Largest body that may stand in a canonical request, in bytes. */
const LONGEST_BODY = 65_536

/** Strings to sign that the client may have assembled incorrectly for a canonical request. */
export function* toSignMistakes(
  pieces: Pieces,
  canonical: string,
  facts: ParsedRequest,
): Generator<[string, Assembly]> {
  const lines = formatStringToSign(pieces, sha256Hex(canonical)).split('\n')
  for (const [how, fix, made] of TO_SIGN)
    yield [
      made(lines, canonical, facts),
      mistake('string-to-sign', 'string to sign', `The client assembled the string to sign ${how}.`, fix),
    ]
}

/** Searches for mistakes in assembling a request that is signed with the right secret. */
export function searchAssembly(
  pieces: Pieces,
  facts: ParsedRequest,
  secretAccessKey: string,
  signature: string,
): Assembly | undefined {
  const bytes = deriveKey(`AWS4${secretAccessKey}`, facts.claim.scope)
  const key = hmacKey(bytes)
  const canonical = formatCanonicalRequest(pieces)
  for (const [text, found] of [...canonicalMistakes(pieces, facts), [canonical] as const]) {
    const right = formatStringToSign(pieces, sha256Hex(text))
    if (found && hmacHex(key, right) === signature) return found
    for (const [toSign, other] of toSignMistakes(pieces, text, facts))
      if (hmacHex(key, toSign) === signature)
        return found
          ? { ...found, message: `${found.message} ${other.message}`, fix: `${found.fix} ${other.fix}` }
          : other
    for (const [how, fix, made] of SIGNED)
      if (made(bytes, right) === signature)
        return mistake('key-derivation', 'signing key', `The client computed the last HMAC ${how}.`, fix)
  }
  return undefined
}
