import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// Runs the app as its users do, in a separate process.

const FOLDER = fileURLToPath(new URL('../../examples/browser-upload/', import.meta.url))

export { FOLDER }

export interface App {
  origin: string
  output(): string
  stop(): Promise<void>
}

/** Starts the app. `kind` is its command-line argument. */
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
        const [, found] = /^Open (\S+)$/m.exec(output) ?? []
        if (found) resolve(found)
      })
    child.once('exit', (code) => reject(new Error(`The app exited with ${code}:\n${output}`)))
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
