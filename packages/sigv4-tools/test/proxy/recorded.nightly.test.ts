import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LoggedRequest, proxy } from '../../src/proxy.ts'
import { bodyBytes, type RecordedCase } from '../support/explain/recorded.ts'
import { counts, explained, recordings, rightCauses } from '../support/explain/scoring.ts'
import { exchange, listen } from '../support/proxy/upstream.ts'

// Recorded faults, sent through a proxy that watches: it must name the cause that explain names for the recording.

/** One case in so many; 1 for all of them, which takes minutes. */
const SHARE = Number(process.env.RECORDED_SHARE ?? 4)

const lines = (headers: readonly (readonly [string, string])[]): string =>
  headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')

const isNamed =
  (...names: string[]) =>
  ([name]: readonly [string, string]): boolean =>
    names.includes(name.toLowerCase())

/** The bytes of a recorded request; its length, if it was not recorded, is added. */
function requestBytes({ request }: RecordedCase): Buffer {
  const { method, target, headers } = request
  const body = bodyBytes(request)
  const hasLength = body.length === 0 || headers.some(isNamed('content-length', 'transfer-encoding'))
  const length: [string, string][] = hasLength ? [] : [['Content-Length', String(body.length)]]
  const head = `${method} ${target} HTTP/1.1\r\n${lines([...headers, ...length, ['Connection', 'close']])}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), body])
}

function responseBytes({ request, response }: RecordedCase): Buffer {
  const body = Buffer.from(response.body)
  const kept = response.headers.filter((pair) => !isNamed('content-length', 'transfer-encoding', 'connection')(pair))
  const length: [string, string] = ['Content-Length', String(body.length)]
  const head = `HTTP/1.1 ${response.status} Recorded\r\n${lines([...kept, length, ['Connection', 'close']])}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), request.method === 'HEAD' ? Buffer.alloc(0) : body])
}

const counted = { compared: 0, right: 0, rightOfExplain: 0, notAboutSignature: 0, notHttp: 0 }
afterAll(() => console.log(`recorded faults through the proxy: ${JSON.stringify(counted)}`))

describe.each([...recordings()])('the recording of %s', (_, recording) => {
  const cases = recording.cases.filter((each) => counts(each, 'A')).filter((_, i) => i % SHARE === 0)
  let current: RecordedCase
  let upstream = { port: 0, stop: async () => {} }
  const cleanups: (() => Promise<void>)[] = []
  const proxies = new Map<string, ReturnType<typeof start>>()

  beforeAll(async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end(responseBytes(current)))
    })
    upstream = await listen(server as never)
  })
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup()
    await upstream.stop()
  })

  async function start(host: string, who: string) {
    const logged: LoggedRequest[] = []
    const { port, close } = await proxy({
      upstream: `http://127.0.0.1:${upstream.port}`,
      mode: 'watch',
      credentials: recording.credentials[who]!,
      allowHosts: [host],
      now: () => current.now,
      log: (entry) => logged.push(entry),
    })
    cleanups.push(close)
    return { port, logged }
  }

  /** Sends a recorded request, and returns what the proxy logs. */
  async function observe(recorded: RecordedCase): Promise<LoggedRequest> {
    current = recorded
    const [, host = ''] = recorded.request.headers.find(isNamed('host')) ?? []
    const name = host.replace(/:\d+$/, '')
    const key = `${name} ${recorded.credentials}`
    if (!proxies.has(key)) proxies.set(key, start(name, recorded.credentials))
    const { port, logged } = await proxies.get(key)!
    const before = logged.length
    await exchange(port, requestBytes(recorded))
    await expect.poll(() => logged.length, { interval: 1 }).toBe(before + 1)
    return logged.at(-1)!
  }

  it(`has ${cases.length} cases, whose causes the proxy names`, { timeout: 600_000 }, async () => {
    for (const recorded of cases) {
      const { verdict, cause, explanation, error } = await observe(recorded)
      if (error !== undefined) {
        expect(error, recorded.id).toBe('The target of the request contains a character that must be encoded.')
        counted.notHttp++
        continue
      }
      const isAboutSignature = [400, 401, 403].includes(recorded.response.status)
      if (!isAboutSignature && verdict !== 'wrong') {
        expect(cause, recorded.id).toBeUndefined()
        counted.notAboutSignature++
        continue
      }
      const told = explained(recorded, recording, isAboutSignature ? 'A' : 'D', true)
      const [first] = told.findings
      expect(cause, recorded.id).toBe(first?.cause)
      expect(explanation, recorded.id).toContain(told.verdict)
      counted.compared++
      const right = rightCauses(recorded, 'A')
      if (first && right.includes(first.cause)) counted.rightOfExplain++
      if (cause && right.includes(cause)) counted.right++
    }
  })
})
