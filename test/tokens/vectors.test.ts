import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SecretCredentials } from '../../src/tokens.ts'
import { ENTRIES, KINDS, type Vector } from '../support/tokens.ts'

// What the official signers returned for the same arguments: fixtures/README.md names them.

const {
  credentials,
  now: signedAt,
  cases,
} = JSON.parse(readFileSync(new URL('../../fixtures/tokens/tokens.json', import.meta.url), 'utf8')) as {
  credentials: SecretCredentials
  now: string
  cases: Vector[]
}

describe.each(ENTRIES)('the %s functions', (_, entry) => {
  it.each(cases.map((vector, number) => [vector.id, number] as const))(
    'equal the official signer: %s (%i)',
    async (id, number) => {
      const vector = cases[number]!
      const { sessionToken } = vector.input
      const options = {
        credentials: { ...credentials, ...(sessionToken && { sessionToken }) },
        now: new Date(signedAt),
      }
      const [ours, theirs] = await KINDS[id.replace('-token', '')]!(entry, vector, options)
      expect(ours).toEqual(theirs)
    },
  )
})

it('is a kind of each vector, and has at least one', () => {
  expect(cases).toHaveLength(61)
  expect([...new Set(cases.map(({ id }) => id.replace('-token', '')))].sort()).toEqual(Object.keys(KINDS).sort())
})
