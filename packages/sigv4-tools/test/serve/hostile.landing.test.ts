import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import {
  byForm,
  byHeader,
  byQuery,
  deletion,
  elements,
  type Handmade,
  send,
  sendRaw,
  wire,
} from '../../../../test/support/hand.ts'
import { type Started, start } from '../support/serve/start.ts'

// For any input, the response is a document with a code and a 4xx status, or the connection closes. Random changes are those of
// ../attacks/fuzz.landing.test.ts.

let started: Started

beforeAll(async () => {
  started = await start({ idleTimeout: '400ms', maxBytes: 64 * 1024 * 1024 })
  await started.s3('PUT', '/bucket/key', { body: 'x' })
})

afterAll(() => started.stop())

async function isAlive(): Promise<void> {
  expect((await started.s3('GET', '/bucket/key')).text).toBe('x')
}

const refusedOrClosed = /^$|^HTTP\/1\.1 4\d\d .*<Code>\w+<\/Code>/s

/** Sends bytes, and waits for a complete response or the end of the connection. */
function exchange(bytes: string | Buffer, port = started.server.port): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text
      const [, head, length] = /^(.*?content-length: (\d+).*?\r\n\r\n)/is.exec(received) ?? []
      if (/^HTTP\/1\.1 (?:204|304) .*\r\n\r\n/s.test(received)) socket.destroy()
      if (head !== undefined && received.length >= head.length + Number(length)) socket.destroy()
    })
    socket.on('error', () => {}).on('close', () => resolve(received))
  })
}

const making = (change = {}) => started.making({ path: '/bucket/key', ...change })

describe('invalid HTTP requests', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex')],
    ['a NUL in the target', 'GET /bucket/\0 HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a bare line feed in a value', 'GET / HTTP/1.1\r\nhost: x\ny: z\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nhost: x\r\n continued: 1\r\n\r\n'],
    ['two content lengths', 'PUT /b/k HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'a content length and chunks',
      'PUT /b/k HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an invalid content length', 'PUT /b/k HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n'],
    ['a megabyte of headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(1024 * 1024)}\r\n\r\n`],
    ['10,000 headers', `GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(10_000)}\r\n`],
    ['a megabyte of target', `GET /${'a'.repeat(1024 * 1024)} HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['no host', 'GET /bucket/key HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /bucket/key HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n'],
    ['a different protocol', 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['a proxy', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n'],
    ['an unknown expectation', 'GET / HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\n\r\n'],
    ['an invalid target', 'GET bucket HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a star', 'GET * HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['a different method', 'PROPFIND /bucket HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['invalid escapes', 'GET /bucket/%zz HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['escapes that are not UTF-8', 'GET /bucket/%ff%fe HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['octets that are not UTF-8', Buffer.from('GET /bucket/\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n', 'latin1')],
    ['a fragment', 'GET /bucket/key#x HTTP/1.1\r\nhost: x\r\n\r\n'],
  ])('%s', async (_, bytes) => {
    expect(await exchange(bytes)).toMatch(refusedOrClosed)
    await isAlive()
  })
})

describe('signed requests with invalid content', () => {
  it('a transfer encoding that is not decoded', async () => {
    const request = byHeader(making())
    const headers = { ...request.headers, 'transfer-encoding': 'gzip, chunked' }
    expect(await exchange(wire({ ...request, headers, body: '0\r\n\r\n' }))).toMatch(
      /^HTTP\/1\.1 501 .*<Code>NotImplemented<\/Code>.*<Header>Transfer-Encoding<\/Header>/s,
    )
  })

  const status = async (request: Handmade) => {
    const { status, text } = await send(started.server.port, request)
    return [status, elements(text).Code]
  }
  const headers = (request: Handmade, change: Record<string, string>) => ({
    ...request,
    headers: { ...request.headers, ...change },
  })

  it('10,000 parameters are read, and rejected for their signature', async () => {
    const request = byHeader(making())
    const target = `/bucket/key?${'a&'.repeat(10_000)}z`
    expect(await status({ ...request, target })).toEqual([403, 'SignatureDoesNotMatch'])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('the name %s in all positions', async (name) => {
    const port = started.server.port
    expect((await send(port, byHeader(making({ query: { [name]: '1' } })))).text).toBe('x')
    expect(
      (
        await started.s3('PUT', `/bucket/${name}`, {
          body: name,
          headers: { [`x-amz-meta-${name.toLowerCase()}`]: '1' },
        })
      ).status,
    ).toBe(200)
    expect((await started.s3('GET', `/bucket/${name}`)).text).toBe(name)
    expect(
      (await started.s3(name.toUpperCase().replaceAll('_', ''), '/bucket/key').catch(() => ({ status: 400 }))).status,
    ).toBe(400)
    expect((await send(port, byHeader(making({ keyId: name })))).status).toBe(403)
  })

  it('numbers that are too large', async () => {
    for (const query of [{ 'max-keys': '9'.repeat(400) }, { 'max-keys': '1e9' }, { 'max-keys': '0x10' }])
      expect(await status(byHeader(making({ path: '/bucket', query }))), query['max-keys']).toEqual([
        400,
        'InvalidArgument',
      ])
    expect(await status(byQuery(making({ expires: '9'.repeat(400) })))).toEqual([
      400,
      'AuthorizationQueryParametersError',
    ])
    for (const range of [`bytes=${'9'.repeat(400)}-`, 'bytes=99999999999999999999-99999999999999999999'])
      expect(await status(byHeader(making({ headers: { range } })))).toEqual([416, 'InvalidRange'])
  })

  it.each([
    ['a size that is not a number', 'xyz\r\n'],
    ['an unlimited size', 'f'.repeat(60_000)],
    ['a size of 2^60', '1000000000000000\r\nabc'],
    ['a negative size', '-5\r\nabcde\r\n'],
    ['a chunk that is larger than declared', '2\r\nabcdef\r\n0\r\n\r\n'],
    ['more than the length', `5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n`],
    ['a missing last chunk', '5\r\nabcde\r\n'],
    ['unlimited trailers', `5\r\nabcde\r\n0\r\nx-amz-checksum-crc32:${'A'.repeat(60_000)}`],
    ['10,000 trailers', `5\r\nabcde\r\n0\r\n${'a:b\r\n'.repeat(10_000)}\r\n`],
  ])('aws-chunked: %s', async (_, body) => {
    const request = byHeader(
      making({
        method: 'PUT',
        body,
        payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        headers: { 'x-amz-decoded-content-length': '5', 'x-amz-trailer': 'x-amz-checksum-crc32' },
      }),
    )
    const [responded] = await status(request)
    expect(responded).toBeGreaterThanOrEqual(400)
    expect(responded).toBeLessThan(500)
    await isAlive()
  })

  it.each([
    ['no end tag', '<Delete><Object>'],
    ['no start tag', '</Delete>'],
    [
      'expanding entities',
      '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
    ],
    [
      'a file',
      '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&a;</Key></Object></Delete>',
    ],
    ['deep nesting of half a megabyte', '<Delete>'.repeat(64 * 1024)],
    ['a megabyte of ampersands', `<Delete><Object><Key>${'&'.repeat(1024 * 1024)}</Key></Object></Delete>`],
    ['a megabyte of unclosed comments', '<!--'.repeat(256 * 1024)],
    ['a megabyte of quotes', `<Delete a="${'"\''.repeat(512 * 1024)}>`],
    ['too many elements', `<Delete><Object><Key>a</Key></Object>${'<a/>'.repeat(100_000)}</Delete>`],
    ['too much depth', `<Delete><Object><Key>a</Key></Object>${'<a>'.repeat(20)}${'</a>'.repeat(20)}</Delete>`],
    ['too many keys', `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`],
    ['more than the limit', ' '.repeat(3 * 1024 * 1024)],
    ['not UTF-8', Buffer.from('<Delete><Object><Key>\xff</Key></Object></Delete>', 'latin1')],
    ['a truncated character', '<Delete><Object><Key>&#xd800;</Key></Object></Delete>'],
  ])('a document: %s', async (_, body) => {
    const request = byHeader(making(deletion(body)))
    expect((await status(request))[0]).toBe(400)
    await isAlive()
  })

  it.each([
    ['no boundary', { 'content-type': 'multipart/form-data' }, ''],
    ['a different boundary', { 'content-type': 'multipart/form-data; boundary=other' }, undefined],
    ['unlimited fields', {}, `--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(200_000)}`],
    ['unlimited headers', {}, `--limit\r\nContent-Disposition: form-data; name="${'x'.repeat(200_000)}`],
    ['10,000 fields', {}, '--limit\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n'.repeat(10_000)],
    ['no name', {}, '--limit\r\nContent-Disposition: form-data\r\n\r\n\r\n--limit--\r\n'],
    ['no file', {}, '--limit\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--limit--\r\n'],
    ['nothing', {}, '--limit--\r\n'],
    [
      'the name __proto__',
      {},
      '--limit\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\nk\r\n--limit\r\nContent-Disposition: form-data; name="x-amz-signature"\r\n\r\nk\r\n--limit\r\nContent-Disposition: form-data; name="file"\r\n\r\nk\r\n--limit--\r\n',
    ],
  ])('a form: %s', async (_, change, body) => {
    const form = byForm(making({ path: '/bucket' }))
    const sent = body ?? (form.body as string)
    const [responded, code] = await status({
      ...headers(form, { ...change, 'content-length': String(sent.length) }),
      body: sent,
    })
    expect([responded, code]).toEqual([400, expect.stringMatching(/Malformed|InvalidArgument|MaxPostPreData/)])
    await isAlive()
  })

  it('an incomplete form is not stored', async () => {
    const form = byForm(making({ path: '/bucket' }))
    const body = (form.body as string).replace('\r\n--limit--\r\n', '')
    expect(await status({ ...headers(form, { 'content-length': String(body.length) }), body })).toEqual([
      400,
      'MalformedPOSTRequest',
    ])
    expect((await started.s3('GET', '/bucket/uploaded')).status).toBe(404)
  })
})

describe('slow clients', () => {
  it('receive an error or are disconnected: slow headers, slow bodies, truncated bodies', async () => {
    const request = wire(byHeader(making({ method: 'PUT', path: '/bucket/slow', body: 'x'.repeat(100) })))
    const [headers, body, cut] = await Promise.all([
      sendRaw(started.server.port, request.slice(0, 40)),
      sendRaw(started.server.port, request.slice(0, -50)),
      sendRaw(started.server.port, request.slice(0, -50), true),
    ])
    expect(headers).toMatch(/^HTTP\/1\.1 400 .*<Code>RequestTimeout</s)
    expect(body).toMatch(/^HTTP\/1\.1 400 .*<Code>RequestTimeout</s)
    expect(cut).toBe('')
    expect((await started.s3('GET', '/bucket/slow')).status).toBe(404)
  })

  it('a body of single bytes is stored completely', async () => {
    const body = 'x'.repeat(3000)
    const request = wire(byHeader(making({ method: 'PUT', path: '/bucket/drops', body })))
    const socket = connect(started.server.port, '127.0.0.1').setNoDelay(true)
    const responded = new Promise<string>((resolve) => socket.setEncoding('latin1').once('data', resolve))
    socket.write(request.slice(0, -body.length))
    for (const byte of body) socket.write(byte)
    expect(await responded).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
  })

  it('a client that does not read its responses is disconnected', async () => {
    await started.s3('PUT', '/bucket/large', { body: Buffer.alloc(16 * 1024 * 1024) })
    const socket = connect(started.server.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(wire(byHeader(making({ path: '/bucket/large' }))))
    socket.pause()
    await expect
      .poll(() => started.lines.some((line) => /large {2}signed by \S+ {2}the connection/.test(line)))
      .toBe(true)
    expect(started.lines.filter((line) => /GET .* {2}\/bucket\/large/.test(line))).toEqual([
      expect.stringContaining('the connection closed'),
    ])
    socket.destroy()
    await started.s3('DELETE', '/bucket/large')
  })
})

describe('pipelined requests', () => {
  const pipeline = (count: number) => {
    const put = wire(byHeader(making({ method: 'PUT', path: '/bucket/counter', body: '0' })))
    const requests = Array.from({ length: count - 2 }, (_, i) =>
      wire(byHeader(making({ method: 'PUT', path: '/bucket/counter', body: String(i) }))),
    )
    const last = byHeader(making({ path: '/bucket/counter' }))
    return put + requests.join('') + wire({ ...last, headers: { ...last.headers, connection: 'close' } })
  }

  it('are handled in order, one after another', async () => {
    const received = await sendRaw(started.server.port, pipeline(50))
    expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(50)
    expect(received).toMatch(/\r\n\r\n47$/)
  })

  it('wait for a slow one', async () => {
    let asked = 0
    const { server, stop } = await start({
      credentials: async () => {
        if (asked++ === 0) await sleep(200)
        return SECRET
      },
    })
    const first = wire(byHeader(making({ method: 'PUT', path: '/bucket/waited', body: 'for' })))
    const second = byHeader(making({ path: '/bucket/waited' }))
    const close = wire({ ...second, headers: { ...second.headers, connection: 'close' } })
    expect(await sendRaw(server.port, first + close)).toMatch(/^HTTP\/1\.1 200 OK.*HTTP\/1\.1 200 OK.*\r\n\r\nfor$/s)
    await stop()
  })

  it('close the connection if too many wait', async () => {
    let asked = 0
    const { server, stop } = await start({
      credentials: async () => {
        if (asked++ === 0) await sleep(200)
        return SECRET
      },
    })
    const received = await sendRaw(server.port, pipeline(400))
    expect((received.match(/HTTP\/1\.1 200 OK/g) ?? []).length).toBeLessThan(400)
    expect(await sendRaw(server.port, pipeline(50))).toMatch(/\r\n\r\n47$/)
    await stop()
  })
})
