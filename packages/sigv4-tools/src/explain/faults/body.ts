import { ALGORITHM, EMPTY_HASH, EVENTS_PAYLOAD, parsePayload } from '../../../../../src/internal/canonical-request.ts'
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
  checksumLength,
} from '../../../../../src/internal/checksums.ts'
import { decode, encodeOctets } from '../../../../../src/internal/encoding.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import { sha256Hex } from '../../../../../src/internal/sha256.ts'
import { isMasked } from '../../formats/canonical-request.ts'
import { type Clue, fault, header, parameterPart } from '../model/clue.ts'
import { chunkProblem } from '../request/chunks.ts'
import { hashOfBody, type ParsedRequest } from '../request/facts.ts'
import { octetsOfHex } from '../request/octets.ts'
import { digestFix } from './claim.ts'

// Faults in the description of a body, and in the body itself.

/** The fix if the hash of an empty body was signed, and a body was sent. */
export const HASH_FIX = 'Sign the SHA-256 of the body and send it as x-amz-content-sha256.'

/** Checksums of an empty body, in base64. */
const EMPTY_SUMS = [
  'AAAAAA==',
  '2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
  'AAAAAAAAAAA=',
  '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
]

/** Digests that no body has, or that are those of an empty one. */
export function* digestFaults({ headers, body, method, parameters, claim }: ParsedRequest): Iterable<Clue> {
  const hash = headers['x-amz-content-sha256']
  const { algorithm, is4a, scope } = claim
  const isOther = hash?.startsWith('STREAMING-AWS4-') && !hash.startsWith(`STREAMING-${algorithm}-`)
  const isForeign = hash === EVENTS_PAYLOAD && isS3(scope[2] ?? '')
  if (isForeign || (isOther && (algorithm === ALGORITHM || is4a))) {
    const message = isForeign
      ? 'S3 does not accept events.'
      : `The body is sent as ${hash}, but the request was signed with ${algorithm}.`
    const fix = `Send the body as STREAMING-${algorithm}-PAYLOAD.`
    yield fault('payload-hash', message, { part: header('x-amz-content-sha256'), actual: hash, fix })
  }
  if (hash !== undefined && !isMasked(hash) && parsePayload(hash) === undefined && !hash.startsWith('STREAMING-'))
    yield fault(
      'payload-hash',
      'x-amz-content-sha256 is not a lowercase hex SHA-256, UNSIGNED-PAYLOAD, or a STREAMING- value.',
      {
        part: header('x-amz-content-sha256'),
        actual: hash,
        fix: digestFix('payload hash', hash),
      },
    )
  const md5 = headers['content-md5']
  if (md5 !== undefined && !isMasked(md5) && !/^[A-Za-z\d+/]{22}==$/.test(md5)) {
    const message = 'Content-MD5 is not a base64-encoded MD5 digest of 24 characters.'
    yield fault('content-md5', message, { part: header('content-md5'), actual: md5 })
  }
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const name = checksumHeader(algorithm)
    const digits = checksumLength(algorithm)
    const value = headers[name]
    if (value === undefined || (value.length === digits && /^[A-Za-z\d+/]+={0,2}$/.test(value))) continue
    const message = `${name} is not a base64-encoded digest of ${digits} characters.`
    yield fault('checksum', message, { part: header(name), actual: value })
  }
  if (body?.length === 0 || !/^P/i.test(method)) return
  for (const { name, value = '' } of parameters) {
    const sum = decode(value)
    if (!/^x-amz-checksum-/i.test(name) || !EMPTY_SUMS.includes(sum)) continue
    const message = `The URL contains ${name}=${sum}, the checksum of an empty body.`
    yield fault('checksum', message, { part: parameterPart(name), actual: sum })
  }
}

/** A body that does not match the headers that describe it. */
export function* bodyFaults(facts: ParsedRequest): Iterable<Clue> {
  const { headers, body, claim, location, method } = facts
  const isKnown = body !== undefined || facts.bodyHash !== undefined
  if (!isKnown || location === undefined || location === 'post') return
  const stated = headers['x-amz-content-sha256'] ?? ''
  const payload = parsePayload(stated)
  const isStated = location === 'header' || claim.signedHeaders.includes('x-amz-content-sha256')
  const hash = isStated && payload?.kind === 'hash' ? hashOfBody(facts) : undefined
  if (hash !== undefined && hash !== stated) {
    const values = { expected: stated, actual: hash, fix: stated === EMPTY_HASH ? HASH_FIX : undefined }
    yield fault('payload-mismatch', 'The SHA-256 of the body does not match x-amz-content-sha256.', values)
  }
  if (body === undefined) return
  const problem = chunkProblem({ headers, body })
  if (problem !== undefined) yield fault('streaming', problem)
  const length = headers['content-length']
  if (length !== undefined && /^\d+$/.test(length) && Number(length) !== body.length && method !== 'HEAD') {
    const message = `Content-Length was ${length}, but the body had ${body.length} bytes.`
    yield fault('content-length', message, { expected: String(body.length), actual: length })
  }
  if (payload?.kind === 'chunks') return
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const name = checksumHeader(algorithm)
    const value = headers[name]
    if (value !== undefined && isWrong(algorithm, value, body))
      yield fault('checksum', `The ${name} header does not match the body.`, { part: header(name), actual: value })
  }
}

/** Returns whether a checksum is that of an empty body although the body is not empty, or a SHA-256 of different bytes. */
function isWrong(algorithm: ChecksumAlgorithm, value: string, body: Uint8Array): boolean {
  if (algorithm === 'SHA256') return value !== encodeOctets(octetsOfHex(sha256Hex(body)))
  return body.length > 0 && EMPTY_SUMS.includes(value)
}
