import { readFileSync } from 'node:fs'

// The entries of both packages: `exports` in their package.json is the list.

/** Returns each entry as it is exported, `./tokens/sync`, with the name of its source and its files. */
function entriesOf(manifest) {
  const { exports } = JSON.parse(readFileSync(new URL(manifest, import.meta.url), 'utf8'))
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([entry]) => ({ entry, name: entry === '.' ? 'index' : entry.slice(2).replaceAll('/', '-') }))
}

/** The entries of `sigv4`: ES modules and CommonJS. */
export const ENTRIES = entriesOf('../package.json')

/** The entries of `sigv4-tools`: ES modules. */
export const TOOLS = entriesOf('../packages/sigv4-tools/package.json')

const sourcesOf = (entries, manifest, folder) =>
  entries.map(({ entry, name }) => [entry.replace(/^\./, manifest), `${folder}/${name}.ts`])

/** The source of each entry of both packages, by specifier: `sigv4/sync`. */
export const SOURCES = Object.fromEntries([
  ...sourcesOf(ENTRIES, 'sigv4', 'src'),
  ...sourcesOf(TOOLS, 'sigv4-tools', 'packages/sigv4-tools/src'),
])

/** The specifiers of the entries that run in every runtime: `sigv4/sync`. */
export const PORTABLE = Object.keys(SOURCES).filter((specifier) => !/^sigv4-tools\/(?:serve|proxy)$/.test(specifier))
