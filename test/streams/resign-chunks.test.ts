import { describe, expect, it } from 'vitest'
import {
  crc32c,
  type ResignChunksOptions,
  resignChunks,
  type SignChunksOptions,
  signChunks,
} from '../../src/streams.ts'
import { verify } from '../../src/verify.ts'
import { URL, verifyUpload } from '../support/streams/uploads.ts'
import { chunkedUpload, pass, SIGNED } from '../support/verify/chunking.ts'
import { NOW, pieces, read, received, SIGNING, VERIFYING } from '../support/verify/helpers.ts'

// A proxy between a client with a placeholder and a server with the real key.

const PLACEHOLDER = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder' }
const body = Buffer.alloc(20_000).map((_, i) => i * 7)
const UPSTREAM = 'https://upstream.example.com/photos/cat.jpg'

/** What a client sends, and the result of the proxy's verification. */
async function sent(options: Partial<SignChunksOptions> = {}, headers: Record<string, string> = {}) {
  const upload = await signChunks(
    { url: URL, headers: { 'x-amz-meta-who': 'me', ...headers } },
    { ...SIGNING, credentials: PLACEHOLDER, decodedLength: body.length, chunkSize: 8192, ...options },
  )
  const request = received({ ...upload, headers: { ...upload.headers, connection: 'keep-alive', 'user-agent': 'me' } })
  const verified = await verify(request, {
    ...VERIFYING,
    credentials: () => PLACEHOLDER,
    payload: 'deferred',
    allowUnsignedPayload: true,
  })
  return { request, verified, encoded: await read(upload.encode([body])) }
}

type Sent = Awaited<ReturnType<typeof sent>>
const resign = ({ request, verified }: Sent, options: Partial<ResignChunksOptions> = {}) => {
  const { credentials: to, ...signing } = SIGNING
  return resignChunks({ ...request, url: UPSTREAM }, { ...signing, from: verified, credentials: to, ...options })
}

/** Verifies what the proxy sends, as the server does. */
async function arrives(upload: Awaited<ReturnType<typeof resign>>, encoded: Buffer) {
  const { verifyBody, accessKeyId, signedHeaders } = await verifyUpload(upload)
  expect(encoded).toHaveLength(upload.encodedLength)
  return { accessKeyId, signedHeaders, ...(await pass(verifyBody([encoded]))) }
}

describe.each([
  ['chunks', {}],
  ['chunks and a checksum', { checksum: crc32c }],
])('signed %s', (_, options) => {
  it('arrive with the new credentials', async () => {
    const { encoded, ...rest } = await sent(options)
    const upload = await resign({ encoded, ...rest })
    for (const source of [[encoded], pieces(encoded, 1000)]) {
      const result = await arrives(upload, await read(upload.encode(source)))
      expect(result).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', text: String(body), code: undefined })
      expect(result.signedHeaders).toContain('x-amz-meta-who')
      expect(Object.keys(result.trailers!)).toEqual('checksum' in options ? ['x-amz-checksum-crc32c'] : [])
    }
    const stream = new Blob([new Uint8Array(encoded)]).stream().pipeThrough(upload.encode())
    expect((await arrives(upload, await read(stream))).code).toBeUndefined()
    expect(upload.headers).not.toHaveProperty('connection')
    expect(upload.headers['user-agent']).toBe('me')
    expect(JSON.stringify(upload)).not.toContain('AKIDPLACEHOLDER')
  })

  it('are not sent on after a changed byte', async () => {
    const all = await sent(options)
    const upload = await resign(all)
    const good = await read(upload.encode([all.encoded]))
    for (let at = 0; at < all.encoded.length; at += 97) {
      const changed = Buffer.from(all.encoded)
      changed[at]! ^= 4
      const parts: Uint8Array[] = []
      const run = async () => {
        for await (const part of upload.encode(pieces(changed, 4096))) parts.push(part)
      }
      await expect(run(), String(at)).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_SIGV4_(?:SIGNATURE|PAYLOAD)_MISMATCH$/),
      })
      const forwarded = Buffer.concat(parts)
      // only chunks before the changed one
      expect(good.subarray(0, forwarded.length).equals(forwarded)).toBe(true)
      expect(forwarded.length).toBeLessThanOrEqual(Math.max(at + 100, 0))
      expect(forwarded.length).toBeLessThan(good.length - 86)
    }
  })
})

describe('headers', () => {
  const headersOf = async (headers: Record<string, string> | [name: string, value: string][], options = {}) => {
    const all = await sent()
    const own = [
      ...Object.entries(all.request.headers),
      ...(Array.isArray(headers) ? headers : Object.entries(headers)),
    ]
    const request = { ...all.request, headers: own as [string, string][] }
    const { credentials: to, ...signing } = SIGNING
    return (
      await resignChunks({ ...request, url: UPSTREAM }, { ...signing, from: all.verified, credentials: to, ...options })
    ).headers
  }

  it.each(['Connection', 'connection'])('that %s names belong to the connection, and are not sent on', async (name) => {
    const headers = await headersOf({ [name]: 'close, X-Hop ,x-other', 'x-hop': '1', 'X-Other': '2', 'x-kept': '3' })
    expect(headers).toMatchObject({ 'x-kept': '3' })
    for (const gone of ['connection', 'x-hop', 'x-other']) expect(headers).not.toHaveProperty(gone)
  })

  it('that are signed are sent on, even if the unsigned header connection names them', async () => {
    const headers = await headersOf({ connection: 'x-amz-meta-who, Content-Encoding' })
    expect(headers).toMatchObject({ 'x-amz-meta-who': 'me', 'content-encoding': 'aws-chunked' })
  })

  it('of the received signature are not sent on, whatever their case', async () => {
    const headers = await headersOf({
      'X-Amz-Region-Set': '*',
      'X-Amz-Security-Token': 'placeholder',
      AUTHORIZATION: 'placeholder',
      'X-AMZ-DATE': '20000101T000000Z',
    })
    expect(headers).not.toHaveProperty('x-amz-region-set')
    expect(headers).not.toHaveProperty('x-amz-security-token')
    expect(headers['x-amz-date']).toBe('20150830T123600Z')
    expect(JSON.stringify(headers)).not.toContain('placeholder')
  })

  it.each([
    ...['Keep-Alive', 'Proxy-Authorization', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade'],
    ...['HTTP2-Settings', 'Expect'],
  ])('that apply to one connection are not sent on: %s', async (name) => {
    expect(await headersOf({ [name]: 'x' })).not.toHaveProperty(name.toLowerCase())
  })

  it('with a colon, as of Node over HTTP/2, are not sent on', async () => {
    const headers = await headersOf({ ':authority': 'files.example.com', ':method': 'PUT', ':path': '/' })
    expect(Object.keys(headers).filter((name) => name.startsWith(':'))).toEqual([])
  })

  it('that are sent twice are sent on with both values', async () => {
    const headers = await headersOf([
      ['x-amz-meta-tag', 'one'],
      ['X-Amz-Meta-Tag', 'two'],
      ['x-amz-meta-tag', 'three'],
    ])
    expect(headers['x-amz-meta-tag']).toBe('one,two,three')
  })

  it('must contain the length', async () => {
    const { request, verified } = await sent()
    const { 'x-amz-decoded-content-length': _, ...headers } = request.headers
    await expect(resign({ request: { ...request, headers }, verified, encoded: Buffer.of() })).rejects.toMatchObject({
      argument: 'request.headers["x-amz-decoded-content-length"]',
      reason: 'missing',
    })
  })

  it.each(['x', '-1', '1.5', '5368709121'])('must contain the length in bytes, not %s', async (length) => {
    const { request, verified, encoded } = await sent()
    const headers = { ...request.headers, 'x-amz-decoded-content-length': length }
    await expect(resign({ request: { ...request, headers }, verified, encoded })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      argument: 'request.headers["x-amz-decoded-content-length"]',
      reason: 'invalid',
    })
  })

  it.each(['x-amz-security-token', 'x-amz-s3session-token'])(
    'never contain the %s of the client, and contain that of the new credentials once',
    async (name) => {
      const placeholder = { [name]: 'placeholder' }
      expect(await headersOf(placeholder)).not.toHaveProperty(name)
      const to = { ...SIGNING.credentials, sessionToken: 'own' }
      expect(await headersOf(placeholder, { credentials: to, sessionTokenName: name })).toMatchObject({ [name]: 'own' })
    },
  )
})

it('chunks are divided anew', async () => {
  const all = await sent()
  const upload = await resign(all, { chunkSize: 65_536 })
  const encoded = await read(upload.encode([all.encoded]))
  expect(String(encoded).startsWith('4e20;chunk-signature=')).toBe(true)
  expect((await arrives(upload, encoded)).text).toBe(String(body))
})

it('an encoding by the client is kept', async () => {
  const upload = await resign(await sent({}, { 'content-encoding': 'gzip' }))
  expect(upload.headers['content-encoding']).toBe('gzip,aws-chunked')
})

it('a chunk of more than 16 MiB is rejected before it is read', async () => {
  const { request } = chunkedUpload([], { kind: SIGNED, length: String(17 * 1_048_576) })
  const verified = await verify(request, { ...VERIFYING, payload: 'deferred' })
  const { credentials: to, ...signing } = SIGNING
  const upload = await resignChunks({ ...request, url: UPSTREAM }, { ...signing, from: verified, credentials: to })
  let read = 0
  async function* source() {
    yield Buffer.from(`1000001;chunk-signature=${'0'.repeat(64)}\r\n`)
    read++
    yield Buffer.alloc(100)
  }
  await expect(upload.encode(source()).next()).rejects.toMatchObject({ code: 'ERR_SIGV4_PAYLOAD_MISMATCH' })
  expect(read).toBe(0)
})

describe('a request', () => {
  it('must have signed chunks', async () => {
    const all = await sent({ checksum: crc32c, signed: false })
    await expect(resign(all)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      argument: 'request.headers["x-amz-content-sha256"]',
      reason: 'unusable',
    })
  })

  it('must have been verified', async () => {
    const all = await sent()
    for (const from of [undefined, PLACEHOLDER, { verifyBody: all.verified.verifyBody }])
      await expect(resign(all, { from: from as never })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        argument: 'options.from',
      })
  })

  it.each(['x-amz-meta-end', 'constructor', '__proto__'])('may have no trailing header such as %s', async (name) => {
    const { request } = chunkedUpload(['a'], { kind: SIGNED, trailers: [[name, 'yes']] })
    const verified = await verify(request, { ...VERIFYING, payload: 'deferred' })
    const { credentials: to, ...signing } = SIGNING
    await expect(
      resignChunks({ ...request, url: UPSTREAM }, { ...signing, from: verified, credentials: to }),
    ).rejects.toMatchObject({ argument: 'request.headers["x-amz-trailer"]', reason: 'unusable' })
  })

  it('may not have a checksum whose length is not that of its algorithm', async () => {
    const { request, encoded } = chunkedUpload(['a'], { kind: SIGNED, trailers: [['x-amz-checksum-crc32', 'short']] })
    const verified = await verify(request, { ...VERIFYING, payload: 'deferred' })
    const { credentials: to, ...signing } = SIGNING
    const upload = await resignChunks({ ...request, url: UPSTREAM }, { ...signing, from: verified, credentials: to })
    await expect(read(upload.encode([encoded]))).rejects.toMatchObject({
      code: 'ERR_SIGV4_PAYLOAD_MISMATCH',
      message: 'Value for x-amz-checksum-crc32 trailing header is invalid.',
    })
  })

  it('is signed for now, not for when it was received', async () => {
    const upload = await resign(await sent(), { now: new Date(NOW.getTime() + 5000) })
    expect(upload.headers['x-amz-date']).toBe('20150830T123605Z')
  })
})
