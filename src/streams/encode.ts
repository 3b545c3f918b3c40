import { fail } from '../core/errors.ts'
import { type BodySource, pieceBytes } from '../core/http/body.ts'
import type { Bytes, WebStream, WritableWebStream } from '../core/http/platform.ts'
import type { Pair } from '../core/http/query.ts'
import type { RunningChecksum } from '../core/signing/options.ts'
import type { SigningContext } from '../core/signing/string-to-sign.ts'
import { sha256Hex } from '../crypto/webcrypto.ts'
import { chunkStringToSign } from '../received/aws-chunked.ts'
import { items } from './source.ts'

// Bodies in the format aws-chunked.

/** The division of a body into chunks. */
export interface ChunkPlan {
  /** Length of the body in bytes. */
  readonly decodedLength: number
  /** Length of every chunk but the last. */
  readonly chunkSize: number
  /** The headers after the last chunk, sorted by name, with the lengths of their values. */
  readonly trailers: readonly (readonly [name: string, length: number])[]
}

/** Signs chunks and trailing headers. */
export interface ChunkSigner {
  /** Algorithm, time and scope of the request. */
  readonly context: SigningContext
  /** The signature of the request, which precedes the one of the first chunk. */
  readonly seedSignature: string
  /** Length of every signature in the body: shorter ones are padded with `*`, because the length of the body is sent first. */
  readonly signatureLength: number
  sign(stringToSign: string): Promise<string>
}

/** The pieces of a body, and the trailing headers, which are known after the last piece. */
export interface ChunkContent {
  readonly pieces: AsyncIterable<Uint8Array>
  trailers(): readonly Pair[]
}

/** A web stream that encodes, for `pipeThrough`. */
export interface EncodingStream {
  readonly readable: WebStream
  readonly writable: WritableWebStream
}

const CHUNK_SIGNATURE = ';chunk-signature='
const TRAILER_SIGNATURE = 'x-amz-trailer-signature:'

/** Returns the length of an encoded body. `signatureLength` is 0 if the chunks are not signed. */
export function encodedLength({ decodedLength, chunkSize, trailers }: ChunkPlan, signatureLength: number): number {
  const rest = decodedLength % chunkSize
  const chunks = (decodedLength - rest) / chunkSize
  let length = chunks * frameLength(chunkSize, signatureLength) + headLength(0, signatureLength) + 2
  if (rest) length += frameLength(rest, signatureLength)
  for (const trailer of trailers) length += trailer[0].length + 1 + trailer[1] + 2
  if (signatureLength && trailers.length) length += TRAILER_SIGNATURE.length + signatureLength + 2
  return length
}

function frameLength(size: number, signatureLength: number): number {
  return headLength(size, signatureLength) + size + 2
}

/** Returns the length of the line before a chunk. */
function headLength(size: number, signatureLength: number): number {
  return size.toString(16).length + (signatureLength && CHUNK_SIGNATURE.length + signatureLength) + 2
}

/**
 * Encodes a body. It holds one chunk, and throws before the end of the body is written if its length differs from the
 * announced one.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* encodeChunks(
  plan: ChunkPlan,
  signer: ChunkSigner | undefined,
  content: ChunkContent,
): AsyncGenerator<Bytes, void> {
  const { decodedLength, chunkSize } = plan
  const signatureLength = signer?.signatureLength ?? 0
  let previous = signer?.seedSignature ?? ''
  let length = 0
  let frame = createFrame()
  let filled = 0

  /** Creates the memory of the next chunk, and of the lines around it. */
  function createFrame(encoded = 0): { bytes: Bytes; data: Bytes } {
    const size = Math.min(chunkSize, decodedLength - encoded)
    const bytes = new Uint8Array(frameLength(size, signatureLength))
    return { bytes, data: bytes.subarray(headLength(size, signatureLength), -2) }
  }

  async function signNext(content: { data: Bytes } | { text: string }): Promise<string> {
    const { context, sign } = signer!
    const hash = await sha256Hex('data' in content ? content.data : content.text)
    previous = await sign(chunkStringToSign(context, previous, content, hash))
    return previous.padEnd(signatureLength, '*')
  }

  /** Returns the line before a chunk. */
  async function head(data: Bytes): Promise<string> {
    return `${data.length.toString(16)}${signer ? CHUNK_SIGNATURE + (await signNext({ data })) : ''}\r\n`
  }

  for await (const piece of content.pieces) {
    if (length + piece.length > decodedLength) failLength(`has more than ${decodedLength} bytes`)
    for (let at = 0; at < piece.length; ) {
      const { bytes, data } = frame
      const part = piece.subarray(at, at + data.length - filled)
      data.set(part, filled)
      filled += part.length
      length += part.length
      at += part.length
      if (filled < data.length) break
      new TextEncoder().encodeInto(await head(data), bytes)
      bytes.set([13, 10], bytes.length - 2)
      yield bytes
      frame = createFrame(length)
      filled = 0
    }
  }
  if (length < decodedLength) failLength(`has ${length} bytes, not ${decodedLength}`)
  const text = formatTrailers(plan, content.trailers())
  let end = (await head(new Uint8Array(0))) + text.replaceAll('\n', '\r\n')
  if (signer && text) end += `${TRAILER_SIGNATURE}${await signNext({ text })}\r\n`
  yield new TextEncoder().encode(`${end}\r\n`)
}

function formatTrailers(plan: ChunkPlan, trailers: readonly Pair[]): string {
  let text = ''
  for (const [i, [name, value]] of trailers.entries()) {
    if (value.length !== plan.trailers[i]?.[1])
      fail('ERR_INVALID_ARG_VALUE', name, 'mismatch', 'Its length is not the announced one.')
    text += `${name}:${value}\n`
  }
  return text
}

function failLength(found: string): never {
  fail('ERR_INVALID_ARG_VALUE', 'options.decodedLength', 'mismatch', `The body ${found}.`)
}

/** Yields the pieces of a source, and passes each to a checksum. */
export async function* piecesOf(source: BodySource, checksum?: RunningChecksum): AsyncGenerator<Uint8Array, void> {
  for await (const piece of items(source)) {
    const bytes = pieceBytes(piece)
    checksum?.update(bytes)
    yield bytes
  }
}

/** A function that encodes a body: of a source, or as a web stream for `pipeThrough`. */
export interface Encode {
  (): EncodingStream
  (source: BodySource): AsyncGenerator<Bytes, void>
}

/** Returns both forms of an encoder. Each call is independent, so that a request can be sent again. */
export function encodeWith(encode: (source: BodySource) => AsyncGenerator<Bytes, void>): Encode {
  return ((source?: BodySource) => (source === undefined ? encodingStream(encode) : encode(source))) as Encode
}

/** Returns a web stream that reads at most one piece ahead of its reader. */
function encodingStream(encode: (source: BodySource) => AsyncGenerator<Bytes, void>): EncodingStream {
  let input: TransformStreamDefaultController
  const { readable, writable } = new TransformStream({
    start(controller) {
      input = controller
    },
  })
  const encoded = encode(readable)
  const stream = new ReadableStream(
    {
      async pull(output) {
        const { done, value } = await encoded.next()
        if (done) output.close()
        else output.enqueue(value)
      },
      cancel: () => input.terminate(),
    },
    { highWaterMark: 0 },
  )
  return { readable: stream, writable }
}
