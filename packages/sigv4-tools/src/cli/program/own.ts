import type { Call } from './command.ts'
import { usage } from './errors.ts'
import type { Terminal } from './terminal.ts'

/** Returns the version of this package. */
export function ownVersion({ readOwn }: Pick<Terminal, 'readOwn'>): string {
  return JSON.parse(readOwn('../package.json').toString()).version
}

/** Reads a file that the build puts next to the program. A clone without a build does not have it. */
export function readOwnFile({ terminal: { readOwn } }: Call, name: string, what: string): Buffer {
  try {
    return readOwn(name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return usage(`the file of ${what} is missing. Install the package again or, in a clone, use npm run build.`)
  }
}
