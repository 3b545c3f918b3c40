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

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What a package may contain apart from the build. */
const SHIPPED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'llms.txt', 'docs', 'reference', '.github']

/** Files that the build reads in addition to the sources and the manifest. */
const CONFIGURATION = ['debugger', 'tsconfig.json', 'rollup.config.js', 'tools/entries.js']

const run = promisify(execFile)

/** The installed package, in a temporary folder. */
export interface Packed {
  /** Contains the package in `node_modules`, and nothing else. */
  folder: string
  /** The files that were packed: their folder, the tarball, and the paths in it. */
  stage: string
  tarball: string
  files: string[]
  /** The entries for all engines: specifier, name in `exports`, and source relative to the root. */
  entries: { specifier: string; name: string; source: string }[]
  remove(): void
}

/**
 * Packs and installs the build, after building it in a temporary folder if the sources are newer.
 *
 * @param parent - Folder to create the temporary folder in.
 * @param extraFiles - Additional files in the package's folder, which must not be packed.
 */
export async function pack(parent = tmpdir(), extraFiles: readonly string[] = []): Promise<Packed> {
  mkdirSync(parent, { recursive: true })
  const temporary = mkdtempSync(join(parent, 'sigv4-packed-'))
  const remove = (): void => rmSync(temporary, { recursive: true, force: true })
  try {
    const stage = join(temporary, 'stage')
    mkdirSync(stage)
    for (const name of SHIPPED) cpSync(join(ROOT, name), join(stage, name), { recursive: true })
    if (isFresh()) cpSync(join(ROOT, 'dist'), join(stage, 'dist'), { recursive: true })
    else {
      for (const name of ['src', ...CONFIGURATION]) cpSync(join(ROOT, name), join(stage, name), { recursive: true })
      symlinkSync(join(ROOT, 'node_modules'), join(stage, 'node_modules'))
      await run(process.execPath, [join(ROOT, 'node_modules/rollup/dist/bin/rollup'), '-c', '--silent'], { cwd: stage })
    }
    for (const name of extraFiles) {
      mkdirSync(dirname(join(stage, name)), { recursive: true })
      writeFileSync(join(stage, name), '')
    }
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--offline'], { cwd: stage })
    const [{ filename, files }] = JSON.parse(stdout)
    const tarball = join(stage, filename)
    const folder = join(temporary, 'user')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', tarball], { cwd: folder })
    const paths = files.map(({ path }: { path: string }) => path)
    return { folder, stage, tarball, files: paths, entries: entriesOf(folder), remove }
  } catch (error) {
    remove()
    throw error
  }
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

/** Returns the sources of the entries, relative to the root. */
export function entrySources(): string[] {
  return Object.values(readManifest(ROOT).exports).flatMap((entry) => {
    if (typeof entry === 'string') return []
    const { default: file } = 'import' in entry ? entry.import : entry
    return file.replace(/^\.\/dist\/([\w-]+)\.js$/, 'src/$1.ts')
  })
}

/** Returns whether `dist` is complete and newer than the last change. */
function isFresh(): boolean {
  const { exports, bin = {} } = readManifest(ROOT)
  const built = Object.values(exports).flatMap((entry) => {
    if (typeof entry === 'string') return []
    return 'import' in entry
      ? [entry.import, entry.require].flatMap((each) => Object.values(each))
      : Object.values(entry)
  })
  built.push(...Object.values(bin))
  const times = (names: string[]): number[] => names.map((name) => statSync(join(ROOT, name)).mtimeMs)
  const sources = ['src', 'debugger'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  return (
    built.every((name) => existsSync(join(ROOT, name))) &&
    Math.min(...times(built)) >= Math.max(...times([...sources, 'package.json', ...CONFIGURATION]))
  )
}

function entriesOf(folder: string): Packed['entries'] {
  const { exports } = readManifest(join(folder, 'node_modules/sigv4'))
  return Object.entries(exports).flatMap(([name, entry]) => {
    if (typeof entry === 'string' || ['./serve', './proxy'].includes(name)) return [] // Servers require the modules of Node.
    const { default: file } = 'import' in entry ? entry.import : entry
    const built = file.replace(/^\.\/dist\/|\.js$/g, '')
    return [{ name, specifier: name.replace(/^\./, 'sigv4'), source: `src/${built}.ts` }]
  })
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
