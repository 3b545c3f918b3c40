import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { read } from '../../test/support/docs/markdown.ts'
import { ROOT } from '../../test/support/packed.ts'
import { LANDING_PACKAGES, PARTS, partOf } from '../parts.ts'

// Every test is run: by the lane that its name determines, and by one part of `npm run test:all`.

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)))

it('each file of tests belongs to a part of all tests', () => {
  expect(files.length).toBeGreaterThan(200)
  expect(files.filter((file) => partOf(file) === undefined)).toEqual([])
  expect(partOf('packages/sigv4-tools/test/explain/a.test.ts')?.name).toBe('explain')
  expect(partOf('packages/sigv4-tools/test/serve/a.test.ts')?.name).toBe('tools')
})

it('the end of its name is that of a lane', () => {
  const ends = new Set(files.map((file) => /\.[a-z]+\.test\.ts$/.exec(file)?.[0] ?? '.test.ts'))
  expect([...ends].sort()).toEqual(['.landing.test.ts', '.nightly.test.ts', '.test.ts'])
})

describe.each(PARTS)('the part $name', ({ name, folders = [], packages = [], steps = [] }) => {
  it('has folders with tests, or a command', () => {
    for (const folder of folders)
      expect(
        files.filter((file) => file.startsWith(`${folder}/`)),
        folder,
      ).not.toEqual([])
    expect(folders.length + steps.length).toBeGreaterThan(0)
    for (const folder of packages) expect(existsSync(join(ROOT, folder, 'package-lock.json')), folder).toBe(true)
  })

  // figures are compared before a release only, so that no improvement fails
  it.runIf(name !== 'figures')('runs at night', () => {
    const [, list = ''] = /^ +part:([^:]*)^ +\w+:/m.exec(read('.github/workflows/nightly.yml'))!
    expect(list.match(/[a-z]+/g)).toContain(name)
  })
})

it('the packages of each landing exist', () => {
  for (const folder of LANDING_PACKAGES) expect(existsSync(join(ROOT, folder, 'package-lock.json')), folder).toBe(true)
})
