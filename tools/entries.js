import { readFileSync } from 'node:fs'

// The entries of the package: `exports` in package.json is the list.

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** Each entry as it is exported, `./tokens/sync`, with the name of its source and its files, and whether it is CommonJS, too. */
export const ENTRIES = Object.entries(exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([entry, target]) => ({
    entry,
    name: entry === '.' ? 'index' : entry.slice(2).replaceAll('/', '-'),
    isBoth: 'require' in target,
  }))

const names = (isBoth) => ENTRIES.filter((each) => each.isBoth === isBoth).map(({ name }) => name)

/** The entries in both formats, and those that are ES modules only. */
export const BOTH = names(true)
export const MODULES = names(false)
