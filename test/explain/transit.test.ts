import { describe, expect, it } from 'vitest'
import { type Cause, explain } from '../../src/explain.ts'
import { readTransit, TRANSIT_SERVERS, type TransitCase } from '../support/explain/transit.ts'

// Requests that nginx changed in front of a real server. The secret is right in all of them.

/** The causes that say what differs. */
const CAUSES: Readonly<Record<TransitCase['differs'][number]['part'], readonly Cause[]>> = {
  host: ['host', 'host-port', 'path-style-mismatch'],
  path: [
    ...(['path', 'path-encoding', 'path-encoding-case', 'path-double-encoding', 'path-normalization'] as const),
    ...(['path-trailing-slash', 'path-style-mismatch'] as const),
  ],
  query: [
    'query-extra',
    'query-removed',
    'query-changed',
    'query-order',
    'query-plus',
    'query-encoding',
    'query-empty-value',
  ],
  header: [
    ...(['header-changed', 'header-missing', 'header-whitespace', 'signed-headers', 'unsigned-header'] as const),
    ...(['missing-header', 'session-token', 'content-length', 'content-md5', 'payload-hash', 'checksum'] as const),
    ...(['anonymous', 'malformed-authorization', 'two-auths', 'date-mismatch'] as const),
  ],
  method: ['method'],
  body: ['payload-mismatch', 'payload-hash', 'content-length', 'content-md5', 'checksum', 'streaming'],
  nothing: [],
}

describe.each(TRANSIT_SERVERS)('requests that a proxy changed in front of %s', (server) => {
  const { cases, credentials } = readTransit(server)!

  it.each([
    ['not set aside', false],
    ['set aside', true],
  ])('are explained by what changed, or by the question that decides, and never by the secret: %s', (_, isSetAside) => {
    const own = cases.filter((each) => (each.isSetAside ?? false) === isSetAside)
    const judged = own.map(({ request, response, now, differs }) => {
      const { findings, decides } = explain({ request, response, credentials, now })
      const [first] = findings
      const isRight = first !== undefined && differs.some(({ part }) => CAUSES[part].includes(first.cause))
      const isAsked = decides?.evidence.includes('as the service received it') ?? false
      const isBlamed = first?.cause === 'wrong-secret'
      return { isGood: isRight || isAsked, isBlamed, isWrong: first?.confidence === 'proven' && !isRight }
    })
    expect(own.length).toBeGreaterThan(35)
    expect(judged.filter(({ isGood }) => isGood).length / own.length).toBeGreaterThanOrEqual(0.9)
    expect(judged.filter(({ isBlamed }) => isBlamed).length).toBe(0)
    expect(judged.filter(({ isWrong }) => isWrong).length).toBe(0)
  })
})
