import { start } from './src/cli/process.ts'
import { readOwn } from './test/support/own.ts'

// npx tsx packages/sigv4-tools/start.ts ARGUMENTS runs the command line from its sources, without a build.

start(readOwn)
