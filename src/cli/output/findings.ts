import { causeText, type Finding } from '../../explain.ts'
import type { Call } from '../program/command.ts'
import { wrap } from '../program/terminal.ts'

const TITLES = { proven: 'Proven', likely: 'Most likely', possible: 'Possible cause' } as const

/** Width of the label column of a finding. */
const LABEL = 10

/** Prints a labeled paragraph. */
export function printRow(call: Call, label: string, text: string): void {
  const style = label === 'Fix' || label === 'Next' ? 'green' : 'dim'
  for (const [i, line] of wrap(text, call.width - LABEL).entries())
    call.print(`${call.paint(style, (i ? '' : label).padEnd(LABEL))}${line}\n`)
}

/** Prints a command in one line, so that it can be copied. It starts further left if it is long. */
export function printCommand(call: Call, command: string): void {
  call.print(`${' '.repeat(LABEL + command.length > call.width ? 2 : LABEL)}${command}\n`)
}

/** Prints a paragraph in bold. */
export function printTitle(call: Call, text: string): void {
  for (const line of wrap(text, call.width)) call.print(`${call.paint('bold', line)}\n`)
}

/** Prints the cause of a finding, its explanation, evidence and fix. */
export function printDetails(call: Call, { cause, confidence, evidence, fix }: Finding): void {
  printRow(call, 'Cause', `${cause} (${confidence})`)
  const { happens, check } = causeText(cause)
  printRow(call, 'Why', happens)
  printRow(call, 'Evidence', evidence)
  if (confidence === 'possible') printRow(call, 'Check', check)
  printRow(call, 'Fix', fix)
}

/** Prints a list of findings. */
export function printFindings(call: Call, findings: readonly Finding[]): void {
  for (const finding of findings) {
    call.print('\n')
    printTitle(call, `${TITLES[finding.confidence]}: ${finding.message}`)
    call.print('\n')
    printDetails(call, finding)
  }
}

/** Prints problems and warnings of a request that may not have been sent. */
export function printWarnings(call: Call, warnings: readonly Finding[]): void {
  for (const { cause, confidence, message, fix } of warnings) {
    call.print('\n')
    printTitle(call, `${confidence === 'possible' ? 'Note' : 'Problem'}: ${message}`)
    printRow(call, 'Cause', cause)
    printRow(call, 'Fix', fix)
  }
}
