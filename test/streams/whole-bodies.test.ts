import { describe, expect, it } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import { sign as sign4a } from '../../src/sigv4a.ts'
import { crc32c } from '../../src/streams.ts'
import * as synchronous from '../../src/sync.ts'
import { verify } from '../../src/verify.ts'
import { CHECKSUMS, URL } from '../support/streams/uploads.ts'
import { received, SIGNING, VERIFYING } from '../support/verify/helpers.ts'

// Checksums of whole bodies, as a header of sign.

const ENTRIES = { sigv4: asynchronous, 'sigv4/sync': synchronous } as const
const VALUE = '4waSgw==' // of 123456789

describe.each(Object.entries(ENTRIES))('%s', (_, { sign }) => {
  const signed = async (body: unknown, options: object = {}, headers = {}) =>
    (sign as typeof asynchronous.sign)(
      { method: 'PUT', url: URL, body, headers },
      { ...SIGNING, checksum: crc32c, ...options },
    )

  it('signs the checksum of a string and of bytes', async () => {
    for (const body of ['123456789', Buffer.from('123456789'), new TextEncoder().encode('123456789').buffer]) {
      const request = await signed(body)
      expect(request.headers['x-amz-checksum-crc32c']).toBe(VALUE)
      expect(request.headers.authorization).toContain(';x-amz-checksum-crc32c;')
      await verify(received(request, '123456789'), VERIFYING)
    }
    expect((await signed('ü')).headers).toEqual((await signed(Buffer.from('ü'))).headers)
    expect((await signed(undefined)).headers['x-amz-checksum-crc32c']).toBe('AAAAAA==')
  })

  it('signs every checksum', async () => {
    for (const [name, checksum] of Object.entries(CHECKSUMS)) {
      const running = checksum.create()
      running.update('a')
      expect((await signed('a', { checksum })).headers[`x-amz-checksum-${name}`]).toBe(running.digest())
    }
  })

  it('signs it beside an unsigned payload', async () => {
    const { headers } = await signed('123456789', { payloadHash: 'UNSIGNED-PAYLOAD' })
    expect([headers['x-amz-checksum-crc32c'], headers['x-amz-content-sha256']]).toEqual([VALUE, 'UNSIGNED-PAYLOAD'])
  })

  it('rejects what it cannot read, a second value, and a name', async () => {
    const rejected = async (...args: Parameters<typeof signed>) => signed(...args)
    await expect(rejected(new ReadableStream(), { payloadHash: 'UNSIGNED-PAYLOAD' })).rejects.toMatchObject({
      code: 'ERR_SIGV4_BODY_NOT_HASHABLE',
    })
    await expect(rejected('a', {}, { 'X-Amz-Checksum-CRC32C': VALUE })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      argument: 'options.checksum',
      reason: 'conflict',
    })
    for (const checksum of ['CRC32C', { create: crc32c.create }, { algorithm: 'CRC32C', value: VALUE }])
      await expect(rejected('a', { checksum })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        reason: 'type',
        message: "options.checksum has the wrong type. Pass crc32c of 'sigv4/streams', not its name.",
      })
    // @ts-expect-error a name in place of an implementation
    const compiled = () => synchronous.sign({ url: URL }, { ...SIGNING, checksum: 'CRC32C' })
    expect(compiled).toThrow('options.checksum')
  })
})

it('reads a Blob and a Request', async () => {
  const options = { ...SIGNING, checksum: crc32c }
  const body = new Blob(['1234', '56789'])
  const { headers } = await asynchronous.sign({ method: 'PUT', url: URL, body }, options)
  expect(headers['x-amz-checksum-crc32c']).toBe(VALUE)
  const request = new Request(URL, { method: 'PUT', body: '123456789' })
  expect((await asynchronous.sign(request, options)).headers['x-amz-checksum-crc32c']).toBe(VALUE)
  const large = new Blob([new Uint8Array(3 * 1_048_576 + 1)])
  const running = crc32c.create()
  running.update(new Uint8Array(large.size))
  expect((await asynchronous.sign({ method: 'PUT', url: URL, body: large }, options)).headers).toMatchObject({
    'x-amz-checksum-crc32c': running.digest(),
  })
})

it('is signed with Signature Version 4a, too', async () => {
  const { region: _, ...signing } = SIGNING
  const request = { method: 'PUT', url: URL, body: '123456789' }
  const { headers } = await sign4a(request, { ...signing, regionSet: '*', checksum: crc32c })
  expect(headers['x-amz-checksum-crc32c']).toBe(VALUE)
  expect(headers.authorization).toContain(';x-amz-checksum-crc32c;')
})
