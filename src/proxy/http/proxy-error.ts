/** Why the proxy itself responds to a request, with the status of the response. */
export class ProxyError extends Error {
  readonly status: number
  /** What the client sees, if only the log may contain the message. */
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
