import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

// npx tsx tools/pack.ts FOLDER [REPOSITORY] packs both packages and the aliases, after npm run build. REPOSITORY is the
// URL of the repository, without a slash at the end.
//
// The documentation is not part of the packages: links to it lead to the repository, or are plain text if it is unknown.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** The folder of each package, relative to the root. */
export const PACKAGES: readonly string[] = [
  '.',
  ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`),
]

/** What a page of a package may contain besides the text: links and images with relative addresses. */
const LINK = /!?\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s]+)\)/g

/** Replaces relative links in a Markdown page. */
export function withoutRelativeLinks(page: string, repository: string | undefined, tag: string, folder = '.'): string {
  return page.replace(LINK, (link, text: string, path: string) => {
    if (link.startsWith('!')) return ''
    if (path === 'LICENSE' || path === 'CHANGELOG.md') return link // part of each package
    if (repository === undefined) return text
    const { pathname, hash } = new URL(path, `https://repository/${folder}/`)
    return `[${text}](${repository}/blob/${tag}${pathname}${hash})`
  })
}

/** Copies what a package contains into a folder, from which npm packs it. */
export function stage(folder: string, into: string, root = ROOT, repository?: string): void {
  const from = join(root, folder)
  const { scripts, devDependencies, workspaces, ...manifest } = JSON.parse(
    readFileSync(join(from, 'package.json'), 'utf8'),
  )
  if (repository !== undefined) {
    const directory = folder === '.' ? undefined : folder
    manifest.repository = { type: 'git', url: `git+${repository}.git`, directory }
  }
  mkdirSync(into, { recursive: true })
  const files: string[] = manifest.files.filter((name: string) => !name.startsWith('!'))
  for (const name of new Set([...files, 'README.md', 'LICENSE'])) {
    const source = [join(from, name), join(root, name)].find(existsSync)
    if (source === undefined) throw new Error(`${name} is missing. Run npm run build.`)
    cpSync(source, join(into, name), { recursive: true })
    if (name.endsWith('.md') || name.endsWith('.txt')) {
      const page = readFileSync(source, 'utf8')
      const base = source === join(from, name) ? folder : '.'
      writeFileSync(join(into, name), withoutRelativeLinks(page, repository, `v${manifest.version}`, base))
    }
  }
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
}

/** A packed package: its tarball, and the paths in it. */
export interface Tarball {
  readonly tarball: string
  readonly files: readonly string[]
  readonly size: number
  readonly unpackedSize: number
  readonly integrity: string
}

/** Packs a staged package into its folder, or another one. */
export async function packStaged(staged: string, destination = staged): Promise<Tarball> {
  const options = ['--json', '--ignore-scripts', '--offline', '--pack-destination', destination]
  const { stdout } = await run('npm', ['pack', ...options], { cwd: staged })
  const [{ filename, files, size, unpackedSize, integrity }] = JSON.parse(stdout)
  const paths = files.map(({ path }: { path: string }) => path)
  return { tarball: join(destination, filename), files: paths, size, unpackedSize, integrity }
}

async function main(): Promise<void> {
  const [destination, repository] = process.argv.slice(2)
  if (destination === undefined) throw new Error('FOLDER is missing: npx tsx tools/pack.ts FOLDER [REPOSITORY]')
  mkdirSync(destination, { recursive: true })
  const temporary = mkdtempSync(join(tmpdir(), 'sigv4-pack-'))
  try {
    for (const folder of PACKAGES) {
      const staged = join(temporary, folder)
      stage(folder, staged, ROOT, repository)
      const { tarball, files, size, unpackedSize } = await packStaged(staged, resolve(destination))
      const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`
      console.log(`${tarball}: ${files.length} files, ${kB(size)} packed, ${kB(unpackedSize)} unpacked`)
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
