import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fences } from '../../test/support/docs/markdown.ts'
import { matches, promised } from '../../test/support/docs/run.ts'

// The first example of a README, in empty projects that have installed the packages.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** AWS's example credentials, for programs that read them from the environment. */
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  NO_COLOR: '1',
}

/** How a project runs a program. */
export interface Project {
  readonly name: string
  readonly file: string
  readonly command: readonly string[]
}

/**
 * Installs tarballs in a new folder, and runs the first program of a page there, as typed. Only CommonJS has `require` and a
 * function around `await`. Throws unless the program prints what its comments promise.
 */
export async function runExample(
  page: string,
  { name, file, command }: Project,
  tarballs: readonly string[],
  folder: string,
): Promise<void> {
  const code = fences(page, () => '').find(({ language }) => language === 'ts')?.code ?? ''
  const promise = promised(code)
  if (promise === undefined) throw new Error('The README has no example whose output it shows.')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund']
  await run('npm', ['install', ...options, ...tarballs], { cwd: folder })
  writeFileSync(join(folder, file), name === 'CommonJS' ? asCommonJs(code) : code)
  if (name === 'TypeScript') await compile(file, folder)
  const [program, ...args] = command
  const { stdout } = await run(program!, args, { cwd: folder, env: { ...process.env, ...ENVIRONMENT } })
  if (!matches(plain(stdout), plain(promise)))
    throw new Error(`The example promises\n${promise}\nand prints\n${stdout}`)
}

/** Output of `console.log` without what runtimes print differently: quotes, and spaces and commas at the ends of lines. */
const plain = (output: string): string => output.trim().replaceAll('"', "'").replace(/,?\s+/g, ' ')

async function compile(file: string, folder: string): Promise<void> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')]
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', ...types]
  await run(process.execPath, [compiler, ...options, file], { cwd: folder })
}

function asCommonJs(code: string): string {
  const required = code.replace(/^import (\{[^}]*\}) from ('[^']+');?$/gm, 'const $1 = require($2)')
  return `(async () => {\n${required}\n})()\n`
}
