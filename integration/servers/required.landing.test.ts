import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requiredServers } from './required.ts'

test.runIf(process.env.CI === 'true')(
  'with CI=true, ROUNDTRIP_REQUIRE names the servers that must be available',
  () => {
    expect(requiredServers()).not.toEqual([])
  },
)

test('every server that ROUNDTRIP_REQUIRE names has a round trip', () => {
  const unknown = requiredServers().filter((name) => !existsSync(new URL(`${name}.landing.test.ts`, import.meta.url)))
  expect(unknown).toEqual([])
})
