import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { SECRET } from '../../../../test/support/credentials.ts'
import type { PathRule } from '../../../../test/support/oracle.ts'
import { judge, type Received, type Verdict } from '../../../../test/support/service.ts'
import { main } from '../../src/cli/main.ts'
import { readOwn as readOwnFile } from './own.ts'

// Runs the program in this process for speed, or as a build in a separate process.

export const KEY = 'AKIDEXAMPLE'
export const KEYS = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET }
/** The host, signing date and verification time of examples. */
export const HOST = 'photos.s3.eu-west-1.amazonaws.com'
export const DATE = '2026-01-31T12:00:00Z'
export const NOW = ['--now', '2026-01-31T12:05:00Z']
// biome-ignore lint/suspicious/noControlCharactersInRegex: colors are escape sequences
export const COLOR = /\x1b\[\d+m/g
/** A home directory that does not exist. */
export const NOWHERE = '/nonexistent'

export interface Setting {
  /** @default only the keys above */
  env?: Record<string, string | undefined>
  stdin?: string | Uint8Array
  /** Standard input is a terminal, where someone can answer. */
  isInteractive?: boolean
  home?: string
  /** The width of the terminal; without it, the output is not a terminal. */
  columns?: number
  /** Ctrl-C; a list: each time. */
  interrupted?: Promise<void> | readonly Promise<void>[]
  /** Reads a file of the package. @default those of the sources, with version 1.2.3 */
  readOwn?: (name: string) => string | Buffer
  /** Receives both outputs so far, after each part. */
  onOutput?: (output: string) => void
}

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the program in this process. */
export async function run(args: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const {
    env = KEYS,
    stdin = '',
    isInteractive,
    home = NOWHERE,
    columns,
    interrupted = [],
    readOwn = (name) => (name === '../package.json' ? '{ "version": "1.2.3" }' : readOwnFile(name)),
    onOutput,
  } = setting
  const interruptions = [interrupted].flat().values()
  const written = { stdout: '', stderr: '' }
  const output = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text
      onOutput?.(`${written.stdout}\n${written.stderr}`)
    },
    isTTY: columns !== undefined,
    columns,
  })
  const code = await main({
    args,
    env,
    home,
    stdin: Object.assign(
      (async function* () {
        yield Buffer.from(stdin)
      })(),
      { isTTY: isInteractive },
    ),
    isPiped: () => stdin.length > 0,
    stdout: output('stdout'),
    stderr: output('stderr'),
    readOwn: (name) => Buffer.from(readOwn(name)),
    interrupted: () => interruptions.next().value ?? new Promise<void>(() => {}),
  })
  return { code, ...written }
}

/** A server that the program runs in this process. */
export interface Running {
  readonly port: number
  /** Interrupts the program. */
  stop(): Promise<Outcome>
}

/** Runs a command that serves, on any free port, and waits until it prints its address: then it listens. */
export async function running(args: readonly string[], setting: Setting = {}): Promise<Running> {
  let interrupt = (): void => {}
  const interrupted = new Promise<void>((resolve) => {
    interrupt = resolve
  })
  let found = (_port: number): void => {}
  const listening = new Promise<number>((resolve) => {
    found = resolve
  })
  const onOutput = (output: string) => {
    const printed = output.replace(COLOR, '')
    const [, port] = /^(?: {2}endpoint +|The debugger is at )https?:\/\/[\w.-]+:(\d+)/m.exec(printed) ?? []
    if (port !== undefined) found(Number(port))
  }
  const ended = run([...args, '--port', '0'], { interrupted, onOutput, ...setting })
  const port = await Promise.race([
    listening,
    ended.then(({ code, stderr }) => Promise.reject(new Error(`exited with ${code}: ${stderr}`))),
  ])
  return {
    port,
    stop() {
      interrupt()
      return ended
    },
  }
}

/** Presigns a URL of the example host and date. */
export async function presigned(method: string, ...more: string[]): Promise<string> {
  const { stdout } = await run(['presign', method, `https://${HOST}/cat.jpg`, '--now', DATE, ...more])
  return stdout.trim()
}

/** Returns the output of a run that must succeed without messages. */
export async function succeed(args: readonly string[], setting?: Setting): Promise<string> {
  const { code, stdout, stderr } = await run(args, setting)
  if (code !== 0 || stderr !== '') throw new Error(`${code}: ${stderr}`)
  return stdout
}

/** Returns the message of a run that must exit with 2, in one line and without output. */
export async function errorOf(args: readonly string[], setting?: Setting): Promise<string> {
  const { code, stdout, stderr } = await run(args, setting)
  if (code !== 2 || stdout !== '') throw new Error(`${code}: ${stdout}`)
  const [, line] = /^sigv4-tools: (.*[.?]) See 'npx sigv4-tools [a-z -]*--help'\.\n$/.exec(stderr) ?? []
  if (line === undefined) throw new Error(`not one line: ${stderr}`)
  return line
}

/** Creates a temporary folder. */
export function temporary(): {
  folder: string
  write: (name: string, content: string | Uint8Array) => string
  remove: () => void
} {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-cli-'))
  return {
    folder,
    write(name, content) {
      const path = join(folder, name)
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, content)
      return path
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Builds the program as it is packaged: one file, with the manifest in the parent folder. */
export async function buildProgram(folder: string): Promise<string> {
  const outfile = join(folder, 'dist/cli.js')
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/cli.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    logLevel: 'error',
  })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "version": "1.2.3" }')
  chmodSync(outfile, 0o755)
  return outfile
}

const children = new Set<ChildProcess>()

/** Stops programs that a failed test left running. */
export function stopAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

/** Starts a program. `until` waits for its output. */
export function start(
  file: string,
  args: readonly string[],
  { env = KEYS, stdin, cwd }: Setting & { cwd?: string } = {},
) {
  const child: ChildProcess = spawn(file, args, {
    env: { PATH: process.env.PATH, HOME: NOWHERE, ...env },
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  children.add(child)
  child.on('close', () => children.delete(child))
  const written = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      written[name] += text
      for (const listener of listeners) listener()
    })
  child.stdin!.on('error', () => {}) // It may exit without reading everything.
  child.stdin!.end(stdin)
  const ended = new Promise<Outcome & { signal: string | null }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, ...written }))
  })
  const until = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(written.stdout)
        if (found) resolve(found)
      }
      listeners.add(look)
      look()
      setTimeout(() => reject(new Error(`no ${pattern} in ${written.stdout}`)), 60_000).unref()
      void ended.then(({ stderr }) => reject(new Error(`exited without ${pattern}: ${stderr}`)))
    })
  return { child, ended, until }
}

/** Starts a server that records every request. */
export async function record() {
  const requests: Received[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const headers: [string, string][] = []
      for (let i = 0; i < request.rawHeaders.length; i += 2)
        headers.push([request.rawHeaders[i]!, request.rawHeaders[i + 1]!])
      requests.push({ method: request.method!, target: request.url!, headers, body: Buffer.concat(pieces) })
      response.end('fine\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    /** Returns the only new request. */
    take(): Received {
      const [request, ...rest] = requests.splice(0)
      if (!request || rest.length) throw new Error(`${request ? rest.length + 1 : 0} requests received`)
      return request
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Verifies a request independently, and throws if its signature is wrong. */
export function verified(received: Received, rule: PathRule = 's3', secret = SECRET): Verdict {
  const verdict = judge(received, secret, rule)
  if (verdict.sent !== verdict.expected) throw new Error(`not the signature of\n${verdict.canonicalRequest}`)
  return verdict
}
