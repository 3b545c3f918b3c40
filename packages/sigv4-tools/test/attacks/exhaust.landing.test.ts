import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import {
  formRequest,
  multipart,
  NOW,
  type Pair,
  replaced,
  sendKept,
  signedForm,
} from '../../../../test/support/attacks/forms.ts'
import { runs } from '../../../../test/support/depth.ts'
import { byHeader, byQuery, deletion, type Making, type Reply, sendRaw, wire } from '../../../../test/support/hand.ts'
import { usedMemory } from '../../../../test/support/memory.ts'
import type { ServeOptions } from '../../src/serve.ts'
import { all, newFolder, type Started, start } from '../support/serve/start.ts'

// Unlimited requests: memory and disk stay within the limit, and other requests still get responses. The space of uploads and
// of failed bodies is tested in ../serve/limits.landing.test.ts, and that of killed servers in ../serve/store.

let attacks = 0
const endings: (() => unknown)[] = []

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface Client extends Started {
  s3(method: string, path: string, change?: Partial<Making>): Promise<Reply>
}

async function begin(options: Partial<ServeOptions> = {}): Promise<Client> {
  const started = await start({ idleTimeout: '2s', ...options })
  endings.push(started.stop)
  return {
    ...started,
    s3(method, path, change = {}) {
      attacks++
      return sendKept(
        started.server.port,
        byHeader({ host: `127.0.0.1:${started.server.port}`, method, path, ...change }),
      )
    },
  }
}

/** Returns the index of the first request without space, and throws if all `most` succeed. */
async function firstWithoutRoom(most: number, attempt: (i: number) => Promise<Reply>): Promise<number> {
  for (let i = 0; i < most; i++) {
    const { status, text } = await attempt(i)
    if (status === 507) return i
    expect([200, 204, 400], text).toContain(status)
  }
  throw new Error(`${most} requests did not exhaust the space`)
}

const LIMIT = 200_000
const folders = () => {
  const { dir, remove } = newFolder()
  endings.push(remove)
  return dir
}

describe.each([
  ['memory', () => ({})],
  ['a folder', () => ({ dir: folders() })],
] as const)('a server in %s', (_, place) => {
  it('limits empty objects and buckets', async () => {
    const client = await begin({ maxBytes: LIMIT, ...place() })
    const key = 'k'.repeat(900)
    const count = await firstWithoutRoom(LIMIT / 1000, (i) => client.s3('PUT', `/bucket/${key}${i}`, { body: '' }))
    expect(count).toBeGreaterThan(20)
    for (let i = 0; i < count; i++) await client.s3('DELETE', `/bucket/${key}${i}`)
    expect(await firstWithoutRoom(1000, (i) => client.s3('PUT', `/bucket-${i}`))).toBeGreaterThan(20)
  })

  it('counts what clients are still reading, although it was removed', async () => {
    const [maxBytes, body] = [20_000_000, 'x'.repeat(15_000_000)] // More than a socket buffers.
    const client = await begin({ maxBytes, ...place() })
    const upload = () => client.s3('PUT', '/bucket/large', { body })
    expect((await upload()).status).toBe(200)
    const request = wire(byHeader({ host: 'x', path: '/bucket/large' }))
    const socket = connect(client.server.port, '127.0.0.1', () => socket.write(request))
    endings.push(() => socket.destroy())
    socket.on('error', () => {})
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    expect((await client.s3('DELETE', '/bucket/large')).status).toBe(204)
    expect((await upload()).status).toBe(507)
    socket.destroy()
    await expect.poll(async () => (await upload()).status, { timeout: 10_000, interval: 100 }).toBe(200)
  })

  it('limits concurrent bodies that fit only one by one', async () => {
    const client = await begin({ maxBytes: LIMIT, ...place() })
    const body = 'x'.repeat(60_000)
    const replies = await Promise.all(Array.from({ length: 30 }, (_, i) => client.s3('PUT', `/bucket/${i}`, { body })))
    const stored = replies.filter(({ status }) => status === 200).length
    expect(stored).toBeLessThanOrEqual(3)
    expect(replies.filter(({ status }) => status === 507)).toHaveLength(30 - stored)
    const forms = await Promise.all(
      Array.from({ length: 30 }, (_, i) => {
        attacks++
        const conditions = [{ bucket: 'bucket' }, ['starts-with', '$key', '']]
        const pairs = signedForm({ conditions, fields: [['key', `form-${i}`]], time: Date.now() })
        return sendKept(client.server.port, formRequest('x', multipart(pairs, body), {}, '/bucket'))
      }),
    )
    expect(stored + forms.filter(({ status }) => status === 204).length).toBeLessThanOrEqual(3)
  })
})

describe('unfinished connections', () => {
  /** Opens connections that send a string and, optionally, one byte every 50 ms. */
  function hold(port: number, count: number, text: (i: number) => string, trickle = ''): void {
    const sockets: Socket[] = []
    for (let i = 0; i < count; i++) {
      attacks++
      const socket = connect(port, '127.0.0.1', () => socket.write(text(i), 'latin1'))
      sockets.push(socket.on('error', () => {}))
    }
    const timer = setInterval(() => {
      for (const socket of sockets) if (socket.writable && trickle) socket.write(trickle)
    }, 50)
    endings.push(() => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    })
  }

  const put = (host: string, size: number) =>
    wire(byHeader({ host, method: 'PUT', path: '/bucket/slow', body: 'x'.repeat(size) })).slice(0, -size)

  it.each<[string, (port: number) => void]>([
    ['300 that send nothing', (port) => hold(port, 300, () => '')],
    ['300 with half a request line', (port) => hold(port, 300, () => 'GET /bucket')],
    [
      '100 with 31 KB of headers',
      (port) => hold(port, 100, () => `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(31_000)}\r\n`, 'b'),
    ],
    [
      '100 with headers of more than 32 KB',
      (port) => hold(port, 100, () => `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}`),
    ],
    ['100 with slow bodies', (port) => hold(port, 100, () => put('x', 1000), 'x')],
    [
      '100 with slow forms',
      (port) =>
        hold(
          port,
          100,
          () =>
            `POST /bucket HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\ncontent-type: multipart/form-data; boundary=a\r\n\r\n--a\r\n`,
          'x',
        ),
    ],
    [
      '100 that wait before they send a body',
      (port) => hold(port, 100, () => put('x', 1000).replace('\r\n\r\n', '\r\nexpect: 100-continue\r\n\r\n')),
    ],
    [
      '100 with 90 pipelined requests',
      (port) => hold(port, 100, () => 'GET /bucket HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(90)),
    ],
    [
      '50 with 1,000 pipelined requests',
      (port) => hold(port, 50, () => 'GET /bucket HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1000)),
    ],
  ])('%s do not delay others', async (_, attack) => {
    const client = await begin({ idleTimeout: '10m', maxBytes: LIMIT }) // longer than the test
    await client.s3('PUT', '/bucket/key', { body: 'x' })
    attack(client.server.port)
    await sleep(20)
    for (let i = 0; i < 5; i++) expect((await client.s3('GET', '/bucket/key')).text).toBe('x')
  })

  it.each<[string, (port: number) => void]>([
    ['1,100 that send nothing', (port) => hold(port, 1100, () => '')],
    ['1,100 with half a request line', (port) => hold(port, 1100, () => 'GET /bucket')],
    [
      '1,100 whose requests are not verified yet',
      (port) =>
        hold(
          port,
          1100,
          () =>
            `POST /bucket HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\ncontent-type: multipart/form-data; boundary=a\r\n\r\n--a\r\n`,
        ),
    ],
  ])('%s do not keep a new connection out', async (_, attack) => {
    const client = await begin({ idleTimeout: '10m', maxBytes: LIMIT })
    await client.s3('PUT', '/bucket/key', { body: 'x' })
    attack(client.server.port)
    await sleep(2500) // the backlog is shorter, and clients repeat what was dropped
    const request = byHeader({ host: 'x', method: 'GET', path: '/bucket/key', headers: { connection: 'close' } })
    expect(await sendRaw(client.server.port, wire(request))).toMatch(/\r\n\r\nx$/)
  })
})

describe('unfinished documents', () => {
  it.each<[string, string, Record<string, string>, number]>([
    ['CompleteMultipartUpload', '/bucket/key', {}, 4],
    ['DeleteObjects', '/bucket', { delete: '' }, 2],
  ])('of %s do not exhaust the memory, and full memory can be emptied', async (_, path, query, mebibytes) => {
    const client = await begin({ idleTimeout: '10m', maxBytes: LIMIT }) // longer than the test
    const { text } = await client.s3('POST', '/bucket/key', { query: { uploads: '' } })
    const uploadId = all(text, 'UploadId')[0]!
    const size = mebibytes * 1024 * 1024
    const body = 'x'.repeat(size)
    const given = query.delete === undefined ? { uploadId } : query
    const headers = { 'content-md5': createHash('md5').update(body).digest('base64') }
    const request = wire(byHeader({ host: 'x', method: 'POST', path, query: given, body, headers })).slice(0, -1)
    const before = usedMemory()
    const sockets = Array.from({ length: 40 }, () => {
      attacks++
      const socket = connect(client.server.port, '127.0.0.1', () => socket.write(request, 'latin1'))
      endings.push(() => socket.destroy())
      return socket.on('error', () => {})
    })
    const replies: string[] = []
    for (const socket of sockets) socket.once('data', (data) => replies.push(data.toString('latin1').slice(0, 12)))
    const most = Math.floor((32 * 1024 * 1024) / size)
    await expect.poll(() => replies.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(sockets.length - most)
    expect(new Set(replies)).toEqual(new Set(['HTTP/1.1 503']))
    await expect.poll(() => usedMemory() - before, { timeout: 10_000 }).toBeLessThan(64 * 1024 * 1024) // Once the clients have sent the rest.
    for (const socket of sockets) socket.destroy()
    const filled = await firstWithoutRoom(1000, (i) => client.s3('PUT', `/bucket/${i}`, { body: '' }))
    const keys = Array.from({ length: filled }, (_, i) => `<Object><Key>${i}</Key></Object>`).join('')
    const document = deletion(`<Delete>${keys}<!--${'x'.repeat(100_000)}--></Delete>`)
    await expect.poll(async () => (await client.s3(document.method!, '/bucket', document)).status).toBe(200)
    expect((await client.s3('PUT', '/bucket/again', { body: 'x'.repeat(50_000) })).status).toBe(200)
  })
})

describe('a form with many variables', () => {
  it('is rejected', async () => {
    const { server } = await begin({ now: () => NOW })
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
    const variables = '${filename}'.repeat(900)
    const pairs: Pair[] = [...replaced(signedForm(), 'x-amz-meta-note'), ['x-amz-meta-note', variables]]
    const body = multipart(pairs)
      .toString()
      .replace('filename="cat.png"', `filename="${'n'.repeat(8000)}"`)
    for (let i = 0; i < 20; i++) {
      attacks++
      expect((await sendKept(server.port, formRequest('x', Buffer.from(body)))).status).toBe(400)
    }
  })
})

describe('memory', () => {
  const REJECTED = runs(500, 2000)

  it(`is the same after ${REJECTED} different rejected requests`, async () => {
    const { server } = await begin()
    const host = `127.0.0.1:${server.port}`
    const kinds: ((i: number) => Parameters<typeof sendKept>[1])[] = [
      (i) => byHeader({ host, path: `/bucket-${i}/key`, keyId: `AKID${i}${'x'.repeat(100)}` }),
      (i) => byQuery({ host, path: `/bucket/${i}`, keyId: `AKID${i}` }),
      (i) => byHeader({ host, path: `/bucket/${i}`, region: `region-${i}`, secret: 'wrong' }),
      (i) => byHeader({ host, path: '/bucket/key', region: `region-${i}` }),
      (i) => byHeader({ host, path: '/bucket/key', token: `${i}`.repeat(500) }),
      (i) =>
        byHeader({ host, method: 'PUT', path: `/bucket/${i}`, body: 'x'.repeat(20_000), payloadHash: 'a'.repeat(64) }),
      (i) => formRequest(host, multipart(signedForm({ time: Date.now(), keyId: `AKID${i}` }), 'x'.repeat(20_000))),
      (i) =>
        formRequest(
          host,
          multipart([[`x-${i}`, 'x'.repeat(5000)], ...signedForm({ time: Date.now(), region: `r${i}` })]),
        ),
      (i) => ({ method: 'OPTIONS', target: `/bucket/${i}`, headers: { host, origin: `https://${i}.example` } }),
      (i) => ({ method: 'GET', target: `/bucket/key?${'a&'.repeat(2000)}${i}`, headers: { host } }),
    ]
    let before = 0
    for (let i = 0; i < REJECTED + 300; i++) {
      if (i === 300) before = usedMemory()
      attacks++
      expect((await sendKept(server.port, kinds[i % kinds.length]!(i))).status).toBeGreaterThanOrEqual(400)
    }
    expect(usedMemory() - before).toBeLessThan(4 * 1024 * 1024)
  })
})

describe('this suite', () => {
  it('runs all of its attacks', () => {
    expect(attacks).toBeGreaterThan(2000)
  })
})
