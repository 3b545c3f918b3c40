import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KEY_ID, SECRET } from '../../../../../test/support/credentials.ts'
import { byHeader, type Making, type Reply, send } from '../../../../../test/support/hand.ts'
import { type RunningServer, type ServeOptions, serve } from '../../../src/serve.ts'

export const credentials = { accessKeyId: KEY_ID, secretAccessKey: SECRET }

export interface Started {
  server: Omit<RunningServer, 'credentials'>
  lines: string[]
  /** Sends a signed request: `s3('PUT', '/bucket/key', { body })`. */
  s3(method: string, target: string, change?: Partial<Making>): Promise<Reply>
  making(change: Partial<Making>): Making
  stop(): Promise<void>
}

export async function start(options: ServeOptions = {}): Promise<Started> {
  const lines: string[] = []
  const server = await serve({ credentials, log: (line) => lines.push(line), ...options })
  const making = (change: Partial<Making>): Making => ({ host: `127.0.0.1:${server.port}`, ...change })
  return {
    server,
    lines,
    making,
    s3(method, target, change = {}) {
      const [path, search = ''] = target.split('?')
      const query = { ...Object.fromEntries(new URLSearchParams(search)), ...change.query }
      return send(server.port, byHeader(making({ ...change, method, path: path!, query })))
    },
    stop: server.close,
  }
}

export function newFolder(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'sigv4-serve-'))
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) }
}

/** Returns the content of all elements with a name. */
export function all(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value]) => value!)
}
