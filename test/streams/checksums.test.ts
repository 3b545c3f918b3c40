import { createHash } from 'node:crypto'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { crc } from '../../src/streams/checksums/crc.ts'
import { javascriptSha1 } from '../../src/streams/checksums/sha1.ts'
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
    expect(files).toContain(`src/streams/checksums/${name}.ts`)
    for (const other of [...others.map((other) => `checksums/${other}`), 'encode', 'seed', 'sign-chunks'])
      expect(files).not.toContain(`src/streams/${other}.ts`)
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

it('SHA-1 in JavaScript is that of node:crypto', () => {
  for (let length = 0; length < 200; length++) {
    const part = bytes.subarray(0, length)
    const running = javascriptSha1()
    for (const piece of divide(part, () => 13)) running.update(piece)
    expect(running.digest()).toBe(createHash('sha1').update(part).digest('base64'))
  }
})
