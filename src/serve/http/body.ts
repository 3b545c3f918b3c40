import type { IncomingMessage } from 'node:http'
import { S3Error } from './errors.ts'

const MAX_DRAINED = 16 * 1024 * 1024
const DRAIN_TIMEOUT = 5000

/** Yields and counts the bytes of a body, throws if the client is idle for too long, and leaves the connection open. */
export async function* readBody(
  request: IncomingMessage,
  idleTimeout: number,
  count: { received?: number },
): AsyncGenerator<Uint8Array, Record<string, string>> {
  count.received = 0
  const pieces = request.iterator({ destroyOnReturn: false })
  let isWaiting = false
  try {
    for (;;) {
      isWaiting = true
      const { done, value } = await within(idleTimeout, pieces.next())
      isWaiting = false
      if (done) return {}
      count.received += value.length
      yield value as Uint8Array
    }
  } finally {
    if (!isWaiting) await pieces.return?.() // Releases the request so that the rest can be drained.
  }
}

async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new S3Error('RequestTimeout')), milliseconds)
  })
  promise.catch(() => {}) // Prevents an unhandled rejection after the timeout.
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Reads the rest of a request after its response. Returns whether it was complete. */
export async function drain(request: IncomingMessage): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return request.complete
  return new Promise((resolve) => {
    let size = 0
    const timer = setTimeout(() => done(false), DRAIN_TIMEOUT)
    const count = (bytes: Uint8Array) => {
      size += bytes.length
      if (size > MAX_DRAINED) done(false)
    }
    const ended = () => done(true)
    const closed = () => done(request.complete)
    const done = (isAll: boolean) => {
      clearTimeout(timer)
      request.off('data', count).off('end', ended).off('close', closed).off('error', closed)
      resolve(isAll)
    }
    request.on('data', count).on('end', ended).on('close', closed).on('error', closed).resume()
  })
}
