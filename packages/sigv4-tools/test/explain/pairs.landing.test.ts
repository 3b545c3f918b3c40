import { describe, expect, it } from 'vitest'
import { explainSent, MISTAKE_NAMES, pairsOf, SIGNED_REQUESTS, scorePair, signWith } from '../support/explain/pairs.ts'
import { send } from '../support/explain/structure/client.ts'
import { explainCase } from '../support/explain/structure/explain.ts'
import { generateStructureCases } from '../support/explain/structure/generate.ts'
import { combineMistakes } from '../support/explain/structure/mixed.ts'

// Two mistakes of one signer must be found as surely as one, and never end in the advice to replace a right secret.

describe.each(['S3', 'API'] as const)('two mistakes of a signer for %s', (signer) => {
  const scores = pairsOf(signer).map(scorePair)
  const without = (has: (score: (typeof scores)[number]) => boolean) =>
    scores.filter((score) => !has(score)).map(({ id, said }) => `${id}: ${said}`)

  it('are all pairs of fifteen whose result is not that of one mistake', () => {
    expect(MISTAKE_NAMES).toHaveLength(15)
    expect(scores.length).toBeGreaterThan(100)
  })

  it('are proven, at least 95 %', () => {
    expect(without(({ isProven }) => isProven).length / scores.length).toBeLessThanOrEqual(0.05)
  })

  it('are both named, at least 95 %', () => {
    expect(without(({ areNamed }) => areNamed).length / scores.length).toBeLessThanOrEqual(0.05)
  })

  it('never have the secret first, which is right', () => {
    expect(without(({ isSecretFirst }) => !isSecretFirst)).toEqual([])
  })
})

describe('pairs of the mistakes of other signers', () => {
  const scores = combineMistakes(120).map((each) => {
    const [first] = explainCase(each).findings
    return {
      mistake: each.mistake,
      isProven: first?.confidence === 'proven',
      isSecretFirst: first?.cause === 'wrong-secret',
    }
  })

  it('are proven, at least 80 %', () => {
    const left = scores.filter(({ isProven }) => !isProven).map(({ mistake }) => mistake)
    expect(scores.length).toBeGreaterThan(100)
    expect(left.length / scores.length, left.join('\n')).toBeLessThanOrEqual(0.2)
  })

  it('have the secret first in at most 8 %', () => {
    const blamed = scores.filter(({ isSecretFirst }) => isSecretFirst).map(({ mistake }) => mistake)
    expect(blamed.length / scores.length, blamed.join('\n')).toBeLessThanOrEqual(0.08)
  })
})

describe('a secret that is really wrong', () => {
  // A request that no SDK would have sent so may have a canonical request that was assembled in an untried way. Its
  // signer checks that first, and the secret next.
  it('is one of the first two findings, if the signature is otherwise right, and never ruled out', () => {
    const cases = generateStructureCases(20, []).filter(
      ({ secret }, index) => secret?.atHand === 'service' && index % 2,
    )
    const places = cases.map((each) => explainCase(each).findings.findIndex(({ cause }) => cause === 'wrong-secret'))
    expect(cases.length).toBeGreaterThan(35)
    expect(places).not.toContain(-1)
    expect(places.filter((place) => place < 2).length / places.length).toBeGreaterThanOrEqual(0.95)
    expect(places.filter((place) => place === 0).length / places.length).toBeGreaterThanOrEqual(0.7)
  })

  it.each(['S3', 'API'] as const)('is among the findings with each of the mistakes, for %s', (signer) => {
    const request = SIGNED_REQUESTS[signer]
    const other = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: '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' }
    const left = MISTAKE_NAMES.filter((name) => {
      const { signature } = signWith(request, new Set([name]))
      return !explainSent(send(request, signature), other).findings.some(({ cause }) => cause === 'wrong-secret')
    })
    expect(left).toEqual([])
  })
})
