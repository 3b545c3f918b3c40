import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sign } from '../../src/sync.ts'
import { ServerUnavailable } from '../../test/servers/install.ts'
import type { RunningServer } from '../../test/servers/server.ts'
import { run } from '../../test/support/cli.ts'
import { readBlock, writeBlock } from '../../test/support/docs/markdown.ts'
import { SERVERS } from './servers.ts'
import { type AuditJson, mergeRows, tableRow } from './table.ts'

// Installs, starts, audits and stops one server after the other, and writes the table in docs/suite.md.

const BUCKET = 'sigv4-audits'
const PAGE = 'docs/suite.md'

/** Creates the bucket. Some servers respond before their storage does. */
async function createBucket({ endpoint, region, credentials }: RunningServer): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { url, ...request } = sign(
      { method: 'PUT', url: `${endpoint}/${BUCKET}` },
      { credentials, region, service: 's3' },
    )
    const response = await fetch(url, request)
    if (response.ok) return
    if (response.status !== 503 || attempt === 20)
      throw new Error(`no bucket: ${response.status} ${await response.text()}`)
    await sleep(500)
  }
}

/** Runs `sigv4 audit --json` with the default options, only faster. */
export async function auditServer(server: RunningServer, where: readonly string[]): Promise<AuditJson> {
  const { endpoint, region, credentials } = server
  const env = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }
  const args = ['audit', endpoint, ...where, '--region', region, '--rate', '200', '--json']
  const { stdout, stderr } = await run(args, { env })
  if (stdout === '' || stderr !== '') throw new Error(stderr)
  return JSON.parse(stdout) as AuditJson
}

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
        if (!server.args) await createBucket(running)
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
