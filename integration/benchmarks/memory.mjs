// Time and memory of signing a large body in this process, which has done nothing else. Options: `input`, and `isSigned`:
// `false` only creates the body.
import { openAsBlob, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sign } from '../../dist/index.js'
import * as sync from '../../dist/sync.js'
import { credentials, HOST, REGION } from './measure/fixture.mjs'
import { isSigned, sha256 } from './measure/oracle.mjs'
import { options, report } from './measure/report.mjs'

const PART = new Uint8Array(1024 ** 2).fill(97)
const COUNT = 256
const url = `https://${HOST}/body`
const scope = { credentials, region: REGION, service: 's3' }
const bytes = () => {
  const all = new Uint8Array(PART.length * COUNT)
  for (let i = 0; i < COUNT; i++) all.set(PART, i * PART.length)
  return all
}
const stream = () => {
  let left = COUNT
  return new ReadableStream({ pull: (out) => (left-- ? out.enqueue(PART.slice()) : out.close()) })
}
const file = join(tmpdir(), `sigv4-bench-${process.pid}`)

/** How the body is created, and how it is signed. */
const inputs = {
  'bytes, `sigv4`': [bytes, (body) => sign({ method: 'PUT', url, body }, scope)],
  'bytes, `sigv4/sync`': [bytes, (body) => sync.sign({ method: 'PUT', url, body }, scope)],
  '`Blob` in memory': [
    () => new Blob(Array.from({ length: COUNT }, () => PART)),
    (body) => sign({ method: 'PUT', url, body }, scope),
  ],
  '`Blob` of a file': [
    () => {
      writeFileSync(file, bytes())
      return openAsBlob(file)
    },
    (body) => sign({ method: 'PUT', url, body }, scope),
  ],
  '`Request` with bytes': [() => new Request(url, { method: 'PUT', body: bytes() }), (request) => sign(request, scope)],
  '`Request` with a stream': [
    () => new Request(url, { method: 'PUT', body: stream(), duplex: 'half' }),
    (request) => sign(request, scope),
  ],
  '`Request` with a stream, `UNSIGNED-PAYLOAD`': [
    () =>
      new Request(url, {
        method: 'PUT',
        headers: { 'content-length': String(COUNT * PART.length) },
        body: stream(),
        duplex: 'half',
      }),
    (request) => sign(request, { ...scope, payloadHash: 'UNSIGNED-PAYLOAD' }),
  ],
}

const [create, run] = inputs[options.input]
try {
  const body = await create()
  const before = process.resourceUsage().maxRSS
  const start = performance.now()
  const signed = options.isSigned === false ? undefined : await run(body)
  const ms = performance.now() - start
  const peak = process.resourceUsage().maxRSS
  if (signed) {
    const payloadHash = options.input.includes('UNSIGNED') ? 'UNSIGNED-PAYLOAD' : sha256(bytes())
    if (!isSigned({ method: 'PUT', host: HOST, path: '/body', headers: signed.headers, payloadHash }))
      throw new Error('signed incorrectly')
  }
  report('memory', [{ name: options.input, ms, added: (peak - before) * 1024, size: PART.length * COUNT }])
} finally {
  rmSync(file, { force: true })
}
