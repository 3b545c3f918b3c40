import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checksumLength } from '../../src/s3/checksums.ts'
import { type ChunkSigner, encodeChunks, encodedLength, piecesOf } from '../../src/streams/encode.ts'
import { type Checksum, crc32, crc32c, crc64nvme, sha1, sha256, signChunks } from '../../src/streams.ts'
import { type DocRequest, docExamples } from '../support/fixtures.ts'
import { hmac, signingKey } from '../support/oracle.ts'
import { read } from '../support/verify/helpers.ts'

// Published chunked uploads, to the byte.

const CHECKSUMS: Record<string, Checksum> = { crc32, crc32c, crc64nvme, sha1, sha256 }

interface Bodies {
  checksumsOf123456789: Record<string, string>
  checksumsOf66560a: Record<string, string>
  cases: { id: string }[]
}

interface UnsignedBody {
  id: string
  input: { body: string; chunkSize: number; trailer: string }
  output: string
}

interface SignedBody {
  id: string
  input: {
    secretAccessKey: string
    date: string
    region: string
    service: string
    seedSignature: string
    body: { repeat: string; count: number }
    chunkSizes: number[]
  }
  output: { chunkSignatures: string[]; trailer: string; trailerSignature: string; encodedLength: number }
}

const file = new URL('../../fixtures/chunked-uploads/bodies.json', import.meta.url)
const { cases, checksumsOf123456789, checksumsOf66560a }: Bodies = JSON.parse(readFileSync(file, 'utf8'))
const signed = cases.filter(({ id }) => id === 'signed-trailer') as SignedBody[]
const unsigned = cases.filter(({ id }) => id.startsWith('unsigned-')) as UnsignedBody[]

describe('the examples of the S3 documentation', () => {
  const examples = docExamples().filter((example): example is DocRequest => example.kind === 'chunked')

  it('are two', () => {
    expect(examples.map(({ id }) => id)).toEqual(['s3-chunked-upload', 's3-chunked-upload-trailer'])
  })

  it.each(examples)('$id', async ({ request, credentials, region, service, amzDate, expected, trailers }) => {
    const body = Buffer.alloc(66_560, 'a')
    const upload = await signChunks(
      { url: `https://s3.amazonaws.com${request.path}`, headers: { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' } },
      {
        credentials,
        region,
        service,
        now: new Date(amzDate.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')),
        decodedLength: body.length,
        checksum: trailers && crc32c,
        // the first example signs it, the second does not
        signedHeaders: expected.canonicalRequest.includes('\ncontent-length:') ? ['content-length'] : [],
      },
    )
    expect(upload.headers.authorization).toContain(`Signature=${expected.signature}`)
    expect(upload.encodedLength).toBe(expected.encodedLength)
    expect(upload.headers['content-length']).toBe(String(expected.encodedLength))
    const encoded = await read(upload.encode([body]))
    const signatures = String(encoded).match(/(?<=signature[=:])[\da-f]{64}/g)
    const all = [...expected.chunks!, ...(expected.trailer ? [expected.trailer] : [])].map(({ signature }) => signature)
    expect(signatures).toEqual(all)
    expect(encoded).toHaveLength(expected.encodedLength!)
    expect(createHash('sha256').update(encoded).digest('hex')).toBe(expected.encodedSha256)
  })
})

describe('recorded bodies', () => {
  it.each(unsigned)('$id', async ({ input, output }) => {
    const { body, chunkSize, trailer } = input
    const checksum = CHECKSUMS[trailer.replace('x-amz-checksum-', '')]!
    const plan = {
      decodedLength: body.length,
      chunkSize,
      trailers: [[trailer, checksumLength(checksum.algorithm)]] as const,
    }
    const running = checksum.create()
    const pieces = piecesOf([Buffer.from(body)], running)
    const encoded = await read(encodeChunks(plan, undefined, { pieces, trailers: () => [[trailer, running.digest()]] }))
    expect(String(encoded)).toBe(output)
    expect(encodedLength(plan, 0)).toBe(output.length)
  })

  it.each(signed)('$id', async ({ input, output }) => {
    const { secretAccessKey, date, region, service, seedSignature, body, chunkSizes } = input
    const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`
    const key = signingKey(secretAccessKey, scope)
    const signer: ChunkSigner = {
      context: { algorithm: 'AWS4-HMAC-SHA256', amzDate: date, scope },
      seedSignature,
      signatureLength: 64,
      sign: async (stringToSign) => hmac(key, stringToSign).toString('hex'),
    }
    const [name = '', value = ''] = output.trailer.split(':')
    const plan = { decodedLength: body.count, chunkSize: chunkSizes[0]!, trailers: [[name, value.length]] as const }
    const running = crc32.create()
    const pieces = piecesOf([Buffer.alloc(body.count, body.repeat)], running)
    const encoded = await read(encodeChunks(plan, signer, { pieces, trailers: () => [[name, running.digest()]] }))
    expect(String(encoded)).toContain(`\r\n${output.trailer}\r\n`)
    expect(String(encoded).match(/(?<=signature[=:])[\da-f]{64}/g)).toEqual([
      ...output.chunkSignatures,
      output.trailerSignature,
    ])
    expect(encoded).toHaveLength(output.encodedLength)
    expect(encodedLength(plan, 64)).toBe(output.encodedLength)
  })

  it('are all of the file', () => {
    expect([signed.length, unsigned.length, cases.length]).toEqual([1, 10, 11])
  })
})

describe('recorded checksums', () => {
  it.each(Object.entries(CHECKSUMS))('%s', (name, checksum) => {
    const known: Record<string, string> = {
      ...checksumsOf123456789,
      sha1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
      sha256: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
    }
    for (const [data, expected] of [
      ['123456789', known[name]],
      [Buffer.alloc(66_560, 'a'), checksumsOf66560a[name]],
    ] as const) {
      const running = checksum.create()
      running.update(data)
      expect(running.digest()).toBe(expected)
      expect(expected).toHaveLength(checksumLength(checksum.algorithm))
    }
  })
})

describe.each(Object.entries(CHECKSUMS))('%s', (_, checksum) => {
  const digest = (data: unknown): string => {
    const running = checksum.create()
    running.update(data as string)
    return running.digest()
  }

  it('reads every kind of bytes', () => {
    const bytes = Uint8Array.from({ length: 600 }, (_, i) => i)
    const shared = new Uint8Array(new SharedArrayBuffer(600))
    shared.set(bytes)
    for (const data of [
      bytes.buffer,
      new Uint32Array(bytes.buffer),
      new DataView(bytes.buffer),
      shared,
      Buffer.from(bytes),
    ])
      expect(digest(data)).toBe(digest(bytes))
  })

  it.each([undefined, null, 5, {}, ['a'], new Blob(['a'])])('rejects %o', (data) => {
    expect(() => digest(data)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'data' }))
  })
})
