import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import { parseUploadRequest, UploadError } from './rules.ts'
import type { Signing } from './signing.ts'
import { bucketUrl, type Storage } from './storage.ts'

const PUBLIC = fileURLToPath(new URL('../public/', import.meta.url))
const SCRIPT = fileURLToPath(new URL('../page/main.ts', import.meta.url))

/** Returns the user who sent a request and owns its tickets. Replace it with your login, and throw for unknown users. */
function userOf(_request: Request): string {
  return 'anyone'
}

/** Creates the server. It serves the page and signs for pages of `origins`; files are not sent through it. */
export async function createApp(storage: Storage, signing: Signing, origins: string[]): Promise<Express> {
  const script = await bundle()
  const storageOrigin = new URL(bucketUrl(storage)).origin
  const app = express().disable('x-powered-by')

  app.use((_, response, next) => {
    const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ${storageOrigin}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
    response.set({
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    next()
  })
  app.get('/page.js', (_, response) => {
    response.type('text/javascript').send(script)
  })
  app.use(express.static(PUBLIC))

  app.use('/api', ({ headers: { origin } }, response, next) => {
    response.set('cache-control', 'no-store') // A presigned URL grants access.
    // Browsers send the page's origin with every POST. Other clients do not have to.
    if (origin !== undefined && !origins.includes(origin))
      throw new UploadError('The origin of this page is not in APP_ORIGIN.', 403)
    next()
  })
  app.use('/api', express.json({ limit: '16kb' })) // A form on a different site cannot send this content type.
  app.post('/api/uploads', async (request, response) => {
    response.json(await signing.start(userOf(request), parseUploadRequest(request.body)))
  })
  app.post('/api/parts', async (request, response) => {
    const { ticket, uploadId, parts } = request.body ?? {}
    response.json(await signing.parts(userOf(request), ticket, uploadId, parts))
  })
  app.post('/api/finish', async (request, response) => {
    response.json(await signing.finish(userOf(request), request.body?.ticket))
  })
  app.use('/api', handleError)
  return app
}

const handleError: ErrorRequestHandler = (error, _request, response, _next) => {
  if (error instanceof UploadError) response.status(error.status).json({ error: error.message })
  else if (/^ERR_INVALID_ARG/.test(error.code) || error.status < 500)
    response.status(400).json({ error: 'The request is malformed.' })
  else {
    console.error(error)
    response.status(500).json({ error: 'The server failed. Try again later.' })
  }
}

/** Bundles the page's script and its imports. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [SCRIPT],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}
