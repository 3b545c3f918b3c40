import { readFileSync } from 'node:fs'

// The entries of both packages: `exports` in their package.json is the list.

/** Returns each entry as it is exported, `./tokens/sync`, with the name of its source and its files, and whether it is CommonJS, too. */
function entriesOf(manifest) {
  const { exports } = JSON.parse(readFileSync(new URL(manifest, import.meta.url), 'utf8'))
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([entry, target]) => ({
      entry,
      name: entry === '.' ? 'index' : entry.slice(2).replaceAll('/', '-'),
      isBoth: 'require' in target,
    }))
}

/** The entries of `sigv4`. */
export const ENTRIES = entriesOf('../package.json')

const names = (isBoth) => ENTRIES.filter((each) => each.isBoth === isBoth).map(({ name }) => name)

/** Those in both formats, and those that are ES modules only. */
export const BOTH = names(true)
export const MODULES = names(false)

const TOOL_ENTRIES = entriesOf('../packages/sigv4-tools/package.json')

/** The entries of `sigv4-tools`, which are ES modules. */
export const TOOLS = TOOL_ENTRIES.map(({ name }) => name)

const sourcesOf = (entries, manifest, folder) =>
  entries.map(({ entry, name }) => [entry.replace(/^\./, manifest), `${folder}/${name}.ts`])

/** The source of each entry of both packages, by specifier: `sigv4/sync`. */
export const SOURCES = Object.fromEntries([
  ...sourcesOf(ENTRIES, 'sigv4', 'src'),
  ...sourcesOf(TOOL_ENTRIES, 'sigv4-tools', 'packages/sigv4-tools/src'),
])
