import { fileURLToPath } from 'node:url'
import * as ofRequests from '../src/received/refusals.ts'
import * as ofForms from '../src/s3/post/refusals.ts'
import { AWS_CODES } from '../src/verify/refuse.ts'
import { writeBlock } from '../test/support/docs/markdown.ts'

// Prints the table of refusals in docs/errors.md: npx tsx tools/refusals.ts

/** Returns the table. */
export function refusals(): string {
  const lines = Object.values({ ...ofRequests, ...ofForms })
    .filter((row) => Array.isArray(row))
    .map(([message, code = 'AUTH_MALFORMED', awsCode, status]) => {
      const codes = awsCode === undefined ? locations(message) : [awsCode]
      const shown = message.replace(/\{(?:claim|credential)\}/g, '').replaceAll('|', '\\|')
      return `| \`…_${code}\` | ${codes.map((each) => `\`${each}\``).join(', ')} | ${status ?? 400} | ${shown} |`
    })
  return ['| `code` | `awsCode` | `status` | `message` |', '| --- | --- | ---: | --- |', ...lines.sort()].join('\n')
}

/** Returns AWS's codes of a row that has none: the one of the location that its message belongs to, or all of them. */
function locations(message: string): string[] {
  const { header, query, form } = AWS_CODES
  if (message.startsWith('{credential}')) return [header, query, form]
  if (message.startsWith('{claim}')) return message.includes('SignedHeaders must') ? [header, query] : [header]
  return message.startsWith('X-Amz-Date') || message.startsWith('X-Amz-Algorithm') ? [query, form] : [query]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeBlock('docs/errors.md', 'refusals', refusals())
