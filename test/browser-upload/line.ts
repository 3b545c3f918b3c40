import { connect, createServer, type Socket } from 'node:net'

// The line between a browser and its server, which can be slow, and can be cut.

export interface Line {
  port: number
  /** Bytes a second that go to the server, all connections together; `undefined` for as many as there are. */
  speed: number | undefined
  /** Bytes that went to the server. */
  sent(): number
  /** Ends all connections and takes no others. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** Passes everything on to a port of this machine. */
export async function lineTo(port: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let isCut = false
  let count = 0
  /** When all that was taken will have passed. */
  let free = 0
  const server = createServer((client) => {
    if (isCut) return void client.resetAndDestroy()
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        for (const other of [client, upstream]) other.destroy()
      })
    }
    upstream.pipe(client)
    client.on('data', (bytes) => {
      count += bytes.length
      upstream.write(bytes)
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
    cut() {
      isCut = true
      for (const socket of sockets) socket.resetAndDestroy()
    },
    mend() {
      isCut = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return line
}
