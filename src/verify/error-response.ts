import { toOctets } from '../core/encoding/utf8.ts'
import { fail } from '../core/errors.ts'
import { checkMembers, members } from '../core/members.ts'
import { INTERNAL_ERROR } from '../received/refusals.ts'
import { ERROR_TYPE } from '../received/service-error.ts'
import { escapeXml, wrap, XML_DECLARATION } from '../received/xml.ts'
import { SigV4VerifyError } from './verify-error.ts'

const OPTIONS = /* @__PURE__ */ members('format strings requestId resource')

/** A response to send unchanged. */
export interface ErrorResponse {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** Options of `toErrorResponse`. */
export interface ErrorResponseOptions {
  /** S3's XML, or the JSON of most other services. @default `'xml'` */
  readonly format?: 'xml' | 'json' | undefined
  /**
   * If the signature is wrong, adds the canonical request and the string to sign, as AWS does, to debug the signer.
   * They contain headers and query of the request, including those that a proxy added. @default false
   */
  readonly strings?: boolean | undefined
  /** Identifies the request in logs. @default none */
  readonly requestId?: string | undefined
  /** The requested resource, `/photos/cat.jpg`. @default none */
  readonly resource?: string | undefined
}

/** The JSON services' names for these error codes. */
const EXCEPTIONS: Record<string, string> = {
  ExpiredToken: 'ExpiredTokenException',
  ERR_SIGV4_AUTH_MISSING: 'MissingAuthenticationTokenException',
  ERR_SIGV4_AUTH_MALFORMED: 'IncompleteSignatureException',
  ERR_SIGV4_AUTH_AMBIGUOUS: 'IncompleteSignatureException',
  ERR_SIGV4_ALGORITHM_UNSUPPORTED: 'IncompleteSignatureException',
  ERR_SIGV4_ACCESS_KEY_UNKNOWN: 'UnrecognizedClientException',
}

/**
 * Creates the response to a rejected request, in AWS's words. Any error other than a `SigV4VerifyError` becomes a
 * generic `InternalError` with status 500, which does not reveal the cause: log it.
 *
 * @param error - The error that `verify` threw.
 * @param options - Format, and additions.
 * @returns `{ status, headers, body }`. Omit the body in a response to HEAD.
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
  checkMembers('options', options, OPTIONS)
  const { format = 'xml', strings = false, requestId, resource } = options
  if (format !== 'xml' && format !== 'json')
    fail('ERR_INVALID_ARG_VALUE', 'options.format', 'invalid', "Pass 'xml' or 'json'.")
  if (typeof strings !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'options.strings', 'type', 'Pass a boolean.')
  for (const [name, value] of Object.entries({ requestId, resource }))
    if (value !== undefined && typeof value !== 'string')
      fail('ERR_INVALID_ARG_TYPE', `options.${name}`, 'type', 'Pass a string.')
  const rejection = isVerifyError(error) ? error : undefined
  const status = rejection?.status ?? 500
  const message = rejection?.message ?? INTERNAL_ERROR
  const { canonicalRequest, stringToSign } = (strings && rejection) || {}
  const identified: Record<string, string> = requestId === undefined ? {} : { 'x-amz-request-id': requestId }
  if (format === 'json') {
    const known =
      rejection && (EXCEPTIONS[rejection.awsCode] ?? EXCEPTIONS[rejection.code] ?? 'InvalidSignatureException')
    const type = known ?? 'InternalServerError'
    const text =
      canonicalRequest === undefined
        ? message
        : `${message}\n\nThe Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`
    return jsonResponse(status, type, text, identified)
  }
  const { awsCode = 'InternalError', details = {} } = rejection ?? {}
  const more = [
    ['Resource', resource],
    ['RequestId', requestId],
  ] as const
  return xmlResponse(status, { awsCode, message, details, canonicalRequest, stringToSign }, more, identified)
}

/** Writes the response with an error of a JSON service. */
export function jsonResponse(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): ErrorResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/x-amz-json-1.1', [ERROR_TYPE]: type },
    body: JSON.stringify({ __type: type, message }),
  }
}

/** Writes the response with an S3 error. */
export function xmlResponse(
  status: number,
  error: ErrorDocument,
  more: readonly Element[] = [],
  headers: Readonly<Record<string, string>> = {},
): ErrorResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: formatErrorDocument(error, more),
  }
}

type Element = readonly [name: string, value: string | undefined]

type ErrorDocument = Pick<SigV4VerifyError, 'awsCode' | 'message' | 'details'> & Partial<SigV4VerifyError>

/** Formats S3's error document. The elements in `more` follow those of the error; one without a value is omitted. */
export function formatErrorDocument(error: ErrorDocument, more: readonly Element[]): string {
  const { awsCode, message, canonicalRequest, stringToSign } = error
  const { SignatureProvided, ...details } = error.details
  const elements: Element[] = [
    ['Code', awsCode],
    ['Message', message],
    ...Object.entries(details),
    ['StringToSign', stringToSign],
    ['SignatureProvided', SignatureProvided],
    ['StringToSignBytes', stringToSign && octets(stringToSign)],
    ['CanonicalRequest', canonicalRequest],
    ['CanonicalRequestBytes', canonicalRequest && octets(canonicalRequest)],
    ...more,
  ]
  const inner = elements.map(([name, value]) =>
    value === undefined ? '' : wrap(name, escapeXml(wellFormedXml(value))),
  )
  return `${XML_DECLARATION}\n${wrap('Error', ...inner)}`
}

/** Returns whether an error is a `SigV4VerifyError`, from any copy of this package. */
function isVerifyError(error: unknown): error is SigV4VerifyError {
  return error instanceof SigV4VerifyError || (error as Partial<Error> | null | undefined)?.name === 'SigV4VerifyError'
}

/** Replaces the characters that XML 1.0 does not allow. */
function wellFormedXml(text: string): string {
  return text.replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
}

/** Formats the UTF-8 bytes of a string in hex, as S3 does: lowercase, separated by spaces. */
function octets(text: string): string {
  const hex = toOctets(text).replace(/./gs, (octet) => `${octet.charCodeAt(0).toString(16).padStart(2, '0')} `)
  return hex.trimEnd()
}
