import { readUploadAnswer } from 'sigv4/sync'

/** Nobody answered. What happened to what was sent is not known. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
  readonly by: string

  constructor(by: string) {
    super(`The connection to ${by} was lost.`)
    this.by = by
  }
}

/** Somebody said no. */
export class Refused extends Error {
  override name = 'Refused'
  readonly by: string
  /** What S3 calls it. */
  readonly awsCode: string | undefined
  readonly status: number | undefined

  constructor(by: string, message: string, awsCode?: string, status?: number) {
    super(message)
    this.by = by
    this.awsCode = awsCode
    this.status = status
  }
}

/** What a page is told by S3, in words for who reads it. */
const WORDS: Record<string, string> = {
  EntityTooLarge: 'The file is larger than was allowed.',
  EntityTooSmall: 'The file is smaller than was allowed.',
  SignatureDoesNotMatch: 'What was sent is not what was signed.',
  NoSuchUpload: 'The upload was ended, here or somewhere else.',
  NoSuchBucket: 'There is no such bucket.',
  SlowDown: 'The storage is busy.',
}

/** The refusal in an answer of S3. */
export function refusalOf({ status, text }: { status: number; text: string }): Refused {
  const answer = readUploadAnswer(text)
  if (answer.kind !== 'refused') return new Refused('the storage', `The storage answered ${status}.`, undefined, status)
  const { awsCode, message } = answer
  const isExpired = awsCode === 'AccessDenied' && /expired/i.test(message)
  const words = isExpired ? 'The permission to upload has expired.' : (WORDS[awsCode] ?? message)
  return new Refused('the storage', words, awsCode, status)
}

/** Whether to send a part again may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true
  return (
    error instanceof Refused && error.by === 'the storage' && !(error.status! < 500 && !/expired/.test(error.message))
  )
}
