import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sigv4a } from '../../src/sigv4a.ts'
import { crc32c, resignChunks, type SignChunksOptions, signChunks } from '../../src/streams.ts'
import { sigv4aFixture } from '../support/fixtures.ts'
import { sha256 } from '../support/oracle.ts'

// Uploads in chunks whose signatures are of Signature Version 4a: each is padded, and node:crypto verifies it.

const { keys } = sigv4aFixture()
const { accessKeyId, secretAccessKey, x, y } = keys[2]!
const [jwkX, jwkY] = [x, y].map((digits) => Buffer.from(digits, 'hex').toString('base64url')) as [string, string]
const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: jwkX, y: jwkY }, format: 'jwk' })

const URL = 'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/cat.jpg'
const body = Buffer.alloc(20_000, 'abc')
const options: SignChunksOptions = {
  credentials: { accessKeyId, secretAccessKey },
  algorithm: sigv4a,
  decodedLength: body.length,
  chunkSize: 8192,
  now: Date.UTC(2013, 4, 24),
}

function isValid(stringToSign: string, signature: string): boolean {
  return verify('sha256', Buffer.from(stringToSign), key, Buffer.from(signature, 'hex'))
}

/** Returns the frames of an encoded body, and its trailing headers. */
function parse(encoded: Buffer): { frames: { data: Buffer; signature: string }[]; trailers: string[] } {
  const frames: { data: Buffer; signature: string }[] = []
  for (let at = 0; ; ) {
    const end = encoded.indexOf('\r\n', at)
    const [, size, signature] = /^([\da-f]+);chunk-signature=(.*)$/.exec(encoded.toString('latin1', at, end))!
    const data = encoded.subarray(end + 2, end + 2 + Number.parseInt(size!, 16))
    frames.push({ data, signature: signature! })
    at = end + 2 + data.length + 2
    if (data.length === 0)
      return {
        frames,
        trailers: encoded
          .toString('latin1', end + 2)
          .split('\r\n')
          .filter(Boolean),
      }
  }
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}

type Upload = Awaited<ReturnType<typeof signChunks>>

/** Expects that every signature of an upload is valid, and follows the previous one. */
function expectChain({ headers, encodedLength }: Upload, encoded: Buffer): { text: string; trailers: string[] } {
  const head = 'AWS4-ECDSA-P256-SHA256'
  const context = '20130524T000000Z\n20130524/s3/aws4_request'
  expect(headers['content-length']).toBe(String(encodedLength))
  expect(encoded).toHaveLength(encodedLength)
  let previous = /Signature=([\da-f]+)$/.exec(headers.authorization!)![1]!
  const strip = (padded: string): string => {
    expect(padded).toMatch(/^30[\da-f]+\**$/)
    expect(padded).toHaveLength(144)
    return padded.replace(/\*+$/, '')
  }
  const { frames, trailers } = parse(encoded)
  for (const { data, signature } of frames) {
    const stringToSign = `${head}-PAYLOAD\n${context}\n${previous}\n${sha256('')}\n${sha256(data)}`
    previous = strip(signature)
    expect(isValid(stringToSign, previous)).toBe(true)
    expect(isValid(`${stringToSign} `, previous)).toBe(false)
  }
  if (trailers.length) {
    const [, padded] = /^x-amz-trailer-signature:(.*)$/.exec(trailers.at(-1)!)!
    const content = trailers.slice(0, -1).map((line) => `${line}\n`)
    const stringToSign = `${head}-TRAILER\n${context}\n${previous}\n${sha256(content.join(''))}`
    expect(isValid(stringToSign, strip(padded!))).toBe(true)
  }
  return { text: String(Buffer.concat(frames.map(({ data }) => data))), trailers }
}

describe('signChunks with sigv4a', () => {
  it('signs the request and each chunk', async () => {
    const upload = await signChunks({ url: URL }, options)
    expect(upload.headers).toMatchObject({
      'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD',
      'x-amz-decoded-content-length': '20000',
      'x-amz-region-set': '*',
    })
    const signedHeaders =
      'content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-region-set'
    expect(upload.headers.authorization).toMatch(
      `AWS4-ECDSA-P256-SHA256 Credential=${accessKeyId}/20130524/s3/aws4_request, SignedHeaders=${signedHeaders}, `,
    )
    const canonicalHeaders = signedHeaders
      .split(';')
      .map((name) => `${name}:${upload.headers[name] ?? URL.split('/')[2]}\n`)
    const canonicalRequest = `PUT\n/cat.jpg\n\n${canonicalHeaders.join('')}\n${signedHeaders}\nSTREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD`
    const seed = /Signature=([\da-f]+)$/.exec(upload.headers.authorization!)![1]!
    const stringToSign = `AWS4-ECDSA-P256-SHA256\n20130524T000000Z\n20130524/s3/aws4_request\n${sha256(canonicalRequest)}`
    expect(isValid(stringToSign, seed)).toBe(true)
    expect(expectChain(upload, await collect(upload.encode([body]))).text).toBe(String(body))
  })

  it('signs trailing headers, and a region set', async () => {
    const own = { ...options, checksum: crc32c, regionSet: ['us-east-1', 'eu-west-*'] }
    const upload = await signChunks({ url: URL }, own)
    expect(upload.headers).toMatchObject({
      'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER',
      'x-amz-region-set': 'us-east-1,eu-west-*',
      'x-amz-trailer': 'x-amz-checksum-crc32c',
    })
    const { trailers } = expectChain(upload, await collect(upload.encode([body])))
    expect(trailers[0]).toMatch(/^x-amz-checksum-crc32c:.{8}$/)
  })

  it('signs only the request if the chunks are not signed', async () => {
    const upload = await signChunks({ url: URL }, { ...options, checksum: crc32c, signed: false })
    expect(upload.headers['x-amz-content-sha256']).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    expect(String(await collect(upload.encode([body])))).not.toContain('signature')
  })

  it.each([
    ['a region', { region: 'us-east-1' }, 'options.region'],
    ['no region set for a regional host', {}, 'options.regionSet'],
    ['another object', { algorithm: {} }, 'options.algorithm'],
    ['a region set without it', { algorithm: undefined, regionSet: '*' }, 'options.algorithm'],
    [
      'a signing key',
      { regionSet: '*', credentials: { accessKeyId, signingKey: { key: new Uint8Array(32) } } },
      'options.credentials.signingKey',
    ],
  ])('rejects %s', async (_, changed, argument) => {
    const given = { ...options, ...changed } as SignChunksOptions
    await expect(signChunks({ url: 'https://photos.s3.eu-west-1.amazonaws.com/k' }, given)).rejects.toMatchObject({
      argument,
    })
  })
})

it('resignChunks signs with sigv4a', async () => {
  async function* verifyBody(): AsyncGenerator<Uint8Array<ArrayBuffer>, Record<string, string>> {
    yield Uint8Array.from(body)
    return {}
  }
  const { credentials, algorithm, chunkSize, now: signedAt } = options
  const headers = {
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'x-amz-decoded-content-length': String(body.length),
  }
  const own = { from: { verifyBody, signedHeaders: [] }, credentials, algorithm, chunkSize, now: signedAt }
  const upload = await resignChunks({ method: 'PUT', url: URL, headers }, own)
  expect(expectChain(upload, await collect(upload.encode([]))).text).toBe(String(body))
})
