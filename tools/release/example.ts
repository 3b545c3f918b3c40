import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ts from 'typescript'
import { fences } from '../../test/support/docs/markdown.ts'
import { matches, promised } from '../../test/support/docs/run.ts'

// The first example of a README, in empty projects that have installed the packages.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** The kinds of projects that users have. */
export const PROJECTS = ['ESM', 'CommonJS', 'TypeScript'] as const
type Project = (typeof PROJECTS)[number]

/** AWS's example credentials, for programs that read them from the environment. */
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}

/**
 * Installs tarballs in a new folder, and runs the first program of a page there. TypeScript compiles it as it was typed,
 * ES modules have no types, and CommonJS has `require` and a function around `await`. Throws unless the program prints
 * what its comments promise.
 */
export async function runExample(page: string, project: Project, tarballs: readonly string[], folder: string) {
  const code = fences(page, () => '').find(({ language }) => language === 'ts')?.code
  const promise = promised(code ?? '')
  if (code === undefined || promise === undefined) throw new Error('The README has no example whose output it shows.')
  mkdirSync(folder, { recursive: true })
  const type = project === 'CommonJS' ? 'commonjs' : 'module'
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type }))
  const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund']
  await run('npm', ['install', ...options, ...tarballs], { cwd: folder })
  if (project === 'TypeScript') {
    writeFileSync(join(folder, 'index.ts'), code)
    await compile(folder)
  } else writeFileSync(join(folder, 'index.js'), project === 'ESM' ? withoutTypes(code) : asCommonJs(code))
  const env = { ...process.env, ...ENVIRONMENT }
  const { stdout } = await run(process.execPath, ['index.js'], { cwd: folder, env })
  if (!matches(stdout.trimEnd(), promise)) throw new Error(`The example must print\n${promise}\nand printed\n${stdout}`)
}

async function compile(folder: string): Promise<void> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')]
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', ...types]
  try {
    await run(process.execPath, [compiler, ...options, 'index.ts'], { cwd: folder })
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout)
  }
}

function withoutTypes(code: string): string {
  return ts.transpile(code, { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 })
}

function asCommonJs(code: string): string {
  const required = withoutTypes(code).replace(/^import (\{[^}]*\}) from ('[^']+');?$/gm, 'const $1 = require($2)')
  return `(async () => {\n${required}\n})()\n`
}
