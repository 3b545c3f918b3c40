/** What a {@link SigV4Error} can say in its `code`. The code is the contract; messages may change. */
export type SigV4ErrorCode =
  | 'ERR_SIGV4_CREDENTIALS_MISSING'
  | 'ERR_SIGV4_SCOPE_UNKNOWN'
  | 'ERR_SIGV4_KEY_SCOPE'
  | 'ERR_SIGV4_REQUEST_UNSENDABLE'
  | 'ERR_SIGV4_ALREADY_SIGNED'
  | 'ERR_SIGV4_BODY_NOT_HASHABLE'
  | 'ERR_SIGV4_EXPIRES_RANGE'
  | 'ERR_SIGV4_CRYPTO_UNAVAILABLE'

/** What a `SigV4VerifyError` can say in its `code`. */
export type SigV4VerifyErrorCode =
  | 'ERR_SIGV4_AUTH_MISSING'
  | 'ERR_SIGV4_AUTH_MALFORMED'
  | 'ERR_SIGV4_AUTH_AMBIGUOUS'
  | 'ERR_SIGV4_ALGORITHM_UNSUPPORTED'
  | 'ERR_SIGV4_SCOPE_MISMATCH'
  | 'ERR_SIGV4_ACCESS_KEY_UNKNOWN'
  | 'ERR_SIGV4_TIME_SKEWED'
  | 'ERR_SIGV4_NOT_YET_VALID'
  | 'ERR_SIGV4_EXPIRED'
  | 'ERR_SIGV4_HEADER_NOT_SIGNED'
  | 'ERR_SIGV4_PAYLOAD_MISMATCH'
  | 'ERR_SIGV4_PAYLOAD_UNCHECKED'
  | 'ERR_SIGV4_POLICY_VIOLATION'
  | 'ERR_SIGV4_SIGNATURE_MISMATCH'

/** What the `TypeError` of a wrong argument says in its `code`: Node's own codes. */
export type ArgumentErrorCode = 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE'

/**
 * A request that cannot or will not be signed. `code` says why; the message names the argument and the mend and never
 * holds a secret.
 *
 * @example
 * ```ts
 * import { isSigV4Error, presignGet } from 'sigv4'
 *
 * try {
 *   await presignGet('https://localhost:9000/photos/cat.jpg', {
 *     credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
 *   })
 * } catch (error) {
 *   if (isSigV4Error(error) && error.code === 'ERR_SIGV4_SCOPE_UNKNOWN') console.log('say region and service')
 *   else throw error
 * }
 * ```
 */
export class SigV4Error extends Error {
  declare readonly code: SigV4ErrorCode | SigV4VerifyErrorCode

  constructor(code: SigV4ErrorCode | SigV4VerifyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SigV4Error'
    this.code = code
  }
}

/**
 * Tells a {@link SigV4Error} from anything else, also across realms and across the ESM and the CommonJS copy of this
 * package, where `instanceof` fails.
 *
 * @param error - Anything that was thrown.
 * @returns Whether it is an error of this library with an `ERR_SIGV4_…` code.
 */
export function isSigV4Error(error: unknown): error is SigV4Error {
  return /^ERR_SIGV4_/.test(String((error as { code?: unknown } | null | undefined)?.code))
}

/** Throws: the `TypeError` of an argument, or a {@link SigV4Error}. */
export function fail(code: SigV4ErrorCode | ArgumentErrorCode, message: string): never {
  throw code.startsWith('ERR_SIGV4_')
    ? new SigV4Error(code as SigV4ErrorCode, message)
    : Object.assign(new TypeError(message), { code })
}
