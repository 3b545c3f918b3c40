import type { Reporter, TestModule } from 'vitest/node'
import type {} from '../consumers/consumers.landing.test.ts'
import type {} from './runtimes.landing.test.ts'

/** Prints in which engines the suite ran, and which tools built the package. */
export default class RuntimesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules)
      for (const test of module.children.allTests()) {
        const { runtimes, consumers } = test.meta()
        if (runtimes) console.log(`\nRuntimes\n${runtimes}\n`)
        if (consumers) console.log(`\nConsumers\n${consumers}\n`)
      }
  }
}
