import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A connection, and the bytes that were already read from it. */
export interface Joinable {
  readonly socket: Duplex
  readonly head: Buffer
}

/** Passes bytes between two connections in both directions until both have ended. An error closes both. */
export async function joinSockets(
  one: Joinable,
  other: Joinable,
  onReceived: (piece: Uint8Array) => void,
): Promise<void> {
  for (const { socket, head } of [one, other]) {
    socket.setMaxListeners(0) // both pipelines add several
    if (head.length > 0) socket.unshift(head)
    ;(socket as Partial<import('node:net').Socket>).setTimeout?.(0)
  }
  other.socket.on('data', onReceived)
  await Promise.all([pipeline(one.socket, other.socket), pipeline(other.socket, one.socket)]).catch(() => {
    one.socket.destroy()
    other.socket.destroy()
  })
}
