import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', './test/servers/table-reporter.ts', './test/summary-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/servers/**', 'test/package.test.ts'],
          testTimeout: 30_000,
        },
      },
      { test: { name: 'package', include: ['test/package.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'servers',
          include: ['test/servers/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
