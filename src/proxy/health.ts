import { createServer, type Server } from 'node:http'
import type { Settings } from './options/settings.ts'
import { obtain } from './upstream/attempt.ts'

/** Milliseconds in which a check must be received. */
const TIMEOUT = 5000

/**
 * Creates a server for health checks. It responds with 200 while requests can be signed, and with 503 otherwise, without
 * details: anyone who can reach its port sees them. It has its own port, so that no path of the service is taken.
 */
export function createHealthServer({ credentials, now }: Settings): Server {
  const options = { headersTimeout: TIMEOUT, requestTimeout: TIMEOUT, connectionsCheckingInterval: 1000 }
  return createServer(options, async ({ method }, response) => {
    const respond = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`)
    }
    if (method !== 'GET' && method !== 'HEAD') return respond(405, 'Send GET or HEAD.')
    try {
      if (credentials) await obtain(credentials, now())
      respond(200, 'ok')
    } catch {
      respond(503, 'The credentials could not be obtained, or have expired.')
    }
  })
}
