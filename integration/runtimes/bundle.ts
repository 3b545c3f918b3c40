import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { type Packed, ROOT } from '../../test/support/packed.ts'
import { recorded } from './recorded.ts'

export const HERE = fileURLToPath(new URL('.', import.meta.url))

/** How a bundle loads the package: included, imported at run time, or from source. */
type Loading = 'inlined' | 'imported' | 'sources'

/** The files for the engines, in the folder where the package is installed. */
const BUNDLES: Record<string, { runner: string; loading: Loading; options: BuildOptions }> = {
  'files.mjs': { runner: 'shell', loading: 'imported', options: { format: 'esm' } },
  'files.cjs': { runner: 'shell', loading: 'imported', options: { format: 'cjs' } },
  'sources.mjs': { runner: 'shell', loading: 'sources', options: { format: 'esm' } },
  'shell.mjs': { runner: 'shell', loading: 'inlined', options: { format: 'esm' } },
  'script.js': { runner: 'shell', loading: 'inlined', options: { format: 'iife' } },
  'page.js': { runner: 'page', loading: 'inlined', options: { format: 'iife' } },
  'worker.js': { runner: 'workerd', loading: 'inlined', options: { format: 'esm' } },
  'lambda/index.js': {
    runner: 'lambda',
    loading: 'inlined',
    options: { format: 'cjs', platform: 'node', target: 'node20', minify: true },
  },
}

/** Writes the bundles, or some of them, and the files that they require. */
export async function bundle({ folder, entries }: Packed, only?: readonly string[]): Promise<void> {
  // A string, because swc does not parse a lone surrogate before a different escape.
  writeFileSync(join(folder, 'recorded.txt'), JSON.stringify(recorded()))
  for (const sources of ['src', 'packages/sigv4-tools/src'])
    cpSync(join(ROOT, sources), join(folder, sources), { recursive: true })
  mkdirSync(join(folder, 'lambda'), { recursive: true })
  writeFileSync(join(folder, 'lambda/package.json'), '{ "type": "commonjs" }')
  writeFileSync(join(folder, 'workerd.capnp'), CAPNP)
  const flags = 'compatibilityFlags = ["nodejs_compat"], compatibilityDate'
  writeFileSync(join(folder, 'workerd-node.capnp'), CAPNP.replace('compatibilityDate', flags))
  for (const [name, { runner, loading, options }] of Object.entries(BUNDLES)) {
    if (only && !only.includes(name)) continue
    await build({
      bundle: true,
      target: 'es2020',
      logLevel: 'error',
      ...options,
      entryPoints: [join(HERE, `runners/${runner}.ts`)],
      outfile: join(folder, name),
      plugins: [conformance(folder, entries, loading)],
    })
  }
  if (!only || only.includes('script.js')) lower(folder)
  if (!only) await bundleAlone(folder, entries)
}

/** Each entry separately, for the syntax check. */
async function bundleAlone(folder: string, entries: Packed['entries']): Promise<void> {
  for (const { specifier, name } of entries)
    await build({
      bundle: true,
      target: 'es2020',
      format: 'iife',
      globalName: 'entry',
      logLevel: 'error',
      stdin: { contents: `export * from '${specifier}'`, resolveDir: folder },
      outfile: join(folder, 'syntax', `${name.replace(/^\.\/?/, '') || 'index'}.js`),
    })
}

/** The module `conformance`: the suite with the entries. */
function conformance(folder: string, entries: Packed['entries'], loading: Loading): Plugin {
  return {
    name: 'conformance',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^conformance$/ }, () => ({ path: 'conformance', namespace: 'conformance' }))
      onLoad({ filter: /.*/, namespace: 'conformance' }, () => ({
        contents: `import { runSuite } from ${JSON.stringify(join(HERE, 'suite.ts'))}
import recorded from './recorded.txt'
${entries.map(({ specifier }, i) => `import * as entry${i} from '${specifier}'`).join('\n')}
export const run = () => runSuite({ ${entries.map(({ name }, i) => `'${name}': entry${i}`).join(', ')} }, JSON.parse(recorded))`,
        resolveDir: folder,
      }))
      onResolve({ filter: /^sigv4(?:-tools)?(?:\/|$)/ }, ({ path }) => {
        if (loading === 'inlined') return undefined
        if (loading === 'imported') return { path, external: true }
        const { source } = entries.find(({ specifier }) => specifier === path)!
        return { path: `./${source}`, external: true }
      })
    },
  }
}

/** Hermes 0.12 accepts one script, without classes, async arrow functions or block scopes in loops. */
function lower(folder: string): void {
  if (!existsSync(join(HERE, 'node_modules/@swc/core'))) return // For Hermes too.
  const require = createRequire(join(HERE, 'package.json'))
  const { transformFileSync } = require('@swc/core') as {
    transformFileSync(file: string, options: object): { code: string }
  }
  const { code } = transformFileSync(join(folder, 'script.js'), {
    swcrc: false,
    configFile: false,
    isModule: false,
    jsc: { target: 'es5', parser: { syntax: 'ecmascript' } },
  })
  writeFileSync(join(folder, 'es5.js'), code)
}

export const CAPNP = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-11-01"))]);
`
