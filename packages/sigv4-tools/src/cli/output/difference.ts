import { type DiffSegments, type Explanation, type Finding, highlightDiff } from '../../explain.ts'
import type { Call } from '../program/command.ts'
import { align, comparedValues, type Row } from './compare.ts'

// Prints differences: color and a line of carets mark the characters that differ.

/** Width from which two canonical requests are printed side by side. */
const WIDE = 100

/** Prints the difference between the canonical requests if both are known, otherwise between the values of a finding. */
export function printDifference(call: Call, finding: Finding, requests: Explanation['canonicalRequests']): void {
  if (requests) {
    printRequests(call, requests)
    return
  }
  const compared = comparedValues(finding)
  if (!compared) return
  call.print('\n')
  printPair(call, compared.labels, compared.values)
}

/** Prints two labeled values, each with a line that marks the difference. */
export function printPair(call: Call, labels: readonly [string, string], values: readonly [string, string]): void {
  const width = Math.max(...labels.map((label) => label.length)) + 2
  const segments = highlightDiff(...values)
  for (const [i, label] of labels.entries()) {
    const { text, carets } = marked(call, segments[i]!, call.width - width - 2)
    call.print(`  ${call.paint('dim', label.padEnd(width))}${text}\n${' '.repeat(width + 2)}${carets}\n`)
  }
}

/** A value cut to a width around its difference, and the carets below it, with their sizes in columns. */
interface Marked {
  readonly text: string
  readonly carets: string
  readonly size: number
  readonly caretSize: number
}

function marked(call: Call, { before, differs, after }: DiffSegments, width: number): Marked {
  const room = Math.max(width - 2, 10)
  const middle = differs.length > room ? `${differs.slice(0, room - 1)}…` : differs
  const rest = room - middle.length
  const most = Math.max(Math.min(before.length, rest), rest - after.length, 0)
  const left = before.length > most ? (most > 1 ? `…${before.slice(1 - most)}` : '') : before
  const space = rest - left.length
  const right = after.length > space ? (space > 1 ? `${after.slice(0, space - 1)}…` : '') : after
  return {
    text: left + (middle === '' ? '' : call.paint('red', middle)) + right,
    carets: `${' '.repeat(left.length)}${call.paint('red', '^'.repeat(Math.max(middle.length, 1)))}`,
    size: left.length + middle.length + right.length,
    caretSize: left.length + Math.max(middle.length, 1),
  }
}

function printRequests(call: Call, { client, service }: NonNullable<Explanation['canonicalRequests']>): void {
  const rows = align(client.split('\n'), service.split('\n'))
  const different = rows.filter(([one, other]) => one !== other)
  call.print(
    `\n  ${call.paint('dim', `The canonical requests differ in ${different.length} of ${rows.length} lines:`)}\n\n`,
  )
  if (call.width >= WIDE) {
    printColumns(call, rows)
    return
  }
  for (const [one, other] of different.slice(0, 8))
    printPair(call, ['Client', 'Service'], [one ?? '(no line)', other ?? '(no line)'])
  if (different.length > 8) call.print(`  ${call.paint('dim', `${different.length - 8} more lines`)}\n`)
}

/** Prints two canonical requests side by side, with carets below the lines that differ. */
function printColumns(call: Call, rows: readonly Row[]): void {
  const width = Math.floor((call.width - 6) / 2)
  const line = (left: string, size: number, right: string): void =>
    call.print(right === '' ? `  ${left}\n` : `  ${left}${' '.repeat(Math.max(width - size, 0) + 2)}${right}\n`)
  line(call.paint('bold', 'Client'), 'Client'.length, call.paint('bold', 'Service'))
  for (const [one = '', other = ''] of rows.slice(0, 60)) {
    const [left, right] = highlightDiff(one, other)
    if (one === other) {
      const text = left.before.length > width ? `${left.before.slice(0, width - 1)}…` : left.before
      line(call.paint('dim', text), text.length, call.paint('dim', text))
      continue
    }
    const mine = marked(call, left, width)
    const theirs = marked(call, right, width)
    line(mine.text, mine.size, theirs.text)
    line(mine.carets, mine.caretSize, theirs.carets)
  }
}
