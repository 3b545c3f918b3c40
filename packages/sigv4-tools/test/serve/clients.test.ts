import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { acceptClients, type Turn } from '../../src/server/clients.ts'
import { drain } from '../../src/server/drain.ts'

// Connections to the server that `serve` and the proxy share.

type Handle = (turn: Turn, request: IncomingMessage, response: ServerResponse) => unknown

const cleanups: (() => unknown)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Starts a server with at most one connection, and returns a function that connects to it. */
async function start(handle: Handle): Promise<() => Promise<Socket>> {
  const server = createServer()
  acceptClients(server, {
    maxConnections: 1,
    hasUpgrades: false,
    receive: (request, response) => (turn) => handle(turn, request, response),
    rejectBytes: () => undefined,
    logFlood: () => undefined,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  return async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => undefined)
    cleanups.push(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
}

describe('a connection beyond the maximum', () => {
  /** Sends a request, connects once more while it is handled, and then responds to it. */
  async function connectTwice(isAccepted: boolean): Promise<{ first: string; second: 'open' | 'closed' }> {
    const handling = deferred<ServerResponse>()
    const open = await start(({ accept, ended }, _, response) => {
      if (isAccepted) accept()
      handling.resolve(response)
      return ended
    })
    let received = ''
    const first = await open()
    first.on('data', (text) => {
      received += text
    })
    first.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const response = await handling.promise
    const second = await open()
    await Promise.race([once(first, 'close'), once(second, 'close')])
    const state = second.closed ? 'closed' : 'open'
    if (!first.closed) {
      response.end('the response')
      await once(first, 'close')
    }
    return { first: received, second: state }
  }

  it('is closed if the request of every other one was accepted', async () => {
    const { first, second } = await connectTwice(true)
    expect(second).toBe('closed')
    expect(first).toMatch(/the response$/)
  })

  it('takes the place of one whose request was not accepted', async () => {
    expect(await connectTwice(false)).toEqual({ first: '', second: 'open' })
  })
})

describe('the rest of a request after its response', () => {
  it.each([
    ['is read up to a limit', 1000, false],
    ['is read to its end', 100_000, true],
  ])('%s', async (_, bytes, isAll) => {
    const drained = deferred<boolean>()
    const open = await start(async (_turn, request) =>
      drained.resolve(await drain(request, { milliseconds: 5000, bytes })),
    )
    const socket = await open()
    socket.write(`PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000\r\n\r\n${'x'.repeat(20_000)}`)
    expect(await drained.promise).toBe(isAll)
  })
})
