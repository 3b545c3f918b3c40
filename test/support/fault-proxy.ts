import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * Where the connection of a request is reset: before a byte of it is passed on, in its body, after the server has
 * responded, in the status line of the response, or in its body. A connection that stalls stays open, but nothing of the
 * response is passed on, or only the start of its body.
 */
export type Fault =
  | 'reset at once'
  | 'reset in the body'
  | 'reset after it'
  | 'reset in the status'
  | 'reset in the response'
  | 'stall'
  | 'stall in the response'

/** Bytes of a status line or body that are passed on. */
const PART = 10

/** Starts a TCP proxy in front of a port. Each request gets the next fault; after the last one, all are passed on. */
export async function startFaultProxy(port: number, faults: readonly (Fault | undefined)[]) {
  const sockets = new Set<Socket>()
  let requests = 0
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    let fault: Fault | undefined
    // clients send the next request after the response
    let isRequest = false
    let sent = Buffer.alloc(0)
    const reset = () => {
      client.resetAndDestroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (data: Buffer) => {
      if (!isRequest) {
        fault = faults[requests++]
        sent = Buffer.alloc(0)
      }
      isRequest = true
      if (fault === 'reset at once') return reset()
      if (fault !== 'reset in the body') return void upstream.write(data)
      sent = Buffer.concat([sent, data])
      const body = sent.indexOf('\r\n\r\n') + 4
      if (body > 3 && sent.length > body + PART) upstream.write(sent.subarray(0, body + PART), reset)
    })
    upstream.on('data', (data: Buffer) => {
      isRequest = false
      if (fault === 'stall') return
      if (fault === 'reset after it') return reset()
      if (fault === undefined) return void client.write(data)
      const start = fault === 'reset in the status' ? 0 : data.indexOf('\r\n\r\n') + 4
      client.write(data.subarray(0, start + PART), () => {
        if (fault !== 'stall in the response') setImmediate(reset)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Requests of clients, including those that were not passed on. */
    requests: () => requests,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
