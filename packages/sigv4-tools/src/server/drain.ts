import type { IncomingMessage } from 'node:http'

/** Limits for reading a request after its response. */
export interface DrainLimits {
  readonly milliseconds: number
  readonly bytes: number
}

/**
 * Reads the rest of a request after its response: a client that is still sending would not see the response if the
 * connection closed now. Returns whether the request was complete.
 */
export async function drain(request: IncomingMessage, { milliseconds, bytes }: DrainLimits): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return request.complete
  return new Promise((resolve) => {
    let size = 0
    const timer = setTimeout(() => done(false), milliseconds)
    timer.unref()
    const count = (piece: Uint8Array) => {
      size += piece.length
      if (size > bytes) done(false)
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
