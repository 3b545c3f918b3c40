import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import type { BodySource } from '../../src/verify.ts'
import { KINDS, pass, UNSIGNED, upload } from '../support/verify/chunking.ts'
import { pieces, read, rejectionOf } from '../support/verify/helpers.ts'

// Node and web streams, checked while they are read.

describe('a stream', () => {
  const chunks = ['Hello, ', 'world']
  const bad = (encoded: Buffer): Buffer => Buffer.from(String(encoded).replace('world', 'World'))

  /** A source that records whether it was closed. */
  function sources(bytes: Buffer) {
    const state = { released: false, given: 0 }
    const parts = [...pieces(bytes, 40), ...Array.from({ length: 50 }, () => Buffer.from('more'))]
    const node = () =>
      Readable.from(
        (function* () {
          try {
            for (; state.given < parts.length; state.given++) yield parts[state.given]
          } finally {
            state.released = true
          }
        })(),
        { objectMode: false, highWaterMark: 1 },
      )
    const web = () =>
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            controller.enqueue(parts[state.given++]!)
          },
          cancel() {
            state.released = true
          },
        },
        { highWaterMark: 0 },
      )
    return { state, node, web }
  }

  it('of Node can be used in pipeline', async () => {
    for (const chunking of Object.values(KINDS)) {
      const { verifyBody, encoded, decoded } = await upload(chunks, chunking)
      const read: Buffer[] = []
      const sink = new Writable({ write: (part, _, done) => done(void read.push(part)) })
      await pipeline(
        Readable.from(pieces(encoded, 10)),
        (source: AsyncIterable<Uint8Array>) => verifyBody(source),
        sink,
      )
      expect(String(Buffer.concat(read))).toBe(String(decoded))
    }
  })

  it('of the web is read, and the output can be a web stream again', async () => {
    const { verifyBody, encoded, decoded } = await upload(chunks, KINDS.signed!)
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const written = (async () => {
      for (const piece of pieces(encoded, 9)) await writer.write(piece)
      await writer.close()
    })()
    const checked = verifyBody(readable)
    const out = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await checked.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    })
    expect(await new Response(out as unknown as ReadableStream).text()).toBe(String(decoded))
    await written
  })

  it.each(['node', 'web'] as const)('of %s is closed at the first error', async (kind) => {
    const { verifyBody, encoded } = await upload(chunks, KINDS.signed!)
    const { state, ...make } = sources(bad(encoded))
    expect((await pass(verifyBody(make[kind]() as BodySource))).code).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
    expect(state.released).toBe(true)
    expect(state.given).toBeLessThan(15)
  })

  it.each(['node', 'web'] as const)('of %s is closed when it exceeds its length', async (kind) => {
    const { verifyBody, encoded } = await upload(['a', ...Array<string>(40).fill('b'.repeat(40))], {
      kind: UNSIGNED,
      length: '3',
    })
    const { state, ...make } = sources(encoded)
    expect((await pass(verifyBody(make[kind]() as BodySource))).code).toBe('ERR_SIGV4_PAYLOAD_MISMATCH')
    expect(state.released).toBe(true)
    expect(state.given).toBeLessThan(10)
  })

  it.each(['node', 'web'] as const)('of %s is closed when the caller stops reading', async (kind) => {
    const { verifyBody, encoded } = await upload(chunks, KINDS.unsigned!)
    const { state, ...make } = sources(encoded)
    for await (const _ of verifyBody(make[kind]() as BodySource)) break
    expect(state.released).toBe(true)
  })

  it('that fails rejects with its error', async () => {
    const { verifyBody, encoded } = await upload(chunks, KINDS.signed!)
    const error = new Error('aborted')
    const failing = async function* () {
      yield encoded.subarray(0, 20)
      throw error
    }
    await expect(read(verifyBody(failing()))).rejects.toBe(error)
    const web = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(error) })
    await expect(read(verifyBody(web))).rejects.toBe(error)
    const [reason] = await Promise.allSettled([
      pipeline(
        Readable.from(failing()),
        (source: AsyncIterable<Uint8Array>) => verifyBody(source),
        new Writable({ write: (_, __, done) => done() }),
      ),
    ])
    expect(reason).toMatchObject({ status: 'rejected', reason: error })
  })

  it('of strings is a TypeError', async () => {
    const { verifyBody, encoded } = await upload(chunks, KINDS.signed!)
    const strings = Readable.from([encoded]).setEncoding('utf8')
    await expect(read(verifyBody(strings))).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      message: 'source has the wrong type. Pass bytes, not strings.',
    })
  })

  it('of the web need not be iterable', async () => {
    const { verifyBody, encoded, decoded } = await upload(chunks, KINDS.signed!)
    const stream = new Blob([encoded]).stream()
    const source = { getReader: () => stream.getReader() } as BodySource
    expect(String(await read(verifyBody(source)))).toBe(String(decoded))
  })

  it('can be checked twice', async () => {
    const { verifyBody, encoded } = await upload(chunks, KINDS.signed!)
    for (const _ of [1, 2]) expect(String(await read(verifyBody([encoded])))).toBe(chunks.join(''))
    expect(await rejectionOf(read(verifyBody([bad(encoded)])))).toMatchObject({
      details: { SignatureProvided: expect.any(String) },
    })
  })
})
