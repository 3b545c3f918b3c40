import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatErrorDocument } from '../../../../../src/internal/errors.ts'
import type { SigV4VerifyError } from '../../../../../src/verify.ts'
import type { S3Error } from './errors.ts'
import { document } from './xml.ts'

export interface ServiceResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A string, or a stream whose length is in the headers. */
  readonly body?: string | Readable | undefined
}

export interface ResponseIds {
  readonly requestId: string
  readonly hostId: string
}

export function newIds(): ResponseIds {
  return { requestId: randomBytes(8).toString('hex').toUpperCase(), hostId: randomBytes(24).toString('base64') }
}

/** Creates the response with an S3 document. */
export function xmlResponse(
  name: string,
  inner: readonly string[] = [],
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return { status: 200, headers: { 'content-type': 'application/xml', ...headers }, body: document(name, inner) }
}

/** Creates the response to a request that is rejected or has failed. */
export function errorResponse(
  error: S3Error | SigV4VerifyError,
  { requestId, hostId }: ResponseIds,
  explanation?: string,
): ServiceResponse & { readonly body: string } {
  const body = formatErrorDocument(error, [
    ['RequestId', requestId],
    ['HostId', hostId],
    ['Explanation', explanation],
  ])
  // the region of the bucket, which a response to HEAD cannot contain otherwise
  const [region] = /^[\w-]+$/.exec(error.details.Region ?? '') ?? []
  const headers = {
    'content-type': 'application/xml',
    ...(region !== undefined && { 'x-amz-bucket-region': region }),
    ...('headers' in error && error.headers),
  }
  return { status: error.status, headers, body }
}

/** Sets the status and the headers of a response, in place of any that were set before. */
export function setHead(
  response: ServerResponse,
  { status, headers }: ServiceResponse,
  common: Readonly<Record<string, string>>,
): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  response.statusCode = status
  for (const [name, value] of Object.entries({ ...common, ...headers })) response.setHeader(name, value)
}

/** Sends the body of a response. The promise settles with its last byte, or when the connection closes. */
export async function sendBody(response: ServerResponse, result: ServiceResponse): Promise<void> {
  const { status, body = '' } = result
  const isHead = response.req.method === 'HEAD'
  if (isHead) closeBody(result)
  else if (body instanceof Readable) await pipeline(body, response)
  else if (status !== 204 && status !== 304) {
    response.setHeader('content-length', Buffer.byteLength(body))
    response.write(body)
  }
}

/** Closes the body of a response that is not sent. */
export function closeBody({ body }: ServiceResponse): void {
  if (body instanceof Readable) body.destroy()
}
