import type { Reporter, TestModule } from 'vitest/node'
import type {} from './roundtrip.ts'

const COLUMNS = ['server', 'version', 'cases', 'accepted', 'rejected', 'unlike S3']

/** Prints the number of cases per server: accepted and rejected as on S3, or with a known difference. */
export default class RoundTripReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, { version: string; accepted: number; rejected: number; differently: number }>()
    const notRun: string[] = []
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { roundTrip, notRun: absent } = test.meta()
        if (absent) notRun.push(`NOT RUN: ${absent.server} (${absent.reason})`)
        if (!roundTrip || !test.ok()) continue
        const { server, version, ended } = roundTrip
        const row = rows.get(server) ?? { version, accepted: 0, rejected: 0, differently: 0 }
        row[ended]++
        rows.set(server, row)
      }
    }
    if (rows.size + notRun.length === 0) return

    const lines = [...rows].map(([server, { version, accepted, rejected, differently }]) => [
      server,
      version,
      ...[accepted + rejected + differently, accepted, rejected, differently].map(String),
    ])
    console.log(`\nRound trip on real servers\n${table([COLUMNS, ...lines])}`)
    for (const line of notRun) console.log(`  ${line}`)
    console.log(`  ${rows.size} ${rows.size === 1 ? 'server' : 'servers'} run, ${notRun.length} not run\n`)
  }
}

function table(lines: string[][]): string {
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const pad = (cell: string, column: number) =>
    column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
  return lines.map((line) => `  ${line.map(pad).join('  ')}`).join('\n')
}
