import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../test/support/packed.ts'

/** The result of a row; `reason` is that of a failure, or why it did not run. */
export interface Result {
  readonly name: string
  readonly result: 'ok' | 'failed' | 'not run'
  readonly requests: number
  readonly reason?: string
}

/** Everything in a report besides the version of the library. */
export interface Run {
  readonly server: string
  readonly region: string
  readonly results: readonly Result[]
  /** Requests before the rows and after them. */
  readonly otherRequests: number
  /** What was not deleted, in words; `undefined` if nothing is left. */
  readonly left: string | undefined
}

/** Formats the report as Markdown, to paste it into an issue. */
export function formatReport({ server, region, results, otherRequests, left }: Run): string {
  const count = (wanted: Result['result']) => results.filter(({ result }) => result === wanted).length
  const requests = results.reduce((sum, result) => sum + result.requests, otherRequests)
  const rows = results.map(({ name, result, requests, reason = '' }) => [name, result, String(requests), reason])
  return [
    `## sigv4 ${version()} with ${server}`,
    '',
    `- Commit: ${commit()}`,
    `- Node: ${process.version}`,
    `- Region: ${region}`,
    `- Date: ${new Date().toISOString().slice(0, 10)}`,
    `- Rows: ${count('ok')} ok, ${count('failed')} failed, ${count('not run')} not run`,
    `- Requests: ${requests}, of which ${otherRequests} to prepare and to clean up`,
    `- Clean-up: ${left ?? 'everything that was stored is deleted, and nothing is listed'}`,
    '',
    ...table(['row', 'result', 'requests', 'reason'], rows),
    '',
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

function version(): string {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version
}

/** The commit that runs, which may have been changed. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ', with changes')
  } catch {
    return 'unknown'
  }
}
