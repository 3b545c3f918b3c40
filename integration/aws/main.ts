import { UsageError as ToolsUsageError } from '../../packages/sigv4-tools/src/cli/program/errors.ts'
import { isSigV4Error } from '../../src/credentials.ts'
import { UsageError } from './options.ts'
import { program } from './program.ts'

// Sends each kind of request to an S3 bucket on AWS, and prints a report: npm run aws -- --help

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    console.error('Interrupted. What was stored is being deleted; interrupt again to leave it.')
    controller.abort()
  })

try {
  process.exitCode = await program(process.argv.slice(2), {
    env: process.env,
    progress: (line) => console.error(line),
    print: (report) => console.log(report),
    signal: controller.signal,
  })
} catch (error) {
  const isExpected = error instanceof UsageError || error instanceof ToolsUsageError || isSigV4Error(error)
  console.error(isExpected ? (error as Error).message : error)
  process.exitCode = 2
}
