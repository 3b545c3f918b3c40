import { describe, expect, it } from 'vitest'
import { malformed, misused } from './support/misused.ts'

// What does not compile is an error in JavaScript too, which names the argument.

describe.each([
  ['what does not compile', misused],
  ['what only the value shows', malformed],
])('%s', (_, calls) => {
  it.each(Object.entries(calls))('is rejected: %s', async (_, call) => {
    const caught = await (async () => call())().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(caught).toBeInstanceOf(Error)
    expect((caught as Error).message).toMatch(/^(?:options|target|scope|request)\b/)
  })
})
