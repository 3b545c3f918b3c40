import { SigV4Error } from '../../core/errors.ts'

/** Throws because received bytes are not an event, or not a stream of signed events. */
export function malformed(message: string): never {
  throw new SigV4Error('ERR_SIGV4_PAYLOAD_MISMATCH', message)
}
