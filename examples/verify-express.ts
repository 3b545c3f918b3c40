/** Express middleware that requires signed requests. Small bodies are verified in memory, files while they are written. */
import { randomUUID } from 'node:crypto'
import { createWriteStream, promises as fs } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import express, { type RequestHandler, type Response } from 'express'
import { toErrorResponse, type VerifyOptions, verify } from 'sigv4/verify'

/** Verifies the requests of a route, and sets `response.locals.signed`. */
export function signed(options: VerifyOptions): RequestHandler {
  return async ({ method, originalUrl: url, headers, rawHeaders, body }, response, next) => {
    const request = { method, url, headers, rawHeaders, body }
    response.locals.signed = await verify(request, options).catch((error) => reject(response, error))
    if (response.locals.signed) next()
  }
}

function reject(response: Response, error: unknown): void {
  const { status, headers, body } = toErrorResponse(error)
  if (status === 500) console.error(error)
  response.writeHead(status, { ...headers, connection: 'close' }).end(body)
}

export function createApp(options: VerifyOptions, folder: string): express.Express {
  const app = express()
  app.post('/notes', express.raw({ type: () => true, limit: '64kb' }), signed(options), (_, response) => {
    response.json({ from: response.locals.signed.accessKeyId, bytes: response.locals.signed.body.length })
  })
  app.put('/files/:name', signed({ ...options, payload: 'deferred' }), (request, response) => {
    const part = join(folder, randomUUID()) // Renamed after verification.
    const source = request.iterator({ destroyOnReturn: false }) // Keeps the connection open for an error response.
    pipeline(response.locals.signed.verifyBody(source), createWriteStream(part))
      .then(() => fs.rename(part, join(folder, encodeURIComponent(String(request.params.name)))))
      .then(() => response.sendStatus(204))
      .catch((error) => fs.rm(part, { force: true }).then(() => reject(response, error)))
  })
  return app
}
