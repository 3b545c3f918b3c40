import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from './packed.ts'

const trees = new Map<string, ts.SourceFile>()

/** Returns the syntax tree of a source file, which tests of one worker parse once. */
export function treeOf(file: string): ts.SourceFile {
  const known = trees.get(file)
  if (known) return known
  const tree = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true)
  trees.set(file, tree)
  return tree
}
