import type { Cause } from './causes.ts'
import type { RequestAsSent } from './facts.ts'
import { parseCanonicalRequest, parseStringToSign } from './pieces.ts'
import type { Answer } from './response.ts'

/** The request as the service saw it. */
export interface Rebuilt {
  readonly request: RequestAsSent
  /** Causes of which it can show nothing, because the service does not show that part of it. */
  readonly unseen: readonly Cause[]
}

/** The request as the service saw it, from what it shows in its answer; `undefined` if it shows nothing. */
export function rebuild(answer: Answer): Rebuilt | undefined {
  const request = rebuildRequest(answer)
  const { elements } = answer
  return (
    request && {
      request,
      unseen: [
        'malformed-authorization',
        ...(elements.has('AWSAccessKeyId') ? [] : (['malformed-credential', 'unknown-access-key'] as const)),
        ...(elements.has('SignatureProvided') ? [] : (['malformed-signature'] as const)),
      ],
    }
  )
}

function rebuildRequest({ canonicalRequest, stringToSign, elements }: Answer): RequestAsSent | undefined {
  const seen = canonicalRequest === undefined ? undefined : parseCanonicalRequest(canonicalRequest)
  const statement = parseStringToSign(stringToSign ?? '')
  if (!seen || !statement) return undefined
  const { method, uri, query, headers, signedHeaders, payloadHash } = seen
  const signature = elements.get('SignatureProvided') ?? ''
  if (query.includes('X-Amz-Algorithm='))
    return { method, url: `${uri}?${query}&X-Amz-Signature=${signature}`, headers: headers.map(pair) }
  const credential = `${elements.get('AWSAccessKeyId') ?? ''}/${statement.scope}`
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
