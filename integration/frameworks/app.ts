import { createServer, type RequestListener, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Forged, target } from '../../test/support/attacks/attacker.ts'
import { type Reply, readReply } from '../../test/support/hand.ts'
import { type Outcome, setHost, takeOutcome } from './observed.ts'

export type Headers = Record<string, string | string[] | undefined>

/** How an application runs. */
export interface Setting {
  /** The option of `verify`. */
  host?: string | undefined
  /** A header that middleware sets before the request is verified. */
  middleware?: readonly [name: string, value: string] | undefined
}

export interface Answered extends Outcome {
  status: number
  text: string
}

/** A running application. */
export interface App {
  send(forged: Forged, setting: Setting): Promise<Answered>
  stop?: () => Promise<void>
}

let added: Setting['middleware']

/** The middleware of all applications in this process: sets a request ID, and the header of the setting. */
export function runMiddleware(headers: Headers): void {
  headers['x-request-id'] ??= 'b45ab80c'
  if (!added) return
  const [name, value] = added
  const known = Object.keys(headers).find((key) => key.toLowerCase() === name)
  headers[known ?? name] = value
}

/** Applies a setting to the applications in this process while a request is sent. */
async function within(setting: Setting, send: () => Promise<{ status: number; text: string }>): Promise<Answered> {
  setHost(setting.host)
  added = setting.middleware
  takeOutcome()
  const { status, text } = await send()
  return { status, text, ...takeOutcome() }
}

/** Sends a request over a socket, unchanged. */
export function sendTo(port: number, forged: Forged): Promise<Reply> {
  const headers = forged.headers.flatMap(([name, value]) => [name, Buffer.from(value).toString('latin1')])
  return new Promise((resolve, reject) => {
    const request = sendRequest({
      host: '127.0.0.1',
      port,
      method: forged.method,
      path: target(forged),
      headers,
      setHost: false,
      agent: false,
    })
    request.on('error', reject).on('response', (response) => readReply(response).then(resolve, reject))
    request.end(forged.body.length ? forged.body : undefined)
  })
}

/** A server. */
export async function listen(listener: RequestListener): Promise<App> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    send: (forged, setting) => within(setting, () => sendTo(port, forged)),
    stop: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  }
}

export type Handler = (event: object, context: object) => Promise<{ statusCode: number; body: string }>
export type ToEvent = (forged: Forged) => object

/** A Lambda function, whose events are parsed JSON. */
export function lambda(handler: Handler, toEvent: ToEvent): App {
  const invoke = async (forged: Forged) => {
    const { statusCode: status, body: text } = await handler(JSON.parse(JSON.stringify(toEvent(forged))), {})
    return { status, text }
  }
  return { send: (forged, setting) => within(setting, () => invoke(forged)) }
}
