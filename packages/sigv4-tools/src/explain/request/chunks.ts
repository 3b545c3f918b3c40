import { type ChunkEvent, type Chunks, chunkFormat, chunkReader } from '../../../../../src/internal/aws-chunked.ts'
import { parsePayload } from '../../../../../src/internal/canonical-request.ts'
import type { Problem } from '../../../../../src/internal/refusals.ts'
import type { ParsedRequest } from './facts.ts'

/** Parses the chunks of an aws-chunked body up to the first problem. */
export function readChunks(
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

/** Returns the format of a body that is sent in chunks; `undefined` for any other. */
export function chunksOf(headers: ParsedRequest['headers']): Chunks | undefined {
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
