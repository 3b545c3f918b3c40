import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { bytes, load, object, store, using } from '../bench.ts'
import { type Case, works } from '../case.ts'
import { accepted, send, text } from '../wire.ts'

/** Signed and unsigned properties of a presigned URL. */
export const boundCases: Case[] = [
  works('query', 'signed content type', async (bench) => {
    await store(bench, 'bound', '{}', { contentType: 'application/json; charset=utf-8' })
    expect(accepted(await load(bench, 'bound')).headers.get('content-type')).toBe('application/json; charset=utf-8')
  }),

  works('query', 'content type not signed', async (bench) => {
    const upload = await bench.sigv4.presignPut(object(bench, 'free'), using(bench))
    expect(upload.headers).toEqual({})
    for (const type of ['image/png', 'text/markdown']) {
      accepted(await send(upload, { body: bytes('x'), headers: { 'content-type': type } }))
      expect(accepted(await load(bench, 'free')).headers.get('content-type')).toBe(type)
    }
  }),

  works('query', 'signed content length', async (bench) => {
    const upload = await bench.sigv4.presignPut(object(bench, 'sized'), using(bench, { contentLength: 5 }))
    accepted(await send(upload, { body: bytes('12345') }))
    expect(text(accepted(await load(bench, 'sized')))).toBe('12345')
  }),

  works('query', 'signed metadata and other headers', async (bench) => {
    const headers = {
      'x-amz-meta-note': '  two   spaces, and a comma ',
      'X-Amz-Meta-Owner': "it's (me)!*",
      'cache-control': 'max-age=60',
      'content-disposition': 'attachment; filename="a b.txt"',
    }
    await store(bench, 'described', 'x', { headers })
    const look = await bench.sigv4.presignHead(object(bench, 'described'), using(bench))
    const reply = accepted(await send(look))
    expect(reply.headers.get('x-amz-meta-note')).toMatch(/^two +spaces, and a comma$/)
    expect(reply.headers.get('x-amz-meta-owner')).toBe("it's (me)!*")
    expect(reply.headers.get('cache-control')).toBe('max-age=60')
    expect(reply.headers.get('content-disposition')).toBe('attachment; filename="a b.txt"')
  }),

  works('query', 'a signed checksum header', async (bench) => {
    const sha256 = createHash('sha256').update('checked').digest('base64')
    await store(bench, 'checked', 'checked', { headers: { 'x-amz-checksum-sha256': sha256 } })
    expect(text(accepted(await load(bench, 'checked')))).toBe('checked')
  }),

  works('query', 'a copy of a different object', async (bench) => {
    await store(bench, 'original', 'the same')
    const headers = { 'x-amz-copy-source': `/${bench.bucket}/${encodeURI(bench.prefix)}original` }
    const copy = await bench.sigv4.presignPut(object(bench, 'copy'), using(bench, { headers }))
    accepted(await send(copy))
    expect(text(accepted(await load(bench, 'copy')))).toBe('the same')
  }),

  works('query', 'download under a non-ASCII name', async (bench) => {
    await store(bench, 'report', 'x')
    const reply = accepted(await load(bench, 'report', { download: "Žluťoučký 'kůň' (1)*.pdf" }))
    const disposition = reply.headers.get('content-disposition')!
    expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\w.!#$&+^`|~%-]+$/)
    const encoded = disposition.split("filename*=UTF-8''")[1]!
    expect(decodeURIComponent(encoded)).toBe("Žluťoučký 'kůň' (1)*.pdf")
  }),

  works('query', 'response headers overridden', async (bench) => {
    await store(bench, 'overridden', 'x', { contentType: 'text/plain' })
    const query = {
      'response-content-type': 'text/csv; header=present',
      'response-cache-control': 'no-store, max-age=0',
      'response-content-language': 'cs, de;q=0.5',
    }
    const { headers } = accepted(await load(bench, 'overridden', { query }))
    expect(headers.get('content-type')).toBe('text/csv; header=present')
    expect(headers.get('cache-control')).toBe('no-store, max-age=0')
    expect(headers.get('content-language')).toBe('cs, de;q=0.5')
  }),

  works('query', 'signed body hash', async (bench) => {
    const payloadHash = createHash('sha256').update('exactly this').digest('hex')
    const upload = await bench.sigv4.presignPut(object(bench, 'hashed'), using(bench, { payloadHash }))
    expect(upload.headers).toEqual({ 'x-amz-content-sha256': payloadHash })
    accepted(await send(upload, { body: bytes('exactly this') }))
    expect(text(accepted(await load(bench, 'hashed')))).toBe('exactly this')
  }),
]
