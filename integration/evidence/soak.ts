import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type ProxyOptions, proxy } from '../../packages/sigv4-tools/src/proxy.ts'
import { sign } from '../../src/sync.ts'
import { KEY_ID, SECRET } from '../../test/support/credentials.ts'
import { randomBelow } from '../../test/support/random.ts'

// Sends mutated, pipelined, and truncated requests through the proxy, to a server with mutated responses and floods of
// informational ones, and resets WebSockets on both sides. The proxy runs in a separate process, which must neither exit nor
// grow, nor leave connections open.

const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET }
const PLACEHOLDER = { accessKeyId: 'AKIDPLACEHOLDER', secretAccessKey: 'placeholder-of-an-agent' }
const SCOPE = { region: 'eu-west-1', service: 'es' }
const TOKEN = 'a-token-of-many-characters'
const MIB = 1_048_576
const MAX_GROWTH_MIB = 48
/** How much the memory may be larger at any time during the attacks: what is in transit for all clients. */
const MAX_PEAK_MIB = 96
/** Milliseconds between two measurements. */
const SAMPLE = 100
/** Milliseconds within which the proxy must end a flood of informational responses, and after which it closes idle connections. */
const FLOOD = 3000
const IDLE = 3000
/** One of how many responses is a flood. */
const FLOODS = 20
/** Clients that request a flood at the same time, and do not read it. */
const SILENT = 4
/** A path whose response is a flood. */
const FLOODED = '/flood'
/** Connections of clients at the same time. */
const CLIENTS = 16

/** The modes in which the proxy runs, and with which credentials their clients sign. */
const MODES: Readonly<Record<string, Partial<ProxyOptions> & { readonly signer?: typeof CREDENTIALS }>> = {
  sign: {},
  'sign with a token': { token: TOKEN },
  resign: { mode: 'resign', clientCredentials: PLACEHOLDER, signer: PLACEHOLDER },
  'resign with rules': {
    mode: 'resign',
    clientCredentials: PLACEHOLDER,
    signer: PLACEHOLDER,
    allow: ['* *'],
    allowPresigned: true,
    prefix: '/stage',
  },
  watch: { mode: 'watch', signer: CREDENTIALS },
}

/** What the process of the proxy reports. */
interface State {
  readonly mib: number
  /** The most since the last report. */
  readonly peak: number
  readonly sockets: number
  readonly transfers: number
  readonly logged: number
  readonly uncaught: readonly string[]
}

async function runProxy(options: ProxyOptions): Promise<void> {
  const uncaught: string[] = []
  let [logged, peak] = [0, 0]
  const sample = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss() / MIB)
  }
  setInterval(sample, SAMPLE)
  process.on('uncaughtException', (error) => uncaught.push(String(error.stack)))
  process.on('unhandledRejection', (error) => uncaught.push(String(Object(error).stack ?? error)))
  const log = (): void => void logged++
  const { port, transfers } = await proxy({
    ...options,
    ...SCOPE,
    credentials: CREDENTIALS,
    log,
    idleTimeout: `${IDLE}ms`,
  })
  process.on('message', () => {
    sample()
    globalThis.gc?.()
    const state: State = {
      mib: process.memoryUsage().rss / MIB,
      peak,
      sockets: process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length,
      transfers: transfers().length,
      logged,
      uncaught,
    }
    peak = 0
    process.send!(state)
  })
  process.send!(port)
}

async function stateOf(child: ChildProcess): Promise<State> {
  const reply = once(child, 'message')
  child.send('state')
  return (await reply)[0] as State
}

const RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n4\r\nfine\r\n0\r\nx-sum: a\r\n\r\n',
  'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{"message":"not a match."}\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x01a',
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end',
  `HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`,
]

/** Informational responses that an upstream repeats; the first one is the longest. */
const INFORMATION = [
  `HTTP/1.1 103 Early Hints\r\nLink: </${'a'.repeat(4000)}>; rel=preload\r\n\r\n`,
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </\xe9\x01>\r\n\r\n',
  'HTTP/1.1 199 Other\r\n\r\n',
]

/** Sends informational responses as fast as the proxy reads them. `onEndless` is called if it does not close the connection. */
function flood(socket: Socket, bytes: string, onEndless: () => void): void {
  const many = Buffer.from(bytes.repeat(50), 'latin1')
  const started = performance.now()
  const write = (): void => {
    while (!socket.destroyed && performance.now() - started < FLOOD) if (!socket.write(many)) return
    if (!socket.destroyed) onEndless()
    socket.destroy()
  }
  socket.on('drain', write)
  write()
}

/** Returns bytes in which some were changed, removed, or repeated. */
function mutated(bytes: string, below: (limit: number) => number): string {
  let text = bytes
  for (let i = below(4); i > 0; i--) {
    const at = below(text.length + 1)
    const length = below(8)
    const kinds = [
      () => text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1),
      () => text.slice(0, at) + text.slice(at + length),
      () => text.slice(0, at) + text.slice(at, at + length).repeat(below(50)) + text.slice(at + length),
      () => text.slice(0, at) + ['\r\n', '\r\n\r\n', '\0', ': ', '%', '/../', ' HTTP/1.1'][below(7)] + text.slice(at),
      () => text.slice(0, at),
    ]
    text = kinds[below(kinds.length)]!()
  }
  return text
}

/** Starts a server that responds with mutated bytes, or not at all. `isCalm` stops that. */
async function startUpstream(below: (limit: number) => number) {
  const state = { responses: 0, floods: 0, endless: 0, isCalm: false, open: 0 }
  const server = createServer((socket) => {
    state.open++
    socket.setEncoding('latin1').setTimeout(3000, () => socket.destroy())
    socket.on('error', () => undefined).on('close', () => state.open--)
    socket.on('data', (text: string) => {
      if (state.isCalm) return void socket.write(RESPONSES[0]!)
      if (!/HTTP\/1\.1\r\n/.test(text)) return void socket.write(text.slice(0, 100)) // of a WebSocket, or a body
      state.responses++
      if (text.includes(FLOODED) || below(FLOODS) === 0) {
        state.floods++
        const bytes = INFORMATION[text.includes(FLOODED) ? 0 : below(INFORMATION.length)]!
        return flood(socket, bytes, () => state.endless++)
      }
      const isUpgrade = /^upgrade: websocket/im.test(text)
      const whole = isUpgrade && below(4) ? RESPONSES[5]! : RESPONSES[below(RESPONSES.length)]!
      const bytes = Buffer.from(below(3) ? mutated(whole, below) : whole, 'latin1')
      const at = below(bytes.length + 1)
      socket.write(bytes.subarray(0, at))
      const finish = (): void => {
        socket.write(bytes.subarray(at))
        const end = below(6)
        if (end === 0) socket.resetAndDestroy()
        if (end === 1) socket.end()
        if (end === 2) setTimeout(() => socket.resetAndDestroy(), below(20))
      }
      if (below(2)) finish()
      else setTimeout(finish, below(10))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { state, server, port: (server.address() as { port: number }).port }
}

/** Returns requests that clients of the mode send. */
function requestsOf(port: number, { token, signer }: (typeof MODES)[string]): string[] {
  const make = (method: string, path: string, lines: readonly string[] = [], body = ''): string => {
    const url = `http://localhost:${port}${path}`
    const signed = signer ? sign({ method, url, ...(body && { body }) }, { ...SCOPE, credentials: signer }).headers : {}
    const own = token === undefined ? [] : [`Authorization: Bearer ${token}`]
    const headers = Object.entries(signed).map(([name, value]) => `${name}: ${value}`)
    return [`${method} ${path} HTTP/1.1`, `Host: localhost:${port}`, ...own, ...headers, ...lines, '', body].join(
      '\r\n',
    )
  }
  const webSocket = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']
  return [
    make('GET', '/logs/_search?q=a'),
    make('POST', '/_bulk', ['Content-Length: 10'], '{"a": "b"}'),
    make('POST', '/_bulk', ['Content-Length: 10', 'Expect: 100-continue'], '{"a": "b"}'),
    make('PUT', '/logs/_doc/1', ['Transfer-Encoding: chunked'], '5\r\nabcde\r\n0\r\n\r\n'),
    make('GET', '/socket', webSocket),
    make('GET', '/', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAA']),
    make('GET', '/', ['Connection: close']),
    make(
      'GET',
      `/${'a/'.repeat(500)}`,
      Array.from({ length: 100 }, (_, i) => `x-amz-meta-${i}: ${i}`),
    ),
    make('OPTIONS', '/', ['Origin: https://evil.example']),
    'GET /\r\n\r\n',
    make('GET', FLOODED),
  ]
}

/** Sends the last request, and does not read the response. */
async function waitSilently(port: number, requests: readonly string[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('error', () => undefined).pause()
  socket.write(requests.at(-1)!, 'latin1')
  await Promise.race([closed, sleep(2 * FLOOD)])
  socket.destroy()
}

/** Sends requests on one connection in pieces, and disconnects in one of several ways. Returns how many were sent. */
async function attack(port: number, requests: readonly string[], below: (limit: number) => number): Promise<number> {
  const count = 1 + below(4)
  const texts = Array.from({ length: count }, () => {
    const whole = requests[below(requests.length)]!
    return below(3) ? mutated(whole, below) : whole
  })
  const bytes = Buffer.from(texts.join(''), 'latin1')
  const socket: Socket = connect(port, '127.0.0.1')
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('error', () => undefined)
  if (below(4)) socket.resume() // the others do not read
  let at = 0
  while (at < bytes.length && !socket.destroyed) {
    const next = below(3) ? bytes.length : at + 1 + below(bytes.length)
    socket.write(bytes.subarray(at, next))
    at = next
    if (below(2)) await sleep(below(4))
  }
  await sleep(below(15))
  const end = below(4)
  if (end === 0) socket.resetAndDestroy()
  else if (end === 1) socket.destroy()
  else socket.end()
  await Promise.race([closed, sleep(100)])
  socket.destroy()
  return count
}

/** Throws if the proxy ends, throws, or keeps anything. */
export async function soakProxy(requests: number, log: (line: string) => void, seed = 1): Promise<void> {
  for (const [name, { signer, ...options }] of Object.entries(MODES)) {
    const below = randomBelow(seed)
    const upstream = await startUpstream(below)
    const child = fork(
      fileURLToPath(import.meta.url),
      ['soak', JSON.stringify({ upstream: `http://127.0.0.1:${upstream.port}`, ...options })],
      { execArgv: ['--expose-gc', '--import', 'tsx'] },
    )
    let exit: string | undefined
    child.once('exit', (code, signal) => {
      exit = `the proxy ended with ${code ?? signal}`
    })
    try {
      const [port] = (await once(child, 'message')) as [number]
      const bytes = requestsOf(port, MODES[name]!)
      let sent = 0
      const run = async (until: number): Promise<void> => {
        const client = async (): Promise<void> => {
          while (sent < until && exit === undefined) sent += await attack(port, bytes, below)
        }
        await Promise.all(Array.from({ length: CLIENTS }, client))
        if (exit !== undefined) throw new Error(exit)
      }
      const share = requests / Object.keys(MODES).length
      await run(share / 4) // what is loaded and compiled once does not count
      const before = await stateOf(child)
      const started = performance.now()
      await run(share)
      await Promise.all(Array.from({ length: SILENT }, () => waitSilently(port, bytes)))
      const seconds = (performance.now() - started) / 1000
      upstream.state.isCalm = true
      let after = await stateOf(child)
      const risen = Math.round(after.peak - before.mib)
      for (let i = 0; i < 100 && after.sockets + after.transfers > 0; i++) {
        await sleep(200)
        after = await stateOf(child)
      }
      const grown = Math.round(after.mib - before.mib)
      log(
        `proxy, ${name}: ${sent} requests, ${upstream.state.responses} responses, ${upstream.state.floods} floods in ${seconds.toFixed(1)} s; ${after.logged} logged, ${after.uncaught.length} uncaught errors, ${after.sockets} sockets, ${after.transfers} transfers, memory ${grown} MiB more than ${Math.round(before.mib)}, at most ${risen}`,
      )
      if (upstream.state.endless > 0) throw new Error(`the proxy did not end ${upstream.state.endless} floods`)
      if (after.uncaught.length > 0) throw new Error(after.uncaught[0])
      if (after.sockets + after.transfers > 0)
        throw new Error(`${after.sockets} sockets and ${after.transfers} transfers are left`)
      if (grown > MAX_GROWTH_MIB) throw new Error(`the memory of the proxy grew by ${grown} MiB`)
      if (risen > MAX_PEAK_MIB) throw new Error(`the memory of the proxy grew by ${risen} MiB in between`)
      const response = await lastResponse(port, bytes[0]!)
      if (!response.startsWith('HTTP/1.1 200 ')) throw new Error(`the proxy responds with ${response.split('\r\n')[0]}`)
    } finally {
      child.kill()
      upstream.server.close()
    }
  }
}

/** Sends a request that is valid. */
async function lastResponse(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request, 'latin1')
  const ends = ['data', 'close'].map((name) => once(socket.setEncoding('latin1'), name))
  const [text] = await Promise.race([...ends, sleep(5000, ['no response in five seconds'])])
  socket.destroy()
  return String(text)
}

if (process.argv[2] === 'soak') await runProxy(JSON.parse(process.argv[3]!) as ProxyOptions)
