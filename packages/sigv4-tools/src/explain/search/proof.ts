import { chunkStringToSign } from '../../../../../src/internal/aws-chunked.ts'
import { ALGORITHM, EMPTY_HASH, formatStringToSign } from '../../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { decode, encodeOctets } from '../../../../../src/internal/encoding.ts'
import { hostScope, isS3 } from '../../../../../src/internal/services.ts'
import { hmacHex, sha256Hex } from '../../../../../src/internal/sha256.ts'
import type { Case } from '../case/case.ts'
import { quoteDiff } from '../compare/highlight.ts'
import { preflightMethod } from '../faults/faults.ts'
import { clusterClues } from '../faults/token.ts'
import type { Clue, Difference } from '../model/clue.ts'
import { chunksOf, readChunks } from '../request/chunks.ts'
import { type ParsedRequest, parseRequest } from '../request/facts.ts'
import { octetsOfHex } from '../request/octets.ts'
import { hasBodyHeaders, isBodyMissing, parseStringToSign, piecesOf } from '../request/pieces.ts'
import { listProblem } from '../request/signed-headers.ts'
import { PADDING_FIX } from '../wording.ts'
import { searchForm } from './form.ts'
import { keyVariations, signingKeyOf } from './keys.ts'
import { unpadded } from './lines.ts'
import { repairs } from './repair.ts'
import { differencesOf, searchSignature, signatureOf } from './search.ts'

/** The results of checking a signature with the secret. */
export interface Proof {
  /** Whether the credentials produce the signature; `undefined` without credentials. */
  readonly fits?: boolean
  /** If not, whether they make it from the strings of the client; `undefined` without these. */
  readonly fitsOwn?: boolean | undefined
  readonly clues: readonly Clue[]
  /** The signed values of parts that the evidence does not show, in place of the defaults. */
  readonly required: readonly Difference[]
}

/** Searches for what was signed. */
export function prove(given: Case): Proof {
  const { facts, request, secrets } = given
  const { signature: sent } = facts.claim
  // browsers do not sign a preflight, whatever is in its URL, and there is no ECDSA here
  if (!secrets || !sent || preflightMethod(facts) !== undefined || facts.claim.is4a) return { clues: [], required: [] }
  const unknown = clusterClues(given)
  if (unknown.length) return { clues: unknown, required: [] }
  const isHex = /^[\da-f]+$/i.test(sent)
  const signature = isHex ? sent.toLowerCase() : sent
  const cluesOf = (differences: readonly Difference[]): Clue[] => differences.map((each) => provenBy(each, facts))
  const isForm = facts.location === 'post'
  const found = isForm ? undefined : searchSignature(given, secrets, signature)
  const differences = isForm ? searchForm(facts, secrets, signature) : found && differencesOf(found, facts)
  if (differences) {
    const isEmpty =
      found?.pieces.payloadHash === EMPTY_HASH &&
      isBodyMissing(facts) &&
      given.reading?.kind !== 'accepted' &&
      // what fits only as a request to S3 has no hash of the body
      (differences.length > 0 || signatureOf(facts, secrets) === signature)
    const all = [
      ...(differences.length ? differences : writtenDifferently(facts, secrets, sent)),
      ...(isEmpty ? [emptyBody(facts)] : []),
    ]
    const required = all.filter((each) => isDefault(each, given))
    const real = all.filter((each) => !required.includes(each))
    return { fits: real.length === 0, clues: cluesOf(real), required }
  }
  const repair = isForm ? undefined : repairs(request).find((each) => isRight(parseRequest(each.request), secrets))
  const own = fitsStrings(given, secrets, signature)
  const isKeyWrong = typeof own === 'object'
  const damage = repair ? [repair.difference] : damaged(sent, signatureOf(facts, secrets))
  return { fits: false, fitsOwn: isKeyWrong || own, clues: cluesOf(isKeyWrong ? [own] : damage), required: [] }
}

/**
 * Returns whether the credentials produce the signature from the strings that the client computed for this request, or the
 * incorrect key that does.
 */
function fitsStrings(
  { facts, signed }: Case,
  secrets: SecretCredentials,
  signature: string,
): boolean | Difference | undefined {
  const { canonicalRequest, stringToSign } = signed
  const base = piecesOf(facts)
  const isOther = ![undefined, base.amzDate].includes(parseStringToSign(stringToSign)?.amzDate)
  if ((canonicalRequest ?? stringToSign) === undefined) return undefined
  const toSign = stringToSign ?? formatStringToSign(base, sha256Hex(canonicalRequest ?? ''))
  if (hmacHex(signingKeyOf(secrets.secretAccessKey, facts.claim.scope), toSign) === signature) return true
  const wrong = keyVariations(facts, secrets).find(({ key }) => hmacHex(key, toSign) === signature)
  return wrong ?? (isOther ? undefined : false)
}

/** Returns whether the difference is from a default, because the evidence does not show this part of the request. */
function isDefault({ part: { of, name }, actual }: Difference, { shown, facts }: Case): boolean {
  if (of === 'method') return !shown.has('method')
  if (of === 'payload hash' && isBodyMissing(facts)) return !hasBodyHeaders(facts)
  if (of === 'payload hash') return !shown.has('body') && !shown.has('headers')
  // a complete URL shows the host
  return of === 'header' && !shown.has('headers') && (name !== 'host' || actual === '')
}

function isRight(facts: ParsedRequest, secrets: SecretCredentials): boolean {
  return facts.claim.signature !== undefined && signatureOf(facts, secrets) === facts.claim.signature
}

/** The empty body that a client signed in place of one that the evidence does not show. */
function emptyBody({ headers }: ParsedRequest): Difference {
  const length = headers['content-length']
  return {
    cause: 'payload-mismatch',
    part: { of: 'payload hash' },
    message: `The client signed an empty body, but the request contained a body${length === undefined ? '' : ` of ${length} bytes`}.`,
    fix: 'Pass the body to the function that signs the request, and send exactly the bytes that were hashed.',
    expected: EMPTY_HASH,
  }
}

/** Returns differences from a signature that is correct otherwise: the list of its headers, its case, or the signature of a chunk. */
function writtenDifferently(facts: ParsedRequest, secrets: SecretCredentials, actual: string): Difference[] {
  const problem = listProblem(facts)
  if (problem) return [{ cause: 'signed-headers', part: { of: 'SignedHeaders' }, ...problem }]
  const expected = actual.toLowerCase()
  if (actual !== expected) return [{ cause: 'signature-case', part: { of: 'signature' }, expected, actual }]
  return [wrongChunk(facts, secrets, actual) ?? []].flat()
}

/** A signature that is almost the right one. */
function damaged(sent: string, right: string): Difference[] {
  const malformed = (message: string, fix: string): Difference[] => [
    { cause: 'malformed-signature', part: { of: 'signature' }, message, fix },
  ]
  if (sent.length < 64 && sent.padStart(64, '0') === right)
    return malformed(
      'The client dropped the zeros at the start of the signature.',
      'Pad the signature with zeros to 64 digits: in Java, BigInteger.toString(16) drops them.',
    )
  if (sent === unpadded(right))
    return malformed('The client wrote each byte of the signature without its leading zero.', PADDING_FIX)
  const plain = sent.replaceAll('-', '+').replaceAll('_', '/')
  if (plain.replace(/={1,4}$/, '') === encodeOctets(octetsOfHex(right)).replace('=', ''))
    return malformed(
      'The signature was written in base64.',
      'Write the signature in lowercase hexadecimal digits instead of base64.',
    )
  let same = 0
  for (let i = 0; i < 64; i++) if (right[i] === sent[i]) same++
  const isPart = sent.length >= 16 && (right.startsWith(sent) || right.endsWith(sent) || sent.includes(right))
  if (!(sent.length === 64 && same >= 40) && !isPart) return []
  const cause = /^[\da-f]{64}$/i.test(sent) ? 'tampered-signature' : 'malformed-signature'
  return [{ cause, part: { of: 'signature' }, expected: right, actual: sent }]
}

/** The path as services other than S3 require it, for a client that wrote it as for S3. */
function writtenForS3(service: string, host: string, { expected = '', actual = '' }: Difference): Partial<Difference> {
  const [signed, required] = quoteDiff(expected, actual)
  const premise = host === '' ? '' : ` If the server at ${host} is compatible with S3, sign for the service s3 instead.`
  return {
    message: `The client wrote the path as for S3, which encodes it once: it signed ${signed}. A request for the service ${service} requires ${required}.`,
    fix: `Resolve empty and dot segments of the path, and encode it twice for ${service}.${premise}`,
  }
}

const AGAIN = {
  message: 'The path was encoded again after signing.',
  fix: 'Send the path as it was signed: something encoded it again (%25).',
}

/** A difference that was reproduced, unless the rules of the service decide about it and it is not certain which service that is. */
export function provenBy(difference: Difference, facts: ParsedRequest): Clue {
  const { claim, headers, urlHost, path } = facts
  const service = claim.scope[2] ?? ''
  const host = headers.host ?? urlHost ?? ''
  const isAsForS3 = !isS3(service) && difference.part.of === 'path' && difference.expected === piecesOf(facts, true).uri
  const isByRule =
    isAsForS3 ||
    ['path-double-encoding', 'payload-hash'].includes(difference.cause) ||
    (difference.cause === 'path' && /%25/.test(difference.actual ?? ''))
  const isCertain = isS3(service) || hostScope(host, path).service === service
  // S3 signs the path as it is sent
  const isAgain =
    difference.cause === 'path-double-encoding' &&
    isS3(service) &&
    decode(difference.actual ?? '') === difference.expected
  const words = isAgain ? AGAIN : isAsForS3 ? writtenForS3(service, isCertain ? '' : host, difference) : {}
  return { ...difference, ...words, ground: isByRule && !isCertain ? 'compared' : 'reproduced' }
}

export const WRONG_TRAILERS = 'The signature of the trailing headers was incorrect.'

/** The first chunk with an incorrect signature, or the trailing headers; `undefined` if all are correct. `seed`: the request's. */
function wrongChunk(facts: ParsedRequest, secrets: SecretCredentials, seed: string): Difference | undefined {
  const { headers, body, claim } = facts
  const payload = chunksOf(headers)
  if (!payload?.isSigned || !body) return undefined
  const pieces = piecesOf(facts)
  if (pieces.algorithm !== ALGORITHM) return undefined // their strings may have the right one
  const key = signingKeyOf(secrets.secretAccessKey, claim.scope)
  let previous = seed
  for (const [i, event] of readChunks(headers, body, payload).events.entries()) {
    const isChunk = 'data' in event
    if (!isChunk && event.signature === undefined) continue
    const hash = sha256Hex(isChunk ? event.data : event.text)
    if (hmacHex(key, chunkStringToSign(pieces, previous, event, hash)) !== event.signature)
      return {
        cause: 'streaming-chunk-signature',
        part: { of: 'chunk', number: i + 1 },
        message: isChunk ? undefined : WRONG_TRAILERS,
      }
    previous = event.signature
  }
  return undefined
}
