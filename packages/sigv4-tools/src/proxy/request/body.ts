import { parsePayload, UNSIGNED_PAYLOAD } from '../../../../../src/internal/canonical-request.ts'
import type { Pair } from '../../../../../src/internal/http.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import type { VerifiedRequest } from '../../../../../src/verify.ts'
import { headerValue } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'
import { rejectLength, type StoredBody, storeBody } from '../http/stored-body.ts'
import type { Settings } from '../options/settings.ts'
import type { ParsedRequest } from './receive.ts'

/** How the body of a request is sent. Only a stored body can be sent again. */
export type BodyPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'stored'; readonly body: StoredBody }
  /** Sent while it is received. */
  | { readonly kind: 'streamed'; readonly length: number | undefined; readonly payloadHash: string }
  /** Sent while it is received, in signed chunks. */
  | { readonly kind: 'signed-chunks'; readonly length: number }
  /** Received in signed chunks, which are signed again. */
  | { readonly kind: 'resigned-chunks'; readonly verified: VerifiedRequest; readonly payloadHash: string }

/** Returns whether a body can be sent more than once. */
export function isRepeatable({ kind }: BodyPlan): boolean {
  return kind === 'none' || kind === 'stored'
}

/** Bodies of an S3 request that are hashed although they could be sent in signed chunks. */
const SMALL = 1024 * 1024

/** Chooses how to send a body whose hash the client does not state. */
export async function chooseBody(settings: Settings, service: string, request: ParsedRequest): Promise<BodyPlan> {
  const { method, headers, bodyLength: length } = request
  if (length === 0) return { kind: 'none' }
  const stated = headerValue(headers, 'x-amz-content-sha256') ?? ''
  const payload = parsePayload(stated)
  if (payload?.kind === 'chunks' && payload.isSigned)
    reject(400, "The body is in signed chunks. Only the mode 'resign' can sign them again.")
  if (payload?.kind === 'chunks') return { kind: 'streamed', length, payloadHash: stated }
  checkEvents(headers)
  if (isS3(service) && length !== undefined) {
    if (settings.upstream.isEncrypted) return { kind: 'streamed', length, payloadHash: UNSIGNED_PAYLOAD }
    // the other methods have small bodies, which not every server accepts in chunks
    if (method === 'PUT' && length > SMALL) return { kind: 'signed-chunks', length }
  }
  return storeRequest(settings, request, request.body)
}

/** Rejects a stream of signed events, which services accept with HTTP/2 only. */
export function checkEvents(headers: readonly Pair[]): void {
  const type = headerValue(headers, 'content-type') ?? ''
  if (
    /^application\/vnd\.amazon\.eventstream\b/i.test(type) ||
    /-EVENTS$/.test(headerValue(headers, 'x-amz-content-sha256') ?? '')
  )
    reject(
      501,
      'Event streams require HTTP/2, which sigv4-tools proxy does not support. Use a WebSocket, or signEvents of sigv4/streams.',
    )
}

/** Reads a body completely if its length is allowed. `discard` ends it, as of {@link storeBody}. */
export async function storeRequest(
  { maxBody, storage }: Settings,
  { bodyLength }: ParsedRequest,
  body: AsyncIterable<Uint8Array>,
  discard?: () => void,
): Promise<BodyPlan> {
  if (bodyLength !== undefined && bodyLength > maxBody) rejectLength(maxBody)
  const stored = await storeBody(body, maxBody, storage, discard)
  return stored.length === 0 ? { kind: 'none' } : { kind: 'stored', body: stored }
}
