import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, runToEnd } from '../runtimes/process.ts'

export const HERE = fileURLToPath(new URL('.', import.meta.url))

const WITHIN = 240_000

/** Signs the documented S3 example, which prints this URL. */
export const EXPECTED =
  'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'

export const ARGUMENTS = `'https://examplebucket.s3.amazonaws.com/test.txt', {
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  expires: '1d',
  now: Date.UTC(2013, 4, 24),
}`

export const ASYNC = `import { presignGet } from 'sigv4'
presignGet(${ARGUMENTS}).then(({ url }) => console.log(url))
`
export const SYNC = `import { presignGet } from 'sigv4/sync'
console.log(presignGet(${ARGUMENTS}).url)
`

/** A user's project: builds and runs it, and returns its output. */
export interface Consumer {
  name: string
  version: string
  run(folder: string): Promise<{ printed: string[]; sizes?: Record<string, number> }>
}

/** Writes the files of a project into a new folder. */
export function project(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

export function read(folder: string, end: RegExp): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => end.test(name))
    .map((name) => ({ path: join(folder, name), bytes: readFileSync(join(folder, name)) }))
}

/** Runs a tool with Node and returns its output, or throws with it if the tool fails. */
export async function node(cwd: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const command: Command = { file: process.execPath, args, cwd, env: { CI: '1', TMPDIR: cwd, ...env } }
  const { status, output } = await runToEnd(command, WITHIN)
  if (status !== 0)
    throw new Error(`node ${args.join(' ').slice(0, 300)} exited with ${status}:\n${output.slice(-3000)}`)
  return output
}

/** Returns the executable of an installed tool. */
export function binary(name: string, key = name): string {
  const { bin } = manifest(name)
  return join(HERE, 'node_modules', name, typeof bin === 'string' ? bin : bin[key]!)
}

export function version(name: string): string {
  return manifest(name).version
}

function manifest(name: string): { version: string; bin: Record<string, string> | string } {
  return JSON.parse(readFileSync(join(HERE, 'node_modules', name, 'package.json'), 'utf8'))
}

/** Imports an installed tool. */
export function tool<Module>(name: string): Module {
  return createRequire(join(HERE, 'package.json'))(name) as Module
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
