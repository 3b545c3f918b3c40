import { Readable } from 'node:stream'
import type { Bytes, Content } from './storage.ts'

const MIN_BLOCK_SIZE = 4 * 1024
const MAX_BLOCK_SIZE = 1024 * 1024

interface MemoryContent extends Content {
  readonly blocks: readonly Buffer[]
}

export function memoryBytes(): Bytes {
  return {
    async write(source) {
      return contentOf(await collect(source))
    },
    async join(parts) {
      return contentOf(parts.flatMap((part) => (part as MemoryContent).blocks))
    },
    drop() {},
  }
}

function contentOf(blocks: readonly Buffer[]): MemoryContent {
  const size = blocks.reduce((sum, block) => sum + block.length, 0)
  return { size, blocks, read: (start, end) => Readable.from(slices(blocks, start, end), { objectMode: false }) }
}

/** Copies the source, so that small pieces do not retain large network buffers. */
async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const blocks: Buffer[] = []
  let block = Buffer.allocUnsafeSlow(MIN_BLOCK_SIZE)
  let filled = 0
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      if (filled === block.length) {
        blocks.push(block)
        block = Buffer.allocUnsafeSlow(Math.min(2 * block.length, MAX_BLOCK_SIZE))
        filled = 0
      }
      const some = bytes.subarray(at, at + block.length - filled)
      block.set(some, filled)
      filled += some.length
      at += some.length
    }
  }
  const last = Buffer.allocUnsafeSlow(filled)
  block.copy(last, 0, 0, filled)
  return [...blocks, last]
}

function* slices(blocks: readonly Buffer[], start: number, end: number): Generator<Buffer> {
  let before = 0
  for (const block of blocks) {
    const from = Math.max(start - before, 0)
    const to = Math.min(end - before, block.length)
    if (from < to) yield block.subarray(from, to)
    before += block.length
    if (before >= end) return
  }
}
