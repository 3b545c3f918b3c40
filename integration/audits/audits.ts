import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkReportFile } from '../../packages/sigv4-tools/src/cli/audit/file.ts'
import { UNKNOWN_VERSION } from '../../packages/sigv4-tools/src/cli/audit/private.ts'
import { readBlock, writeBlock } from '../../test/support/docs/markdown.ts'
import { SERVERS, type Server } from '../../tools/servers.ts'
import { auditServer, createBucket } from '../servers/audit.ts'
import { ServerUnavailable } from '../servers/install.ts'
import type { RunningServer } from '../servers/server.ts'
import { mergeRows, tableRow } from './table.ts'

// Installs, starts, audits and stops one server after the other, and writes the table in docs/suite.md.

const BUCKET = 'sigv4-audits'
const PAGE = 'docs/suite.md'

/**
 * Audits the servers with these names, or all. `reports` is a new folder for the complete results, as JSON and as a report for
 * the maintainers of each server, which are not for publication.
 */
export async function auditServers(names: readonly string[], reports: string | undefined): Promise<void> {
  const unknown = names.find((name) => !SERVERS.some((server) => server.name === name))
  if (unknown !== undefined)
    throw new Error(`--servers must be ${[...new Set(SERVERS.map(({ name }) => name))].join(', ')}.`)
  if (reports !== undefined) await createReports(reports)
  process.env.ROUNDTRIP_SWIFT = '1'
  const rows: string[] = []
  let notRun = 0
  for (const server of SERVERS) {
    if (names.length > 0 && !names.includes(server.name)) continue
    const say = (text: string): void => console.log(`${server.name}: ${text}`)
    try {
      const running = await server.start(say)
      try {
        rows.push(await auditRunning(server, running, say, reports))
      } finally {
        await running.stop()
      }
    } catch (error) {
      notRun++
      const { message } = error as Error
      console.log(`NOT RUN: ${server.name} (${error instanceof ServerUnavailable ? message.split('\n')[0] : message})`)
    }
  }
  writeBlock(PAGE, 'audits', mergeRows(readBlock(PAGE, 'audits'), rows, SERVERS))
  console.log(`${rows.length} servers audited, ${notRun} not run: ${PAGE}`)
}

/** Throws unless a folder is empty or new, and outside of git repositories: it is for what must not be published. */
export async function createReports(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (readdirSync(folder).length > 0) throw new Error('--reports must be a new folder, or an empty one.')
  await checkReportFile(join(folder, 'report'))
}

/** Audits a running server, and returns its row of the table. */
export async function auditRunning(
  server: Server,
  running: RunningServer,
  say: (text: string) => void,
  reports: string | undefined,
): Promise<string> {
  const { version } = running
  if (!server.args) await createBucket(running, BUCKET)
  const file = reports && join(reports, `${server.name.replace(/\W+/g, '-')}-${version}`)
  const report = await auditServer(running, server.args ?? ['--bucket', BUCKET], file && `${file}.md`)
  if (report.stopped) throw new Error(`the audit stopped: ${report.stopped}`)
  say(`${report.requests} requests`)
  if (file !== undefined) {
    writeFileSync(`${file}.json`, JSON.stringify(report, null, 2), { mode: 0o600 })
    const known = `- **Version and configuration**: ${server.name} ${version}, ${server.configuration}`
    writeFileSync(
      `${file}.md`,
      readFileSync(`${file}.md`, 'utf8').replace(UNKNOWN_VERSION, () => known),
    )
  }
  return tableRow(server, version, new Date().toISOString().slice(0, 10), report)
}
