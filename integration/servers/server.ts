import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, untilReady } from '../support/starting.ts'
import type { Differences } from './differences.ts'
import { lastLines, type Progress } from './install.ts'

/** A server before it starts. Each one has a file. */
export interface ServerDefinition {
  name: string
  /** The version of the measured differences; without one, any version is used. */
  pinnedVersion?: string
  /** The version of the measured differences, if others are allowed. A different version prints a note. */
  measuredVersion?: string
  /** Locations in which signatures are verified. Cases for others are skipped, because acceptance proves nothing. */
  verifies: {
    query: boolean
    header: boolean
    /** For POST uploads; `'policy'`: the policy is evaluated, but its signature is not verified. */
    form: boolean | 'policy'
  }
  /** Whether any signature of a client is replaced by a valid one. Only cases that S3 accepts are tested. */
  ignoresClients?: boolean
  /** Known differences from S3, by case name. */
  differences: Differences
  /** Installs the server if required, starts it and waits until it responds. */
  start(progress: Progress): Promise<RunningServer>
  /** Requests temporary credentials. Without it, the cases for them are skipped. */
  issueSession?(server: RunningServer): Promise<SessionCredentials>
}

export interface SessionCredentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** A server on the loopback interface. */
export interface RunningServer {
  /** The version that the server reports. */
  version: string
  endpoint: string
  /** The endpoint whose subdomains are buckets. It is not resolved: requests are sent to `endpoint`. */
  virtualHostEndpoint: string
  region: string
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  stop(): Promise<void>
}

/** How to start a server on a port, and detect that it is ready. */
export interface Launch {
  name: string
  /** The processes to run. The folder is exclusive, and its `data` folder is empty. */
  commands(port: number, folder: string): { file: string; args: string[]; env?: Record<string, string> }[]
  readyPath: string
  /** Returns the version, or undefined while the server is not ready. */
  ready(response: Response): Promise<string | undefined>
}

export interface Launched {
  version: string
  port: number
  stop(): Promise<void>
}

/** A started server with one region that supports buckets in the host `s3.localhost`. */
export function onLoopback(
  { version, port, stop }: Launched,
  credentials: RunningServer['credentials'],
): RunningServer {
  return {
    version,
    endpoint: `http://127.0.0.1:${port}`,
    virtualHostEndpoint: `http://s3.localhost:${port}`,
    region: 'us-east-1',
    credentials,
    stop,
  }
}

const STOP_WITHIN = 10_000

/** Starts a server in a new folder on a free port, and waits until it is ready. */
export async function launch(spec: Launch): Promise<Launched> {
  const folder = mkdtempSync(join(tmpdir(), `sigv4-${spec.name}-`))
  const logFile = join(folder, 'log')
  mkdirSync(join(folder, 'data'))
  const port = await freePort()
  const log = openSync(logFile, 'a')
  const group: ChildProcess[] = []
  const forget = stopWithThisProcess(group, folder)
  const stop = async () => {
    await stopAll(group)
    forget()
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    for (const { file, args, env } of spec.commands(port, folder)) {
      // Detached, so that its child processes can be stopped as a group.
      const options = { cwd: folder, detached: true, env: { ...process.env, ...env } }
      group.push(spawn(file, args, { ...options, stdio: ['ignore', log, log] }))
    }
    const ended = Promise.race(group.map((child) => once(child, 'exit')))
    const url = `http://127.0.0.1:${port}${spec.readyPath}`
    const version = await untilReady({ ended, output: () => lastLines(readFileSync(logFile, 'utf8')) }, async () =>
      spec.ready(await fetch(url, { signal: AbortSignal.timeout(5000) })),
    )
    return { version, port, stop }
  } catch (error) {
    await stop()
    throw new Error(`${spec.name} ${(error as Error).message}`, { cause: error })
  } finally {
    closeSync(log)
  }
}

async function stopAll(group: ChildProcess[]): Promise<void> {
  const signal = (name: NodeJS.Signals | 0) => group.map((child) => signalGroup(child, name)).some(Boolean)
  signal('SIGTERM')
  const deadline = Date.now() + STOP_WITHIN
  while (signal(0) && Date.now() < deadline) await sleep(50)
  signal('SIGKILL')
}

/** Signals a process group. Returns whether it still exists. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

/** Stops detached children if their parent exits. Returns a function that cancels this. */
function stopWithThisProcess(group: ChildProcess[], folder: string): () => void {
  const onExit = () => {
    for (const child of group) signalGroup(child, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  const onSignal = (signal: NodeJS.Signals) => process.exit(signal === 'SIGINT' ? 130 : 143)
  process.once('exit', onExit).once('SIGINT', onSignal).once('SIGTERM', onSignal)
  return () => process.off('exit', onExit).off('SIGINT', onSignal).off('SIGTERM', onSignal)
}
