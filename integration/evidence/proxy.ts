import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { type ProxyOptions, proxy } from '../../packages/sigv4-tools/src/proxy.ts'
import { createCertificate } from '../../packages/sigv4-tools/test/support/proxy/certificate.ts'
import { crc32c, signChunks } from '../../src/streams.ts'
import { sign } from '../../src/sync.ts'
import { verify } from '../../src/verify.ts'
import { KEY_ID, SECRET } from '../../test/support/credentials.ts'

// Sends large bodies through the proxy in both directions, each way in which it sends a body, to a service that verifies and
// hashes them. The service and each proxy are processes of their own.

/** How much the memory of the proxy may grow. */
const MAX_GROWTH_MIB = 64
const MIB = 1_048_576
const PIECE = 65_536
/** Milliseconds between two samples of the memory. */
const SAMPLE = 20
const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const PLACEHOLDER = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder-of-an-agent' }
const SCOPE = { region: 'us-east-1', service: 's3' }
const PATH = '/evidence/object'

/** What the service has received. */
interface Received {
  readonly bytes: number
  readonly hash: string
  /** `x-amz-content-sha256`, which shows how the body was sent. */
  readonly payload: string | undefined
}

/** A body in which no two pieces are equal. */
function* body(bytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes; at += PIECE) {
    const piece = Buffer.alloc(PIECE, 7)
    piece.writeDoubleBE(at)
    yield piece.subarray(0, bytes - at)
  }
}

/** Counts and hashes pieces. */
async function digest(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Omit<Received, 'payload'>> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of pieces) {
    hash.update(piece)
    bytes += piece.length
  }
  return { bytes, hash: hash.digest('hex') }
}

/** Verifies requests and each chunk. Responds to GET with as many bytes as the query requests. */
async function runService(folder: string): Promise<void> {
  const handler = async (incoming: IncomingMessage, response: ServerResponse) => {
    const options = { credentials: () => CREDENTIALS, payload: 'deferred', allowUnsignedPayload: true } as const
    const { verifyBody } = await verify(incoming, options)
    if (incoming.method === 'GET') return pipeline(body(Number(incoming.url!.split('=')[1])), response)
    const received = await digest(verifyBody(incoming))
    response.end(JSON.stringify({ ...received, payload: String(incoming.headers['x-amz-content-sha256']) }))
  }
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(join(folder, name)))
  const ports: number[] = []
  for (const server of [createServer(), createTlsServer({ key, cert })]) {
    server.on('request', (incoming, response) => {
      handler(incoming, response).catch((error) => response.writeHead(400).end(String(error)))
    })
    server.requestTimeout = 0
    await once(server.listen(0, '127.0.0.1'), 'listening')
    ports.push((server.address() as AddressInfo).port)
  }
  process.send!(ports)
}

/** Runs a proxy, and reports how much its memory has grown since the last message. */
async function runProxy(options: ProxyOptions): Promise<void> {
  const { url } = await proxy({ ...options, ...SCOPE, credentials: CREDENTIALS })
  let [before, most] = [0, 0]
  const sample = (): void => {
    most = Math.max(most, process.memoryUsage.rss())
  }
  setInterval(sample, SAMPLE)
  process.on('message', () => {
    sample()
    process.send!((most - before) / MIB)
    before = process.memoryUsage.rss()
    most = 0
  })
  process.send!(url)
}

/** Starts a process that runs this file. Returns what it reports first. */
async function start<First>(role: string, options: unknown, cert = ''): Promise<[child: ChildProcess, first: First]> {
  const child = fork(fileURLToPath(import.meta.url), [role, JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: cert },
  })
  const exited = once(child, 'exit').then(() => {
    throw new Error(`the process ${role} exited`)
  })
  const [first] = await Promise.race([once(child, 'message'), exited])
  exited.catch(() => undefined)
  return [child, first as First]
}

interface Way {
  /** `x-amz-content-sha256` of an upload as it reaches the service. */
  readonly payload: RegExp
  readonly options?: Partial<ProxyOptions>
  readonly isEncrypted?: boolean
  /** Prepares an upload. @default a body without a signature, whose length is known */
  readonly upload?: (url: string, bytes: number) => Promise<Upload>
}

interface Upload {
  readonly headers: Record<string, string | number>
  readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

function inChunks(options: Omit<Parameters<typeof signChunks>[1], 'decodedLength' | 'region' | 'service'>) {
  return async (url: string, bytes: number): Promise<Upload> => {
    const { headers, encode } = await signChunks({ url }, { ...SCOPE, ...options, decodedLength: bytes })
    return { headers, body: encode(body(bytes)) }
  }
}

/** Each way in which the proxy sends a body. */
const WAYS: Readonly<Record<string, Way>> = {
  'unsigned, https': { payload: /^UNSIGNED-PAYLOAD$/, isEncrypted: true },
  'signed chunks': { payload: /^STREAMING-AWS4-HMAC-SHA256-PAYLOAD$/ },
  'signed chunks, signed again': {
    payload: /^STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER$/,
    options: { mode: 'resign', clientCredentials: PLACEHOLDER },
    upload: inChunks({ credentials: PLACEHOLDER, checksum: crc32c }),
  },
  'unsigned chunks with a trailer': {
    payload: /^STREAMING-UNSIGNED-PAYLOAD-TRAILER$/,
    upload: inChunks({ credentials: PLACEHOLDER, checksum: crc32c, signed: false }),
  },
  'stored and hashed': {
    payload: /^[\da-f]{64}$/,
    options: { maxBody: Number.MAX_SAFE_INTEGER },
    upload: async (_, bytes) => ({ headers: { 'transfer-encoding': 'chunked' }, body: body(bytes) }),
  },
}

async function upload(url: string, bytes: number, prepare: Way['upload']): Promise<Received> {
  const { headers, body: sent } = prepare
    ? await prepare(url, bytes)
    : { headers: { 'content-length': bytes }, body: body(bytes) }
  const outgoing = request(url, { method: 'PUT', headers })
  const [[response]] = await Promise.all([once(outgoing, 'response'), pipeline(Readable.from(sent), outgoing)])
  const text = String(Buffer.concat(await response.toArray()))
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text}`)
  return JSON.parse(text)
}

async function download(endpoint: string, bytes: number): Promise<Omit<Received, 'payload'>> {
  const { url, headers } = sign({ url: `${endpoint}?bytes=${bytes}` }, { ...SCOPE, credentials: PLACEHOLDER })
  const [response] = await once(request(url, { headers }).end(), 'response')
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
  return digest(response)
}

/** Sends bodies of `mib` MiB in both directions, and throws if one differs, or if the memory of the proxy grows too much. */
export async function measureProxy(mib: number, log: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-evidence-'))
  const { certFile } = createCertificate(folder, ['127.0.0.1'])
  const bytes = mib * MIB - 1 // S3 accepts 5 GiB in one request
  const expected = await digest(body(bytes))
  const [service, [port, tlsPort]] = await start<[number, number]>('service', folder)
  try {
    for (const [name, way] of Object.entries(WAYS)) {
      const upstream = way.isEncrypted ? `https://127.0.0.1:${tlsPort}` : `http://127.0.0.1:${port}`
      const [child, endpoint] = await start<string>('proxy', { upstream, ...way.options }, certFile)
      const url = endpoint + PATH
      const growth = async (): Promise<number> => {
        const reply = once(child, 'message')
        child.send('memory')
        return Number((await reply)[0])
      }
      try {
        await upload(url, 4 * MIB, way.upload) // what is loaded once does not count
        await download(url, 4 * MIB)
        for (const direction of ['up', 'down']) {
          await growth()
          const started = performance.now()
          const received = direction === 'up' ? await upload(url, bytes, way.upload) : await download(url, bytes)
          const seconds = (performance.now() - started) / 1000
          const grown = await growth()
          const speed = `${seconds.toFixed(1)} s (${Math.round(mib / seconds)} MiB/s)`
          log(`proxy, ${name}, ${direction}: ${mib} MiB less 1 byte in ${speed}; memory ${Math.round(grown)} MiB more`)
          if (received.bytes !== bytes || received.hash !== expected.hash)
            throw new Error(
              `${name}, ${direction}: ${received.bytes} bytes with the hash ${received.hash} were received`,
            )
          if ('payload' in received && !way.payload.test(String(received.payload)))
            throw new Error(`${name}: the body was sent as ${received.payload}`)
          if (!(grown <= MAX_GROWTH_MIB))
            throw new Error(`${name}, ${direction}: memory grew by more than ${MAX_GROWTH_MIB} MiB`)
        }
      } finally {
        child.kill()
      }
    }
  } finally {
    service.kill()
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , role, options = ''] = process.argv
  await (role === 'service' ? runService : runProxy)(JSON.parse(options))
}
