import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/** Slow unit tests: they start programs, compile, use thousands of random inputs, or very large ones. */
const THOROUGH = [
  'test/docs/api.test.ts',
  'test/aws4/types.test.ts',
  'test/tools/builds.test.ts',
  'test/cli/{program,secrets,commands/explain,output/curl}.test.ts',
  'test/explain/hostile.test.ts',
  'test/crypto/parity.test.ts',
  'test/language.test.ts',
  'test/linear.test.ts',
  'test/properties.test.ts',
  'test/verify/{cost,hostile,mutations,properties}.test.ts',
]

/** Least coverage in %, of all files and of each folder: no folder makes up for another. */
const FLOOR = { lines: 95, branches: 95 }
const FOLDERS = readdirSync(new URL('src', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

export default defineConfig({
  test: {
    reporters: [
      'default',
      './test/servers/table-reporter.ts',
      './test/runtimes/table-reporter.ts',
      './test/support/summary-reporter.ts',
    ],
    coverage: {
      provider: 'v8',
      // measured in the only run of npm test: it takes a third more CPU time, and a second run would take more
      include: ['src/**/*.ts'],
      exclude: ['src/cli.ts'], // test/cli/program.test.ts runs it as a program
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { ...FLOOR, ...Object.fromEntries(FOLDERS.map((folder) => [`src/${folder}/**`, FLOOR])) },
    },
    projects: [
      {
        test: {
          name: 'unit',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/servers/**',
            'test/runtimes/**',
            'test/consumers/**',
            'test/serve/**',
            'test/browser-upload/**',
            'test/browser-debugger/**',
            'test/{paste,explain}/!(explain).test.ts',
            'test/clients/**',
            'test/frameworks/**',
            'test/migrating/**',
            'test/recipes/**',
            'test/package/**',
            'test/attacks/**',
            'test/aws4/differential.test.ts',
            ...THOROUGH,
          ],
          testTimeout: 30_000,
        },
      },
      // npx vitest run test/attacks: on all cores, in under a minute
      {
        test: {
          name: 'attacks',
          include: ['test/attacks/*.test.ts'],
          maxWorkers: '100%',
          sequence: { groupOrder: 4 },
          testTimeout: 60_000,
        },
      },
      { test: { name: 'thorough', include: THOROUGH, testTimeout: 60_000 } },
      {
        test: {
          name: 'differential',
          include: ['test/aws4/differential.test.ts'],
          env: { AWS4_RUNS: '20000' },
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'explain',
          include: ['test/{explain,paste}/*.test.ts'],
          exclude: ['test/explain/{explain,hostile}.test.ts'],
          testTimeout: 300_000,
        },
      },
      {
        test: { name: 'serve', include: ['test/serve/**/*.test.ts'], testTimeout: 30_000 },
      },
      {
        test: {
          name: 'clients',
          include: ['test/clients/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'servers',
          include: ['test/servers/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'guides',
          include: ['test/migrating/*.test.ts', 'test/recipes/*.test.ts'],
          env: {
            AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
            AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
          },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: 'frameworks', include: ['test/frameworks/*.test.ts'], testTimeout: 30_000, hookTimeout: 120_000 },
      },
      // after all others: browsers and bundlers use both cores
      {
        test: {
          name: 'runtimes',
          include: ['test/runtimes/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'consumers',
          include: ['test/consumers/*.test.ts'],
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'browsers',
          include: ['test/browser-upload/*.test.ts', 'test/browser-debugger/*.test.ts'],
          exclude: process.env.UPLOAD_LARGE ? [] : ['test/browser-upload/large.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
