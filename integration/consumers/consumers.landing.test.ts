import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isDeep } from '../../test/support/depth.ts'
import type { Packed } from '../../test/support/packed.ts'
import { install, missing, NAMES, type Result, startConsumers, table } from './consumers.ts'

// The tarball in a user's projects: each tool builds one, and the result signs.

declare module 'vitest' {
  interface TaskMeta {
    /** Printed after the run. */
    consumers?: string
  }
}

const absent = missing()
let packed: Packed | undefined
let results: Promise<Result>[] = []

beforeAll(async () => {
  if (absent) return
  packed = await install()
  results = startConsumers(packed)
})

afterAll(async () => {
  await Promise.all(results)
  packed?.remove()
})

describe.skipIf(absent && !process.env.CI)('the package works with', () => {
  it.each(NAMES.map((name, i) => ({ name, i })))('$name', async ({ i }) => {
    expect(absent, 'what to install').toBeUndefined()
    expect((await results[i]!).problem).toBeUndefined()
  })

  it('bundlers, which drop unused code', async ({ task }) => {
    expect(absent, 'what to install').toBeUndefined()
    const all = await Promise.all(results)
    task.meta.consumers = table(all)
    const weighed = all.filter(({ sizes }) => Object.keys(sizes).length)
    expect(weighed.length).toBe(isDeep ? 6 : 1)
    const least = (what: string): number => Math.min(...weighed.map(({ sizes }) => sizes[what]!))
    for (const { name, sizes } of weighed) {
      expect(sizes['isSigV4Error from sigv4'], name).toBeLessThan(200)
      for (const what of ['presignGet from sigv4', 'presignGet from sigv4/sync'])
        expect(sizes[what]! / least(what), `${what}, ${name}`).toBeLessThan(1.1)
    }
  })
})
