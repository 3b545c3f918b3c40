import { SigV4Error, type SigV4VerifyErrorCode } from '../core/errors.ts'

/** Elements of AWS's response other than code and message, in AWS's order. */
export type ErrorDetails = Readonly<Record<string, string>>

/** The strings that should have been signed. */
export interface ExpectedStrings {
  /** Missing for a form, which signs its policy. */
  readonly canonicalRequest?: string
  readonly stringToSign: string
}

/**
 * The error for a request that must be rejected. `code` identifies the reason; `awsCode`, `status`, `message` and
 * `details` are S3's response, which `toErrorResponse` formats. It contains no secret.
 *
 * @example
 * ```ts
 * import { SigV4VerifyError, verify } from 'sigv4/verify'
 *
 * try {
 *   await verify(new Request('https://files.example.com/cat.jpg'), { credentials: () => 'a secret' })
 * } catch (error) {
 *   if (error instanceof SigV4VerifyError) console.log(error.status, error.awsCode, error.code)
 * }
 * ```
 */
export class SigV4VerifyError extends SigV4Error {
  declare readonly code: SigV4VerifyErrorCode
  /** S3's error code, `'SignatureDoesNotMatch'`. */
  declare readonly awsCode: string
  /** HTTP status, 400 to 499. */
  declare readonly status: number
  declare readonly details: ErrorDetails
  /** The expected canonical request if the signature is wrong. Non-enumerable, so loggers skip it. */
  declare readonly canonicalRequest: string | undefined
  declare readonly stringToSign: string | undefined

  constructor(
    code: SigV4VerifyErrorCode,
    awsCode: string,
    status: number,
    message: string,
    details: ErrorDetails = {},
    strings?: ExpectedStrings,
  ) {
    super(code, message)
    this.name = 'SigV4VerifyError'
    this.awsCode = awsCode
    this.status = status
    this.details = details
    for (const name of ['canonicalRequest', 'stringToSign'] as const)
      Object.defineProperty(this, name, { value: strings?.[name], enumerable: false })
  }
}
