import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UploadRequest, Way } from '../../examples/browser-upload/server/rules.ts'
import type { Finished, Started } from '../../examples/browser-upload/server/signing.ts'
import { credentials, start as startServe } from '../../packages/sigv4-tools/test/support/serve/start.ts'
import {
  multipartCompletionBody,
  type PresignedMultipartParts,
  parseMultipartResponse,
  presignPut,
  toFormData,
} from '../../src/index.ts'
import { installPackages, ServerUnavailable } from '../servers/install.ts'
import { localstack } from '../servers/localstack.ts'
import { minio } from '../servers/minio.ts'
import { isRequired } from '../servers/required.ts'
import { type App, FOLDER, startApp } from './app.ts'

// The uploader keeps the presigned requests, which are valid after the upload is finished, and replaces the upload with
// different content of the same size. The file that the server has confirmed must not change.

const NAME = 'résumé (1)+&%.txt'
const CHECKED = 'the content that was checked'
const OTHER = CHECKED.replace(/./g, '!')

interface Place {
  endpoint: string
  credentials: { accessKeyId: string; secretAccessKey: string }
  stop(): Promise<unknown>
}

const PLACES: Record<string, () => Promise<Place>> = {
  serve: async () => {
    const { server } = await startServe()
    return { endpoint: server.url, credentials, stop: server.close }
  },
  localstack: () => localstack.start((doing) => console.log(doing)),
  minio: () => minio.start((doing) => console.log(doing)),
}

beforeAll(() => installPackages(FOLDER), 300_000)

function startOn({ endpoint, credentials }: Pick<Place, 'endpoint' | 'credentials'>): Promise<App> {
  const { accessKeyId, secretAccessKey } = credentials
  return startApp('', { S3_ENDPOINT: endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey })
}

async function makeBucket({ endpoint, credentials }: Place): Promise<void> {
  const create = await presignPut(`${endpoint}/browser-uploads`, { region: 'us-east-1', service: 's3', credentials })
  expect((await fetch(create.url, create)).status).toBeOneOf([200, 409])
}

/** Calls a function of the app's server. */
async function call<Result>({ origin }: App, path: string, question: object): Promise<Result> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(question) })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

const begin = (app: App, way: Way) => {
  const file: UploadRequest = { way, name: NAME, size: CHECKED.length, type: 'text/plain' }
  return call<Started>(app, '/api/uploads', file)
}
const finish = (app: App, ticket: string) => call<Finished>(app, '/api/finish', { ticket })
const content = async ({ url }: Finished) => (await fetch(url)).text()

/** Uploads with the presigned requests, again if they were used before. */
async function send(app: App, started: Started, body: string): Promise<void> {
  const upload = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await fetch(url, init)
    if (!response.ok) throw new Error(await response.text())
    return response
  }
  if (started.way === 'put') await upload(started.put.url, { ...started.put, body })
  if (started.way === 'post')
    await upload(started.post.url, { method: 'POST', body: toFormData(started.post, new Blob([body])) })
  if (started.way !== 'multipart') return
  const { create } = started.upload
  const created = parseMultipartResponse(await (await upload(create.url, create)).text())
  if (created.kind !== 'created') throw new Error(created.kind)
  const { uploadId } = created
  const question = { ticket: started.ticket, uploadId, parts: [1] }
  const { parts, complete } = await call<PresignedMultipartParts>(app, '/api/parts', question)
  const { headers } = await upload(parts[0]!.url, { ...parts[0], body })
  const completion = multipartCompletionBody([{ partNumber: 1, etag: headers.get('etag')! }], 1)
  const completed = parseMultipartResponse(await (await upload(complete.url, { ...complete, body: completion })).text())
  expect(completed.kind).toBe('completed')
}

describe.each(Object.keys(PLACES))('on %s', (name) => {
  let place: Place | undefined
  let app: App
  let absent: string | undefined

  beforeAll(async () => {
    try {
      place = await PLACES[name]!()
    } catch (error) {
      if (!(error instanceof ServerUnavailable) || isRequired(name)) throw error
      absent = error.message
      console.log(`NOT RUN: replaced uploads on ${name} (${absent})`)
      return
    }
    await makeBucket(place)
    app = await startOn(place)
  }, 300_000)

  afterAll(async () => {
    await app?.stop()
    await place?.stop()
  })

  it.for(['put', 'post', 'multipart'] as const)(
    '%s: the file does not change after it is finished',
    async (way, { skip }) => {
      skip(absent !== undefined, absent)
      const started = await begin(app, way)
      await send(app, started, CHECKED)
      const finished = await finish(app, started.ticket)
      expect(await content(finished)).toBe(CHECKED)
      await send(app, started, OTHER)
      expect(await content(finished)).toBe(CHECKED)
      // The upload was in fact replaced, and finishing it again does not change the file either.
      expect(await content(await finish(app, started.ticket))).toBe(OTHER)
      expect(await content(finished)).toBe(CHECKED)
    },
  )
})

describe('an upload that is replaced while it is checked', () => {
  let place: Place
  let proxy: Server
  let app: App
  /** Runs before the response to a HEAD request. */
  let onHead = async () => {}

  beforeAll(async () => {
    place = await PLACES.serve!()
    await makeBucket(place)
    const { port } = new URL(place.endpoint)
    proxy = createServer((request, response) => {
      const { method, url, headers } = request
      const upstream = forward({ host: '127.0.0.1', port, method, path: url, headers }, async (reply) => {
        if (method === 'HEAD') await onHead()
        response.writeHead(reply.statusCode!, reply.headers)
        reply.pipe(response)
      })
      request.pipe(upstream)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    app = await startOn({ endpoint, credentials: place.credentials })
  }, 60_000)

  afterAll(async () => {
    await app?.stop()
    proxy?.closeAllConnections()
    proxy?.close()
    await place?.stop()
  })

  it('is not finished', async () => {
    const started = await begin(app, 'put')
    await send(app, started, CHECKED)
    onHead = () => send(app, started, OTHER)
    await expect(finish(app, started.ticket)).rejects.toThrow('The file was replaced while it was checked.')
    onHead = async () => {}
    expect(await content(await finish(app, started.ticket))).toBe(OTHER)
  })
})
