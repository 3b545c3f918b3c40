import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import type { Pair } from '../../../../src/internal/http.ts'
import { SigV4VerifyError } from '../../../../src/verify.ts'
import { explainWithin } from '../explain/explain.ts'
import { hideShapes } from '../redaction/hide.ts'
import { claimedKeyId } from '../server/claimed-key.ts'
import type { Turn } from '../server/clients.ts'
import { drain } from '../server/drain.ts'
import { SMALL_SEARCH, unexplainable } from '../server/explain.ts'
import { hostLines } from '../server/host.ts'
import { exchangeLines } from '../server/received.ts'
import { type Endpoint, handle } from './handle.ts'
import { type BodyDigest, readBody } from './http/body.ts'
import { corsHeaders } from './http/cors.ts'
import { S3Error } from './http/errors.ts'
import { explanationLines, type LogEvent } from './http/log.ts'
import {
  closeBody,
  errorResponse,
  newIds,
  type ResponseIds,
  type ServiceResponse,
  sendBody,
  setHead,
} from './http/response.ts'

/** Limits for a client that sends after the response. */
const AFTER_RESPONSE = { milliseconds: 5000, bytes: 16 * 1024 * 1024 }

/** Follows AWS's message about a session token if there is none to compare it with. */
const NO_TOKEN = 'The server has no session token. Start it with AWS_SESSION_TOKEN, or pass credentials.sessionToken.'

interface Exchange {
  readonly endpoint: Endpoint
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly ids: ResponseIds
  readonly event: LogEvent
  /** The hash of the body, if rejections are explained. */
  readonly digest: BodyDigest | undefined
  /** The reason for rejecting the signature, if rejections are explained. */
  rejection?: SigV4VerifyError
  /** Whether the cause is only possible. */
  isOpen?: boolean
  /** Whether the client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean
}

/** Responds to a request and logs it. Never throws. */
export async function respond(
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
  { expectsContinue, accept }: Turn,
): Promise<void> {
  const started = performance.now()
  const { method = '', url = '' } = request
  const target = url.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0]! // without a host, which may contain a password
  // a preflight request is never signed, although its URL may be
  const claimedBy = method === 'OPTIONS' ? undefined : claimedKeyId(request)
  const event: LogEvent = { time: endpoint.now(), method, target, claimedBy }
  const digest = endpoint.explain ? newDigest(request) : undefined
  const exchange: Exchange = { endpoint, request, response, ids: newIds(), event, digest, expectsContinue }
  try {
    const result = await handle(endpoint, request, event, rawBody(exchange), accept).catch((error: unknown) =>
      toResponse(exchange, error),
    )
    await deliver(exchange, result)
  } catch (error) {
    const { code, name } = Object(error) as NodeJS.ErrnoException
    event.error = `the connection closed: ${code ?? name}`
    request.socket.destroy()
  }
  event.milliseconds = performance.now() - started
  addExchange(exchange)
  endpoint.log?.(event)
}

/** Adds the request as it was received, and the response, to the log of a rejected request. */
function addExchange({ endpoint, request, response, ids, event, digest, rejection, isOpen = true }: Exchange): void {
  if (!rejection || !endpoint.log) return
  const { method = '', url = '', httpVersion, rawHeaders, socket } = request
  const { status, body } = errorResponse(rejection, ids)
  const headers = Object.entries(response.getHeaders()).map(([name, value]): Pair => [name, String(value)])
  const bytes = Buffer.from(body)
  const bodyHash = digest?.isWhole ? digest.hash.digest('hex') : undefined
  const address = [socket.localAddress, 'localhost'].map((name) => `${name}:${socket.localPort}`)
  event.exchange = [
    ...hostLines(request, address, isOpen),
    ...exchangeLines(
      undefined,
      { method, url, httpVersion, rawHeaders, bodyLength: event.received ?? 0, bodyHash },
      { status, headers, body: bytes, bodyLength: bytes.length },
      endpoint.credentials,
    ),
  ]
}

/** Starts to hash the body of a request, if there is one. */
function newDigest({ headers }: IncomingMessage): BodyDigest {
  const isWhole = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
  return { hash: createHash('sha256'), isWhole }
}

/** Reads the body, and first sends `100 Continue` if the client waits for it. */
async function* rawBody(exchange: Exchange): AsyncGenerator<Uint8Array, Record<string, string>> {
  if (exchange.expectsContinue) exchange.response.writeContinue()
  exchange.expectsContinue = false
  return yield* readBody(exchange.request, exchange.endpoint.idleTimeout, exchange.event, exchange.digest)
}

/** Creates the response to a request that is rejected or has failed. Throws if the client has disconnected. */
function toResponse(exchange: Exchange, error: unknown): ServiceResponse {
  const { endpoint, request, event, ids } = exchange
  if (request.errored || request.socket.destroyed) throw error
  if (!(error instanceof S3Error || error instanceof SigV4VerifyError)) {
    const { name, code, message } = Object(error) as NodeJS.ErrnoException
    event.error = hideShapes(`InternalError: ${[name, code, message].filter(Boolean).join(' ')}`)
    return errorResponse(new S3Error('InternalError'), ids)
  }
  if (error.awsCode === 'InvalidToken' && endpoint.credentials && !endpoint.credentials.sessionToken)
    error.message += ` ${NO_TOKEN}`
  event.error = hideShapes(`${error.awsCode}: ${error.message}`)
  if (endpoint.explain && error instanceof SigV4VerifyError) {
    exchange.rejection = error
    event.explanation = explanationOf(exchange, errorResponse(error, ids))
  }
  return errorResponse(error, ids, event.explanation)
}

/** Returns the cause of a rejection, and its fix. */
function explanationOf(exchange: Exchange, { status, body }: ReturnType<typeof errorResponse>): string {
  const { credentials } = exchange.endpoint
  const { method, url = '', headers, rawHeaders } = exchange.request
  const reason = unexplainable(url, rawHeaders)
  if (reason !== undefined) return explanationLines(`(no explanation: ${reason})`).join('\n')
  try {
    const request = { method, url, headers, rawHeaders, isReceived: true }
    const input = { request, response: { status, body }, ...(credentials && { credentials }) }
    const { verdict, findings } = explainWithin(input, SMALL_SEARCH)
    exchange.isOpen = findings[0]?.confidence === 'possible'
    return explanationLines(findings[0] ? `${verdict} Fix: ${findings[0].fix}` : verdict).join('\n')
  } catch (failure) {
    return explanationLines(`(no explanation: ${Object(failure).message})`).join('\n')
  }
}

/** Sends a response and reads the rest of the request. */
async function deliver(exchange: Exchange, result: ServiceResponse): Promise<void> {
  const { endpoint, request, response, event } = exchange
  let sent = result
  try {
    prepareHead(exchange, sent)
  } catch (error) {
    closeBody(result) // A header cannot be sent.
    sent = toResponse(exchange, error)
    prepareHead(exchange, sent)
  }
  if (endpoint.isClosing() || exchange.expectsContinue) response.shouldKeepAlive = false
  await sendBody(response, sent)
  if (request.method !== 'HEAD') event.sent = Number(response.getHeader('content-length') ?? 0)
  if (!exchange.expectsContinue && !(await drain(request, AFTER_RESPONSE))) {
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

function prepareHead({ endpoint, request, response, ids, event }: Exchange, result: ServiceResponse): void {
  event.status = result.status
  const cors = corsHeaders(endpoint.cors, request)
  setHead(response, result, {
    server: 'sigv4-serve',
    date: new Date(endpoint.now()).toUTCString(),
    'x-amz-request-id': ids.requestId,
    'x-amz-id-2': ids.hostId,
    ...cors,
  })
}
