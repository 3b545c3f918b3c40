import type { IncomingMessage } from 'node:http'
import { EMPTY_HASH, type Payload } from '../../../../../src/internal/canonical-request.ts'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { hideRuns } from '../../../../../src/internal/errors.ts'
import { KEY_UNKNOWN, readClaimed, refuse, verifyClaimed } from '../../../../../src/internal/refusals.ts'
import { acceptsUnsignedPayload, isS3 } from '../../../../../src/internal/services.ts'
import type { VerifiedRequest, VerifyOptions } from '../../../../../src/verify.ts'
import { reject } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import { checkUnsigned } from './allow.ts'
import { type BodyPlan, checkEvents, chooseBody, storeRequest } from './body.ts'
import type { ParsedRequest } from './receive.ts'

/** A request whose signature is valid, and its body. */
export interface Verification {
  readonly verified: VerifiedRequest
  readonly plan: BodyPlan
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Verifies a request with the placeholder key of the client. Nothing that the signature does not cover can change which
 * operation the service performs: `verify` rejects unsigned `x-amz-` headers, and this function those that replace the method, the path, or the
 * host. `accept` is called once the signature is valid.
 */
export async function verifyRequest(
  settings: Settings,
  incoming: IncomingMessage,
  request: ParsedRequest,
  credentials: SecretCredentials,
  accept: () => void,
): Promise<Verification> {
  const { method, headers, bodyLength } = request
  checkEvents(headers)
  const received = { method, url: absoluteTarget(request), headers: {}, rawHeaders: incoming.rawHeaders }
  const options = {
    service: settings.services,
    region: settings.regions,
    now: settings.now(),
    credentials: (id) => (id === credentials.accessKeyId ? credentials : undefined),
    payload: 'deferred',
    allowUnsignedPayload: true,
    allowSmallChunks: true, // the chunks that are sent have a different length
  } as const satisfies VerifyOptions
  const claimed = readClaimed(received, options)
  const { accessKeyId, location, payload: stated } = claimed.claim
  // before the body is read, which the signature may cover
  if (accessKeyId !== credentials.accessKeyId) refuse(KEY_UNKNOWN, { AWSAccessKeyId: hideRuns(accessKeyId) })
  if (location === 'query' && !settings.allowsPresigned)
    reject(403, 'Presigned requests are not allowed. Set options.allowPresigned.')
  let plan: BodyPlan | undefined
  try {
    let hash: string | undefined
    if (stated === undefined && bodyLength !== 0) {
      // the signature covers the hash of the body, which the client did not send
      plan = await storeRequest(settings, request, request.body, () => incoming.socket.destroy())
      hash = plan.kind === 'stored' ? plan.body.hash : EMPTY_HASH
    }
    // the bytes of the path are sent as they are, so the service reads it as it was signed
    const { verified, payload } = await verifyClaimed(claimed, options, hash)
    checkUnsigned(headers, verified.signedHeaders)
    accept()
    if (plan?.kind === 'stored') plan.body.keep()
    const { service } = verified.scope
    if (verified.payload === 'unsigned' && !acceptsUnsignedPayload(service))
      reject(403, `The body is not signed, and ${service} does not define unsigned bodies. Sign the body.`)
    return {
      verified,
      ...(plan ? { plan, body: request.body } : await planBody(settings, request, verified, payload)),
    }
  } catch (error) {
    if (plan?.kind === 'stored') await plan.body.remove()
    throw error
  }
}

/** Returns the target in a form in which two leading slashes are not read as the start of a host. */
function absoluteTarget({ target, host }: ParsedRequest): string {
  return target.startsWith('//') ? `http://${host}${target}` : target
}

/** Chooses how to send a body, and checks it before its last byte is sent. */
async function planBody(
  settings: Settings,
  request: ParsedRequest,
  verified: VerifiedRequest,
  payload: Payload,
): Promise<Omit<Verification, 'verified'>> {
  const { bodyLength: length, body } = request
  const { service } = verified.scope
  if (length === 0) return { plan: { kind: 'none' }, body }
  if (payload.kind === 'chunks' && payload.isSigned)
    return { plan: { kind: 'resigned-chunks', verified, payloadHash: payload.text }, body }
  if (payload.kind !== 'hash') return { plan: await chooseBody(settings, service, request), body }
  const checked = verified.verifyBody(body)
  if (isS3(service) && length !== undefined)
    return { plan: { kind: 'streamed', length, payloadHash: payload.text }, body: withoutLast(checked) }
  return { plan: await storeRequest(settings, request, checked), body }
}

/** Yields each piece after the next one has arrived, so that an error at the end leaves the body incomplete. */
async function* withoutLast(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array | undefined
  for await (const piece of pieces) {
    if (held) yield held
    held = piece
  }
  if (held) yield held
}
