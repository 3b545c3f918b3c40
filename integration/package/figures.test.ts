import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBlock } from '../../test/support/docs/markdown.ts'
import { ROOT } from '../../test/support/packed.ts'
import { comparison, published } from '../../tools/features/main.ts'
import { FOLDER } from '../../tools/features/packages.ts'
import { FIGURES, speed, stated } from '../../tools/figures.ts'

describe('the documentation', () => {
  it.each(FIGURES.map((each) => [each.page, each.pattern.source, each] as const))(
    'states the current figure in %s: %s (npx tsx tools/figures.ts)',
    async (_, __, each) => {
      expect(stated(each)).toBe(await each.value())
    },
  )

  it('repeats the speed that was measured (npx tsx tools/figures.ts)', () => {
    expect(readBlock('docs/comparison.md', 'speed')).toBe(speed())
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
