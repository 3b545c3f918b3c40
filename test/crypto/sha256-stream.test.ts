import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runtimeStream } from '../../src/crypto/runtime.ts'
import { javascriptStream, sha256Stream } from '../../src/crypto/sha256-stream.ts'
import { nistBlocks } from '../support/fixtures.ts'

// Compares with node:crypto, and with NIST's messages in pieces.

const STREAMS = { 'in JavaScript': javascriptStream, 'of the runtime': () => runtimeStream()! }

function node(...pieces: Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

describe.each(Object.entries(STREAMS))('an incremental hash %s', (_, create) => {
  function hashed(...pieces: Uint8Array[]): string {
    const stream = create()
    for (const piece of pieces) stream.update(piece)
    return stream.hex()
  }

  it("matches NIST's messages, split anywhere", () => {
    const blocks = ['SHA256ShortMsg.rsp', 'SHA256LongMsg.rsp']
      .flatMap(nistBlocks)
      .filter(({ Len }) => Len !== undefined)
    expect(blocks.length).toBe(129)
    for (const { Len, Msg, MD } of blocks) {
      const message = Buffer.from(Msg!, 'hex').subarray(0, Number(Len) / 8)
      const cut = Math.floor(message.length / 3)
      expect(hashed(message)).toBe(MD)
      expect(hashed(message.subarray(0, cut), message.subarray(cut))).toBe(MD)
    }
  })

  it('has every padding: lengths of 0 to 200, split at every byte', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => i * 7)
    for (let length = 0; length <= 200; length++) {
      const message = bytes.subarray(0, length)
      const expected = node(message)
      expect(hashed(message)).toBe(expected)
      for (let at = 0; at <= length; at += length > 70 ? 13 : 1)
        expect(hashed(message.subarray(0, at), message.subarray(at))).toBe(expected)
    }
  })

  it('is independent of the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 12 }), fc.nat(7), (pieces, offset) => {
        // views into larger buffers with different offsets
        const views = pieces.map((piece) => {
          const buffer = new Uint8Array(piece.length + offset + 3)
          buffer.set(piece, offset)
          return buffer.subarray(offset, offset + piece.length)
        })
        expect(hashed(...views)).toBe(node(...pieces))
      }),
      { numRuns: 300 },
    )
  })

  it('neither keeps nor changes its input', () => {
    const piece = Uint8Array.from({ length: 100 }, (_, i) => i)
    const stream = create()
    stream.update(piece)
    expect(piece).toEqual(Uint8Array.from({ length: 100 }, (_, i) => i))
    piece.fill(9) // as a buffer pool does
    stream.update(piece)
    expect(stream.hex()).toBe(
      node(
        Uint8Array.from({ length: 100 }, (_, i) => i),
        piece,
      ),
    )
  })
})

describe('the incremental hash that is used', () => {
  afterEach(() => vi.unstubAllGlobals())

  it.each([
    ['Node', process, 1],
    ['a runtime without versions.node', {}, 0],
    ['a runtime without getBuiltinModule', { versions: process.versions }, 0],
    ['a runtime without process', undefined, 0],
  ])("in %s is the runtime's if it has one", (_, host, count) => {
    const builtin = vi.spyOn(process, 'getBuiltinModule')
    vi.stubGlobal('process', host)
    const stream = sha256Stream()
    vi.unstubAllGlobals()
    expect(builtin).toHaveBeenCalledTimes(count)
    builtin.mockRestore()
    stream.update(Buffer.from('abc'))
    expect(stream.hex()).toBe(node(Buffer.from('abc')))
  })
})
