import { parseMultipartResponse } from 'sigv4/sync'

type Party = 'this site' | 'the storage'

/** Nobody answered. What happened to what was sent is not known. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
  readonly to: Party

  constructor(to: Party) {
    super(`The connection to ${to} was lost.`)
    this.to = to
  }
}

/** Somebody said no, or would. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  /** What S3 calls it. */
  readonly awsCode: string | undefined

  constructor(message: string, status: number, awsCode?: string) {
    super(message)
    this.status = status
    this.awsCode = awsCode
  }
}

/** What S3 refuses, in words for who reads the page. */
const WORDS: Record<string, string> = {
  EntityTooLarge: 'The file is larger than was allowed.',
  EntityTooSmall: 'The file is smaller than was allowed.',
  SignatureDoesNotMatch: 'The storage refused the upload: what was sent is not what was signed.',
  NoSuchUpload: 'This upload was ended, here or somewhere else.',
  NoSuchBucket: 'The bucket is not there.',
  SlowDown: 'The storage is busy.',
}
const EXPIRED = 'The permission to upload has expired.'

/** What S3 says, or would say, to a request. */
export function refusal(said: { awsCode: string; message: string; status: number }): Refused {
  const { awsCode, message, status } = said
  if (awsCode === 'AccessDenied' && /expired/i.test(message)) return new Refused(EXPIRED, status, awsCode)
  const [, field] = /Policy Condition failed: \["[\w-]+", "\$([^"]+)"/.exec(message) ?? []
  const words = field ? `The form is not the one that was signed: ${field} is different.` : WORDS[awsCode]
  return new Refused(words ?? message, status, awsCode)
}

/** The refusal in an answer of S3. */
export function refusalOf({ status, text }: { status: number; text: string }): Refused {
  const answer = parseMultipartResponse(text)
  if (answer.kind === 'refused') return refusal({ ...answer, status })
  return new Refused(`The storage gave an answer that nobody can read, with status ${status}.`, status)
}

/** Whether to send the same again, newly signed, may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true
  if (!(error instanceof Refused)) return false
  return error.status >= 500 || error.message === EXPIRED || error.awsCode === 'RequestTimeout'
}

/** Whether the server of this page does not take the file: to ask once more is no use. */
export function isFinal(error: unknown): error is Refused {
  return error instanceof Refused && error.status === 422
}

/** Whether an upload in parts cannot continue: S3 has ended it, or its ticket is unknown to the server or has expired. */
export function isGone(error: unknown): boolean {
  return error instanceof Refused && (error.status === 404 || error.status === 410)
}
