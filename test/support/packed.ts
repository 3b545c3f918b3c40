import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PORTABLE, SOURCES } from '../../tools/entries.js'
import { packStaged, stage } from '../../tools/pack.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** By the name in `exports`; an entry of the tools by its specifier. */
const ENTRIES = PORTABLE.map((specifier) => ({
  name: specifier.replace(/^sigv4(?=\/|$)/, '.'),
  specifier,
  source: SOURCES[specifier]!,
}))

/** Folders with the sources of both packages. */
const SOURCE_FOLDERS = ['src', 'packages/sigv4-tools/src', 'reference', 'suite']

/** Files that the build reads in addition to the sources. */
const CONFIGURATION = [
  ...['package.json', 'tsconfig.json', 'rollup.config.js', 'tools/entries.js', 'tools/rollup.js'],
  ...['package.json', 'rollup.config.js', 'build-debugger.ts', 'build-suite.js'].map(
    (name) => `packages/sigv4-tools/${name}`,
  ),
]

const run = promisify(execFile)

/** The packed files of a package: their folder, the tarball, and the paths in it. */
export interface Files {
  stage: string
  tarball: string
  files: readonly string[]
  size: number
  unpackedSize: number
}

/** Both packages, installed in a temporary folder. */
export interface Packed extends Files {
  /** Contains both packages in `node_modules`, and nothing else. */
  folder: string
  tools: Files
  /** The entries that run everywhere: specifier, name, and source relative to the root. */
  entries: { specifier: string; name: string; source: string }[]
  remove(): void
}

/**
 * Packs and installs both packages, after building them in a temporary folder if the sources are newer.
 *
 * @param parent - Folder to create the temporary folder in.
 * @param extraFiles - Additional files in the folder of each package, which must not be packed.
 */
export async function pack(parent = tmpdir(), extraFiles: readonly string[] = []): Promise<Packed> {
  mkdirSync(parent, { recursive: true })
  const temporary = mkdtempSync(join(parent, 'sigv4-packed-'))
  const remove = (): void => rmSync(temporary, { recursive: true, force: true })
  try {
    const root = isFresh() ? ROOT : await build(join(temporary, 'built'))
    const packPackage = async (folder: string): Promise<Files> => {
      const staged = join(temporary, 'stage', folder)
      stage(folder, staged, root)
      for (const name of extraFiles) {
        mkdirSync(dirname(join(staged, name)), { recursive: true })
        writeFileSync(join(staged, name), '')
      }
      return { ...(await packStaged(staged, temporary)), stage: staged }
    }
    const tools = await packPackage('packages/sigv4-tools')
    const library = await packPackage('.')
    const folder = join(temporary, 'user')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund']
    await run('npm', ['install', ...options, library.tarball, tools.tarball], { cwd: folder })
    return { ...library, folder, tools, entries: ENTRIES, remove }
  } catch (error) {
    remove()
    throw error
  }
}

/** Builds both packages from a copy of the sources, and returns its folder. */
export async function build(folder: string): Promise<string> {
  mkdirSync(folder)
  const pages = ['docs/causes.md', 'README.md', 'LICENSE', 'CHANGELOG.md', 'llms.txt', 'packages']
  const isBuiltFrom = (path: string): boolean => !/\/packages\/[^/]+\/(?:dist|fixtures|test)$/.test(path)
  for (const name of [...SOURCE_FOLDERS, ...CONFIGURATION, ...pages])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true, filter: isBuiltFrom })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  await run('npm', ['run', '--silent', 'build', '--', '--silent'], { cwd: folder })
  return folder
}

type Conditions = { types: string; default: string }

interface Manifest {
  /** An entry in both formats, an entry that is an ES module, or a file. */
  exports: Record<string, { import: Conditions; require: Conditions } | Conditions | string>
  bin?: Record<string, string>
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Returns whether the build is complete and newer than the last change. */
function isFresh(): boolean {
  const built = ['.', 'packages/sigv4-tools'].flatMap((folder) => {
    const { exports, bin = {} } = readManifest(join(ROOT, folder))
    const files = Object.values(exports).flatMap((entry) => {
      if (typeof entry === 'string') return []
      return 'import' in entry
        ? [entry.import, entry.require].flatMap((each) => Object.values(each))
        : Object.values(entry)
    })
    return [...files, ...Object.values(bin)].map((file) => join(folder, file))
  })
  const times = (names: string[]): number[] => names.map((name) => statSync(join(ROOT, name)).mtimeMs)
  const sources = SOURCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  return (
    built.every((name) => existsSync(join(ROOT, name))) &&
    Math.min(...times(built)) >= Math.max(...times([...sources, ...CONFIGURATION]))
  )
}

/** Returns the files that an entry in a folder loads, and their size. */
export function filesOf(folder: string, file: string, found = new Map<string, number>()): Map<string, number> {
  if (found.has(file)) return found
  const text = readFileSync(join(folder, file), 'utf8')
  found.set(file, Buffer.byteLength(text))
  for (const [, name] of text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*["']\.\/([^"']+)["']/g))
    filesOf(folder, name!, found)
  return found
}
