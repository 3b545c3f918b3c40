import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEYS } from '../../../../integration/servers/cases/keys.ts'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import { byHeader, byQuery, type Handmade, type Making, send, wire } from '../../../../test/support/hand.ts'
import { proxy, type RunningProxy } from '../../src/proxy.ts'
import { type RunningServer, serve } from '../../src/serve.ts'
import { exchange, listen, PLACEHOLDER, verified } from '../support/proxy/upstream.ts'

// Every key of the round trip, in every spelling of its path: the bytes of the target arrive, and the signature is right.

const ALL: Record<string, string> = {
  ...Object.fromEntries(Object.entries(KEYS).map(([name, key]) => [name, typeof key === 'string' ? key : key('own')])),
  'with control characters': '\u0001\t\n\r\u001f\u007f\u0080',
  'with a NUL': 'a\0b',
  'with a soft hyphen and a reversed text': 'a\u00adb\u202ec',
  'of dots and slashes': '../.././/...//..',
  'with escapes of dots as text': '%2e%2e/%2E./a',
  'with a trailing ?': 'a?',
  'with parameters of a signature': 'a?X-Amz-Signature=b&X-Amz-Date=c',
}

const escaped = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
const bytesOf = (key: string): number[] => [...Buffer.from(key)]

/** Spellings of a path. The first one is canonical. */
const SPELLINGS: Record<string, (key: string) => string> = {
  canonical: (key) =>
    bytesOf(key)
      .map(spelled(/[\w.~/-]/))
      .join(''),
  'lowercase escapes': (key) => SPELLINGS.canonical!(key).replace(/%../g, (found) => found.toLowerCase()),
  'all escaped': (key) => bytesOf(key).map(spelled(/\//)).join(''),
  'as few escapes as HTTP allows': (key) =>
    bytesOf(key)
      .map(spelled(/[!"$&-*,-/\w:->@[\]^`{|}~]/))
      .join(''),
  '+ for a space': (key) => SPELLINGS.canonical!(key).replaceAll('%20', '+'),
}

function spelled(kept: RegExp) {
  return (byte: number): string =>
    byte < 128 && kept.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : escaped(byte)
}

const cases = Object.entries(ALL).flatMap(([name, key]) =>
  Object.entries(SPELLINGS).map(([spelling, spell]) => ({ name, spelling, key, path: `/bucket/${spell(key)}` })),
)

it('the corpus has at least 26 keys in 5 spellings', () => {
  expect(cases.length).toBeGreaterThanOrEqual(130)
})

/** Requests of a client: without a signature, or with one of the placeholder key. */
const CLIENTS: Record<string, { mode: 'sign' | 'resign'; make: (making: Making) => Handmade }> = {
  sign: {
    mode: 'sign',
    make: ({ method = 'GET', path = '/', host, body = '' }) => {
      const length = { 'content-length': String(Buffer.from(body as string).length) }
      return { method, target: path, headers: { host, ...length }, body }
    },
  },
  'resign, header': { mode: 'resign', make: byHeader },
  'resign, query': { mode: 'resign', make: byQuery },
}

describe.each(Object.entries(CLIENTS))('%s', (_, { mode, make }) => {
  const heads: string[] = []
  const recorder = createServer((socket) => {
    socket.setEncoding('latin1').once('data', (head: string) => {
      heads.push(head)
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    })
  })
  let recording: RunningProxy
  let storing: RunningProxy
  let server: RunningServer
  const stops: (() => Promise<void>)[] = []

  beforeAll(async () => {
    const { port, stop } = await listen(recorder as never)
    server = await serve({ credentials: CREDENTIALS, region: 'us-east-1' })
    const start = (upstream: string) =>
      proxy({
        ...{ upstream, mode, credentials: CREDENTIALS, service: 's3', region: 'us-east-1' },
        ...(mode === 'resign' && { clientCredentials: PLACEHOLDER, allowPresigned: true }),
      })
    recording = await start(`http://127.0.0.1:${port}`)
    storing = await start(server.url)
    stops.push(recording.close, storing.close, stop, server.close)
  })
  afterAll(async () => {
    for (const stop of stops) await stop()
  })

  /** A request of the client, signed for the canonical path and sent with another spelling. */
  function request(port: number, key: string, path: string, change: Partial<Making> = {}): Handmade {
    const { accessKeyId: keyId, secretAccessKey: secret } = PLACEHOLDER
    const canonical = `/bucket/${SPELLINGS.canonical!(key)}`
    const made = make({ host: `localhost:${port}`, path: canonical, keyId, secret, ...change })
    return { ...made, target: path + made.target.slice(canonical.length) }
  }

  it.each(cases)('the target of a key $name arrives: $spelling', async ({ key, path }) => {
    const made = request(recording.port, key, path)
    made.headers.connection = 'close'
    expect(await exchange(recording.port, wire(made))).toMatch(/^HTTP\/1\.1 200 /)
    const [head] = heads.splice(0)
    const [first, ...lines] = head!.split('\r\n')
    const [, method, target] = /^(\S+) (.*) HTTP\/1\.1$/s.exec(first!)!
    expect(target!.split('?')[0]).toBe(path)
    const headers = lines.filter(Boolean).map((line): [string, string] => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    })
    verified({ method: method!, target: target!, headers, body: Buffer.alloc(0) }, 's3')
  })

  it.each(cases)('the content of a key $name comes back: $spelling', async ({ name, key, path }) => {
    const body = `${name} ${path}`
    const put = await send(storing.port, request(storing.port, key, path, { method: 'PUT', body }))
    expect([put.status, put.text]).toEqual([200, ''])
    expect((await send(storing.port, request(storing.port, key, path))).text).toBe(body)
    const direct = byHeader({
      host: `127.0.0.1:${server.port}`,
      path: `/bucket/${SPELLINGS.canonical!(key)}`,
      secret: SECRET,
    })
    expect((await send(server.port, direct)).text).toBe(body)
  })
})
