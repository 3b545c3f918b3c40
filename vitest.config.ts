import { readdirSync } from 'node:fs'
import { configDefaults, defineConfig } from 'vitest/config'

/** Least coverage in %, of all files and of each folder: no folder makes up for another. */
const FLOOR = { lines: 95, branches: 95 }

const foldersIn = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

/** The folders of the library, and those of each program. */
const ROOMS = [
  ...foldersIn('src').filter((folder) => folder !== 'programs'),
  ...foldersIn('src/programs').map((folder) => `programs/${folder}`),
]

/** The folders with the tests of one folder of the repository. Those of several are directly in `test/`. */
const UNIT = [
  'async',
  'aws4',
  'aws4fetch',
  'checksums',
  'cli',
  'core',
  'credentials',
  'crypto',
  'debugger',
  'docs',
  'explain',
  'fetch',
  'paste',
  'received',
  'redaction',
  's3',
  'sigv4a',
  'smithy',
  'streams',
  'suite',
  'tokens',
  'tools',
  'verify',
]

/** Slow tests that compare times or memory, which others on the second core would change. */
const MEASURING = [
  ...[
    'linear',
    'linear-headers',
    'verify/cost',
    'verify/key-times',
    'tools/speed',
    'fetch/concurrency',
    'streams/memory',
    'tools/builds',
  ],
].map((name) => `test/${name}.slow.test.ts`)

const selected = new Set(['support'])
const select = (folders: readonly string[], files = '*.test.ts'): string[] =>
  folders.map((folder) => {
    selected.add(folder)
    return `test/${folder}/**/${files}`
  })

const config = defineConfig({
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
      exclude: ['src/programs/cli.ts'], // test/cli/program.slow.test.ts runs it as a program
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { ...FLOOR, ...Object.fromEntries(ROOMS.map((folder) => [`src/${folder}/**`, FLOOR])) },
    },
    projects: [
      {
        test: {
          name: 'unit',
          isolate: false,
          include: ['test/*.test.ts', ...select(UNIT)],
          exclude: [...configDefaults.exclude, '**/*.slow.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/*.slow.test.ts', ...select(UNIT, '*.slow.test.ts')],
          exclude: [...configDefaults.exclude, ...MEASURING],
          env: { AWS4_RUNS: '20000' },
          // a third of all time is theirs
          maxWorkers: '100%',
          sequence: { groupOrder: 5 },
          testTimeout: 300_000,
        },
      },
      { test: { name: 'measuring', include: MEASURING, testTimeout: 300_000 } },
      // npx vitest run test/attacks: on all cores, in under a minute
      {
        test: {
          name: 'attacks',
          include: select(['attacks']),
          maxWorkers: '100%',
          sequence: { groupOrder: 4 },
          testTimeout: 60_000,
        },
      },
      { test: { name: 'package', include: select(['package']), testTimeout: 60_000, hookTimeout: 120_000 } },
      { test: { name: 'serve', include: select(['serve', 'proxy']), testTimeout: 30_000 } },
      {
        test: { name: 'clients', include: select(['clients', 'signers']), testTimeout: 120_000, hookTimeout: 300_000 },
      },
      {
        test: {
          name: 'servers',
          include: select(['servers']),
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'guides',
          include: select(['dependents', 'migrating', 'recipes', 'test-runners']),
          env: {
            AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
            AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
          },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'frameworks', include: select(['frameworks']), testTimeout: 30_000, hookTimeout: 120_000 } },
      // after all others: browsers and bundlers use both cores
      {
        test: {
          name: 'runtimes',
          include: select(['runtimes']),
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'consumers',
          include: select(['consumers']),
          sequence: { groupOrder: 2 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'browsers',
          include: select(['browser-debugger', 'browser-upload']),
          exclude: [
            ...configDefaults.exclude,
            ...(process.env.UPLOAD_LARGE ? [] : ['test/browser-upload/large.test.ts']),
          ],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})

/** Whether a folder contains tests: what a tool left there does not count. */
const hasTests = (folder: string): boolean =>
  readdirSync(new URL(`test/${folder}`, import.meta.url), { recursive: true, encoding: 'utf8' }).some((name) =>
    /^(?!.*node_modules).*\.test\.ts$/.test(name),
  )
const forgotten = foldersIn('test').filter((folder) => !selected.has(folder) && hasTests(folder))
if (forgotten.length > 0) throw new Error(`test/${forgotten[0]} is not in a project of vitest.config.ts`)

export default config
