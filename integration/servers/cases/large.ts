import { createCipheriv, createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { expect } from 'vitest'
import { object, using } from '../bench.ts'
import { type Case, works } from '../case.ts'
import { accepted, RejectedError, resultOf, send } from '../wire.ts'

const CHUNK = 64 * 1024
const SIZE = 64 * 1024 * 1024

/** Yields the same 64 MiB each time, on demand. */
function* content(): Generator<Uint8Array> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'key'), Buffer.alloc(16))
  const zeros = Buffer.alloc(CHUNK)
  for (let sent = 0; sent < SIZE; sent += CHUNK) yield stream.update(zeros)
}

export const largeCases: Case[] = [
  works('query', '64 MiB streamed, payload unsigned', async (bench) => {
    const target = object(bench, 'large')
    const upload = await bench.sigv4.presignPut(target, using(bench, { contentLength: SIZE }))
    const body = Readable.toWeb(Readable.from(content()))
    const headers = { ...upload.headers, 'content-length': String(SIZE) }
    accepted(await send(upload, { body, headers, ...{ duplex: 'half' } }))

    const sent = createHash('sha256')
    for (const chunk of content()) sent.update(chunk)

    const download = await bench.sigv4.presignGet(target, using(bench))
    const response = await fetch(download.url)
    if (!response.ok) throw new RejectedError(resultOf({ ...response, body: new Uint8Array() }), await response.text())
    const received = createHash('sha256')
    for await (const chunk of response.body!) received.update(chunk)
    expect(received.digest('hex')).toBe(sent.digest('hex'))
  }),
]
