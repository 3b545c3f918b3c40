import { SigV4Error } from '../../core/errors.ts'
import type { StreamSource } from '../../core/http/body.ts'
import { checkMembers, members } from '../../core/members.ts'
import type { SecretCredentials } from '../../core/signing/credentials.ts'
import { verifyingKey } from '../../crypto/verifying.ts'
import { hex, verifyHmac } from '../../crypto/webcrypto.ts'
import { type Chain, type EventSeed, readChain, unsignedEvent } from './chain.ts'
import { type DecodedEvent, decodeEvent, decodeEvents } from './event.ts'
import { malformed } from './malformed.ts'

const OPTIONS = /* @__PURE__ */ members('seed credentials')

/** Options of `verifyEvents`. */
export interface VerifyEventsOptions {
  /** The request that the stream belongs to, which `verify` has accepted. */
  readonly seed: EventSeed
  /** The credentials that signed the request, with the secret. */
  readonly credentials: SecretCredentials
}

/**
 * Verifies an event stream, on a server or in a test, and yields the events that were signed. First verify the request
 * with `verify` of `sigv4/verify` and `payload: 'deferred'`.
 *
 * @param source - The bytes of the stream, in pieces of any size.
 * @param options - The request, and the credentials that signed it.
 * @returns The events, `{ headers, body }` each. Trust each one when it is yielded; the stream is complete only when the
 * iteration ends without an error.
 * @throws `SigV4Error` with `ERR_SIGV4_SIGNATURE_MISMATCH` for a wrong signature, or `ERR_SIGV4_PAYLOAD_MISMATCH` for an
 * event that is malformed or a stream that ends without its signed end; the errors of `signEvents`.
 * @example
 * ```ts
 * import { signEvents, verifyEvents } from 'sigv4/streams'
 *
 * async function check(seed: string, sent: Uint8Array[]): Promise<void> {
 *   const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
 *   for await (const { headers } of verifyEvents(sent, { seed, credentials })) console.log(headers[':event-type']?.value)
 * }
 * ```
 * @see https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html
 */
export function verifyEvents(
  source: StreamSource<Uint8Array>,
  options: VerifyEventsOptions,
): AsyncGenerator<DecodedEvent> {
  checkMembers('options', options, OPTIONS)
  return checkEvents(source, readChain(options.seed, options.credentials, Date.now()))
}

async function* checkEvents(source: StreamSource<Uint8Array>, chain: Chain): AsyncGenerator<DecodedEvent> {
  let previous = chain.signature
  let hasEnded = false
  for await (const { headers, body } of decodeEvents(source)) {
    if (hasEnded) malformed('The stream continues after its end.')
    const { date, signature } = signingHeaders(headers)
    const { scope, stringToSign } = await unsignedEvent(chain, previous, date, body)
    if (!(await verifyHmac(await verifyingKey(chain.credentials, scope), stringToSign, signature)))
      throw new SigV4Error('ERR_SIGV4_SIGNATURE_MISMATCH', 'The signature of an event does not match.')
    previous = signature
    hasEnded = body.length === 0
    if (!hasEnded) yield decodeEvent(body)
  }
  if (!hasEnded) malformed('The stream ends without the signed empty event.')
}

/** Returns the date and the signature of an event, which has no other headers: they would not be signed. */
function signingHeaders(headers: DecodedEvent['headers']): { date: Date; signature: string } {
  const { ':date': date, ':chunk-signature': signature, ...others } = headers
  const isDated = date?.type === 'timestamp' && Number(date.value) >= 0 && date.value.getUTCFullYear() < 10_000
  if (!isDated || signature?.type !== 'binary' || Object.keys(others).length > 0)
    return malformed('A signed event must have the headers :date and :chunk-signature, and no others.')
  return { date: date.value, signature: hex(signature.value) }
}
