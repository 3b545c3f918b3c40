import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { succeed } from '../../packages/sigv4-tools/test/support/cli.ts'
import { MANY, runs } from '../../test/support/depth.ts'
import { fencesOf } from '../../test/support/docs/markdown.ts'
import { compareWithPackage } from '../../test/support/reference.ts'

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const file = read('reference/sigv4.ts')

describe('the reference', () => {
  it('signs random requests like the package', async () => {
    await compareWithPackage(runs(100, MANY), (one, other) => expect(one).toEqual(other))
  })

  it('has at most 200 lines', () => {
    expect(file.trimEnd().split('\n').length).toBeLessThanOrEqual(200)
  })

  it('imports nothing, and names no runtime', () => {
    expect(file).not.toMatch(/\bimport\b(?!Key)|\brequire\(|\bprocess\b|\bBuffer\b|\bDeno\b|\bBun\b/)
  })

  it('names the version and the license of the package in its head', () => {
    const { version, license } = JSON.parse(read('package.json'))
    const [title, , copyright] = read('LICENSE').split('\n')
    const [head = ''] = file.split('\n\n')
    expect(head).toContain(`// sigv4 ${version}, ${title}, ${copyright}\n`)
    expect(head).toContain(`// SPDX-License-Identifier: ${license}\n`)
  })

  it('is what the command prints', async () => {
    const readOwn = (name: string): string => (name === 'reference.ts' ? file : '')
    expect(await succeed(['copy'], { env: {}, readOwn })).toBe(file)
  })
})

describe('How signing works', () => {
  const PAGE = 'docs/how-it-works.md'
  // not `ts`: an excerpt is part of a file, which is compiled
  const excerpts = fencesOf(PAGE).filter(({ language }) => language === 'typescript')

  it('shows the reference as it is', () => {
    expect(excerpts.filter(({ code }) => !file.includes(`\n${code.trimEnd()}\n`)).map(({ where }) => where)).toEqual([])
  })

  it('shows each of its lines once', () => {
    const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '')
    const shown = excerpts.flatMap(({ code }) => lines(code))
    expect(shown.sort()).toEqual(lines(file.slice(file.indexOf('\n\n'))).sort())
  })
})
