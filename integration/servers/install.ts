import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Receives a description of each slow step. */
export type Progress = (doing: string) => void

/** A server that is not available on this machine. The message describes what to install. */
export class ServerUnavailable extends Error {
  override name = 'ServerUnavailable'
}

const ONE_HOUR = 60 * 60 * 1000
const TAIL_LINES = 40
const LINE_LENGTH = 500

/** The cache folder of installed servers. */
export function cacheFolder(): string {
  const { SIGV4_CACHE, XDG_CACHE_HOME } = process.env
  return SIGV4_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'sigv4')
}

/**
 * Installs a server into the cache folder, unless it is already installed, and returns its folder.
 *
 * Installs under a temporary name, and renames the folder when it is complete, so that interrupted or concurrent
 * installations do not leave an incomplete server.
 */
export async function installOnce(key: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), key)
  if (existsSync(folder)) return folder

  await removeAbandoned(key)
  const draft = `${folder}.${randomBytes(4).toString('hex')}.partial`
  try {
    await mkdir(draft, { recursive: true })
    await build(draft)
    await rename(draft, folder)
  } catch (error) {
    // A concurrent installation was faster. Only complete ones have the name.
    if (!existsSync(folder)) throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}

async function removeAbandoned(key: string): Promise<void> {
  const names = await readdir(cacheFolder()).catch(() => [])
  for (const name of names.filter((name) => name.startsWith(`${key}.`) && name.endsWith('.partial'))) {
    const draft = join(cacheFolder(), name)
    // By age, not by process ID, because containers can share the cache.
    const age = Date.now() - (await stat(draft).catch(() => ({ mtimeMs: 0 }))).mtimeMs
    if (age > ONE_HOUR) await rm(draft, { recursive: true, force: true })
  }
}

/** Installs the packages of a folder with a lock file, unless they are already installed. */
export async function installPackages(folder: string): Promise<void> {
  const changed = (file: string) => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (changed('node_modules/.package-lock.json') > changed('package-lock.json')) return
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--prefix', folder]
  await runInstaller('npm', ['ci', ...options])
}

/** Runs an installation step. If it fails, the error contains the last lines of its output. */
export async function runInstaller(command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { status, output } = await run(command, args, env)
  if (status === 0) return
  const tail = lastLines(output)
  throw new ServerUnavailable(`${command} ${args.join(' ')}\nexited with ${status}:\n${tail}`)
}

/** Runs a command and collects its output. If the command does not exist, the status is 127. */
export async function run(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.on('error', (error) => resolve({ status: 127, output: error.message }))
    child.on('close', (status, signal) => resolve({ status: status ?? 1, output: signal ? output + signal : output }))
  })
}

/** Returns the version of the installed Go, which must be at least `major.minor`. */
export async function findGo(major: number, minor: number): Promise<string> {
  const { status, output } = await run('go', ['env', 'GOVERSION'])
  const [, version = '', ...found] = /go((\d+)\.(\d+)\S*)/.exec(output) ?? []
  const needed = `needs Go ${major}.${minor} or newer`
  if (status !== 0) throw new ServerUnavailable(`${needed}: install it and put it on the PATH`)
  const [foundMajor, foundMinor] = found.map(Number)
  const isEnough = foundMajor! > major || (foundMajor === major && foundMinor! >= minor)
  if (!isEnough) throw new ServerUnavailable(`${needed}: the one on the PATH is ${version || output.trim()}`)
  return version
}

/** Returns the last 40 lines of a log, truncated. */
export function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-TAIL_LINES)
  return lines.map((line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line)).join('\n')
}
