import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

// Programs that tests start. Where a program can use any free port and prints it, pass it port 0 and read its output.

const READY_WITHIN = 60_000
/** Ports below the range that systems assign to connections and to servers on port 0, so that nothing else takes them. */
const [FIRST_PORT, PORTS] = [10_000, 22_000]
const returned = new Set<number>()

/** Returns a port of the loopback interface for a program that requires one as an argument. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    if (returned.has(port) || !(await isFree(port))) continue
    returned.add(port)
    return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A program that has been started. */
export interface Starting {
  /** Settles when it has ended. */
  readonly ended: Promise<unknown>
  /** What it has printed. */
  output(): string
}

/** Repeats a probe until it returns a value, because a program listens some time after its start. */
export async function untilReady<T>({ ended, output }: Starting, probe: () => Promise<T | undefined>): Promise<T> {
  let reason: string | undefined
  ended.then(
    () => {
      reason = 'it exited'
    },
    (error: Error) => {
      reason = error.message
    },
  )
  for (const deadline = Date.now() + READY_WITHIN; Date.now() < deadline; await sleep(50)) {
    const value = await probe().catch(() => undefined)
    // after the probe: the response may be from a different program on the same port
    if (reason !== undefined) throw new Error(`did not start, ${reason}: ${output()}`)
    if (value !== undefined) return value
  }
  throw new Error(`was not ready within ${READY_WITHIN / 1000} s: ${output()}`)
}
