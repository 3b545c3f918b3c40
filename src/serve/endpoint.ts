import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { shownKeyId } from '../core/secrets/find.ts'
import { hideShapes } from '../core/secrets/hide.ts'
import { parsePayload } from '../core/signing/payload.ts'
import { SigV4VerifyError, type VerifiedRequest, type VerifyOptions, verify, verifyPost } from '../verify.ts'
import { type Address, readAddress } from './http/address.ts'
import { drain, readBody } from './http/body.ts'
import { checkPage, corsHeaders, preflightResponse } from './http/cors.ts'
import { S3Error } from './http/errors.ts'
import { isForm, readBoundary } from './http/form.ts'
import { claimedKeyId, describeTarget, explanationLines, type LogEvent, logLine } from './http/log.ts'
import { errorResponse, newIds, type ResponseIds, type ServiceResponse, send } from './http/response.ts'
import { postObject } from './operations/object/post-object.ts'
import type { Body, UnverifiedRequest } from './operations/request.ts'
import { perform } from './routes.ts'
import type { Store } from './store/store.ts'

/** Explains a rejected request. `body` is the error response. */
export type Explain = (
  error: SigV4VerifyError,
  request: IncomingMessage,
  body: string,
) => string | undefined | Promise<string | undefined>

/** The state that requests share. */
export interface Endpoint {
  readonly store: Store
  readonly credentials: VerifyOptions['credentials']
  /** The region that requests must be signed for, or any. */
  readonly region: string | undefined
  /** Whether to accept chunks that S3 rejects as too small. */
  readonly allowSmallChunks: boolean
  /** Origins whose pages are allowed, in addition to those of this machine. */
  readonly cors: readonly string[]
  readonly idleTimeout: number
  readonly now: () => number
  readonly log: ((line: string) => void) | undefined
  readonly explain: Explain | undefined
  /** Whether to close connections after the pending responses. */
  readonly isClosing: () => boolean
}

/** A request and its response. */
interface Exchange {
  readonly endpoint: Endpoint
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly ids: ResponseIds
  readonly event: LogEvent
  /** Whether the client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean
}

/** Responds to a request. Never throws. */
export async function respond(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Promise<void> {
  const started = performance.now()
  const { method = '', url = '' } = request
  const target = url.split('?')[0]!
  const event: LogEvent = { keyId: claimedKeyId(request), method, target, status: 0, milliseconds: 0 }
  const exchange: Exchange = { endpoint, request, response, ids: newIds(), event, expectsContinue }
  try {
    const result = await handle(exchange).catch((error: unknown) => toResponse(exchange, error))
    await deliverOrReport(exchange, result)
  } catch (error) {
    const { code, name } = Object(error) as NodeJS.ErrnoException
    event.error = `the connection closed: ${code ?? name}`
    request.socket.destroy()
  }
  event.milliseconds = performance.now() - started
  endpoint.log?.(logLine(event))
}

async function handle(exchange: Exchange): Promise<ServiceResponse> {
  const { endpoint, request, event } = exchange
  const { method = '', url = '', headers } = request
  checkPage(endpoint.cors, request)
  if (method === 'OPTIONS') return preflightResponse(request)
  const host = headers.host ?? ''
  const address = readAddress(url, host)
  event.target = describeTarget(address.bucket, address.key, address.query)
  const { store, region = 'us-east-1', now } = endpoint
  const received: UnverifiedRequest = {
    ...address,
    method,
    header: (name) => ownHeader(request, name),
    headerNames: Object.keys(headers),
    region,
    now: now(),
    store,
    location: `http://${host}${url.split('?')[0]}`,
    body: () => rawBody(exchange),
  }
  const type = received.header('content-type')
  return method === 'POST' && address.key === '' && isForm(type) && !isSigned(received)
    ? handleForm(exchange, received, readBoundary(type))
    : handleSigned(exchange, received)
}

/** Returns what a signature must be valid for. */
function acceptance({ credentials, region }: Endpoint, now: number) {
  return { credentials, service: 's3', now, ...(region !== undefined && { region }) }
}

function handleForm({ endpoint, event }: Exchange, form: UnverifiedRequest, boundary: string) {
  const { target } = event
  const options = { ...acceptance(endpoint, form.now), size: 'deferred' } as const
  return postObject(form, boundary, async (fields, details) => {
    const verified = await verifyPost(fields, { ...options, ...details })
    const key = verified.fields.get('key') ?? ''
    event.keyId = shownKeyId(verified.accessKeyId)
    event.target = `${target} (form: ${describeTarget(form.bucket, key, new Map())})`
    return verified
  })
}

async function handleSigned({ endpoint, request, event }: Exchange, received: UnverifiedRequest) {
  const verified = await verify(request, {
    ...acceptance(endpoint, received.now),
    payload: 'deferred',
    allowUnsignedPayload: true,
    allowSmallChunks: endpoint.allowSmallChunks,
    pathNormalization: 'none', // readAddress reads paths as S3 does
  })
  const { accessKeyId, location, scope, verifyBody } = verified
  event.keyId = shownKeyId(accessKeyId)
  const parameters = location === 'query' ? headerParameters(received) : new Map<string, string>()
  return perform({
    ...received,
    region: endpoint.region ?? scope.region,
    isChunked: parsePayload(verifiedHash(verified, received))?.kind === 'chunks',
    accessKeyId,
    header: (name) => received.header(name) ?? parameters.get(name),
    headerNames: [...new Set([...received.headerNames, ...parameters.keys()])],
    body: () => verifyBody(received.body()) as Body,
  })
}

function ownHeader({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function isSigned({ header, query }: UnverifiedRequest): boolean {
  return header('authorization') !== undefined || query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')
}

/** Returns the payload hash that the signature covers. For a presigned URL, an unsigned header is ignored. */
function verifiedHash({ location, signedHeaders }: VerifiedRequest, { header, query }: UnverifiedRequest): string {
  const name = 'x-amz-content-sha256'
  const isHeader = location === 'header' || (!query.has('X-Amz-Content-Sha256') && signedHeaders.includes(name))
  return (isHeader ? header(name) : query.get('X-Amz-Content-Sha256')) ?? ''
}

/** Returns parameters of a presigned URL that S3 treats as headers, except checksums, which signers compute without the body. */
function headerParameters({ query }: Address): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of query)
    if (/^x-amz-(?!sdk-|checksum-(?:crc|sha))/i.test(name)) found.set(name.toLowerCase(), value)
  return found
}

/** Reads the body, and first sends `100 Continue` if the client waits for it. */
function rawBody(exchange: Exchange): AsyncGenerator<Uint8Array, Record<string, string>> {
  if (exchange.expectsContinue) exchange.response.writeContinue()
  exchange.expectsContinue = false
  return readBody(exchange.request, exchange.endpoint.idleTimeout)
}

/** Creates the response to a request that is rejected or has failed. */
async function toResponse(exchange: Exchange, error: unknown): Promise<ServiceResponse> {
  const { endpoint, request, event, ids } = exchange
  if (request.errored || request.socket.destroyed) throw error // The client has disconnected.
  if (!(error instanceof S3Error || error instanceof SigV4VerifyError)) {
    const { name, code, message } = Object(error) as NodeJS.ErrnoException
    event.error = `InternalError: ${[name, code, message].filter(Boolean).join(' ')}`
    return errorResponse(new S3Error('InternalError'), ids)
  }
  event.error = hideShapes(`${error.awsCode}: ${error.message}`)
  const plain = errorResponse(error, ids)
  if (error instanceof S3Error) return plain
  event.explanation = await explanationOf(endpoint, error, request, plain.body)
  return errorResponse(error, ids, event.explanation)
}

async function explanationOf({ explain }: Endpoint, error: SigV4VerifyError, request: IncomingMessage, body: string) {
  try {
    const explanation = await explain?.(error, request, body)
    return explanation === undefined ? undefined : explanationLines(explanation).join('\n')
  } catch (failure) {
    return `(no explanation: ${Object(failure).message})`
  }
}

/** Sends a response, or an error if a header of the response cannot be sent. */
async function deliverOrReport(exchange: Exchange, result: ServiceResponse): Promise<void> {
  const { response } = exchange
  try {
    await deliver(exchange, result)
  } catch (error) {
    if (typeof result.body === 'object') result.body.destroy()
    if (response.headersSent || response.destroyed) throw error
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    await deliver(exchange, await toResponse(exchange, error))
  }
}

/** Sends a response and reads the rest of the request. */
async function deliver(exchange: Exchange, result: ServiceResponse): Promise<void> {
  const { endpoint, request, response, ids, event, expectsContinue } = exchange
  event.status = result.status
  response.setHeader('server', 'sigv4-serve')
  response.setHeader('x-amz-request-id', ids.requestId)
  response.setHeader('x-amz-id-2', ids.hostId)
  const cors = corsHeaders(endpoint.cors, request)
  for (const name in cors) response.setHeader(name, cors[name]!)
  if (endpoint.isClosing() || expectsContinue) response.shouldKeepAlive = false
  await send(response, result)
  // A client that is still sending would not see the response if the connection closed now.
  if (!expectsContinue && !(await drain(request))) {
    request.socket.destroySoon()
    return
  }
  let isSent = response.writableFinished
  response.once('finish', () => {
    isSent = !request.socket.destroyed // Node also emits `finish` for bytes that a destroyed socket discards.
  })
  response.end()
  if (isSent || !response.socket) return
  await finished(response) // The next request waits, so that at most one response is buffered for a client that does not read.
  if (!isSent) throw Object.assign(new Error('The connection was closed.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
