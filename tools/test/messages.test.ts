import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { filesIn, read } from '../../test/support/docs/markdown.ts'
import { treeOf } from '../../test/support/tree.ts'

// Errors, hints, findings, and help are read where there is only the package: it contains no documentation, no sources, and
// no tests, so that a message which names one of their files sends its reader nowhere. A message states what the page states.

/** A path in the repository, a page, or a source. An address such as `https://…/docs/…` is not one. */
const FILE =
  /(?<![\w@/.-])(?:\.{1,2}\/)*(?:docs|src|test|tools|suite|integration|fixtures|examples|packages|reference)\/|\bREADME\b|\bCONTRIBUTING\b|(?<![\w/-])[\w-]+\.(?:md|mdx|[mc]?ts)\b/

/** What `copy` writes: its own file, which the package contains, and the file that its help suggests. */
const COPIED = /\b(?:reference|sigv4)\.ts\b/g

/** Returns whether a string is the name of a module: of an import, an export, or the argument of `import()`. */
function isSpecifier(node: ts.Node): boolean {
  const { parent } = node
  if (ts.isCallExpression(parent)) return parent.expression.kind === ts.SyntaxKind.ImportKeyword
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent)
}

/** Returns the strings of a file, and the parts of its templates. */
function stringsOf(tree: ts.SourceFile): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if ((ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)) && !isSpecifier(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** Returns all strings of a JSON file, the names of members included. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => [name, ...stringsIn(member)])
}

const namesFile = (text: string): boolean => FILE.test(text.replace(COPIED, ''))

const TOOLS = 'packages/sigv4-tools'
const sources = ['src', `${TOOLS}/src`, 'suite/format', 'suite/generator'].flatMap((folder) => filesIn(folder, '.ts'))
const plain = ['packages/aws4', 'packages/aws4fetch', 'packages/smithy-signature-v4'].flatMap((folder) =>
  ['.js', '.mjs'].flatMap((end) => filesIn(folder, end)),
)

describe('no message names a file that no package contains:', () => {
  it('strings of the library, the tools, and the suite', () => {
    const strings = [...sources, ...plain].flatMap((file) => stringsOf(treeOf(file)).map((text) => ({ file, text })))
    expect(strings.length).toBeGreaterThan(10_000)
    expect(strings.filter(({ text }) => namesFile(text))).toEqual([])
  })

  it('what the tests of the suite require, which audit prints', () => {
    const files = filesIn('suite', '.json').filter((file) => !file.endsWith('/schema.json'))
    const strings = files.flatMap((file) => stringsIn(JSON.parse(read(file))).map((text) => ({ file, text })))
    expect(strings.length).toBeGreaterThan(10_000)
    expect(strings.filter(({ text }) => namesFile(text))).toEqual([])
  })

  it('the debugger page', () => {
    const page = read(`${TOOLS}/src/debugger/index.html`)
    expect(page).toContain('</html>')
    expect(page.split('\n').filter(namesFile)).toEqual([])
  })

  it.each([
    ['See docs/errors.md.', true],
    ['See [errors](../docs/errors.md).', true],
    ['It is in `src/core/request.ts`.', true],
    ['The README has an example.', true],
    ['errors.md describes it', true],
    ['https://docs.aws.amazon.com/AmazonS3/latest/docs/errors.html', false],
    ['Folder for what is stored, such as tests/', false],
    ['npx sigv4-tools copy > sigv4.ts', false],
  ])('"%s" names a file: %s', (text, isFound) => {
    expect(namesFile(text)).toBe(isFound)
  })
})
