import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'
import * as asynchronous from '../src/index.ts'
import * as synchronous from '../src/sync.ts'

// Every example in the manual and in the sources is a program that compiles, and names only what there is.

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replaceAll('\\', '/')
const README = join(ROOT, 'README.md')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const specifiers = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => manifest.name + path.slice(1))

/** What an example may take for granted, as its reader does. */
const GIVEN = `
declare const credentials: import('sigv4').SecretCredentials
declare const file: File
`

/** An example, and where it stands. */
interface Fence {
  where: string
  language: string
  text: string
}

/** The fences of a text of Markdown. */
function fences(markdown: string, where: (line: number) => string): Fence[] {
  const found: Fence[] = []
  const pattern = /^( *)(`{3,})([\w-]*)[^\n]*\n(.*?)^ *\2 *$/gms
  for (const match of markdown.matchAll(pattern)) {
    const [, indent, , language, text] = match
    const line = markdown.slice(0, match.index).split('\n').length
    found.push({ where: where(line), language: language!, text: text!.replace(RegExp(`^${indent}`, 'gm'), '') })
  }
  return found
}

/** The fences of all `@example`s of a source file. */
function examples(file: string): Fence[] {
  const tree = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true)
  const found: Fence[] = []
  const visit = (node: ts.Node): void => {
    for (const doc of ts.getJSDocCommentsAndTags(node)) {
      if (!ts.isJSDoc(doc) || doc.parent !== node) continue
      for (const tag of doc.tags ?? []) {
        if (tag.tagName.text !== 'example') continue
        // the text as it stands: the parser of comments takes an @ inside for a tag
        const lines = tag.getText().replace(/^ *\* ?/gm, '')
        const line = tree.getLineAndCharacterOfPosition(tag.getStart()).line
        const inside = fences(lines, (offset) => `${file}:${line + offset}`)
        expect(inside.length, `an example without a fence in ${file}:${line + 1}`).toBeGreaterThan(0)
        found.push(...inside)
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .sort()
const readme = existsSync(README) ? readFileSync(README, 'utf8') : undefined
const all = [...sources.flatMap(examples), ...fences(readme ?? '', (line) => `README.md:${line}`)]
const programs = all.filter(({ language }) => language === 'ts')

/** The messages of the compiler for each program, by its place in the list. */
function compile(texts: string[]): string[][] {
  const folder = `${ROOT}test/`
  const name = (index: number) => `${folder}example-${index}.ts`
  const files = new Map(texts.map((text, i) => [name(i), `${text}\nexport {}\n`]))
  files.set(`${folder}given.d.ts`, GIVEN)
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    typeRoots: [`${ROOT}node_modules/@types`],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    paths: Object.fromEntries(
      specifiers.map((name) => [name, [`${ROOT}src/${name.slice(manifest.name.length + 1) || 'index'}.ts`]]),
    ),
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (file) => files.has(file) || fileExists(file)
  host.readFile = (file) => files.get(file) ?? readFile(file)
  host.getSourceFile = (file, target, ...rest) =>
    files.has(file) ? ts.createSourceFile(file, files.get(file)!, target) : getSourceFile(file, target, ...rest)
  const program = ts.createProgram([...files.keys()], options, host)
  const messages = (found: readonly ts.Diagnostic[]) =>
    found.map(({ messageText, start, file }) => {
      const line = file ? file.text.slice(0, start).split('\n').length : 0
      return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  expect(messages(program.getOptionsDiagnostics())).toEqual([])
  expect(messages(program.getGlobalDiagnostics())).toEqual([])
  return texts.map((_, i) => {
    const file = program.getSourceFile(name(i))!
    return messages([...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
  })
}

describe('an example', () => {
  const wrong = [
    "import { presignGet } from 'sigv4'\npresignGet({ bucket: 'photos' }, { credentials })",
    "import { presignNothing } from 'sigv4/sync'",
    "import { sign } from 'sigv4/elsewhere'",
    "const expires: number = '15m'",
    'await (',
  ]
  let messages: string[][]
  beforeAll(() => {
    messages = compile([...programs.map(({ text }) => text), ...wrong])
  })

  it('is with every function that presigns or signs, in both entries', () => {
    for (const [folder, specifier, entry] of [
      ['src/async/', 'sigv4', asynchronous],
      ['src/sync/', 'sigv4/sync', synchronous],
    ] as const) {
      const shown = programs.filter(({ where }) => where.startsWith(folder))
      expect(shown.length).toBeGreaterThanOrEqual(10)
      for (const { where, text } of shown) expect(text, where).toContain(`from '${specifier}'`)
      const others = programs.filter(({ where }) => /^src\/(?:core|forms)\//.test(where))
      for (const [name, value] of Object.entries(entry))
        if (typeof value === 'function')
          expect(
            [...shown, ...others].filter(({ text }) => text.includes(name)),
            name,
          ).not.toEqual([])
    }
  })

  it.each(programs.map(({ where }, i) => [where, i] as const))('compiles: %s', (_, i) => {
    expect(messages[i]).toEqual([])
  })

  it.each(wrong.map((text, i) => [text, i] as const))('that is wrong does not: %s', (_, i) => {
    expect(messages[programs.length + i]).not.toEqual([])
  })

  it('has a language', () => {
    expect(all.filter(({ language }) => language === '').map(({ where }) => where)).toEqual([])
  })

  it('imports this package, or what Node has', () => {
    for (const { where, text } of programs)
      for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles)
        if (!fileName.startsWith('node:')) expect(specifiers, where).toContain(fileName)
  })
})

describe.skipIf(readme === undefined)('README.md', () => {
  const named = new Set((readme ?? '').match(/(?<=['"`])sigv4(?:\/[a-z\d-]+)*(?=['"`])/g))

  it('names no entry that is not there', () => {
    expect([...named].filter((specifier) => !specifiers.includes(specifier))).toEqual([])
  })

  it('names every entry that is there', () => {
    expect(specifiers.filter((specifier) => !named.has(specifier))).toEqual([])
  })

  it('says how to test', () => {
    const commands = all.filter(
      ({ where, language }) => where.startsWith('README') && /^(sh|bash|console)$/.test(language),
    )
    expect(commands.map(({ text }) => text).join('\n')).toMatch(/npm (cit|test)/)
  })

  it('names no script that package.json lacks', () => {
    const scripts = [...(readme ?? '').matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!)
    expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([])
  })

  it('leads to places in itself that are there', () => {
    const anchors = new Set(
      [...(readme ?? '').matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
        title!
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      ),
    )
    const links = [...(readme ?? '').matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!)
    expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([])
  })

  it('leads to files that are there', () => {
    const links = [...(readme ?? '').matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(([, path]) => path!)
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })
})
