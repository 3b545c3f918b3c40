import { Readable } from 'node:stream'
import type { Content, Shelf } from './store.ts'

const SMALLEST = 4 * 1024
const LARGEST = 1024 * 1024

interface MemoryContent extends Content {
  readonly blocks: readonly Buffer[]
}

/** Bytes in memory: nothing outlives the process. */
export function memoryShelf(): Shelf {
  const nothing = () => {}
  return {
    async keep(source) {
      return contentOf(await collect(source))
    },
    async join(parts) {
      return contentOf(parts.flatMap((part) => (part as MemoryContent).blocks))
    },
    drop: nothing,
    load: () => [],
    recordBucket: nothing,
    forgetBucket: nothing,
    record: nothing,
    forget: nothing,
    leftovers: () => 0,
  }
}

function contentOf(blocks: readonly Buffer[]): MemoryContent {
  const size = blocks.reduce((sum, block) => sum + block.length, 0)
  return { size, blocks, read: (start, end) => Readable.from(slices(blocks, start, end), { objectMode: false }) }
}

/** Copies what comes in, so that a few bytes do not keep the buffer of the network that they came in. */
async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const blocks: Buffer[] = []
  let block = Buffer.allocUnsafeSlow(SMALLEST)
  let filled = 0
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length; ) {
      if (filled === block.length) {
        blocks.push(block)
        block = Buffer.allocUnsafeSlow(Math.min(2 * block.length, LARGEST))
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
    const [from, to] = [Math.max(start - before, 0), Math.min(end - before, block.length)]
    if (from < to) yield block.subarray(from, to)
    before += block.length
    if (before >= end) return
  }
}
