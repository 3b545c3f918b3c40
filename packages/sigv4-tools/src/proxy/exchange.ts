import type { IncomingMessage, ServerResponse } from 'node:http'
import { SigV4VerifyError } from '../../../../src/verify.ts'
import { shownKeyId } from '../redaction/find.ts'
import { hideShapes } from '../redaction/hide.ts'
import { claimedKeyId } from '../server/claimed-key.ts'
import type { Turn, Upgrade } from '../server/clients.ts'
import type { Budget } from './budget.ts'
import { responseTo } from './http/error-response.ts'
import { joinSockets } from './http/join-sockets.ts'
import { reject } from './http/proxy-error.ts'
import type { Settings } from './options/settings.ts'
import { isRepeatable } from './request/body.ts'
import { bucketPath, checkRequest, checkSource } from './request/check.ts'
import { prepare } from './request/prepare.ts'
import { receive } from './request/receive.ts'
import { shownPath } from './transfers.ts'
import { attempt } from './upstream/attempt.ts'
import { corsHeaders, end, preflightHeaders, respond, setHead } from './upstream/respond.ts'
import type { Connections, SendHooks, UpstreamResponse } from './upstream/send.ts'
import {
  type Evidence,
  explainOwn,
  explainRequest,
  type Findings,
  keepPiece,
  keepResponse,
  observeBody,
  type Reported,
} from './watch.ts'

// The steps for a request: receive, check, verify, choose how to send the body, sign, forward, respond, explain, log.

const DISCONNECTED = 'the client disconnected'

/** Maximum number of informational responses that a client receives before its response. */
const MAX_INFORMED = 20

/** A request and its response. */
export interface Exchange extends Turn {
  readonly settings: Settings
  readonly connections: Connections
  readonly reported: Reported
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly upgrade: Upgrade | undefined
  readonly evidence: Evidence
  /** The time limit for explanations. */
  readonly budget: Budget
}

/** The known facts of a request so far. */
interface Progress {
  /** With the bucket, if the host names it. */
  path: string
  status: number | undefined
  accessKeyId: string | undefined
  error: string | undefined
}

/** Forwards a request and logs it. Never throws. */
export async function handle(exchange: Exchange): Promise<void> {
  const { settings, incoming, response, evidence } = exchange
  const { method = '', url = '' } = incoming
  const started = performance.now()
  const time = settings.now()
  const progress: Progress = {
    path: shownPath(url),
    status: undefined,
    accessKeyId: undefined,
    error: undefined,
  }
  for (const stream of [incoming, response]) stream.on('error', () => undefined) // a client may disconnect at any time
  try {
    // also if an earlier response was the last one of the connection
    if (!incoming.socket.writable) reject(499, DISCONNECTED)
    await proceed(exchange, progress)
  } catch (error) {
    try {
      rejectRequest(exchange, progress, error)
    } catch {
      response.destroy()
    }
  }
  await exchange.ended
  const { path, status, accessKeyId, error } = progress
  settings.log({
    time,
    method,
    path,
    status,
    received: evidence.received,
    sent: evidence.sent,
    milliseconds: performance.now() - started,
    accessKeyId: accessKeyId ?? (settings.mode === 'sign' ? undefined : claimedKeyId(incoming)),
    error,
    // a request that was not forwarded shows nothing about the server, unless its signature is wrong
    ...((error === undefined || evidence.rejection) && (await findings(exchange, evidence))),
  })
}

async function proceed(exchange: Exchange, progress: Progress): Promise<void> {
  const { settings, connections, incoming, response, upgrade, evidence } = exchange
  const received = receive(incoming)
  progress.path = shownPath(bucketPath(settings, received))
  checkSource(settings, received)
  const { method, headers } = received
  // Node has not parsed a body, which would be the next request of the connection
  if (upgrade && received.bodyLength !== 0) reject(400, 'A request for a WebSocket must not have a body.')
  const cors = corsHeaders(settings.cors, incoming)
  if (cors && method === 'OPTIONS' && headers.some(([name]) => name === 'access-control-request-method')) {
    progress.status = 204
    response.writeHead(204, { ...cors, ...preflightHeaders(incoming) })
    return end(incoming, response)
  }
  checkRequest(settings, received)
  let { expectsContinue } = exchange
  const onRead = (): void => {
    if (expectsContinue) response.writeContinue()
    expectsContinue = false
  }
  const request = { ...received, body: observeBody(received.body, evidence, onRead) }
  const prepared = await prepare(settings, incoming, request, upgrade !== undefined, exchange.accept)
  const { plan, accessKeyId } = prepared
  progress.accessKeyId = accessKeyId && shownKeyId(accessKeyId)
  let upstream: UpstreamResponse | undefined
  try {
    const hooks = {
      client: response,
      expectsContinue: expectsContinue && !isRepeatable(plan),
      onInformation: informer(incoming, response),
    }
    upstream = await attempt(settings, connections, prepared, hooks, (used) => {
      if (settings.mode === 'sign') progress.accessKeyId = shownKeyId(used.accessKeyId)
    })
    const { statusCode = 502, rawHeaders } = upstream.message
    progress.status = statusCode
    keepResponse(evidence, statusCode, rawHeaders)
    const onPiece = (piece: Uint8Array): void => {
      evidence.sent += piece.length
      keepPiece(evidence, piece)
    }
    if (upstream.upgraded && upgrade)
      return await switchProtocols(exchange, upstream.upgraded, upstream.message, onPiece)
    if (expectsContinue) response.shouldKeepAlive = false // the client may still send the body
    await respond(incoming, response, upstream, settings, onPiece)
  } finally {
    upstream?.upgraded?.socket.destroy()
    upstream?.message.destroy() // closes its connection, unless it was read completely
    if (plan.kind === 'stored') await plan.body.remove()
  }
}

/** Responds that the connection is a WebSocket from now on, and joins it with that of the upstream. */
async function switchProtocols(
  { settings, incoming, response, upgrade }: Exchange,
  upgraded: Upgrade,
  message: IncomingMessage,
  onPiece: (piece: Uint8Array) => void,
): Promise<void> {
  setHead(incoming, response, message, settings)
  response.setHeader('connection', 'Upgrade')
  response.setHeader('upgrade', String(message.headers.upgrade ?? 'websocket'))
  const lines = Object.entries(response.getHeaders()).flatMap(([name, value]) =>
    [value].flat().map((each) => `${name}: ${each}\r\n`),
  )
  const { socket } = upgrade!
  response.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0])
  socket.write(`HTTP/1.1 101 ${response.statusMessage}\r\n${lines.join('')}\r\n`, 'latin1')
  await joinSockets(upgrade!, upgraded, onPiece)
  socket.destroy()
}

/**
 * Returns a function that forwards informational responses, with status 102 or 103, the only ones that Node can send. They
 * are optional: a client receives only a few, none while it does not read, and none with HTTP/1.0, which does not have them.
 * The function never throws.
 */
function informer({ httpVersion }: IncomingMessage, response: ServerResponse): SendHooks['onInformation'] {
  let left = httpVersion === '1.0' ? 0 : MAX_INFORMED
  return (status, rawHeaders) => {
    if (left === 0 || response.headersSent || response.writableLength >= response.writableHighWaterMark) return
    const links = rawHeaders.filter((_, i) => i % 2 === 1 && /^link$/i.test(rawHeaders[i - 1]!))
    if (status !== 102 && (status !== 103 || links.length === 0)) return
    left--
    try {
      if (status === 102) response.writeProcessing()
      else response.writeEarlyHints({ link: links })
    } catch {
      // Node does not send every valid link, and the response has them all
    }
  }
}

/** Responds to a request that is rejected or cannot be forwarded. */
function rejectRequest(
  { settings, incoming, response, expectsContinue, evidence }: Exchange,
  progress: Progress,
  error: unknown,
): void {
  const { name, message } = Object(error) as Error
  if (incoming.errored || response.destroyed || !incoming.socket.writable) {
    progress.error = DISCONNECTED
    response.destroy()
    return
  }
  progress.error = hideShapes(`${error instanceof SigV4VerifyError ? `${error.awsCode}: ` : ''}${message}`)
  if (response.headersSent) {
    // the client must see that the response is incomplete
    response.destroy()
    return
  }
  for (const header of response.getHeaderNames()) response.removeHeader(header)
  response.statusMessage = ''
  const { status, headers, body } = responseTo(settings, incoming, error, `${name}: ${message}`)
  progress.status = status
  response.writeHead(status, {
    ...headers,
    ...corsHeaders(settings.cors, incoming),
    'content-length': Buffer.byteLength(body),
    ...((expectsContinue || !incoming.complete) && { connection: 'close' }),
  })
  if (error instanceof SigV4VerifyError) {
    evidence.rejection = error
    keepResponse(evidence, status, Object.entries(headers).flat())
    keepPiece(evidence, Buffer.from(body))
  }
  if (incoming.method !== 'HEAD') {
    evidence.sent = Buffer.byteLength(body)
    response.write(body)
  }
  end(incoming, response)
}

/** Explains the signature of the client, with the key that it should have used, or the rejection of that of the proxy. */
async function findings({ settings, incoming, reported, budget }: Exchange, evidence: Evidence): Promise<Findings> {
  if (settings.mode === 'sign') return explainOwn(evidence)
  try {
    const credentials = settings.clientCredentials ?? (await settings.credentials?.get())
    return await explainRequest(settings, incoming, evidence, credentials, reported, budget)
  } catch (error) {
    return { explanation: [`No explanation: ${hideShapes(String(Object(error).message))}`] }
  }
}
