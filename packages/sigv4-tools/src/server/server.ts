import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type Rule, typeRule } from '../../../../src/internal/options.ts'
import type { Clients } from './clients.ts'

/** `[Symbol.asyncDispose]`, which calls `close`, for `await using`; nothing if the types of the project lack it. */
export type AsyncDisposal = SymbolConstructor extends { readonly asyncDispose: infer Name extends symbol }
  ? { readonly [Method in Name]: () => Promise<void> }
  : unknown

/** The address of a server. */
export interface ServerAddress {
  readonly url: string
  readonly host: string
  readonly port: number
}

/** Milliseconds to wait for pending requests when a server stops. */
const CLOSE_TIMEOUT = 2000

/** Options of every server. */
export const LIMITS = {
  requireHostHeader: false, // a missing Host header is rejected with a message
  keepAliveTimeout: 60_000,
} as const

export const PORT: Rule = typeRule('number', (port: number) =>
  Number.isInteger(port) && port >= 0 && port <= 65_535 ? undefined : ['range', 'Pass an integer from 0 to 65535.'],
)

export async function listen(server: Server, at: number, on: string): Promise<ServerAddress> {
  server.listen(at, on)
  await once(server, 'listening')
  server.on('error', () => undefined) // a connection that cannot be accepted does not end the program
  const { address: host, port, family } = server.address() as AddressInfo
  const scheme = server instanceof TlsServer ? 'https' : 'http'
  return { url: `${scheme}://${family === 'IPv6' ? `[${host}]` : host}:${port}`, host, port }
}

/**
 * Stops listening, waits for pending requests, and closes all connections. Node does not know all of them, such as those
 * that have become WebSockets.
 */
export function stop(server: Server, clients?: Clients): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections()
      clients?.destroy('all')
    }, CLOSE_TIMEOUT)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.keepAliveTimeout = 1 // of connections with a pending request
    server.closeIdleConnections()
    clients?.destroy('detached')
  })
}

/** Waits for requests whose connection is already closed; one that waits for credentials may take longer than the limit. */
export function settled(clients: Clients): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLOSE_TIMEOUT)
    void clients.settled().then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
