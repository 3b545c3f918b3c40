import { parseMultipartResponse } from 'sigv4/sync'

type Party = 'this site' | 'the storage service'

/** No response arrived, so the request may or may not have succeeded. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
  readonly to: Party

  constructor(to: Party) {
    super(`The connection to ${to} was lost.`)
    this.to = to
  }
}

/** The request was rejected, or would be. */
export class RejectedError extends Error {
  override name = 'RejectedError'
  readonly status: number
  /** The S3 error code. */
  readonly awsCode: string | undefined

  constructor(message: string, status: number, awsCode?: string) {
    super(message)
    this.status = status
    this.awsCode = awsCode
  }
}

/** Messages for S3 errors. */
const MESSAGES: Record<string, string> = {
  EntityTooLarge: 'The file is larger than allowed.',
  EntityTooSmall: 'The file is smaller than allowed.',
  SignatureDoesNotMatch: 'The storage service rejected the upload because it differs from the signed request.',
  NoSuchUpload: 'This upload was already completed or aborted.',
  NoSuchBucket: 'The bucket does not exist.',
  SlowDown: 'The storage service is busy.',
}
const EXPIRED = 'The permission to upload has expired.'

/** Converts an S3 error, received or predicted. */
export function toError(error: { awsCode: string; message: string; status: number }): RejectedError {
  const { awsCode, message, status } = error
  if (awsCode === 'AccessDenied' && /expired/i.test(message)) return new RejectedError(EXPIRED, status, awsCode)
  const [, field] = /Policy Condition failed: \["[\w-]+", "\$([^"]+)"/.exec(message) ?? []
  const text = field ? `The form was changed after signing: ${field} is different.` : MESSAGES[awsCode]
  return new RejectedError(text ?? message, status, awsCode)
}

/** Converts an S3 error response. */
export function errorOf({ status, text }: { status: number; text: string }): RejectedError {
  const parsed = parseMultipartResponse(text)
  if (parsed.kind === 'error') return toError({ ...parsed, status })
  return new RejectedError(`The storage service returned an unreadable response with status ${status}.`, status)
}

/** Whether a retry with a new signature may succeed. */
export function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true
  if (!(error instanceof RejectedError)) return false
  return error.status >= 500 || error.message === EXPIRED || error.awsCode === 'RequestTimeout'
}

/** Whether the app's server does not accept the file, so a retry is useless. */
export function isFinal(error: unknown): error is RejectedError {
  return error instanceof RejectedError && error.status === 422
}

/** Whether a multipart upload cannot continue: S3 no longer has it, or its ticket is invalid or has expired. */
export function isMissing(error: unknown): boolean {
  return error instanceof RejectedError && (error.status === 404 || error.status === 410)
}
