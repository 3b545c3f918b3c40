import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checksumLength } from '../../src/s3/checksums.ts'
import { resignChunks, signChunks } from '../../src/streams.ts'
import { toErrorResponse, verify } from '../../src/verify.ts'
import { CHECKSUMS, URL, verifyUpload } from '../support/streams/uploads.ts'
import { type Chunking, chunkedUpload, KINDS, pass, SIGNED, UNSIGNED, upload } from '../support/verify/chunking.ts'
import { pieces, read, received, SIGNING, VERIFYING } from '../support/verify/helpers.ts'

// Checksums in the trailing headers of a chunked body; test/attacks/header-body.test.ts changes chunks and trailers.

const body = Buffer.alloc(20_000).map((_, i) => i * 7)
/** What a client sends whose checksum is not that of the body: the body was changed before it was encoded. */
const damaged = Buffer.from(body)
damaged[12_345]! ^= 1

const file = new globalThis.URL('../../fixtures/chunked-uploads/bodies.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as {
  cases: { id: string; input: { body: string; trailer: string }; output: string }[]
}
const official = cases.filter(({ id }) => id.startsWith('unsigned-'))

/** Verifies an unsigned body that an AWS client encoded. */
async function verifyEncoded(encoded: Uint8Array, decodedLength: number, trailer: string) {
  const { request } = chunkedUpload(['x'.repeat(decodedLength)], { kind: UNSIGNED, trailers: [[trailer, '']] })
  const options = { ...VERIFYING, allowUnsignedPayload: true, allowSmallChunks: true } as const
  const { verifyBody } = await verify(request, { ...options, payload: 'deferred' })
  return { request, options, checked: verifyBody([encoded]) }
}

describe.each(Object.entries(CHECKSUMS))('%s', (name, checksum) => {
  describe.each([
    ['unsigned', false],
    ['signed', true],
  ])('of %s chunks', (_, signed) => {
    const send = (sent: Uint8Array, value = checksum) =>
      signChunks({ url: URL }, { ...SIGNING, decodedLength: sent.length, chunkSize: 8192, checksum: value, signed })
    /** The checksum of a different body, with a valid signature. */
    const wrong = {
      ...checksum,
      create: () => {
        const running = checksum.create()
        running.update(damaged)
        return { update: () => undefined, digest: () => running.digest() }
      },
    }

    it('is accepted, even if the body is empty', async () => {
      for (const sent of [body, Buffer.alloc(0)]) {
        const upload = await send(sent)
        const encoded = await read(upload.encode([sent]))
        const { verifyBody } = await verifyUpload(upload)
        expect(await pass(verifyBody(pieces(encoded, 1000)))).toMatchObject({
          code: undefined,
          text: String(Buffer.from(sent)),
        })
      }
    })

    it('is rejected if the body is a different one, as S3 does', async () => {
      const upload = await send(body, wrong)
      const encoded = await read(upload.encode([body]))
      const { verifyBody } = await verifyUpload(upload)
      expect(await pass(verifyBody([encoded]))).toMatchObject({
        code: 'ERR_SIGV4_PAYLOAD_MISMATCH',
        awsCode: 'BadDigest',
        message: `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
      })
      const request = { ...received(upload), body: encoded }
      await expect(verify(request, { ...VERIFYING, allowUnsignedPayload: true })).rejects.toMatchObject({
        code: 'ERR_SIGV4_PAYLOAD_MISMATCH',
      })
    })

    it('is rejected if it is not a digest', async () => {
      const upload = await send(body, {
        ...checksum,
        create: () => ({ update: () => undefined, digest: () => '!'.repeat(checksumLength(checksum.algorithm)) }),
      })
      const { verifyBody } = await verifyUpload(upload)
      const result = await pass(verifyBody([await read(upload.encode([body]))]))
      expect(result).toMatchObject({ code: 'ERR_SIGV4_PAYLOAD_MISMATCH' })
    })

    if (signed)
      it('is rejected before it is signed again', async () => {
        const upload = await send(body, wrong)
        const { credentials: to, ...signing } = SIGNING
        const again = await resignChunks(
          { ...received(upload), url: 'https://upstream.example.com/photos/cat.jpg' },
          { ...signing, from: await verifyUpload(upload), credentials: to },
        )
        await expect(read(again.encode([await read(upload.encode([body]))]))).rejects.toMatchObject({
          code: 'ERR_SIGV4_PAYLOAD_MISMATCH',
          awsCode: 'BadDigest',
        })
      })
  })

  it('detects every changed byte, even next to the boundaries of chunks', async () => {
    const upload = await signChunks(
      { url: URL },
      { ...SIGNING, decodedLength: body.length, chunkSize: 8192, checksum, signed: false },
    )
    const encoded = await read(upload.encode([body]))
    // the lines before the chunks have 6 bytes, and the chunks end with a line break
    const starts = [6, 6 + 8194 + 6]
    for (const at of starts.flatMap((start) => [start, start + 1, start + 4000, start + 8190, start + 8191])) {
      const changed = Buffer.from(encoded)
      changed[at]! ^= 128
      const { verifyBody } = await verifyUpload(upload)
      expect([at, (await pass(verifyBody(pieces(changed, 4097)))).awsCode]).toEqual([at, 'BadDigest'])
    }
  })
})

describe('bodies of other clients', () => {
  it.each(official)('$id are accepted, and rejected with a changed byte', async ({ input, output }) => {
    const accepted = await verifyEncoded(Buffer.from(output), input.body.length, input.trailer)
    expect(await pass(accepted.checked)).toMatchObject({ code: undefined, text: input.body })
    if (!input.body) return
    const { checked } = await verifyEncoded(Buffer.from(output.replace('a', 'b')), input.body.length, input.trailer)
    expect(await pass(checked)).toMatchObject({ code: 'ERR_SIGV4_PAYLOAD_MISMATCH', awsCode: 'BadDigest' })
  })
})

describe('a checksum that is not implemented', () => {
  /** FNV-1a, which is not one of S3's, in place of XXHash. */
  const XXHASH = {
    algorithm: 'XXHASH64',
    create() {
      let hash = 0x811c9dc5
      return {
        update(data: string | Uint8Array) {
          for (const byte of Buffer.from(data as string)) hash = Math.imul(hash ^ byte, 0x01000193)
        },
        digest: () =>
          Buffer.from([...Buffer.of(hash, hash >> 8, hash >> 16, hash >> 24), 0, 0, 0, 0]).toString('base64'),
      }
    },
  } as const

  it.each([
    ['XXHASH64', 'x-amz-checksum-xxhash64', UNSIGNED],
    ['XXHASH3', 'x-amz-checksum-xxhash3', SIGNED],
    ['XXHASH128', 'X-Amz-Checksum-XXHash128', UNSIGNED],
    ['BLAKE3', 'x-amz-checksum-blake3', UNSIGNED],
  ] as const)('is named, and rejected before the body is read: %s', async (algorithm, header, kind) => {
    const chunking: Chunking = { kind, trailers: [[header.toLowerCase(), 'AAAAAAAAAAA=']], declared: header }
    const { request, encoded } = chunkedUpload(['data'], chunking)
    const options = { ...VERIFYING, allowUnsignedPayload: true } as const
    const { verifyBody } = await verify(request, { ...options, payload: 'deferred' })
    let isRead = false
    const source = (async function* () {
      isRead = true
      yield new Uint8Array(encoded)
    })()
    const expected = {
      code: 'ERR_SIGV4_PAYLOAD_UNCHECKED',
      awsCode: 'InvalidRequest',
      message: `The checksum ${algorithm} in x-amz-trailer cannot be checked. Pass its implementation in options.checksums.`,
    }
    expect(await pass(verifyBody(source))).toMatchObject({ ...expected, text: '' })
    expect(isRead).toBe(false)
    const error = await verify({ ...request, body: encoded }, options).catch((reason) => reason)
    expect(error).toMatchObject({ ...expected, status: 400 })
    expect(toErrorResponse(error).status).toBe(400)
  })

  it('is checked with an implementation that the caller passes', async () => {
    const accepting = { ...VERIFYING, payload: 'deferred', allowUnsignedPayload: true, checksums: [XXHASH] } as const
    const { credentials: to, ...signing } = SIGNING
    for (const signed of [true, false])
      for (const update of [true, false]) {
        const checksum = update
          ? XXHASH
          : { ...XXHASH, create: () => ({ ...XXHASH.create(), update: () => undefined }) }
        const upload = await signChunks({ url: URL }, { ...SIGNING, decodedLength: 20_000, checksum, signed })
        const encoded = await read(upload.encode([body]))
        const verified = await verify(received(upload), accepting)
        const { code, awsCode } = await pass(verified.verifyBody([encoded]))
        expect([code, awsCode]).toEqual(update ? [undefined, undefined] : ['ERR_SIGV4_PAYLOAD_MISMATCH', 'BadDigest'])
        if (!signed) continue
        const again = await resignChunks(
          { ...received(upload), url: URL },
          { ...signing, from: verified, credentials: to },
        )
        const sent = read(again.encode([encoded]))
        if (update) expect(await sent).toHaveLength(again.encodedLength)
        else await expect(sent).rejects.toMatchObject({ awsCode: 'BadDigest' })
      }
    for (const checksums of [{}, XXHASH, ['XXHASH64'], [() => 'x'], [{ create: XXHASH.create }]])
      await expect(verify({} as never, { ...VERIFYING, checksums: checksums as never })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
        message:
          "options.checksums has the wrong type. Pass a list of implementations, such as [{ algorithm: 'XXHASH64', create }], not of names.",
      })
  })

  it('a list of names does not compile', () => {
    // @ts-expect-error a name in place of an implementation
    return () => verify({} as never, { ...VERIFYING, checksums: ['XXHASH64'] })
  })

  it('is not signed again', async () => {
    const upload = await signChunks({ url: URL }, { ...SIGNING, decodedLength: 20_000, checksum: XXHASH })
    const { credentials: to, ...signing } = SIGNING
    const from = await verifyUpload(upload)
    const again = await resignChunks({ ...received(upload), url: URL }, { ...signing, from, credentials: to })
    await expect(read(again.encode([await read(upload.encode([body]))]))).rejects.toMatchObject({
      code: 'ERR_SIGV4_PAYLOAD_UNCHECKED',
    })
  })
})

it('other trailing headers are not checksums', async () => {
  for (const name of ['x-amz-meta-end', 'x-amz-checksum-type', 'x-amz-checksum-algorithm']) {
    const { request, encoded } = chunkedUpload(['data'], { kind: UNSIGNED, trailers: [[name, 'value']] })
    const { body } = await verify({ ...request, body: encoded }, { ...VERIFYING, allowUnsignedPayload: true })
    expect(String(Buffer.from(body!))).toBe('data')
  }
})

describe('trailing headers', () => {
  it('are accepted as documented: a blank line before their signature, whitespace, a line break without CR', async () => {
    const { verifyBody, encoded } = await upload(['data'], KINDS['signed, with a trailer']!)
    for (const text of [
      String(encoded).replace('x-amz-trailer-signature', '\r\nx-amz-trailer-signature'),
      String(encoded).replace('crc32c:', 'CRC32C: '),
      String(encoded).replace('==\r\n', '==\n\r\n'), // as AWS's page shows it
    ])
      expect(await pass(verifyBody([Buffer.from(text)]))).toMatchObject({ text: 'data', code: undefined })
  })

  it.each(['', 'rth90Q=', 'rth90Q==a', '*rth90Q=', 'rth90*==', 'rth90Q=*', '========'])(
    'whose checksum is %j are rejected, with their name',
    async (value) => {
      const { verifyBody, encoded } = await upload(['data'], KINDS['unsigned, with a trailer']!)
      const { code, message } = await pass(verifyBody([Buffer.from(String(encoded).replace('rth90Q==', value))]))
      expect([code, message]).toEqual([
        'ERR_SIGV4_PAYLOAD_MISMATCH',
        'Value for x-amz-checksum-crc32c trailing header is invalid.',
      ])
    },
  )
})
