import { CERTAINTY } from '../../explain/wording.ts'
import { causeText, type Finding } from '../../explain.ts'
import type { Call } from '../program/command.ts'
import { wrap } from '../program/terminal.ts'

/** Width of the label column of a finding. */
const LABEL = 10

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

/** Prints the fix of a finding, then its evidence. `isUsual`: its fix, and so its origin, is the usual one of its cause. */
export function printDetails(call: Call, { cause, confidence, evidence, fix, trial }: Finding, isUsual: boolean): void {
  printRow(call, 'Fix', fix)
  if (trial !== undefined) printRow(call, 'Try', trial)
  if (confidence === 'possible') printRow(call, 'Check', causeText(cause).check)
  if (isUsual) printRow(call, 'Why', causeText(cause).happens)
  printRow(call, 'Evidence', evidence)
  printRow(call, 'Cause', `${cause} (${confidence})`)
}

/** Prints the fix of a cause that is only possible, and the way to confirm it first. */
export function printPossibleFix(call: Call, { cause, fix, trial }: Finding): void {
  printRow(call, 'If so', fix)
  printRow(call, 'Check', causeText(cause).check)
  if (trial !== undefined) printRow(call, 'Try', trial)
}

export function printFindings(call: Call, findings: readonly Finding[], usual: ReadonlySet<Finding>): void {
  for (const finding of findings) {
    call.print('\n')
    printTitle(call, `${CERTAINTY[finding.confidence]}: ${finding.message}`)
    call.print('\n')
    printDetails(call, finding, usual.has(finding))
  }
}

/** Prints findings without their details. */
export function printCandidates(call: Call, findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ cause }) => cause.length)) + 2
  for (const { cause, message } of findings)
    for (const [i, line] of wrap(message, call.width - width - 2).entries())
      call.print(`  ${call.paint('cyan', (i ? '' : cause).padEnd(width))}${line}\n`)
}

/** Prints problems and warnings of a request that may not have been sent. */
export function printWarnings(call: Call, warnings: readonly Finding[], of = ''): void {
  for (const { cause, confidence, message, fix } of warnings) {
    call.print('\n')
    printTitle(call, `${confidence === 'possible' ? 'Note' : 'Problem'}${of}: ${message}`)
    printRow(call, 'Fix', fix)
    printRow(call, 'Cause', cause)
  }
}
