import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// The app, run as its reader runs it: a process of its own.

const FOLDER = fileURLToPath(new URL('../../examples/browser-upload/', import.meta.url))

export { FOLDER }

export interface App {
  origin: string
  output(): string
  stop(): Promise<void>
}

/** Starts the app; `kind` as on its command line. */
export async function startApp(kind: 'serve' | 'localstack' | '', env: Record<string, string>): Promise<App> {
  const args = ['node_modules/tsx/dist/cli.mjs', 'server/main.ts', ...(kind ? [kind] : [])]
  const child = spawn(process.execPath, args, {
    cwd: FOLDER,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  process.once('exit', () => child.kill())
  const origin = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const [, found] = /^The page is at (\S+)$/m.exec(output) ?? []
        if (found) resolve(found)
      })
    child.once('exit', (code) => reject(new Error(`The app ended with ${code}:\n${output}`)))
  })
  return {
    origin,
    output: () => output,
    async stop() {
      child.kill()
      await ended
    },
  }
}
