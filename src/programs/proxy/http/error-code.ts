import { readServiceError, type ServiceError } from '../../../received/service-error.ts'
import { headerPairs, headerValue } from './headers.ts'

/** Reads the error in a response, from its headers and the start of its body. */
export function readError(rawHeaders: readonly string[], pieces: readonly Uint8Array[]): ServiceError {
  const headers = headerPairs(rawHeaders)
  return readServiceError((name) => headerValue(headers, name), Buffer.concat(pieces).toString())
}
