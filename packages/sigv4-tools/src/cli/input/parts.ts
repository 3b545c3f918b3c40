import { createHash } from 'node:crypto'
import { canonicalHeaders } from '../../../../../src/internal/canonical-request.ts'
import { decode, wellFormed } from '../../../../../src/internal/encoding.ts'
import { splitQuery } from '../../../../../src/internal/http.ts'
import { readReceived, receivedUri } from '../../../../../src/internal/received.ts'
import { isS3 } from '../../../../../src/internal/services.ts'
import { inspect, type RequestAsSent } from '../../explain.ts'
import { isSecretName } from '../../redaction/find.ts'
import { destinationOf } from './evidence.ts'

/** A part of a signed request, in canonical form. */
export interface Part {
  /** `method`, or `header content-type`. */
  readonly name: string
  readonly value: string
  /** The replacement for a value that may be secret. */
  readonly shown?: string
  /** Whether the signature covers it. */
  readonly isSigned: boolean
}

/** Headers that differ between any two requests, or are compared as other parts. */
const CLAIMS =
  /^(?:host|authorization|date|x-amz-(?:algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256))$/

/** Splits a request into its canonical parts. Parts that the evidence does not show are missing. */
export function partsOf(request: RequestAsSent): Part[] {
  const { url = '/', target = url, headers: given, body } = request
  const { path, query, headers } = readReceived({ url: target, headers: given ?? [] }, undefined)
  const { location, service, region, accessKeyId, signedHeaders, signedAt, expiresAt } = inspect(
    given ? request : target,
  )
  const { method, host } = destinationOf(request, service)
  const parts: Part[] = []
  const add = (name: string, value: string | undefined, isSigned = true, isSecret = false): void => {
    if (value !== undefined) parts.push({ name, value, isSigned, ...(isSecret && { shown: '[hidden]' }) })
  }
  const isForS3 = isS3(service ?? 's3')
  add('method', method)
  add('host', host?.toLowerCase())
  add('path', receivedUri(wellFormed(path), isForS3))
  const parameters = new Map<string, string[]>()
  for (const [key, value] of splitQuery(query.replaceAll('+', '%20'), decode)) {
    const values = parameters.get(key) ?? []
    values.push(value)
    parameters.set(key, values)
  }
  const parameter = (name: string): string | undefined =>
    [...parameters].find(([key]) => key.toLowerCase() === name)?.[1][0]
  for (const [name, values] of parameters)
    if (name !== '' && !CLAIMS.test(name.toLowerCase()))
      add(`query parameter ${name}`, values.sort().join(', '), true, isSecretName(name))
  for (const [name, value] of canonicalHeaders(headers, Object.keys(headers)))
    if (!CLAIMS.test(name)) add(`header ${name}`, value, signedHeaders.includes(name), isSecretName(name))
  add('signature in', location && { query: 'the URL', header: 'the Authorization header', post: 'a form' }[location])
  add('access key ID', accessKeyId)
  add('region', region)
  add('service', service)
  add('signed headers', signedHeaders.join(';') || undefined)
  add('session token', headers['x-amz-security-token'] ?? parameter('x-amz-security-token'), true, true)
  const stated = parameter('x-amz-content-sha256') ?? headers['x-amz-content-sha256']
  const isUnsigned = location === 'query' && isForS3
  add('payload hash', stated ?? (isUnsigned ? 'UNSIGNED-PAYLOAD' : undefined))
  if (typeof body === 'string' || body instanceof Uint8Array)
    add('body', createHash('sha256').update(body).digest('hex'), stated !== 'UNSIGNED-PAYLOAD' && !isUnsigned)
  add('lifetime', signedAt && expiresAt && `${(Number(expiresAt) - Number(signedAt)) / 1000} seconds`)
  return parts
}
