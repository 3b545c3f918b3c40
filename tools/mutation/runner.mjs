import { TestRunner, test } from 'vitest'

/** Skipped, because they take 50 ms and more: a change that only they detect counts as undetected. */
const LONG = [
  'forms with any content',
  'is rejected for its size first',
  'is evaluated against any policy',
  'presigns only the requested parts',
  'takes linear time',
  'covers every byte once',
  'encodes every character of the basic plane',
  'has the hash of a Blob',
  'sent to a node:http server',
  'is parsed the same when split',
  'buffers one signed chunk',
  'are accepted split in two',
]

/** Runs tests until one fails, and counts a test file that cannot be loaded as a failed test. */
export default class MutationRunner extends TestRunner {
  onCollectStart(file) {
    super.onCollectStart(file)
    // Stryker's setup file reports all coverage so far with every file: keep what is new, or it is counted many times
    for (const hits of Object.values(globalThis.__stryker__?.mutantCoverage ?? {}))
      for (const key of Object.keys(hits)) delete hits[key]
  }

  async importFile(path, source) {
    if (this.cancelRun && source === 'collect') return
    try {
      await super.importFile(path, source)
    } catch (error) {
      test('loads', () => {
        throw error
      })
    }
  }

  onCollected(files) {
    const visit = (task) => {
      const name = task.fullTestName ?? task.name
      if (task.name === 'loads') task.mode = task.file.mode = 'run'
      else if (task.type === 'test' && LONG.some((part) => name.includes(part))) task.mode = 'skip'
      task.tasks?.forEach(visit)
    }
    files.forEach(visit)
  }
}
