import { SigV4VerifyError } from './refusal.ts'

/** An answer to send as it is. */
export interface ErrorResponse {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** How to write the answer. */
export interface ErrorResponseOptions {
  /** S3's XML, or the JSON of most other services. @default `'xml'` */
  readonly format?: 'xml' | 'json' | undefined
  /**
   * With a wrong signature, adds the canonical request and the string to sign, as AWS does: all that a signer's author
   * needs. They show headers and query of the request, also those that a proxy added. @default false
   */
  readonly strings?: boolean | undefined
  /** Identifies the request in logs. @default none */
  readonly requestId?: string | undefined
  /** What was asked for, `/photos/cat.jpg`. @default none */
  readonly resource?: string | undefined
}

/** What the services with JSON call it. */
const EXCEPTIONS: Record<string, string> = {
  ExpiredToken: 'ExpiredTokenException',
  ERR_SIGV4_AUTH_MISSING: 'MissingAuthenticationTokenException',
  ERR_SIGV4_AUTH_MALFORMED: 'IncompleteSignatureException',
  ERR_SIGV4_AUTH_AMBIGUOUS: 'IncompleteSignatureException',
  ERR_SIGV4_ALGORITHM_UNSUPPORTED: 'IncompleteSignatureException',
  ERR_SIGV4_ACCESS_KEY_UNKNOWN: 'UnrecognizedClientException',
}

/**
 * The answer to a request that was refused, in AWS's words. Anything but a `SigV4VerifyError` becomes a plain
 * `InternalError` with status 500, which shows nothing of what went wrong: log it.
 *
 * @param error - What `verify` threw.
 * @param options - Format, and what to add.
 * @returns `{ status, headers, body }`. An answer to HEAD is sent without the body.
 * @example
 * ```ts
 * import { toErrorResponse, verify } from 'sigv4/verify'
 *
 * verify(new Request('https://files.example.com/cat.jpg'), { credentials: () => undefined }).catch((error) => {
 *   const { status, headers, body } = toErrorResponse(error, { resource: '/cat.jpg' })
 *   return new Response(body, { status, headers })
 * })
 * ```
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function toErrorResponse(error: unknown, options: ErrorResponseOptions = {}): ErrorResponse {
  const { format = 'xml', strings = false, requestId, resource } = options
  const refusal = isRefusal(error) ? error : undefined
  const status = refusal?.status ?? 500
  const message = refusal?.message ?? 'We encountered an internal error. Please try again.'
  const { canonicalRequest, stringToSign } = (strings && refusal) || {}
  const identified: Record<string, string> = requestId === undefined ? {} : { 'x-amz-request-id': requestId }
  if (format === 'json') {
    const known = refusal && (EXCEPTIONS[refusal.awsCode] ?? EXCEPTIONS[refusal.code] ?? 'InvalidSignatureException')
    const type = known ?? 'InternalServerError'
    const prose =
      canonicalRequest === undefined
        ? message
        : `${message}\n\nThe Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`
    return {
      status,
      headers: { ...identified, 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type },
      body: JSON.stringify({ __type: type, message: prose }),
    }
  }
  const { SignatureProvided, ...details } = refusal?.details ?? {}
  const elements: [name: string, value: string | undefined][] = [
    ['Code', refusal?.awsCode ?? 'InternalError'],
    ['Message', message],
    ...Object.entries(details),
    ['Token-0', details['Token-0']],
    ['StringToSign', stringToSign],
    ['SignatureProvided', SignatureProvided],
    ['StringToSignBytes', stringToSign && octets(stringToSign)],
    ['CanonicalRequest', canonicalRequest],
    ['CanonicalRequestBytes', canonicalRequest && octets(canonicalRequest)],
    ['Resource', resource],
    ['RequestId', requestId],
  ]
  const inner = elements.map(([name, value]) => (value === undefined ? '' : `<${name}>${escapeXml(value)}</${name}>`))
  return {
    status,
    headers: { ...identified, 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner.join('')}</Error>`,
  }
}

/** Of any copy of this package. */
function isRefusal(error: unknown): error is SigV4VerifyError {
  return error instanceof SigV4VerifyError || (error as Partial<Error> | null | undefined)?.name === 'SigV4VerifyError'
}

/** A text inside an element. What XML 1.0 has no way to write becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"\r]/g, (mark) => `&#${mark.charCodeAt(0)};`)
}

/** The UTF-8 of a text in hex, as S3 writes it: lower case, blanks between. */
function octets(text: string): string {
  const escaped = encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'))
  const hex = escaped.replace(
    /%(..)|(.)/gs,
    (_, pair?: string, plain?: string) => `${pair ?? plain!.charCodeAt(0).toString(16).padStart(2, '0')} `,
  )
  return hex.trim().toLowerCase()
}
