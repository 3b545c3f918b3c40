import { readBlock, writeBlock } from '../../test/support/docs/markdown.ts'
import { ServerUnavailable } from '../servers/install.ts'
import { PROJECTS } from './projects.ts'
import { runProject } from './run.ts'
import { mergeRows, summary, tableRow } from './table.ts'

// Runs the tests of other projects with our aliases, one project after the other, and writes the table in docs/testing.md.

const PAGE = 'docs/testing.md'

/** Runs the projects with these names, or all. Returns whether none of them passed fewer tests with our alias. */
export async function runOthers(names: readonly string[]): Promise<boolean> {
  const unknown = names.find((name) => !PROJECTS.some((project) => project.name === name))
  if (unknown !== undefined)
    throw new Error(`--projects must be ${PROJECTS.map(({ name }) => name).join(', ')} (got "${unknown}").`)
  let isSame = true
  for (const project of PROJECTS) {
    const { name } = project
    if (names.length > 0 && !names.includes(name)) continue
    try {
      const outcome = await runProject(project, (text) => console.log(`${name}: ${text}`))
      const row = tableRow(project, outcome)
      console.log(row)
      const { before, after } = outcome
      if (after.passed < before.passed || after.failed > before.failed) isSame = false
      writeTable([row])
    } catch (error) {
      isSame = false
      const { message } = error as Error
      console.log(`NOT RUN: ${name} (${error instanceof ServerUnavailable ? message.split('\n')[0] : message})`)
    }
  }
  console.log(`${summary(readBlock(PAGE, 'suites').split('\n\n').at(-1)!)} ${PAGE}`)
  return isSame
}

function writeTable(rows: readonly string[]): void {
  const table = mergeRows(readBlock(PAGE, 'suites').split('\n\n').at(-1)!, rows)
  writeBlock(PAGE, 'suites', `${summary(table)}\n\n${table}`)
}
