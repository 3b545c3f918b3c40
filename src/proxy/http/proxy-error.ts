/** Why the proxy itself responds to a request, with the status of the response. */
export class ProxyError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'ProxyError'
    this.status = status
  }
}

/** Throws because a request must not be forwarded. */
export function reject(status: number, message: string): never {
  throw new ProxyError(status, message)
}
