import type { IncomingMessage } from 'node:http'
import { KEY_UNKNOWN } from '../../core/received/refusals.ts'
import { readReceived } from '../../core/received/request.ts'
import { hideRuns } from '../../core/secrets/find.ts'
import { acceptsUnsignedPayload, isS3 } from '../../core/services.ts'
import { EMPTY_HASH } from '../../core/signing/canonical-request.ts'
import type { SecretCredentials } from '../../core/signing/credentials.ts'
import { parsePayload } from '../../core/signing/payload.ts'
import { readClaim } from '../../verify/claim.ts'
import { refuse } from '../../verify/refuse.ts'
import { type VerifiedRequest, verify } from '../../verify.ts'
import { headerValue } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'
import type { StoredBody } from '../http/stored-body.ts'
import type { Settings } from '../options/settings.ts'
import { type BodyWay, checkEvents, chooseBody, storeRequest } from './body.ts'
import type { ReceivedRequest } from './receive.ts'

/** A request whose signature is valid, and how to send its body. */
export interface Verification {
  readonly verified: VerifiedRequest
  readonly way: BodyWay
  /** The body to send. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Verifies a request with the placeholder key of the client. Nothing that the signature does not cover can change what the
 * service does: `verify` rejects unsigned `x-amz-` headers. `read` starts to read the body.
 */
export async function verifyRequest(
  settings: Settings,
  incoming: IncomingMessage,
  request: ReceivedRequest,
  credentials: SecretCredentials,
  read: () => AsyncIterable<Uint8Array>,
  accept: () => void,
): Promise<Verification> {
  const { method, headers, bodyLength } = request
  checkEvents(headers)
  const rawHeaders = [...incoming.rawHeaders]
  const received = { method, url: absoluteTarget(request), headers: {}, rawHeaders }
  const options = { service: settings.services, region: settings.regions, now: settings.now() }
  const claim = readClaim(readReceived(received, undefined), options, options.now / 1000)
  // before the body is read, which the signature may cover
  if (claim.accessKeyId !== credentials.accessKeyId)
    refuse(KEY_UNKNOWN, { AWSAccessKeyId: hideRuns(claim.accessKeyId) })
  if (claim.location === 'query' && !settings.allowsPresigned)
    reject(403, 'Presigned requests are not allowed. Set options.allowPresigned.')
  let way: BodyWay | undefined
  let signedBody: Uint8Array | undefined
  try {
    if (claim.payload === undefined && bodyLength !== 0) {
      // the signature covers the hash of the body, which the client did not send
      way = await storeRequest(settings, request, read, () => incoming.socket.destroy())
      const stored = way.kind === 'stored' ? way.body : undefined
      if (claim.location === 'query') signedBody = stored ? await readAll(stored) : new Uint8Array()
      else rawHeaders.push('x-amz-content-sha256', stored?.hash ?? EMPTY_HASH)
    }
    const verified = await verify(
      { ...received, body: signedBody },
      {
        ...options,
        credentials: (id) => (id === credentials.accessKeyId ? credentials : undefined),
        payload: 'deferred',
        allowUnsignedPayload: true,
        allowSmallChunks: true, // the chunks that are sent have a different length
        // the bytes of the path are sent as they are, so the service reads it as it was signed
        pathNormalization: claim.s3 ? 'none' : 'rfc3986',
      },
    )
    accept()
    if (way?.kind === 'stored') way.body.keep()
    const { service } = verified.scope
    if (verified.payload === 'unsigned' && !acceptsUnsignedPayload(service))
      reject(403, `The body is not signed, and ${service} does not define unsigned bodies. Sign the body.`)
    return { verified, ...(await bodyOf(settings, request, verified, way, read)) }
  } catch (error) {
    if (way?.kind === 'stored') await way.body.remove()
    throw error
  }
}

/** Returns the target in a form in which two leading slashes are not read as the start of a host. */
function absoluteTarget({ target, host }: ReceivedRequest): string {
  return target.startsWith('//') ? `http://${host}${target}` : target
}

/** Returns a stored body, which a presigned request for a service other than S3 can only be verified with. */
async function readAll(body: StoredBody): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of body.read()) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Chooses how to send a body, and checks it before its last byte is sent. */
async function bodyOf(
  settings: Settings,
  request: ReceivedRequest,
  verified: VerifiedRequest,
  stored: BodyWay | undefined,
  read: () => AsyncIterable<Uint8Array>,
): Promise<Omit<Verification, 'verified'>> {
  const { headers, bodyLength: length, body } = request
  const { service } = verified.scope
  const stated = headerValue(headers, 'x-amz-content-sha256') ?? ''
  const payload = parsePayload(stated)
  if (stored !== undefined) return { way: stored, body }
  if (length === 0) return { way: { kind: 'none' }, body }
  if (payload?.kind === 'chunks' && payload.isSigned) {
    return { way: { kind: 'rechunks', verified, payloadHash: stated }, body }
  }
  if (payload?.kind !== 'hash') return { way: await chooseBody(settings, service, request, read), body }
  if (isS3(service) && length !== undefined)
    return { way: { kind: 'live', length, payloadHash: stated }, body: withoutLast(verified.verifyBody(body)) }
  return { way: await storeRequest(settings, request, () => verified.verifyBody(read())), body }
}

/** Yields each piece after the next one has arrived, so that an error at the end prevents that the body is complete. */
async function* withoutLast(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array | undefined
  for await (const piece of pieces) {
    if (held) yield held
    held = piece
  }
  if (held) yield held
}
