/** An error that the proxy itself responds with, and its status. */
export class ProxyError extends Error {
  readonly status: number
  /** The message for the client, if only the log may contain the actual one. */
  readonly shown: string

  constructor(status: number, message: string, shown = message) {
    super(message)
    this.name = 'ProxyError'
    this.status = status
    this.shown = shown
  }
}

/** Throws because a request must not be forwarded. */
export function reject(status: number, message: string): never {
  throw new ProxyError(status, message)
}
