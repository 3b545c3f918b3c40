import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import { serve } from '../../packages/sigv4-tools/src/serve.ts'
import { presignGet, presignPut } from '../../src/index.ts'
import { resignChunks } from '../../src/streams.ts'
import { toErrorResponse, verify } from '../../src/verify.ts'
import { installOnce, run, runInstaller, ServerUnavailable } from '../servers/install.ts'
import { minio } from '../servers/minio.ts'
import { throughProxy } from '../servers/proxied.ts'
import { isRequired } from '../servers/required.ts'
import type { RunningServer } from '../servers/server.ts'
import { versitygw } from '../servers/versitygw.ts'
import { accepted, send } from '../servers/wire.ts'

// minio-go has a placeholder; a proxy signs its chunks again, with the key of the server.

const FOLDER = fileURLToPath(new URL('minio-go', import.meta.url))
const SERVERS = ['serve', 'minio', 'versitygw'] as const
const PLACEHOLDER = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder/+1' }
const SIZE = 200_000
/** Length of a chunk of minio-go, with the line before it. */
const CHUNK = 65_536 + 90

const running: Record<string, RunningServer> = {}
const unavailable: Record<string, string> = {}
const bucket = `resign-${randomBytes(5).toString('hex')}`
let client = ''

beforeAll(async () => {
  try {
    const sources = ['main.go', 'go.mod', 'go.sum'].map((name) => readFileSync(join(FOLDER, name)))
    const hash = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 8)
    const folder = await installOnce(`minio-go-${hash}`, (draft) =>
      runInstaller('go', ['build', '-C', FOLDER, '-o', join(draft, 'upload'), '.']),
    )
    client = join(folder, 'upload')
  } catch (error) {
    if (!(error instanceof ServerUnavailable) || isRequired('versitygw')) throw error
    for (const name of SERVERS) unavailable[name] = error.message
    return
  }
  for (const server of [minio, versitygw]) {
    try {
      running[server.name] = await server.start((doing) => console.log(`${server.name}: ${doing}`))
    } catch (error) {
      if (!(error instanceof ServerUnavailable) || isRequired(server.name)) throw error
      unavailable[server.name] = error.message
      console.log(`NOT RUN: resigning on ${server.name} (${error.message})`)
    }
  }
  const credentials = { accessKeyId: 'AKIDRESIGN', secretAccessKey: 'resign-secret/+1' }
  const { url, close } = await serve({ credentials, region: 'us-east-1', log: () => {} })
  running.serve = {
    version: '0',
    endpoint: url,
    virtualHostEndpoint: url,
    region: 'us-east-1',
    credentials,
    stop: close,
  }
  for (const { endpoint, region, credentials } of Object.values(running))
    accepted(await send(await presignPut(`${endpoint}/${bucket}`, { credentials, region, service: 's3' })))
})

afterAll(async () => {
  for (const server of Object.values(running)) await server.stop()
})

/** What the proxy does with a request. `changed`: the position of the byte that an attacker changes before it. */
interface Passing {
  changed?: number
  /** How many bytes it sent on. */
  forwarded: number
}

/** Yields a body with one byte changed, from one hex digit to another. */
async function* change(source: AsyncIterable<Uint8Array>, position = -1) {
  let length = 0
  for await (const piece of source) {
    const bytes = Buffer.from(piece)
    const at = position - length
    if (at >= 0 && at < bytes.length) bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30
    length += bytes.length
    yield bytes
  }
}

async function forward(server: RunningServer, passing: Passing, incoming: IncomingMessage, response: ServerResponse) {
  const { endpoint, region, credentials } = server
  try {
    const options = { credentials: () => PLACEHOLDER, region, service: 's3', payload: 'deferred' } as const
    const verified = await verify(incoming, options)
    const { method = '', url = '', headers } = incoming
    const request = { method, url: endpoint + url, headers }
    const upload = await resignChunks(request, { from: verified, credentials, region, service: 's3' })
    const outgoing = httpRequest(upload.url, { method: upload.method, headers: upload.headers })
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    await pipeline(change(incoming, passing.changed), upload.encode, count(passing), outgoing)
  } catch (error) {
    if (response.headersSent) return
    const { status, headers, body } = toErrorResponse(error as Error)
    incoming.resume() // a client that cannot send the rest may not read the response
    response.writeHead(status, headers).end(body)
  }
}

function count(passing: Passing) {
  return async function* (source: AsyncIterable<Uint8Array>) {
    for await (const bytes of source) {
      passing.forwarded += bytes.length
      yield bytes
    }
  }
}

/** Uploads with minio-go. */
async function uploadTo(host: string, region: string, key: string, checksum: boolean, signer = PLACEHOLDER) {
  const { output } = await run(client, [], {
    HOST: host,
    REGION: region,
    ACCESS_KEY: signer.accessKeyId,
    SECRET_KEY: signer.secretAccessKey,
    BUCKET: bucket,
    KEY: key,
    SIZE: String(SIZE),
    CHECKSUM: checksum ? 'crc32c' : '',
  })
  return output.trim()
}

/** Uploads with minio-go through a proxy of this file, which can change a byte. */
async function upload(server: RunningServer, key: string, checksum: boolean, changed?: number, secret?: string) {
  const passing: Passing = { forwarded: 0, ...(changed !== undefined && { changed }) }
  const proxy = createServer((incoming, response) => void forward(server, passing, incoming, response))
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const signer = { ...PLACEHOLDER, ...(secret !== undefined && { secretAccessKey: secret }) }
  const output = await uploadTo(host, server.region, key, checksum, signer)
  proxy.closeAllConnections()
  proxy.close()
  return { output, forwarded: passing.forwarded }
}

describe.each(SERVERS)('%s', (name) => {
  const serverFor = ({ skip }: TestContext) => running[name] ?? skip(unavailable[name])
  const load = async ({ endpoint, region, credentials }: RunningServer, key: string) =>
    send(await presignGet(`${endpoint}/${bucket}/${key}`, { credentials, region, service: 's3' }))

  it.for([
    ['signed chunks', false],
    ['signed chunks and a checksum', true],
  ] as const)('%s arrive', async ([, checksum], context) => {
    const server = serverFor(context)
    const key = `object-${checksum}`
    expect((await upload(server, key, checksum)).output).toBe('stored')
    const { body, headers } = accepted(await load(server, key))
    expect(
      Buffer.compare(
        body,
        Buffer.alloc(SIZE).map((_, i) => i * 7),
      ),
    ).toBe(0)
    expect(headers.get('content-type')).toBe('text/x-go')
  })

  it('arrive through sigv4-tools proxy, too, and not with a wrong placeholder', async (context) => {
    const server = serverFor(context)
    const { endpoint, region, credentials, stop } = await throughProxy(server, 'resign')
    onTestFinished(stop)
    const { host } = new URL(endpoint)
    for (const checksum of [false, true]) {
      const key = `proxied-${checksum}`
      expect(await uploadTo(host, region, key, checksum, credentials)).toBe('stored')
      const { body } = accepted(await load(server, key))
      expect(body.every((byte, i) => byte === ((i * 7) & 255)) && body.length === SIZE).toBe(true)
    }
    const wrong = { ...credentials, secretAccessKey: 'wrong' }
    expect(await uploadTo(host, region, 'wrong', true, wrong)).toBe('SignatureDoesNotMatch')
  })

  // in the first chunk, in the signature of the second, in the last one, and in the trailing headers
  it.for([1000, CHUNK + 40, 3 * CHUNK + 1000, 200_567 - 60])(
    'byte %d, if it is changed, ends the upload',
    async (changed, context) => {
      const server = serverFor(context)
      const key = `changed-${changed}`
      const { output, forwarded } = await upload(server, key, true, changed)
      expect(output).toMatch(/^SignatureDoesNotMatch$/)
      const before = Math.min(Math.floor(changed / CHUNK), 3)
      // the last byte of a complete body is not sent
      expect(forwarded).toBe(changed > 200_000 ? 3 * CHUNK + (SIZE - 3 * 65_536) + 88 : before * CHUNK)
      expect((await load(server, key)).status).toBe(404)
    },
  )

  it('a wrong placeholder is rejected before anything is sent', async (context) => {
    const server = serverFor(context)
    const { output, forwarded } = await upload(server, 'wrong', false, undefined, 'wrong')
    expect([output, forwarded]).toEqual(['SignatureDoesNotMatch', 0])
  })
})
