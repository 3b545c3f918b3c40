import type { Reporter, TestModule } from 'vitest/node'

/** Prints `N passed, N failed, N skipped` as the last line. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      let reported = false
      for (const test of module.children.allTests()) {
        count[test.result().state]++
        reported = true
      }
      // So does a hook that fails, whose tests then count as skipped.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) count.failed++
      // A file that fails before its first test, or in a hook, counts as a failure.
      if (module.errors().length > 0 || (!reported && !module.ok())) count.failed++
    }
    process.on('exit', () => {
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`)
    })
  }
}
