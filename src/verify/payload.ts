import { fail } from '../core/errors.ts'
import { type BodySource, bodyContent, iterableSource, joinBytes, pieceBytes } from '../core/http/body.ts'
import type { HeaderRecord } from '../core/http/headers.ts'
import type { Bytes } from '../core/http/platform.ts'
import { hasTag } from '../core/kind.ts'
import type { Checksum } from '../core/signing/options.ts'
import type { Payload } from '../core/signing/payload.ts'
import type { SigningContext } from '../core/signing/string-to-sign.ts'
import type { Verifier } from '../crypto/algorithm.ts'
import { sha256Stream } from '../crypto/sha256-stream.ts'
import { sha256Hex } from '../crypto/webcrypto.ts'
import { type ChunkEvent, type Chunks, chunkFormat, chunkReader, chunkStringToSign } from '../received/aws-chunked.ts'
import {
  BODY_EVENTS,
  BODY_HASH,
  BODY_LENGTH,
  BODY_LENGTH_MISSING,
  BODY_UNAVAILABLE,
  SIGNATURE,
} from '../received/refusals.ts'
import type { Received, ReceivedRequest } from '../received/request.ts'
import { refuse, refuseProblem } from './refuse.ts'
import { startChecksums } from './trailers.ts'

// The body of a request: read completely, or checked while streaming.

/** The bytes of a body, checked while streaming; returns the trailing headers. */
export type CheckedBody = AsyncGenerator<Bytes, Record<string, string>>

/** The parts of a verified request that are needed to check its body. */
export interface SignedPayload {
  readonly received: Received
  readonly context: SigningContext
  readonly signature: string
  readonly payload: Payload
  /** Verifies the signatures of chunks. */
  readonly verifier: Verifier
  readonly allowSmallChunks: boolean
  readonly checksums: readonly Checksum[] | undefined
}

/** Throws for a body that a parser has read: it may differ from the bytes that were signed. */
export function checkBody(request: ReceivedRequest | Request, given: unknown, received: Received): void {
  const body = passedBody(request, given)
  if (body === undefined || rawBody(body) !== undefined || (given === undefined && isStream(body))) return
  // what Express's parsers set for a request without a body
  if (given === undefined && isEmpty(request, received) && isEmptyObject(body)) return
  fail(
    'ERR_INVALID_ARG_TYPE',
    given === undefined ? 'request.body' : 'options.body',
    'type',
    'Verify the request before its body is parsed, or pass the raw body, a string or bytes, as options.body.',
  )
}

/**
 * Returns the body if available: given, in a `Request`, or empty according to the request. If it `isRequired`, a `Request` is
 * read, and one that is not available is refused.
 */
export async function availableBody(
  request: ReceivedRequest | Request,
  given: unknown,
  received: Received,
  isRequired: boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (given === undefined && hasTag(request, 'Request')) {
    const { body, bodyUsed } = request as Request
    if (body && !isRequired) return undefined
    if (bodyUsed)
      fail('ERR_INVALID_ARG_VALUE', 'request.body', 'unusable', 'It was already read. Pass it as options.body.')
    return new Uint8Array(await (request as Request).clone().arrayBuffer())
  }
  const body = passedBody(request, given)
  const raw = rawBody(body)
  if (raw !== undefined) return typeof raw === 'string' ? new TextEncoder().encode(raw) : new Uint8Array(raw)
  const hasStream = isStream(body)
  if (!hasStream && isEmpty(request, received)) return new Uint8Array(0)
  if (!isRequired) return undefined
  if (!hasStream) refuse(BODY_UNAVAILABLE)
  return fail(
    'ERR_INVALID_ARG_TYPE',
    'request.body',
    'type',
    "It is a stream. Pass the bytes as options.body, or set payload: 'deferred'.",
  )
}

/** Returns the body that the caller passed; a `Request` is read later. */
function passedBody(request: ReceivedRequest | Request, given: unknown): unknown {
  const body = given ?? (hasTag(request, 'Request') ? undefined : request.body)
  return body ?? undefined
}

/** Returns a body that consists of the bytes as received, or of their string. */
function rawBody(body: unknown): string | Uint8Array | undefined {
  return body === undefined || hasTag(body, 'URLSearchParams') ? undefined : bodyContent(body)
}

function isStream(body: unknown): boolean {
  const { getReader, pipe, [Symbol.asyncIterator]: iterate } = Object(body)
  return typeof (getReader ?? pipe ?? iterate) === 'function'
}

/** Returns whether a request indicates an empty body, as in HTTP/1.1 (RFC 9112 section 6.3); HTTP/2 does not. */
function isEmpty(request: ReceivedRequest | Request, { headers }: Received): boolean {
  const { httpVersionMajor = 1 } = request as ReceivedRequest
  return (
    httpVersionMajor < 2 &&
    !(':method' in headers) &&
    !('transfer-encoding' in headers) &&
    Number(headers['content-length'] ?? 0) === 0
  )
}

function isEmptyObject(value: unknown): boolean {
  return hasTag(value, 'Object') && Object.keys(value as object).length === 0
}

/** Yields the bytes of a body and checks them. */
export async function* checkPayload(signed: SignedPayload, source: BodySource): CheckedBody {
  const { payload } = signed
  if (payload.kind === 'chunks') return yield* checkChunks(signed, payload, source)
  if (payload.kind === 'events') return refuse(BODY_EVENTS)
  const hash = payload.kind === 'hash' ? sha256Stream() : undefined
  for await (const piece of iterableSource(source)) {
    const bytes = pieceBytes(piece)
    hash?.update(bytes)
    yield bytes
  }
  const computed = hash?.hex()
  if (computed !== undefined && computed !== payload.text)
    refuse(BODY_HASH, { ClientComputedContentSHA256: payload.text, S3ComputedContentSHA256: computed })
  return {}
}

async function* checkChunks(signed: SignedPayload, chunks: Chunks, source: BodySource): CheckedBody {
  const { received, context, verifier, allowSmallChunks } = signed
  const { headers } = received
  const expected = headers['x-amz-decoded-content-length']
  if (expected === undefined || !/^\d+$/.test(expected)) refuse(BODY_LENGTH_MISSING)
  const format = chunkFormat(headers, chunks, allowSmallChunks)
  if ('refusal' in format) return refuseProblem(format)
  const checksums = startChecksums(format.trailers, signed.checksums)
  const reader = chunkReader(format)
  let previous = signed.signature
  let length = 0
  let trailers: HeaderRecord = {}

  async function checkSignature(event: ChunkEvent): Promise<void> {
    const hash = await sha256Hex('data' in event ? event.data : event.text)
    const signature = event.signature ?? ''
    if (!(await verifier(chunkStringToSign(context, previous, event, hash), signature)))
      refuse(SIGNATURE, { SignatureProvided: signature })
    previous = signature
  }

  for await (const piece of iterableSource(source))
    for (const event of reader.push(pieceBytes(piece))) {
      if ('refusal' in event) return refuseProblem(event)
      if ('trailers' in event) {
        if (format.signed && format.trailers.length) await checkSignature(event)
        trailers = { ...event.trailers }
        continue
      }
      if (format.signed) await checkSignature(event)
      length += event.data.length
      if (length > Number(expected)) refuse(BODY_LENGTH) // and stops reading
      checksums.update(event.data)
      if (event.data.length) yield event.data
    }
  refuseProblem(reader.end())
  if (length !== Number(expected)) refuse(BODY_LENGTH)
  checksums.check(trailers)
  return trailers
}

export async function collect(checked: CheckedBody): Promise<Bytes> {
  const parts: Bytes[] = []
  for await (const part of checked) parts.push(part)
  return parts.length === 1 ? parts[0]! : joinBytes(parts)
}
