import { encodeOctets } from '../core/encoding/base64.ts'
import { sha256Hex } from '../crypto/sha256.ts'
import { chunkProblem } from './chunked.ts'
import type { Symptom } from './clue.ts'
import type { Facts } from './facts.ts'
import { octetsOfHex } from './octets.ts'

// What a body shows beside the headers that speak of it.

/** What is odd about the body. */
export function bodySymptoms({ headers, body, claim, location, method }: Facts): Symptom[] {
  const found: Symptom[] = []
  const stated = headers['x-amz-content-sha256']
  if (stated !== undefined && !/^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]+)$/.test(stated))
    found.push({
      cause: 'payload-hash',
      breaks: true,
      message: 'x-amz-content-sha256 is not a SHA-256 in lower-case hex, UNSIGNED-PAYLOAD or STREAMING-….',
      actual: stated,
    })
  if (body === undefined) return found
  const isStated = location === 'header' || claim.signedHeaders.includes('x-amz-content-sha256')
  if (isStated && /^[\da-f]{64}$/.test(stated ?? '') && sha256Hex(body) !== stated)
    found.push({
      cause: 'payload-mismatch',
      breaks: true,
      message: 'The body is not the one of x-amz-content-sha256.',
      expected: stated,
      actual: sha256Hex(body),
    })
  const isChunked = stated?.startsWith('STREAMING-') ?? false
  const problem = chunkProblem({ headers, body })
  if (problem !== undefined) found.push({ cause: 'streaming', breaks: true, message: problem })
  const length = headers['content-length']
  if (length !== undefined && /^\d+$/.test(length) && Number(length) !== body.length && method !== 'HEAD')
    found.push({
      cause: 'content-length',
      breaks: true,
      message: `content-length says ${length}, the body has ${body.length} bytes.`,
      expected: String(body.length),
      actual: length,
    })
  const sums = Object.keys(headers).filter((name) =>
    /^x-amz-checksum-(?:crc32|crc32c|sha1|sha256|crc64nvme)$/.test(name),
  )
  for (const name of sums)
    if (!isChunked && checksumIsWrong(name, headers[name]!, body))
      found.push({
        cause: 'checksum',
        breaks: true,
        message: `The header ${name} is not that of the body.`,
        actual: headers[name],
      })
  return found
}

/** Whether a checksum is that of no bytes while there are some, or a SHA-256 of other bytes. */
function checksumIsWrong(name: string, value: string, body: Uint8Array): boolean {
  if (name === 'x-amz-checksum-sha256') return value !== encodeOctets(octetsOfHex(sha256Hex(body)))
  return body.length > 0 && ['AAAAAA==', '2jmj7l5rSw0yVb/vlWAYkK/YBwk=', 'AAAAAAAAAAA='].includes(value)
}
