import { fork } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { presignGet, presignPut } from '../../../../../src/sync.ts'
import { serve } from '../../../src/serve.ts'

// Load on the loopback interface: presigned PUTs and GETs over many connections. `npm run bench -- --only serve`

/** A server under load. */
export interface Target {
  endpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string }
}

export interface Load {
  /** 0 sends each request once. */
  seconds: number
  connections: number
  /** Sent in turn on every connection. */
  methods: readonly ('PUT' | 'GET')[]
  size: number
  keys: number
}

export interface LoadResult {
  requests: number
  /** Requests without a response, with an error, or with bytes other than the stored ones. */
  lost: number
  perSecond: number
  p50: number
  p99: number
}

/** The bytes of an object, which differ from those of the next one. */
const bodyOf = (i: number, size: number): Buffer => Buffer.alloc(size, `object ${i} `)

/** Loads a server whose bucket `load` exists; for GET alone, the objects must be stored already. */
export async function drive(target: Target, { seconds, connections, methods, size, keys }: Load): Promise<LoadResult> {
  const { endpoint, region, credentials } = target
  const { host, hostname, port } = new URL(endpoint)
  const requests = Array.from({ length: keys }, (_, i) => {
    const body = bodyOf(i, size)
    const object = { bucket: 'load', key: `object ${i}`, region, endpoint }
    return methods.map((method) => {
      const { url } = (method === 'PUT' ? presignPut : presignGet)(object, { credentials })
      const length = method === 'PUT' ? `Content-Length: ${size}\r\n` : ''
      const head = Buffer.from(`${method} ${url.slice(endpoint.length)} HTTP/1.1\r\nHost: ${host}\r\n${length}\r\n`)
      // A single write for a small request.
      const parts = method === 'GET' ? [head] : size > 65_536 ? [head, body] : [Buffer.concat([head, body])]
      return { parts, expected: method === 'GET' ? body : undefined }
    })
  })
  const times: number[] = []
  let lost = 0
  let next = 0
  const started = performance.now()
  const end = started + seconds * 1000
  const client = async () => {
    let socket: Socket | undefined
    while (performance.now() < end || next < (seconds ? 0 : keys)) {
      for (const { parts, expected } of requests[next++ % keys]!) {
        const before = performance.now()
        try {
          socket ??= connect(Number(port), hostname).setNoDelay(true)
          const { isRight, isLast } = await exchange(socket, parts, expected)
          if (!isRight) lost++
          if (isLast) socket = void socket.destroy()
        } catch {
          lost++
          socket = void socket?.destroy()
        }
        times.push(performance.now() - before)
      }
    }
    socket?.destroy()
  }
  await Promise.all(Array.from({ length: connections }, client))
  const took = (performance.now() - started) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)]!
  return { requests: times.length, lost, perSecond: times.length / took, p50: at(0.5), p99: at(0.99) }
}

/** Sends a request and reads the response. The `node:http` client would take more time than the servers. */
function exchange(socket: Socket, parts: readonly Buffer[], expected: Buffer | undefined) {
  return new Promise<{ isRight: boolean; isLast: boolean }>((resolve, reject) => {
    let head: string | undefined
    let pending = Buffer.alloc(0)
    let received = 0
    let length = 0
    let isRight = true
    const onData = (bytes: Buffer): void => {
      let rest = bytes
      if (head === undefined) {
        pending = Buffer.concat([pending, bytes])
        const at = pending.indexOf('\r\n\r\n')
        if (at < 0) return
        head = pending.toString('latin1', 0, at).toLowerCase()
        rest = pending.subarray(at + 4)
        const [, given] = /\r\ncontent-length: *(\d+)/.exec(head) ?? []
        // The content of a chunked response is ignored, and its last chunk is empty.
        length = given === undefined ? (/\r\ntransfer-encoding: *chunked/.test(head) ? Number.NaN : 0) : Number(given)
        isRight = head.startsWith('http/1.1 200') && (expected === undefined || length === expected.length)
      }
      if (expected && isRight) isRight = rest.equals(expected.subarray(received, received + rest.length))
      received += rest.length
      if (Number.isNaN(length) ? rest.subarray(-5).equals(LAST_CHUNK) : received >= length)
        settle(() => resolve({ isRight, isLast: /\r\nconnection: *close/.test(head!) }))
    }
    const onEnd = () => settle(() => reject(new Error('no response')))
    const settle = (done: () => void) => {
      socket.off('data', onData).off('close', onEnd).off('error', onEnd)
      done()
    }
    socket.on('data', onData).on('close', onEnd).on('error', onEnd)
    for (const part of parts) socket.write(part)
  })
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const CREDENTIALS = { accessKeyId: 'AKIDLOAD', secretAccessKey: 'load-secret' }

/** A message of the server process. */
type Message = { url: string } | { memory: number }

/** Runs the server in a separate process, whose memory is only the server's. */
async function runServer(): Promise<void> {
  const server = await serve({ credentials: CREDENTIALS })
  process.on('message', () => {
    globalThis.gc?.()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    process.send!({ memory: heapUsed + arrayBuffers })
  })
  process.on('disconnect', () => server.close())
  process.send!({ url: server.url })
}

/** Loads `serve` with objects of 1 KiB. `memory`: the server's bytes in use after a fifth of the time, and at the end. */
export async function load(
  seconds: number,
  connections: number,
): Promise<LoadResult & { memory: [before: number, after: number] }> {
  const file = fileURLToPath(import.meta.url)
  const child = fork(file, ['server'], { execArgv: ['--import', 'tsx', '--expose-gc'] })
  const message = () => new Promise<Message>((resolve) => child.once('message', (given) => resolve(given as Message)))
  const memory = async () => {
    const reply = message()
    child.send('memory')
    return ((await reply) as { memory: number }).memory
  }
  try {
    const { url: endpoint } = (await message()) as { url: string }
    const target = { endpoint, region: 'us-east-1', credentials: CREDENTIALS }
    const settings = { connections, methods: ['PUT', 'GET'], size: 1024, keys: 1000 } as const
    const first = await drive(target, { ...settings, seconds: seconds / 5 })
    const before = await memory()
    const rest = await drive(target, { ...settings, seconds: (seconds * 4) / 5 })
    return {
      ...rest,
      requests: first.requests + rest.requests,
      lost: first.lost + rest.lost,
      memory: [before, await memory()],
    }
  } finally {
    child.disconnect()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'server') await runServer()
