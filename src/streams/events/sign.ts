import { type Now, toTime } from '../../core/encoding/time.ts'
import { fail } from '../../core/errors.ts'
import type { StreamSource } from '../../core/http/body.ts'
import type { Bytes } from '../../core/http/platform.ts'
import { checkMembers, members } from '../../core/members.ts'
import type { SecretCredentials } from '../../core/signing/credentials.ts'
import { signatureBytes, signString } from '../../crypto/webcrypto.ts'
import { items } from '../source.ts'
import { type EventSeed, readChain, unsignedEvent } from './chain.ts'
import { decodeEvent, type EventMessage, encodeEvent } from './event.ts'

const OPTIONS = /* @__PURE__ */ members('credentials now')

/** Options of `signEvents`. */
export interface SignEventsOptions {
  /**
   * The credentials that signed the request, with the secret. They sign the whole stream, even if they expire before it
   * ends: services do not accept others.
   */
  readonly credentials: SecretCredentials
  /**
   * The time of each event: a function that returns a `Date` or epoch milliseconds, such as
   * `() => Date.now() + offset` where this computer's clock is wrong. @default the clock
   */
  readonly now?: Now | undefined
}

/** Signs the events of one stream, each with the signature of the one before it. */
export interface EventSigner {
  /**
   * Signs an event: a message, or its bytes from `encodeEvent`. Returns the bytes to send. Calls that overlap are signed
   * in their order, in which the results must be sent.
   */
  next(message: EventMessage | Uint8Array): Promise<Bytes>
  /** Signs the empty event that ends the stream. Send it last, or the service treats the stream as cut off. */
  end(): Promise<Bytes>
  /** Signs all events of a source, and the end: yields the bytes to send. */
  encode(messages: StreamSource<EventMessage | Uint8Array>): AsyncGenerator<Bytes>
}

/**
 * Signs an event stream, which follows a signed request: over HTTP/2, sign the request with
 * `payloadHash: 'STREAMING-AWS4-HMAC-SHA256-EVENTS'`; for a WebSocket, presign its URL.
 *
 * @param seed - The signed request, or the presigned URL. Region, service and the first signature are read from it.
 * @param options - The credentials that signed it.
 * @returns `{ next, end, encode }`.
 * @throws `TypeError` if the request was signed with other credentials, or is not signed for events;
 * `ERR_SIGV4_CREDENTIALS_MISSING`; `ERR_SIGV4_KEY_SCOPE` for a signing key, which expires at midnight UTC.
 * @example
 * ```ts
 * import { presign } from 'sigv4'
 * import { signEvents } from 'sigv4/streams'
 *
 * const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 * const { url } = await presign(
 *   'GET',
 *   'wss://transcribestreaming.us-east-1.amazonaws.com:8443/stream-transcription-websocket',
 *   { credentials, expires: '1m', query: { 'language-code': 'en-US', 'media-encoding': 'pcm', 'sample-rate': 16_000 } },
 * )
 * const events = signEvents(url, { credentials })
 * const first = await events.next({ headers: {}, body: new Uint8Array(3200) })
 * const last = await events.end()
 * ```
 * @see https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html
 */
export function signEvents(seed: EventSeed, options: SignEventsOptions): EventSigner {
  checkMembers('options', options, OPTIONS)
  const { now: clock = Date.now } = options
  const now = (): number => toTime(clock)
  const chain = readChain(seed, options.credentials, now())
  let previous = chain.signature
  let queue: Promise<unknown> = Promise.resolve()
  let hasEnded = false

  async function signNext(body: Uint8Array): Promise<Bytes> {
    const date = new Date(now())
    const { scope, stringToSign } = await unsignedEvent(chain, previous, date, body)
    const signature = await signString(stringToSign, scope, chain.credentials)
    previous = signature
    return encodeEvent({
      headers: {
        ':date': { type: 'timestamp', value: date },
        ':chunk-signature': { type: 'binary', value: signatureBytes(signature)! },
      },
      body,
    })
  }

  function add(body: Uint8Array): Promise<Bytes> {
    if (hasEnded) fail('ERR_INVALID_ARG_VALUE', 'message', 'unusable', 'The stream has ended.')
    const signed = queue.then(() => signNext(body))
    queue = signed.catch(() => {}) // a failure is the caller's, and has not changed the chain
    return signed
  }

  async function end(): Promise<Bytes> {
    const last = add(new Uint8Array(0))
    hasEnded = true
    return last
  }

  return {
    async next(message) {
      return add(frameOf(message))
    },
    end,
    async *encode(messages) {
      for await (const message of items(messages)) yield await add(frameOf(message))
      yield await end()
    },
  }
}

/** Returns the bytes of an event, which the caller cannot change later. */
function frameOf(message: EventMessage | Uint8Array): Uint8Array {
  if (!ArrayBuffer.isView(message)) return encodeEvent(message)
  const frame = new Uint8Array(message.buffer, message.byteOffset, message.byteLength).slice()
  try {
    decodeEvent(frame)
  } catch {
    fail(
      'ERR_INVALID_ARG_VALUE',
      'message',
      'invalid',
      'Pass { headers, body }, or the bytes that encodeEvent returns.',
    )
  }
  return frame
}
