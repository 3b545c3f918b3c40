import { EMPTY_HASH, EVENTS_PAYLOAD } from '../../../../../src/internal/canonical-request.ts'
import type { Case } from '../case/case.ts'
import { type Clue, header, headerName, listed, parameterPart, trace } from '../model/clue.ts'
import { type ParsedRequest, parametersOf } from '../request/facts.ts'
import { isForS3 } from '../request/pieces.ts'
import { escapeTraces, isSorted, orderTraces, pathTraces, queryTraces, whitespaceTraces } from './encoding.ts'
import { endpointTraces, proxyTraces, resourceTraces, tunnelTraces, volatileTraces } from './surroundings.ts'

/** Returns clues that often accompany a cause, the most specific first. `fits`: the signature is that of the credentials. */
export function observeTraces(given: Case, fits: boolean | undefined): Clue[] {
  const { facts, shown, response, hints, signer } = given
  const isOfficial = signer?.is === 'official'
  const surroundings = [
    ...tunnelTraces(given),
    ...endpointTraces(given),
    ...resourceTraces(given),
    ...hints.map((cause): Clue => ({ cause, ground: 'trace' })),
  ]
  if (!shown.has('request'))
    return [...surroundings, ...codeTraces(facts), ...startTraces(response?.canonicalRequest), ...proxyTraces(given)]
  // the remaining causes: the request changed in transit, or the service does not accept it as signed
  if (fits) return [...unsignedHashTraces(given), ...bodyTraces(given)]
  const encoded = [
    ...whitespaceTraces(facts),
    ...queryTraces(facts),
    ...pathTraces(facts),
    ...unsignedHashTraces(given),
  ]
  const around = [...volatileTraces(given), ...proxyTraces(given)]
  return [
    ...surroundings,
    ...methodTraces(given),
    ...headerTraces(given),
    ...appendedTraces(facts),
    ...contentTypeTraces(given),
    ...(isOfficial ? around : [...orderTraces(facts), ...encoded]),
    ...bodyTraces(given),
    ...(isOfficial ? encoded : [...around, ...(facts.token ? [] : escapeTraces(facts))]),
    ...regionTraces(facts),
  ]
}

/** Returns the clues in a canonical request whose end was cut off. */
function startTraces(canonicalRequest = ''): Clue[] {
  const [, path = '', query = ''] = /^[A-Z]{3,7}\s(\/\S*)\s?(\S*)/.exec(canonicalRequest) ?? []
  return [...pathTraces({ path }), ...escapeTraces({ path, parameters: parametersOf(query) })]
}

/** The hash of the payload, if it is sent as a header that is not signed. */
export function unsignedHashTraces({ facts: { headers, claim, location }, shown }: Case): Clue[] {
  const name = 'x-amz-content-sha256'
  const isUnsigned = headers[name] !== undefined && !claim.signedHeaders.includes(name)
  if (!isUnsigned || !shown.has('all headers') || location === 'post' || claim.algorithm === undefined) return []
  const message = `The header ${name} was sent and is not signed, which some services reject.`
  return [trace('unsigned-header', message, { part: header(name), actual: name })]
}

/** A method for which the URL was probably not presigned. */
function methodTraces({ facts, shown }: Case): Clue[] {
  const { method, location } = facts
  if (!shown.has('method') || location !== 'query') return []
  const meant = operationMethod(facts)
  if (meant !== undefined && meant !== method) {
    const message = `The URL was presigned for ${meant}, as its other parameters show, and the request was ${method}.`
    return [trace('method', message, { expected: meant, actual: method })]
  }
  if (method !== 'HEAD') return []
  const message = 'The request was HEAD. Most URLs are presigned for GET.'
  return [trace('method', message, { expected: 'GET', actual: 'HEAD' })]
}

/** S3 operations, and their methods. */
const METHODS: readonly [start: RegExp, method: string][] = [
  [/^Head/, 'HEAD'],
  [/^(?:Get(?:Object|Bucket)|List(?:Objects|Buckets|Parts|Multipart))/, 'GET'],
  [/^(?:Put(?:Object|Bucket)|UploadPart|CopyObject|CreateBucket)/, 'PUT'],
  [/^(?:DeleteObjects|(?:Create|Complete)MultipartUpload)/, 'POST'],
  [/^(?:DeleteObject|DeleteBucket|AbortMultipart)/, 'DELETE'],
]

/** Parameters that only some S3 operations have, and their methods, the likeliest first. */
const SUBRESOURCES: readonly [names: readonly string[], methods: readonly string[]][] = [
  [['uploads'], ['POST', 'GET']],
  [['delete'], ['POST']],
  [['partNumber', 'uploadId'], ['PUT']],
  [['uploadId'], ['POST', 'GET', 'DELETE']],
]

/** The method of the operation that the parameters show; if it can have several, the one that was sent. */
function operationMethod(facts: ParsedRequest): string | undefined {
  const { parameters, method } = facts
  const all = new Set(parameters.map(({ decoded }) => decoded))
  const [, methods] = SUBRESOURCES.find(([names]) => names.every((name) => all.has(name))) ?? []
  if (methods && isForS3(facts)) return methods.includes(method) ? method : methods[0]
  for (const { name, value = '' } of parameters) {
    if (/^x-id$/i.test(name)) return METHODS.find(([start]) => start.test(value))?.[1]
    if (/^response-/i.test(name)) return 'GET'
    if (/^(?:content-type|x-amz-acl|x-amz-meta-.*|x-amz-tagging|x-amz-checksum-.*)$/i.test(name)) return 'PUT'
  }
  return undefined
}

/** Headers that are often lost or changed. */
function* headerTraces({ facts: { headers, location, claim, token }, shown }: Case): Iterable<Clue> {
  // each header once: a long one may be listed a million times
  const names = [...new Set(claim.signedHeaders)].filter((name) => name !== 'host')
  // the service that accepts a token sends its headers
  if (location === 'query' && !token && !shown.has('headers') && names.length) {
    const message = `The URL requires headers that must be sent with their signed values: ${listed(names)}.`
    const fix = `Send ${listed(names)} with the signed value${names.length > 1 ? 's' : ''}.`
    yield trace('header-missing', message, { fix })
  }
  const odd = claim.signedHeaders.find((name) => /[_.]/.test(name))
  if (odd !== undefined) {
    const mark = odd.includes('_') ? 'an underscore' : 'a dot'
    const message = `The signed header ${odd} has ${mark} in its name. Proxies such as nginx drop such headers.`
    yield trace('header-missing', message, { part: header(odd) })
  }
  const { host = '' } = headers
  if (/:(?:80|443)$/.test(host)) {
    const message = `The host ${host} has a default port, which most clients do not send.`
    yield trace('host-port', message, { expected: host.replace(/:\d+$/, ''), actual: host })
  }
  yield* repeatedTraces({ headers, claim })
}

/** A signed header that was sent twice with the same value. */
export function* repeatedTraces({ headers, claim }: Pick<ParsedRequest, 'headers' | 'claim'>): Iterable<Clue> {
  const listed = new Set(claim.signedHeaders)
  const [name, actual] =
    Object.entries(headers).find(([each, value]) => listed.has(each) && /^([^,]+), ?\1$/.test(value)) ?? []
  if (name === undefined) return
  const fix = `Send the ${headerName(name)} header once.`
  yield trace('header-changed', `The signed header ${name} was sent twice.`, { part: header(name), actual, fix })
}

/** Content types that clients set automatically. */
const DEFAULT_TYPES =
  /^(?:application\/x-www-form-urlencoded|text\/plain; ?charset=utf-8|application\/json(?:; ?charset=utf-8)?|multipart\/form-data\b.*|application\/octet-stream)$/i

/** The type that was sent with a presigned URL, which does not show the type that it was created for. */
function contentTypeTraces({ facts: { headers, location, claim }, reading }: Case): Clue[] {
  const type = headers['content-type'] ?? ''
  if (location !== 'query' || !claim.signedHeaders.includes('content-type') || type === '') return []
  // a type that is not automatic is usually right
  if (!DEFAULT_TYPES.test(type) && reading?.kind !== 'mismatch') return []
  const message = DEFAULT_TYPES.test(type)
    ? `The Content-Type header is signed, and the request contained ${type}, which clients often set automatically.`
    : `The Content-Type header is signed, and the request contained ${type}. The URL may have been created for a different type.`
  return [trace('header-changed', message, { part: header('content-type'), actual: type })]
}

/** The type that code sends, if the URL is not shown. */
function codeTraces({ headers, location }: ParsedRequest): Clue[] {
  const type = headers['content-type']
  if (type === undefined || location !== undefined) return []
  const message = `The code sends the Content-Type header ${type}. A URL that was presigned with a content type is valid only with that one.`
  const fix = 'Send the Content-Type header that the URL was created with, and the file itself as the body.'
  return [trace('header-changed', message, { part: header('content-type'), actual: type, fix })]
}

/** Bodies that get lost, are sent in chunks, or that clients encode again after hashing them. */
function* bodyTraces({ facts: { method, headers, location, claim }, response }: Case): Iterable<Clue> {
  const { 'x-amz-content-sha256': hash = '', 'content-type': type = '' } = headers
  const isEmpty = response?.canonicalRequest?.slice(-64) === EMPTY_HASH
  if (isEmpty && location !== 'query' && type !== '' && /^(?:POST|PUT|PATCH)$/.test(method)) {
    const message = `The service received an empty body, although the request is ${method} with a content type.`
    yield trace('payload-mismatch', message, { actual: EMPTY_HASH })
  }
  if (hash.startsWith('STREAMING-') && hash !== EVENTS_PAYLOAD && !claim.is4a) {
    const message = `The body is sent in chunks (${hash}), which some S3-compatible services do not support.`
    yield trace('streaming', message, { actual: hash })
  }
  const isForm = /^(?:application\/x-www-form-urlencoded|multipart\/form-data)/i.test(type)
  if (location === 'header' && method === 'POST' && isForm) {
    const message = 'The body is a form, which some clients encode after hashing it.'
    yield trace('payload-mismatch', message, { actual: type })
  }
}

/** The default region of many clients, at a host of a different cloud that seems to name its region. */
function regionTraces({ headers, urlHost, claim }: ParsedRequest): Clue[] {
  const host = headers.host ?? urlHost ?? ''
  if (host.length > 300) return [] // DNS allows 253 characters
  const [, named = ''] = /(?:^|\.)s3[.-]([a-z]{2,}[a-z\d-]*)\.[a-z\d.-]+$/i.exec(host) ?? []
  const isOther = claim.scope[1] === 'us-east-1' && named !== '' && named !== 'us-east-1'
  if (!isOther || /amazonaws|localhost|example$/.test(host)) return []
  const message = `The request was signed for us-east-1, the default of many clients, but the host ${host} may be in the region ${named}.`
  return [trace('scope-region', message, { expected: named, actual: 'us-east-1' })]
}

/** Parameters after the signature, in a query string that would be sorted without them. */
function appendedTraces({ parameters, location }: ParsedRequest): Clue[] {
  if (location !== 'query') return []
  const names = parameters.map(({ decoded }) => decoded)
  const at = names.findIndex((name) => name.toLowerCase() === 'x-amz-signature')
  const isSigned = (name: string): boolean => /^(?:x-amz-.*|x-id|response-.*)$/i.test(name)
  const appended = names.slice(at + 1).filter((name) => !isSigned(name))
  if (at < 0 || appended.length === 0 || isSorted(names)) return []
  return appended.map((name) => {
    const message = `The ${name} parameter follows X-Amz-Signature, so it was probably added after signing.`
    return trace('query-extra', message, { part: parameterPart(name), actual: name })
  })
}
