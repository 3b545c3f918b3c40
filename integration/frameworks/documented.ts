import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KEY_ID, SECRET } from '../../test/support/credentials.ts'
import { fencesOf } from '../../test/support/docs/markdown.ts'
import { load } from '../../test/support/docs/run.ts'
import { ROOT } from '../../test/support/packed.ts'
import * as observed from './observed.ts'

// The code of the documentation, which the applications run.

const OPTIONS = {
  credentials: (id: string) => (id === KEY_ID ? SECRET : undefined),
  region: 'eu-west-1',
  service: 's3',
}

/** Returns the only example about verifying that contains a string. */
export function example(part: string): string {
  const found = fencesOf('docs/verifying.md').filter(({ code }) => code.includes(part))
  if (found.length !== 1) throw new Error(`${found.length} examples contain ${part}`)
  return found[0]!.code
}

/** The middleware for Hono, with the service of the cases. */
export function honoRecipe(): string {
  return replaced(readFileSync(join(ROOT, 'examples/recipes/hono.ts'), 'utf8'), "'orders'", "'s3'")
}

/** Replaces a part of an example, which must exist. */
export function replaced(code: string, part: string | RegExp, replacement: string): string {
  const changed = code.replace(part, () => replacement)
  if (changed === code) throw new Error(`an example does not contain ${part}`)
  return changed
}

/** Returns what an example declares under a name. `imports` replace its modules. */
export const declared = (code: string, name: string, imports: Record<string, object> = {}) =>
  load(code, name, { options: OPTIONS }, { 'sigv4/verify': observed, ...imports })
