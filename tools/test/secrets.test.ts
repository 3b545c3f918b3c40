import { existsSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { filesIn, read } from '../../test/support/docs/markdown.ts'
import { ROOT } from '../../test/support/packed.ts'
import { treeOf } from '../../test/support/tree.ts'

// docs/security.md lists every file of the library that has a secret in its hands: a secret access key, a session token, or a
// key that was derived. All other files pass the credentials on as they are, or never see them.

const SECRET = /^(?:secretAccessKey|sessionToken)$/
/** Keys, and functions that return or use one. */
const KEY =
  /^(?:\w*(?:[sS]igning|[vV]erifying|[pP]rivate|[hH]mac|[rR]untime|import|derive)Key|keyBytes|\w*[hH]macHex|verifyHmac)$/

/** The key of an algorithm: `algorithm.key(credentials, scope)`. */
const isKeyCall = (node: ts.Node): boolean =>
  ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'key'

/** Returns whether a file contains a name as a value: not in a type, an import, or a comment. */
function touchesSecret(file: string): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return false
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return false
    const isName = ts.isIdentifier(node) || ts.isStringLiteralLike(node)
    if ((isName && (SECRET.test(node.text) || KEY.test(node.text))) || isKeyCall(node)) return true
    return ts.forEachChild(node, visit) ?? false
  }
  return visit(treeOf(file))
}

const section = read('docs/security.md')
  .split(/^## /m)
  .find((each) => each.startsWith('Read it yourself'))!
const rows = section.match(/^\| `.*\|$/gm)!.map((row) => row.slice(1, -1).split(' | '))
const named = (cell: string): string[] => [...cell.matchAll(/`([\w/.-]+)`/g)].map(([, path]) => path!)

it('every file that touches a secret is in the list, and no other', () => {
  const found = filesIn('src', '.ts').filter(touchesSecret)
  const listed = rows.flatMap(([files]) => named(files!).map((path) => `src/${path}`))
  expect(found.length).toBeGreaterThan(30)
  expect(listed.sort()).toEqual(found)
})

it('every row names tests that exist', () => {
  for (const [files, , tests] of rows) {
    expect(named(tests!), files!).not.toEqual([])
    for (const path of named(tests!)) expect(existsSync(join(ROOT, path)), path).toBe(true)
  }
})

it('every path in the text exists', () => {
  const paths = named(section.replace(/^\|.*$/gm, '')).filter((path) => path.includes('/'))
  expect(paths.length).toBeGreaterThan(5)
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})
