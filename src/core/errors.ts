/** Codes of a {@link SigV4Error}. Codes are stable; messages may change. */
export type SigV4ErrorCode =
  | 'ERR_SIGV4_CREDENTIALS_MISSING'
  | 'ERR_SIGV4_SCOPE_UNKNOWN'
  | 'ERR_SIGV4_KEY_SCOPE'
  | 'ERR_SIGV4_REQUEST_UNSENDABLE'
  | 'ERR_SIGV4_ALREADY_SIGNED'
  | 'ERR_SIGV4_BODY_NOT_HASHABLE'
  | 'ERR_SIGV4_EXPIRES_RANGE'
  | 'ERR_SIGV4_CRYPTO_UNAVAILABLE'
  | 'ERR_SIGV4_UNSUPPORTED'

/** Codes of a `SigV4VerifyError`. */
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

/** Codes of the `TypeError` for an invalid argument: Node's own. */
export type ArgumentErrorCode = 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE'

/** The problem with an argument. */
export type ErrorReason =
  | 'missing'
  | 'type'
  | 'invalid'
  | 'whitespace'
  | 'expired'
  | 'range'
  | 'conflict'
  | 'mismatch'
  | 'unusable'
  | 'unsendable'
  | 'reserved'
  | 'signed'
  | 'unknown'

const REASONS: Readonly<Record<ErrorReason, string>> = {
  missing: 'is missing',
  type: 'has the wrong type',
  invalid: 'is not valid',
  whitespace: 'contains whitespace',
  expired: 'has expired',
  range: 'is out of range',
  conflict: 'is set twice',
  mismatch: 'does not match',
  unusable: 'cannot be used here',
  unsendable: 'would change in transit',
  reserved: 'is added by signing',
  signed: 'is already signed',
  unknown: 'is unknown',
}

/**
 * The error for a request that cannot or must not be signed. `code` identifies the error; `argument` and `reason`
 * repeat the message. No message contains a secret.
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
 *   if (isSigV4Error(error) && error.code === 'ERR_SIGV4_SCOPE_UNKNOWN') console.log('Set', error.argument)
 *   else throw error
 * }
 * ```
 */
export class SigV4Error extends Error {
  declare readonly code: SigV4ErrorCode | SigV4VerifyErrorCode
  /** The invalid argument, such as `options.credentials.sessionToken`. */
  declare readonly argument?: string
  /** The problem with it. */
  declare readonly reason?: string

  constructor(code: SigV4ErrorCode | SigV4VerifyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SigV4Error'
    this.code = code
  }
}

/**
 * Returns whether a value is a {@link SigV4Error}, including one from another realm or from the other build (ESM or
 * CommonJS) of this package, for which `instanceof` is false.
 *
 * @param error - Any thrown value.
 * @returns Whether it is an error with an `ERR_SIGV4_…` code.
 */
export function isSigV4Error(error: unknown): error is SigV4Error {
  return /^ERR_SIGV4_/.test(String((error as { code?: unknown } | null | undefined)?.code))
}

/** Throws a {@link SigV4Error}, or a `TypeError` for an argument. Its message is `<argument> <reason>. <hint>`. */
export function fail(
  code: SigV4ErrorCode | ArgumentErrorCode,
  argument: string,
  reason: ErrorReason,
  hint?: string,
): never {
  argument = hideUnsafe(argument)
  const message = `${argument} ${REASONS[reason]}.${hint ? ` ${hideUnsafe(hint)}` : ''}`
  const error = /SIGV4/.test(code) ? new SigV4Error(code as SigV4ErrorCode, message) : new TypeError(message)
  throw Object.assign(error, { code, argument, reason })
}

/**
 * Hides characters that a terminal would act on, and words as long as a secret access key: an argument or a hint may
 * contain a name that the caller received, or a secret that was passed as a name.
 */
function hideUnsafe(string: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them
  return string.replace(/[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]|[\w/+]{40,}/g, '[hidden]')
}

/** Returns a message with the values that `{name}` in it stands for. */
export function fillIn(message: string, values: Readonly<Record<string, string>>): string {
  return message.replace(/\{(\w+)\}/g, (_, name: string) => values[name]!)
}
