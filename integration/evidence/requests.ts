import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSignedFetch } from '../../src/fetch.ts'
import { sign } from '../../src/index.ts'
import { verify } from '../../src/verify.ts'
import { KEY_ID, SECRET } from '../../test/support/credentials.ts'
import { limitedDispatcher } from '../../test/support/dispatcher.ts'
import { usedMemory } from '../../test/support/memory.ts'

// Sends many requests at once through one signed fetch, to a process that verifies each, and in the same rounds through
// `sign` and `fetch`.

const CONNECTIONS = 128
/** An even number: the second of two runs is faster, and each is second as often as the other. */
const ROUNDS = 4
/**
 * The least speed of the signed fetch, compared with `sign` and `fetch`, by CPU time, which other programs influence less. It
 * fails if the signed fetch does something that `sign` does not need; the aim is 0.95.
 */
const MIN_RATIO = 0.6
/** How much more memory may be in use after all rounds than after the first one. */
const MAX_GROWTH_MIB = 2
const MIB = 1_048_576
const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const SCOPE = { region: 'us-east-1', service: 'dynamodb' }

type Send = (init: RequestInit & { method: string }) => Promise<Response>

/** What the receiving process has seen since the last report. */
interface Received {
  readonly requests: number
  readonly rejected: number
  /** Most connections that were open at the same time. */
  readonly connections: number
}

/** Verifies requests. */
export function receiveRequests(): void {
  let [requests, rejected, open, connections] = [0, 0, 0, 0]
  const server = createServer(async (request, response) => {
    if (request.url === '/report') {
      response.end(JSON.stringify({ requests, rejected, connections } satisfies Received))
      return
    }
    requests++
    const body = Buffer.concat(await request.toArray())
    await verify(request, { credentials: () => CREDENTIALS, body }).catch(() => rejected++)
    response.end('{}')
  })
  server.on('connection', (socket) => {
    connections = Math.max(connections, ++open)
    socket.on('close', () => open--)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
}

/** Milliseconds until the last response is read, and those in which this process used a processor. */
interface Times {
  readonly elapsed: number
  readonly cpu: number
}

/** Sends all requests at once. */
async function sendAll(send: Send, count: number, init: Parameters<Send>[0]): Promise<Times> {
  usedMemory() // collects what the requests before have left
  const started = performance.now()
  const before = process.cpuUsage()
  await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await send(init)
      if (!response.ok) throw new Error(`status ${response.status}`)
      await response.text()
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return { elapsed: performance.now() - started, cpu: (user + system) / 1000 }
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}%`
}

function sum(times: readonly Times[], kind: keyof Times): number {
  return times.reduce((total, each) => total + each[kind], 0)
}

/** Compares the signed fetch with `sign` and `fetch`, in turn, and throws if a limit is exceeded. */
export async function measureRequests(receiver: ChildProcess, count: number): Promise<void> {
  const [port] = await once(receiver, 'message')
  const url = `http://127.0.0.1:${port}/`
  const dispatcher = await limitedDispatcher(CONNECTIONS)
  let refreshes = 0
  const signedFetch = createSignedFetch({
    ...SCOPE,
    credentials: async () => {
      refreshes++
      await new Promise((resolve) => setTimeout(resolve, 10))
      return { ...CREDENTIALS, expiration: new Date(Date.now() + 3_600_000) }
    },
  })
  const ours: Send = (init) => signedFetch(url, { ...init, dispatcher } as RequestInit)
  const byHand: Send = async (init) => {
    const { body, ...rest } = init
    const request = { ...rest, url, ...(typeof body === 'string' && { body }) } as Parameters<typeof sign>[0]
    const signed = await sign(request, { ...SCOPE, credentials: CREDENTIALS })
    return fetch(signed.url, { ...init, ...signed, dispatcher } as RequestInit)
  }
  const kinds = { GET: { method: 'GET' }, 'POST of 200 bytes': { method: 'POST', body: 'x'.repeat(200) } }
  let sent = 0
  for (const [name, init] of Object.entries(kinds)) {
    const own: Times[] = []
    const theirs: Times[] = []
    const runs = [
      { send: ours, times: own },
      { send: byHand, times: theirs },
    ]
    let before = 0
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { send, times } of runs.reverse()) {
        const time = await sendAll(send, count, init)
        if (round > 0) times.push(time)
      }
      sent += 2 * count
      if (round === 0) before = usedMemory() // what is created once does not count
    }
    const growth = (usedMemory() - before) / MIB
    const ratio = sum(theirs, 'cpu') / sum(own, 'cpu')
    const rounds = own.map(({ cpu }, i) => percent(theirs[i]!.cpu / cpu))
    console.log(
      `${name}: ${count} at once, ${Math.round((ROUNDS * count * 1000) / sum(own, 'elapsed'))} per second, ` +
        `${percent(sum(theirs, 'elapsed') / sum(own, 'elapsed'))} of the speed of sign and fetch, ${percent(ratio)} by CPU ` +
        `time (${ROUNDS} rounds, ${rounds.join(' ')}); ${growth.toFixed(1)} MiB more in use`,
    )
    if (ratio < MIN_RATIO) throw new Error(`${name}: less than ${MIN_RATIO * 100}% of the speed of sign and fetch`)
    if (growth > MAX_GROWTH_MIB) throw new Error(`${name}: memory grew by more than ${MAX_GROWTH_MIB} MiB`)
  }
  const report: Received = await (await fetch(`${url}report`)).json()
  console.log(
    `${report.requests} requests over at most ${report.connections} connections, ${report.rejected} rejected; ` +
      `credentials were obtained ${refreshes} time`,
  )
  if (refreshes !== 1) throw new Error(`credentials were obtained ${refreshes} times`)
  // the report has a connection of its own
  if (report.requests !== sent || report.rejected || report.connections > CONNECTIONS + 1)
    throw new Error('not every request was sent once, with a valid signature, over the allowed connections')
}
