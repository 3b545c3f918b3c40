import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { byForm, byHeader, byQuery, elements, type Handmade, send } from '../../../../test/support/hand.ts'
import { respond } from '../../src/serve/endpoint.ts'
import { createFaults } from '../../src/serve/faults.ts'
import type { Endpoint } from '../../src/serve/handle.ts'
import { logEntry } from '../../src/serve/http/log.ts'
import { memoryBytes } from '../../src/serve/store/memory.ts'
import { openStore } from '../../src/serve/store/store.ts'
import { type Started, start } from '../support/serve/start.ts'

let started: Started
beforeAll(async () => {
  started = await start()
  await started.s3('PUT', '/bucket/source', { body: 'x' })
})
afterAll(() => started.stop())

const form = (name: string, value: string) => {
  const conditions = ['$key', '$bucket', '$x-amz-algorithm', '$x-amz-credential', '$x-amz-date', `$${name}`]
  const fields = { key: 'stored', [name]: value }
  return byForm({
    ...started.making({ path: '/bucket' }),
    fields,
    conditions: conditions.map((field) => ['starts-with', field, '']),
  })
}
const presigned = (method: string, name: string, value: string, query: Record<string, string> = {}) =>
  byQuery(started.making({ method, path: '/bucket/stored', query: { ...query, [name]: value }, body: 'x' }))
const copy = (name: string, value: string) =>
  presigned('PUT', name, value, {
    'x-amz-copy-source': '/bucket/source',
    'x-amz-metadata-directive': 'REPLACE',
  })

describe('a value or name that cannot be sent in a header is rejected', () => {
  const values = ['a\r\nb', 'a\nb', 'a\0', 'a\x1b[31m', 'a\x7f', '\x0b', '\u2028', '€']
  const names = ['a b', 'a:b', 'a(', 'é', 'a\0', 'a\x7f', 'a\tb']
  it.each<[string, (value: string) => Handmade]>([
    ['Content-Type of a form', (value) => form('Content-Type', value)],
    ['Content-Encoding of a form', (value) => form('Content-Encoding', `gzip, ${value}`)],
    ['Cache-Control of a form', (value) => form('Cache-Control', value)],
    ['metadata of a form', (value) => form('x-amz-meta-a', value)],
    ['metadata name of a form', (value) => form(`x-amz-meta-${value}`, 'x')],
    ['metadata of a presigned URL', (value) => presigned('PUT', 'x-amz-meta-a', value)],
    ['metadata name of a presigned URL', (value) => presigned('PUT', `x-amz-meta-${value}`, 'x')],
    ['redirect location of a presigned URL', (value) => presigned('PUT', 'x-amz-website-redirect-location', value)],
    ['metadata of a multipart upload', (value) => presigned('POST', 'x-amz-meta-a', value, { uploads: '' })],
    ['metadata name of a multipart upload', (value) => presigned('POST', `x-amz-meta-${value}`, '', { uploads: '' })],
    ['metadata of a copy', (value) => copy('x-amz-meta-a', value)],
    ['metadata name of a copy', (value) => copy(`x-amz-meta-${value}`, 'x')],
  ])('%s', async (title, make) => {
    for (const value of title.includes('name') ? names : values) {
      const reply = await send(started.server.port, make(value))
      expect([reply.status, elements(reply.text).Code], JSON.stringify(value)).toEqual([400, 'InvalidArgument'])
      expect((await started.s3('GET', '/bucket/stored')).status).toBe(404)
    }
  })
})

describe('a response with invalid headers', () => {
  const lines: string[] = []
  const store = openStore(memoryBytes(), Number.POSITIVE_INFINITY)
  const endpoint: Endpoint = {
    store,
    lookup: () => SECRET,
    credentials: undefined,
    region: undefined,
    faults: createFaults({}, Date.now),
    allowSmallChunks: false,
    cors: ['*'],
    idleTimeout: 600_000, // so that no response is awaited until a timeout
    now: Date.now,
    log: (event) => lines.push(logEntry(event)),
    explain: false,
    isClosing: () => false,
  }
  const server = createServer((request, response) => {
    if (request.headers.origin === 'broken') request.headers.origin = 'a\nb' // Becomes a header of every response.
    void respond(endpoint, request, response, {
      expectsContinue: false,
      accept: () => undefined,
      ended: Promise.resolve(),
    })
  })
  const get = (path: string, unsigned = {}) =>
    send((server.address() as AddressInfo).port, byHeader({ host: 'x', path, unsigned }))

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
  beforeEach(() => lines.splice(0))
  afterAll(() => server.close())

  it('becomes a 500, and its body is closed', async () => {
    const bodies: Readable[] = []
    store.makeBucket('bucket', 0)
    const read = () => {
      bodies.push(Readable.from(['x'], { objectMode: false }))
      return bodies.at(-1)!
    }
    const headers = { 'content-type': 'a\r\nb' }
    store.put('bucket', { key: 'key', content: { size: 1, read }, etag: 'x', modified: 0, headers })
    const reply = await get('/bucket/key')
    expect([reply.status, elements(reply.text).Code]).toEqual([500, 'InternalError'])
    expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true])
    expect(lines).toEqual([expect.stringMatching(/ {2}500 {2}GET .* {2}InternalError: TypeError ERR_INVALID_CHAR /)])
  })

  it('closes the connection if the 500 cannot be sent either', async () => {
    await expect(get('/', { origin: 'broken' })).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(lines).toEqual([expect.stringContaining('the connection closed: ERR_INVALID_CHAR')])
  })
})

it('an unsigned x-amz-content-sha256 of a presigned URL does not change how the body is read', async () => {
  const body = '1\r\nx\r\n0\r\n\r\n'
  const unsigned = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }
  const request = byQuery(started.making({ method: 'PUT', path: '/bucket/raw', body, unsigned }))
  const { status, text } = await send(started.server.port, request)
  if (status === 200) expect((await started.s3('GET', '/bucket/raw')).text).toBe(body)
  else expect(elements(text).Code).toMatch(/^(?:AccessDenied|InvalidArgument)$/)
})
