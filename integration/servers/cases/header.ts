import { expect } from 'vitest'
import type { SignOptions } from '../../../src/sync.ts'
import { type Bench, bucketUrl, bytes, object, scoped } from '../bench.ts'
import { type Case, isRejected, works } from '../case.ts'
import { accepted, type Reply, type Sendable, send, sendRaw, text } from '../wire.ts'

const HOUR = 60 * 60 * 1000
const MISMATCH: [number, string] = [403, 'SignatureDoesNotMatch']

/** Signs a request for an object of the case with the Authorization header. */
async function signed(bench: Bench, key: string, request: Partial<Sendable>, options: Partial<SignOptions> = {}) {
  const url = bench.sigv4.objectUrl(object(bench, key))
  return bench.sigv4.sign({ url, ...request }, scoped(bench, options))
}

async function put(bench: Bench, key: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  accepted(await send(await signed(bench, key, { method: 'PUT', body })))
}

/** Stores an object and downloads it with options that the server must reject. */
async function getWith(bench: Bench, options: Partial<SignOptions>, change: Partial<Sendable> = {}): Promise<Reply> {
  await put(bench, 'object', 'x')
  const request = await signed(bench, 'object', { method: 'GET' }, options)
  return send(request, { ...change, headers: { ...request.headers, ...change.headers } })
}

export const headerCases: Case[] = [
  works('header', 'header: PUT, HEAD, GET, DELETE', async (bench) => {
    const key = "résumé (final) +1 100%!'*.txt"
    await put(bench, key, 'signed in the header')
    const look = accepted(await send(await signed(bench, key, { method: 'HEAD' })))
    expect(look.headers.get('content-length')).toBe('20')
    expect(text(accepted(await send(await signed(bench, key, {}))))).toBe('signed in the header')
    expect(accepted(await send(await signed(bench, key, { method: 'DELETE' }))).status).toBe(204)
    expect((await send(await signed(bench, key, {}))).status).toBe(404)
  }),
  works('header', 'header: PUT of bytes with metadata', async (bench) => {
    const headers = { 'content-type': 'application/octet-stream', 'x-amz-meta-note': 'a  b' }
    const body = new Uint8Array([0, 1, 2, 253, 254, 255])
    accepted(await send(await signed(bench, 'bytes', { method: 'PUT', body, headers })))
    const reply = accepted(await send(await signed(bench, 'bytes', {})))
    expect(reply.body).toEqual(body)
    expect(reply.headers.get('content-type')).toBe('application/octet-stream')
    expect(reply.headers.get('x-amz-meta-note')).toMatch(/^a +b$/)
  }),
  works('header', 'header: PUT with an unsigned payload', async (bench) => {
    const options = { payloadHash: 'UNSIGNED-PAYLOAD' }
    const request = await signed(bench, 'unsigned', { method: 'PUT' }, options)
    accepted(await send(request, { body: bytes('anything') }))
    expect(text(accepted(await send(await signed(bench, 'unsigned', {}))))).toBe('anything')
  }),
  works('header', 'header: list with a query', async (bench) => {
    await put(bench, 'a b+c', 'x')
    const url = `${bucketUrl(bench)}?list-type=2&delimiter=%2F&prefix=${encodeURIComponent(`${bench.prefix}a b`)}`
    const list = await bench.sigv4.sign({ url }, scoped(bench))
    expect(text(accepted(await send(list)))).toContain(`<Key>${bench.prefix}a b+c</Key>`)
  }),
  works('header', 'header: scoped signing key', async (bench) => {
    const { region, credentials } = bench.server
    const now = Date.now()
    await put(bench, 'scoped', 'one day')
    const scope = { date: new Date(now), region, service: 's3' }
    const signingKey = await bench.sigv4.deriveSigningKey(scope, { credentials })
    const holder = { accessKeyId: credentials.accessKeyId, signingKey }
    const request = await signed(bench, 'scoped', {}, { credentials: holder, now })
    expect(text(accepted(await send(request)))).toBe('one day')
  }),
  works('header', 'header: virtual host', async (bench) => {
    const { virtualHostEndpoint: endpoint } = bench.server
    await put(bench, 'a (b)', 'through the host')
    const url = bench.sigv4.objectUrl({ ...object(bench, 'a (b)'), endpoint, pathStyle: false })
    const request = await bench.sigv4.sign({ url }, scoped(bench))
    expect(text(accepted(await sendRaw(request)))).toBe('through the host')
  }),
]

export const headerRejections: Case[] = [
  isRejected('header', 'header: signature altered', MISMATCH, async (bench) => {
    await put(bench, 'object', 'x')
    const { headers, ...request } = await signed(bench, 'object', {})
    const authorization = headers.authorization!.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
    return send({ ...request, headers: { ...headers, authorization } })
  }),
  isRejected('header', 'header: secret wrong', MISMATCH, (bench) =>
    getWith(bench, { credentials: { ...bench.server.credentials, secretAccessKey: 'another' } }),
  ),
  isRejected('header', 'header: clock an hour off', [403, 'RequestTimeTooSkewed'], (bench) =>
    getWith(bench, { now: Date.now() - HOUR }),
  ),
  isRejected('header', 'header: different method', MISMATCH, (bench) => getWith(bench, {}, { method: 'DELETE' })),
  isRejected('header', 'header: body changed', [400, 'XAmzContentSHA256Mismatch'], async (bench) => {
    const request = await signed(bench, 'object', { method: 'PUT', body: 'this' })
    return send(request, { body: bytes('that') })
  }),
  isRejected('header', 'header: x-amz-content-sha256 missing', [400, 'InvalidRequest'], (bench) =>
    getWith(bench, { payloadHashHeader: false }),
  ),
  isRejected('header', 'header: unsigned metadata', [403, 'AccessDenied'], async (bench) => {
    const { headers, ...request } = await signed(bench, 'object', { method: 'PUT', body: 'x' })
    return send({ ...request, headers: { ...headers, 'x-amz-meta-owner': 'me' } })
  }),
  isRejected('header', 'header: region wrong', [400, 'AuthorizationHeaderMalformed'], (bench) =>
    getWith(bench, { region: 'eu-west-1' }),
  ),
  isRejected('header', 'header: service wrong', [400, 'AuthorizationHeaderMalformed'], (bench) =>
    getWith(bench, { service: 's3-outposts' }),
  ),
  isRejected('header', 'header: access key unknown', [403, 'InvalidAccessKeyId'], (bench) =>
    getWith(bench, { credentials: { ...bench.server.credentials, accessKeyId: 'AKIANOSUCHKEY0000000' } }),
  ),
  isRejected('header', 'header: unknown session token', [400, 'InvalidToken'], (bench) =>
    getWith(bench, { credentials: { ...bench.server.credentials, sessionToken: 'invented+token==' } }),
  ),
  isRejected('header', 'header: sent to a different port', MISMATCH, async (bench) => {
    await put(bench, 'object', 'x')
    return sendRaw(await signed(bench, 'object', {}), { host: '127.0.0.1:1' })
  }),
]
