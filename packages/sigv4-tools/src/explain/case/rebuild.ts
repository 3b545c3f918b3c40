import { ALGORITHM, type CanonicalRequest, type SigningContext } from '../../../../../src/internal/canonical-request.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import { formatAuthorization } from '../../../../../src/internal/signing.ts'
import { HASH, parseCanonicalRequest } from '../../formats/canonical-request.ts'
import type { Shown } from '../model/traits.ts'
import type { RequestAsSent } from '../request/facts.ts'
import { parseStringToSign } from '../request/pieces.ts'
import type { ServiceResponse } from '../response/response.ts'
import type { SignedStrings } from './case.ts'

/** The request as the service received it. */
export interface Rebuilt {
  readonly request: RequestAsSent
  /** The parts that not every such request shows. */
  readonly shown: readonly Shown[]
}

/**
 * Rebuilds the request from its canonical request and string to sign: those of the service, with the other `elements` of
 * its response, or those of the client. Returns `undefined` if one is missing, unless the canonical request `isAlone`.
 */
export function rebuild(
  { canonicalRequest, stringToSign }: Pick<SignedStrings, 'canonicalRequest' | 'stringToSign'>,
  elements?: ServiceResponse['elements'],
  isAlone = false,
): Rebuilt | undefined {
  const seen = parseCanonicalRequest(canonicalRequest)
  if (!seen) return undefined
  const statement = parseStringToSign(stringToSign) ?? (isAlone ? statementOf(seen) : undefined)
  if (!statement) return undefined
  const accessKeyId = elements?.get('AWSAccessKeyId')
  const signature = elements?.get('SignatureProvided')
  const shown: Shown[] = []
  if (accessKeyId !== undefined) shown.push('key')
  if (signature !== undefined) shown.push('signature')
  if (elements) shown.push('sent')
  return { request: requestOf(seen, statement, accessKeyId ?? '', signature ?? ''), shown }
}

/** Returns the parts of a client's string to sign that its canonical request shows. */
function statementOf({ headers }: CanonicalRequest): SigningContext {
  const amzDate = headers.find(([name]) => name.toLowerCase() === 'x-amz-date')?.[1] ?? ''
  return { algorithm: ALGORITHM, amzDate, scope: '' }
}

/** Adds the headers that the service received or the client signed to a request of which only the URL is known. */
export function withHeaders(request: RequestAsSent, rebuilt: RequestAsSent | undefined): RequestAsSent {
  if (request.headers || !rebuilt) return request
  const { method, url, target, body, bodyHash } = request
  // of a presigned URL, the signature is in the query of either
  const isElsewhere =
    /[?&]X-Amz-Signature=/i.test(rebuilt.url ?? '') && !/[?&]X-Amz-Signature=/i.test(target ?? url ?? '')
  return {
    method: method ?? rebuilt.method,
    url: isElsewhere ? rebuilt.url : (target ?? url),
    headers: rebuilt.headers,
    body,
    bodyHash,
  }
}

function requestOf(
  parts: CanonicalRequest,
  context: SigningContext,
  accessKeyId: string,
  signature: string,
): RequestAsSent {
  const { method, query, uri, headers, payloadHash } = parts
  const { amzDate, scope } = context
  const path = sentUri(uri, scope.split('/').slice(-2, -1)[0])
  if (query.includes('X-Amz-Algorithm='))
    return { method, url: `${path}?${query}&X-Amz-Signature=${signature}`, headers }
  const all = [...headers]
  const add = (name: string, value: string): void => {
    if (!headers.some(([key]) => key === name)) all.push([name, value])
  }
  if (HASH.test(payloadHash)) add('x-amz-content-sha256', payloadHash)
  add('x-amz-date', amzDate)
  all.push(['authorization', formatAuthorization({ context, parts, accessKeyId }, signature)])
  return { method, url: query === '' ? path : `${path}?${query}`, headers: all }
}

/** The path as it was sent: services other than S3 escape it once more for their canonical request. */
function sentUri(uri: string, service = 's3'): string {
  return isS3(service) ? uri : uri.replace(/%25([\da-f]{2})/gi, '%$1')
}
