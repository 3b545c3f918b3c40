import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { crc32c, type SignChunksOptions, signChunks } from '../../src/streams.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { URL } from '../support/streams/uploads.ts'
import { read, SIGNING } from '../support/verify/helpers.ts'

// The encoder as a stream: sources, back-pressure, errors, memory.

const MiB = 1_048_576
const sign = (decodedLength: number, options: Partial<SignChunksOptions> = {}) =>
  signChunks({ url: URL }, { ...SIGNING, decodedLength, ...options })

/** A web stream of pieces, and how many were read. */
function counted(pieces: number, length: number) {
  const count = { read: 0, cancelled: undefined as unknown }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (count.read++ < pieces) controller.enqueue(new Uint8Array(length).fill(97))
        else controller.close()
      },
      cancel(reason) {
        count.cancelled = reason ?? 'cancelled'
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, count }
}

describe('every kind of source', () => {
  const body = Buffer.alloc(200_000, 'a')

  it('is encoded to the same bytes', async () => {
    const upload = await sign(body.length, { checksum: crc32c })
    const expected = await read(upload.encode([body]))
    const same = (bytes: Uint8Array) => expect(Buffer.compare(bytes, expected)).toBe(0)
    same(await read(upload.encode(Readable.from([body.subarray(0, 10), body.subarray(10)]))))
    same(await read(upload.encode(new Blob([body]).stream())))
    same(await read(Readable.from(upload.encode(new Blob([body]).stream()))))
    same(await read(new Blob([body]).stream().pipeThrough(upload.encode())))
    same(new Uint8Array(await new Response(new Blob([body]).stream().pipeThrough(upload.encode())).arrayBuffer()))
    const written: Uint8Array[] = []
    const sink = new Writable({
      write(piece, _, done) {
        written.push(piece)
        done()
      },
    })
    await pipeline(Readable.from([body]), upload.encode, sink)
    same(Buffer.concat(written))
  })

  it('must yield bytes', async () => {
    const upload = await sign(3)
    const wrong = { code: 'ERR_INVALID_ARG_TYPE', argument: 'source', reason: 'type' }
    for (const source of [['abc'], body, 'abc', null, 1, {}])
      await expect(read(upload.encode(source as never))).rejects.toMatchObject(wrong)
    const { readable, writable } = upload.encode()
    const failed = read(readable)
    writable
      .getWriter()
      .write('abc')
      .catch(() => {})
    await expect(failed).rejects.toMatchObject(wrong)
  })

  it('is never changed, and the encoded chunks are never changed later', async () => {
    const piece = Buffer.alloc(8192, 'a')
    const upload = await sign(3 * piece.length, { chunkSize: 8192 })
    const encoded: { chunk: Uint8Array; copy: Buffer }[] = []
    function* reused() {
      for (const letter of 'abc') yield piece.fill(letter)
    }
    for await (const chunk of upload.encode(reused())) encoded.push({ chunk, copy: Buffer.from(chunk) })
    for (const { chunk, copy } of encoded) expect(Buffer.compare(chunk, copy)).toBe(0)
  })
})

describe('the length', () => {
  const mismatch = { code: 'ERR_INVALID_ARG_VALUE', argument: 'options.decodedLength', reason: 'mismatch' }

  it.each([
    [100_000, [99_999]],
    [100_000, [100_001]],
    [100_000, [50_000, 50_000, 1]],
    [100_000, []],
    [65_536, [65_535]],
    [65_536, [65_537]],
    [0, [1]],
  ])('of %d bytes is an error for pieces of %j, before the end is sent', async (decodedLength, lengths) => {
    const upload = await sign(decodedLength)
    const pieces = lengths.map((length) => new Uint8Array(length))
    const sent: string[] = []
    const all = async (source: AsyncIterable<Uint8Array>) => {
      for await (const chunk of source) sent.push(String(Buffer.from(chunk)))
    }
    await expect(all(upload.encode(pieces))).rejects.toMatchObject(mismatch)
    const stream = () =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (const piece of pieces) controller.enqueue(piece)
          controller.close()
        },
      })
    await expect(all(stream().pipeThrough(upload.encode()))).rejects.toMatchObject(mismatch)
    expect(sent.join('')).not.toContain('\r\n0;chunk-signature')
    expect(sent.join('')).not.toMatch(/^0;chunk-signature/)
  })

  it('may be exact with empty pieces before and after', async () => {
    const upload = await sign(2)
    const parts = ['', 'a', '', 'b', ''].map((part) => Buffer.from(part))
    expect(await read(upload.encode(parts))).toHaveLength(upload.encodedLength)
  })
})

describe('a web stream', () => {
  it('reads no more than two pieces ahead', async () => {
    const { stream, count } = counted(1000, 65_536)
    const upload = await sign(1000 * 65_536)
    const reader = stream.pipeThrough(upload.encode()).getReader()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(count.read).toBeLessThanOrEqual(2)
    for (let i = 1; i <= 5; i++) {
      await reader.read()
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(count.read).toBeLessThanOrEqual(i + 2)
    }
    await reader.cancel('enough')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(count.cancelled).toBeDefined()
  })

  it('divides a large piece only as it is read', async () => {
    const upload = await sign(64 * MiB)
    const before = process.memoryUsage().arrayBuffers
    const { stream } = counted(1, 64 * MiB)
    const reader = stream.pipeThrough(upload.encode()).getReader()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(66 * MiB)
    await reader.cancel()
  })

  it('is cancelled while it waits for the source', async () => {
    let cancelled = false
    const stalled = new ReadableStream<Uint8Array>({
      cancel() {
        cancelled = true
      },
    })
    const upload = await sign(10)
    const reader = stalled.pipeThrough(upload.encode()).getReader()
    const read = reader.read()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await reader.cancel('enough')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(cancelled).toBe(true)
    expect(await read).toEqual({ done: true, value: undefined })
  })

  it('fails with the error of the source', async () => {
    const failure = new Error('the disk is gone')
    const failing = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(failure) })
    const upload = await sign(10)
    await expect(read(failing.pipeThrough(upload.encode()))).rejects.toBe(failure)
    await expect(
      read(
        upload.encode(
          (async function* () {
            yield Buffer.from('a')
            throw failure
          })(),
        ),
      ),
    ).rejects.toBe(failure)
  })

  it('stops reading when the body is too long', async () => {
    const { stream, count } = counted(1000, 10)
    const upload = await sign(15)
    await expect(read(stream.pipeThrough(upload.encode()))).rejects.toThrow('more than 15 bytes')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(count.read).toBeLessThan(6)
    expect(count.cancelled).toBeDefined()
  })
})

describe('a Node stream', () => {
  it('is destroyed if the reader stops, or the body is too long', async () => {
    const upload = await sign(1000 * 65_536)
    const source = Readable.from(Array.from({ length: 1000 }, () => Buffer.alloc(65_536)))
    for await (const _ of upload.encode(source)) break
    expect(source.destroyed).toBe(true)
    const long = Readable.from([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)])
    await expect(read((await sign(5)).encode(long))).rejects.toThrow('more than 5 bytes')
    expect(long.destroyed).toBe(true)
  })
})

describe('the credentials', () => {
  it('are provided once, for the request and all chunks', async () => {
    let calls = 0
    const upload = await sign(100_000, {
      credentials: async () => {
        calls++
        return { ...CREDENTIALS }
      },
    })
    const expected = await (await sign(100_000)).encode([Buffer.alloc(100_000)])
    expect(await read(upload.encode([Buffer.alloc(100_000)]))).toEqual(await read(expected))
    expect(calls).toBe(1)
  })

  it('may change after the request was signed', async () => {
    const credentials = { ...CREDENTIALS }
    const upload = await sign(10, { credentials })
    credentials.secretAccessKey = 'another'
    expect(await read(upload.encode([Buffer.alloc(10)]))).toEqual(
      await read((await sign(10)).encode([Buffer.alloc(10)])),
    )
  })
})
