import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process and its children, in a separate group. */
export interface Group {
  readonly ended: Promise<{ status: number; output: string }>
  /** The output so far. */
  output(): string
  /** Stops the group, gracefully at first: browsers otherwise leave locks and folders. */
  stop(): Promise<void>
}

export interface Command {
  file: string
  args: string[]
  cwd: string
  env?: Record<string, string>
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) signal(child, 'SIGKILL')
})

/** Starts a command. */
export function start({ file, args, cwd, env = {} }: Command): Group {
  const child = spawn(file, args, {
    cwd,
    detached: true,
    env: { PATH: process.env.PATH!, HOME: process.env.HOME!, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const ended = new Promise<{ status: number; output: string }>((resolve) => {
    child.on('error', (error) => resolve({ status: 127, output: error.message }))
    child.on('close', (status, by) => resolve({ status: status ?? 1, output: by ? `${output}\n${by}` : output }))
  })
  return {
    ended,
    output: () => output,
    async stop() {
      signal(child, 'SIGTERM')
      for (let waited = 0; waited < 600 && signal(child, 0); waited += 50) await sleep(50)
      while (signal(child, 'SIGKILL')) await sleep(20)
      running.delete(child)
    },
  }
}

/** Runs a command with a time limit. */
export async function runToEnd(command: Command, within: number): Promise<{ status: number; output: string }> {
  const group = start(command)
  const timer = new AbortController()
  const late = sleep(within, undefined, { signal: timer.signal }).then(
    () => ({ status: 1, output: `not done within ${within / 1000} s\n${group.output()}` }),
    () => ({ status: 1, output: 'stopped' }),
  )
  try {
    return await Promise.race([group.ended, late])
  } finally {
    timer.abort()
    await group.stop()
  }
}

/** Signals a process and its children. Returns whether it still exists. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, name)
  } catch {
    return false
  }
}
