/** Changes the sources in thousands of ways, one at a time, and counts how many of the changes make a test fail. */
export default {
  mutate: ['src/{core,verify}/**/*.ts'],
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'tools/mutation/vitest.config.mjs' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // generous, because a timeout counts as a detected change; endless loops end earlier, at a limit of iterations
  timeoutMS: 10_000,
  timeoutFactor: 2,
  // a // @ts-nocheck in every file would fail the tests that count the lines of the examples
  disableTypeChecks: false,
  ignorePatterns: ['dist', 'coverage', '.cache'],
  tempDirName: '.cache/mutation/sandboxes',
  incremental: true,
  incrementalFile: '.cache/mutation/incremental.json',
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  htmlReporter: { fileName: '.cache/mutation/report.html' },
  jsonReporter: { fileName: '.cache/mutation/report.json' },
  thresholds: { high: 95, low: 90, break: 85 },
}
