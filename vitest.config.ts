import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig, type Plugin, type UserWorkspaceConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Least coverage in %, of all files and of each folder: no folder makes up for another. */
const FLOOR = { lines: 95, branches: 95 }

const foldersIn = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

/** The folders of the library, and those of each program. */
const ROOMS = [
  ...foldersIn('src').filter((folder) => folder !== 'programs'),
  ...foldersIn('packages/sigv4-tools/src').map((folder) => `programs/${folder}`),
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
const MEASURING = ['fetch/concurrency', 'streams/memory', 'tools/builds', 'tools/speed', 'verify/key-times'].map(
  (name) => `test/${name}.slow.test.ts`,
)

/** Slow tests that run the same code for thousands of requests, for which counting coverage takes longest. */
const REPEATING = [
  'aws4fetch/differential',
  'docs/causes',
  'explain/agreement',
  'explain/changed-headers',
  'explain/more-evidence',
  'explain/recorded',
  'explain/tokens-hidden',
  'linear',
  'reference',
  'smithy/differential',
  'verify/cost',
].map((name) => `test/${name}.slow.test.ts`)

/** Tests that count the work of calls, with the counters that coverage uses. */
const COUNTING = '**/*.counting.slow.test.ts'

/** Files that take longer than half a minute. They start first, so that no core waits for one of them in the end. */
const LONG = [
  'explain/properties.counting.slow',
  'linear-headers.counting.slow',
  'browser-upload/rejections',
  'browser-upload/interruptions',
  'browser-debugger/page',
  'proxy/recorded.slow',
  'explain/recorded.slow',
  'servers/proxy',
  'browser-upload/widgets',
  'browser-upload/access',
  'attacks/stall.counting.slow',
  'browser-upload/upload',
  'consumers/consumers',
].map((name) => `/test/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): [number, number] => {
      const place = LONG.findIndex((name) => moduleId.endsWith(name))
      return [project.config.sequence.groupOrder, place === -1 ? LONG.length : place]
    }
    const sorted = await super.sort(files)
    return sorted.sort((one, other) => {
      const [[group, place], [otherGroup, otherPlace]] = [rank(one), rank(other)]
      return group - otherGroup || place - otherPlace
    })
  }
}

/** Projects whose tests cover nothing that others do not: counting what runs takes up to three quarters more CPU time. */
const NOT_COUNTED: Plugin[] = [
  {
    name: 'not-counted',
    configureVitest({ project }) {
      project.config.coverage = { ...project.config.coverage, enabled: false }
    },
  },
]

/** Lets conditions take longer, for busy machines. A test waits only until they are met. */
const patient = (projects: UserWorkspaceConfig[]): UserWorkspaceConfig[] =>
  projects.map((project) => ({ ...project, test: { ...project.test, expect: { poll: { timeout: 20_000 } } } }))
/** Before files that may have random cases. */
const SEEDED = { setupFiles: 'test/support/seed.ts' } as const
/** Tests in this process, two on two cores. Without browsers beside them, which take both. */
const COMPUTING = { maxWorkers: '100%', sequence: { groupOrder: 1 } } as const
/** Tests that wait for other programs most of the time: three on two cores. */
const WAITING = { maxWorkers: Math.ceil(availableParallelism() * 1.5), sequence: { groupOrder: 2 } } as const

const selected = new Set(['support'])
const select = (folders: readonly string[], files = '*.test.ts'): string[] =>
  folders.map((folder) => {
    selected.add(folder)
    return `test/${folder}/**/${files}`
  })

const config = defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: [
      'default',
      './integration/servers/table-reporter.ts',
      './integration/runtimes/table-reporter.ts',
      './test/support/summary-reporter.ts',
    ],
    coverage: {
      provider: 'v8',
      // measured in the only run of npm test: a second run would take longer
      include: ['src/**/*.ts'],
      exclude: ['packages/sigv4-tools/src/cli.ts'], // packages/sigv4-tools/test/cli/program.slow.test.ts runs it as a program
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { ...FLOOR, ...Object.fromEntries(ROOMS.map((folder) => [`src/${folder}/**`, FLOOR])) },
    },
    projects: patient([
      {
        test: {
          name: 'unit',
          isolate: false,
          ...COMPUTING,
          ...SEEDED,
          include: ['test/*.test.ts', ...select(UNIT)],
          exclude: [...configDefaults.exclude, '**/*.slow.test.ts'],
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'slow',
          ...COMPUTING,
          ...SEEDED,
          include: ['test/*.slow.test.ts', ...select(UNIT, '*.slow.test.ts')],
          exclude: [...configDefaults.exclude, ...MEASURING, ...REPEATING, COUNTING],
          env: { AWS4_RUNS: '20000' },
          testTimeout: 300_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: { name: 'repeating', ...COMPUTING, ...SEEDED, include: [...REPEATING, COUNTING], testTimeout: 300_000 },
      },
      // before all others, because they measure
      {
        plugins: NOT_COUNTED,
        test: { name: 'measuring', include: MEASURING, testTimeout: 300_000 },
      },
      {
        test: {
          name: 'attacks',
          ...COMPUTING,
          ...SEEDED,
          include: select(['attacks']),
          exclude: [...configDefaults.exclude, '**/*.slow.test.ts'],
          testTimeout: 180_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'package',
          ...WAITING,
          include: select(['package']),
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      { test: { name: 'serve', ...COMPUTING, include: select(['serve', 'proxy']), testTimeout: 120_000 } },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'clients',
          ...WAITING,
          include: select(['clients', 'signers']),
          globalSetup: 'integration/browser-upload/install.ts',
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'servers',
          ...WAITING,
          include: select(['servers']),
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'guides',
          ...WAITING,
          include: select(['dependents', 'migrating', 'recipes', 'test-runners']),
          env: {
            AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
            AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
          },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'frameworks',
          ...WAITING,
          include: select(['frameworks']),
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      // after all others: it starts two dozen engines, which use all cores
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'runtimes',
          include: select(['runtimes']),
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'consumers',
          ...WAITING,
          include: select(['consumers']),
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'browsers',
          ...WAITING,
          include: select(['browser-debugger', 'browser-upload']),
          exclude: [
            ...configDefaults.exclude,
            ...(process.env.UPLOAD_LARGE ? [] : ['integration/browser-upload/large.test.ts']),
          ],
          globalSetup: 'integration/browser-upload/install.ts',
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ]),
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
