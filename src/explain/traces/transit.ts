import { hostScope } from '../../core/signing/hosts.ts'
import type { Case } from '../case/case.ts'
import { requestFaults } from '../faults/faults.ts'
import { isAwsHost } from '../faults/host.ts'
import type { Cause } from '../model/causes.ts'
import { type Clue, header, headerName, type Part } from '../model/clue.ts'
import { traitsOf } from '../model/traits.ts'
import { isBodySigned } from '../request/pieces.ts'
import { pathTraces, queryTraces, whitespaceTraces } from './encoding.ts'
import { endpointTraces, isVolatile, proxyTraces, resourceTraces } from './surroundings.ts'
import { repeatedTraces, unsignedHashTraces } from './traces.ts'

// The credentials produce the signature that was sent: the client is right, and the service received a different request, or
// has a different secret.

const KEEP_HOST =
  'Make every proxy forward the Host header as the client sent it (nginx: proxy_set_header Host $http_host), or sign for the host that the service receives.'
const KEEP_PATH =
  'Make every proxy forward the path as the client sent it (nginx: proxy_pass without a path after the host, and merge_slashes off).'
const KEEP_QUERY = 'Make every proxy forward the query string as the client sent it.'

/** Returns whether the evidence shows a proxy between the client and the service. */
export function isProxied(given: Case): boolean {
  return proxyTraces(given).length > 0
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

/** Returns the parts that a service may have received differently, the most fragile first. */
export function transitClues(given: Case): Clue[] {
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
  const isDirect = hostScope(host).service !== undefined && !isProxied(given)
  const fragile = [...new Set(claim.signedHeaders)].filter(isVolatile).map((name) => {
    const message = `The ${headerName(name)} header is signed, and proxies often change or remove it.`
    const fix = `Make every proxy forward the ${headerName(name)} header unchanged, or do not sign it.`
    return clue('header-changed', message, fix, header(name))
  })
  const hostMessage = `The host ${host} is signed. A proxy that forwards the request with a different Host header invalidates the signature.`
  const hosts = [clue(/:\d+$/.test(host) ? 'host-port' : 'host', hostMessage, KEEP_HOST, header('host'))]
  const fixed = (clues: readonly Clue[], fix: string): Clue[] =>
    clues.map((each) => ({ ...each, ground: 'either', fix }))
  const type = headers['content-type']
  const isTypeSigned = type !== undefined && claim.signedHeaders.includes('content-type')
  // what HTTP libraries change
  const library = [
    ...((facts.body?.length ?? 0) > 0 && isBodySigned(facts)
      ? [
          clue(
            'payload-mismatch',
            'The body is signed. An HTTP library that serializes, encodes, or compresses it after signing invalidates the signature.',
            'Sign the bytes that the HTTP library sends: pass them to it as a string or buffer.',
          ),
        ]
      : []),
    ...(isTypeSigned
      ? [
          clue(
            'header-changed',
            `The Content-Type header is signed. An HTTP library that sends a value other than ${type} invalidates the signature.`,
            'Set Content-Type in the HTTP library to the signed value, or do not sign it.',
            header('content-type'),
          ),
        ]
      : []),
  ]
  // what is visible in the request
  const visible = [
    ...requestFaults(facts, given.now, false).filter(
      ({ ground, cause }) => ground === 'note' && !traitsOf(cause).isTime,
    ),
    ...repeatedTraces(facts),
  ].map((each): Clue => ({ ...each, ground: 'either' }))
  const written = [
    ...unsignedHashTraces(given).map((each): Clue => ({ ...each, ground: 'either' })),
    ...fixed(pathTraces(facts), KEEP_PATH),
    ...fixed(queryTraces(facts), KEEP_QUERY),
    ...fixed(whitespaceTraces(facts), 'Sign the header with single spaces.'),
  ]
  const paths =
    path === '/' || path === ''
      ? []
      : [
          clue(
            'path',
            `The path ${path} is signed. A proxy that adds, strips, or decodes a part of it invalidates the signature.`,
            KEEP_PATH,
          ),
        ]
  // in AWS, an access key ID has one secret
  const secrets = isAwsHost(host)
    ? []
    : [
        clue(
          'wrong-secret',
          'These credentials produce the received signature: unless the request changed in transit, the service has a different secret for this access key ID.',
          'Create a new access key, and use its ID and secret together.',
        ),
      ]
  const known = [...endpointTraces(given), ...resourceTraces(given)].flatMap((each) =>
    fixed([each], each.cause === 'path' ? KEEP_PATH : KEEP_HOST),
  )
  // only the client's own proxies are in front of a cloud
  return isDirect
    ? [...known, ...visible, ...library, ...written, ...fragile, ...secrets, ...hosts, ...paths]
    : [...known, ...visible, ...written, ...fragile, ...hosts, ...paths, ...library, ...secrets]
}
