import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { shownKeyId } from '../core/secrets/find.ts'
import { hideShapes } from '../core/secrets/hide.ts'
import { SigV4VerifyError, type VerifiedRequest, type VerifyOptions, verify, verifyPost } from '../verify.ts'
import { type Address, readAddress } from './address.ts'
import { drain, readBody } from './body.ts'
import type { Call } from './call.ts'
import { checkPage, corsHeaders, preflightResponse } from './cors.ts'
import { S3Error } from './errors.ts'
import { isForm, readBoundary } from './form.ts'
import { claimedKeyId, describeTarget, explanationLines, type LogEvent, logLine } from './log.ts'
import { type PostVerifier, postObject } from './post.ts'
import { errorResponse, newIds, type ResponseIds, type ServiceResponse, send } from './response.ts'
import { perform } from './s3.ts'
import type { Store } from './store.ts'
import type { Uploads } from './upload.ts'

/** Explains a rejected request. `body` is the error response. */
export type Explain = (
  error: SigV4VerifyError,
  request: IncomingMessage,
  body: string,
) => string | undefined | Promise<string | undefined>

/** The state that requests share. */
export interface Endpoint {
  readonly store: Store
  readonly uploads: Uploads
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
  const event: LogEvent = {
    keyId: claimedKeyId(request),
    method,
    target: url.split('?')[0]!,
    status: 0,
    milliseconds: 0,
  }
  const exchange: Exchange = { endpoint, request, response, ids: newIds(), event, expectsContinue }
  try {
    const result = await handle(exchange).catch((error: unknown) => toResponse(exchange, error))
    event.status = result.status
    await deliver(exchange, result).catch(async (error: unknown) => {
      if (typeof result.body === 'object') result.body.destroy()
      if (response.headersSent || response.destroyed) throw error
      for (const name of response.getHeaderNames()) response.removeHeader(name)
      const failed = await toResponse(exchange, error) // A header of the response cannot be sent.
      event.status = failed.status
      await deliver(exchange, failed)
    })
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
  const header = (name: string) => ownHeader(request, name)
  checkPage(endpoint.cors, request)
  if (method === 'OPTIONS') return preflightResponse(request)
  const host = headers.host ?? ''
  const address = readAddress(url, host)
  event.target = describeTarget(address.bucket, address.key, address.query)
  const now = endpoint.now()
  const { credentials, region } = endpoint
  const accepted = { credentials, service: 's3', now, ...(region !== undefined && { region }) }
  const common = {
    ...address,
    method,
    region: region ?? 'us-east-1',
    now,
    store: endpoint.store,
    uploads: endpoint.uploads,
    isChunked: false,
    location: `http://${host}${url.split('?')[0]}`,
  }
  const contentType = header('content-type')
  if (method === 'POST' && address.key === '' && isForm(contentType) && !isSigned(request, address)) {
    const call = { ...common, header, headerNames: Object.keys(headers), body: () => rawBody(exchange) }
    const verifier: PostVerifier = (fields, details) =>
      verifyPost(fields, { ...accepted, size: 'deferred', ...details })
    return postObject(call, readBoundary(contentType), verifier, (accessKeyId, key) => {
      event.keyId = shownKeyId(accessKeyId)
      event.target += ` (form: ${describeTarget(address.bucket, key, new Map())})`
    })
  }
  const verified = await verify(request, {
    ...accepted,
    payload: 'deferred',
    allowUnsignedPayload: true,
    allowSmallChunks: endpoint.allowSmallChunks,
    pathNormalization: 'none', // readAddress reads paths as S3 does
  })
  event.keyId = shownKeyId(verified.accessKeyId)
  const parameters = verified.location === 'query' ? headerParameters(address) : new Map<string, string>()
  const call: Call = {
    ...common,
    region: region ?? verified.scope.region,
    isChunked: verifiedHash(verified, address, header)?.startsWith('STREAMING-') ?? false,
    accessKeyId: verified.accessKeyId,
    header: (name) => header(name) ?? parameters.get(name),
    headerNames: [...new Set([...Object.keys(headers), ...parameters.keys()])],
    body: () => verified.verifyBody(rawBody(exchange)) as AsyncGenerator<Uint8Array, Record<string, string>>,
  }
  return perform(call)
}

function ownHeader({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function isSigned({ headers }: IncomingMessage, { query }: Address): boolean {
  return headers.authorization !== undefined || query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')
}

/** Returns the payload hash that the signature covers. For a presigned URL, an unsigned header is ignored. */
function verifiedHash(
  { location, signedHeaders }: VerifiedRequest,
  { query }: Address,
  header: Call['header'],
): string | undefined {
  const name = 'x-amz-content-sha256'
  if (location === 'header') return header(name)
  return query.get('X-Amz-Content-Sha256') ?? (signedHeaders.includes(name) ? header(name) : undefined)
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

/** Sends a response and reads the rest of the request. */
async function deliver(exchange: Exchange, result: ServiceResponse): Promise<void> {
  const { endpoint, request, response, ids, expectsContinue } = exchange
  response.setHeader('server', 'sigv4-serve')
  response.setHeader('x-amz-request-id', ids.requestId)
  response.setHeader('x-amz-id-2', ids.hostId)
  const cors = corsHeaders(endpoint.cors, request)
  for (const name in cors) response.setHeader(name, cors[name]!)
  if (endpoint.isClosing() || expectsContinue) response.shouldKeepAlive = false
  await send(response, result)
  // A client that is still sending would not see the response if the connection closed now.
  if (!expectsContinue && !(await drain(request))) return void request.socket.destroySoon()
  let isSent = response.writableFinished
  response.once('finish', () => {
    isSent = !request.socket.destroyed // Node also emits `finish` for bytes that a destroyed socket discards.
  })
  response.end()
  if (isSent || !response.socket) return
  await finished(response) // The next request waits, so that at most one response is buffered for a client that does not read.
  if (!isSent) throw Object.assign(new Error('The connection was closed.'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
