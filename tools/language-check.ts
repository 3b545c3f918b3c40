import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import ts from 'typescript'

// Rejects unidiomatic phrases in documentation, comments, test titles, and the messages of the library: npm run check

/** Phrases to reject, and what to write instead. A space matches any whitespace, such as a line break in a comment. */
const PHRASES: readonly (readonly [pattern: string, replacement: string])[] = [
  ['\\banswer(s|ed|ing)?\\b(?!\\.)', 'response, respond, return'],
  ['\\b(gives|gave)\\b(?! up)', 'return, produce, pass'],
  ['\\bwhite space\\b', 'whitespace'],
  ['\\buploads? in parts\\b', 'multipart upload'],
  ['\\bspeaks? S3\\b', 'S3-compatible'],
  ['\\bon the way\\b', 'in transit'],
  ['\\bmend(s|ed)?\\b', 'fix'],
  ['\\bby (itself|themselves)\\b', 'automatically, on its own'],
  ['\\b(nobody|whoever|anybody|somebody|everybody)\\b', 'unknown, unused; anyone, the caller'],
  ['\\bsa(y|ys|id) (of|both|one|so|nothing)\\b|: say\\b|\\b(is|are) said\\b', 'specify, contain, report'],
  ['(?<!left |eave |aves |k is )\\bbehind\\b', 'after, following'],
  ['\\b(a|any|one|each|every) text\\b|\\btexts\\b', 'string'],
  ["\\w+ of (S3|AWS)\\b(?!'| Lambda|-)", 'S3 object, AWS host'],
  [
    '(?<!there )\\b(is|are|was|were) no(?!ne of)(ne\\b| (?!longer|more|such|less|use)\\w)',
    'is not a (valid) X; invalid, malformed',
  ],
  ['\\b(is|are|was|were) (not )?there\\b(?! an?\\b)', 'exist; is missing'],
  ['\\bblanks?\\b(?! line)', 'space'],
  ['[,;] else\\b', 'otherwise'],
  ['\\bon purpose\\b', 'intentional, intended'],
  ['\\b(lower|upper)-case\\b|\\bin (lower|upper) case\\b', 'lowercase, in lowercase'],
  ['\\banother( \\w+)? than\\b|thing else than\\b', 'different from, other than'],
  ['\\bgiv(e|es|en|ing) (it |the \\w+ )?up\\b(?! after| on)', 'abort, discard'],
]

/** Files without prose of this package: recordings of services, and lists of Python packages. */
const SKIPPED = /(?:^|\/)fixtures\/(?!README\.md)|(?:requirements|constraints)\.txt$/

const ROOT = new URL('../', import.meta.url)
const rules = PHRASES.map(([pattern, replacement]) => ({ pattern: pattern.replaceAll(' ', '\\s+'), replacement }))
const anyPhrase = RegExp(rules.map(({ pattern }) => `(${pattern.replace(/\((?!\?)/g, '(?:')})`).join('|'), 'gi')

/** A part of a file, and its index in it. */
type Piece = readonly [index: number, text: string]

/** Finds the comments, test titles and, in the sources of the houses and in `examples`, strings of a script. */
function scriptPieces(file: string, source: string): Piece[] {
  const hasMessages = /^(?:src|packages\/[^/]+\/src|suite\/(?:format|generator)|examples)\//.test(file)
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest)
  const pieces: Piece[] = []
  let end = 0
  const addComments = (to: number): void => {
    for (const { 0: comment, index } of source.slice(end, to).matchAll(/\/\*[\s\S]*?\*\/|\/\/.*(?:\n\s*\/\/.*)*/g))
      pieces.push([end + index, comment.replace(/\/\*\*?|\*\/|(?<=\n *)(?:\*|\/\/)|^\/\//g, spaces)])
  }
  const isTitle = (node: ts.Node, child: ts.Node): boolean =>
    ts.isCallExpression(node) &&
    node.arguments[0] === child &&
    /^(?:it|test|describe)\b/.test(node.expression.getText(tree).slice(0, 9))
  const visit = (node: ts.Node, isInTitle: boolean): void => {
    const isString =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
    if (isString || ts.isRegularExpressionLiteral(node)) {
      const start = node.getStart(tree)
      addComments(start)
      end = node.end
      if (isString && (hasMessages || isInTitle))
        pieces.push([start, source.slice(start, end).replace(/\\./gs, spaces)])
    }
    ts.forEachChild(node, (child) => visit(child, isInTitle || isTitle(node, child)))
  }
  visit(tree, false)
  addComments(source.length)
  return pieces
}

/** Replaces a string with spaces, so that the index of everything after it is the same. */
function spaces(text: string): string {
  return ' '.repeat(text.length)
}

/** Finds what to check in a file: all of Markdown and HTML, and the comments of YAML, Python and shell scripts. */
function piecesOf(file: string, source: string): Piece[] {
  if (/\.[mc]?[jt]s$/.test(file)) return scriptPieces(file, source)
  if (/\.(?:md|html|txt)$/.test(file)) return [[0, source.replace(/^[ \t>*#-]+/gm, spaces)]]
  return [...source.matchAll(/#.*(?:\n *#.*)*/g)].map(({ 0: comment, index }) => [index, comment.replaceAll('#', ' ')])
}

function findProblems(file: string): string[] {
  const source = readFileSync(new URL(file, ROOT), 'utf8')
  return piecesOf(file, source).flatMap(([start, text]) =>
    [...text.matchAll(anyPhrase)].map(({ 0: match, index, ...groups }) => {
      const phrase = match.replace(/\s+/g, ' ')
      const { replacement } = rules.find((_, i) => groups[i + 1] !== undefined)!
      const line = source.slice(0, start + index).split('\n').length
      return `${file}:${line}: "${phrase}" (write: ${replacement})`
    }),
  )
}

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => /\.(?:[mc]?[jt]s|md|html|txt|yml|sh|py)$|^\.ci\//.test(file) && !SKIPPED.test(file))
const problems = files.filter((file) => existsSync(new URL(file, ROOT))).flatMap(findProblems)
for (const problem of problems) console.error(problem)
if (problems.length) process.exitCode = 1
