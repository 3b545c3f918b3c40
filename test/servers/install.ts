import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Told what is being done whenever something takes longer than a moment. */
export type Progress = (doing: string) => void

/** A server that cannot be had on this machine; the message says what to install. */
export class ServerUnavailable extends Error {
  override name = 'ServerUnavailable'
}

const ONE_HOUR = 60 * 60 * 1000
const TAIL_LINES = 40
const LINE_LENGTH = 500

/** The folder that keeps installed servers between runs. */
export function cacheFolder(): string {
  const { SIGV4_CACHE, XDG_CACHE_HOME } = process.env
  return SIGV4_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'sigv4')
}

/**
 * Installs into the cache folder unless that was done before, and returns the folder of the installation.
 *
 * The work is done under a name of its own and renamed when it is complete, so that neither an interrupted
 * installation nor two at the same time leave half a server behind.
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
    // Somebody else was faster: theirs is complete, since only complete ones get the name.
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
    // By age and not by process id: the cache may be shared between containers.
    const age = Date.now() - (await stat(draft).catch(() => ({ mtimeMs: 0 }))).mtimeMs
    if (age > ONE_HOUR) await rm(draft, { recursive: true, force: true })
  }
}

/** Runs one step of an installation; when it fails, the error ends with the last lines of its output. */
export async function runInstaller(command: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { status, output } = await run(command, args, env)
  if (status === 0) return
  const tail = lastLines(output)
  throw new ServerUnavailable(`${command} ${args.join(' ')}\nended with ${status}:\n${tail}`)
}

/** Runs a command to its end and collects what it prints; a command that does not exist has status 127. */
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

/** The last 40 lines of a log or of an installer's output, none of them endless. */
export function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n').slice(-TAIL_LINES)
  return lines.map((line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line)).join('\n')
}
