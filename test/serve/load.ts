// Load on loopback: presigned PUTs and GETs of 1 KiB over many connections. `npm run serve:load [-- SECONDS CONNECTIONS]`
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { serve } from '../../src/serve/server.ts'
import { presignGet, presignPut } from '../../src/sync.ts'

const SIZE = 1024
const KEYS = 1000
const credentials = { accessKeyId: 'AKIDLOAD', secretAccessKey: 'load-secret' }

/** What the server's process says of itself. */
type Told = { url: string } | { memory: number }

/** In a process of its own, so that its memory is its own. */
async function runServer(): Promise<void> {
  const server = await serve({ credentials })
  process.on('message', () => {
    globalThis.gc?.()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    process.send!({ memory: heapUsed + arrayBuffers })
  })
  process.on('disconnect', () => server.close())
  process.send!({ url: server.url })
}

export interface LoadResult {
  requests: number
  /** Requests without an answer, with a wrong one, or with other bytes than were stored. */
  lost: number
  perSecond: number
  p50: number
  p99: number
  /** Bytes in use by the server: after a fifth of the time, and at the end. */
  memory: [number, number]
}

export async function load(seconds: number, connections: number): Promise<LoadResult> {
  const file = fileURLToPath(import.meta.url)
  const child = fork(file, ['server'], { execArgv: ['--import', 'tsx', '--expose-gc'] })
  const told = () => new Promise<Told>((resolve) => child.once('message', (message) => resolve(message as Told)))
  const memory = async () => {
    const answer = told()
    child.send('memory')
    return ((await answer) as { memory: number }).memory
  }
  try {
    const { url } = (await told()) as { url: string }
    return await drive(url, seconds, connections, memory)
  } finally {
    child.disconnect()
  }
}

async function drive(endpoint: string, seconds: number, connections: number, memory: () => Promise<number>) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const bodies = Array.from({ length: KEYS }, (_, i) => Buffer.alloc(SIZE, `object ${i} `))
  const urls = bodies.map((_, i) => {
    const target = { bucket: 'load', key: `object ${i}`, region: 'us-east-1', endpoint }
    return { put: presignPut(target, { credentials }).url, get: presignGet(target, { credentials }).url }
  })
  const exchange = (method: string, url: string, body?: Buffer) =>
    new Promise<{ status: number; bytes: Buffer }>((resolve, reject) => {
      const sent = request(url, { method, agent }, (response) => {
        const pieces: Buffer[] = []
        response.on('data', (bytes) => pieces.push(bytes)).on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode!, bytes: Buffer.concat(pieces) }))
      })
      sent.on('error', reject).end(body)
    })

  const times: number[] = []
  let lost = 0
  let next = 0
  const started = performance.now()
  const end = started + seconds * 1000
  const client = async () => {
    while (performance.now() < end) {
      const i = next++ % KEYS
      const { put, get } = urls[i]!
      for (const [method, url] of [
        ['PUT', put],
        ['GET', get],
      ] as const) {
        const before = performance.now()
        try {
          const { status, bytes } = await exchange(method, url, method === 'PUT' ? bodies[i] : undefined)
          if (status !== 200 || (method === 'GET' && hash(bytes) !== hash(bodies[i]!))) lost++
        } catch {
          lost++
        }
        times.push(performance.now() - before)
      }
    }
  }
  const clients = Array.from({ length: connections }, client)
  await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / 5))
  const before = await memory()
  await Promise.all(clients)
  const took = (performance.now() - started) / 1000
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)]!
  return {
    requests: times.length,
    lost,
    perSecond: times.length / took,
    p50: at(0.5),
    p99: at(0.99),
    memory: [before, await memory()] as [number, number],
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex')
}

const isMain = process.argv[1] === fileURLToPath(import.meta.url)
if (isMain && process.argv[2] === 'server') await runServer()
else if (isMain) {
  const [seconds = 30, connections = 200] = process.argv.slice(2).map(Number)
  const { requests, lost, perSecond, p50, p99, memory } = await load(seconds, connections)
  const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`
  console.log(`${connections} connections, ${seconds} s, presigned PUT and GET of ${SIZE} bytes over ${KEYS} keys`)
  console.log(
    `${requests} requests, ${lost} lost, ${perSecond.toFixed(0)} a second, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  )
  console.log(`memory of the server ${mib(memory[0])} after a fifth of the time, ${mib(memory[1])} at the end`)
  if (lost > 0) process.exitCode = 1
}
