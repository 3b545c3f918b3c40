import { readServiceError, type ServiceError } from '../received/service-error.ts'
import { readStream } from './body.ts'
import { retryReason } from './retry.ts'

/** The contents of an error response. */
export interface Failure extends Partial<ServiceError> {
  /** The start of the body. */
  readonly text?: string
}

const MAX_BYTES = 65_536
/** Milliseconds to wait for a body: if the status alone is a reason to repeat the request, the code only changes the delay. */
const BRIEFLY = 100
const LONG = 5000

/** Reads the error in a response, whose body stays unread. */
export async function readFailure(response: Response): Promise<Failure> {
  const { status, headers } = response
  const { body } = response.clone()
  const stop = new AbortController()
  const timer = body && setTimeout(() => stop.abort(), retryReason(status, {}) ? BRIEFLY : LONG)
  // if the body is truncated, the caller gets the same error when it reads the response
  const start = body && (await readStream(body, MAX_BYTES, stop.signal).catch(() => undefined))
  clearTimeout(timer!)
  const text = (await start?.slice(0, MAX_BYTES).text()) ?? ''
  return { ...readServiceError((name) => headers.get(name), text), text }
}
