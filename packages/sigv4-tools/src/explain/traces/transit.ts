import { hostScope } from '../../../../../src/internal/services.ts'
import type { Case } from '../case/case.ts'
import { requestFaults } from '../faults/faults.ts'
import type { Cause } from '../model/causes.ts'
import { type Clue, header, headerName, type Part } from '../model/clue.ts'
import { traitsOf } from '../model/traits.ts'
import type { ParsedRequest } from '../request/facts.ts'
import { isBodySigned } from '../request/pieces.ts'
import { pathTraces, queryTraces, whitespaceTraces } from './encoding.ts'
import { endpointTraces, isVolatile, proxyTraces, resourceTraces, tunnelTraces } from './surroundings.ts'
import { repeatedTraces, unsignedHashTraces } from './traces.ts'

// The credentials produce the signature that was sent: the client is right, and the service received a different request, or
// has a different secret.

export const KEEP_HOST =
  'Make every proxy forward the Host header as the client sent it (nginx: proxy_set_header Host $http_host), or sign for the host that the service receives.'
export const KEEP_PATH =
  'Make every proxy forward the path as the client sent it (nginx: proxy_pass without a path after the host, and merge_slashes off).'
const OTHER_SECRET =
  'These credentials produce the received signature: unless the request changed in transit, the service has a different secret for this access key ID.'
const RECEIVED_SO =
  'These credentials produce the received signature for the request as it was received: the service may have a different secret for this access key ID.'
const NEW_KEY = 'Create a new access key, and use its ID and secret together.'
/** Ways to write a request that services read differently: the usual fix is one that they all read alike. */
const NOTATIONS: readonly Cause[] = ['query-plus', 'query-encoding', 'path-encoding', 'path-encoding-case']
export const KEEP_QUERY = 'Make every proxy forward the query string as the client sent it.'

/** Returns whether the evidence shows a proxy between the client and the service. */
export function isProxied(given: Case): boolean {
  return [...proxyTraces(given)].length > 0
}

/** A signature that a proxy may have removed, so that the service took the request for an anonymous one. */
export function removedClue({ facts: { location } }: Case): Clue {
  const part = location === 'query' ? 'query string' : 'Authorization header'
  return {
    cause: 'anonymous',
    ground: 'either',
    message: `The request was signed correctly. If the proxy removed its ${part}, the service received it without a signature.`,
    fix: `Make the proxy forward the ${part} unchanged.`,
  }
}

function clue(cause: Cause, message: string, fix: string, part?: Part): Clue {
  return { cause, ground: 'either', message, fix, part }
}

/** What HTTP libraries change. */
function* libraryClues(facts: ParsedRequest): Iterable<Clue> {
  const { body, headers, claim } = facts
  if (body?.length && isBodySigned(facts))
    yield clue(
      'payload-mismatch',
      'The body is signed. An HTTP library that serializes, encodes, or compresses it after signing invalidates the signature.',
      'Sign the bytes that the HTTP library sends: pass them to it as a string or buffer.',
    )
  const type = headers['content-type']
  if (type !== undefined && claim.signedHeaders.includes('content-type'))
    yield clue(
      'header-changed',
      `The Content-Type header is signed. An HTTP library that sends a value other than ${type} invalidates the signature.`,
      'Set Content-Type in the HTTP library to the signed value, or do not sign it.',
      header('content-type'),
    )
}

/** Yields the parts that a service may have received differently, the most fragile first. */
export function* transitClues(given: Case): Iterable<Clue> {
  const { facts, request } = given
  const { headers, claim, urlHost, path } = facts
  const host = headers.host ?? urlHost ?? ''
  const fixed = (clues: Iterable<Clue>, fix: string): Clue[] =>
    [...clues].map((each) => ({ ...each, ground: 'either', fix: NOTATIONS.includes(each.cause) ? undefined : fix }))
  if (request.isReceived) {
    // nothing changed it since, but services read some notations differently
    for (const each of [...pathTraces(facts), ...queryTraces(facts)])
      if (NOTATIONS.includes(each.cause)) yield* fixed([each], '')
    return yield clue('wrong-secret', RECEIVED_SO, NEW_KEY)
  }
  // only the client's own proxies are in front of a cloud
  const isDirect = hostScope(host).service !== undefined && !isProxied(given)
  for (const each of [...tunnelTraces(given), ...endpointTraces(given), ...resourceTraces(given)])
    yield* fixed([each], each.fix ?? (each.cause === 'path' ? KEEP_PATH : KEEP_HOST))
  // what is visible in the request
  for (const each of requestFaults(facts, given.now, false))
    if (each.ground === 'note' && !traitsOf(each.cause).isTime) yield { ...each, ground: 'either' }
  for (const each of repeatedTraces(facts)) yield { ...each, ground: 'either' }
  if (isDirect) yield* libraryClues(facts)
  for (const each of unsignedHashTraces(given)) yield { ...each, ground: 'either' }
  yield* fixed(pathTraces(facts), KEEP_PATH)
  yield* fixed(queryTraces(facts), KEEP_QUERY)
  yield* fixed(whitespaceTraces(facts), 'Sign the header with single spaces.')
  for (const name of [...new Set(claim.signedHeaders)].filter(isVolatile)) {
    const message = `The ${headerName(name)} header is signed, and proxies often change or remove it.`
    const fix = `Make every proxy forward the ${headerName(name)} header unchanged, or do not sign it.`
    yield clue('header-changed', message, fix, header(name))
  }
  const otherSecret = clue('wrong-secret', OTHER_SECRET, NEW_KEY)
  if (isDirect) yield otherSecret
  const hostMessage = `The host ${host} is signed. A proxy that forwards the request with a different Host header invalidates the signature.`
  yield clue(/:\d+$/.test(host) ? 'host-port' : 'host', hostMessage, KEEP_HOST, header('host'))
  const pathMessage = `The path ${path} is signed. A proxy that adds, strips, or decodes a part of it invalidates the signature.`
  if (path !== '/' && path !== '') yield clue('path', pathMessage, KEEP_PATH)
  if (isDirect) return
  yield* libraryClues(facts)
  yield otherSecret
}
