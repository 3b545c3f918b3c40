import { readServiceError, type ServiceError } from '../../../../../src/internal/errors.ts'
import { headerPairs, headerValue } from './headers.ts'

/** Reads the error in a response, from its headers and the start of its body. */
export function readError(rawHeaders: readonly string[], pieces: readonly Uint8Array[]): ServiceError {
  const headers = headerPairs(rawHeaders)
  return readServiceError((name) => headerValue(headers, name), Buffer.concat(pieces).toString())
}

/** Returns whether a response may be about the signature or the credentials, by its status. */
export function mayReject(status: number): boolean {
  return status === 400 || status === 401 || status === 403
}
