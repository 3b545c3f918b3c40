import {
  type ChunkEvent,
  type Chunks,
  chunkFormat,
  chunkReader,
  chunkStringToSign,
} from '../../core/received/aws-chunked.ts'
import type { Problem } from '../../core/received/refusals.ts'
import { parsePayload } from '../../core/signing/payload.ts'
import { hmacHex, sha256Hex } from '../../crypto/sha256.ts'
import { deriveKey, type Secrets } from '../changes/keys.ts'
import type { ParsedRequest } from './facts.ts'
import { piecesOf } from './pieces.ts'

/** Parses the chunks of an aws-chunked body up to the first problem. */
function readChunks(
  headers: ParsedRequest['headers'],
  body: Uint8Array,
  payload: Chunks,
): { readonly events: readonly ChunkEvent[]; readonly problem?: Problem } {
  const format = chunkFormat(headers, payload, true)
  if ('refusal' in format) return { events: [], problem: format }
  const reader = chunkReader(format)
  const found = reader.push(body)
  const events = found.filter((each): each is ChunkEvent => !('refusal' in each))
  const problem = found.find((each): each is Problem => 'refusal' in each) ?? reader.end()
  return { events, ...(problem && { problem }) }
}

function chunksOf(headers: ParsedRequest['headers']): Chunks | undefined {
  const payload = parsePayload(headers['x-amz-content-sha256'] ?? '')
  return payload?.kind === 'chunks' ? payload : undefined
}

/** Finds the problem with an aws-chunked body; `undefined` if it matches its headers. */
export function chunkProblem({ headers, body }: Pick<ParsedRequest, 'headers' | 'body'>): string | undefined {
  const payload = chunksOf(headers)
  if (!payload || !body) return undefined
  const length = headers['x-amz-decoded-content-length']
  if (length === undefined) return 'The x-amz-decoded-content-length header was missing.'
  const { events, problem } = readChunks(headers, body, payload)
  if (problem) return `The body did not match its aws-chunked headers. ${problem.values?.reason ?? problem.refusal[0]}`
  let read = 0
  for (const event of events) if ('data' in event) read += event.data.length
  return read === Number(length)
    ? undefined
    : `x-amz-decoded-content-length was ${length}, but the chunks had ${read} bytes.`
}

/** The number of the first chunk with an incorrect signature, from 1; `undefined` if all are correct. */
export function wrongChunk(facts: ParsedRequest, secrets: Secrets): number | undefined {
  const { headers, body, claim } = facts
  const payload = chunksOf(headers)
  if (!payload?.isSigned || !body) return undefined
  const pieces = piecesOf(facts)
  const key = deriveKey(`AWS4${secrets.secretAccessKey}`, claim.scope)
  let previous = claim.signature!
  for (const [i, event] of readChunks(headers, body, payload).events.entries()) {
    const isChunk = 'data' in event
    if (!isChunk && event.signature === undefined) continue
    const hash = sha256Hex(isChunk ? event.data : event.text)
    if (hmacHex(key, chunkStringToSign(pieces, previous, event, hash)) !== event.signature) return i + 1
    previous = event.signature
  }
  return undefined
}
