import { createHash } from 'node:crypto'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { crc } from '../../src/checksums/crc.ts'
import { javascriptMd5 } from '../../src/checksums/md5.ts'
import { javascriptSha1 } from '../../src/checksums/sha1.ts'
import { javascriptSha512 } from '../../src/checksums/sha512.ts'
import { checksumHeader, checksumLength } from '../../src/s3/checksums.ts'
import { ROOT } from '../support/packed.ts'
import { CHECKSUMS, divide } from '../support/streams/uploads.ts'

// Checksums in pieces of any length, and alone in a bundle; test/streams/vectors.test.ts has recorded values.

const bytes = new Uint8Array(1000).map((_, i) => i * 37)

describe.each(Object.entries(CHECKSUMS))('%s', (name, checksum) => {
  const digestOf = (pieces: (string | Uint8Array)[]) => {
    const running = checksum.create()
    for (const piece of pieces) running.update(piece)
    return running.digest()
  }

  it('is the same in pieces of any length, and of memory that starts anywhere', () => {
    for (const length of [0, 1, 7, 8, 9, 63, 64, 65, 1000]) {
      const part = bytes.subarray(0, length)
      const expected = digestOf([part])
      for (const size of [1, 3, 8, 17]) expect(digestOf(divide(part, () => size))).toBe(expected)
      const shifted = new Uint8Array(length + 3)
      shifted.set(part, 3)
      expect(digestOf([shifted.subarray(3)])).toBe(expected)
    }
    expect(digestOf(['ü€'])).toBe(digestOf([Buffer.from('ü€')]))
    for (const empty of ['', new Uint8Array(0), bytes.subarray(1000)])
      expect(digestOf([empty, bytes, empty])).toBe(digestOf([bytes]))
  })

  it('is alone in a bundle', async () => {
    const { metafile } = await build({
      stdin: { contents: `export { ${name} } from './src/streams.ts'`, resolveDir: ROOT },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      logLevel: 'error',
    })
    const [output] = Object.values(metafile.outputs)
    const files = Object.entries(output!.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput ? [path] : []))
    const others = Object.keys(CHECKSUMS).filter((other) => other !== name)
    expect(files).toContain(`src/checksums/${name}.ts`)
    for (const other of others) expect(files).not.toContain(`src/checksums/${other}.ts`)
    for (const other of ['encode', 'seed', 'sign-chunks']) expect(files).not.toContain(`src/streams/${other}.ts`)
  })
})

it('CRC-32 in JavaScript is that of the runtime', () => {
  for (let length = 0; length < 200; length++) {
    const part = bytes.subarray(0, length)
    const [running, native] = [crc(0xedb88320), CHECKSUMS.crc32!.create()]
    for (const piece of divide(part, () => 13)) for (const each of [running, native]) each.update(piece)
    expect(running.digest()).toBe(native.digest())
  }
})

describe.each([
  ['md5', javascriptMd5],
  ['sha1', javascriptSha1],
  ['sha512', javascriptSha512],
] as const)('%s in JavaScript', (name, start) => {
  it('is that of node:crypto, whatever the length', () => {
    for (let length = 0; length < 300; length++) {
      const part = bytes.subarray(0, length)
      const running = start()
      for (const piece of divide(part, () => 13)) running.update(piece)
      expect(running.digest()).toBe(createHash(name).update(part).digest('base64'))
    }
    const many = new Uint8Array(1_000_003).map((_, i) => i ^ (i >> 8))
    const running = start()
    running.update(many)
    expect(running.digest()).toBe(createHash(name).update(many).digest('base64'))
  })
})

// RFC 1321 appendix A.5, FIPS 180-4 (its examples), and, of "Memento Mori", a test of aws-sdk-cpp
it.each([
  ['md5', '', '1B2M2Y8AsgTpgAmY7PhCfg=='],
  ['md5', 'message digest', '+WtpfXy3k41SWi8xqvFh0A=='],
  ['sha512', 'abc', '3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=='],
  [
    'sha512',
    'Memento Mori',
    'b3tSwOm8ciYgInIl7qsmQMTRTg6bftRpEBagE0ZWONKrb19uOBf1HZX++/ttF/2n/6MFWBq3O4Msl2oP/XC+pQ==',
  ],
])('%s of %j is as published', (name, text, value) => {
  const running = CHECKSUMS[name]!.create()
  running.update(text)
  expect(running.digest()).toBe(value)
  expect(value).toHaveLength(checksumLength(CHECKSUMS[name]!.algorithm))
})

it('the headers and lengths are those of S3', () => {
  expect(
    Object.values(CHECKSUMS).map(({ algorithm }) => [checksumHeader(algorithm), checksumLength(algorithm)]),
  ).toEqual([
    ['x-amz-checksum-crc32', 8],
    ['x-amz-checksum-crc32c', 8],
    ['x-amz-checksum-crc64nvme', 12],
    ['x-amz-checksum-md5', 24],
    ['x-amz-checksum-sha1', 28],
    ['x-amz-checksum-sha256', 44],
    ['x-amz-checksum-sha512', 88],
  ])
})
