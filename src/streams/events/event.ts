import { fail } from '../../core/errors.ts'
import { growBytes, pieceBytes, type StreamSource } from '../../core/http/body.ts'
import type { Bytes } from '../../core/http/platform.ts'
import { checkMembers, members } from '../../core/members.ts'
import { items } from '../source.ts'
import { crc32 } from './crc32.ts'
import { decodeHeaders, type EventHeader, type EventHeaders, encodeHeaders } from './headers.ts'
import { malformed } from './malformed.ts'

// An event: total length, length of the headers, CRC-32 of these; headers, body, CRC-32 of everything before it.

/** An event to encode: the message of an event stream. */
export interface EventMessage {
  readonly headers: EventHeaders
  readonly body: Uint8Array
}

/** An event as it was received. */
export interface DecodedEvent extends EventMessage {
  readonly headers: Record<string, EventHeader>
  readonly body: Bytes
}

const MESSAGE = /* @__PURE__ */ members('headers body')

/** The first 12 bytes: two lengths and their CRC. */
const PRELUDE_LENGTH = 12
/** The bytes of an event other than its headers and body. */
const OVERHEAD = 16

/** The maximum lengths, in bytes, of Smithy's specification. */
const MAX_HEADERS_LENGTH = 131_072
const MAX_BODY_LENGTH = 25_165_824

/**
 * Encodes an event as bytes of `application/vnd.amazon.eventstream`.
 *
 * @param message - `{ headers, body }`; each header is `{ type, value }`.
 * @returns The bytes of the event, with both checksums.
 * @throws `TypeError` if a header does not fit its type, or if the headers exceed 128 KiB or the body 24 MiB.
 * @example
 * ```ts
 * import { encodeEvent } from 'sigv4/streams'
 *
 * const event = encodeEvent({
 *   headers: {
 *     ':message-type': { type: 'string', value: 'event' },
 *     ':event-type': { type: 'string', value: 'AudioEvent' },
 *     ':content-type': { type: 'string', value: 'application/octet-stream' },
 *   },
 *   body: new Uint8Array(3200),
 * })
 * ```
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function encodeEvent(message: EventMessage): Bytes {
  checkMembers('message', message, MESSAGE)
  const { body } = message
  if (!ArrayBuffer.isView(body)) fail('ERR_INVALID_ARG_TYPE', 'message.body', 'type', 'Pass a Uint8Array.')
  const headers = encodeHeaders(message.headers)
  if (headers.length > MAX_HEADERS_LENGTH)
    fail('ERR_INVALID_ARG_VALUE', 'message.headers', 'range', `Pass at most ${MAX_HEADERS_LENGTH} bytes.`)
  if (body.byteLength > MAX_BODY_LENGTH)
    fail('ERR_INVALID_ARG_VALUE', 'message.body', 'range', `Pass at most ${MAX_BODY_LENGTH} bytes.`)
  const length = OVERHEAD + headers.length + body.byteLength
  const event = new Uint8Array(length)
  const view = new DataView(event.buffer)
  view.setUint32(0, length)
  view.setUint32(4, headers.length)
  view.setUint32(8, crc32(event.subarray(0, 8)))
  event.set(headers, PRELUDE_LENGTH)
  event.set(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), PRELUDE_LENGTH + headers.length)
  view.setUint32(length - 4, crc32(event.subarray(0, length - 4)))
  return event
}

/**
 * Decodes one event. The body and binary headers share the memory of `bytes`.
 *
 * @param bytes - All bytes of the event, and no others.
 * @returns `{ headers, body }`.
 * @throws `SigV4Error` with `ERR_SIGV4_PAYLOAD_MISMATCH` if a checksum or a length is wrong, a header is malformed or
 * occurs twice, or a limit of {@link encodeEvent} is exceeded.
 * @example
 * ```ts
 * import { decodeEvent, encodeEvent } from 'sigv4/streams'
 *
 * const event = encodeEvent({ headers: { priority: { type: 'byte', value: 1 } }, body: new Uint8Array(2) })
 * console.log(decodeEvent(event).headers.priority?.value)
 * ```
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function decodeEvent(bytes: Uint8Array): DecodedEvent {
  if (!ArrayBuffer.isView(bytes)) fail('ERR_INVALID_ARG_TYPE', 'bytes', 'type', 'Pass a Uint8Array.')
  const event = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
  const { length, headersLength } = readPrelude(event)
  if (event.length !== length) malformed(`The event must consist of ${length} bytes, and has ${event.length}.`)
  const end = length - 4
  if (viewOf(event).getUint32(end) !== crc32(event.subarray(0, end)))
    malformed('The checksum of the event does not match its bytes.')
  const start = PRELUDE_LENGTH + headersLength
  return { headers: decodeHeaders(event.subarray(PRELUDE_LENGTH, start)), body: event.subarray(start, end) }
}

/**
 * Decodes a stream of events, cut into pieces of any size, and yields each event when it is complete.
 *
 * @param source - The bytes: a Node or web stream, an asynchronous iterable, or a list.
 * @returns The events, `{ headers, body }` each.
 * @throws The errors of {@link decodeEvent}, also if the stream ends within an event.
 * @example
 * ```ts
 * import { decodeEvents } from 'sigv4/streams'
 *
 * async function print(response: Response): Promise<void> {
 *   for await (const { headers, body } of decodeEvents(response.body ?? []))
 *     console.log(headers[':event-type']?.value, new TextDecoder().decode(body))
 * }
 * ```
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export async function* decodeEvents(source: StreamSource<Uint8Array>): AsyncGenerator<DecodedEvent> {
  for await (const event of splitEvents(source)) yield decodeEvent(event)
}

/** Cuts bytes into events. It holds one event at most, and allocates memory only for bytes received. */
async function* splitEvents(source: StreamSource<Uint8Array>): AsyncGenerator<Uint8Array> {
  let event: Bytes = new Uint8Array(PRELUDE_LENGTH)
  let filled = 0
  let needed = PRELUDE_LENGTH
  for await (const piece of items(source)) {
    let rest: Uint8Array = pieceBytes(piece)
    while (rest.length) {
      const part = rest.subarray(0, needed - filled)
      rest = rest.subarray(part.length)
      event = growBytes(event, filled, part.length, needed)
      event.set(part, filled)
      filled += part.length
      if (filled < needed) continue
      if (needed === PRELUDE_LENGTH) {
        needed = readPrelude(event).length
        continue
      }
      yield event
      event = new Uint8Array(PRELUDE_LENGTH)
      filled = 0
      needed = PRELUDE_LENGTH
    }
  }
  if (filled) malformed('The stream ends within an event.')
}

function readPrelude(event: Uint8Array): { length: number; headersLength: number } {
  if (event.length < PRELUDE_LENGTH) malformed(`An event has at least ${OVERHEAD} bytes.`)
  const view = viewOf(event)
  const length = view.getUint32(0)
  const headersLength = view.getUint32(4)
  if (view.getUint32(8) !== crc32(event.subarray(0, 8)))
    malformed('The checksum of the lengths of the event does not match.')
  const bodyLength = length - headersLength - OVERHEAD
  if (headersLength > MAX_HEADERS_LENGTH || bodyLength < 0 || bodyLength > MAX_BODY_LENGTH)
    malformed('The lengths of the event are out of range.')
  return { length, headersLength }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
