import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig, type Plugin } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// The end of a test file's name is its lane:
//
//   .test.ts          npm test            on each change: no browsers, no other packages, no servers from outside
//   .landing.test.ts  npm cit             on each landing, in addition
//   .nightly.test.ts  npm run test:all    nightly and before a release, in addition

const LANDING = '**/*.landing.test.ts'
/** Those of the library, the tools, and the suite. The others are in `integration`. */
const HOUSES = ['{test,packages,suite,tools}/**/*.landing.test.ts']
const NIGHTLY = '**/*.nightly.test.ts'

const TOOLS = 'packages/sigv4-tools'
/** Least coverage in %, of each package. */
const FLOOR = { lines: 95, branches: 95 }

/** What starts servers and browsers first, because it takes longest. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isWaiting = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/integration/')
    const sorted = await super.sort(files)
    return [...sorted.filter(isWaiting), ...sorted.filter((file) => !isWaiting(file))]
  }
}

/** What runs servers, browsers, and other packages covers nothing that the other tests do not, and would take longer. */
const NOT_COUNTED: Plugin = {
  name: 'not-counted',
  configureVitest({ project }) {
    project.config.coverage = { ...project.config.coverage, enabled: false }
  },
}

/** Tests that wait most of the time: three on two cores. */
const waiting = (name: string, include: readonly string[], plugins: Plugin[] = [NOT_COUNTED]) => ({
  plugins,
  test: {
    name,
    include: [...include],
    setupFiles: 'test/support/seed.ts',
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    sequence: { groupOrder: 1 },
    // a condition may take longer on busy machines: a test waits only until it is met
    expect: { poll: { timeout: 20_000 } },
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1',
    },
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
})

export default defineConfig({
  test: {
    sequence: { sequencer: WaitingFirst },
    reporters: [
      'default',
      './integration/servers/table-reporter.ts',
      './integration/runtimes/table-reporter.ts',
      './test/support/summary-reporter.ts',
    ],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['src/**/*.ts', `${TOOLS}/src/**/*.ts`, 'suite/{format,generator}/**/*.ts'],
      // only re-exports, a page that runs in browsers, and programs that tests start
      exclude: [
        ...[`${TOOLS}/src/debugger/**`, 'src/internal/**', `${TOOLS}/src/cli.ts`, `${TOOLS}/src/cli/process.ts`],
        'suite/generator/main.ts',
      ],
      reporter: ['text-summary', 'json-summary', 'html'],
      thresholds: { 'src/**': FLOOR, [`${TOOLS}/src/**`]: FLOOR, 'suite/**': FLOOR },
    },
    projects: [
      {
        test: {
          name: 'change',
          include: ['{test,packages,suite,tools,integration}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, LANDING, NIGHTLY],
          setupFiles: 'test/support/seed.ts',
          isolate: false,
          maxWorkers: '100%',
          expect: { poll: { timeout: 20_000 } },
          testTimeout: 120_000,
        },
      },
      waiting('landing', HOUSES, []),
      waiting('integration', ['integration/**/*.landing.test.ts']),
      waiting('nightly', [NIGHTLY]),
    ],
  },
})
