import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ROOT } from '../../test/support/packed.ts'
import { examplesOf, programsOf, run } from './programs.ts'
import { comparable, missing, NOW, type Row, type Signed } from './rows.ts'

// Every row and every program of the migration guides is run on both sides, with the same credentials and clock.

const absent = missing()
const FOLDER = join(ROOT, 'docs/migrating')
const GUIDES = [...readdirSync(FOLDER), '../aws4.md'].map((file) => ({
  file: basename(file),
  page: readFileSync(join(FOLDER, file), 'utf8'),
}))

const rowsOf = async (file: string): Promise<Row[]> => {
  const name = file.replace(/^from-|\.md$/g, '')
  return absent ? [] : (await import(`./guides/${name}.ts`)).rows()
}
const guides = await Promise.all(GUIDES.map(async (guide) => ({ ...guide, rows: await rowsOf(guide.file) })))

/** The first cells of the rows of all tables of options, which have a column of notes. */
const firstCells = (page: string): string[] =>
  [...page.matchAll(/^\|.* \| Note +\|\n\| -.*\n((?:\|.*\n)+)/gm)].flatMap(([, rows]) =>
    rows!
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' | ')[0]!.slice(1).trim()),
  )

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})

afterEach(() => {
  vi.useRealTimers()
})

it.skipIf(absent && !process.env.CI)('the other packages are installed', () => {
  expect(absent, 'what to install').toBeUndefined()
})

describe.skipIf(absent).each(guides)('$file', ({ page, rows }) => {
  it('has the rows that are run here', () => {
    expect(firstCells(page)).toEqual(rows.map(([option]) => option))
  })

  it.each(rows)('signs the same for %s', async (_, theirs, ours) => {
    const before = await theirs()
    const after = await ours(before as never)
    const list = (signed: unknown): object[] => [signed].flat().map((one) => comparable(one as Signed))
    expect(list(after)).toEqual(list(before))
  })

  const programs = programsOf(page)
  const examples = examplesOf(page)
  it('has a program', () => {
    expect([...programs, ...examples]).not.toEqual([])
  })

  it.each(programs)('sends the same requests before and after the change: program %#', async ({ before, after }) => {
    const sent = await run(before)
    expect(sent).toHaveLength(1)
    expect(await run(after)).toEqual(sent)
  })

  // where the other side does not run in Node
  it.runIf(programs.length === 0).each(examples)('sends a valid request after the change: example %#', async (code) => {
    expect(await run(code)).toHaveLength(1)
  })
})
