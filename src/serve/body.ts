import type { IncomingMessage } from 'node:http'
import { S3Error } from './errors.ts'

const MOST_DRAINED = 16 * 1024 * 1024
const LONGEST_DRAIN = 5000

/** The bytes of a body. Gives up on a client that sends nothing for a while; leaves the connection as it is. */
export async function* readBody(
  request: IncomingMessage,
  idleTimeout: number,
): AsyncGenerator<Uint8Array, Record<string, string>> {
  const pieces = request.iterator({ destroyOnReturn: false })
  let isWaiting = false
  try {
    for (;;) {
      isWaiting = true
      const { done, value } = await within(idleTimeout, pieces.next())
      isWaiting = false
      if (done) return {}
      yield value as Uint8Array
    }
  } finally {
    if (!isWaiting) await pieces.return?.() // lets go of the request, so that the rest can be drained
  }
}

async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new S3Error('RequestTimeout')), milliseconds)
  })
  promise.catch(() => {}) // where the time is over, nobody waits for it any more
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Reads what a client still sends to a request that is answered already; says whether that was all. */
export async function drain(request: IncomingMessage): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return request.complete
  return new Promise((resolve) => {
    let size = 0
    const timer = setTimeout(() => done(false), LONGEST_DRAIN)
    const count = (bytes: Uint8Array) => {
      size += bytes.length
      if (size > MOST_DRAINED) done(false)
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
