import { describe, expect, it } from 'vitest'
import { bodyContent, growBytes, iterableSource, joinBytes, pieceBytes } from '../../../src/core/http/body.ts'

describe('bodyContent', () => {
  it('is empty without a body', () => {
    expect(bodyContent(undefined)).toBe('')
    expect(bodyContent(null)).toBe('')
  })

  it('has the bytes that a view selects', () => {
    const buffer = new Uint8Array([0, 1, 2, 3, 4, 5]).buffer
    expect(bodyContent(new Uint16Array(buffer, 2, 1))).toEqual(new Uint8Array([2, 3]))
    expect(bodyContent(buffer)).toEqual(new Uint8Array([0, 1, 2, 3, 4, 5]))
  })

  it('copies shared memory, and nothing else', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2))
    const copied = bodyContent(shared) as Uint8Array
    expect(copied.buffer).toBeInstanceOf(ArrayBuffer)
    const own = new Uint8Array(2)
    expect((bodyContent(own) as Uint8Array).buffer).toBe(own.buffer)
  })

  it('formats a form, and leaves streams and other objects', () => {
    expect(bodyContent(new URLSearchParams({ a: 'b c' }))).toBe('a=b+c')
    expect(bodyContent(new ReadableStream())).toBeUndefined()
    expect(bodyContent({ a: 'b' })).toBeUndefined()
  })
})

describe('iterableSource', () => {
  it('reads a web stream that is not iterable, and cancels it if the loop ends', async () => {
    let cancelled = false
    const stream = new ReadableStream<number>({
      pull: (controller) => controller.enqueue(1),
      cancel: () => {
        cancelled = true
      },
    })
    Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined })
    const read: number[] = []
    for await (const piece of iterableSource<number>(stream)) if (read.push(piece) === 3) break
    expect(read).toEqual([1, 1, 1])
    expect(cancelled).toBe(true)
  })

  it('ends its iteration when it is closed, as a generator does', async () => {
    const iterator = (iterableSource<number>(new ReadableStream()) as AsyncIterable<number>)[Symbol.asyncIterator]()
    expect(await iterator.return!()).toEqual({ done: true, value: undefined })
  })

  it('returns a list as it is', () => {
    const list = [1, 2]
    expect(iterableSource(list)).toBe(list)
  })
})

it('joinBytes joins bytes in order', () => {
  expect(joinBytes([new Uint8Array([1, 2]), new Uint8Array(), new Uint8Array([3])])).toEqual(new Uint8Array([1, 2, 3]))
})

describe('growBytes', () => {
  const bytes = new Uint8Array([1, 2, 3, 4])

  it('returns the same memory if it is long enough', () => {
    expect(growBytes(bytes, 1, 3, 100)).toBe(bytes)
    expect(growBytes(bytes, 1, 2, 100)).toBe(bytes)
  })

  it.each([
    [1, 100, 8],
    [9, 100, 12],
    [1, 6, 6],
    [1, 5, 5],
  ])('for %i bytes more, %i at most, returns a copy of %i bytes', (more, limit, length) => {
    const filled = more === 9 ? 3 : 4
    const grown = growBytes(bytes, filled, more, limit)
    expect(grown).toHaveLength(length)
    expect([...grown.subarray(0, 4)]).toEqual([1, 2, 3, filled === 4 ? 4 : 0])
  })
})

it('a piece of a source is bytes', () => {
  expect(pieceBytes(new Uint8Array([1]))).toEqual(new Uint8Array([1]))
  expect(() => pieceBytes('a')).toThrow('source has the wrong type. Pass bytes, not strings.')
})
