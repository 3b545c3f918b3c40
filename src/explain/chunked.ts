import { chunkFormat, chunkReader, chunkStringToSign } from '../core/chunks.ts'
import { hmacHex, sha256Hex } from '../crypto/sha256.ts'
import type { Facts } from './facts.ts'
import { deriveKey, type Secrets } from './keys.ts'
import { piecesOf } from './pieces.ts'

/** Whether an aws-chunked body is as its headers promise; what is wrong with it, otherwise. */
export function chunkProblem({ headers, body }: Facts): string | undefined {
  const stated = headers['x-amz-content-sha256'] ?? ''
  if (!stated.startsWith('STREAMING-') || !body) return undefined
  const length = headers['x-amz-decoded-content-length']
  if (length === undefined) return 'x-amz-decoded-content-length is missing.'
  const reader = chunkReader(chunkFormat(headers, stated, true))
  try {
    let read = 0
    for (const event of reader.push(body)) if ('data' in event) read += event.data.length
    reader.end()
    return read === Number(length)
      ? undefined
      : `x-amz-decoded-content-length says ${length}, the chunks have ${read} bytes.`
  } catch (error) {
    return `The body is not in the chunks that its headers promise. ${(error as Error).message}`
  }
}

/** The number of the first chunk whose signature is wrong, from 1; `undefined` if all are right. */
export function wrongChunk(facts: Facts, secrets: Secrets): number | undefined {
  const { headers, body, claim } = facts
  const stated = headers['x-amz-content-sha256'] ?? ''
  if (!stated.startsWith('STREAMING-AWS4-HMAC') || !body) return undefined
  const pieces = piecesOf(facts)
  const key = deriveKey(`AWS4${secrets.secretAccessKey}`, claim.scope)
  let previous = claim.signature ?? ''
  let number = 0
  try {
    for (const event of chunkReader(chunkFormat(headers, stated, true)).push(body)) {
      number++
      const isChunk = 'data' in event
      if (!isChunk && event.signature === undefined) continue
      const hash = sha256Hex(isChunk ? event.data : event.text)
      if (hmacHex(key, chunkStringToSign(pieces, previous, event, hash)) !== event.signature) return number
      previous = event.signature
    }
  } catch {
    return undefined
  }
  return undefined
}
