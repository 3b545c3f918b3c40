import { chmodSync, readFileSync } from 'node:fs'
import { transform } from 'esbuild'
import { dts } from 'rollup-plugin-dts'
import { BOTH, MODULES } from './tools/entries.js'

// The published files: what signs or verifies as an ES module and as CommonJS, `./explain`, `./serve` and `./proxy` as ES
// modules, the files that entries share, the script for pages, and the declarations, written once. The CLI is an ES module
// that imports the files of the library.

/** Folders of `src` that several entries use. All others belong to one. */
const SHARED = ['core', 'crypto', 'async', 'forms', 'checksums', 'server']

const sources = (names) => Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]))

/** What both entries of tokens use. */
const TOKENS = /\/src\/tokens\/(?:recipe|services)\//

const shared = (folders) => (id) => {
  if (TOKENS.test(id)) return 'tokens'
  const [, folder] = /\/src\/(\w+)\//.exec(id) ?? []
  return folders.includes(folder) ? 'core' : undefined
}

/** Divides the shared modules in three, so that `./fetch` loads only what signs, and signing not what verifies or explains. */
const sharedCode = () => {
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
    if (/\/src\/cli\/(?:main|commands|program\/\w+)\.ts$/.test(id)) return 'main'
    // several entries load them, and they would be named after one of their files
    const [, entry] = /\/src\/(explain|serve|server|proxy|fetch|verify|credentials)\//.exec(id) ?? []
    if (entry) return entry
    if (TOKENS.test(id)) return 'tokens'
    if (!shared(SHARED)(id)) return undefined
    if (imports(/\/src\/fetch\.ts$/, modules).has(id)) return 'sign'
    return imports(/\/src\/(?:index|sync)\.ts$/, modules).has(id) ? 'core' : 'received'
  }
}

const typescript = {
  name: 'typescript',
  async transform(text) {
    const { code } = await transform(text, { loader: 'ts', target: 'es2020' })
    return { code, map: null }
  },
}

const executable = {
  name: 'executable',
  writeBundle: ({ dir }) => chmodSync(`${dir}/cli.js`, 0o755),
}

/** A minified script, with the version and the license. */
const script = {
  name: 'script',
  async renderChunk(code) {
    const { version, license } = JSON.parse(readFileSync('package.json', 'utf8'))
    const minified = await transform(code, { minify: true, target: 'es2020' })
    return { code: `/*! sigv4 ${version}, ${license} License */\n${minified.code}`, map: null }
  },
}

/** The page of `sigv4 debugger`, beside its script, which imports the files of the library. */
const page = {
  name: 'page',
  async generateBundle() {
    const { code } = await transform(readFileSync('debugger/style.css', 'utf8'), { loader: 'css', minify: true })
    this.emitFile({ type: 'asset', fileName: 'debugger.css', source: code })
    this.emitFile({ type: 'asset', fileName: 'debugger.html', source: readFileSync('debugger/index.html', 'utf8') })
  },
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

function output(format, extension, manualChunks) {
  return {
    dir: 'dist',
    format,
    exports: 'named',
    entryFileNames: `[name]${extension}`,
    chunkFileNames: ({ moduleIds }) =>
      `${moduleIds.every((id) => id.includes('/src/cli/')) ? 'cli' : 'shared'}-[name]${extension}`,
    manualChunks,
    onlyExplicitManualChunks: true,
    generatedCode: { preset: 'es2015', symbols: false },
    minifyInternalExports: false,
    externalLiveBindings: false,
    hoistTransitiveImports: false,
  }
}

export default [
  {
    input: { ...sources([...BOTH, ...MODULES, 'cli']), debugger: 'debugger/main.ts' },
    external: /^node:/,
    plugins: [typescript, executable, page],
    output: output('es', '.js', sharedCode()),
  },
  {
    input: sources(BOTH),
    external: /^node:/,
    plugins: [typescript],
    output: output('cjs', '.cjs', sharedCode()),
  },
  // for pages without a build: `<script>` defines the global `sigv4`
  {
    input: 'src/index.ts',
    plugins: [typescript, script],
    output: { file: 'dist/sigv4.global.js', format: 'iife', name: 'sigv4', generatedCode: 'es2015' },
  },
  // different types of the same name would be renamed in one file
  {
    input: sources(BOTH),
    plugins: [dts(), reexports],
    output: output('es', '.d.cts', shared(SHARED.filter((folder) => folder !== 'async'))),
  },
  // each on its own: declarations for CommonJS may not refer to those of an ES module
  ...MODULES.map((name) => ({
    input: sources([name]),
    plugins: [dts()],
    output: { dir: 'dist', entryFileNames: '[name].d.ts' },
  })),
]
