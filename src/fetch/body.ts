import { fail } from '../core/errors.ts'
import { hasTag } from '../core/kind.ts'
import { hashBody } from '../crypto/body.ts'

/** A body to send, and its hash. */
export interface FetchBody {
  readonly body: BodyInit | undefined
  readonly payloadHash: string
  /** Whether it can be sent more than once. */
  readonly isRepeatable: boolean
}

/**
 * Reads the body of a request, so that it can be hashed and sent again; `given` is the body in the options of `fetch`. A
 * stream is sent without being read if its hash is known. Otherwise it may be `limit` bytes long.
 */
export async function readBody(
  request: Request,
  given: unknown,
  payloadHash: string | undefined,
  streamHash: string | undefined,
  limit: number,
): Promise<FetchBody> {
  const repeatable = async (body: ArrayBuffer | Blob | undefined): Promise<FetchBody> => ({
    body,
    payloadHash: payloadHash ?? (await hashBody(body)),
    isRepeatable: true,
  })
  // hashed in pieces, and not copied
  if (hasTag(given, 'Blob') || hasTag(given, 'File')) return repeatable(given as Blob)
  const stream = request.body
  if (stream === null) return repeatable(undefined)
  const isStream =
    given === undefined || given === null || hasTag(given, 'ReadableStream') || Symbol.asyncIterator in Object(given)
  if (isStream && stream) {
    if (streamHash) return { body: stream, payloadHash: streamHash, isRepeatable: false }
    return repeatable(await readStream(stream, limit))
  }
  const bytes = await request.arrayBuffer()
  return repeatable(stream || bytes.byteLength ? bytes : undefined) // Firefox has no request.body
}

async function readStream(stream: ReadableStream<Uint8Array>, limit: number): Promise<ArrayBuffer> {
  const pieces: BlobPart[] = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(pieces).arrayBuffer()
    pieces.push(value as BlobPart)
    length += value.length
    if (length <= limit) continue
    reader.cancel().catch(() => undefined)
    fail(
      'ERR_SIGV4_BODY_NOT_HASHABLE',
      'init.body',
      'range',
      'Pass init.aws.payloadHash, or raise options.maxBufferedBytes.',
    )
  }
}
