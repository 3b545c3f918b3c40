import { bodyContent, isA } from '../core/body.ts'
import { type ChunkEvent, chunkFormat, chunkReader, chunkStringToSign } from '../core/chunks.ts'
import { fail } from '../core/errors.ts'
import type { Plan } from '../core/plan.ts'
import type { Bytes, WebStream } from '../core/platform.ts'
import type { Received, ReceivedRequest } from '../core/received.ts'
import { refuse, refuseSignature } from '../core/refusal.ts'
import { sha256Stream } from '../crypto/stream.ts'
import { type HmacKey, sha256Hex, verifyHmac } from '../crypto/webcrypto.ts'

// The body of a request: read whole, or checked while it passes.

/** The bytes of a body in pieces: a stream of Node or of the web, or a list. */
export type BodySource = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | WebStream

/** The bytes of a body that passed, and the headers that came behind them. */
export type CheckedBody = AsyncGenerator<Bytes, Record<string, string>>

/** A request whose signature is right, as far as its body is concerned. */
export interface SignedPayload {
  readonly received: Received
  readonly plan: Plan
  readonly signature: string
  readonly payloadHash: string
  readonly key: HmacKey
  readonly allowSmallChunks: boolean
}

/** The body where it is at hand: given, in a `Request`, or none because the request says so; else `undefined`. */
export async function bodyAtHand(
  request: ReceivedRequest | Request,
  given: unknown,
  { headers }: Received,
  isRead = false,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (given === undefined && isA(request, 'Request')) {
    const { body, bodyUsed } = request as Request
    if (body && !isRead) return undefined
    if (bodyUsed)
      fail(
        'ERR_INVALID_ARG_VALUE',
        'The body of the Request has been read: verify it before, or pass it as options.body',
      )
    return new Uint8Array(await (request as Request).clone().arrayBuffer())
  }
  const body = given ?? request.body ?? undefined
  const content = body === undefined ? undefined : bodyContent(body)
  if (content !== undefined)
    return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
  // HTTP/1.1 says when there is none (RFC 9112 section 6.3); HTTP/2 does not
  const { httpVersionMajor = 1 } = request as { httpVersionMajor?: number }
  const isEmpty =
    httpVersionMajor < 2 &&
    !(':method' in headers) &&
    !('transfer-encoding' in headers) &&
    Number(headers['content-length'] ?? 0) === 0
  if (isEmpty) return new Uint8Array(0)
  if (body !== undefined && isRead)
    fail('ERR_INVALID_ARG_TYPE', 'request.body must be text or bytes as they came: pass the raw body as options.body')
  return undefined
}

/** Passes a body through and checks it. */
export async function* checkPayload(payload: SignedPayload, source: BodySource): CheckedBody {
  const { payloadHash } = payload
  if (payloadHash.startsWith('STREAMING-')) return yield* checkChunks(payload, source)
  const hash = payloadHash === 'UNSIGNED-PAYLOAD' ? undefined : sha256Stream()
  for await (const bytes of pieces(source)) {
    hash?.update(bytes)
    yield bytes
  }
  const computed = hash?.hex()
  if (computed !== undefined && computed !== payloadHash)
    refuse(
      'ERR_SIGV4_PAYLOAD_MISMATCH',
      'XAmzContentSHA256Mismatch',
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      { ClientComputedContentSHA256: payloadHash, S3ComputedContentSHA256: computed },
    )
  return {}
}

async function* checkChunks(payload: SignedPayload, source: BodySource): CheckedBody {
  const { received, plan, payloadHash, key, allowSmallChunks } = payload
  const { headers } = received
  const expected = headers['x-amz-decoded-content-length']
  if (expected === undefined || !/^\d+$/.test(expected))
    refuse(
      'ERR_SIGV4_PAYLOAD_MISMATCH',
      'MissingContentLength',
      411,
      'You must provide the x-amz-decoded-content-length HTTP header.',
    )
  const format = chunkFormat(headers, payloadHash, allowSmallChunks)
  const reader = chunkReader(format)
  let previous = payload.signature
  let length = 0
  let trailers: Record<string, string> = {}

  async function checkSignature(event: ChunkEvent): Promise<void> {
    const hash = await sha256Hex('data' in event ? event.data : event.text)
    const signature = event.signature ?? ''
    if (!(await verifyHmac(key, chunkStringToSign(plan.context, previous, event, hash), signature)))
      refuseSignature({ SignatureProvided: signature })
    previous = signature
  }

  for await (const bytes of pieces(source))
    for (const event of reader.push(bytes)) {
      if ('trailers' in event) {
        if (format.signed && format.trailers.length) await checkSignature(event)
        trailers = { ...event.trailers }
        continue
      }
      if (format.signed) await checkSignature(event)
      length += event.data.length
      if (length > Number(expected)) refuseLength() // and reads no more
      if (event.data.length) yield event.data
    }
  reader.end()
  if (length !== Number(expected)) refuseLength()
  return trailers
}

function refuseLength(): never {
  refuse(
    'ERR_SIGV4_PAYLOAD_MISMATCH',
    'IncompleteBody',
    400,
    'The request body does not have the length that x-amz-decoded-content-length says',
  )
}

/** A stream of the web is read by its reader: not every browser can loop over it. */
async function* pieces(source: BodySource): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (!('getReader' in source)) {
    for await (const piece of source) yield bytesOf(piece)
    return
  }
  const reader = source.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield bytesOf(read.value)
  } finally {
    await reader.cancel()
  }
}

/** A stream with an encoding gives texts, which are not what was signed. */
function bytesOf(piece: unknown): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(piece)) fail('ERR_INVALID_ARG_TYPE', 'The source of a body must give bytes, not texts')
  return bodyContent(piece) as Uint8Array<ArrayBuffer>
}

/** A checked body as a whole. */
export async function collect(checked: CheckedBody): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const part of checked) parts.push(part)
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((length, { length: more }) => length + more, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
