import { dts } from 'rollup-plugin-dts'
import { ENTRIES } from './tools/entries.js'
import { minified, output, SHARED, sharedCode, sharedTypes, typescript } from './tools/rollup.js'

// The published files of `sigv4`: each entry as an ES module and as CommonJS, the files that entries share, the script for
// pages, and the declarations, written once. packages/sigv4-tools/rollup.config.js builds the tools.

const input = Object.fromEntries(ENTRIES.map(({ name }) => [name, `src/${name}.ts`]))

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

export default [
  { input, plugins: [typescript], output: output('dist', 'es', '.js', sharedCode()) },
  { input, plugins: [typescript], output: output('dist', 'cjs', '.cjs', sharedCode()) },
  // for pages without a build: `<script>` defines the global `sigv4`
  {
    input: 'src/index.ts',
    plugins: [typescript, minified('package.json')],
    output: { file: 'dist/sigv4.global.js', format: 'iife', name: 'sigv4', generatedCode: 'es2015' },
  },
  // different types of the same name would be renamed in one file
  {
    input,
    plugins: [dts(), reexports],
    output: output('dist', 'es', '.d.cts', sharedTypes(SHARED.filter((folder) => folder !== 'async'))),
  },
]
