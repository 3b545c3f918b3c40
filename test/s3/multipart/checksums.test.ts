import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../../../packages/sigv4-tools/src/serve.ts'
import * as asynchronous from '../../../src/index.ts'
import type { Checksum } from '../../../src/streams.ts'
import { crc32, crc32c, crc64nvme, md5, sha1, sha256, sha512 } from '../../../src/streams.ts'
import * as synchronous from '../../../src/sync.ts'
import { CREDENTIALS } from '../../support/credentials.ts'

// Checksums of parts: bound to their requests, sent to S3 at the end, and read from its responses.

const ENTRIES = [
  ['sigv4', asynchronous],
  ['sigv4/sync', synchronous],
] as const
const credentials = { ...CREDENTIALS }
const target = { bucket: 'films', key: 'holiday.mp4', region: 'eu-west-1' }
const MiB = 1024 ** 2
/** Of `123456789`: the check values in the catalogue of CRC algorithms, and the results of sha1sum and sha256sum. */
const CHECK_VALUES = {
  CRC32: 'y/Q5Jg==',
  CRC32C: '4waSgw==',
  CRC64NVME: 'rosUhgp5mIg=',
  SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
  SHA256: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
} as const
type Known = keyof typeof CHECK_VALUES
const ALGORITHMS = Object.keys(CHECK_VALUES) as Known[]

describe.each(ENTRIES)('%s', (_, { presignMultipartUpload, presignMultipartParts }) => {
  it.each([
    ['CRC32', undefined],
    ['CRC32C', 'COMPOSITE'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA1', undefined],
    ['SHA256', 'COMPOSITE'],
  ] as const)('signs the checksum %s, %s, of an upload', async (checksum, checksumType) => {
    const forms = [{ 'x-amz-meta-a': '1' }, [['x-amz-meta-a', '1']], new Headers({ 'x-amz-meta-a': '1' })] as const
    for (const headers of forms) {
      const { create } = await presignMultipartUpload(target, {
        ...{ credentials, size: 1, contentType: 'video/mp4', headers, checksum, checksumType },
      })
      expect(create.headers).toEqual({
        'content-type': 'video/mp4',
        'x-amz-checksum-algorithm': checksum,
        ...(checksumType && { 'x-amz-checksum-type': checksumType }),
        'x-amz-meta-a': '1',
      })
      expect(new URL(create.url).searchParams.get('X-Amz-SignedHeaders')).toContain('x-amz-checksum-algorithm')
    }
  })

  it.each([
    [{ checksum: 'crc32c' }, 'options.checksum', 'invalid'],
    [{ checksum: 'constructor' }, 'options.checksum', 'invalid'],
    [{ checksumType: 'COMPOSITE' }, 'options.checksum', 'missing'],
    [{ checksum: 'CRC64NVME', checksumType: 'COMPOSITE' }, 'options.checksumType', 'invalid'],
    [{ checksum: 'SHA256', checksumType: 'FULL_OBJECT' }, 'options.checksumType', 'invalid'],
    [{ checksum: 'CRC32', checksumType: 'full' }, 'options.checksumType', 'invalid'],
    [
      { checksum: 'CRC32', headers: { 'X-Amz-Checksum-Algorithm': 'CRC32' } },
      'options.headers["x-amz-checksum-algorithm"]',
      'conflict',
    ],
    [
      { checksum: 'CRC32', headers: { 'x-amz-checksum-type': 'COMPOSITE' } },
      'options.headers["x-amz-checksum-type"]',
      'conflict',
    ],
  ])('rejects %j', async (given, argument, reason) => {
    const call = async () => presignMultipartUpload(target, { credentials, size: 1, ...(given as object) })
    await expect(call()).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', argument, reason })
  })

  it('names all algorithms that it accepts if one is not among them', async () => {
    const upload = (algorithm: string) => async () =>
      presignMultipartUpload(target, { credentials, size: 1, checksum: algorithm as Known })
    const error = await upload('crc32c')().catch(String)
    const named = /Pass one of (.+)\.$/.exec(String(error))![1]!.split(', ')
    expect(named.length).toBe(10)
    for (const algorithm of named) await expect(upload(algorithm)(), algorithm).resolves.toBeDefined()
  })

  it('rejects an implementation in place of a name, and the reverse, with the one to pass', async () => {
    const upload = async (checksum: unknown) =>
      presignMultipartUpload(target, { credentials, size: 1, checksum: checksum as Known })
    const part = async (checksum: unknown) =>
      presignMultipartParts(target, {
        credentials,
        size: 1,
        uploadId: 'a',
        parts: [{ partNumber: 1, checksum } as never],
      })
    const type = { code: 'ERR_INVALID_ARG_TYPE', reason: 'type' }
    await expect(upload(crc32c)).rejects.toMatchObject({
      ...type,
      message: "options.checksum has the wrong type. Pass the name, 'CRC32C', not the implementation.",
    })
    for (const given of [crc32c, 'CRC32C', null])
      await expect(part(given)).rejects.toMatchObject({
        ...type,
        message: "options.parts.checksum has the wrong type. Pass { algorithm: 'CRC32C', value }.",
      })
    await expect(part({ algorithm: sha256, value: '' })).rejects.toMatchObject({
      ...type,
      message: "options.parts.checksum.algorithm has the wrong type. Pass the name, 'SHA256', not the implementation.",
    })
    await expect(upload(crc32c.algorithm)).resolves.toBeDefined()
    // @ts-expect-error an implementation in place of a name
    const compiled = () => presignMultipartUpload(target, { credentials, size: 1, checksum: crc32c })
    // @ts-expect-error the old name
    const renamed = () => presignMultipartUpload(target, { credentials, size: 1, checksumAlgorithm: 'CRC32C' })
    for (const call of [compiled, renamed]) await expect((async () => call())()).rejects.toThrow('options.checksum')
  })

  it('signs the checksum of each part, and returns it', async () => {
    const checksum = { algorithm: 'CRC32C', value: CHECK_VALUES.CRC32C } as const
    const parts = [{ partNumber: 2, checksum }, 1, { partNumber: 3 }]
    const plan = await presignMultipartParts(target, { credentials, size: 17 * MiB, uploadId: 'a', parts })
    expect(plan.parts.map(({ partNumber, headers }) => [partNumber, headers])).toEqual([
      [2, { 'x-amz-checksum-crc32c': '4waSgw==' }],
      [1, {}],
      [3, {}],
    ])
    expect(plan.parts.map((part) => part.checksum)).toEqual([checksum, undefined, undefined])
    expect(plan.parts[1]).not.toHaveProperty('checksum')
    const signed = plan.parts.map(({ url }) => new URL(url).searchParams.get('X-Amz-SignedHeaders'))
    expect(signed).toEqual(['content-length;host;x-amz-checksum-crc32c', 'content-length;host', 'content-length;host'])
  })

  it.each([
    [{ partNumber: 1, checksum: null }, 'options.parts.checksum', 'type'],
    [{ partNumber: 1, checksum: CHECK_VALUES.CRC32 }, 'options.parts.checksum', 'type'],
    [
      { partNumber: 1, checksum: { algorithm: 'crc32', value: 'y/Q5Jg==' } },
      'options.parts.checksum.algorithm',
      'invalid',
    ],
    [{ partNumber: 1, checksum: { algorithm: 'CRC32' } }, 'options.parts.checksum.value', 'invalid'],
    [{ partNumber: 1, checksum: { algorithm: 'SHA1', value: 'y/Q5Jg==' } }, 'options.parts.checksum.value', 'invalid'],
    [
      { partNumber: 1, checksum: { algorithm: 'CRC32', value: 'y/Q5J\r\n=' } },
      'options.parts.checksum.value',
      'invalid',
    ],
    [{ partNumber: 1, checksum: { algorithm: 'CRC32', value: 'cbf43926' } }, undefined, ''],
    [{ partNumber: 1, checksums: {} }, 'options.parts.checksums', 'unknown'],
    [
      { partNumber: 1, checksum: { algorithm: 'CRC32', value: 'y/Q5Jg==', type: 'a' } },
      'options.parts.checksum.type',
      'unknown',
    ],
    [{ partNumber: 4 }, 'options.parts', 'range'],
    [{}, 'options.parts', 'range'],
    ['1', 'options.parts', 'range'],
  ])('rejects the part %j', async (part, argument, reason) => {
    const options = { credentials, size: 17 * MiB, uploadId: 'a', parts: [part as number] }
    const result = (async () => presignMultipartParts(target, options))()
    // eight characters of hex are eight characters of Base64, too
    if (argument === undefined) await expect(result).resolves.toBeDefined()
    else await expect(result).rejects.toMatchObject({ argument, reason })
  })

  it('rejects a part with two checksums', async () => {
    const [one, other] = (['CRC32', 'CRC32C'] as const).map((algorithm) => ({
      partNumber: 1,
      checksum: { algorithm, value: CHECK_VALUES[algorithm] },
    }))
    const presign = async (...parts: (typeof one)[]) =>
      presignMultipartParts(target, { credentials, size: 1, uploadId: 'a', parts: parts as [] })
    await expect(presign(one, other)).rejects.toMatchObject({ argument: 'options.parts.checksum', reason: 'conflict' })
    expect((await presign(one, one)).parts).toHaveLength(1)
  })
})

describe.each(ENTRIES)('%s', (_, { multipartCompletionBody, parseMultipartResponse }) => {
  it.each(ALGORITHMS)('writes and reads %s', (algorithm) => {
    const checksum = { algorithm, value: CHECK_VALUES[algorithm] }
    const part = `<Checksum${algorithm}>${checksum.value}</Checksum${algorithm}>`
    const body = multipartCompletionBody([{ partNumber: 1, etag: 'a', checksum }])
    expect(body).toContain(`<Part><PartNumber>1</PartNumber><ETag>"a"</ETag>${part}</Part>`)
    const list = `<ListPartsResult><ChecksumAlgorithm>${algorithm}</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType><Part><PartNumber>1</PartNumber><ETag>"a"</ETag><Size>9</Size>${part}</Part><Part><PartNumber>2</PartNumber><ETag>"b"</ETag><Size>9</Size></Part></ListPartsResult>`
    expect(parseMultipartResponse(list)).toEqual({
      kind: 'parts',
      parts: [
        { partNumber: 1, etag: '"a"', size: 9, checksum },
        { partNumber: 2, etag: '"b"', size: 9 },
      ],
    })
    const value = `${checksum.value}-2`
    const completed = `<CompleteMultipartUploadResult><ETag>"a-2"</ETag><Checksum${algorithm}>${value}</Checksum${algorithm}><ChecksumType>COMPOSITE</ChecksumType></CompleteMultipartUploadResult>`
    expect(parseMultipartResponse(completed)).toEqual({
      kind: 'completed',
      etag: '"a-2"',
      checksum: { algorithm, value, type: 'COMPOSITE' },
    })
  })

  it('ignores a checksum with an unknown name', () => {
    const xml =
      '<CompleteMultipartUploadResult><ETag>"a"</ETag><ChecksumX>a</ChecksumX></CompleteMultipartUploadResult>'
    expect(parseMultipartResponse(xml)).toEqual({ kind: 'completed', etag: '"a"' })
  })

  it('rejects a part with two checksums, or an invalid one', () => {
    const [one, other] = (['CRC32', 'CRC32C'] as const).map((algorithm) => ({
      ...{ partNumber: 1, etag: 'a' },
      checksum: { algorithm, value: CHECK_VALUES[algorithm] },
    }))
    const error = { code: 'ERR_INVALID_ARG_VALUE' }
    expect(() => multipartCompletionBody([one!, other!])).toThrow(
      expect.objectContaining({ ...error, argument: 'Part 1', reason: 'conflict' }),
    )
    expect(multipartCompletionBody([one!, { partNumber: 1, etag: '"a"' }])).toContain('<ChecksumCRC32>')
    const invalid = { ...one!, checksum: { algorithm: 'CRC32' as const, value: '</ChecksumCRC32>' } }
    expect(() => multipartCompletionBody([invalid])).toThrow(
      expect.objectContaining({ ...error, argument: 'parts.checksum.value', reason: 'invalid' }),
    )
  })
})

describe('serve', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await serve({ port: 0 })
  })
  afterAll(() => server.close())

  const implementations: Record<string, Checksum> = {
    CRC32: crc32,
    CRC32C: crc32c,
    CRC64NVME: crc64nvme,
    MD5: md5,
    SHA1: sha1,
    SHA256: sha256,
    SHA512: sha512,
  }
  const content = new Uint8Array(5 * MiB + 7).map((_, index) => (index * 31) % 251)
  const digest = (algorithm: string, bytes: Uint8Array): string => {
    const running = implementations[algorithm]!.create()
    running.update(bytes)
    return running.digest()
  }

  async function start(algorithm: keyof typeof implementations, checksumType?: 'COMPOSITE' | 'FULL_OBJECT') {
    const object = { bucket: 'films', key: `${algorithm}-${checksumType}`, region: 'us-east-1', endpoint: server.url }
    const options = { credentials: server.credentials, size: content.length, partSize: 5 * MiB }
    const checksum = algorithm as Known
    const { create } = await asynchronous.presignMultipartUpload(object, { ...options, checksum, checksumType })
    const created = asynchronous.parseMultipartResponse(await (await fetch(create.url, create)).text())
    const uploadId = created.kind === 'created' ? created.uploadId : ''
    const parts = [content.subarray(0, 5 * MiB), content.subarray(5 * MiB)].map((bytes, index) => ({
      partNumber: index + 1,
      checksum: { algorithm: checksum, value: digest(algorithm, bytes) },
    }))
    return asynchronous.presignMultipartParts(object, { ...options, uploadId, parts })
  }

  it.each([
    ['CRC32', 'COMPOSITE'],
    ['CRC32', 'FULL_OBJECT'],
    ['CRC32C', 'COMPOSITE'],
    ['CRC32C', 'FULL_OBJECT'],
    ['CRC64NVME', 'FULL_OBJECT'],
    ['SHA1', 'COMPOSITE'],
    ['SHA256', 'COMPOSITE'],
    ['MD5', undefined],
    ['SHA512', undefined],
  ] as const)('accepts parts with %s, and returns the checksum of the object, %s', async (algorithm, type) => {
    const { parts, list, complete } = await start(algorithm, type)
    const sent = []
    for (const part of parts) {
      const response = await fetch(part.url, { ...part, body: content.subarray(part.start, part.end) })
      expect([response.status, response.headers.get(`x-amz-checksum-${algorithm.toLowerCase()}`)]).toEqual([
        200,
        part.checksum!.value,
      ])
      sent.push({ partNumber: part.partNumber, etag: response.headers.get('etag')!, checksum: part.checksum })
    }
    const listed = asynchronous.parseMultipartResponse(await (await fetch(list[0]!.url, list[0])).text())
    expect(listed).toMatchObject({ kind: 'parts', parts: sent.map(({ checksum }) => ({ checksum })) })
    const body = asynchronous.multipartCompletionBody(sent, 2)
    const completed = asynchronous.parseMultipartResponse(
      await (await fetch(complete.url, { ...complete, body })).text(),
    )
    const ofParts = Buffer.concat(parts.map(({ checksum }) => Buffer.from(checksum!.value, 'base64')))
    const expected =
      type === 'FULL_OBJECT'
        ? digest(algorithm, content)
        : `${['CRC32', 'CRC32C'].includes(algorithm) ? digest(algorithm, ofParts) : createHash(algorithm).update(ofParts).digest('base64')}-2`
    expect(completed).toMatchObject({
      kind: 'completed',
      checksum: { algorithm, value: expected, ...(type && { type }) },
    })
  })

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'MD5', 'SHA512'] as const)(
    'rejects a part with %s after one byte was changed, and a different checksum',
    async (algorithm) => {
      const [, part] = (await start(algorithm)).parts
      const changed = content.slice(part!.start, part!.end)
      changed[3]! ^= 1
      const response = await fetch(part!.url, { ...part!, body: changed })
      expect([response.status, /<Code>(\w+)</.exec(await response.text())?.[1]]).toEqual([400, 'BadDigest'])
      const headers = { ...part!.headers, [`x-amz-checksum-${algorithm.toLowerCase()}`]: digest(algorithm, changed) }
      const other = await fetch(part!.url, { method: 'PUT', headers, body: changed })
      expect([other.status, /<Code>(\w+)</.exec(await other.text())?.[1]]).toEqual([403, 'SignatureDoesNotMatch'])
    },
  )

  it.each(ALGORITHMS)('accepts a form with %s, and rejects it after one byte was changed', async (algorithm) => {
    const form = { bucket: 'films', key: `form-${algorithm}`, region: 'us-east-1', endpoint: server.url }
    const name = `x-amz-checksum-${algorithm.toLowerCase()}`
    const fields = { 'x-amz-checksum-algorithm': algorithm, [name]: CHECK_VALUES[algorithm] }
    const post = await asynchronous.presignPost(form, { credentials: server.credentials, fields })
    const submit = async (content: string) => {
      const body = asynchronous.toFormData(post, new Blob([content])) as FormData
      const response = await fetch(post.url, { method: 'POST', body })
      return [response.status, /<Code>(\w+)</.exec(await response.text())?.[1]]
    }
    expect(await submit('123456789')).toEqual([204, undefined])
    expect(await submit('123456780')).toEqual([400, 'BadDigest'])
  })

  it('rejects the completion with the checksum of a different part', async () => {
    const { parts, complete } = await start('CRC32C')
    const sent = []
    for (const part of parts) {
      const response = await fetch(part.url, { ...part, body: content.subarray(part.start, part.end) })
      sent.push({ partNumber: part.partNumber, etag: response.headers.get('etag')!, checksum: parts[0]!.checksum })
    }
    const response = await fetch(complete.url, { ...complete, body: asynchronous.multipartCompletionBody(sent, 2) })
    expect(asynchronous.parseMultipartResponse(await response.text())).toMatchObject({
      kind: 'error',
      awsCode: 'InvalidPart',
    })
  })
})
