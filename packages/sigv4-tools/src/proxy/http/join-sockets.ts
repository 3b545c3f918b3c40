import { pipeline } from 'node:stream/promises'
import type { Upgrade } from '../../server/clients.ts'

/** Passes bytes between two connections in both directions until both have ended. An error closes both. */
export async function joinSockets(
  one: Upgrade,
  other: Upgrade,
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
