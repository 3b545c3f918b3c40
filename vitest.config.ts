import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig, type Plugin, type UserWorkspaceConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// The folder says which house a test belongs to, and the end of the name what kind of test it is:
//
//   .test.ts                 runs in seconds
//   .slow.test.ts            takes more than a few seconds, or starts programs
//   .repeating.slow.test.ts  runs the same code for thousands of requests, so that counting coverage takes longest
//   .counting.slow.test.ts   counts the work of calls, with the counters that coverage uses
//   .measuring.slow.test.ts  compares times or memory, which others on the second core would change

/** Least coverage in %, of all files and of each folder: no folder makes up for another. */
const FLOOR = { lines: 95, branches: 95 }

const foldersIn = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`)

const TOOLS = 'packages/sigv4-tools'
/** The folders of the library, of the tools, and of the suite. */
const ROOMS = [...foldersIn('src'), ...foldersIn(`${TOOLS}/src`), 'suite/format', 'suite/generator'].filter(
  (room) => !['src/internal', `${TOOLS}/src/debugger`].includes(room),
)

const SLOW = '**/*.slow.test.ts'
const REPEATING = '**/*.repeating.slow.test.ts'
const COUNTING = '**/*.counting.slow.test.ts'
const MEASURING = '**/*.measuring.slow.test.ts'

/** The kinds of the slow files that take longest: they start first, so that no core waits for one of them in the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): [number, number] => [
      project.config.sequence.groupOrder,
      /\.(?:counting|repeating)\.slow\./.test(moduleId) ? 0 : 1,
    ]
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

/** The folders of `integration` that a project runs. */
const selected = new Set(['support'])
const integration = (...folders: string[]): string[] =>
  folders.map((folder) => {
    selected.add(folder)
    return `integration/${folder}/**/*.test.ts`
  })

/** Everything that runs without servers, browsers and other packages, by house. */
const HOUSES = {
  library: ['test/**/*.test.ts'],
  tools: [`${TOOLS}/test/**/*.test.ts`],
  suite: ['suite/test/**/*.test.ts', ...integration('audits')],
  repository: ['tools/test/**/*.test.ts'],
} as const
const ATTACKS = ['test/attacks/**/*.test.ts', `${TOOLS}/test/attacks/**/*.test.ts`, ...integration('evidence')]
const PROGRAMS = ['serve', 'proxy'].map((room) => `${TOOLS}/test/${room}/**/*.test.ts`)
const ALL = Object.values(HOUSES).flat()

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
      include: ['src/**/*.ts', `${TOOLS}/src/**/*.ts`, 'suite/{format,generator}/**/*.ts'],
      // only re-exports, a page that runs in browsers, and programs that tests start
      exclude: [
        ...[`${TOOLS}/src/debugger/**`, 'src/internal/**', `${TOOLS}/src/cli.ts`, `${TOOLS}/src/cli/process.ts`],
        'suite/generator/main.ts',
      ],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: {
        ...FLOOR,
        ...Object.fromEntries(ROOMS.map((room) => [`${room}/**`, FLOOR])),
      },
    },
    projects: patient([
      ...Object.entries(HOUSES).map(([name, include]) => ({
        test: {
          name,
          isolate: false,
          ...COMPUTING,
          ...SEEDED,
          include: [...include],
          exclude: [...configDefaults.exclude, SLOW, ...ATTACKS, ...PROGRAMS],
          testTimeout: 120_000,
        },
      })),
      {
        test: {
          name: 'slow',
          ...COMPUTING,
          ...SEEDED,
          include: ALL.map((pattern) => pattern.replace('.test.ts', '.slow.test.ts')),
          exclude: [...configDefaults.exclude, REPEATING, COUNTING, MEASURING],
          env: { AWS4_RUNS: '20000' },
          testTimeout: 300_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'repeating',
          ...COMPUTING,
          ...SEEDED,
          include: [REPEATING, COUNTING],
          exclude: configDefaults.exclude,
          testTimeout: 300_000,
        },
      },
      // before all others, because they measure
      { plugins: NOT_COUNTED, test: { name: 'measuring', include: [MEASURING], testTimeout: 300_000 } },
      {
        test: {
          name: 'attacks',
          ...COMPUTING,
          ...SEEDED,
          include: ATTACKS,
          exclude: [...configDefaults.exclude, SLOW],
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'serve',
          ...COMPUTING,
          include: PROGRAMS,
          exclude: [...configDefaults.exclude, SLOW],
          testTimeout: 120_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'package',
          ...WAITING,
          include: integration('package'),
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'clients',
          ...WAITING,
          include: integration('clients', 'signers'),
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
          include: integration('servers', 'aws'),
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'guides',
          ...WAITING,
          include: integration('dependents', 'migrating', 'others', 'recipes', 'test-runners'),
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
          include: integration('frameworks'),
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      // after all others: it starts two dozen engines, which use all cores
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'runtimes',
          include: integration('runtimes'),
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
          include: integration('consumers'),
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        plugins: NOT_COUNTED,
        test: {
          name: 'browsers',
          ...WAITING,
          include: integration('browser-debugger', 'browser-upload'),
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
  readdirSync(new URL(folder, import.meta.url), { recursive: true, encoding: 'utf8' }).some((name) =>
    /^(?!.*node_modules).*\.test\.ts$/.test(name),
  )
const forgotten = foldersIn('integration').filter(
  (folder) => !selected.has(folder.replace('integration/', '')) && hasTests(folder),
)
if (forgotten.length > 0) throw new Error(`${forgotten[0]} is not in a project of vitest.config.ts`)

export default config
