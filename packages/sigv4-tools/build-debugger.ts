import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type BuildOptions, build, context } from 'esbuild'
import { marked } from 'marked'

// npx tsx packages/sigv4-tools/build-debugger.ts [FOLDER] writes the page: a folder for any static host, and debugger.html, one
// file that works from anywhere. With FILE.html, it writes that file alone. With --serve, it serves the page and reloads it when
// a source changes.

const HERE = fileURLToPath(new URL('./src/debugger/', import.meta.url))
const read = (name: string): string => readFileSync(join(HERE, name), 'utf8')

const SCRIPT: BuildOptions = {
  entryPoints: [join(HERE, 'main.ts')],
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  platform: 'browser',
  external: ['node:*'],
  legalComments: 'none',
  charset: 'utf8',
  banner: { js: '(function debuggerScript() {' },
  footer: { js: '})()' },
}

/** The page of causes, with an anchor for each heading and links to the examples. */
function causesPage(): string {
  const html = marked.parse(readFileSync(join(HERE, '../../../../docs/causes.md'), 'utf8'), { async: false })
  const anchored = html.replace(/<h2>([\w-]+)<\/h2>/g, '<h2 id="$1">$1</h2>')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>Causes of rejected signatures</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
<main>${anchored.replaceAll('../packages/sigv4-tools/src/debugger/index.html#', 'index.html#')}</main>
</body>
</html>
`
}

/** Puts the script and the style of the debugger page into it. Its policy allows only these, by their hashes. */
function inlinePage(page: string, script: string, style: string): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const code = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
  const parts: readonly (readonly [find: string, put: string])[] = [
    ['<meta name="causes" content="causes.html">\n', ''],
    ["script-src 'self'; style-src 'self'", `script-src ${hash(code)}; style-src ${hash(style)}`],
    ['<link rel="stylesheet" href="style.css">', `<style>${style}</style>`],
    ['<script src="debugger.js" defer></script>', `<script>${code}</script>`],
  ]
  return parts.reduce((text, [find, put]) => {
    if (!text.includes(find)) throw new Error(`index.html does not contain ${find}`)
    return text.replace(find, () => put)
  }, page)
}

/** Builds all files of the page, by name. */
export async function buildPage(): Promise<Record<string, string>> {
  const { outputFiles } = await build({ ...SCRIPT, write: false })
  const script = outputFiles[0]!.text
  const { outputFiles: styles } = await build({
    entryPoints: [join(HERE, 'style.css')],
    minify: true,
    write: false,
  })
  const style = styles[0]!.text
  return {
    'index.html': read('index.html'),
    'style.css': style,
    'debugger.js': script,
    'causes.html': causesPage(),
    'debugger.html': inlinePage(read('index.html'), script, style),
  }
}

/** The size of the page as a browser loads it. */
export function gzipSize(files: Record<string, string>): number {
  return ['index.html', 'style.css', 'debugger.js']
    .map((name) => gzipSync(files[name]!, { level: 9 }).length)
    .reduce((sum, size) => sum + size)
}

/** Serves the page with a live reload, for which it may connect to its own origin. */
async function serve(): Promise<void> {
  const started = await context({
    ...SCRIPT,
    entryPoints: ['main.ts', 'index.html', 'style.css'].map((name) => ({
      in: join(HERE, name),
      out: name === 'main.ts' ? 'debugger' : name.replace(/\.\w+$/, ''),
    })),
    minify: false,
    sourcemap: 'inline',
    outdir: join(HERE, 'dist'),
    write: false,
    loader: { '.html': 'copy' },
    banner: {
      js: "(function debuggerScript() {\nif (typeof document === 'object') new EventSource('/esbuild').addEventListener('change', () => location.reload())",
    },
    plugins: [
      {
        name: 'page',
        setup({ onLoad }) {
          onLoad({ filter: /index\.html$/ }, () => ({
            contents: read('index.html').replace("connect-src 'none'", "connect-src 'self'"),
            loader: 'copy',
          }))
        },
      },
    ],
  })
  await started.watch()
  const { port } = await started.serve({ servedir: join(HERE, 'dist'), host: '127.0.0.1' })
  console.log(`The debugger is at http://127.0.0.1:${port}/`)
}

async function main(): Promise<void> {
  if (process.argv.includes('--serve')) return serve()
  const folder = process.argv[2] ?? join(HERE, 'dist')
  const files = await buildPage()
  const isFile = folder.endsWith('.html')
  mkdirSync(isFile ? dirname(folder) : folder, { recursive: true })
  if (isFile) return writeFileSync(folder, files['debugger.html']!)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  console.log(`${folder}: ${(gzipSize(files) / 1000).toFixed(1)} kB gzip, and debugger.html, one file with all of it`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
