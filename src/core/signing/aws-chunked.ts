import type { HeaderRecord } from '../http/headers.ts'
import { refuse } from '../verify-error.ts'
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
  readonly smallest: number
}

/** A reader of a body in pieces of any size. */
export interface ChunkReader {
  push(bytes: Uint8Array): ChunkEvent[]
  /** Throws if the body is incomplete. */
  end(): void
}

/** Maximum size of a signed chunk, which is held until its signature is checked. Clients send 64 KiB to 8 MiB. */
const LARGEST_CHUNK = 16_777_216

/** S3's minimum size of every chunk but the last. */
export const SMALLEST_CHUNK = 8192

/** Maximum length of a line, and of all trailing headers. */
const LONGEST_LINE = 8192

const SIGNATURE = 'x-amz-trailer-signature'

/**
 * Parses an `aws-chunked` body. It holds one chunk at most, and allocates memory only for bytes received.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function chunkReader({ signed, trailers: declared, smallest }: ChunkFormat): ChunkReader {
  const trailers: HeaderRecord = Object.create(null)
  let state: 'size' | 'data' | 'break' | 'trailers' | 'done' = 'size'
  let line = ''
  let left = 0
  let signature: string | undefined
  let held = new Uint8Array(0)
  let filled = 0
  let text = ''
  let isBlank = false
  let count = 0
  let last = smallest

  function hold(bytes: Uint8Array): void {
    if (filled + bytes.length > held.length) {
      const grown = new Uint8Array(Math.max(filled + bytes.length, Math.min(held.length * 2, filled + left)))
      grown.set(held.subarray(0, filled))
      held = grown
    }
    held.set(bytes, filled)
    filled += bytes.length
  }

  function takeSize(events: ChunkEvent[]): void {
    const [, size, given] = /^([\da-f]{1,8})(?:;chunk-signature=([\da-f]{64}))?$/i.exec(line) ?? []
    if (size === undefined || signed !== (given !== undefined))
      bad('A chunk must start with its size in hex and, where chunks are signed, its signature.')
    left = Number.parseInt(size, 16)
    signature = given
    if (signed && left > LARGEST_CHUNK) bad(`A signed chunk must have at most ${LARGEST_CHUNK} bytes.`)
    if (left) {
      count++
      if (last < smallest) refuseSmallChunk(count, last)
      last = left
    }
    held = new Uint8Array(0)
    filled = 0
    state = left ? 'data' : 'trailers'
    if (left) return
    if (signed) events.push({ data: held, signature })
    signature = undefined
  }

  function takeTrailer(events: ChunkEvent[]): void {
    if (line === '') {
      // AWS's documentation also shows a blank line before the signature
      if (signed && declared.length && signature === undefined && !isBlank) isBlank = true
      else finish(events)
      return
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const isSignature = signed && declared.length > 0 && name === SIGNATURE
    const isTwice = name in trailers || (isSignature && signature !== undefined)
    if (colon < 1 || isTwice || text.length + line.length > LONGEST_LINE) bad('The trailing headers cannot be read.')
    if (isSignature) signature = value
    else {
      trailers[name] = value
      text += `${name}:${value}\n`
    }
  }

  function finish(events: ChunkEvent[]): void {
    const found = Object.keys(trailers)
    if (found.length !== declared.length || !declared.every((name) => found.includes(name)))
      bad('The trailing headers must be those that x-amz-trailer names.')
    if (signed && declared.length && signature === undefined) bad(`The trailing headers must end with ${SIGNATURE}.`)
    events.push({ trailers, text, signature })
    state = 'done'
  }

  function takeLine(events: ChunkEvent[]): void {
    if (state === 'size') takeSize(events)
    else if (state === 'trailers') takeTrailer(events)
    else if (line === '') state = 'size'
    else bad('A chunk is longer than it says.')
  }

  return {
    push(bytes) {
      const events: ChunkEvent[] = []
      let at = 0
      while (at < bytes.length) {
        if (state === 'done') bad('There are bytes behind the last chunk.')
        if (state === 'data') {
          const part = bytes.subarray(at, at + left)
          at += part.length
          if (signed) hold(part)
          else events.push({ data: part.slice(), signature: undefined })
          left -= part.length
          if (left) continue
          if (signed) events.push({ data: held.subarray(0, filled), signature })
          state = 'break'
        } else {
          const found = bytes.indexOf(10, at)
          const stop = found < 0 ? bytes.length : found
          if (line.length + stop - at > LONGEST_LINE) bad('A line is too long.')
          for (; at < stop; at++) line += String.fromCharCode(bytes[at]!)
          if (found < 0) break
          at++
          if (line.endsWith('\r')) line = line.slice(0, -1)
          else if (state !== 'trailers') bad('A line must end with CR and LF.') // AWS shows trailers without CR
          takeLine(events)
          line = ''
        }
      }
      return events
    },
    end() {
      if (state !== 'done') bad('The request body terminated unexpectedly', 'IncompleteBody')
    },
  }
}

/** Returns the format of the body that a request's headers specify. */
export function chunkFormat(headers: HeaderRecord, payloadHash: string, allowSmallChunks: boolean): ChunkFormat {
  const list = payloadHash.endsWith('-TRAILER') ? (headers['x-amz-trailer'] ?? '') : ''
  const names = list.toLowerCase().split(',')
  const trailers = names.map((name) => name.trim()).filter(Boolean)
  if (new Set(trailers).size < trailers.length) bad('x-amz-trailer must name each trailing header once.')
  return { signed: payloadHash.includes('HMAC'), trailers, smallest: allowSmallChunks ? 0 : SMALLEST_CHUNK }
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

function refuseSmallChunk(count: number, size: number): never {
  const details = { Chunk: String(count), BadChunkSize: String(size) }
  const message = 'Only the last chunk is allowed to have a size less than 8192 bytes'
  refuse('ERR_SIGV4_PAYLOAD_MISMATCH', 'InvalidChunkSizeError', 403, message, details)
}

function bad(message: string, awsCode = 'InvalidRequest'): never {
  refuse('ERR_SIGV4_PAYLOAD_MISMATCH', awsCode, 400, message)
}
