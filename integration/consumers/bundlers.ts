import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, version as esbuildVersion } from 'esbuild'
import { ASYNC, binary, type Consumer, HERE, node, project, read, SYNC, tool, version } from './projects.ts'

// Bundlers: each bundles and minifies a single import. The bundle is run and measured.

const CODE = `import { isSigV4Error } from 'sigv4'
console.log(isSigV4Error({ code: 'ERR_SIGV4_KEY_SCOPE' }))
`

/** The bundled programs, and their expected output. */
export const PROGRAMS: Record<string, string> = {
  'presignGet from sigv4': ASYNC,
  'presignGet from sigv4/sync': SYNC,
  'isSigV4Error from sigv4': CODE,
}

type Bundle = (folder: string, name: string) => Promise<void>

/** Bundles every program into `out/NAME/` of its project, and runs the bundles. */
function bundler(name: string, found: string, bundle: Bundle): Consumer {
  return {
    name,
    version: found,
    async run(folder) {
      const printed: string[] = []
      const sizes: Record<string, number> = {}
      for (const [i, [title, text]] of Object.entries(PROGRAMS).entries()) {
        const own = join(folder, String(i))
        project(own, { 'package.json': '{ "type": "module" }', 'use.js': text })
        await bundle(own, 'use.js')
        const [file, ...others] = read(join(own, 'out'), /\.[cm]?js$/)
        if (!file || others.length) throw new Error(`${title}: ${others.length + (file ? 1 : 0)} files`)
        printed.push(await node(own, [file.path]))
        sizes[title] = gzipSync(file.bytes, { level: 9 }).length
      }
      return { printed, sizes }
    },
  }
}

interface Rollup {
  rollup(options: object): Promise<{ write(options: object): Promise<unknown>; close(): Promise<void> }>
}

export const BUNDLERS: (() => Consumer)[] = [
  ...(['esm', 'cjs', 'iife'] as const).map(
    (format) => () =>
      bundler(`esbuild, ${format}`, esbuildVersion, async (folder, entry) => {
        await build({
          absWorkingDir: folder,
          entryPoints: [entry],
          outfile: join(folder, `out/use.${format === 'cjs' ? 'cjs' : 'js'}`),
          bundle: true,
          minify: true,
          format,
          target: 'es2022',
          logLevel: 'silent',
        })
      }),
  ),
  () =>
    bundler('Rollup', version('rollup'), async (folder, entry) => {
      const { rollup } = tool<Rollup>('rollup')
      const { nodeResolve } = tool<{ nodeResolve(): object }>('@rollup/plugin-node-resolve')
      const made = await rollup({ input: join(folder, entry), plugins: [nodeResolve()] })
      await made.write({ file: join(folder, 'bundled.js'), format: 'es' })
      await made.close()
      // It does not minify.
      await build({
        entryPoints: [join(folder, 'bundled.js')],
        outfile: join(folder, 'out/use.js'),
        minify: true,
        format: 'esm',
        target: 'es2022',
        logLevel: 'silent',
      })
    }),
  () =>
    bundler('webpack', version('webpack'), async (folder, entry) => {
      const options = {
        mode: 'production',
        target: 'web',
        context: folder,
        entry: `./${entry}`,
        output: { path: join(folder, 'out'), filename: 'use.js' },
      }
      const text = `require(${JSON.stringify(join(HERE, 'node_modules/webpack'))})(${JSON.stringify(options)}, (error, stats) => {
        if (!error && !stats.hasErrors()) return
        console.error(String(error || stats.toString()))
        process.exit(1)
      })`
      await node(folder, ['--input-type=commonjs', '--eval', text])
    }),
  () =>
    bundler('Vite', version('vite'), async (folder, entry) => {
      project(folder, {
        'index.html': `<!doctype html><script type="module" src="/${entry}"></script>`,
        // The polyfill requires a page, but Node runs the bundle.
        'vite.config.js': 'export default { build: { modulePreload: { polyfill: false } } }',
      })
      await node(folder, [binary('vite'), 'build', '--outDir', 'out', '--logLevel', 'warn'])
    }),
]
