import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { read } from '../../test/support/docs/markdown.ts'
import { ROOT } from '../../test/support/packed.ts'

// An error that is expected hides every other one of its line. Each call of these files has one, in what its name starts with.

const FILES = ['test/support/misused.ts', 'packages/sigv4-tools/test/support/misused.ts']

/** Returns the files without the comments that expect errors, and the program that reports these. */
function programOf(): ts.Program {
  const { options } = ts.convertCompilerOptionsFromJson(JSON.parse(read('tsconfig.json')).compilerOptions, ROOT)
  const host = ts.createCompilerHost(options)
  const paths = FILES.map((file) => join(ROOT, file))
  const readFile = host.getSourceFile
  host.getSourceFile = (file, ...rest) =>
    paths.includes(file)
      ? ts.createSourceFile(
          file,
          ts.sys.readFile(file)!.replaceAll('@ts-expect-error', ''),
          ts.ScriptTarget.ES2022,
          true,
        )
      : readFile(file, ...rest)
  return ts.createProgram(paths, { ...options, noEmit: true }, host)
}

const program = programOf()

/** Returns the node that starts at a position, with the parents of it. */
function pathTo(tree: ts.SourceFile, start: number): ts.Node[] {
  const path: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    if (node.getStart(tree) <= start && start < node.end) {
      path.unshift(node)
      ts.forEachChild(node, visit)
    }
  }
  ts.forEachChild(tree, visit)
  return path
}

/** Returns the name of the call that an error is in, and the name of the property or the argument that is wrong. */
function place(tree: ts.SourceFile, { start = 0, length = 0 }: ts.Diagnostic): [call: string, wrong: string] {
  const named = pathTo(tree, start).filter(
    (node) => ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node),
  )
  const call = named.at(-1)!.name as ts.Identifier | ts.StringLiteral
  const wrong = named.length > 1 ? named[0]!.name.getText(tree) : tree.text.slice(start, start + length)
  return [call.text, wrong]
}

describe.each(FILES)('%s', (file) => {
  const tree = program.getSourceFile(join(ROOT, file))!
  const found = program.getSemanticDiagnostics(tree).map((each) => place(tree, each))

  it('contains one error in each call', () => {
    expect(found.length).toBe(read(file).match(/@ts-expect-error/g)!.length)
    expect(new Set(found.map(([call]) => call)).size).toBe(found.length)
  })

  it.each(found)('%s', (call, wrong) => {
    expect(wrong).toBe(call.split(':')[0])
  })
})
