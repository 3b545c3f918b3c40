import { chmodSync, readFileSync } from 'node:fs'
import { transform } from 'esbuild'
import { dts } from 'rollup-plugin-dts'
import { BOTH, MODULES, TOOLS } from './tools/entries.js'

// The published files of both packages. `sigv4`: what signs or verifies as an ES module and as CommonJS, `./explain` as an
// ES module, the files that entries share, the script for pages, and the declarations, written once. `sigv4-tools`: the
// command line and the servers, minified, with everything of the library that they use.

/** Folders of `src` that several entries use. All others belong to one. */
const SHARED = ['core', 'crypto', 'async', 's3', 'received', 'redaction', 'checksums']

const sources = (names, folder = 'src') => Object.fromEntries(names.map((name) => [name, `${folder}/${name}.ts`]))

/** What both entries of tokens use. */
const TOKENS = /\/src\/tokens\/(?:recipe|services)\//

const shared = (folders) => (id) => {
  if (TOKENS.test(id)) return 'tokens'
  const [, folder] = /\/src\/(\w+)\//.exec(id) ?? []
  return folders.includes(folder) ? 'core' : undefined
}

/**
 * Divides the shared modules in three, so that `./fetch` loads only what signs, and signing not what verifies or explains.
 * A session is created by entries that sign.
 */
const sharedCode = (isTools) => {
  const imports = (pattern, { getModuleIds, getModuleInfo }) => {
    const found = new Set()
    const add = (id) => {
      if (found.has(id)) return
      found.add(id)
      for (const imported of getModuleInfo(id).importedIds) add(imported)
    }
    for (const id of getModuleIds()) if (pattern.test(id)) add(id)
    return found
  }
  return (id, modules) => {
    // the commands, which are loaded one by one, import it, and must not import the executable
    if (/\/cli\/(?:main|commands|program\/\w+)\.ts$/.test(id)) return 'main'
    // every command uses its words, and few load the rest of its folder
    if (isTools && /\/explain\/wording\.ts$/.test(id)) return 'words'
    // several entries load them, and they would be named after one of their files
    const [, room] =
      /\/src\/(?:programs\/)?(explain|serve|server|proxy|suite|fetch|verify|credentials)\//.exec(id) ?? []
    if (room) return room
    if (TOKENS.test(id)) return 'tokens'
    if (!shared(SHARED)(id)) return undefined
    if (imports(/\/src\/(?:fetch|s3\/create-session)\.ts$/, modules).has(id)) return 'sign'
    return imports(/\/src\/(?:index|sync)\.ts$/, modules).has(id) ? 'core' : 'received'
  }
}

const typescript = {
  name: 'typescript',
  async transform(text) {
    const { code } = await transform(text, { loader: 'ts', target: 'es2020', charset: 'utf8' })
    return { code, map: null }
  },
}

/** Minifies a file, and puts a line about the version and the license above it. */
const minified = {
  name: 'minified',
  async renderChunk(code, { fileName }) {
    const { version, license } = JSON.parse(readFileSync('package.json', 'utf8'))
    const [, shebang = ''] = /^(#!.*\n)/.exec(code) ?? []
    const text = code.slice(shebang.length)
    // a page may declare a different encoding
    const options = fileName.endsWith('.global.js') ? { target: 'es2020' } : { target: 'es2022', charset: 'utf8' }
    const result = await transform(text, { minify: true, legalComments: 'none', ...options })
    return { code: `${shebang}/*! sigv4 ${version}, ${license} License */\n${result.code}`, map: null }
  },
}

/** The command line, and the file that `sigv4 copy` prints. */
const executable = {
  name: 'executable',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'reference.ts', source: readFileSync('reference/sigv4.ts', 'utf8') })
  },
  writeBundle: ({ dir }) => chmodSync(`${dir}/cli.js`, 0o755),
}

/** Declarations for `import`: those for `require`, which TypeScript does not allow an ES module to re-export. */
const reexports = {
  name: 'reexports',
  generateBundle(_, bundle) {
    for (const { isEntry, name, exports } of Object.values(bundle)) {
      if (!isEntry) continue
      const lines = [`export * from './${name}.cjs'`]
      // TypeScript treats a complete CommonJS module as its default export here
      if (exports.includes('default')) lines.push(`import cjs = require('./${name}.cjs')`, 'export default cjs.default')
      this.emitFile({ type: 'asset', fileName: `${name}.d.ts`, source: `${lines.join('\n')}\n` })
    }
  },
}

function output(format, extension, manualChunks, dir = 'dist') {
  return {
    dir,
    format,
    exports: 'named',
    entryFileNames: `[name]${extension}`,
    chunkFileNames: ({ moduleIds }) =>
      `${moduleIds.every((id) => id.includes('/programs/cli/')) ? 'cli' : 'shared'}-[name]${extension}`,
    manualChunks,
    onlyExplicitManualChunks: true,
    generatedCode: { preset: 'es2015', symbols: false },
    minifyInternalExports: false,
    externalLiveBindings: false,
    hoistTransitiveImports: false,
  }
}

const PROGRAMS = 'packages/sigv4-tools/src'
const TOOLS_DIST = 'packages/sigv4-tools/dist'

/** Each on its own: declarations for CommonJS may not refer to those of an ES module. */
const declarations = (names, folder, dir) =>
  names.map((name) => ({
    input: sources([name], folder),
    external: /^node:/,
    plugins: [dts()],
    output: { dir, entryFileNames: '[name].d.ts' },
  }))

export default [
  {
    input: sources([...BOTH, ...MODULES]),
    plugins: [typescript],
    output: output('es', '.js', sharedCode(false)),
  },
  {
    input: sources(BOTH),
    plugins: [typescript],
    output: output('cjs', '.cjs', sharedCode(false)),
  },
  // for pages without a build: `<script>` defines the global `sigv4`
  {
    input: 'src/index.ts',
    plugins: [typescript, minified],
    output: { file: 'dist/sigv4.global.js', format: 'iife', name: 'sigv4', generatedCode: 'es2015' },
  },
  // different types of the same name would be renamed in one file
  {
    input: sources(BOTH),
    plugins: [dts(), reexports],
    output: output('es', '.d.cts', shared(SHARED.filter((folder) => folder !== 'async'))),
  },
  ...declarations(MODULES, 'src', 'dist'),
  {
    input: sources([...TOOLS, 'cli'], PROGRAMS),
    external: /^node:/,
    plugins: [typescript, minified, executable],
    output: output('es', '.js', sharedCode(true), TOOLS_DIST),
  },
  ...declarations(TOOLS, PROGRAMS, TOOLS_DIST),
]
