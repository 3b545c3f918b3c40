import type { CanonicalRequest } from '../../core/signing/canonical-request.ts'
import { isS3 } from '../../core/signing/scope.ts'
import { ALGORITHM, type SigningContext } from '../../core/signing/string-to-sign.ts'
import type { SignedStrings } from '../case.ts'
import type { Cause } from '../causes.ts'
import type { ServiceResponse } from '../response/response.ts'
import type { RequestAsSent } from './facts.ts'
import { HASH, parseCanonicalRequest, parseStringToSign } from './pieces.ts'

/** The request as the service received it. */
export interface Rebuilt {
  readonly request: RequestAsSent
  /** Causes that it cannot show, because the service does not return that part. */
  readonly unseen: readonly Cause[]
}

/**
 * Rebuilds the request from its canonical request and string to sign: those of the service, with the other `elements` of
 * its response, or those of the client. Returns `undefined` if one is missing, unless the canonical request `isAlone`.
 */
export function rebuild(
  { canonicalRequest, stringToSign }: SignedStrings,
  elements?: ServiceResponse['elements'],
  isAlone = false,
): Rebuilt | undefined {
  const seen = parseCanonicalRequest(canonicalRequest)
  if (!seen) return undefined
  const statement = parseStringToSign(stringToSign) ?? (isAlone ? statementOf(seen) : undefined)
  if (!statement) return undefined
  const accessKeyId = elements?.get('AWSAccessKeyId')
  const signature = elements?.get('SignatureProvided')
  const unseen: Cause[] = ['malformed-authorization', 'unsigned-header']
  if (accessKeyId === undefined) unseen.push('malformed-credential', 'unknown-access-key')
  if (signature === undefined) unseen.push('malformed-signature')
  // when it was sent is not known
  if (!elements) unseen.push('anonymous', 'clock-past', 'clock-future', 'clock-timezone', 'expired')
  return { request: requestOf(seen, statement, accessKeyId ?? '', signature ?? ''), unseen }
}

/** What the string to sign of a client contains as far as its canonical request shows that. */
function statementOf({ headers }: CanonicalRequest): SigningContext {
  const amzDate = headers.find(([name]) => name === 'x-amz-date')?.[1] ?? ''
  return { algorithm: ALGORITHM, amzDate, scope: '' }
}

/** Adds the headers that the service received or the client signed to a request of which only the URL is known. */
export function withHeaders(request: RequestAsSent, rebuilt: RequestAsSent | undefined): RequestAsSent {
  if (request.headers || !rebuilt) return request
  const { method, url, target, body } = request
  // of a presigned URL, the signature is in the query of either
  const isElsewhere =
    /[?&]X-Amz-Signature=/i.test(rebuilt.url ?? '') && !/[?&]X-Amz-Signature=/i.test(target ?? url ?? '')
  return {
    method: method ?? rebuilt.method,
    url: isElsewhere ? rebuilt.url : (target ?? url),
    headers: rebuilt.headers,
    body,
  }
}

function requestOf(
  { method, query, uri, headers, signedHeaders, payloadHash }: CanonicalRequest,
  { algorithm, amzDate, scope }: SigningContext,
  accessKeyId: string,
  signature: string,
): RequestAsSent {
  const path = sentUri(uri, scope.split('/')[2])
  if (query.includes('X-Amz-Algorithm='))
    return { method, url: `${path}?${query}&X-Amz-Signature=${signature}`, headers }
  const all = [...headers]
  const add = (name: string, value: string): void => {
    if (!headers.some(([key]) => key === name)) all.push([name, value])
  }
  if (HASH.test(payloadHash)) add('x-amz-content-sha256', payloadHash)
  add('x-amz-date', amzDate)
  const credential = `${accessKeyId}/${scope}`
  all.push([
    'authorization',
    `${algorithm} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
  ])
  return { method, url: query === '' ? path : `${path}?${query}`, headers: all }
}

/** The path as it was sent: services other than S3 escape it once more for their canonical request. */
function sentUri(uri: string, service = 's3'): string {
  return isS3(service) ? uri : uri.replace(/%25([\da-f]{2})/gi, '%$1')
}
