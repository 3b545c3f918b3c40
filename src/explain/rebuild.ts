import type { Answer } from './answer.ts'
import type { RequestAsSent } from './facts.ts'
import { parseCanonical, parseStringToSign } from './pieces.ts'

/** The request as the service saw it, from what it shows in its answer; `undefined` if it shows nothing. */
export function rebuild({ canonicalRequest, stringToSign, elements }: Answer): RequestAsSent | undefined {
  const seen = canonicalRequest === undefined ? undefined : parseCanonical(canonicalRequest)
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
