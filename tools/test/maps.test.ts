import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MAPS, read } from '../../test/support/docs/markdown.ts'
import { ROOT } from '../../test/support/packed.ts'

// The maps of the repository name every folder, and nothing else.

const foldersIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'dist')
    .map(({ name }) => name)

const allFoldersIn = (folder: string): string[] =>
  foldersIn(folder).flatMap((name) => [
    name,
    ...allFoldersIn(posix.join(folder, name)).map((path) => posix.join(name, path)),
  ])

/** The cells of each row of the first table on a page. */
function rowsOf(markdown: string): string[][] {
  const [table = ''] = /(?:^\|.*\|$\n?)+/m.exec(markdown) ?? []
  const rows = table.trim().split('\n').slice(2)
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

/** The folders that the first table of a map names: in its first column, and in the others below one of those. */
function mapped(markdown: string): string[] {
  const named = (cell: string): string[] => [...cell.matchAll(/`([\w/-]+)\/`/g)].map(([, path]) => path!)
  return rowsOf(markdown).flatMap(([first = '', ...cells]) => {
    const folders = named(first)
    return [...folders, ...cells.flatMap(named).map((path) => posix.join(folders[0] ?? '', path))]
  })
}

describe.each(['src', 'packages/sigv4-tools/src'])('the map of %s', (folder) => {
  const map = read(`${folder}/README.md`)

  it('names every folder, and no other', () => {
    const folders = allFoldersIn(folder)
    expect(folders.length).toBeGreaterThan(20)
    expect(mapped(map).sort()).toEqual(folders.sort())
  })
})

describe('the index of integration', () => {
  const rows = rowsOf(read('integration/README.md')).map(([name = '', ...cells]) => ({
    name: /^\[`([\w-]+)\/`\]/.exec(name)?.[1] ?? name,
    cells,
  }))

  it('has a row for each folder', () => {
    expect(rows.map(({ name }) => name).sort()).toEqual(foldersIn('integration').sort())
  })

  it.each(rows)('has the description of $name', ({ name, cells: [purpose, needs] }) => {
    const folder = `integration/${name}`
    const manifest = JSON.parse(read(`${folder}/package.json`))
    expect(manifest).toMatchObject({ name: `integration-${name}`, private: true, description: purpose })
    expect(needs!.startsWith('own packages')).toBe(existsSync(join(ROOT, folder, 'package-lock.json')))
  })
})

describe.each(['fixtures', 'packages/sigv4-tools/fixtures'])('the table of %s', (folder) => {
  it('has a row for each folder', () => {
    const named = rowsOf(read(`${folder}/README.md`)).map(([name]) => /^`([\w-]+)\//.exec(name!)?.[1])
    expect([...new Set(named)].sort()).toEqual(foldersIn(folder).sort())
  })
})

it('a map names only files that exist, from the root or from its package', () => {
  const tops = readdirSync(ROOT).join('|').replaceAll('.', '\\.')
  const pattern = RegExp(`\`((?:${tops})/[\\w./-]+)\``, 'g')
  // fixtures name paths in other repositories, and the security policy tests, which its own test looks for
  const pages = MAPS.filter((page) => !/fixtures|SECURITY/.test(page))
  const missing = pages.flatMap((page) => {
    const bases = ['.', /^packages\/[\w-]+/.exec(page)?.[0] ?? '.']
    return [...read(page).matchAll(pattern)]
      .map(([, path]) => path!)
      .filter((path) => !bases.some((base) => existsSync(join(ROOT, base, path))))
      .map((path) => `${page}: ${path}`)
  })
  expect(pages.length).toBeGreaterThan(4)
  expect(missing).toEqual([])
})

it('no map is published', () => {
  const { publish } = JSON.parse(readFileSync(join(ROOT, 'jsr.json'), 'utf8'))
  expect(publish.exclude).toContain('src/README.md')
})
