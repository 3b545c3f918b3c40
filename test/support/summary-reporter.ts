import type { Reporter, TestModule } from 'vitest/node'

const firstLine = (error: unknown): string => String(Object(error).message ?? error).replace(/\n.*/s, '')

/** Prints what failed, and `N passed, N failed, N skipped` as the last line. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    const failures: string[] = []
    const fail = (where: string, errors: readonly unknown[] = []): void => {
      count.failed++
      failures.push(`FAILED ${[where, ...errors.map(firstLine)].join('\n  ')}`)
    }
    for (const error of unhandledErrors) fail('outside of tests', [error])
    for (const module of modules) {
      const file = module.relativeModuleId
      let reported = false
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result()
        if (state === 'failed') fail(`${file} > ${test.fullName}`, errors)
        else count[state]++
        reported = true
      }
      // So does a hook that fails, whose tests then count as skipped.
      for (const suite of module.children.allSuites())
        if (suite.errors().length > 0) fail(`${file} > ${suite.fullName}`, suite.errors())
      // A file that fails before its first test, or in a hook, counts as a failure.
      if (module.errors().length > 0 || (!reported && !module.ok())) fail(file, module.errors())
    }
    process.on('exit', () => {
      for (const failure of failures) console.log(failure)
      const seed = process.env.SIGV4_SEED
      if (failures.length > 0 && seed !== undefined) console.log(`The seed of random cases was SIGV4_SEED=${seed}`)
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped`)
    })
  }
}
