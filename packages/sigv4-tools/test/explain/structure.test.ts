import { describe, expect, it } from 'vitest'
import type { Cause } from '../../src/explain.ts'
import { explainCase } from '../support/explain/structure/explain.ts'
import { generateStructureCases } from '../support/explain/structure/generate.ts'

// Requests whose signer assembled the strings incorrectly with the right secret, and requests with a really wrong secret. The
// rows were written from public threads and specifications before the search for them was.

/** The causes of each part that can be assembled incorrectly. A wrong value in a string has a cause of its own. */
const VALUES: readonly Cause[] = [
  ...(['method', 'host', 'host-port', 'path', 'path-encoding', 'path-encoding-case', 'path-double-encoding'] as const),
  ...(['path-normalization', 'path-trailing-slash', 'path-style-mismatch', 'query-extra', 'query-removed'] as const),
  ...([
    'query-changed',
    'query-order',
    'query-plus',
    'query-encoding',
    'query-empty-value',
    'query-duplicate',
  ] as const),
  ...(['param-case', 'url-double-encoded', 'header-missing', 'header-changed', 'header-whitespace'] as const),
  ...([
    'signed-headers',
    'unsigned-header',
    'content-length',
    'date-format',
    'date-mismatch',
    'clock-timezone',
  ] as const),
  ...(['session-token', 'malformed-credential', 'signature-v2'] as const),
]
const CAUSES: Readonly<Record<string, readonly Cause[]>> = {
  'canonical request': ['canonical-request', ...VALUES],
  'payload hash': ['payload-hash', 'payload-mismatch', 'canonical-request'],
  'string to sign': [
    ...(['string-to-sign', 'canonical-request', 'scope-terminator', 'scope-date', 'scope-region'] as const),
    ...(['scope-service', 'algorithm', 'malformed-credential', 'date-format', 'date-mismatch'] as const),
  ],
  key: ['key-derivation', 'scope-date', 'scope-region', 'scope-service', 'secret-encoding'],
  signature: ['malformed-signature', 'signature-case', 'key-derivation', 'string-to-sign'],
  policy: ['string-to-sign', 'tampered-policy', 'key-derivation', 'policy-malformed'],
}

const cases = generateStructureCases(1)

const explained = cases.map((each) => {
  const explanation = explainCase(each)
  return { ...each, ...explanation, first: explanation.findings[0] }
})

const mistakes = explained.filter(({ mistake }) => mistake !== 'wrong-secret')
const secrets = explained.filter(({ mistake }) => mistake === 'wrong-secret')
const share = <T>(all: readonly T[], which: (each: T) => boolean): number => all.filter(which).length / all.length

// The rows that were set aside were never read, only counted. They show how well the search does on unseen mistakes.
describe.each([
  ['rows that were read while the search was written', false, 0.95],
  ['rows that were set aside', true, 0.8],
])('mistakes in assembling a signature: %s', (_, isSetAside, leastProven) => {
  const own = mistakes.filter((each) => each.isSetAside === isSetAside && each.isProvable !== false)

  it('are proven in most cases', () => {
    expect(own.length).toBeGreaterThan(400)
    const isProven = ({ first, aspect }: (typeof own)[number]): boolean =>
      first?.confidence === 'proven' && CAUSES[aspect]!.includes(first.cause)
    expect(share(own, isProven)).toBeGreaterThanOrEqual(leastProven)
  })

  it('are not blamed on the secret: if that comes first, it is only possible, and the verdict names the assembly', () => {
    const isBlamed = ({ first, verdict }: (typeof own)[number]): boolean =>
      first?.cause === 'wrong-secret' && !(first.confidence === 'possible' && /assembled .* not tried/.test(verdict))
    expect(own.filter(isBlamed).length).toBe(0)
  })
})

describe('a secret that is really wrong', () => {
  it('is named in at least 98 % of all cases, and nothing else is proven', () => {
    const isNamed = ({ verdict, findings }: (typeof secrets)[number]): boolean =>
      findings.slice(0, 2).some(({ cause }) => cause === 'wrong-secret') || /different secret/.test(verdict)
    expect(secrets.length).toBeGreaterThanOrEqual(150)
    expect(share(secrets, isNamed)).toBeGreaterThanOrEqual(0.98)
    const others = secrets.filter(({ first }) => first?.confidence === 'proven' && first.cause !== 'wrong-secret')
    expect(others.map(({ id, first }) => `${id}: ${first?.message}`)).toEqual([])
  })
})
