import { statSync } from 'node:fs'
import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'

/** Orders test files so that the first failure comes soon: those of the mutated file, of its folder, then by size. */
class LikelyFirst extends BaseSequencer {
  async sort(files) {
    const [mutated = ''] = this.ctx.config.related ?? []
    const own = relative(process.cwd(), mutated).replace(/^src(.*)\.ts$/, 'test$1.test.ts')
    const folder = own.replace(/[^/]*$/, '')
    const rank = ({ moduleId }) => {
      const path = relative(process.cwd(), moduleId)
      return path === own ? 0 : folder && path.startsWith(folder) ? 1 : 2
    }
    const size = ({ moduleId }) => statSync(moduleId).size
    return files.sort((one, other) => rank(one) - rank(other) || size(one) - size(other))
  }
}

export default defineConfig({
  cacheDir: '.cache/mutation/vite',
  test: {
    isolate: false,
    runner: 'tools/mutation/runner.mjs',
    sequence: { sequencer: LikelyFirst },
    reporters: [{}],
    // Stryker passes the mutated file as "related", which would select tests by import; they are selected by coverage
    forceRerunTriggers: ['**'],
    // tests that are fast and concern src/core or src/verify
    include: [
      'test/{async,core,received,s3,sigv4a,suite,tokens,trace,verify}/**/*.test.ts',
      'test/{vectors,streams/whole-bodies}.test.ts',
      'packages/sigv4-tools/test/s3-express.test.ts',
    ],
    exclude: ['**/*.{landing,nightly}.test.ts'],
    testTimeout: 30_000,
  },
})
