import {
  type CanonicalRequest,
  canonicalHeaders,
  EMPTY_HASH,
  EVENTS_PAYLOAD,
  formatCanonicalRequest,
  formatStringToSign,
} from '../../../../../src/internal/canonical-request.ts'
import { checkSignedHeaders } from '../../../../../src/internal/received.ts'
import { sha256Hex } from '../../../../../src/internal/sha256.ts'
import { HASH, isCanonical, isMasked, parseCanonicalRequest } from '../../formats/canonical-request.ts'
import type { Case } from '../case/case.ts'
import { compareCanonical, compareContext, headerCause } from '../compare/canonical-request.ts'
import { quoteDiff } from '../compare/highlight.ts'
import { type Clue, type Difference, type Ground, header } from '../model/clue.ts'
import { isForS3, type Pieces, parseStringToSign, piecesOf } from '../request/pieces.ts'
import { isFromS3 } from '../response/response.ts'
import { canonicalMistakes, toSignMistakes } from './assembly.ts'
import { type Proof, provenBy, WRONG_TRAILERS } from './proof.ts'
import { searchHash } from './search.ts'

// Compares the strings that the service computed with those that were signed.

/** Compares the strings that the service computed with those that were signed. */
export function observeStrings(given: Case, { fits, fitsOwn, clues }: Proof): Clue[] {
  const { facts, response, signed, shown } = given
  if (!shown.has('request') && response?.canonicalRequest === undefined) return []
  const computed = computedBy(given)
  const ours = parseCanonicalRequest(signed.canonicalRequest)
  const client = signed.stringToSign
  const service = response?.stringToSign
  const mine = parseStringToSign(client)
  const theirs = parseStringToSign(service)
  if (!ours && !computed && client === undefined && service === undefined) return []
  const base = basePieces(given, ours ?? computed)
  const isIntact =
    isIntactAs(signed.canonicalRequest, mine?.hash) &&
    isIntactAs(response?.canonicalRequest, theirs?.hash) &&
    !isOther(ours, computed)
  const isForm = facts.location === 'post'
  const wrong = isForm ? [] : assembledIncorrectly(given, computed ?? base, ours, fitsOwn)
  if (wrong.length > 0) return wrong
  const found: Clue[] = []
  const listed = new Set(facts.claim.signedHeaders)
  const isListed = (name: string): boolean => listed.size === 0 || listed.has(name)
  // services write a signed header that they did not receive as an empty one, and people remove private values
  for (const [name, value] of computed && !ours ? computed.headers : [])
    if (value === '' && (facts.headers[name] ?? '') === '' && isListed(name))
      found.push({
        cause: headerCause(name, '', '', true),
        ground: shown.has('all headers') ? 'compared' : 'note',
        part: header(name),
        absent: 'received',
        message: shown.has('all headers')
          ? `The ${name} header was signed, but the service did not receive it.`
          : `The ${name} header is empty in the canonical request of the service. Unless its value was removed, the service did not receive it.`,
      })
  const add = (differences: readonly Difference[], isReproduced: boolean): void => {
    // without the request, the side that computed the strings is a guess
    const isProven = isReproduced && shown.has('request')
    for (const each of differences) found.push(isProven ? provenBy(each, facts) : { ...each, ground: 'compared' })
  }
  if (theirs && (mine || !isForm)) add(compareContext(mine ?? base, theirs), mine !== undefined && isIntact)
  if (ours && computed) add(compareCanonical(ours, computed, facts), isIntact)
  else if (ours && !isForm) {
    // the dates of two attempts differ, which matters only if nothing else does
    const all = compareCanonical(ours, base, facts)
    const others = all.filter(({ part: { name = '' } }) => !/^x-amz-date$/i.test(name))
    add(others.length > 0 ? others : all, false)
  } else if (computed && (fits !== false || (clues.length === 0 && !checkSignedHeaders(facts.claim.signedHeaders))))
    add(compareCanonical(base, computed, facts), fits === true && isIntact)
  if (mine && !theirs && !isForm) add(compareContext(mine, base), fitsOwn === true)
  const isSame = client === service
  if (isForm && !isSame && client !== undefined && service !== undefined)
    found.push({
      cause: 'tampered-policy',
      ground: shown.has('request') ? 'reproduced' : 'compared',
      part: { of: 'policy' },
      expected: client,
      actual: service,
    })
  const [, piece] = /^AWS4-(?:HMAC|ECDSA-P256)-SHA256-(PAYLOAD|TRAILER)\n/.exec(service ?? '') ?? []
  if (piece) {
    const message = piece === 'TRAILER' ? WRONG_TRAILERS : undefined
    found.push({ cause: 'streaming-chunk-signature', ground: 'compared', message })
  }
  return !found.length && isSame && service !== undefined ? [sameString(given)] : found
}

/**
 * Mistakes in assembling the client's strings: these are compared unchanged, and the values of headers on their own, so that
 * a different value does not hide an incorrect form. `right`: the request that the client should have signed.
 */
function assembledIncorrectly(
  { signed, facts, response }: Case,
  right: CanonicalRequest,
  ours: CanonicalRequest | undefined,
  fitsOwn: boolean | undefined,
): Clue[] {
  const { canonicalRequest, stringToSign } = signed
  const pieces = { ...piecesOf(facts), ...right, ...parseStringToSign(response?.stringToSign) }
  const expected = formatCanonicalRequest(pieces)
  const isWellFormed =
    canonicalRequest === undefined || isCanonical(canonicalRequest.replace(/^[a-z]+/, (method) => method.toUpperCase()))
  // values that differ have their own causes
  if (!isWellFormed) {
    // a copy may have lost characters, unless its hash is that of the original
    const isExact = stringToSign?.endsWith(sha256Hex(canonicalRequest))
    const { form, headers } = splitForm(canonicalRequest, right)
    const values = compareCanonical({ ...right, headers }, right, facts).map(
      (each): Clue => (fitsOwn ? provenBy(each, facts) : { ...each, ground: 'compared' }),
    )
    for (const [text, found] of canonicalMistakes(pieces, facts))
      if (text === canonicalRequest || text === form) {
        const mistake: Clue = { ...found, ground: isExact ? 'reproduced' : 'compared' }
        return text === canonicalRequest ? [mistake] : [mistake, ...values]
      }
    // with a method and a path, its parts are compared; a list of names that no service accepts is a fault of its own
    const isWhole = fitsOwn || !/^[A-Za-z]+\n\//.test(canonicalRequest)
    const own = 'These credentials produce the received signature from the canonical request of the client. '
    if (isWhole && !checkSignedHeaders(facts.claim.signedHeaders))
      return [...wrongLine('canonical request', form, expected, 'compared', fitsOwn ? own : ''), ...values]
  }
  if (stringToSign === undefined) return []
  const ground = response?.stringToSign === undefined && !fitsOwn ? 'compared' : 'reproduced'
  for (const [text, found] of toSignMistakes(pieces, canonicalRequest ?? expected, facts))
    if (text === stringToSign) return [{ ...found, ground }]
  const { hash = '' } = parseStringToSign(stringToSign) ?? {}
  // its hash shows what the client wrote, whatever it shows
  if (/^[\da-f]{64}$/.test(hash) && ours && isWellFormed && sha256Hex(canonicalRequest ?? '') !== hash)
    for (const [text, found] of canonicalMistakes({ ...pieces, ...ours }, facts))
      if (sha256Hex(text) === hash) return [{ ...found, ground: 'reproduced' }]
  const rightHash = sha256Hex(expected)
  // the string of a form, and of Signature Version 2, does not contain a scope
  if (!HASH.test(hash) && !isMasked(hash) && /\/aws4_request|AWS4-/.test(stringToSign))
    return wrongLine(
      'string to sign',
      stringToSign,
      formatStringToSign(pieces, sha256Hex(canonicalRequest ?? expected)),
      fitsOwn ? 'reproduced' : 'compared',
    )
  // the copy of the canonical request is complete if the service has the same one
  if (canonicalRequest !== expected || parseStringToSign(response?.stringToSign)?.hash !== rightHash) return []
  if (!hash || hash === rightHash || stringToSign !== formatStringToSign(pieces, hash)) return []
  const message = 'The last line of the string to sign was not the SHA-256 of the canonical request, which was correct.'
  return [{ cause: 'string-to-sign', part: { of: 'string to sign' }, message, ground }]
}

/** Splits the client's canonical request: its form, with the values of the right headers, and the headers with its own values. */
function splitForm(
  text: string,
  { headers }: CanonicalRequest,
): { readonly form: string; readonly headers: CanonicalRequest['headers'] } {
  const right = new Map(headers)
  const own = new Map<string, string>()
  const lines = text.split('\n').map((line) => {
    const name = line.slice(0, line.indexOf(':'))
    const value = right.get(name.toLowerCase())
    if (value === undefined || own.has(name.toLowerCase())) return line
    own.set(name.toLowerCase(), line.slice(name.length + 1))
    return `${name}:${value}`
  })
  return { form: lines.join('\n'), headers: headers.map(([name, value]) => [name, own.get(name) ?? value]) }
}

/** The first line of a malformed string that differs from the correct one. */
function wrongLine(
  of: 'canonical request' | 'string to sign',
  text: string,
  right: string,
  ground: Ground,
  before = '',
): Clue[] {
  // a copy may have been cut off, unless the signature is that of this string
  if (before === '' && ground === 'compared' && right.startsWith(text)) return []
  const lines = text.split('\n')
  const rightLines = right.split('\n')
  let at = 0
  while (at < rightLines.length && lines[at] === rightLines[at]) at++
  const short = (line = ''): string => line.replace(/([\da-f]{12})[\da-f]{52}/g, '$1…')
  const [shown, expected] = quoteDiff(short(lines[at]), short(rightLines[at]))
  const message = `${before}The client wrote line ${at + 1} of the ${of} as ${shown} instead of ${expected}.`
  const isCanonicalRequest = of === 'canonical request'
  const names = isCanonicalRequest ? lineNames(rightLines) : STRING_TO_SIGN
  const fix =
    at >= names.length
      ? `End the ${of} with line ${at}.`
      : rightLines[at] === ''
        ? `Leave line ${at + 1} empty.`
        : `Write ${names[at]} on line ${at + 1}.`
  return [{ cause: isCanonicalRequest ? 'canonical-request' : 'string-to-sign', part: { of }, message, fix, ground }]
}

const STRING_TO_SIGN = ['the algorithm', 'the date', 'the credential scope', 'the SHA-256 of the canonical request']

/** What the lines of a canonical request contain. */
function lineNames(lines: readonly string[]): string[] {
  const headers = lines.slice(3, -3).map((line) => `the ${line.split(':', 1)[0]} header`)
  const end = ['', 'the names of the signed headers', 'the payload hash']
  return ['the method', 'the path', 'the query string', ...headers, ...end]
}

/** Returns the pieces of the request; an unknown part is copied from the other side, so that it is not compared. */
function basePieces({ facts, response, shown }: Case, other: CanonicalRequest | undefined): Pieces {
  const base = piecesOf(facts, isForS3(facts) || (response !== undefined && isFromS3(response)))
  if (!other) return base
  const isStated = facts.headers['x-amz-content-sha256'] !== undefined
  const isGuessed = !shown.has('body') && !isStated && base.payloadHash === EMPTY_HASH
  // the Authorization header was removed, or replaced by a placeholder
  const isUnlisted = shown.has('headers') && facts.location !== 'post' && facts.claim.signedHeaders.length === 0
  const { signedHeaders } = other
  // unique: a long value may be listed many times
  const namesOf = (list: string): string[] => [...new Set(list.split(';'))]
  // what the service received was sent, whether or not a program printed it
  const isUnprinted = shown.has('headers') && response?.canonicalRequest !== undefined
  const headersOf = (names: readonly string[]) =>
    canonicalHeaders({ ...Object.fromEntries(other.headers), ...facts.headers }, names)
  return {
    ...base,
    ...(!shown.has('method') && { method: other.method }),
    ...(!shown.has('target') && { uri: other.uri, query: other.query }),
    ...(!shown.has('headers') && { headers: other.headers, signedHeaders }),
    ...(isUnprinted && { headers: headersOf(facts.claim.signedHeaders) }),
    ...(isUnlisted && { headers: headersOf(namesOf(signedHeaders)), signedHeaders }),
    ...(isGuessed && { payloadHash: other.payloadHash }),
  }
}

/** Returns whether a canonical request matches its hash, or else its grammar: a pasted string may have lost characters. */
function isIntactAs(canonicalRequest: string | undefined, hash: string | undefined): boolean {
  if (canonicalRequest === undefined) return true
  const text = canonicalRequest.replaceAll('\r\n', '\n')
  return hash === undefined
    ? isCanonical(text) && !isMasked(text.slice(text.lastIndexOf('\n') + 1))
    : sha256Hex(text) === hash
}

/** Returns whether the strings of client and service belong to two requests, which have different dates. */
function isOther(ours: CanonicalRequest | undefined, computed: CanonicalRequest | undefined): boolean {
  const dateOf = (request: CanonicalRequest | undefined): string | undefined =>
    request?.headers.find(([name]) => name === 'x-amz-date')?.[1] ?? /X-Amz-Date=(\w+)/.exec(request?.query ?? '')?.[1]
  const one = dateOf(ours)
  const other = dateOf(computed)
  return one !== undefined && other !== undefined && one !== other
}

/** Client and service signed the same string: only the key or the signature can differ. */
function sameString({ facts, response, shown }: Case): Clue {
  const provided = response?.elements.get('SignatureProvided')
  const { signature = '' } = facts.claim
  if (provided !== undefined && signature !== '' && provided !== signature)
    return {
      cause: 'tampered-signature',
      ground: shown.has('request') ? 'reproduced' : 'compared',
      part: { of: 'signature' },
      expected: signature,
      actual: provided,
    }
  const hash = facts.headers['x-amz-content-sha256'] ?? ''
  const isSigned = hash.startsWith('STREAMING-AWS4')
  const difference = isSigned
    ? `${hash === EVENTS_PAYLOAD ? 'an event' : 'a chunk'} of the body or the secret access key differs`
    : 'their secret access keys differ or the client derived the signing key incorrectly'
  const message = `The client and the service signed the same string, so ${difference}.`
  return { cause: isSigned ? 'streaming-chunk-signature' : 'wrong-secret', ground: 'left', message }
}

function computedBy(given: Case): CanonicalRequest | undefined {
  const { response } = given
  if (response?.canonicalRequest !== undefined) return parseCanonicalRequest(response.canonicalRequest)
  const hash = parseStringToSign(response?.stringToSign)?.hash
  return hash === undefined ? undefined : searchHash(given, hash)
}
