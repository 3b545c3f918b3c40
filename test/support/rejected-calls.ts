import { describe, expect, it } from 'vitest'

type Calls = Readonly<Record<string, () => unknown>>

/** Tests that calls which do not compile, or whose values are malformed, are errors in JavaScript too, which name the argument. */
export function testRejected(misused: Calls, malformed: Calls): void {
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
}
