import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBlock } from '../../test/support/docs/markdown.ts'
import { PROJECTS } from './projects.ts'
import { compareRequests, countTests } from './results.ts'
import { mergeRows, summary, tableRow } from './table.ts'

const [suite, other] = PROJECTS
const versions = ['1.13.2']
const outcome = { before: { passed: 5, failed: 1 }, after: { passed: 5, failed: 1 }, signatures: 7, versions }

describe('the counts of', () => {
  it.each([
    ['Jest', 'Test Suites: 1 failed, 1 total\nTests:       2 failed, 1 skipped, 5 passed, 8 total', 5, 2],
    ['vitest', ' Test Files  1 passed (1)\n      Tests  1 failed | 18 passed (19)', 18, 1],
    ['Mocha', '  11 passing (20ms)\n  2 failing\n', 11, 2],
    ['tape', '# tests 15\n# pass  14\n# fail  1', 14, 1],
    ['AVA', '\n  6 tests passed\n', 6, 0],
    ['tap', '    ok 1 - signs\n    not ok 2 - sends\n    1..2\nok 1 - file', 1, 1],
  ])('%s are read', (_, output, passed, failed) => {
    expect(countTests(output)).toEqual({ passed, failed })
  })

  it('a program that prints none are missing', () => {
    expect(countTests('Error: Cannot find module')).toBeUndefined()
  })
})

describe('requests of a driver', () => {
  const [first, second] = ['["request","GET"]', '["request","PUT"]']

  it('are compared in order, and missing ones fail', () => {
    expect(compareRequests(`${first}\n${second}\nlog`, first)).toEqual({
      before: { passed: 2, failed: 0 },
      after: { passed: 1, failed: 1 },
    })
  })

  it('must exist', () => {
    expect(() => compareRequests('Error', first)).toThrow('no request was printed')
  })
})

describe('the table', () => {
  it('says what proves nothing', () => {
    expect(tableRow(suite!, { ...outcome, signatures: 0 })).toContain('proves nothing')
    expect(tableRow(suite!, outcome)).not.toContain('proves nothing')
  })

  it('replaces rows of the same project, and omits those of other versions', () => {
    const old = tableRow(suite!, { ...outcome, signatures: 1 })
    const table = mergeRows(`${old.replace(/\| \w{8} \|/, '| 00000000 |')}\n${tableRow(other!, outcome)}`, [])
    expect(table.split('\n').slice(2)).toEqual([tableRow(other!, outcome)])
    const both = mergeRows(`${old}\n${tableRow(other!, outcome)}`, [tableRow(suite!, outcome)])
    expect(both.split('\n').slice(2)).toEqual([tableRow(suite!, outcome), tableRow(other!, outcome)])
    expect(summary(both)).toBe(
      '2 projects signed with our packages: 10 tests passed, 0 requests were the same, and 14 signatures were made.',
    )
  })

  it('in the documentation contains each project in its version', () => {
    const [sums, table] = readBlock('docs/testing.md', 'suites').split('\n\n')
    expect(mergeRows(table!, [])).toBe(table)
    expect(summary(table!)).toBe(sums)
    expect(table!.split('\n')).toHaveLength(PROJECTS.length + 2)
  })
})

it('every driver exists, and every project has its own name', () => {
  expect(new Set(PROJECTS.map(({ name }) => name)).size).toBe(PROJECTS.length)
  for (const project of PROJECTS)
    if ('driver' in project) expect(existsSync(join(import.meta.dirname, 'drivers', project.driver))).toBe(true)
})
