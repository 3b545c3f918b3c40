import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBlock, writeBlock } from '../../test/support/docs/markdown.ts'
import { SERVERS } from '../../tools/servers.ts'
import { auditServer, createBucket } from '../servers/audit.ts'
import { ServerUnavailable } from '../servers/install.ts'
import { mergeRows, tableRow } from './table.ts'

// Installs, starts, audits and stops one server after the other, and writes the table in docs/suite.md.

const BUCKET = 'sigv4-audits'
const PAGE = 'docs/suite.md'

/** Audits the servers with these names, or all. `reports` is a folder for the complete results, which are not for publication. */
export async function auditServers(names: readonly string[], reports: string | undefined): Promise<void> {
  const unknown = names.find((name) => !SERVERS.some((server) => server.name === name))
  if (unknown !== undefined)
    throw new Error(`--servers must be ${[...new Set(SERVERS.map(({ name }) => name))].join(', ')}.`)
  process.env.ROUNDTRIP_SWIFT = '1'
  const rows: string[] = []
  let notRun = 0
  for (const server of SERVERS) {
    if (names.length > 0 && !names.includes(server.name)) continue
    const say = (text: string): void => console.log(`${server.name}: ${text}`)
    try {
      const running = await server.start(say)
      try {
        if (!server.args) await createBucket(running, BUCKET)
        const report = await auditServer(running, server.args ?? ['--bucket', BUCKET])
        if (report.stopped) throw new Error(`the audit stopped: ${report.stopped}`)
        rows.push(tableRow(server, running.version, new Date().toISOString().slice(0, 10), report))
        say(`${report.requests} requests`)
        if (reports === undefined) continue
        mkdirSync(reports, { recursive: true })
        const file = `${server.name.replace(/\W+/g, '-')}-${running.version}.json`
        writeFileSync(join(reports, file), JSON.stringify(report, null, 2), { mode: 0o600 })
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
