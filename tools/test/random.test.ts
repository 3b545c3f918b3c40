import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SEED } from '../../test/support/random.ts'

// Random cases are the same in every run, so that a failure is not one of a run that no one can repeat.

const TEST = fileURLToPath(new URL('../../test/', import.meta.url))
/** Where random values are names and contents, but do not select what is tested. */
const NAMES = /^(?:browser-upload|clients|dependents|migrating|runtimes|servers|support\/starting\.ts)/

describe('random cases', () => {
  it('of fast-check have the seed of all others', () => {
    expect(fc.readConfigureGlobal()).toMatchObject({ seed: SEED })
  })

  it('do not depend on a different seed or on a clock', () => {
    const found = readdirSync(TEST, { recursive: true, encoding: 'utf8' })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => /\.ts$/.test(name) && !name.includes('node_modules') && !NAMES.test(name))
      .flatMap((name) =>
        readFileSync(TEST + name, 'utf8')
          .split('\n')
          .filter((line) =>
            /\b(?:randomInt|randomBytes)\(|(?<!mocked\()Math\.random\(|Date\.now\(\) %|configureGlobal\(|interruptAfter|_SEED\b(?<!SIGV4_SEED)/.test(
              line,
            ),
          )
          .map((line) => `${name}: ${line.trim()}`),
      )
      .filter((line) => !line.startsWith('support/seed.ts') && !line.startsWith('tools/random.test.ts'))
    expect(found).toEqual([])
  })
})
