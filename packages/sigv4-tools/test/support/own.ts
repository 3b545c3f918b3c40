import { readFileSync } from 'node:fs'
import { packSuite } from '../../build-suite.js'

const REFERENCE = new URL('../../../../reference/sigv4.ts', import.meta.url)
const SOURCES = new URL('../../src/', import.meta.url)

let packed: Buffer | undefined

/** Reads a file of the package, without a build. The page of the debugger is built only by `npm run build`. */
export function readOwn(name: string): Buffer {
  if (name === 'suite.json.gz') {
    packed ??= packSuite()
    return packed
  }
  return readFileSync(name === 'reference.ts' ? REFERENCE : new URL(name, SOURCES))
}
