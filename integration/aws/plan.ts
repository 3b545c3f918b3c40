import { createInterface } from 'node:readline/promises'
import { type Options, UsageError } from './options.ts'

/** Describes what the program will do, and what it costs. */
export function describePlan(options: Options, rows: number): string {
  const { bucket, region, endpoint, express, accessPoint, multiRegion, otherRegionBucket, services } = options
  const more = [
    accessPoint && `  The same with one object through the access point ${accessPoint}.`,
    express && `  The same with one object in the directory bucket ${express}.`,
    multiRegion && `  The same with one object through ${multiRegion}.`,
    otherRegionBucket && `  Lists at most one key of ${otherRegionBucket}.`,
    services && '  Sends GetCallerIdentity to STS, and ListTables to DynamoDB.',
  ].filter((line) => typeof line === 'string')
  return [
    `${rows} rows, with the bucket ${bucket} (${region}) of ${endpoint ?? 'AWS'}:`,
    '  Stores about 80 objects below sigv4-aws-…/, together less than 20 MB, and deletes them at the end, also after Ctrl-C.',
    '  Sends about 300 requests, some of which must be rejected. On AWS, they cost less than a cent.',
    ...more,
    '',
  ].join('\n')
}

/** Asks on a terminal whether to continue; without a terminal, `--yes` is required. */
export async function confirm({ yes }: Options): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY) throw new UsageError('Without a terminal to ask on, --yes is required.')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(?:es)?$/i.test((await terminal.question('Continue? [y/N] ')).trim())
  } finally {
    terminal.close()
  }
}
