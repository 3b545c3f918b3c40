import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { type Bench, bytes, load, type Options, object, scoped, store, using } from '../bench.ts'
import { type Case, isRejected, works } from '../case.ts'
import { accepted, type Reply, type Sendable, send, sendRaw } from '../wire.ts'

const HOUR = 60 * 60 * 1000
const MISMATCH: [number, string] = [403, 'SignatureDoesNotMatch']

/** Stores an object, presigns a GET request for it, and sends it with one change. */
async function sendChanged(bench: Bench, change: (url: URL) => void, options: Partial<Options> = {}): Promise<Reply> {
  await store(bench, 'object', 'x')
  const signed = await bench.sigv4.presignGet(object(bench, 'object'), using(bench, options))
  const url = new URL(signed.url)
  change(url)
  return send(signed, { url: url.href })
}

/** Stores an object and downloads it with options that the server must reject. */
async function loadWith(bench: Bench, options: Partial<Options>): Promise<Reply> {
  await store(bench, 'object', 'x')
  return load(bench, 'object', options)
}

async function uploadChanged(bench: Bench, options: Partial<Options>, change: Partial<Sendable>): Promise<Reply> {
  const upload = await bench.sigv4.presignPut(object(bench, 'upload'), using(bench, options))
  return send(upload, { body: bytes('x'), ...change })
}

export const presignedRejections: Case[] = [
  isRejected('query', 'presigned: signature altered', MISMATCH, (bench) =>
    sendChanged(bench, ({ searchParams }) => {
      const signature = searchParams.get('X-Amz-Signature')!
      searchParams.set(
        'X-Amz-Signature',
        signature.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
      )
    }),
  ),
  isRejected('query', 'presigned: secret wrong', MISMATCH, (bench) =>
    loadWith(bench, { credentials: { ...bench.server.credentials, secretAccessKey: 'another' } }),
  ),
  isRejected('query', 'presigned: expired', [403, 'AccessDenied'], (bench) =>
    loadWith(bench, { now: Date.now() - HOUR, expires: 60 }),
  ),
  isRejected('query', 'presigned: date an hour ahead', [403, 'AccessDenied'], (bench) =>
    loadWith(bench, { now: Date.now() + HOUR }),
  ),
  isRejected('query', 'presigned: expiry extended', MISMATCH, (bench) =>
    sendChanged(bench, ({ searchParams }) => searchParams.set('X-Amz-Expires', '604800')),
  ),
  isRejected('query', 'presigned: different method', MISMATCH, async (bench) => {
    await store(bench, 'object', 'x')
    const download = await bench.sigv4.presignGet(object(bench, 'object'), using(bench))
    return send(download, { method: 'DELETE' })
  }),
  isRejected('query', 'presigned: different key', MISMATCH, (bench) =>
    sendChanged(bench, (url) => {
      url.pathname = url.pathname.replace(/object$/, 'subject')
    }),
  ),
  isRejected('query', 'presigned: parameter added', MISMATCH, (bench) =>
    sendChanged(bench, ({ searchParams }) => searchParams.append('response-content-type', 'text/html')),
  ),
  isRejected('query', 'presigned: parameter removed', MISMATCH, (bench) =>
    sendChanged(bench, ({ searchParams }) => searchParams.delete('response-content-type'), {
      query: { 'response-content-type': 'text/html' },
    }),
  ),
  isRejected('query', 'presigned: signed content type changed', MISMATCH, (bench) =>
    uploadChanged(bench, { contentType: 'image/png' }, { headers: { 'content-type': 'text/html' } }),
  ),
  isRejected('query', 'presigned: signed content type missing', MISMATCH, (bench) =>
    uploadChanged(bench, { contentType: 'image/png' }, { headers: {} }),
  ),
  isRejected('query', 'presigned: signed content length exceeded', MISMATCH, (bench) =>
    uploadChanged(bench, { contentLength: 1 }, { headers: {}, body: bytes('xx') }),
  ),
  isRejected('query', 'presigned: signed metadata missing', MISMATCH, (bench) =>
    uploadChanged(bench, { headers: { 'x-amz-meta-owner': 'me' } }, { headers: {} }),
  ),
  isRejected('query', 'presigned: unsigned metadata', [403, 'AccessDenied'], (bench) =>
    uploadChanged(bench, {}, { headers: { 'x-amz-meta-owner': 'me' } }),
  ),
  isRejected('query', 'presigned: body differs from its signed hash', [400, 'XAmzContentSHA256Mismatch'], (bench) =>
    uploadChanged(bench, { payloadHash: createHash('sha256').update('y').digest('hex') }, { body: bytes('x') }),
  ),
  isRejected('query', 'presigned: region wrong', [400, 'AuthorizationQueryParametersError'], async (bench) => {
    await store(bench, 'object', 'x')
    const target = { ...object(bench, 'object'), region: 'eu-west-1' }
    return send(await bench.sigv4.presignGet(target, using(bench)))
  }),
  isRejected('query', 'presigned: service wrong', [400, 'AuthorizationQueryParametersError'], (bench) =>
    loadWith(bench, { service: 's3-outposts' }),
  ),
  isRejected('query', 'presigned: access key unknown', [403, 'InvalidAccessKeyId'], (bench) =>
    loadWith(bench, { credentials: { ...bench.server.credentials, accessKeyId: 'AKIANOSUCHKEY0000000' } }),
  ),
  isRejected('query', 'presigned: sent to a different port', MISMATCH, async (bench) => {
    await store(bench, 'object', 'x')
    const download = await bench.sigv4.presignGet(object(bench, 'object'), using(bench))
    return sendRaw(download, { host: '127.0.0.1:1' })
  }),
  isRejected('query', 'presigned: Authorization header as well', [400, 'InvalidArgument'], async (bench) => {
    await store(bench, 'object', 'x')
    const target = object(bench, 'object')
    const download = await bench.sigv4.presignGet(target, using(bench))
    const { headers } = await bench.sigv4.sign({ url: bench.sigv4.objectUrl(target) }, scoped(bench))
    return send(download, { headers: { authorization: headers.authorization! } })
  }),
  isRejected('query', 'presigned: unsigned', [403, 'AccessDenied'], async (bench) => {
    await store(bench, 'object', 'x')
    return send({ method: 'GET', url: bench.sigv4.objectUrl(object(bench, 'object')), headers: {} })
  }),

  // Changes in transit that S3 reads as the same request.
  works('query', 'presigned: %20 of the query sent as +', async (bench) => {
    await store(bench, 'object', 'x')
    const query = { 'response-cache-control': 'no-cache, no-store' }
    const download = await bench.sigv4.presignGet(object(bench, 'object'), using(bench, { query }))
    const reply = accepted(await send(download, { url: download.url.replaceAll('%20', '+') }))
    expect(reply.headers.get('cache-control')).toBe('no-cache, no-store')
  }),
  works('query', 'presigned: escapes of the path sent in lower case', async (bench) => {
    await store(bench, 'é', 'x')
    const download = await bench.sigv4.presignGet(object(bench, 'é'), using(bench))
    accepted(await send(download, { url: download.url.replace('%C3%A9', '%c3%a9') }))
  }),
]
