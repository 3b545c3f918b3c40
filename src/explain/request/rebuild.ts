import { isS3 } from '../../core/signing/scope.ts'
import type { SignedStrings } from '../case.ts'
import type { Cause } from '../causes.ts'
import type { ServiceResponse } from '../response/response.ts'
import type { RequestAsSent } from './facts.ts'
import { parseCanonicalRequest, parseStringToSign } from './pieces.ts'

/** The request as the service received it. */
export interface Rebuilt {
  readonly request: RequestAsSent
  /** Causes that it cannot show, because the service does not return that part. */
  readonly unseen: readonly Cause[]
}

/** Rebuilds the request from the strings in the service's response; `undefined` if it does not contain them. */
export function rebuild(response: ServiceResponse): Rebuilt | undefined {
  const request = rebuildRequest(response)
  const { elements } = response
  return (
    request && {
      request,
      unseen: [
        'malformed-authorization',
        'unsigned-header',
        ...(elements.has('AWSAccessKeyId') ? [] : (['malformed-credential', 'unknown-access-key'] as const)),
        ...(elements.has('SignatureProvided') ? [] : (['malformed-signature'] as const)),
      ],
    }
  )
}

/** The request as the client signed it, from its canonical request and string to sign. */
export function rebuildSigned({ canonicalRequest, stringToSign }: SignedStrings): Rebuilt | undefined {
  const request = requestOf(canonicalRequest, stringToSign, '', '')
  return (
    request && {
      request,
      unseen: [
        'malformed-authorization',
        'unsigned-header',
        'malformed-credential',
        'unknown-access-key',
        'malformed-signature',
        'anonymous',
      ],
    }
  )
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

function rebuildRequest({ canonicalRequest, stringToSign, elements }: ServiceResponse): RequestAsSent | undefined {
  return requestOf(
    canonicalRequest,
    stringToSign,
    elements.get('AWSAccessKeyId') ?? '',
    elements.get('SignatureProvided') ?? '',
  )
}

function requestOf(
  canonicalRequest: string | undefined,
  stringToSign: string | undefined,
  accessKeyId: string,
  signature: string,
): RequestAsSent | undefined {
  const seen = canonicalRequest === undefined ? undefined : parseCanonicalRequest(canonicalRequest)
  const statement = parseStringToSign(stringToSign ?? '')
  if (!seen || !statement) return undefined
  const { method, query, headers, signedHeaders, payloadHash } = seen
  const uri = sentUri(seen.uri, statement.scope.split('/')[2])
  if (query.includes('X-Amz-Algorithm='))
    return { method, url: `${uri}?${query}&X-Amz-Signature=${signature}`, headers: headers.map(pair) }
  const credential = `${accessKeyId}/${statement.scope}`
  const authorization = `${statement.algorithm} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`
  const stated = headers.some(([name]) => name === 'x-amz-content-sha256')
    ? []
    : [['x-amz-content-sha256', payloadHash] as const]
  const dated = headers.some(([name]) => name === 'x-amz-date') ? [] : [['x-amz-date', statement.amzDate] as const]
  return {
    method,
    url: query === '' ? uri : `${uri}?${query}`,
    headers: [...headers.map(pair), ...stated, ...dated, ['authorization', authorization] as const],
  }
}

function pair([name, value]: readonly [string, string]): readonly [string, string] {
  return [name, value]
}

/** The path as it was sent: services other than S3 escape it once more for their canonical request. */
function sentUri(uri: string, service = 's3'): string {
  return isS3(service) ? uri : uri.replace(/%25([\da-f]{2})/gi, '%$1')
}
