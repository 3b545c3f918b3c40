import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../../test/support/packed.ts'
import { SOURCES } from '../../entries.js'

// Users can name and look up every type in the signatures of an entry.

/** Helper types, which editors replace with what they stand for. */
const HELPERS = ['InstanceOf']

const ENTRIES = Object.values(SOURCES)

const { options } = ts.convertCompilerOptionsFromJson(
  JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')).compilerOptions,
  ROOT,
)
const program = ts.createProgram(
  ENTRIES.map((entry) => join(ROOT, entry)),
  options,
)
const checker = program.getTypeChecker()

const resolve = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

const declarationsOf = (symbol: ts.Symbol): ts.Declaration[] =>
  (symbol.declarations ?? []).filter((node) =>
    /^(?:src|packages\/sigv4-tools\/src)\//.test(relative(ROOT, node.getSourceFile().fileName)),
  )

/** The names in a declaration that a user sees: those of its types, without function bodies and private members. */
function visitTypes(node: ts.Node, visit: (name: ts.Identifier) => void): void {
  const isHidden =
    ts.isBlock(node) ||
    ts.isJSDoc(node) ||
    (ts.canHaveModifiers(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword))
  if (isHidden) return
  if (ts.isFunctionDeclaration(node) && node.body && overloads(node) > 1) return // not visible because of its overloads
  if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) visit(node.typeName)
  if (ts.isTypeQueryNode(node) && ts.isIdentifier(node.exprName)) visit(node.exprName)
  ts.forEachChild(node, (child) => visitTypes(child, visit))
}

function overloads({ name }: ts.FunctionDeclaration): number {
  return checker.getSymbolAtLocation(name!)?.declarations?.length ?? 0
}

/** The types that an entry uses and does not export, each with one place where it is used. */
function unexported(entry: string): string[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, entry))!)!
  const exported = checker.getExportsOfModule(module)
  const known = new Set(exported.map(resolve))
  const names = new Set(exported.map(({ name }) => name))
  const found = new Map<string, string>()
  const walk = (symbol: ts.Symbol): void => {
    for (const declaration of declarationsOf(symbol))
      visitTypes(declaration, (name) => {
        const used = resolve(checker.getSymbolAtLocation(name)!)
        if (known.has(used) || used.flags & ts.SymbolFlags.TypeParameter || !declarationsOf(used).length) return
        // an alias that fills in the parameters of a generic type, under whose name that is exported
        if (!names.has(used.name) && !HELPERS.includes(used.name))
          found.set(used.name, `${used.name}, used by ${symbol.name}`)
        known.add(used)
        walk(used)
      })
  }
  for (const symbol of [...known]) walk(symbol)
  return [...found.values()].sort()
}

function isDocumented(symbol: ts.Symbol): boolean {
  return declarationsOf(symbol).some((node) => {
    const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node
    return ts.getJSDocCommentsAndTags(owner).some((doc) => ts.isJSDoc(doc))
  })
}

describe.each(ENTRIES)('%s', (entry) => {
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(ROOT, entry))!)!
  const exported = checker.getExportsOfModule(module).filter(({ name }) => name !== 'default')

  it('exports every type that its exports use', () => {
    expect(unexported(entry)).toEqual([])
  })

  it('documents every export', () => {
    expect(exported.filter((symbol) => !isDocumented(resolve(symbol))).map(({ name }) => name)).toEqual([])
  })

  it('documents every option', () => {
    const options = exported.filter(({ name }) => /Options$|Target$|^ExplainInput$/.test(name)).map(resolve)
    const undocumented = options.flatMap((symbol) =>
      checker
        .getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
        .filter((member) => declarationsOf(member).length && !isDocumented(member))
        .map((member) => `${symbol.name}.${member.name}`),
    )
    expect(undocumented).toEqual([])
  })
})

const TOOL = join(ROOT, 'tools/api')

it.skipIf(!process.env.CI && !existsSync(join(TOOL, 'node_modules')))('docs/api matches the sources', async () => {
  await promisify(execFile)(process.execPath, [join(TOOL, 'build.mjs'), '--check'])
})
