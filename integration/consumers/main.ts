import { install, missing, startConsumers, table } from './consumers.ts'

// `npx tsx integration/consumers/main.ts`: builds and runs a project with each tool, and prints the bundle sizes.

async function main(): Promise<void> {
  const absent = missing()
  if (absent) {
    console.log(`NOT RUN: consumers (${absent})`)
    process.exitCode = process.env.CI ? 1 : 0
    return
  }
  const packed = await install()
  try {
    const results = await Promise.all(startConsumers(packed))
    console.log(table(results))
    const failed = results.filter(({ problem }) => problem !== undefined)
    for (const { name, problem } of failed) console.log(`FAILED: ${name}: ${problem}`)
    console.log(`${results.length - failed.length} passed, ${failed.length} failed, 0 skipped`)
    process.exitCode = failed.length ? 1 : 0
  } finally {
    packed.remove()
  }
}

main()
