import { type ChunkEvent, chunkFormat, chunkReader, chunkStringToSign } from '../../core/signing/aws-chunked.ts'
import { hmacHex, sha256Hex } from '../../crypto/sha256.ts'
import { deriveKey, type Secrets } from '../changes/keys.ts'
import type { ParsedRequest } from './facts.ts'
import { piecesOf } from './pieces.ts'

/** Parses the chunks of an aws-chunked body up to the first problem. */
function readChunks(headers: ParsedRequest['headers'], body: Uint8Array): { events: ChunkEvent[]; problem?: string } {
  let events: ChunkEvent[] = []
  try {
    const reader = chunkReader(chunkFormat(headers, headers['x-amz-content-sha256']!, true))
    events = reader.push(body)
    reader.end()
    return { events }
  } catch (error) {
    return { events, problem: (error as Error).message }
  }
}

/** Finds the problem with an aws-chunked body; `undefined` if it matches its headers. */
export function chunkProblem({ headers, body }: Pick<ParsedRequest, 'headers' | 'body'>): string | undefined {
  if (!headers['x-amz-content-sha256']?.startsWith('STREAMING-') || !body) return undefined
  const length = headers['x-amz-decoded-content-length']
  if (length === undefined) return 'The x-amz-decoded-content-length header was missing.'
  const { events, problem } = readChunks(headers, body)
  if (problem !== undefined) return `The body did not match its aws-chunked headers. ${problem}`
  let read = 0
  for (const event of events) if ('data' in event) read += event.data.length
  return read === Number(length)
    ? undefined
    : `x-amz-decoded-content-length was ${length}, but the chunks had ${read} bytes.`
}

/** The number of the first chunk with an incorrect signature, from 1; `undefined` if all are correct. */
export function wrongChunk(facts: ParsedRequest, secrets: Secrets): number | undefined {
  const { headers, body, claim } = facts
  if (!headers['x-amz-content-sha256']?.startsWith('STREAMING-AWS4-HMAC') || !body) return undefined
  const pieces = piecesOf(facts)
  const key = deriveKey(`AWS4${secrets.secretAccessKey}`, claim.scope)
  let previous = claim.signature!
  for (const [i, event] of readChunks(headers, body).events.entries()) {
    const isChunk = 'data' in event
    if (!isChunk && event.signature === undefined) continue
    const hash = sha256Hex(isChunk ? event.data : event.text)
    if (hmacHex(key, chunkStringToSign(pieces, previous, event, hash)) !== event.signature) return i + 1
    previous = event.signature
  }
  return undefined
}
