import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatErrorDocument } from '../verify/error-response.ts'
import type { SigV4VerifyError } from '../verify.ts'
import type { S3Error } from './errors.ts'

/** What a request is answered with. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A text, or bytes whose length is in the headers. */
  readonly body?: string | Readable | undefined
}

/** What S3 numbers its answers with; both are random. */
export interface AnswerIds {
  readonly requestId: string
  readonly hostId: string
}

export function newIds(): AnswerIds {
  return { requestId: randomBytes(8).toString('hex').toUpperCase(), hostId: randomBytes(24).toString('base64') }
}

export function xmlAnswer(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body }
}

/** The response to a request that is rejected or has failed. */
export function errorAnswer(
  error: S3Error | SigV4VerifyError,
  { requestId, hostId }: AnswerIds,
  explanation?: string,
): Answer & { readonly body: string } {
  const body = formatErrorDocument(error, [
    ['RequestId', requestId],
    ['HostId', hostId],
    ['Explanation', explanation],
  ])
  return { status: error.status, headers: { 'content-type': 'application/xml' }, body }
}

/** Sends an answer; the promise ends with its last byte, or with the connection. */
export async function send(response: ServerResponse, { status, headers = {}, body }: Answer): Promise<void> {
  const isHead = response.req.method === 'HEAD'
  response.statusCode = status
  for (const name in headers) response.setHeader(name, headers[name]!)
  if (body instanceof Readable) {
    if (isHead) body.destroy()
    else return pipeline(body, response)
  } else if (!isHead && status !== 204 && status !== 304) {
    const bytes = Buffer.from(body ?? '')
    response.setHeader('content-length', bytes.length)
    response.write(bytes)
  }
}
