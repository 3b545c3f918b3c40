import { readFileSync } from 'node:fs'
import type { Evidence } from '../../src/explain/paste/parse.ts'

// What people paste, a file for each shape, and what is in it.

export interface Paste {
  readonly title: string
  readonly paste: string
  readonly expected: Omit<Evidence, 'items'>
  /** Kinds of items that must be among those that are recognized. */
  readonly kinds?: string[]
}

const read = (file: string): string => readFileSync(new URL(`../../fixtures/pastes/${file}`, import.meta.url), 'utf8')

const rows: (Omit<Paste, 'paste'> & { readonly file: string })[] = JSON.parse(read('expected.json'))

/** Every shape. */
export const PASTES: readonly Paste[] = rows.map(({ file, ...row }) => ({ ...row, paste: read(file) }))
