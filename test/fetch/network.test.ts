import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSignedFetch } from '../../src/fetch.ts'
import { CREDENTIALS } from '../support/fetch.ts'

// A TCP server that breaks connections at a chosen point.

const HEAD = 'HTTP/1.1 200 OK\r\nconnection: close\r\n'
const OK = `${HEAD}content-length: 4\r\n\r\ndone`

type Fault = (socket: Socket, request: string) => void

/** Waits for the start of a request, then breaks the connection. */
const atOnce: Fault = (socket) => socket.resetAndDestroy()
const duringHeaders: Fault = (socket) => socket.write('HTTP/1.1 200', () => socket.resetAndDestroy())
const duringBody: Fault = (socket) =>
  socket.write(`${HEAD}content-length: 100\r\n\r\npart`, () => setTimeout(() => socket.resetAndDestroy(), 50))
const answer: Fault = (socket) => socket.end(OK)

let close: () => void = () => undefined

async function faulty(...faults: Fault[]): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    let request = ''
    socket.on('data', (data) => {
      request += data
      const [, length = '0'] = /content-length: (\d+)/i.exec(request) ?? []
      const end = request.indexOf('\r\n\r\n') + 4
      if (end < 4 || request.length < end + Number(length)) return
      const fault = faults[requests.length]
      requests.push(request)
      request = ''
      fault?.(socket, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`, requests }
}

const signedFetch = createSignedFetch({ credentials: CREDENTIALS, region: 'us-east-1', service: 's3' })

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
})
afterEach(() => {
  vi.restoreAllMocks()
  close()
})

describe('a connection that is reset', () => {
  it.each([
    ['before the response', atOnce],
    ['during its headers', duringHeaders],
  ])('%s is repeated for GET and PUT, and not for POST', async (_, fault) => {
    for (const init of [{}, { method: 'PUT', body: 'text' }]) {
      const { url, requests } = await faulty(fault, fault, answer)
      expect(await (await signedFetch(url, init)).text()).toBe('done')
      expect(requests).toHaveLength(3)
      if (init.body) for (const request of requests) expect(request).toMatch(/\r\n\r\ntext$/)
      close()
    }
    const { url, requests } = await faulty(fault)
    await expect(signedFetch(url, { method: 'POST', body: 'text' })).rejects.toThrow(TypeError)
    expect(requests).toHaveLength(1)
  })

  it('three times rejects with the error of fetch', async () => {
    const { url, requests } = await faulty(atOnce, atOnce, atOnce)
    await expect(signedFetch(url)).rejects.toThrow('fetch failed')
    expect(requests).toHaveLength(3)
  })

  it('during the body of the response is left to the caller', async () => {
    const { url, requests } = await faulty(duringBody)
    const response = await signedFetch(url)
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
    expect(requests).toHaveLength(1)
  })

  it('during the body of an error is repeated because of its status', async () => {
    const cut: Fault = (socket) =>
      socket.write('HTTP/1.1 503 Slow\r\ncontent-length: 100\r\n\r\n<Code>', () =>
        setTimeout(() => socket.resetAndDestroy(), 50),
      )
    const { url, requests } = await faulty(cut, answer)
    expect((await signedFetch(url, { method: 'POST', body: 'text' })).status).toBe(200)
    expect(requests).toHaveLength(2)
  })

  it('is not repeated if the body is a stream that was not read before', async () => {
    const { url, requests } = await faulty(atOnce, answer)
    const aws = { payloadHash: 'UNSIGNED-PAYLOAD' }
    const init = { method: 'PUT', body: new Blob(['text']).stream(), headers: { 'content-length': '4' }, aws }
    await expect(signedFetch(url, init)).rejects.toThrow('fetch failed')
    expect(requests).toHaveLength(1)
  })
})

describe('a response that takes long', () => {
  it.each([
    ['its headers', (() => undefined) as Fault],
    ['the body of an error', ((socket) => socket.write('HTTP/1.1 500 Slow\r\ncontent-length: 100\r\n\r\n')) as Fault],
  ])('ends with the signal, and is not repeated: %s', async (_, fault) => {
    for (const isRequest of [false, true]) {
      const { url, requests } = await faulty(fault, answer)
      const controller = new AbortController()
      const reason = new Error('stopped')
      void vi.waitUntil(() => requests.length > 0, 20_000).then(() => setTimeout(() => controller.abort(reason), 50))
      const init = { signal: controller.signal }
      await expect(isRequest ? signedFetch(new Request(url, init)) : signedFetch(url, init)).rejects.toBe(reason)
      expect(requests).toHaveLength(1)
      close()
    }
  })
})
