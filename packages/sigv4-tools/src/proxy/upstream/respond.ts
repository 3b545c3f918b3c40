import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { withoutHops } from '../../../../../src/internal/http.ts'
import { drain } from '../../server/drain.ts'
import { SANDBOX } from '../../server/sandbox.ts'
import { headerLists, headerPairs, headerValue } from '../http/headers.ts'
import { ProxyError } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import type { UpstreamResponse } from './send.ts'

/** Limits for a client that sends after the response. */
const AFTER_RESPONSE = { milliseconds: 2000, bytes: Number.POSITIVE_INFINITY }

/** Response headers that pages of other sites can read. */
const CORS = /^access-control-/

/** Forwards a response, each piece as it arrives. One that is complete already is sent at once. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { message, body = message }: UpstreamResponse,
  settings: Settings,
  onPiece: (piece: Uint8Array) => void,
): Promise<void> {
  setHead(request, response, message, settings)
  if (!message.complete || response.hasHeader('trailer')) {
    // Node flushes a head in UTF-8, which changes other bytes
    if (/[\x80-\xff]/.test(message.rawHeaders.join())) response.write('', 'latin1')
    else response.flushHeaders()
  }
  await forward(body, response, onPiece)
  const trailers = headerPairs(message.rawTrailers)
  if (trailers.length > 0) response.addTrailers(headerLists(trailers))
  end(request, response)
}

/** Sends a body as fast as the client reads it. */
function forward(body: Readable, response: ServerResponse, onPiece: (piece: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, fail) => {
    const stop = (): void => {
      if (body.readableEnded) return
      body.destroy()
      fail(new Error('The connection was closed before the response was complete.'))
    }
    if (body.destroyed || response.destroyed) return stop()
    body.on('data', (piece: Uint8Array) => {
      try {
        onPiece(piece)
        if (!response.write(piece)) body.pause()
      } catch (error) {
        body.destroy()
        fail(error)
      }
    })
    response.on('drain', () => body.resume()).on('close', stop)
    body.on('end', resolve).on('error', fail).on('close', stop)
  })
}

export function setHead(
  request: IncomingMessage,
  response: ServerResponse,
  { statusCode = 502, statusMessage = '', rawHeaders }: IncomingMessage,
  { cors, hasPages }: Settings,
): void {
  if (statusCode < 101 || !/^[\t\x20-\x7e\x80-\xff]*$/.test(statusMessage))
    throw new ProxyError(502, 'The upstream sent an invalid response.')
  const all = headerPairs(rawHeaders)
  const length = headerValue(all, 'content-length')
  const trailer = headerValue(all, 'trailer')
  const own = corsHeaders(cors, request)
  const headers = withoutHops(all).filter(([name]) => !(own && CORS.test(name)))
  // browsers apply all policies; `nosniff` would not make pages safer, and would break media with a wrong type
  if (hasPages) headers.push(['content-security-policy', SANDBOX])
  response.statusCode = statusCode
  response.statusMessage = statusMessage
  response.sendDate = false
  for (const [name, value] of Object.entries(headerLists(headers))) response.setHeader(name, value)
  for (const [name, value] of Object.entries(own ?? {})) response.setHeader(name, value)
  if (own) response.appendHeader('vary', 'Origin')
  if (length !== undefined) response.setHeader('content-length', length)
  else if (trailer !== undefined && request.httpVersion !== '1.0') response.setHeader('trailer', trailer)
  if (!request.complete) response.shouldKeepAlive = false
}

/** Returns the headers with which a page that is allowed can read a response. */
export function corsHeaders(
  origins: readonly string[],
  { headers }: IncomingMessage,
): Record<string, string> | undefined {
  const { origin } = headers
  if (origin === undefined || !origins.includes(origin)) return undefined
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': '*',
  }
}

/** Returns the headers of the response to a preflight request, which browsers send without a token. */
export function preflightHeaders({ headers }: IncomingMessage): Record<string, string> {
  const { 'access-control-request-method': method = '', 'access-control-request-headers': names } = headers
  return {
    'access-control-allow-methods': method,
    ...(names !== undefined && { 'access-control-allow-headers': names }),
    'access-control-max-age': '600',
  }
}

export function end(request: IncomingMessage, response: ServerResponse): void {
  response.end()
  if (request.complete) return
  void drain(request, AFTER_RESPONSE).then((isComplete) => {
    if (!isComplete) request.socket.destroySoon()
  })
}
