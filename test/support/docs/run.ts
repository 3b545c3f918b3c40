import { format } from 'node:util'
import ts from 'typescript'
import { CREDENTIALS } from '../credentials.ts'
import { sourceOf, specifiers } from './compile.ts'

/** The time at which examples run. */
export const NOW = Date.UTC(2026, 0, 31, 12)

const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>

const GIVEN = {
  credentials: { ...CREDENTIALS },
  file: new File(['%PDF-1.7'], 'file.pdf', { type: 'application/pdf' }),
  // No example reaches the network: every request succeeds with an empty response.
  fetch: async () => new Response(''),
}

/** Runs an example and returns what it prints. Its clock is the caller's. */
export async function run(code: string): Promise<string> {
  return (await execute(code, GIVEN)).output
}

/**
 * Runs an example and returns what it declares under a name. `given` is what it may use without declaring it, and
 * `imports` are modules that replace those of this package and of the root.
 */
// biome-ignore lint/suspicious/noExplicitAny: the types of examples are checked when they are compiled
export async function load(code: string, name: string, given = {}, imports: Record<string, object> = {}): Promise<any> {
  return (await execute(`${code}\nexport { ${name} }\n`, { ...GIVEN, ...given }, imports)).exports[name]
}

async function execute(
  code: string,
  given: object,
  imports: Record<string, object> = {},
): Promise<{ output: string; exports: Record<string, unknown> }> {
  const modules = new Map<string, object>()
  for (const { fileName } of ts.preProcessFile(code, true, true).importedFiles) {
    const module = imports[fileName] ?? (await import(specifiers.includes(fileName) ? sourceOf(fileName) : fileName))
    modules.set(fileName, { ...module, __esModule: true })
  }
  const compiled = ts.transpile(code, {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
  })
  const lines: string[] = []
  const exports: Record<string, unknown> = {}
  const scope = {
    ...given,
    exports,
    require: (name: string) => modules.get(name),
    console: { log: (...values: unknown[]) => lines.push(format(...values)) },
  }
  // In a block of its own, so that an example can declare names that are given.
  await new AsyncFunction(...Object.keys(scope), `{\n${compiled}\n}`)(...Object.values(scope))
  return { output: lines.join('\n'), exports }
}

/** Returns the output that an example promises in the comments after `console.log(…)`; `undefined` if it promises none. */
export function promised(code: string): string | undefined {
  const blocks = [...code.matchAll(/\bconsole\.log\([^\n]*\n((?: *\/\/[^\n]*\n?)+)/g)]
  const lines = blocks.flatMap(([, comments]) => comments!.trim().split('\n'))
  return lines.length === 0 ? undefined : lines.map((line) => line.replace(/^ *\/\/ ?/, '')).join('\n')
}

/** Returns whether an output is the promised one; `…` stands for any characters of a line. */
export function matches(output: string, promise: string): boolean {
  const literal = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return RegExp(`^${promise.split('…').map(literal).join('.*')}$`).test(output)
}
