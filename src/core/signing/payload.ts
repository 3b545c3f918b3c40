import { fail } from '../errors.ts'
import type { SigningOptions } from './options.ts'

/** The payload hash of a canonical request, parsed; `text` is the complete line. */
export type Payload =
  | { readonly kind: 'hash'; readonly text: string }
  | { readonly kind: 'unsigned'; readonly text: string }
  | { readonly kind: 'chunks'; readonly text: string; readonly isSigned: boolean; readonly hasTrailers: boolean }
  | { readonly kind: 'events'; readonly text: string }

/** The payload of a request whose body is not signed. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'

/** The payload of a request whose body is a stream of signed events. S3 does not accept it. */
export const EVENTS_PAYLOAD = 'STREAMING-AWS4-HMAC-SHA256-EVENTS'

/**
 * Parses a payload hash; `undefined` for a value that no service accepts.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function parsePayload(text: string): Payload | undefined {
  if (/^[\da-f]{64}$/.test(text)) return { kind: 'hash', text }
  if (text === UNSIGNED_PAYLOAD) return { kind: 'unsigned', text }
  if (text === EVENTS_PAYLOAD) return { kind: 'events', text }
  const chunks =
    /^STREAMING-(?:(AWS4-(?:HMAC|ECDSA-P256)-SHA256-PAYLOAD)|UNSIGNED-PAYLOAD(?=-TRAILER))(-TRAILER)?$/.exec(text)
  return chunks
    ? { kind: 'chunks', text, isSigned: chunks[1] !== undefined, hasTrailers: chunks[2] !== undefined }
    : undefined
}

/** The payload of a request with the hash of its body. */
export function hashPayload(text: string): Payload {
  return { kind: 'hash', text }
}

/** The payload of a request whose body is a stream of chunks, signed with an algorithm or not. */
export function chunksPayload(algorithm: string | undefined, hasTrailers: boolean): Payload {
  const isSigned = algorithm !== undefined
  const content = isSigned ? `${algorithm}-PAYLOAD` : UNSIGNED_PAYLOAD
  return { kind: 'chunks', text: `STREAMING-${content}${hasTrailers ? '-TRAILER' : ''}`, isSigned, hasTrailers }
}

/** Returns whether the signature of a request does not cover its body. */
export function isUnsigned(payload: Payload): boolean {
  return payload.kind === 'unsigned' || (payload.kind === 'chunks' && !payload.isSigned)
}

/** Reads a payload hash: 64 lowercase hex digits, `UNSIGNED-PAYLOAD`, or any name that starts with `STREAMING-`. */
export function readPayloadHash({ payloadHash }: SigningOptions<unknown>): string | undefined {
  if (payloadHash !== undefined && !/^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z\d-]+)$/.test(payloadHash))
    fail('ERR_INVALID_ARG_VALUE', 'options.payloadHash', 'invalid', 'Pass a SHA-256 in lowercase hex.')
  return payloadHash
}

export function readHashHeader({ payloadHashHeader }: SigningOptions<unknown>, isDefault: boolean): boolean {
  const isAdded = payloadHashHeader ?? isDefault
  if (typeof isAdded !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'options.payloadHashHeader', 'type')
  return isAdded
}
