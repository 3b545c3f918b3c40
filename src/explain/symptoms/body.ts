import { encodeOctets } from '../../core/encoding/base64.ts'
import { sha256Hex } from '../../crypto/sha256.ts'
import { fault, type Symptom } from '../clue.ts'
import { chunkProblem } from '../request/chunked.ts'
import { decode, isMasked, type ParsedRequest } from '../request/facts.ts'
import { octetsOfHex } from '../request/octets.ts'

// What a body shows, compared with the headers that describe it.

/** Checksums of an empty body, in base64. */
const EMPTY_SUMS = [
  'AAAAAA==',
  '2jmj7l5rSw0yVb/vlWAYkK/YBwk=',
  'AAAAAAAAAAA=',
  '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
]

/** Checksums, and the length of each in base64. */
const CHECKSUMS = [
  ['crc32', 8],
  ['crc32c', 8],
  ['sha1', 28],
  ['sha256', 44],
  ['crc64nvme', 12],
] as const

/** Finds problems with the body. */
export function bodySymptoms({ headers, body, claim, location, method, parameters }: ParsedRequest): Symptom[] {
  const found: Symptom[] = []
  const stated = headers['x-amz-content-sha256']
  if (
    stated !== undefined &&
    !isMasked(stated) &&
    !/^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]+)$/.test(stated)
  )
    found.push(
      fault(
        'payload-hash',
        'x-amz-content-sha256 is not a lowercase hex SHA-256, UNSIGNED-PAYLOAD, or STREAMING-….',
        undefined,
        stated,
      ),
    )
  const md5 = headers['content-md5']
  if (md5 !== undefined && !isMasked(md5) && !/^[A-Za-z\d+/]{22}==$/.test(md5))
    found.push(fault('content-md5', 'Content-MD5 is not a base64-encoded MD5 digest of 24 characters.', undefined, md5))
  for (const [name, digits] of CHECKSUMS) {
    const value = headers[`x-amz-checksum-${name}`]
    if (value !== undefined && !(value.length === digits && /^[A-Za-z\d+/]+={0,2}$/.test(value)))
      found.push(
        fault(
          'checksum',
          `x-amz-checksum-${name} is not a base64-encoded digest of ${digits} characters.`,
          undefined,
          value,
        ),
      )
  }
  for (const { name, value = '' } of parameters)
    if (
      /^x-amz-checksum-/i.test(name) &&
      EMPTY_SUMS.includes(decode(value)) &&
      body?.length !== 0 &&
      /^P/i.test(method)
    )
      found.push(
        fault(
          'checksum',
          `The URL contains ${name}=${decode(value)}, the checksum of an empty body.`,
          undefined,
          decode(value),
        ),
      )
  if (body === undefined) return found
  const isStated = location === 'header' || claim.signedHeaders.includes('x-amz-content-sha256')
  if (isStated && /^[\da-f]{64}$/.test(stated ?? '') && sha256Hex(body) !== stated)
    found.push(
      fault(
        'payload-mismatch',
        'The SHA-256 of the body does not match x-amz-content-sha256.',
        stated,
        sha256Hex(body),
      ),
    )
  const isChunked = stated?.startsWith('STREAMING-') ?? false
  const problem = chunkProblem({ headers, body })
  if (problem !== undefined) found.push(fault('streaming', problem))
  const length = headers['content-length']
  if (length !== undefined && /^\d+$/.test(length) && Number(length) !== body.length && method !== 'HEAD')
    found.push(
      fault(
        'content-length',
        `Content-Length was ${length}, but the body had ${body.length} bytes.`,
        String(body.length),
        length,
      ),
    )
  const sums = Object.keys(headers).filter((name) =>
    /^x-amz-checksum-(?:crc32|crc32c|sha1|sha256|crc64nvme)$/.test(name),
  )
  for (const name of sums)
    if (!isChunked && checksumIsWrong(name, headers[name]!, body))
      found.push(fault('checksum', `The ${name} header does not match the body.`, undefined, headers[name]))
  return found
}

/** Whether a checksum is that of an empty body although the body is not empty, or a SHA-256 of different bytes. */
function checksumIsWrong(name: string, value: string, body: Uint8Array): boolean {
  if (name === 'x-amz-checksum-sha256') return value !== encodeOctets(octetsOfHex(sha256Hex(body)))
  return body.length > 0 && EMPTY_SUMS.includes(value)
}
