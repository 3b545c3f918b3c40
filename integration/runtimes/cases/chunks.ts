import type * as streams from '../../../src/streams.ts'
import type * as verification from '../../../src/verify.ts'
import { equal, refused } from '../harness.ts'
import type { PlatformCase } from './platform.ts'

const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const placeholder = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder' }
const signedAt = 1_369_353_600_000
const url = 'https://s3.amazonaws.com/examplebucket/chunkObject.txt'
const headers = { 'x-amz-storage-class': 'REDUCED_REDUNDANCY' }
const signing = { region: 'us-east-1', service: 's3', now: signedAt }

/** The checksums of the body. */
const CHECKSUMS = {
  crc32: 'sK4Y7A==',
  crc32c: 'sOO8/Q==',
  crc64nvme: 'pRf+emrnL+A=',
  md5: '2g0uF81ajxRjPGtK661+Ag==',
  sha1: 'qOlv5ixdz2jRNhlSLmgH6iaTKRI=',
  sha256: 'zWnTiHxq+SZLEA17dgIzEzXZqn4718MM3G1vS/uzyIg=',
  sha512: 'b6Ak3CEJMUvcQgyGW2AIDp8HaZIqtTc+4Ge6dwGka3WvR30eTeYeNUi5ToGWx1+uHCOQGLAHZtKnssRnaX8ZGg==',
}

/** Signs AWS's worked examples, and signs them again. */
export function chunkCases(
  { crc32, crc32c, crc64nvme, md5, resignChunks, sha1, sha256, sha512, signChunks }: typeof streams,
  { verify }: typeof verification,
): PlatformCase[] {
  const body = new Uint8Array(66_560).fill(97)
  const upload = (options: Partial<streams.SignChunksOptions> = {}) =>
    signChunks({ url, headers }, { ...signing, credentials, decodedLength: body.length, ...options })
  return [
    [
      'encodes the worked examples',
      ['subtle', 'TextEncoder'],
      async () => {
        const plain = await upload({ signedHeaders: ['content-length'] })
        const encoded = await collect(plain.encode([body.subarray(0, 1000), body.subarray(1000)]))
        equal([encoded.length, plain.encodedLength], [66_824, 66_824])
        equal(signaturesIn(encoded), ['ad80c730', '0055627c', 'b6c6ea8a'])
        const checked = await upload({ checksum: crc32c })
        const withTrailer = await collect(checked.encode([body]))
        equal([withTrailer.length, checked.encodedLength], [66_946, 66_946])
        equal(signaturesIn(withTrailer), ['b474d886', '1c1344b1', '2ca2aba2', 'd81f82fc'])
        await refused('ERR_INVALID_ARG_VALUE', () => collect(plain.encode([body, body])))
      },
    ],
    [
      'encodes a web stream',
      ['subtle', 'TextEncoder', 'ReadableStream'],
      async () => {
        const { encode } = await upload()
        const parts = [body.subarray(0, 7), body.subarray(7)]
        const source = new ReadableStream<Uint8Array>({
          pull(controller) {
            const part = parts.shift()
            if (part) controller.enqueue(part)
            else controller.close()
          },
        })
        const reader = source.pipeThrough(encode()).getReader()
        const encoded: Uint8Array[] = []
        for (let read = await reader.read(); !read.done; read = await reader.read()) encoded.push(read.value)
        equal(joined(encoded), joined([await collect(encode([body]))]))
      },
    ],
    [
      'computes checksums',
      ['TextEncoder'],
      () => {
        for (const [name, checksum] of Object.entries({ crc32, crc32c, crc64nvme, md5, sha1, sha256, sha512 })) {
          const running = checksum.create()
          running.update('aaa')
          running.update(body.subarray(3))
          equal(running.digest(), CHECKSUMS[name as 'crc32'])
        }
      },
    ],
    [
      'rejects a damaged body by the checksum after it',
      ['subtle', 'TextEncoder'],
      async () => {
        for (const checksum of [crc32, crc64nvme, sha512]) {
          const { encode, ...request } = await upload({ checksum, signed: false })
          const encoded = await collect(encode([body]))
          const accepting = { now: signedAt, payload: 'deferred', allowUnsignedPayload: true } as const
          const { verifyBody } = await verify(request, { ...accepting, credentials: () => credentials })
          equal(joined([await collect(verifyBody([encoded]))]), joined([body]))
          encoded[200]! ^= 1
          await refused('ERR_SIGV4_PAYLOAD_MISMATCH', () => collect(verifyBody([encoded])))
        }
      },
    ],
    [
      'signs received chunks again',
      ['subtle', 'TextEncoder'],
      async () => {
        const { encode, ...request } = await upload({ credentials: placeholder, checksum: crc32 })
        const encoded = await collect(encode([body]))
        const lookup = { now: signedAt, payload: 'deferred' } as const
        const from = await verify(request, { ...lookup, credentials: () => placeholder })
        const again = await resignChunks(request, { ...signing, from, credentials })
        const resigned = await collect(again.encode([encoded]))
        const arrived = await verify(again, { ...lookup, credentials: () => credentials })
        equal(joined([await collect(arrived.verifyBody([resigned]))]), joined([body]))
        encoded[200]! ^= 1
        await refused('ERR_SIGV4_SIGNATURE_MISMATCH', () => collect(again.encode([encoded])))
      },
    ],
  ]
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: number[] = []
  for await (const part of source) for (const byte of part) parts.push(byte)
  return Uint8Array.from(parts)
}

/** Bytes as a string, one per character. */
function joined(parts: readonly Uint8Array[]): string {
  let string = ''
  for (const part of parts) for (const byte of part) string += String.fromCharCode(byte)
  return string
}

/** The starts of the signatures in an encoded body. */
function signaturesIn(encoded: Uint8Array): string[] {
  return [...joined([encoded]).matchAll(/signature[=:]([\da-f]{8})/g)].map(([, digits]) => digits!)
}
