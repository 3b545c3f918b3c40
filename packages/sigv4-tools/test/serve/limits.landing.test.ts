import { readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { byHeader, elements, send, sendRaw, wire } from '../../../../test/support/hand.ts'
import { usedMemory } from '../../../../test/support/memory.ts'
import { readSmall } from '../../src/serve/operations/request.ts'
import { memoryBytes } from '../../src/serve/store/memory.ts'
import { openStore } from '../../src/serve/store/store.ts'
import { all, newFolder, type Started, start } from '../support/serve/start.ts'

const MAX = 200_000
let started: Started | undefined
afterEach(() => started?.stop())

async function begin(options = {}): Promise<Started> {
  started = await start({ maxBytes: MAX, ...options })
  await started.s3('PUT', '/bucket')
  return started
}

async function free({ s3 }: Started): Promise<number> {
  return Number(elements((await s3('PUT', '/bucket/probe', { body: Buffer.alloc(MAX) })).text).FreeBytes)
}

const create = async ({ s3 }: Started, key = 'key', headers: Record<string, string> = {}) => {
  const reply = await s3('POST', `/bucket/${key}?uploads`, { headers })
  return { status: reply.status, id: all(reply.text, 'UploadId')[0]! }
}
const part = ({ s3 }: Started, id: string, number: number, body: string | Uint8Array = '') =>
  s3('PUT', `/bucket/key?partNumber=${number}&uploadId=${id}`, { body })
const complete = ({ s3 }: Started, id: string, parts: [number, string][]) =>
  s3('POST', `/bucket/key?uploadId=${id}`, {
    body: `<CompleteMultipartUpload>${parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`).join('')}</CompleteMultipartUpload>`,
  })

describe.each(['memory', 'folder'])('multipart uploads count against the limit, in %s', (place) => {
  const { dir, remove } = newFolder()
  const options = place === 'folder' ? { dir } : {}
  afterEach(remove)

  it('empty parts, until there is not enough space; aborting releases them', async () => {
    const server = await begin(options)
    const before = await free(server)
    const { id } = await create(server)
    let [status, number] = [200, 0]
    while (status === 200 && number < 1000) status = (await part(server, id, ++number)).status
    expect([status, number < MAX / 1000]).toEqual([507, true])
    expect((await part(server, id, 1)).status).toBe(200) // Replaces one.
    expect((await server.s3('DELETE', `/bucket/key?uploadId=${id}`)).status).toBe(204)
    expect(await free(server)).toBe(before)
  })

  it('uploads with their keys and headers, until there is not enough space; deleting the bucket releases them', async () => {
    const server = await begin(options)
    const before = await free(server)
    const ids: string[] = []
    for (let i = 0; i < 100; i++) {
      const { status, id } = await create(server, 'x'.repeat(1000), { 'content-type': 'x'.repeat(10_000) })
      if (status === 507) break
      ids.push(id)
    }
    expect(ids.length).toBeLessThan(10)
    await server.s3('DELETE', `/bucket/${'x'.repeat(1000)}?uploadId=${ids[0]}`)
    await part(server, (await create(server)).id, 1, 'part')
    expect((await server.s3('DELETE', '/bucket')).status).toBe(204)
    await server.s3('PUT', '/bucket')
    expect(await free(server)).toBe(before)
  })

  it('a replaced part counts once, and an unlisted one is released', async () => {
    const server = await begin(options)
    const before = await free(server)
    const { id } = await create(server)
    for (let i = 0; i < 20; i++) expect((await part(server, id, 1, Buffer.alloc(50_000, i))).status).toBe(200)
    const etag = (await part(server, id, 2, 'used')).headers.etag!
    expect((await complete(server, id, [[2, etag]])).status).toBe(200)
    expect((await server.s3('GET', '/bucket/key')).text).toBe('used')
    expect(await free(server)).toBeGreaterThan(before - 2000)
    expect((await server.s3('DELETE', '/bucket/key')).status).toBe(204)
    // The stream of the GET above may close after its last byte has arrived here.
    await expect.poll(() => free(server)).toBe(before)
  })

  it('completing a full upload does not require more space', async () => {
    const server = await begin(options)
    const before = await free(server)
    const { id } = await create(server)
    const etag = (await part(server, id, 1, Buffer.alloc(before - 4000))).headers.etag!
    expect((await complete(server, id, [[1, etag]])).status).toBe(200)
    expect((await server.s3('HEAD', '/bucket/key')).headers['content-length']).toBe(String(before - 4000))
  })

  it('parts that cannot be joined are released', async () => {
    if (place === 'memory') return
    const server = await begin({ ...options, maxBytes: 20 * 1024 * 1024 })
    const { id } = await create(server)
    const one = (await part(server, id, 1, Buffer.alloc(5 * 1024 * 1024))).headers.etag!
    const [kept] = readdirSync(join(dir, '.incoming'))
    const two = (await part(server, id, 2, Buffer.alloc(5 * 1024 * 1024))).headers.etag!
    for (const name of readdirSync(join(dir, '.incoming'))) if (name !== kept) rmSync(join(dir, '.incoming', name))
    const parts: [number, string][] = [
      [1, one],
      [2, two],
    ]
    expect((await complete(server, id, parts)).status).toBe(500)
    expect((await complete(server, id, parts)).status).toBe(404)
    expect(readdirSync(join(dir, '.incoming'))).toEqual([])
    expect((await server.s3('PUT', '/bucket/key', { body: Buffer.alloc(18 * 1024 * 1024) })).status).toBe(200)
  })
})

describe('time and memory are proportional', () => {
  it('a document sent in single bytes', async () => {
    const before = usedMemory()
    let after = 0
    async function* body() {
      for (let i = 0; i < 1_000_000; i++) yield new Uint8Array([i])
      after = usedMemory()
      return {}
    }
    const store = openStore(memoryBytes(), 1)
    const bytes = await readSmall(store, body(), 1_000_000)
    expect([bytes.length, bytes[255], bytes.at(-1)]).toEqual([1_000_000, 255, 999_999 & 255])
    expect(after - before).toBeLessThan(16 * 1024 * 1024)
  })

  it('no more than 10,000 buckets, which are listed in one response', () => {
    const store = openStore(memoryBytes(), Number.POSITIVE_INFINITY)
    for (let i = 0; i < 10_000; i++) store.makeBucket(`bucket-${i}`, 0)
    expect(() => store.makeBucket('one-more', 0)).toThrow(expect.objectContaining({ awsCode: 'TooManyBuckets' }))
    expect(() => store.makeBucket('bucket-0', 0)).not.toThrow()
  })
})

describe('an internal failure', () => {
  it.each<[string, () => void | Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('a log that %s stops neither the server nor the connection', async (_, log) => {
    const { server, making } = await begin({ log })
    const first = wire(byHeader(making({ method: 'PUT', path: '/bucket/key', body: 'stored' })))
    const second = byHeader(making({ path: '/bucket/key' }))
    const last = wire({ ...second, headers: { ...second.headers, connection: 'close' } })
    expect(await sendRaw(server.port, first + last)).toMatch(/^HTTP\/1\.1 200 .*HTTP\/1\.1 200 .*\r\n\r\nstored$/s)
    expect(await sendRaw(server.port, 'not HTTP\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('a lookup that throws undefined becomes a 500', async () => {
    const { s3 } = await begin({ credentials: () => Promise.reject(undefined) })
    const reply = await s3('GET', '/')
    expect([reply.status, elements(reply.text).Code]).toEqual([500, 'InternalError'])
  })
})

it('a client that does not read receives few responses, and the connection closes', async () => {
  const { server, s3, making, lines } = await begin({ idleTimeout: '500ms', maxBytes: 16 * 1024 * 1024 })
  for (let i = 0; i < 200; i++)
    await s3('PUT', `/bucket/${'%E6%97%A5'.repeat(340)}${String(i).padStart(3, '0')}`, { body: '' })
  lines.length = 0
  const list = wire(byHeader(making({ path: '/bucket', query: { 'encoding-type': 'url' } })))
  const { text } = await send(server.port, byHeader(making({ path: '/bucket', query: { 'encoding-type': 'url' } })))
  expect(text.length).toBeGreaterThan(600_000)
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {}).pause()
  socket.write(list.repeat(60))
  await sleep(1000)
  expect(lines.length).toBeLessThan(30)
  await expect.poll(() => lines.filter((line) => /the connection closed/.test(line))).toHaveLength(1)
  expect(lines.length).toBeLessThan(30)
  socket.destroy()
})
