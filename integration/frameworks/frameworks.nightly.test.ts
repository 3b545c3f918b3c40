import { describe, expect, it } from 'vitest'
import { CASES, PARSED } from './cases.ts'
import { frameworks, parsing } from './frameworks.ts'
import { missing } from './packages.ts'
import { run } from './suite.ts'

// verify in applications of web frameworks: what clients sign is accepted, and what others change is rejected.

const absent = missing()

it.skipIf(absent && !process.env.CI)('the frameworks are installed', () => {
  expect(absent, 'what to install').toBeUndefined()
})

describe.skipIf(absent)('verifies requests', () => {
  for (const framework of absent ? [] : frameworks()) run(framework, CASES)
})

describe.skipIf(absent)('rejects bodies that were parsed before', () => {
  for (const framework of absent ? [] : parsing()) run(framework, PARSED)
})
