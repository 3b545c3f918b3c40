import { execFile } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { notesOf, RELEASES, type Released, tagOf } from './version.mjs'

// npx tsx tools/pack.ts FOLDER [--release NAME] [--repository URL] packs both packages and the aliases, after npm run build.
// NAME is sigv4 (with its aliases) or sigv4-tools, to pack only that, and to write its release notes. URL has no slash at the end.
//
// The documentation is not part of the packages: links to it lead to the repository, or are plain text if it is unknown.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

/** The folder of each package, relative to the root. */
export const PACKAGES: readonly string[] = [
  '.',
  ...readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}`),
]

/** Returns what a package in a folder is released as: the aliases with `sigv4`. */
export function releaseOf(folder: string): Released {
  return folder === RELEASES['sigv4-tools'].folder ? 'sigv4-tools' : 'sigv4'
}

/** What a page of a package may contain besides text: links and images with relative addresses. */
const LINK = /(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s]+)\)/g
const PICTURE = /<picture>.*?<\/picture>\n*/gs
const SOURCE = /(?<=\bsrc(?:set)?=")(?!https?:)[^"]+/g

/** Replaces relative links and images in a Markdown page. Without a repository, images are removed. */
export function withoutRelativeLinks(page: string, repository: string | undefined, tag: string, folder = '.'): string {
  if (repository === undefined)
    return page.replace(PICTURE, '').replace(LINK, (link, image: string, text: string, path: string) => {
      const isPacked = path === 'LICENSE' || path === 'CHANGELOG.md'
      return image !== '' ? '' : isPacked ? link : text
    })
  const address = (kind: 'blob' | 'raw', path: string): string => {
    const { pathname, hash } = new URL(path, `https://repository/${path === 'LICENSE' ? '' : `${folder}/`}`)
    return `${repository}/${kind}/${tag}${pathname}${hash}`
  }
  return page
    .replace(SOURCE, (path) => address('raw', path))
    .replace(
      LINK,
      (_, image: string, text: string, path: string) =>
        `${image}[${text}](${address(image === '' ? 'blob' : 'raw', path)})`,
    )
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
      writeFileSync(
        join(into, name),
        withoutRelativeLinks(page, repository, tagOf(releaseOf(folder), manifest.version), base),
      )
    }
  }
  writeFileSync(join(into, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
  // npm packs the modes, which would otherwise depend on the umask
  for (const name of readdirSync(into, { recursive: true, encoding: 'utf8' })) {
    const { mode } = statSync(join(into, name))
    chmodSync(join(into, name), mode & 0o100 ? 0o755 : 0o644)
  }
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

/** Returns the section of the changelog about the version of a package. */
export function releaseNotes(release: Released, repository?: string): string {
  const { folder } = RELEASES[release]
  const { version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'))
  const notes = notesOf(release, version, (path) => readFileSync(join(ROOT, path), 'utf8'))
  return `${withoutRelativeLinks(notes, repository, tagOf(release, version), folder)}\n`
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { release: { type: 'string' }, repository: { type: 'string' } },
    allowPositionals: true,
  })
  const [destination] = positionals
  if (destination === undefined)
    throw new Error('FOLDER is missing: npx tsx tools/pack.ts FOLDER [--release NAME] [--repository URL]')
  const release = values.release as Released | undefined
  const folders = PACKAGES.filter((folder) => release === undefined || release === releaseOf(folder))
  if (folders.length === 0) throw new Error(`--release must be sigv4 or sigv4-tools (got "${release}")`)
  mkdirSync(destination, { recursive: true })
  const temporary = mkdtempSync(join(tmpdir(), 'sigv4-pack-'))
  try {
    for (const folder of folders) {
      const staged = join(temporary, folder)
      stage(folder, staged, ROOT, values.repository)
      const { tarball, files, size, unpackedSize } = await packStaged(staged, resolve(destination))
      const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`
      console.log(`${tarball}: ${files.length} files, ${kB(size)} packed, ${kB(unpackedSize)} unpacked`)
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
  if (release !== undefined) writeFileSync(join(destination, 'notes.md'), releaseNotes(release, values.repository))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
