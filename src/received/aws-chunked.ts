import { growBytes } from '../core/http/body.ts'
import { type HeaderRecord, listedNames } from '../core/http/headers.ts'
import type { Bytes } from '../core/http/platform.ts'
import { EMPTY_HASH } from '../core/signing/canonical-request.ts'
import type { Payload } from '../core/signing/payload.ts'
import type { SigningContext } from '../core/signing/string-to-sign.ts'
import { CHUNK_FORMAT, CHUNK_MISSING, CHUNK_SMALL, type Problem, TRAILER_FORMAT } from './refusals.ts'

/** Minimum size in bytes of a chunk of a body, except the last one. */
export const MIN_CHUNK_SIZE = 8192

/** Maximum size in bytes of a signed chunk, not S3's: it is held until its signature is checked. Clients send 64 KiB to 8 MiB. */
export const MAX_CHUNK_SIZE = 16_777_216

/** A part of an `aws-chunked` body that is signed: bytes of the body, or the trailing headers. */
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

/** The payload of a request with an `aws-chunked` body. */
export type Chunks = Payload & { readonly kind: 'chunks' }

/** A reader of a body in pieces of any size. */
export interface ChunkReader {
  /** Reads the next bytes. A problem is returned alone, and nothing more is read after it. */
  push(bytes: Uint8Array): readonly (ChunkEvent | Problem)[]
  /** Returns the problem with a body that ends here, if it is incomplete. */
  end(): Problem | undefined
}

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
  let state: 'size' | 'data' | 'break' | 'trailers' | 'done' | 'failed' = 'size'
  let line = ''
  let remaining = 0
  let signature: string | undefined
  let buffer: Bytes = new Uint8Array(0)
  let filled = 0
  let text = ''
  let hasBlankLine = false
  let count = 0
  let previousSize = minChunkSize

  function append(bytes: Uint8Array): void {
    buffer = growBytes(buffer, filled, bytes.length, filled + remaining)
    buffer.set(bytes, filled)
    filled += bytes.length
  }

  function parseSize(events: ChunkEvent[]): Problem | undefined {
    const [, size, given] = /^([\da-f]{1,8})(?:;chunk-signature=([\da-f]{64}|[\da-f*]{144}))?$/i.exec(line) ?? []
    if (size === undefined || signed !== (given !== undefined))
      return malformed('A chunk must start with its size in hex, followed by its signature if chunks are signed.')
    remaining = Number.parseInt(size, 16)
    signature = unpad(given)
    if (signed && remaining > MAX_CHUNK_SIZE)
      return malformed(`A signed chunk must not exceed ${MAX_CHUNK_SIZE} bytes.`)
    if (remaining) {
      count++
      if (previousSize < minChunkSize)
        return { refusal: CHUNK_SMALL, values: { Chunk: String(count), BadChunkSize: String(previousSize) } }
      previousSize = remaining
    }
    buffer = new Uint8Array(0)
    filled = 0
    state = remaining ? 'data' : 'trailers'
    if (remaining) return undefined
    if (signed) events.push({ data: buffer, signature })
    signature = undefined
    return undefined
  }

  function parseTrailer(events: ChunkEvent[]): Problem | undefined {
    if (line === '') {
      // AWS's documentation also shows a blank line before the signature
      const isBeforeSignature = signed && declared.length > 0 && signature === undefined && !hasBlankLine
      if (!isBeforeSignature) return finish(events)
      hasBlankLine = true
      return undefined
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const isSignature = signed && declared.length > 0 && name === SIGNATURE
    const isRepeated = name in trailers || (isSignature && signature !== undefined)
    if (colon < 1 || isRepeated || text.length + line.length > MAX_LINE_LENGTH)
      return malformed('The trailing headers are malformed.', TRAILER_FORMAT)
    if (isSignature) signature = unpad(value)
    else {
      trailers[name] = value
      text += `${name}:${value}\n`
    }
    return undefined
  }

  function finish(events: ChunkEvent[]): Problem | undefined {
    const found = Object.keys(trailers)
    if (found.length !== declared.length || !declared.every((name) => found.includes(name)))
      return malformed('The trailing headers must be the headers that x-amz-trailer lists.', TRAILER_FORMAT)
    if (signed && declared.length && signature === undefined) return unsignedTrailers()
    events.push({ trailers, text, signature })
    state = 'done'
    return undefined
  }

  function parseLine(events: ChunkEvent[]): Problem | undefined {
    if (state === 'size') return parseSize(events)
    if (state === 'trailers') return parseTrailer(events)
    if (line !== '') return malformed('A chunk is longer than its declared size.')
    state = 'size'
    return undefined
  }

  /** Parses bytes as far as they are valid. */
  function read(bytes: Uint8Array, events: ChunkEvent[]): Problem | undefined {
    let at = 0
    while (at < bytes.length) {
      if (state === 'done') return malformed('The body continues after the last chunk.')
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
        if (line.length + lineEnd - at > MAX_LINE_LENGTH) return malformed('A line is too long.')
        for (; at < lineEnd; at++) line += String.fromCharCode(bytes[at]!)
        if (found < 0) break
        at++
        if (line.endsWith('\r')) line = line.slice(0, -1)
        else if (state !== 'trailers') return malformed('A line must end with CR and LF.') // AWS shows trailers without CR
        const problem = parseLine(events)
        if (problem) return problem
        line = ''
      }
    }
    return undefined
  }

  return {
    push(bytes) {
      const events: ChunkEvent[] = []
      const problem = state === 'failed' ? undefined : read(bytes, events)
      if (!problem) return events
      state = 'failed'
      return [problem]
    },
    end() {
      if (state === 'trailers' && hasBlankLine) return unsignedTrailers()
      return state === 'done' ? undefined : { refusal: CHUNK_MISSING }
    },
  }
}

/** Removes the padding of Signature Version 4a signatures, whose lengths differ; all others have 64 digits. */
function unpad(signature: string | undefined): string | undefined {
  return signature?.replace(/^([^*]{65,})\*+$/, '$1')
}

function malformed(reason: string, refusal = CHUNK_FORMAT): Problem {
  return { refusal, values: { reason } }
}

function unsignedTrailers(): Problem {
  return malformed(`The trailing headers must end with ${SIGNATURE}.`, TRAILER_FORMAT)
}

/** Returns the format of the body that a request's headers specify. */
export function chunkFormat(
  headers: HeaderRecord,
  { isSigned, hasTrailers }: Chunks,
  allowSmallChunks: boolean,
): ChunkFormat | Problem {
  const trailers = hasTrailers ? listedNames(headers['x-amz-trailer']) : []
  if (new Set(trailers).size < trailers.length)
    return malformed('x-amz-trailer must list each trailing header once.', TRAILER_FORMAT)
  return { signed: isSigned, trailers, minChunkSize: allowSmallChunks ? 0 : MIN_CHUNK_SIZE }
}

/** Formats the string to sign of a chunk or of the trailing headers; each includes the previous signature. */
export function chunkStringToSign(
  { algorithm, amzDate, scope }: SigningContext,
  previous: string,
  content: { readonly data: Uint8Array } | { readonly text: string },
  hash: string,
): string {
  const [kind, rest] = 'data' in content ? ['PAYLOAD', `${EMPTY_HASH}\n${hash}`] : ['TRAILER', hash]
  return `${algorithm}-${kind}\n${amzDate}\n${scope}\n${previous}\n${rest}`
}
