import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import ts from 'typescript'
import { filesOf } from '../test/support/packed.ts'
import { packStaged, stage } from './pack.ts'
import { bundle, PROGRAMS, type Program, weight } from './programs.ts'

// Sizes of minimal programs, entries and package, start-up time of entries, and lines of code. Entries, package and
// start-up are measured in dist/: npm run size

/** Categories of the sources in a bundle; the first match counts. */
const PARTS: [source: RegExp, part: string][] = [
  [/core\/errors/, ''], // removing it would remove every call of it
  [/crypto\/webcrypto/, 'Web Crypto'],
  [/crypto\//, 'SHA-256 and HMAC in JavaScript'],
  [/hosts/, 'region and service from the host'],
  [/signing\/target|http\/(?:url|path)/, 'targets: URLs, objects, endpoints, what clients would rewrite'],
  [/http\/headers/, 'headers: reading, checking, selecting'],
  [/signing\/credentials/, 'credentials and keys'],
  [
    /encoding\/percent|http\/query|canonical-request|string-to-sign|scope/,
    'encoding, canonical request, string to sign',
  ],
  [/core\/|async|sync/, 'options, dates, the result'],
]

/** Returns the size of the bundle without some ranges, minified. */
async function sizeWithout(text: string, cuts: readonly (readonly [start: number, end: number, by: string])[]) {
  let left = text
  for (const [start, end, by] of [...cuts].sort((one, other) => other[0] - one[0]))
    left = left.slice(0, start) + by + left.slice(end)
  const { code } = await transform(left, { minify: true, treeShaking: false, format: 'esm', target: 'es2022' })
  return weight(code)
}

/** Returns the ranges of function bodies and constants, by the source that esbuild names before them. */
function findCuts(text: string): Map<string, [number, number, string][]> {
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

/** Returns the ranges of the strings in calls of `fail`. */
function findMessages(text: string): [number, number, string][] {
  const found: [number, number, string][] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'fail')
      for (const argument of node.arguments) found.push([argument.pos, argument.end, ' ""'])
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

console.log('| program | gzip -9 | ceiling |\n| --- | ---: | ---: |')
for (const program of PROGRAMS) {
  // as in test/package/package.test.ts: from the build, not from the sources in tsconfig.json
  const text = await bundle(program, root, { minify: true, tsconfigRaw: {} })
  console.log(`| ${program[0]}, \`${program[1]}\` | ${weight(text)} | ${program[3]} |`)
}

for (const program of PROGRAMS.slice(0, 2)) {
  const text = await bundle(fromSources(program), root, { minify: false })
  const entireBundle = await sizeWithout(text, [])
  console.log(`\n| ${program[0]}: what is saved without | gzip -9 |\n| --- | ---: |`)
  for (const [part, cuts] of findCuts(text))
    console.log(`| ${part} | ${entireBundle - (await sizeWithout(text, cuts))} |`)
  console.log(`| the texts of its errors | ${entireBundle - (await sizeWithout(text, findMessages(text)))} |`)
}

/** Returns the milliseconds that Node takes to run a script, beyond an empty one: the median of pairs. */
function startUp(script: string): number {
  const files = [script, ''].map((text, i) => {
    const file = join(tmpdir(), `sigv4-size-${process.pid}-${i}.mjs`)
    writeFileSync(file, text)
    return file
  })
  const time = (file: string): number => {
    const start = performance.now()
    execFileSync(process.execPath, [file])
    return performance.now() - start
  }
  const differences = Array.from({ length: 21 }, () => time(files[0]!) - time(files[1]!))
  return differences.sort((one, other) => one - other)[10]!
}

console.log(
  '\n| entry | files, ESM | kB | files, CommonJS | kB | start-up, ms |\n| --- | ---: | ---: | ---: | ---: | ---: |',
)
for (const entry of ['index', 'sync', 'verify', 'explain', 'aws4']) {
  const cells = ['js', 'cjs'].flatMap((format): (string | number)[] => {
    if (!existsSync(`dist/${entry}.${format}`)) return ['–', '–'] // an ES module only
    const files = filesOf('dist', `${entry}.${format}`)
    return [files.size, Math.round([...files.values()].reduce((sum, size) => sum + size) / 1000)]
  })
  const url = pathToFileURL(join(root, `dist/${entry}.js`))
  console.log(`| ${entry} | ${cells.join(' | ')} | ${startUp(`import ${JSON.stringify(url)}`).toFixed(1)} |`)
}

const temporary = mkdtempSync(join(tmpdir(), 'sigv4-size-'))
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }))
const kB = (bytes: number): number => Math.round(bytes / 1000)
for (const folder of ['.', 'packages/sigv4-tools']) {
  const staged = join(temporary, folder)
  stage(folder, staged)
  const { files, size, unpackedSize } = await packStaged(staged)
  console.log(`\n${folder}: ${files.length} files, ${kB(size)} kB packed, ${kB(unpackedSize)} kB unpacked`)
  const kinds = { 'ES modules': 0, CommonJS: 0, declarations: 0, others: 0 }
  for (const path of files) {
    const [, end] = /^dist\/.*?(\.d\.c?ts|\.c?js)$/.exec(path) ?? []
    const kind = !end ? 'others' : end.startsWith('.d') ? 'declarations' : end === '.js' ? 'ES modules' : 'CommonJS'
    kinds[kind] += statSync(join(staged, path)).size
  }
  console.log(
    Object.entries(kinds)
      .map(([kind, size]) => `${kind} ${kB(size)}`)
      .join(', '),
  )
}

const lines = { library: 0, core: 0, programs: 0, generated: 0 }
for (const name of readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
  const text = readFileSync(join('src', name), 'utf8')
  const room = /^core\b/.test(name) ? 'core' : /^programs\b/.test(name) ? 'programs' : 'library'
  lines[text.includes('@generated') ? 'generated' : room] += text.split('\n').length - 1
}
console.log(
  `\nLines: ${Object.entries(lines)
    .map(([part, count]) => `${part} ${count}`)
    .join(', ')}`,
)
