// The servers around `sigv4-tools proxy` under load, each in a process of its own. Options: `role`: the upstream, with the `folder` of
// its certificate, or a proxy that does not sign, with its `upstream` and `port`.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, createServer, request as requestHttp } from 'node:http'
import { createServer as createTlsServer, request as requestHttps, Agent as TlsAgent } from 'node:https'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { isSigned, sha256 } from './measure/oracle.mjs'
import { options } from './measure/report.mjs'

const MIB = 1024 ** 2

/** Responds with as many bytes as the query requests, and checks the signature of the first requests of each connection. */
async function runUpstream({ folder }) {
  const checked = new WeakMap()
  const bodies = new Map([0, 1024, MIB, 100 * MIB].map((length) => [length, Buffer.alloc(length, 'body ')]))
  const hashes = new Map([...bodies].map(([length, body]) => [length, sha256(body)]))
  const handler = async (request, response) => {
    const { method, url: path, headers, socket } = request
    let received = 0
    request.on('data', (piece) => {
      received += piece.length
    })
    request.on('end', () => {
      const count = checked.get(socket) ?? 0
      checked.set(socket, count + 1)
      const payloadHash = headers['x-amz-content-sha256'] ?? hashes.get(received)
      const isAccepted =
        headers['x-unsigned'] || count > 2 || isSigned({ method, host: headers.host, path, headers, payloadHash })
      const body = bodies.get(Number(/length=(\d+)/.exec(path)[1]))
      response.writeHead(isAccepted ? 200 : 403, { 'content-type': 'text/plain', 'content-length': body.length })
      response.end(body)
    })
  }
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name)))
  const ports = []
  for (const server of [createServer(handler), createTlsServer({ key, cert }, handler)]) {
    server.keepAliveTimeout = 60_000
    server.requestTimeout = 0
    await once(server.listen(0, '127.0.0.1'), 'listening')
    ports.push(server.address().port)
  }
  process.send(ports)
}

/** Forwards requests and responses with the HTTP client and server of Node, and does nothing else. */
function runBare({ upstream, port }) {
  const isTls = upstream.startsWith('https:')
  const agent = new (isTls ? TlsAgent : Agent)({ keepAlive: true })
  const send = isTls ? requestHttps : requestHttp
  const { hostname, port: to } = new URL(upstream)
  createServer((incoming, response) => {
    const { method, url: path, headers } = incoming
    const outgoing = send(
      { host: hostname, port: to, method, path, headers: { ...headers, 'x-unsigned': '1' }, agent },
      (message) => {
        response.writeHead(message.statusCode, message.headers)
        pipeline(message, response, () => undefined)
      },
    )
    pipeline(incoming, outgoing, () => undefined)
  }).listen(port, '127.0.0.1')
}

await { upstream: runUpstream, bare: runBare }[options.role](options)
