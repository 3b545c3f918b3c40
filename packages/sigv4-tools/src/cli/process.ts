import { fstatSync } from 'node:fs'
import { homedir } from 'node:os'
import { main } from './main.ts'
import type { Terminal } from './program/terminal.ts'

// Connects the command line to the process: streams, signals, exit code.

/** Resolves on the first Ctrl-C; the second one terminates the process. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

/** Returns whether standard input is a file or a shell's pipe. Node passes sockets to child processes, which may never end. */
function isPiped(): boolean {
  try {
    const stdin = fstatSync(0)
    return stdin.isFile() || stdin.isFIFO()
  } catch {
    return false // Standard input is closed.
  }
}

/** Runs the program. */
export function start(readOwn: Terminal['readOwn']): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader closed the pipe.
      process.exit(error.code === 'EPIPE' ? (process.exitCode ?? 0) : 2)
    })
  main({
    args: process.argv.slice(2),
    env: process.env,
    home: homedir(),
    get stdin() {
      return process.stdin
    },
    isPiped,
    stdout: process.stdout,
    stderr: process.stderr,
    readOwn,
    interrupted,
  }).then((code) => {
    process.exitCode = code
  })
}
