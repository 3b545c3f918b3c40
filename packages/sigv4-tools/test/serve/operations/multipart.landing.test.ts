import { createHash } from 'node:crypto'
import { crc32 as zlibCrc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { crc32, crc32c, crc64nvme, signChunks } from '../../../../../src/streams.ts'
import { KEY_ID, SECRET } from '../../../../../test/support/credentials.ts'
import { byHeader, elements, send, sendRaw, wire } from '../../../../../test/support/hand.ts'
import { sha256 } from '../../../../../test/support/oracle.ts'
import { CHECKSUMS } from '../../../../../test/support/streams/uploads.ts'
import { read } from '../../../../../test/support/verify/helpers.ts'
import { all, newFolder, type Started, start } from '../../support/serve/start.ts'

const MIB = 1024 * 1024
const BODY = '123456789'
const base64 = (algorithm: string, data: string | Uint8Array) => createHash(algorithm).update(data).digest('base64')

// The check values of "123456789": catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME).
const CHECKS = {
  CRC32: Buffer.from('cbf43926', 'hex').toString('base64'),
  CRC32C: Buffer.from('e3069283', 'hex').toString('base64'),
  CRC64NVME: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
  SHA1: base64('sha1', BODY),
  SHA256: base64('sha256', BODY),
  SHA512: base64('sha512', BODY),
  MD5: base64('md5', BODY),
}
const ALGORITHMS = Object.keys(CHECKS) as (keyof typeof CHECKS)[]

const CRCS = { crc32, crc32c, crc64nvme }

/** Computes a checksum, a CRC with the functions whose values test/checksums compares with published ones. */
function checksumOf(algorithm: keyof typeof CHECKS, data: Uint8Array): Buffer {
  const name = algorithm.toLowerCase()
  if (!(name in CRCS)) return createHash(name).update(data).digest()
  const running = CRCS[name as keyof typeof CRCS].create()
  running.update(data)
  return Buffer.from(running.digest(), 'base64')
}

let started: Started
const s3: Started['s3'] = (...args) => started.s3(...args)
const { dir, remove } = newFolder()

beforeAll(async () => {
  started = await start({ dir, allowSmallChunks: true })
})

afterAll(async () => {
  await started.stop()
  remove()
})

async function codeOf(reply: Promise<{ status: number; text: string }>): Promise<unknown> {
  const { status, text } = await reply
  return text === '' ? status : [status, elements(text).Code]
}

describe('a body is compared with its checksums', () => {
  it.each(ALGORITHMS)('x-amz-checksum-*: %s', async (algorithm) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const put = (value: string) => s3('PUT', `/sums/${algorithm}`, { body: BODY, headers: { [name]: value } })
    const reply = await put(CHECKS[algorithm])
    expect([reply.status, reply.headers[name]]).toEqual([200, CHECKS[algorithm]])
    const got = await s3('GET', `/sums/${algorithm}`, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    expect(got.headers).toMatchObject({ [name]: CHECKS[algorithm], 'x-amz-checksum-type': 'FULL_OBJECT' })
    expect((await s3('GET', `/sums/${algorithm}`)).headers[name]).toBeUndefined()
    const other = checksumOf(algorithm, Buffer.from('other')).toString('base64')
    const refused = await put(other)
    expect([refused.status, elements(refused.text)]).toMatchObject([
      400,
      { Code: 'BadDigest', Message: `The ${algorithm} you specified did not match the calculated checksum.` },
    ])
    expect(await codeOf(put('AAAA'))).toEqual([400, 'InvalidRequest'])
    expect((await s3('GET', `/sums/${algorithm}`)).text).toBe(BODY)
  })

  it.each(['XXHASH64', 'XXHASH3', 'XXHASH128'])('%s is not implemented', async (algorithm) => {
    const header = `x-amz-checksum-${algorithm.toLowerCase()}`
    const expected = {
      Code: 'NotImplemented',
      Message: `sigv4-tools serve does not compute the checksum ${algorithm}. Use one of CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512.`,
    }
    const replies = [
      await s3('PUT', '/sums/xxhash', { body: BODY, headers: { [header]: 'AAAAAAAAAAA=' } }),
      await s3('PUT', '/sums/xxhash', { body: BODY, headers: { 'x-amz-trailer': header } }),
    ]
    for (const { status, text } of replies)
      expect([status, elements(text)]).toMatchObject([501, { ...expected, Header: header }])
    const started = await s3('POST', '/sums/xxhash?uploads', { headers: { 'x-amz-checksum-algorithm': algorithm } })
    expect([started.status, elements(started.text)]).toMatchObject([501, expected])
    expect((await s3('GET', '/sums/xxhash')).status).toBe(404)
  })

  it.each(ALGORITHMS)('trailing headers: %s', async (algorithm) => {
    const [checksum, body] = [CHECKSUMS[algorithm.toLowerCase()]!, Buffer.alloc(20_000, 'ab')]
    const wrong = { ...checksum, create: () => ({ ...checksum.create(), update: () => undefined }) }
    const name = `/sums/trailing-${algorithm}`
    for (const [signed, sent, expected] of [
      [true, checksum, 200],
      [false, checksum, 200],
      [true, wrong, [400, 'BadDigest']],
      [false, wrong, [400, 'BadDigest']],
    ] as const) {
      await s3('DELETE', name)
      const url = `http://127.0.0.1:${started.server.port}${name}`
      const options = {
        credentials: { accessKeyId: KEY_ID, secretAccessKey: SECRET },
        service: 's3',
        region: 'us-east-1',
        decodedLength: body.length,
      }
      const upload = await signChunks({ url }, { ...options, checksum: sent, signed })
      const encoded = new Uint8Array(await read(upload.encode([body])))
      const response = await fetch(url, { method: 'PUT', headers: upload.headers, body: encoded })
      expect(await codeOf(response.text().then((text) => ({ status: response.status, text })))).toEqual(expected)
      const got = await s3('GET', name, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
      expect(got.headers[`x-amz-checksum-${algorithm.toLowerCase()}`]).toBe(
        expected === 200 ? checksumOf(algorithm, body).toString('base64') : undefined,
      )
    }
  })

  it("CRC-32 equals zlib's, over pieces and all bytes", () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7 + (i >> 8)) & 255))
    const expected = Buffer.alloc(4)
    // Available since Node 20.15.
    if (zlibCrc32) {
      expected.writeUInt32BE(zlibCrc32(bytes))
      expect(checksumOf('CRC32', bytes)).toEqual(expected)
    }
  })

  it('Content-MD5', async () => {
    const put = (value: string) => s3('PUT', '/sums/md5', { body: BODY, headers: { 'content-md5': value } })
    expect(await codeOf(put(base64('md5', BODY)))).toBe(200)
    const { text } = await put(base64('md5', 'other'))
    expect(elements(text)).toMatchObject({
      Code: 'BadDigest',
      ExpectedDigest: base64('md5', 'other'),
      CalculatedDigest: base64('md5', BODY),
    })
    expect(await codeOf(put('nonsense'))).toEqual([400, 'InvalidDigest'])
  })

  it('requires a single checksum, which must be declared', async () => {
    const both = { 'x-amz-checksum-crc32': CHECKS.CRC32, 'x-amz-checksum-sha1': CHECKS.SHA1 }
    expect(await codeOf(s3('PUT', '/sums/x', { body: BODY, headers: both }))).toEqual([400, 'InvalidRequest'])
    const none = { 'x-amz-sdk-checksum-algorithm': 'CRC32' }
    expect(await codeOf(s3('PUT', '/sums/x', { body: BODY, headers: none }))).toEqual([400, 'InvalidRequest'])
    const other = { 'x-amz-sdk-checksum-algorithm': 'SHA1', 'x-amz-checksum-crc32': CHECKS.CRC32 }
    expect(await codeOf(s3('PUT', '/sums/x', { body: BODY, headers: other }))).toEqual([400, 'InvalidRequest'])
    const odd = { 'x-amz-checksum-md4': 'AAAA' }
    expect(await codeOf(s3('PUT', '/sums/x', { body: BODY, headers: odd }))).toEqual([400, 'InvalidRequest'])
    expect((await s3('GET', '/sums/x')).status).toBe(404)
  })

  const chunked = (body: string, headers: Record<string, string>, payloadHash: string) => {
    const encoded = {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': String(BODY.length),
      ...headers,
    }
    const making = started.making({ method: 'PUT', path: '/sums/chunked', payloadHash, headers: encoded })
    return send(started.server.port, { ...byHeader({ ...making, body }), body })
  }

  it.each(ALGORITHMS)('a %s after unsigned chunks', async (algorithm) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const put = (value: string, chunks = '5\r\n12345\r\n4\r\n6789\r\n0\r\n', said = name) =>
      chunked(`${chunks}${said}:${value}\r\n\r\n`, { 'x-amz-trailer': name }, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    const reply = await put(CHECKS[algorithm])
    expect([reply.status, reply.text, reply.headers[name]]).toEqual([200, '', CHECKS[algorithm]])
    const got = await s3('GET', '/sums/chunked')
    expect([got.text, got.headers['content-encoding']]).toEqual([BODY, undefined])
    expect(await codeOf(put(CHECKS[algorithm], '5\r\n12345\r\n4\r\n678x\r\n0\r\n'))).toEqual([400, 'BadDigest'])
    expect(((await codeOf(put(CHECKS[algorithm], undefined, 'x-amz-other'))) as number[])[0]).toBe(400)
    expect(((await codeOf(put(CHECKS[algorithm], '5\r\n12345\r\n0\r\n'))) as number[])[0]).toBe(400)
    expect((await s3('GET', '/sums/chunked')).text).toBe(BODY)
  })

  it('a checksum after the chunks of a list of keys to delete', async () => {
    await s3('PUT', '/sums/deleted', { body: BODY })
    const list = '<Delete><Object><Key>deleted</Key></Object></Delete>'
    const remove = (value: string) => {
      const body = `${list.length.toString(16)}\r\n${list}\r\n0\r\nx-amz-checksum-crc32:${value}\r\n\r\n`
      const making = started.making({
        method: 'POST',
        path: '/sums',
        query: { delete: '' },
        payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        headers: {
          'content-encoding': 'aws-chunked',
          'x-amz-decoded-content-length': String(list.length),
          'x-amz-trailer': 'x-amz-checksum-crc32',
        },
      })
      return send(started.server.port, { ...byHeader({ ...making, body }), body })
    }
    expect(await codeOf(remove(CHECKS.CRC32))).toEqual([400, 'BadDigest'])
    expect((await s3('GET', '/sums/deleted')).status).toBe(200)
    expect((await remove(checksumOf('CRC32', Buffer.from(list)).toString('base64'))).status).toBe(200)
    expect((await s3('GET', '/sums/deleted')).status).toBe(404)
  })

  it('requires a known length', async () => {
    const { port } = started.server
    const request = byHeader(started.making({ method: 'PUT', path: '/sums/length', body: BODY }))
    const { 'content-length': _, ...headers } = request.headers
    expect(await codeOf(send(port, { ...request, headers: { ...headers, 'transfer-encoding': 'chunked' } }))).toEqual([
      501,
      'NotImplemented',
    ])
    const empty = byHeader(started.making({ method: 'PUT', path: '/sums/length' }))
    const { 'content-length': __, ...bare } = empty.headers
    const bodyless = wire({ ...empty, headers: { ...bare, connection: 'close' } }) // A Node client would add it.
    expect(await sendRaw(port, bodyless)).toMatch(/ 411 .*<Code>MissingContentLength</s)
    const making = started.making({
      method: 'PUT',
      path: '/sums/length',
      headers: { 'content-length': String(6 * 1024 ** 3) },
    })
    const huge = byHeader({ ...making, payloadHash: 'UNSIGNED-PAYLOAD' })
    const reply = await send(port, {
      ...huge,
      headers: { ...huge.headers, 'content-length': String(6 * 1024 ** 3), expect: '100-continue' },
    })
    expect(elements(reply.text)).toMatchObject({ Code: 'EntityTooLarge', MaxSizeAllowed: String(5 * 1024 ** 3) })
  })
})

describe('a multipart upload', () => {
  const big = Buffer.alloc(5 * MIB, 'sigv4 ')
  const begin = async (key: string, headers: Record<string, string> = {}) =>
    all((await s3('POST', `/parts/${key}?uploads`, { headers })).text, 'UploadId')[0]!
  const put = async (key: string, id: string, number: number | string, body: string | Uint8Array, headers = {}) =>
    s3('PUT', `/parts/${key}?partNumber=${number}&uploadId=${id}`, { body, headers })
  const complete = (key: string, id: string, parts: [number, string][], headers = {}) =>
    s3('POST', `/parts/${key}?uploadId=${id}`, {
      body: `<CompleteMultipartUpload>${parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`).join('')}</CompleteMultipartUpload>`,
      headers,
    })

  it('becomes one object: its bytes, ETag and parts', async () => {
    const id = await begin('whole', { 'content-type': 'text/parts', 'x-amz-meta-a': 'b' })
    const first = await put('whole', id, 1, 'replaced by the next part')
    const one = await put('whole', id, 1, big)
    const three = await put('whole', id, 3, 'end')
    expect(one.headers.etag).not.toBe(first.headers.etag)
    expect((await s3('GET', '/parts/whole')).status).toBe(404)
    expect(all((await s3('GET', `/parts/whole?uploadId=${id}`)).text, 'Size')).toEqual([String(5 * MIB), '3'])
    expect(all((await s3('GET', '/parts?uploads')).text, 'UploadId')).toEqual([id])
    const md5s = Buffer.concat([big, Buffer.from('end')].map((part) => createHash('md5').update(part).digest()))
    const etag = `"${createHash('md5').update(md5s).digest('hex')}-2"`
    const { text } = await complete('whole', id, [
      [1, one.headers.etag!],
      [3, three.headers.etag!.replaceAll('"', '&quot;')],
    ])
    expect(all(text, 'ETag')).toEqual([etag.replaceAll('"', '&quot;')])
    const got = await s3('GET', '/parts/whole')
    expect(got.headers).toMatchObject({ etag, 'content-type': 'text/parts', 'x-amz-meta-a': 'b' })
    expect(sha256(got.body)).toBe(sha256(Buffer.concat([big, Buffer.from('end')])))
    const second = await s3('GET', '/parts/whole?partNumber=2')
    expect([second.status, second.text, second.headers['x-amz-mp-parts-count']]).toEqual([206, 'end', '2'])
    expect((await s3('GET', '/parts/whole?partNumber=3')).status).toBe(416)
    expect(await codeOf(s3('GET', `/parts/whole?uploadId=${id}`))).toEqual([404, 'NoSuchUpload'])
    expect(all((await s3('GET', '/parts?uploads')).text, 'UploadId')).toEqual([])
  })

  it('is rejected if something is invalid, and can continue', async () => {
    const id = await begin('wrong')
    const small = (await put('wrong', id, 1, 'small')).headers.etag!
    const other = (await put('wrong', id, 2, 'other')).headers.etag!
    const code = (parts: [number, string][]) => codeOf(complete('wrong', id, parts))
    expect(
      await code([
        [1, small],
        [2, other],
      ]),
    ).toEqual([400, 'EntityTooSmall'])
    expect(
      await code([
        [2, other],
        [1, small],
      ]),
    ).toEqual([400, 'InvalidPartOrder'])
    expect(await code([[1, other]])).toEqual([400, 'InvalidPart'])
    expect(await code([[7, small]])).toEqual([400, 'InvalidPart'])
    expect(await code([])).toEqual([400, 'MalformedXML'])
    expect(await codeOf(put('wrong', id, 0, 'x'))).toEqual([400, 'InvalidArgument'])
    expect(await codeOf(put('wrong', id, 10_001, 'x'))).toEqual([400, 'InvalidArgument'])
    expect(await codeOf(put('wrong', 'unknown', 1, 'x'))).toEqual([404, 'NoSuchUpload'])
    expect(await codeOf(put('another', id, 1, 'x'))).toEqual([404, 'NoSuchUpload'])
    await s3('PUT', '/parts/wrong', { body: 'existing content' })
    const unless = (parts: [number, string][]) => complete('wrong', id, parts, { 'if-none-match': '*' })
    expect(await codeOf(unless([[2, other]]))).toEqual([412, 'PreconditionFailed'])
    await s3('DELETE', '/parts/wrong')
    expect((await unless([[2, other]])).status).toBe(200)
    expect((await s3('GET', '/parts/wrong')).text).toBe('other')
    expect((await s3('DELETE', `/parts/wrong?uploadId=${id}`)).status).toBe(404)
  })

  it('is aborted with all of its parts', async () => {
    const id = await begin('dropped')
    await put('dropped', id, 1, 'x')
    expect((await s3('DELETE', `/parts/dropped?uploadId=${id}`)).status).toBe(204)
    expect(await codeOf(put('dropped', id, 1, 'x'))).toEqual([404, 'NoSuchUpload'])
  })

  it('accepts copied parts', async () => {
    await s3('PUT', '/parts/source', { body: BODY })
    const id = await begin('copied')
    const headers = { 'x-amz-copy-source': '/parts/source', 'x-amz-copy-source-range': 'bytes=2-4' }
    const { text } = await put('copied', id, 1, '', headers)
    const etag = all(text, 'ETag')[0]!
    expect(await codeOf(put('copied', id, 2, '', { ...headers, 'x-amz-copy-source-range': 'bytes=2-99' }))).toEqual([
      400,
      'InvalidArgument',
    ])
    await complete('copied', id, [[1, etag]])
    expect((await s3('GET', '/parts/copied')).text).toBe('345')
  })

  it.each([
    ['CRC32', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
    ['SHA512', 'COMPOSITE'],
    ['MD5', 'COMPOSITE'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
  ] as const)('has a checksum: %s, %s', async (algorithm, type) => {
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const id = await begin(algorithm, { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': type })
    const sums = [big, Buffer.from('end')].map((part) => checksumOf(algorithm, part))
    const etags: string[] = []
    for (const [i, part] of [big, 'end'].entries()) {
      const reply = await put(algorithm, id, i + 1, part, { [name]: sums[i]!.toString('base64') })
      etags.push(reply.headers.etag!)
    }
    const whole =
      type === 'COMPOSITE'
        ? `${checksumOf(algorithm, Buffer.concat(sums)).toString('base64')}-2`
        : checksumOf(algorithm, Buffer.concat([big, Buffer.from('end')])).toString('base64')
    const parts: [number, string][] = [
      [1, etags[0]!],
      [2, etags[1]!],
    ]
    expect(await codeOf(complete(algorithm, id, parts, { [name]: 'AAAAAA==' }))).toEqual([400, 'BadDigest'])
    const { text } = await complete(algorithm, id, parts, type === 'FULL_OBJECT' ? { [name]: whole } : {})
    expect(all(text, `Checksum${algorithm}`)).toEqual([whole])
    const { headers } = await s3('HEAD', `/parts/${algorithm}`, { headers: { 'x-amz-checksum-mode': 'ENABLED' } })
    expect(headers).toMatchObject({ [name]: whole, 'x-amz-checksum-type': type })
  })

  it.each([
    ['an unknown algorithm', { 'x-amz-checksum-algorithm': 'BLAKE3' }],
    ['a full checksum of MD5', { 'x-amz-checksum-algorithm': 'MD5', 'x-amz-checksum-type': 'FULL_OBJECT' }],
    ['a full checksum of SHA-256', { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-type': 'FULL_OBJECT' }],
    ['a composite CRC-64', { 'x-amz-checksum-algorithm': 'CRC64NVME', 'x-amz-checksum-type': 'COMPOSITE' }],
  ])('is not started with %s', async (_, headers) => {
    expect(await codeOf(s3('POST', '/parts/x?uploads', { headers }))).toEqual([400, 'InvalidRequest'])
  })

  it('has a full checksum if its algorithm is CRC-64', async () => {
    const { headers } = await s3('POST', '/parts/x?uploads', { headers: { 'x-amz-checksum-algorithm': 'CRC64NVME' } })
    expect(headers['x-amz-checksum-type']).toBe('FULL_OBJECT')
  })

  it('compares the checksums of its parts, and lists them', async () => {
    const id = await begin('sums', { 'x-amz-checksum-algorithm': 'CRC32' })
    const listed = () => s3('GET', `/parts/sums?uploadId=${id}`)
    expect(all((await listed()).text, 'NextPartNumberMarker')).toEqual(['0'])
    const sha = { 'x-amz-checksum-sha256': CHECKS.SHA256 }
    expect(await codeOf(put('sums', id, 1, BODY, sha))).toEqual([400, 'InvalidRequest'])
    const etag = (await put('sums', id, 1, BODY, { 'x-amz-checksum-crc32': CHECKS.CRC32 })).headers.etag!
    expect(all((await listed()).text, 'ChecksumCRC32')).toEqual([CHECKS.CRC32])
    const part = (content: string) =>
      s3('POST', `/parts/sums?uploadId=${id}`, {
        body: `<CompleteMultipartUpload><Part>${content}</Part></CompleteMultipartUpload>`,
      })
    const wrong = `<PartNumber>1</PartNumber><ETag>${etag}</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32>`
    expect(await codeOf(part(wrong))).toEqual([400, 'InvalidPart'])
    expect(await codeOf(part(`<ETag>${etag}</ETag>`))).toEqual([400, 'MalformedXML'])
    expect(await codeOf(part('<PartNumber>1</PartNumber>'))).toEqual([400, 'MalformedXML'])
    expect((await part(wrong.replace('AAAAAA==', CHECKS.CRC32))).status).toBe(200)
  })

  it('has no checksum if a part has none', async () => {
    const id = await begin('bare', { 'x-amz-checksum-algorithm': 'CRC32' })
    const etag = (await put('bare', id, 1, BODY)).headers.etag!
    expect((await complete('bare', id, [[1, etag]])).text).not.toContain('Checksum')
  })

  it('copies a complete object as a part, but not a range that is reversed', async () => {
    await s3('PUT', '/parts/source', { body: BODY })
    const id = await begin('copied')
    const headers = { 'x-amz-copy-source': '/parts/source' }
    const reversed = { ...headers, 'x-amz-copy-source-range': 'bytes=4-2' }
    expect(await codeOf(put('copied', id, 1, '', reversed))).toEqual([400, 'InvalidArgument'])
    const { text } = await put('copied', id, 1, '', headers)
    expect(all(text, 'ETag')).toEqual([`&quot;${createHash('md5').update(BODY).digest('hex')}&quot;`])
  })

  it('is listed with others, in pages', async () => {
    const ids: string[] = []
    for (const key of ['a', 'b', 'b', 'b'])
      ids.push(all((await s3('POST', `/many/${key}?uploads`)).text, 'UploadId')[0]!)
    const found: string[] = []
    let more = ''
    do {
      const { text } = await s3('GET', `/many?uploads&max-uploads=1${more}`)
      found.push(...all(text, 'UploadId'))
      const [[key], [id]] = [all(text, 'NextKeyMarker'), all(text, 'NextUploadIdMarker')] as [string[], string[]]
      more = id === undefined ? '' : `&key-marker=${key}&upload-id-marker=${id}`
    } while (more !== '' && found.length < 9)
    expect(found).toHaveLength(4)
    expect(found[0]).toBe(ids[0])
    expect([...found].sort()).toEqual([...ids].sort())
  })

  it('is aborted when its bucket is deleted', async () => {
    const id = all((await s3('POST', '/closed/a?uploads')).text, 'UploadId')[0]!
    expect((await s3('DELETE', '/closed')).status).toBe(204)
    expect(await codeOf(s3('GET', `/closed/a?uploadId=${id}`))).toEqual([404, 'NoSuchUpload'])
  })

  it('is one of at most 1,000', async () => {
    const { s3: send, stop } = await start()
    for (let i = 0; i < 1000; i++) await send('POST', '/limit/key?uploads')
    const { status, text } = await send('POST', '/limit/key?uploads')
    await stop()
    expect([status, elements(text).Code]).toEqual([507, 'InsufficientStorage'])
  })
})
