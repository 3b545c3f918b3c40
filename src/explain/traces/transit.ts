import { hostScope } from '../../core/signing/hosts.ts'
import type { Case } from '../case/case.ts'
import type { Cause } from '../model/causes.ts'
import { type Clue, header, headerName, type Part } from '../model/clue.ts'
import { pathTraces, queryTraces, whitespaceTraces } from './encoding.ts'
import { endpointTraces, isVolatile, proxyTraces, resourceTraces, tunnelTraces } from './surroundings.ts'
import { unsignedHashTraces } from './traces.ts'

// The credentials produce the signature that was sent: the client is right, and the service received a different request, or
// has a different secret.

const KEEP_HOST =
  'Make every proxy forward the Host header as the client sent it (nginx: proxy_set_header Host $http_host), or sign for the host that the service receives.'
const KEEP_PATH =
  'Make every proxy forward the path as the client sent it (nginx: proxy_pass without a path after the host, and merge_slashes off).'
const KEEP_QUERY = 'Make every proxy forward the query string as the client sent it.'

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

/** Yields the parts that a service may have received differently, the most fragile first. */
export function* transitClues(given: Case): Iterable<Clue> {
  const { facts } = given
  const { headers, claim, urlHost, path } = facts
  const host = headers.host ?? urlHost ?? ''
  const clue = (cause: Cause, message: string, fix: string, part?: Part): Clue => ({
    cause,
    ground: 'either',
    message,
    fix,
    part,
  })
  const fixed = (clues: Iterable<Clue>, fix: string): Clue[] =>
    [...clues].map((each) => ({ ...each, ground: 'either', fix }))
  const secret = clue(
    'wrong-secret',
    'These credentials produce the received signature: unless the request changed in transit, the service has a different secret for this access key ID.',
    'Create a new access key, and use its ID and secret together.',
  )
  // only the client's own proxies are in front of a cloud
  const isDirect = hostScope(host).service !== undefined && !isProxied(given)
  for (const each of [...tunnelTraces(given), ...endpointTraces(given), ...resourceTraces(given)])
    yield* fixed([each], each.fix ?? (each.cause === 'path' ? KEEP_PATH : KEEP_HOST))
  for (const each of unsignedHashTraces(given)) yield { ...each, ground: 'either' }
  yield* fixed(pathTraces(facts), KEEP_PATH)
  yield* fixed(queryTraces(facts), KEEP_QUERY)
  yield* fixed(whitespaceTraces(facts), 'Sign the header with single spaces.')
  for (const name of [...new Set(claim.signedHeaders)].filter(isVolatile)) {
    const message = `The ${headerName(name)} header is signed, and proxies often change or remove it.`
    const fix = `Make every proxy forward the ${headerName(name)} header unchanged, or do not sign it.`
    yield clue('header-changed', message, fix, header(name))
  }
  if (isDirect) yield secret
  const hostMessage = `The host ${host} is signed. A proxy that forwards the request with a different Host header invalidates the signature.`
  yield clue(/:\d+$/.test(host) ? 'host-port' : 'host', hostMessage, KEEP_HOST, header('host'))
  const pathMessage = `The path ${path} is signed. A proxy that adds, strips, or decodes a part of it invalidates the signature.`
  if (path !== '/' && path !== '') yield clue('path', pathMessage, KEEP_PATH)
  if (!isDirect) yield secret
}
