import { transform } from 'esbuild'
import ts from 'typescript'
import { bundle, PROGRAMS, type Program, weight } from './programs.ts'

// What the smallest programs weigh, and where the weight of `presignPut` is. `npm run size`

/** What the sources in a bundle are for; the first that fits counts. */
const PARTS: [source: RegExp, part: string][] = [
  [/core\/errors/, ''], // without it all that calls it would go
  [/crypto\/webcrypto/, 'Web Crypto'],
  [/crypto\//, 'SHA-256 and HMAC in JavaScript'],
  [/core\/services/, 'region and service from the host'],
  [/core\/target/, 'targets: URLs, objects, endpoints, what clients would rewrite'],
  [/core\/headers/, 'headers: reading, checking, choosing'],
  [/core\/(?:credentials|memo|copy)/, 'credentials, their keys, what is kept for the next URL'],
  [/core\/(?:canonical|encoding|plan)/, 'encoding, canonical request, string to sign'],
  [/core\/|index|sync/, 'options, dates, the result'],
]

/** The bundle without something in it, minified. */
async function weightWithout(text: string, cuts: readonly (readonly [start: number, end: number, by: string])[]) {
  let left = text
  for (const [start, end, by] of [...cuts].sort((one, other) => other[0] - one[0]))
    left = left.slice(0, start) + by + left.slice(end)
  const { code } = await transform(left, { minify: true, treeShaking: false, format: 'esm', target: 'es2022' })
  return weight(code)
}

/** Bodies of functions and values of constants, by the source that esbuild names before them. */
function cutsOf(text: string): Map<string, [number, number, string][]> {
  const cuts = new Map<string, [number, number, string][]>()
  for (const statement of ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022).statements) {
    const source = [...text.slice(0, statement.getEnd()).matchAll(/^\/\/ (src\/\S+)$/gm)].at(-1)?.[1] ?? ''
    const part = PARTS.find(([pattern]) => pattern.test(source))?.[1]
    if (!part) continue
    if (!cuts.has(part)) cuts.set(part, [])
    const found = cuts.get(part)!
    if (ts.isFunctionDeclaration(statement)) found.push([statement.body!.pos, statement.end, ' {}'])
    if (ts.isVariableStatement(statement))
      for (const { initializer } of statement.declarationList.declarations)
        if (initializer && !ts.isClassExpression(initializer)) found.push([initializer.pos, initializer.end, ' 0'])
  }
  return cuts
}

/** The texts in calls of `fail`, to be emptied. */
function textsOf(text: string): [number, number, string][] {
  const found: [number, number, string][] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'fail')
      found.push([node.arguments[1]!.pos, node.arguments[1]!.end, ' ""'])
    else ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022))
  return found
}

const root = process.cwd()
const fromSources = (program: Program): Program => {
  const entry = program[1].split('/')[1] ?? 'index'
  return [program[0], `./src/${entry}.ts` as Program[1], program[2], program[3]]
}

console.log('| program | gzip -9 |\n| --- | ---: |')
for (const program of PROGRAMS) {
  const text = await bundle(fromSources(program), root, { minify: true })
  console.log(`| ${program[0]}, \`${program[1]}\` | ${weight(text)} |`)
}

for (const program of PROGRAMS.slice(0, 2)) {
  const text = await bundle(fromSources(program), root, { minify: false })
  const whole = await weightWithout(text, [])
  console.log(`\n| ${program[0]}: what is saved without | gzip -9 |\n| --- | ---: |`)
  for (const [part, cuts] of cutsOf(text)) console.log(`| ${part} | ${whole - (await weightWithout(text, cuts))} |`)
  console.log(`| the texts of its errors | ${whole - (await weightWithout(text, textsOf(text)))} |`)
}
