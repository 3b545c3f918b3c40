import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { ROOT } from './support/packed.ts'
import { treeOf } from './support/tree.ts'

// The size of the code by folder, in tokens: unlike lines, they do not depend on how it is written. A ceiling is raised
// only in the commit that exceeds it, with a reason, and lowered when code goes.

const CEILINGS: Readonly<Record<string, number>> = {
  'packages/sigv4-tools/src/explain': 9_060, // what was not tried, fixes that depend on the direction, and secrets hidden by name
  'packages/sigv4-tools/src/explain/case': 2_070, // credentials that are swapped themselves, and limits that are counted
  'packages/sigv4-tools/src/explain/compare': 5_340, // payload hashes by direction, repeated headers, and what looks like a placeholder and is not
  'packages/sigv4-tools/src/explain/faults': 8_580, // what servers do not support, quoted headers, API Gateway, and bodies that CloudFront signs
  'packages/sigv4-tools/src/explain/model': 2_540, // one row for each cause
  'packages/sigv4-tools/src/explain/request': 3_720, // lists of signed headers
  'packages/sigv4-tools/src/explain/response': 3_130, // errors that were cut off
  'packages/sigv4-tools/src/explain/search': 18_220, // mistakes in assembling strings, what the client's strings and hashes prove, told values together, and paths as for S3
  'packages/sigv4-tools/src/explain/told': 2_840, // values of errors, lost headers, logins, and times that were cut off
  'packages/sigv4-tools/src/explain/traces': 4_390, // methods of operations, what changes in transit, what a proxy received, and who signed
  'packages/sigv4-tools/src/explain/paste': 930, // the context, and a signature that no reader takes for one
  'packages/sigv4-tools/src/explain/paste/clean': 3_040, // what the logs of HTTP clients add to messages
  'packages/sigv4-tools/src/explain/paste/context': 2_150,
  'packages/sigv4-tools/src/explain/paste/exchange': 2_830, // canonical requests as they were written, and headers that stand apart
  'packages/sigv4-tools/src/explain/paste/model': 3_100,
  'packages/sigv4-tools/src/explain/paste/readers': 15_200, // what PHP, Go, Java, and Terraform print, and malformed strings under a label
}

/** Counts the tokens of a program, without comments and strings. */
function countTokens(tree: ts.SourceFile): number {
  let count = 0
  const visit = (node: ts.Node, tree: ts.SourceFile): void => {
    const children = node.getChildren(tree)
    if (children.length === 0 && node.kind !== ts.SyntaxKind.EndOfFileToken && !ts.isStringLiteralLike(node)) count++
    for (const child of children) visit(child, tree)
  }
  visit(tree, tree)
  return count
}

const tokensIn = (text: string): number => countTokens(ts.createSourceFile('a.ts', text, ts.ScriptTarget.ES2022, true))

const tokens = new Map<string, number>()
for (const name of readdirSync(`${ROOT}/src`, { recursive: true, encoding: 'utf8' })) {
  if (!/^(?:explain|paste)[\\/].*\.ts$/.test(name)) continue
  const folder = dirname(`src/${name.replaceAll('\\', '/')}`)
  tokens.set(folder, (tokens.get(folder) ?? 0) + countTokens(treeOf(`src/${name.replaceAll('\\', '/')}`)))
}

it('counts tokens, not lines, comments or strings', () => {
  expect(tokensIn('const a = 1 // one')).toBe(tokensIn('const a =\n\n 1'))
  expect(tokensIn("f('a long string')")).toBe(tokensIn("f('')"))
  expect(tokensIn('f(a, b)')).toBe(6)
})

it('lists every folder of explain and paste', () => {
  const folders = [...tokens.keys()].filter((folder) => /^src\/(?:explain|paste)(?:\/|$)/.test(folder))
  expect(folders.sort()).toEqual(Object.keys(CEILINGS).sort())
})

it.each(Object.entries(CEILINGS))('%s has at most %d tokens', (folder, ceiling) => {
  expect(tokens.get(folder) ?? 0).toBeLessThanOrEqual(ceiling)
})
