import type { Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { S3Error } from './errors.ts'

/** The hash of the bytes of a body, and whether they are all of it. */
export interface BodyDigest {
  readonly hash: Hash
  isWhole: boolean
}

/** Yields and counts the bytes of a body, throws if the client is idle for too long, and leaves the connection open. */
export async function* readBody(
  request: IncomingMessage,
  idleTimeout: number,
  count: { received?: number },
  digest?: BodyDigest | undefined,
): AsyncGenerator<Uint8Array, Record<string, string>> {
  count.received = 0
  const pieces = request.iterator({ destroyOnReturn: false })
  let isWaiting = false
  try {
    for (;;) {
      isWaiting = true
      const { done, value } = await within(idleTimeout, pieces.next())
      isWaiting = false
      if (done) {
        if (digest) digest.isWhole = true
        return {}
      }
      count.received += value.length
      digest?.hash.update(value)
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
