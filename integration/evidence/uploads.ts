import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { crc32c, signChunks } from '../../src/streams.ts'
import { verify } from '../../src/verify.ts'
import { KEY_ID, SECRET } from '../../test/support/credentials.ts'

// Uploads a large body in signed chunks to a process that verifies every chunk, and measures the memory of both.

/** How much the memory of a process may grow during an upload. */
const MAX_GROWTH_MIB = 150
const MIB = 1_048_576
const PIECE = 65_536
const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const SIGNING = { credentials: CREDENTIALS, region: 'us-east-1', service: 's3', checksum: crc32c }

/** What the receiving process reports. */
interface Received {
  readonly bytes: number
  readonly checksum: string | undefined
  readonly growth: number
}

/** Resident memory in MiB, at its peak and now. */
const peakRss = () => Math.round(process.resourceUsage().maxRSS / 1024)

function* body(bytes: number): Generator<Uint8Array> {
  const piece = new Uint8Array(PIECE).map((_, i) => i * 7)
  for (let at = 0; at < bytes; at += PIECE) yield piece.subarray(0, Math.min(PIECE, bytes - at))
}

/** Receives uploads, verifies each chunk, and keeps nothing. */
export async function receiveUploads(): Promise<void> {
  const server = createServer(async (incoming, response) => {
    const before = peakRss()
    const { verifyBody } = await verify(incoming, { credentials: () => CREDENTIALS, payload: 'deferred' })
    const checked = verifyBody(incoming)
    let bytes = 0
    let step = await checked.next()
    for (; !step.done; step = await checked.next()) bytes += step.value.length
    const received: Received = { bytes, checksum: step.value['x-amz-checksum-crc32c'], growth: peakRss() - before }
    response.end(JSON.stringify(received))
  })
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
}

/** Uploads with `http.request` and a Node pipeline. */
async function withPipeline(url: string, bytes: number): Promise<Received> {
  const { method, headers, encode } = await signChunks({ url }, { ...SIGNING, decodedLength: bytes })
  const outgoing = request(url, { method, headers })
  const [[response]] = await Promise.all([once(outgoing, 'response'), pipeline(body(bytes), encode, outgoing)])
  return JSON.parse(String(await response.toArray()))
}

/** Uploads with `fetch` and a web stream. */
async function withFetch(url: string, bytes: number): Promise<Received> {
  const upload = await signChunks({ url }, { ...SIGNING, decodedLength: bytes })
  const pieces = body(bytes)
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
  // otherwise, the fetch of Node keeps the body, for a redirect
  const init: RequestInit = { ...upload, redirect: 'error' }
  const response = await fetch(url, { ...init, body: stream.pipeThrough(upload.encode()) })
  return (await response.json()) as Received
}

export async function measureUploads(receiver: ChildProcess, mib: number): Promise<void> {
  const [port] = await once(receiver, 'message')
  const bytes = mib * MIB - 1 // S3 accepts 5 GiB in one request
  for (const [name, upload] of Object.entries({ 'http.request': withPipeline, fetch: withFetch })) {
    const url = `http://127.0.0.1:${port}/evidence/object`
    await upload(url, 4 * MIB) // what is loaded once does not count
    const before = peakRss()
    const started = performance.now()
    const received = await upload(url, bytes)
    const seconds = (performance.now() - started) / 1000
    const growth = peakRss() - before
    console.log(
      `${name}: ${mib} MiB less 1 byte, every chunk verified, in ${seconds.toFixed(1)} s (${Math.round(mib / seconds)} MiB/s); ` +
        `peak memory ${peakRss()} MiB, ${growth} MiB more than before; the receiver ${received.growth} MiB more`,
    )
    if (received.bytes !== bytes || !received.checksum)
      throw new Error(`${name}: ${received.bytes} bytes were received`)
    if (growth > MAX_GROWTH_MIB || received.growth > MAX_GROWTH_MIB)
      throw new Error(`${name}: memory grew by more than ${MAX_GROWTH_MIB} MiB`)
  }
}
