import aws4 from 'aws4'
import { describe, expect, it } from 'vitest'
import { presign, presignGet, presignPut, sign } from '../../../../src/index.ts'
import { crc32c, signChunks } from '../../../../src/streams.ts'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import { byHeader, byQuery, type Making, send, signature } from '../../../../test/support/hand.ts'
import { amzDateOf, sha256 } from '../../../../test/support/oracle.ts'
import { proxies } from '../support/proxy/proxies.ts'
import { TARGETS } from '../support/proxy/targets.ts'
import { header, PLACEHOLDER, verified } from '../support/proxy/upstream.ts'

// Clients have a placeholder key. The proxy verifies it, and signs again with the real key.

const { upstream, start, logged } = proxies({
  mode: 'resign',
  clientCredentials: PLACEHOLDER,
  service: 's3',
  region: 'us-east-1',
})

/** A request of a client, in which every part can be wrong. */
function making(port: number, change: Partial<Making> = {}): Making {
  const { accessKeyId: keyId, secretAccessKey: secret } = PLACEHOLDER
  return { host: `localhost:${port}`, keyId, secret, path: '/bucket/key', ...change }
}

describe('a request with the placeholder key', () => {
  it.each(['s3', 'es'])('is signed again for %s, with its body and its target', async (service) => {
    const { url } = await start({ service })
    for (const body of ['', 'abc', 'x'.repeat(2_000_000)]) {
      const request = await sign(
        { method: 'PUT', url: `${url}/bucket/a%20b?x=1`, body, headers: { 'x-amz-meta-a': '1', 'x-other': '2' } },
        { credentials: PLACEHOLDER, service, region: 'us-east-1' },
      )
      const { url: target, ...init } = request
      const response = await fetch(target, init as RequestInit)
      expect([response.status, await response.text()]).toEqual([200, 'fine'])
      const received = upstream.take()
      expect(received.target).toBe('/bucket/a%20b?x=1')
      expect(String(received.body)).toBe(body)
      const { credential, signedHeaders } = verified(received, service === 's3' ? 's3' : 'other')
      expect(credential).toMatch(/^AKIDEXAMPLE\//)
      expect(signedHeaders).toContain('x-amz-meta-a')
      expect(signedHeaders).not.toContain('x-other')
      expect(header(received, 'x-other')).toBe('2')
    }
    expect(logged[0]).toMatchObject({ accessKeyId: PLACEHOLDER.accessKeyId, status: 200 })
  })

  it.each(TARGETS)('is signed again for %s and %s, with every method', async (service, path) => {
    const { port } = await start({ service, region: 'eu-west-1' })
    const unsigned = { host: `localhost:${port}`, path, service, region: 'eu-west-1' }
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
      for (const body of ['', '{"a":"ü"}']) {
        const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
        const signed = aws4.sign({ ...unsigned, method, headers, body }, PLACEHOLDER)
        const target = signed.path!
        const sent = { method, target, headers: signed.headers as Record<string, string>, body }
        expect((await send(port, sent)).status).toBe(200)
        const received = upstream.take()
        expect([received.method, received.target, String(received.body)]).toEqual([method, target, body])
        expect(verified(received, 'other').credential).toMatch(RegExp(`^AKIDEXAMPLE/\\d{8}/eu-west-1/${service}/`))
      }
  })

  it('keeps the dot segments of a key, as S3 does', async () => {
    const { port } = await start()
    const made = byHeader(making(port, { path: '/bucket/a/../b/./c' }))
    expect((await send(port, made)).status).toBe(200)
    const received = upstream.take()
    expect(received.target).toBe('/bucket/a/../b/./c')
    verified(received, 's3')
  })

  it('is verified with the bucket in the host, and forwarded with the bucket in the path', async () => {
    const { port } = await start()
    const host = `photos.localhost:${port}`
    const made = byHeader({ ...making(port, { path: '/cat.jpg' }), host })
    expect((await send(port, made)).status).toBe(200)
    const received = upstream.take()
    expect(received.target).toBe('/photos/cat.jpg')
    verified(received, 's3')
  })

  it('that was generated is returned, and not enumerable', async () => {
    const started = await start({ clientCredentials: undefined })
    const { clientCredentials } = started
    expect(Object.keys(started)).not.toContain('clientCredentials')
    const { url, ...init } = await sign(
      { url: `${started.url}/bucket` },
      { credentials: clientCredentials!, service: 's3', region: 'us-east-1' },
    )
    expect((await fetch(url, init as RequestInit)).status).toBe(200)
  })
})

describe('signed chunks', () => {
  const upload = async (url: string, body: Buffer, change = (encoded: Buffer) => encoded) => {
    const { encode, encodedLength, duplex, ...request } = await signChunks(
      { url: `${url}/bucket/a b`.replace(' ', '%20'), headers: { 'content-type': 'text/a' } },
      { credentials: PLACEHOLDER, region: 'us-east-1', service: 's3', decodedLength: body.length, checksum: crc32c },
    )
    const pieces: Uint8Array[] = []
    for await (const piece of encode([body])) pieces.push(piece)
    const encoded = change(Buffer.concat(pieces))
    expect([encoded.length, duplex]).toEqual([encodedLength, 'half'])
    const response = await fetch(request.url, { ...request, body: encoded } as RequestInit)
    return { status: response.status, text: await response.text() }
  }

  it('are signed again, one after the other, with their trailing headers', async () => {
    const { url } = await start()
    const body = Buffer.alloc(200_000, 'chunks ')
    expect(await upload(url, body)).toEqual({ status: 200, text: 'fine' })
    const received = upstream.take()
    const { payloadHash } = verified(received, 's3')
    expect(payloadHash).toBe('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER')
    expect(header(received, 'content-type')).toBe('text/a')
    expect(String(received.body)).toContain('x-amz-checksum-crc32c:')
  })

  it('are signed again with a header of bytes other than ASCII', async () => {
    const { port } = await start()
    const date = amzDateOf(Date.now())
    const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
    const own = { 'x-amz-decoded-content-length': '0', 'x-amz-meta-a': 'café' }
    const made = making(port, { method: 'PUT', date, payloadHash, headers: own })
    const signed = byHeader(made)
    const seed = signed.headers.authorization!.slice(-64)
    const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`
    const toSign = ['AWS4-HMAC-SHA256-PAYLOAD', date, scope, seed, sha256(''), sha256('')].join('\n')
    const body = `0;chunk-signature=${signature(made, toSign, date)}\r\n\r\n`
    const headers = { ...signed.headers, 'x-amz-meta-a': 'caf\xc3\xa9', 'content-length': String(body.length) }
    const reply = await send(port, { ...signed, headers, body: Buffer.from(body) })
    expect([reply.status, reply.text]).toEqual([200, 'fine'])
    const received = upstream.take()
    expect(verified(received, 's3').signedHeaders).toContain('x-amz-meta-a')
    expect(header(received, 'x-amz-meta-a')).toBe('caf\xc3\xa9')
  })

  it.each([100, 100_000])('that were changed at byte %d are not forwarded completely', async (at) => {
    const { url } = await start()
    const { status, text } = await upload(url, Buffer.alloc(200_000, 'chunks '), (encoded) => {
      encoded[at]! ^= 1
      return encoded
    })
    expect(status).toBe(403)
    expect(text).toContain('<Code>SignatureDoesNotMatch</Code>')
    expect(upstream.requests).toEqual([])
  })
})

describe('a request that is not forwarded', () => {
  it.each<[string, Partial<Making>, number, RegExp]>([
    [
      'the real key, which clients do not have',
      { keyId: CREDENTIALS.accessKeyId, secret: SECRET },
      403,
      /InvalidAccessKeyId/,
    ],
    ['an unknown key', { keyId: 'AKIDOTHER' }, 403, /InvalidAccessKeyId/],
    ['a wrong secret', { secret: 'wrong' }, 403, /SignatureDoesNotMatch/],
    ['the secret of the proxy', { secret: SECRET }, 403, /SignatureDoesNotMatch/],
    ['an unsigned header that copies', { unsigned: { 'x-amz-copy-source': '/other/key' } }, 403, /AccessDenied/],
    ['an unsigned ACL', { unsigned: { 'x-amz-acl': 'public-read' } }, 403, /AccessDenied/],
    ['another service', { service: 'sts' }, 400, /AuthorizationHeaderMalformed/],
    ['another region', { region: 'eu-west-1' }, 400, /AuthorizationHeaderMalformed/],
    ['an old date', { time: Date.now() - 3_600_000 }, 403, /RequestTimeTooSkewed/],
    ['a future date', { time: Date.now() + 3_600_000 }, 403, /RequestTimeTooSkewed/],
    [
      'a credential of another day',
      { credential: `AKIDPLACEHOLDER/20200101/us-east-1/s3/aws4_request` },
      400,
      /AuthorizationHeaderMalformed/,
    ],
    [
      'a malformed length of its chunks',
      {
        method: 'PUT',
        payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        headers: { 'x-amz-decoded-content-length': '3 bytes' },
        body: '0;chunk-signature=',
      },
      400,
      /InvalidRequest.+x-amz-decoded-content-length/,
    ],
  ])('with %s', async (_, change, status, code) => {
    const { port } = await start()
    const reply = await send(port, byHeader(making(port, change)))
    expect([reply.status, reply.text]).toEqual([status, expect.stringMatching(code)])
    expect(upstream.requests).toEqual([])
    expect(reply.text + JSON.stringify(logged)).not.toContain(SECRET)
  })

  it('without a signature', async () => {
    const { port, url } = await start()
    expect((await fetch(url)).status).toBe(403)
    const { headers: _, ...made } = byHeader(making(port))
    expect((await send(port, { ...made, headers: { host: 'localhost' } })).status).toBe(403)
    expect(upstream.requests).toEqual([])
  })

  it('with a body other than the signed one', async () => {
    for (const service of ['s3', 'es']) {
      const { port } = await start({ service })
      const made = byHeader(making(port, { method: 'PUT', body: 'abc', service }))
      const reply = await send(port, { ...made, body: 'abd' })
      expect([reply.status, reply.text]).toEqual([
        400,
        expect.stringMatching(/XAmzContentSHA256Mismatch|does not match/),
      ])
      expect(upstream.requests).toEqual([])
    }
  })

  it('with another target, method, header, or query than was signed', async () => {
    const { port } = await start()
    const made = byHeader(making(port, { headers: { 'x-amz-meta-a': '1' } }))
    for (const change of [
      { target: '/bucket/other' },
      { target: `${made.target}?acl` },
      { method: 'DELETE' },
      { headers: { ...made.headers, 'x-amz-meta-a': '2' } },
      { headers: { ...made.headers, host: '127.0.0.1' } },
    ])
      expect((await send(port, { ...made, ...change })).status).toBe(403)
    expect(upstream.requests).toEqual([])
  })

  it('that removes a signed header through Connection', async () => {
    const { port } = await start()
    const made = byHeader(making(port, { headers: { 'x-amz-meta-a': '1' } }))
    const reply = await send(port, { ...made, headers: { ...made.headers, connection: 'close, x-amz-meta-a' } })
    expect(reply.status).toBe(200)
    const received = upstream.take()
    expect(header(received, 'x-amz-meta-a')).toBe('1')
    expect(verified(received, 's3').signedHeaders).toContain('x-amz-meta-a')
  })
})

describe('the target', () => {
  const { accessKeyId: keyId, secretAccessKey: secret } = PLACEHOLDER
  const targets = [
    ['execute-api', '/prod/a//b', '/prod/a/b'],
    ['execute-api', '//a', '/a'],
    ['es', '/a/./b/../c', '/a/c'],
    ['s3', '//a//b', '//a//b'],
  ] as const

  it.each(targets)('of %s, %s, arrives byte for byte', async (service, path, canonical) => {
    for (const method of ['GET', 'PATCH']) {
      const { port } = await start({ service })
      const making = { host: `localhost:${port}`, keyId, secret, method, service }
      expect((await send(port, { ...byHeader({ ...making, path: canonical }), target: path })).status).toBe(200)
      const received = upstream.take()
      expect(received.target).toBe(path)
      verified(received, service === 's3' ? 's3' : 'other')
    }
  })

  it('with an empty query string arrives byte for byte, and with the parameters of the new signature', async () => {
    for (const service of ['s3', 'es']) {
      const { port } = await start({ service, allowPresigned: true })
      const making = { host: `localhost:${port}`, keyId, secret, path: '/x', service }
      expect((await send(port, { ...byHeader(making), target: '/x?' })).status).toBe(200)
      const received = upstream.take()
      expect(received.target).toBe('/x?')
      verified(received, service === 's3' ? 's3' : 'other')
      const presigned = byQuery({ ...making, ...(service === 'es' && { payloadHash: sha256('') }) })
      for (const target of [presigned.target, presigned.target.replace('?', '?&')]) {
        expect((await send(port, { ...presigned, target })).status).toBe(200)
        expect(upstream.requests[0]!.target).toMatch(/^\/x\?X-Amz-/)
        verified(upstream.take(), service === 's3' ? 's3' : 'other')
      }
    }
  })
})

describe('scopes', () => {
  it('can be more than that of the upstream', async () => {
    const { port } = await start({ allowServices: ['sts'], allowRegions: ['eu-west-1'] })
    const made = byHeader(making(port, { service: 'sts', region: 'eu-west-1', path: '/' }))
    expect((await send(port, made)).status).toBe(200)
    expect(verified(upstream.take(), 'other').credential).toContain('/eu-west-1/sts/')
  })

  it('are only those of the options if the host does not identify them', async () => {
    await expect(start({ service: undefined })).rejects.toThrow('options.service is missing')
    await expect(start({ region: undefined })).rejects.toThrow('options.region is missing')
    const { port } = await start({
      service: undefined,
      region: undefined,
      allowServices: ['s3'],
      allowRegions: ['local', 'other'],
    })
    for (const region of ['local', 'other']) {
      expect((await send(port, byHeader(making(port, { region })))).status).toBe(200)
      expect(verified(upstream.take(), 's3').credential).toContain(`/${region}/s3/`)
    }
    for (const change of [{ region: 'us-east-1' }, { region: 'local', service: 'iam' }])
      expect((await send(port, byHeader(making(port, change)))).status).toBe(400)
    expect(upstream.requests).toEqual([])
  })
})

describe('a presigned request', () => {
  const target = (url: string) => ({ bucket: 'bucket', key: 'a b', region: 'us-east-1', endpoint: url })

  it('is rejected by default', async () => {
    const { url } = await start()
    const { url: presigned } = await presignGet(target(url), { credentials: PLACEHOLDER })
    const response = await fetch(presigned)
    expect([response.status, await response.text()]).toEqual([
      403,
      expect.stringContaining('Set options.allowPresigned.'),
    ])
    expect(upstream.requests).toEqual([])
  })

  it('is presigned again if it is allowed', async () => {
    const { url, port } = await start({ allowPresigned: true })
    const get = await presignGet(target(url), { credentials: PLACEHOLDER, download: 'cat.jpg' })
    expect((await fetch(get.url)).status).toBe(200)
    const received = upstream.take()
    expect(received.target).toMatch(/^\/bucket\/a%20b\?response-content-disposition=.*X-Amz-Expires=60/)
    expect(verified(received, 's3').credential).toMatch(/^AKIDEXAMPLE\//)
    const put = await presignPut(target(url), { credentials: PLACEHOLDER })
    expect((await fetch(put.url, { ...put, body: 'abc' })).status).toBe(200)
    expect(String(upstream.take().body)).toBe('abc')
    const expired = byQuery(making(port, { date: amzDateOf(Date.now() - 3_600_000) }))
    expect((await send(port, expired)).status).toBe(403)
    expect(upstream.requests).toEqual([])
  })
})

describe('a presigned request with the hash of its body in the URL', () => {
  it('is forwarded with this body only', async () => {
    const { port } = await start({ allowPresigned: true })
    const payloadHash = sha256('abc')
    const query = { 'X-Amz-Content-Sha256': payloadHash }
    const made = byQuery(making(port, { method: 'PUT', payloadHash, query }))
    const headers = { ...made.headers, 'content-length': '3' }
    expect((await send(port, { ...made, headers, body: 'abc' })).status).toBe(200)
    expect(String(upstream.take().body)).toBe('abc')
    expect((await send(port, { ...made, headers, body: 'abd' })).status).toBe(400)
    expect(upstream.requests).toEqual([])
  })
})

describe('a presigned request for a service other than S3', () => {
  it.each(['', 'abc', 'x'.repeat(2_000_000)])('is signed with its body, which is verified', async (body) => {
    const { url } = await start({ allowPresigned: true, service: 'execute-api' })
    const presigned = await presign('POST', `${url}/a`, {
      credentials: PLACEHOLDER,
      service: 'execute-api',
      region: 'us-east-1',
      payloadHash: sha256(body),
    })
    const response = await fetch(presigned.url, { method: 'POST', body })
    expect([response.status, await response.text()]).toEqual([200, 'fine'])
    const received = upstream.take()
    expect(String(received.body)).toBe(body)
    expect(verified(received, 'other')).toMatchObject({ location: 'query', payloadHash: sha256(body) })
    expect((await fetch(presigned.url, { method: 'POST', body: `${body}d` })).status).toBe(403)
    expect(upstream.requests).toEqual([])
  })
})

describe('a wrong signature', () => {
  it('is explained in the log', async () => {
    const { port } = await start()
    const made = byHeader(making(port, { headers: { 'content-type': 'a/b' } }))
    await send(port, { ...made, headers: { ...made.headers, 'content-type': 'a/c' } })
    await expect.poll(() => logged[0]).toMatchObject({ cause: expect.any(String), status: 403 })
    expect(logged[0]!.explanation!.join('\n')).toMatch(/content-type/i)
  })
})
