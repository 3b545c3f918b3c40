import type { Finding } from '../explain.ts'
import type { Call } from './command.ts'
import { wrap } from './terminal.ts'

const COLOURS = { proven: 'red', likely: 'bold', possible: 'dim' } as const

/** Prints findings below each other: cause, what is wrong, what to do. `said`: what stands above them already. */
export function printFindings(call: Call, findings: readonly Finding[], said = ''): void {
  const width = call.width - 2
  for (const { cause, confidence, message, fix } of findings) {
    call.print(`\n${call.paint(COLOURS[confidence], cause)} ${call.paint('dim', `(${confidence})`)}\n`)
    if (!said.includes(message)) for (const line of wrap(message, width)) call.print(`  ${line}\n`)
    for (const [i, line] of wrap(`Fix: ${fix}`, width).entries())
      call.print(`  ${i ? line : line.replace('Fix:', call.paint('green', 'Fix:'))}\n`)
  }
}
