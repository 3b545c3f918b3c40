import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBlock } from '../../test/support/docs/markdown.ts'
import { ROOT } from '../../test/support/packed.ts'
import { comparison, published } from '../../tools/features/main.ts'
import { FOLDER } from '../../tools/features/packages.ts'
import { commitsOn, FIGURES, speed, stated } from '../../tools/figures.ts'

describe('the documentation', () => {
  // The slow ones are in packages/sigv4-tools/test/explain/recorded.repeating.slow.test.ts.
  it.each(FIGURES.filter(({ isSlow }) => !isSlow).map((each) => [each.page, each.pattern.source, each] as const))(
    'states the current figure in %s: %s (npm run figures)',
    async (_, __, each) => {
      expect(stated(each)).toBe(await each.value())
    },
  )

  it('repeats the speed that was measured (npm run figures)', () => {
    expect(readBlock('docs/comparison.md', 'speed')).toBe(speed())
  })

  it('compares times of one commit only (npm run bench)', () => {
    expect(commitsOn('docs/benchmarks.md').size).toBe(1)
  })

  // Installed by .ci/run, and by the command itself.
  const isBuilt = existsSync(join(ROOT, 'dist/index.js'))
  it.skipIf(!(existsSync(join(FOLDER, 'node_modules/aws4')) && isBuilt) && !process.env.CI)(
    'compares the packages as they are (npm run compare -- --write)',
    async () => {
      expect(published()).toBe(await comparison())
    },
  )
})
