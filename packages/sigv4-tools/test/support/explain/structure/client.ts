import {
  authorization,
  encode,
  type Pair,
  RIGHT,
  type SigningRequest,
  type Steps,
} from '../../../../../../test/support/oracle.ts'

// What a client knows when it signs, and what it sends.

export type Scope = readonly [date: string, region: string, service: string, end: string]

/** Everything that a client knows when it signs. Names, path and query are as sent. */
export interface ClientRequest extends SigningRequest {
  readonly scheme: 'https' | 'http'
  readonly host: string
  readonly body: string
  /** A form has a policy. */
  readonly location: 'header' | 'query' | 'form'
  readonly scope: Scope
  readonly accessKeyId: string
  readonly sessionToken?: string
  /** Bucket in the path or in the host name, for S3. */
  readonly bucket?: string
}

/** The steps of the oracle that a client replaces. */
export type Change = Partial<Steps<ClientRequest>>

/** A request as a client sends it. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export const BOUNDARY = '----WebKitFormBoundary7MA4YWxkTrZu0gW0'

/** The fields of a form, without the file. */
export const formFields = (request: ClientRequest, signature: string, fields: readonly Pair[]): Pair[] => [
  ...fields,
  ['policy', RIGHT.policyToSign(request)],
  ['x-amz-signature', signature],
]

/** Puts a signature into a request. For a form, `fields` are the ones before the policy. */
export function send(request: ClientRequest, signature: string, fields: readonly Pair[] = []): SentRequest {
  const { method, scheme, host, path } = request
  const query = request.query.map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
  const headers: Record<string, string> = {}
  for (const [name, value] of request.headers) headers[name] = value
  let body: string | undefined = request.body === '' ? undefined : request.body
  if (request.location === 'header') {
    const credential = [request.accessKeyId, ...request.scope].join('/')
    headers.Authorization = authorization({ credential }, request.signedHeaders.join(';'), signature)
  } else if (request.location === 'query') {
    query.push(`X-Amz-Signature=${encode(signature)}`)
  } else {
    const parts = formFields(request, signature, fields).map(
      ([name, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const file = 'Content-Disposition: form-data; name="file"; filename="upload.txt"\r\nContent-Type: text/plain'
    body = `${parts.join('')}--${BOUNDARY}\r\n${file}\r\n\r\n${request.body}\r\n--${BOUNDARY}--\r\n`
  }
  const search = query.length > 0 ? `?${query.join('&')}` : ''
  return { method, url: `${scheme}://${host}${path}${search}`, headers, body }
}
