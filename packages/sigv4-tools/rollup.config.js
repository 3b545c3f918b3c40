import { chmodSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dts } from 'rollup-plugin-dts'
import { TOOLS } from '../../tools/entries.js'
import { minified, output, pathOf, sharedCode, typescript } from '../../tools/rollup.js'
import { packSuite } from './build-suite.js'

// The published files of `sigv4-tools`: the command line, the entries, and the files that they share, minified, with
// everything of the library that they use; and the declarations.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const HERE = 'packages/sigv4-tools'
const DIST = `${ROOT}${HERE}/dist`
const source = (name) => `${ROOT}${HERE}/src/${name}.ts`
const NAMES = TOOLS.map(({ name }) => name)

const IS_TOOL = /^packages\/sigv4-tools\/src\//
const ofLibrary = sharedCode((path) => /^(?:packages\/sigv4-tools\/src\/(?:redaction|formats)|src\/trace)\//.test(path))

/** The rooms of the tools are a file each, and the library is divided as in its own package. */
const sharedTools = (id, modules) => {
  const path = pathOf(id)
  const inTools = path.replace(IS_TOOL, '')
  // the commands, which are loaded one by one, import it, and must not import the executable
  if (/^cli\/(?:main|commands|program\/\w+)\.ts$/.test(inTools)) return 'main'
  // every command uses its words, and few load the rest of its folder
  if (inTools === 'explain/wording.ts') return 'words'
  const [, room] = /^(serve|server|proxy|audit|explain(?!\/paste))\//.exec(inTools) ?? []
  if (room) return room
  if (path.startsWith('suite/')) return 'audit'
  if (path.startsWith('src/streams/')) return 'streams'
  return ofLibrary(id, modules)
}

const isCommandLine = (paths) => paths.every((path) => path.startsWith(`${HERE}/src/cli/`))

/** The command line, the file that `sigv4-tools copy` prints, and the tests of `sigv4-tools audit`. */
const executable = {
  name: 'executable',
  generateBundle() {
    const reference = readFileSync(`${ROOT}reference/sigv4.ts`, 'utf8')
    this.emitFile({ type: 'asset', fileName: 'reference.ts', source: reference })
    this.emitFile({ type: 'asset', fileName: 'suite.json.gz', source: packSuite() })
  },
  writeBundle: ({ dir }) => chmodSync(`${dir}/cli.js`, 0o755),
}

export default [
  {
    input: Object.fromEntries([...NAMES, 'cli'].map((name) => [name, source(name)])),
    external: /^node:/,
    plugins: [typescript, minified(`${HERE}/package.json`), executable],
    output: output(DIST, 'es', '.js', sharedTools, (paths) => (isCommandLine(paths) ? 'cli' : 'shared')),
  },
  ...NAMES.map((name) => ({
    input: { [name]: source(name) },
    external: /^node:/,
    plugins: [dts()],
    output: { dir: DIST, entryFileNames: '[name].d.ts' },
  })),
]
