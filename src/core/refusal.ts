import { SigV4Error, type SigV4VerifyErrorCode } from './errors.ts'

/** Elements that AWS's answer has besides code and message, in AWS's order. */
export type RefusalDetails = Readonly<Record<string, string>>

/** What was expected to be signed. */
export interface ExpectedStrings {
  /** Missing for a form, whose policy is what is signed. */
  readonly canonicalRequest?: string
  readonly stringToSign: string
}

/**
 * A request that must be refused. `code` says why; `awsCode`, `status`, `message` and `details` are what S3 answers, as
 * `toErrorResponse` writes it. Nothing in it is a secret.
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
  /** S3's name for it, `'SignatureDoesNotMatch'`. */
  declare readonly awsCode: string
  /** HTTP status, 400 to 499. */
  declare readonly status: number
  declare readonly details: RefusalDetails
  /** With a wrong signature, what it should have been made of. Not enumerable: no log prints it unasked. */
  declare readonly canonicalRequest: string | undefined
  declare readonly stringToSign: string | undefined

  constructor(
    code: SigV4VerifyErrorCode,
    awsCode: string,
    status: number,
    message: string,
    details: RefusalDetails = {},
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

/** The details of a refused session token. Not enumerable: the response returns it to its sender, and no log prints it. */
export function tokenDetails(sessionToken: string): RefusalDetails {
  return Object.defineProperty({}, 'Token-0', { value: sessionToken, enumerable: false })
}

/** Throws: the request must be refused. */
export function refuse(...args: ConstructorParameters<typeof SigV4VerifyError>): never {
  throw new SigV4VerifyError(...args)
}

/** Throws: the signature is not the one that was computed. */
export function refuseSignature(details: RefusalDetails, strings?: ExpectedStrings): never {
  refuse(
    'ERR_SIGV4_SIGNATURE_MISMATCH',
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    details,
    strings,
  )
}
