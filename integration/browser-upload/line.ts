import { connect, createServer, type Socket } from 'node:net'

// A proxy between a browser and its server, which can be slow or interrupted.

export interface Line {
  port: number
  /** Maximum bytes per second to the server, over all connections; `undefined` for unlimited. */
  speed: number | undefined
  /** Bytes sent to the server. */
  sent(): number
  /**
   * Stops each connection once this many more bytes have been sent, in whole reads, until `release`. Connections that
   * are open are closed, because their buffers may have grown.
   */
  hold(bytes: number): void
  release(): void
  /** Closes all connections, and rejects new ones. */
  cut(): void
  restore(): void
  close(): Promise<void>
}

/** Forwards everything to a port of this machine. */
export async function lineTo(port: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false
  let count = 0
  /** The count from which connections are stopped, and those that are. */
  let limit = Number.POSITIVE_INFINITY
  const held = new Set<Socket>()
  /** The time at which the accepted bytes will have been forwarded. */
  let free = 0
  const server = createServer((client) => {
    if (isCut) return void client.resetAndDestroy()
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        held.delete(socket)
        for (const other of [client, upstream]) other.destroy()
      })
    }
    upstream.pipe(client)
    client.on('data', (bytes) => {
      count += bytes.length
      upstream.write(bytes)
      if (count >= limit) {
        client.pause()
        held.add(client)
        return
      }
      if (line.speed === undefined) return
      client.pause()
      const now = performance.now()
      free = Math.max(free, now) + (1000 * bytes.length) / line.speed
      setTimeout(() => client.resume(), free - now)
    })
    client.on('end', () => upstream.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const line: Line = {
    port: (server.address() as { port: number }).port,
    speed: undefined,
    sent: () => count,
    hold(bytes) {
      for (const socket of sockets) socket.resetAndDestroy()
      limit = count + bytes
    },
    release() {
      limit = Number.POSITIVE_INFINITY
      for (const socket of held) socket.resume()
      held.clear()
    },
    cut() {
      isCut = true
      for (const socket of sockets) socket.resetAndDestroy()
    },
    restore() {
      isCut = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return line
}
