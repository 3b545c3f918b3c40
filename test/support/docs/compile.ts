import ts from 'typescript'
import { SOURCES } from '../../../tools/entries.js'
import { ROOT } from '../packed.ts'

const root = ROOT.replaceAll('\\', '/')

/** The entries: `sigv4`, `sigv4/sync`, … */
export const specifiers: string[] = Object.keys(SOURCES)

export const sourceOf = (specifier: string): string => `${root}${SOURCES[specifier]}`

/** What every example may use without declaring it. */
const GIVEN = `
declare const credentials: import('sigv4').SecretCredentials
declare const file: File
`

/** Compiles programs and returns the compiler's messages for each. */
export function compile(programs: readonly string[]): string[][] {
  const folder = `${root}test/`
  const name = (index: number) => `${folder}example-${index}.ts`
  const files = new Map(programs.map((code, i) => [name(i), `${code}\nexport {}\n`]))
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
    typeRoots: [`${root}node_modules/@types`],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    paths: Object.fromEntries(specifiers.map((specifier) => [specifier, [sourceOf(specifier)]])),
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
  const general = messages([...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()])
  if (general.length > 0) throw new Error(general.join('\n'))
  return programs.map((_, i) => {
    const file = program.getSourceFile(name(i))!
    return messages([...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
  })
}
