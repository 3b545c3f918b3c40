import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { load, object, store, using } from '../bench.ts'
import { type Case, works } from '../case.ts'
import { accepted, send, sendRaw, text } from '../wire.ts'

const HOUR = 60 * 60 * 1000

export const objectCases: Case[] = [
  works('query', 'PUT and GET: random bytes', async (bench) => {
    const content = new Uint8Array(randomBytes(300_000))
    const upload = await bench.sigv4.presignPut(object(bench, 'random'), using(bench))
    accepted(await send(upload, { body: content }))
    expect(Buffer.compare(accepted(await load(bench, 'random')).body, content)).toBe(0)
  }),

  works('query', 'PUT and GET: an empty object', async (bench) => {
    await store(bench, 'empty', '')
    expect(accepted(await load(bench, 'empty')).body).toHaveLength(0)
  }),

  works('query', 'PUT over an existing object', async (bench) => {
    await store(bench, 'twice', 'first')
    await store(bench, 'twice', 'second')
    expect(text(accepted(await load(bench, 'twice')))).toBe('second')
  }),

  works('query', 'HEAD: size and no body', async (bench) => {
    await store(bench, 'looked-at', 'twelve bytes')
    const look = await bench.sigv4.presignHead(object(bench, 'looked-at'), using(bench))
    const reply = accepted(await send(look))
    expect(reply.headers.get('content-length')).toBe('12')
    expect(reply.body).toHaveLength(0)
  }),

  works('query', 'DELETE: only that object', async (bench) => {
    await store(bench, 'leaves', 'x')
    await store(bench, 'stays', 'y')
    const removal = await bench.sigv4.presignDelete(object(bench, 'leaves'), using(bench))
    expect(accepted(await send(removal)).status).toBe(204)
    expect((await load(bench, 'leaves')).status).toBe(404)
    expect(text(accepted(await load(bench, 'stays')))).toBe('y')
  }),

  works('query', 'GET of an unsigned range', async (bench) => {
    await store(bench, 'digits', '0123456789')
    const download = await bench.sigv4.presignGet(object(bench, 'digits'), using(bench))
    const reply = accepted(await send(download, { headers: { range: 'bytes=3-6' } }))
    expect([reply.status, text(reply)]).toEqual([206, '3456'])
  }),

  works('query', 'GET of a signed range', async (bench) => {
    await store(bench, 'digits', '0123456789')
    const options = using(bench, { headers: { Range: 'bytes=0-1' }, signedHeaders: ['range'] })
    const download = await bench.sigv4.presignGet(object(bench, 'digits'), options)
    expect(text(accepted(await send(download)))).toBe('01')
  }),

  works('query', 'GET signed half an hour ago for an hour', async (bench) => {
    await store(bench, 'earlier', 'still there')
    const reply = await load(bench, 'earlier', { now: Date.now() - HOUR / 2, expires: '1h' })
    expect(text(accepted(reply))).toBe('still there')
  }),

  works('query', 'GET until a date', async (bench) => {
    await store(bench, 'until', 'a date')
    const reply = await load(bench, 'until', { expires: new Date(Date.now() + HOUR) })
    expect(text(accepted(reply))).toBe('a date')
  }),

  works('query', 'GET for seven days', async (bench) => {
    await store(bench, 'week', 'long')
    expect(text(accepted(await load(bench, 'week', { expires: '7d' })))).toBe('long')
  }),

  works('query', 'virtual host', async (bench) => {
    const { virtualHostEndpoint: endpoint } = bench.server
    const target = { ...object(bench, 'résumé (1)+.txt'), endpoint, pathStyle: false }
    const upload = await bench.sigv4.presignPut(target, using(bench))
    expect(new URL(upload.url).host).toBe(`${bench.bucket}.${new URL(endpoint).host}`)
    accepted(await sendRaw({ ...upload, body: 'through the host' }))

    const download = await bench.sigv4.presignGet(target, using(bench))
    expect(text(accepted(await sendRaw(download)))).toBe('through the host')
    // The same object as in path style.
    expect(text(accepted(await load(bench, 'résumé (1)+.txt')))).toBe('through the host')
  }),

  works('query', 'a URL as target', async (bench) => {
    await store(bench, 'plain name', 'by its URL')
    const url = bench.sigv4.objectUrl(object(bench, 'plain name'))
    const download = await bench.sigv4.presignGet(url, using(bench, { region: bench.server.region, service: 's3' }))
    expect(text(accepted(await send(download)))).toBe('by its URL')
  }),
]
