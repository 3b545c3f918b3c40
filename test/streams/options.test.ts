import { describe, expect, it } from 'vitest'
import { crc32c, signChunks } from '../../src/streams.ts'
import { URL } from '../support/streams/uploads.ts'
import { read, SIGNING } from '../support/verify/helpers.ts'

// Invalid arguments.

const sign = (options: object = {}, request: object = {}) =>
  signChunks({ url: URL, ...request }, { ...SIGNING, decodedLength: 10, ...options } as never)

it.each<[options: object, code: string, argument: string, reason: string]>([
  [{ decodedLength: undefined }, 'ERR_INVALID_ARG_VALUE', 'options.decodedLength', 'missing'],
  [{ decodedLength: -1 }, 'ERR_INVALID_ARG_VALUE', 'options.decodedLength', 'invalid'],
  [{ decodedLength: 1.5 }, 'ERR_INVALID_ARG_VALUE', 'options.decodedLength', 'invalid'],
  [{ decodedLength: '10' }, 'ERR_INVALID_ARG_VALUE', 'options.decodedLength', 'invalid'],
  [{ decodedLength: 5 * 2 ** 30 + 1 }, 'ERR_INVALID_ARG_VALUE', 'options.decodedLength', 'invalid'],
  [{ regionSet: '*' }, 'ERR_INVALID_ARG_VALUE', 'options.algorithm', 'missing'],
  [{ decodedLength: 2 ** 53 }, 'ERR_INVALID_ARG_VALUE', 'options.decodedLength', 'invalid'],
  [{ chunkSize: 8191 }, 'ERR_INVALID_ARG_VALUE', 'options.chunkSize', 'range'],
  [{ chunkSize: 16_777_217 }, 'ERR_INVALID_ARG_VALUE', 'options.chunkSize', 'range'],
  [{ chunkSize: 8192.5 }, 'ERR_INVALID_ARG_VALUE', 'options.chunkSize', 'range'],
  [{ signed: false }, 'ERR_INVALID_ARG_VALUE', 'options.checksum', 'missing'],
  [{ signed: 'no' }, 'ERR_INVALID_ARG_TYPE', 'options.signed', 'type'],
  [{ checksum: 'crc32c' }, 'ERR_INVALID_ARG_TYPE', 'options.checksum', 'type'],
  [{ payloadHash: 'UNSIGNED-PAYLOAD' }, 'ERR_INVALID_ARG_VALUE', 'options.payloadHash', 'unknown'],
  [{ unsignedHeaders: 5 }, 'ERR_INVALID_ARG_TYPE', 'options.unsignedHeaders', 'type'],
  [{ credentials: {} }, 'ERR_SIGV4_CREDENTIALS_MISSING', 'options.credentials.accessKeyId', 'missing'],
  [{ region: undefined }, 'ERR_SIGV4_SCOPE_UNKNOWN', 'options.region', 'missing'],
])('options %o: %s, %s, %s', async (options, code, argument, reason) => {
  await expect(sign(options)).rejects.toMatchObject({ code, argument, reason })
})

it.each<[request: object, code: string, argument: string, reason: string]>([
  [{ body: 'a' }, 'ERR_INVALID_ARG_VALUE', 'request.body', 'unusable'],
  [{ headers: { 'Content-Length': 5 } }, 'ERR_INVALID_ARG_VALUE', 'request.headers["content-length"]', 'reserved'],
  [{ headers: { 'x-amz-trailer': 'a' } }, 'ERR_INVALID_ARG_VALUE', 'request.headers["x-amz-trailer"]', 'reserved'],
  [
    { headers: { 'x-amz-content-sha256': 'a' } },
    'ERR_SIGV4_ALREADY_SIGNED',
    'request.headers["x-amz-content-sha256"]',
    'reserved',
  ],
  [{ url: `${URL}?X-Amz-Signature=1` }, 'ERR_SIGV4_ALREADY_SIGNED', 'request.url', 'signed'],
])('request %o: %s, %s, %s', async (request, code, argument, reason) => {
  await expect(sign({}, request)).rejects.toMatchObject({ code, argument, reason })
})

it('a checksum may be a header or follow the body, not both', async () => {
  const headers = { 'x-amz-checksum-sha256': 'a' }
  await expect(sign({ checksum: crc32c }, { headers })).rejects.toMatchObject({
    argument: 'request.headers["x-amz-checksum-sha256"]',
    reason: 'conflict',
  })
  expect((await sign({}, { headers })).headers).toMatchObject(headers)
})

it('a name in place of an implementation does not compile, and its error names what to pass', async () => {
  // @ts-expect-error a name
  const compiled = () => signChunks({ url: URL }, { ...SIGNING, decodedLength: 10, checksum: 'CRC32C' })
  await expect(compiled()).rejects.toThrow(
    "options.checksum has the wrong type. Pass crc32c of 'sigv4/streams', not its name.",
  )
  const other = { ...SIGNING, decodedLength: 10, checksum: { ...crc32c, algorithm: 'A' } } as const
  // @ts-expect-error what S3 does not know
  const unknown = () => signChunks({ url: URL }, other)
  await expect(unknown()).rejects.toMatchObject({ argument: 'options.checksum.algorithm', reason: 'invalid' })
})

it('the largest upload in one request has 5 GiB', async () => {
  expect((await sign({ decodedLength: 5 * 2 ** 30 })).headers['x-amz-decoded-content-length']).toBe('5368709120')
})

describe('the request', () => {
  it('is PUT, with the headers of the encoded body', async () => {
    expect(await sign()).toMatchObject({
      method: 'PUT',
      url: URL,
      duplex: 'half',
      headers: {
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '10',
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
      },
    })
    expect((await sign({}, { method: 'post' })).method).toBe('POST')
    expect((await sign()).headers).not.toHaveProperty('x-amz-trailer')
  })

  it('keeps an encoding, and the one that it would add', async () => {
    for (const [given, sent] of [
      ['gzip', 'gzip,aws-chunked'],
      ['aws-chunked, gzip', 'aws-chunked, gzip'],
      ['AWS-Chunked', 'AWS-Chunked'],
      ['x-aws-chunked', 'x-aws-chunked,aws-chunked'],
    ])
      expect((await sign({}, { headers: { 'content-encoding': given } })).headers['content-encoding']).toBe(sent)
  })

  it('signs content-length only if it is asked to', async () => {
    const signedHeaders = async (options: object) => (await sign(options)).headers.authorization
    expect(await signedHeaders({})).not.toContain(';content-length;')
    expect(await signedHeaders({ signedHeaders: ['Content-Length'] })).toContain(';content-length;')
    expect(await signedHeaders({ unsignedHeaders: ['content-encoding'] })).not.toContain('content-encoding')
  })

  it('has the security token of temporary credentials', async () => {
    const credentials = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
    expect((await sign({ credentials })).headers['x-amz-security-token']).toBe('token')
  })

  it('and its chunks are signed with the secret at the time of the call, even if the caller changes it', async () => {
    const send = async (change: (credentials: { secretAccessKey: string }) => void) => {
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'one' }
      const signing = sign({ credentials })
      change(credentials)
      const { headers, encode } = await signing
      return [headers, String(await read(encode([Buffer.alloc(10)])))]
    }
    const changed = await send((credentials) => {
      credentials.secretAccessKey = 'two'
    })
    expect(changed).toEqual(await send(() => undefined))
  })
})
