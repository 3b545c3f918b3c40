import type { IncomingMessage } from 'node:http'
import { jsonResponse, xmlResponse } from '../../../../../src/internal/errors.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import { SigV4VerifyError, toErrorResponse } from '../../../../../src/verify.ts'
import { hideShapes } from '../../redaction/hide.ts'
import type { Settings } from '../options/settings.ts'
import { ProxyError } from './proxy-error.ts'

/** Returns the response to a request that is rejected or cannot be forwarded. */
export function responseTo(settings: Settings, incoming: IncomingMessage, error: unknown, description: string) {
  if (error instanceof SigV4VerifyError) {
    return toErrorResponse(error, { format: formatOf(settings, incoming) })
  }
  const known = error instanceof ProxyError
  const status = known ? error.status : isArgument(error) ? 400 : 502
  const message = known ? error.shown : hideShapes(description)
  const challenge: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  if (isSigned(incoming)) return errorDocument(status, `sigv4-tools proxy: ${message}`, formatOf(settings, incoming))
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...challenge },
    body: `sigv4-tools proxy: ${message}\n`,
  }
}

/** Returns whether a request comes from an AWS client, which can only read errors in the format of the service. */
function isSigned({ headers, url = '' }: IncomingMessage): boolean {
  return /^AWS4-/.test(headers.authorization ?? '') || /[?&]X-Amz-Algorithm=/.test(url)
}

function formatOf({ service }: Settings, { headers }: IncomingMessage): 'xml' | 'json' {
  return isS3(service ?? (headers['x-amz-target'] === undefined ? 's3' : '')) ? 'xml' : 'json'
}

function errorDocument(status: number, message: string, format: 'xml' | 'json') {
  const code =
    status === 403 || status === 401 ? 'AccessDenied' : status < 500 ? 'InvalidRequest' : 'ServiceUnavailable'
  return format === 'xml'
    ? xmlResponse(status, { awsCode: code, message, details: {} })
    : jsonResponse(status, `${code}Exception`, message)
}

/** Returns whether an error of the library is about the request. */
function isArgument(error: unknown): boolean {
  return /^request\b/.test(String((Object(error) as { argument?: unknown }).argument))
}
