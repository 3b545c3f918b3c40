import { existsSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { filesIn, read } from '../../test/support/docs/markdown.ts'
import { ROOT } from '../../test/support/packed.ts'
import { treeOf } from '../../test/support/tree.ts'

// docs/security.md lists every file of the library that has a secret in its hands: a secret access key, a session token, a key
// that was derived, or the token of a platform. All other files pass the credentials on as they are, or never see them. Of the
// tools, it also lists those that only pass credentials on, because they may print or log them.

const SECRET = /^(?:secretAccessKey|sessionToken|Token-0|WebIdentityToken|\w*TOKEN_FILE|readTokenFile)$/
/** Keys, and functions that return or use one. */
const KEY =
  /^(?:\w*(?:[sS]igning|[vV]erifying|[pP]rivate|[hH]mac|[rR]untime|import|derive)Key|keyBytes|\w*[hH]macHex|verifyHmac)$/

/** What the tools pass on: credentials, and secrets to hide. */
const PASSED = /^(?:SecretCredentials|secrets?)$/

/** The key of an algorithm: `algorithm.key(credentials, scope)`. */
const isKeyCall = (node: ts.Node): boolean =>
  ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && node.expression.name.text === 'key'

const isSecret = (node: ts.Node): boolean =>
  (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && (SECRET.test(node.text) || KEY.test(node.text))

const isPassedOn = (node: ts.Node): boolean => ts.isIdentifier(node) && PASSED.test(node.text)

/** Returns whether a file contains a name as a value: not in a type, an import, or a comment. */
function touchesSecret(file: string): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return false
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return false
    return isSecret(node) || isKeyCall(node) || (ts.forEachChild(node, visit) ?? false)
  }
  return visit(treeOf(file))
}

/** Returns whether a file of the tools contains a name, even of a type, unless it only exports or declares it. */
function receivesSecret(file: string): boolean {
  const visit = (node: ts.Node): boolean => {
    if (ts.isExportDeclaration(node) || ts.isPropertySignature(node)) return false
    return isPassedOn(node) || (ts.forEachChild(node, visit) ?? false)
  }
  return touchesSecret(file) || visit(treeOf(file))
}

interface Row {
  readonly files: readonly string[]
  readonly tests: readonly string[]
}

const named = (text: string): string[] => [...text.matchAll(/`([\w/.-]+)`/g)].map(([, path]) => path!)

/** The rows of a table, with paths from the root. */
function rowsOf(table: string, base: string, baseOfTests: string): Row[] {
  return table.match(/^\| `.*\|$/gm)!.map((row) => {
    const [files, , tests] = row.slice(1, -1).split(' | ')
    const from = (folder: string, cell: string): string[] => named(cell).map((path) => folder + path)
    return { files: from(base, files!), tests: from(baseOfTests, tests!) }
  })
}

const section = read('docs/security.md')
  .split(/^## /m)
  .find((each) => each.startsWith('Read it yourself'))!
const [library, tools] = section.split(/^### The tools$/m)
const TOOLS = 'packages/sigv4-tools'
const ofLibrary = rowsOf(library!, 'src/', '')
const ofTools = rowsOf(tools!, `${TOOLS}/src/`, `${TOOLS}/test/`)

it('every file of the library that touches a secret is in the list, and no other', () => {
  const found = filesIn('src', '.ts').filter(touchesSecret)
  expect(found.length).toBeGreaterThan(30)
  expect(ofLibrary.flatMap(({ files }) => files).sort()).toEqual(found)
})

it('every file of the tools that receives a secret is in the list, alone or with its folder, and no other', () => {
  const found = filesIn(`${TOOLS}/src`, '.ts').filter(receivesSecret)
  const listed = ofTools.flatMap(({ files }) => files)
  const isListed = (file: string): boolean => listed.some((each) => each === file || isBelow(file, each))
  const isBelow = (file: string, each: string): boolean => each.endsWith('/') && file.startsWith(each)
  expect(found.length).toBeGreaterThan(50)
  expect(found.filter((file) => !isListed(file))).toEqual([])
  expect(listed.filter((each) => !found.some((file) => each === file || isBelow(file, each)))).toEqual([])
  expect(new Set(listed).size).toBe(listed.length)
})

it('every row names tests that exist', () => {
  expect(ofTools.length).toBeGreaterThan(10)
  for (const { files, tests } of [...ofLibrary, ...ofTools]) {
    expect(tests, files.join()).not.toEqual([])
    for (const path of tests) expect(existsSync(join(ROOT, path)), path).toBe(true)
  }
})

it('every path in the text exists', () => {
  const paths = named(section.replace(/^\|.*$/gm, '')).filter((path) => path.includes('/'))
  expect(paths.length).toBeGreaterThan(5)
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})
