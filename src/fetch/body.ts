import { fail } from '../core/errors.ts'
import { hasTag } from '../core/kind.ts'
import { hashBody, isBlob } from '../crypto/body.ts'

export interface FetchBody {
  readonly body: BodyInit | undefined
  /** If it is missing, `sign` computes it. */
  readonly payloadHash: string | undefined
  /** Whether it can be sent more than once. */
  readonly isRepeatable: boolean
}

interface BodyRules {
  /** The hash in the options. */
  readonly payloadHash: string | undefined
  /** The hash that a stream is sent with, without being read. */
  readonly streamHash: string | undefined
  /** Maximum length of a stream that is read. */
  readonly limit: number
  readonly signal: AbortSignal | null | undefined
}

/**
 * Reads the body of a request, so that it can be hashed and sent again; `given` is the body in the options of `fetch`. A
 * stream is sent without being read if its hash is known, except by Firefox, which cannot send one and has no
 * `request.body`. A string, or no body, is returned without a promise.
 */
export function readBody(
  request: Request,
  given: unknown,
  { payloadHash, streamHash, limit, signal }: BodyRules,
): FetchBody | Promise<FetchBody> {
  const isReadable = hasTag(given, 'ReadableStream')
  const stream = isReadable ? (given as ReadableStream<Uint8Array>) : request.body
  let body = (given ?? undefined) as BodyInit | undefined
  if (typeof given === 'string' || stream === null) return { body, payloadHash, isRepeatable: true }
  return (async () => {
    const isStream = isReadable || (given ?? stream) === stream || Symbol.asyncIterator in Object(given)
    if (stream && isStream) {
      if (streamHash && 'body' in request) return { body: stream, payloadHash: streamHash, isRepeatable: false }
      body = await readStream(stream, limit, signal)
      if (body.size > limit)
        fail(
          'ERR_SIGV4_BODY_NOT_HASHABLE',
          'init.body',
          'range',
          'Pass init.aws.payloadHash, or raise options.maxBufferedBytes.',
        )
    } else if (!isBlob(given)) {
      // a Blob is hashed in pieces, and not copied
      const bytes = await request.arrayBuffer()
      body = stream || bytes.byteLength ? bytes : undefined
    }
    return { body, payloadHash: payloadHash ?? (await hashBody(body)), isRepeatable: true }
  })()
}

/** Reads a stream until it ends, is longer than `limit`, or is aborted; the rest is cancelled. */
export async function readStream(
  stream: ReadableStream<Uint8Array>,
  limit: number,
  signal: AbortSignal | null | undefined,
): Promise<Blob> {
  const pieces: BlobPart[] = []
  const reader = stream.getReader()
  const cancel = () => void reader.cancel(signal?.reason).catch(() => undefined)
  if (signal?.aborted) cancel()
  signal?.addEventListener('abort', cancel)
  try {
    for (let length = 0; length <= limit; ) {
      const { done, value } = await reader.read()
      if (done) break
      pieces.push(value as BlobPart)
      length += value.length
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
    cancel()
    reader.releaseLock()
  }
  return new Blob(pieces)
}
