import { createServer, type Server } from 'node:http'
import { acceptClients } from '../server/clients.ts'
import type { Settings } from './options/settings.ts'
import { obtain } from './upstream/attempt.ts'

/** Milliseconds within which a check must arrive. */
const TIMEOUT = 5000
/** Maximum number of simultaneous connections: a flood must not use up the file descriptors of the proxy. */
const MAX_CONNECTIONS = 20
/** Milliseconds for which the result of a check is reused: obtaining credentials may start a program. */
const MAX_AGE = 1000

/**
 * Creates a server for health checks. It responds with 200 while requests can be signed, and with 503 otherwise, without
 * details: anyone who can reach its port sees them. It has its own port, so that it does not occupy a path of the service.
 */
export function createHealthServer({ credentials, now }: Settings): Server {
  const options = { headersTimeout: TIMEOUT, requestTimeout: TIMEOUT, connectionsCheckingInterval: 1000 }
  const check = async (): Promise<boolean> => {
    try {
      if (credentials) await obtain(credentials, now())
      return true
    } catch {
      return false
    }
  }
  let checked = { at: Number.NEGATIVE_INFINITY, isHealthy: Promise.resolve(true) }
  const server = createServer(options)
  acceptClients(server, {
    maxConnections: MAX_CONNECTIONS,
    hasUpgrades: false,
    receive: ({ method }, response) => {
      const respond = (status: number, text: string): void => {
        const headers = { 'content-type': 'text/plain', 'x-content-type-options': 'nosniff', connection: 'close' }
        response.writeHead(status, headers).end(`${text}\n`)
      }
      return async () => {
        if (method !== 'GET' && method !== 'HEAD') return respond(405, 'Send GET or HEAD.')
        const at = now()
        if (at - checked.at > MAX_AGE) checked = { at, isHealthy: check() }
        if (await checked.isHealthy) respond(200, 'ok')
        else respond(503, 'The credentials could not be obtained, or have expired.')
      }
    },
    rejectBytes: () => undefined,
    logFlood: () => undefined,
  })
  return server
}
