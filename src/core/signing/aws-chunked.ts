import type { HeaderRecord } from '../http/headers.ts'
import { reject } from '../verify-error.ts'
import { EMPTY_HASH } from './canonical-request.ts'
import type { SigningContext } from './string-to-sign.ts'

/** An event of an `aws-chunked` body: bytes of the body, or the trailing headers. */
export type ChunkEvent =
  | { readonly data: Uint8Array<ArrayBuffer>; readonly signature: string | undefined }
  | { readonly trailers: HeaderRecord; readonly text: string; readonly signature: string | undefined }

/** The format of an `aws-chunked` body. */
export interface ChunkFormat {
  /** Whether every chunk is signed; signed chunks are returned only when complete. */
  readonly signed: boolean
  /** Names of the headers required after the last chunk. */
  readonly trailers: readonly string[]
  /** Minimum size in bytes of every chunk but the last. */
  readonly minChunkSize: number
}

/** A reader of a body in pieces of any size. */
export interface ChunkReader {
  push(bytes: Uint8Array): ChunkEvent[]
  /** Throws if the body is incomplete. */
  end(): void
}

/** Maximum size of a signed chunk, which is held until its signature is checked. Clients send 64 KiB to 8 MiB. */
const MAX_CHUNK_SIZE = 16_777_216

/** S3's minimum size of every chunk but the last. */
export const MIN_CHUNK_SIZE = 8192

/** Maximum length of a line, and of all trailing headers. */
const MAX_LINE_LENGTH = 8192

const SIGNATURE = 'x-amz-trailer-signature'

/**
 * Parses an `aws-chunked` body. It holds one chunk at most, and allocates memory only for bytes received.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function chunkReader({ signed, trailers: declared, minChunkSize }: ChunkFormat): ChunkReader {
  const trailers: HeaderRecord = Object.create(null)
  let state: 'size' | 'data' | 'break' | 'trailers' | 'done' = 'size'
  let line = ''
  let remaining = 0
  let signature: string | undefined
  let buffer = new Uint8Array(0)
  let filled = 0
  let text = ''
  let hasBlankLine = false
  let count = 0
  let last = minChunkSize

  function append(bytes: Uint8Array): void {
    if (filled + bytes.length > buffer.length) {
      const grown = new Uint8Array(Math.max(filled + bytes.length, Math.min(buffer.length * 2, filled + remaining)))
      grown.set(buffer.subarray(0, filled))
      buffer = grown
    }
    buffer.set(bytes, filled)
    filled += bytes.length
  }

  function parseSize(events: ChunkEvent[]): void {
    const [, size, given] = /^([\da-f]{1,8})(?:;chunk-signature=([\da-f]{64}))?$/i.exec(line) ?? []
    if (size === undefined || signed !== (given !== undefined))
      rejectBody('A chunk must start with its size in hex, followed by its signature if chunks are signed.')
    remaining = Number.parseInt(size, 16)
    signature = given
    if (signed && remaining > MAX_CHUNK_SIZE) rejectBody(`A signed chunk must not exceed ${MAX_CHUNK_SIZE} bytes.`)
    if (remaining) {
      count++
      if (last < minChunkSize) rejectSmallChunk(count, last)
      last = remaining
    }
    buffer = new Uint8Array(0)
    filled = 0
    state = remaining ? 'data' : 'trailers'
    if (remaining) return
    if (signed) events.push({ data: buffer, signature })
    signature = undefined
  }

  function parseTrailer(events: ChunkEvent[]): void {
    if (line === '') {
      // AWS's documentation also shows a blank line before the signature
      if (signed && declared.length && signature === undefined && !hasBlankLine) hasBlankLine = true
      else finish(events)
      return
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const isSignature = signed && declared.length > 0 && name === SIGNATURE
    const isRepeated = name in trailers || (isSignature && signature !== undefined)
    if (colon < 1 || isRepeated || text.length + line.length > MAX_LINE_LENGTH)
      rejectBody('The trailing headers are malformed.')
    if (isSignature) signature = value
    else {
      trailers[name] = value
      text += `${name}:${value}\n`
    }
  }

  function finish(events: ChunkEvent[]): void {
    const found = Object.keys(trailers)
    if (found.length !== declared.length || !declared.every((name) => found.includes(name)))
      rejectBody('The trailing headers must be the headers that x-amz-trailer lists.')
    if (signed && declared.length && signature === undefined)
      rejectBody(`The trailing headers must end with ${SIGNATURE}.`)
    events.push({ trailers, text, signature })
    state = 'done'
  }

  function parseLine(events: ChunkEvent[]): void {
    if (state === 'size') parseSize(events)
    else if (state === 'trailers') parseTrailer(events)
    else if (line === '') state = 'size'
    else rejectBody('A chunk is longer than its declared size.')
  }

  return {
    push(bytes) {
      const events: ChunkEvent[] = []
      let at = 0
      while (at < bytes.length) {
        if (state === 'done') rejectBody('The body continues after the last chunk.')
        if (state === 'data') {
          const part = bytes.subarray(at, at + remaining)
          at += part.length
          if (signed) append(part)
          else events.push({ data: part.slice(), signature: undefined })
          remaining -= part.length
          if (remaining) continue
          if (signed) events.push({ data: buffer.subarray(0, filled), signature })
          state = 'break'
        } else {
          const found = bytes.indexOf(10, at)
          const lineEnd = found < 0 ? bytes.length : found
          if (line.length + lineEnd - at > MAX_LINE_LENGTH) rejectBody('A line is too long.')
          for (; at < lineEnd; at++) line += String.fromCharCode(bytes[at]!)
          if (found < 0) break
          at++
          if (line.endsWith('\r')) line = line.slice(0, -1)
          else if (state !== 'trailers') rejectBody('A line must end with CR and LF.') // AWS shows trailers without CR
          parseLine(events)
          line = ''
        }
      }
      return events
    },
    end() {
      if (state !== 'done') rejectBody('The request body terminated unexpectedly', 'IncompleteBody')
    },
  }
}

/** Returns the format of the body that a request's headers specify. */
export function chunkFormat(headers: HeaderRecord, payloadHash: string, allowSmallChunks: boolean): ChunkFormat {
  const list = payloadHash.endsWith('-TRAILER') ? (headers['x-amz-trailer'] ?? '') : ''
  const names = list.toLowerCase().split(',')
  const trailers = names.map((name) => name.trim()).filter(Boolean)
  if (new Set(trailers).size < trailers.length) rejectBody('x-amz-trailer must list each trailing header once.')
  return { signed: payloadHash.includes('HMAC'), trailers, minChunkSize: allowSmallChunks ? 0 : MIN_CHUNK_SIZE }
}

/** Formats the string to sign of a chunk or of the trailing headers; each includes the previous signature. */
export function chunkStringToSign(
  { algorithm, amzDate, scope }: SigningContext,
  previous: string,
  event: ChunkEvent,
  hash: string,
): string {
  const [kind, rest] = 'data' in event ? ['PAYLOAD', `${EMPTY_HASH}\n${hash}`] : ['TRAILER', hash]
  return `${algorithm}-${kind}\n${amzDate}\n${scope}\n${previous}\n${rest}`
}

function rejectSmallChunk(count: number, size: number): never {
  const details = { Chunk: String(count), BadChunkSize: String(size) }
  const message = 'Only the last chunk is allowed to have a size less than 8192 bytes'
  reject('ERR_SIGV4_PAYLOAD_MISMATCH', 'InvalidChunkSizeError', 403, message, details)
}

function rejectBody(message: string, awsCode = 'InvalidRequest'): never {
  reject('ERR_SIGV4_PAYLOAD_MISMATCH', awsCode, 400, message)
}
