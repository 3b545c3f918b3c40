import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

// What publint and arethetypeswrong report about a tarball.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Returns the messages of publint, of all levels. */
export async function publintMessages(tarball: string): Promise<string[]> {
  const bytes = new Uint8Array(readFileSync(tarball))
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
}

/** What arethetypeswrong finds in a tarball. */
export interface Types {
  readonly entries: readonly string[]
  readonly problems: readonly string[]
}

/** Returns the entries of a tarball, and the problems of their types in every module resolution. */
export async function typesOf(tarball: string): Promise<Types> {
  const cli = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  const options = ['--format', 'json', '--ignore-rules', 'cjs-resolves-to-esm']
  // it fails if it finds problems
  const { stdout } = await run(process.execPath, [cli, tarball, ...options]).catch((error) => error)
  const { analysis, problems } = JSON.parse(stdout)
  const found = Object.values(problems ?? {}).flat() as { kind: string }[]
  return { entries: Object.keys(analysis.entrypoints).sort(), problems: found.map(({ kind }) => kind) }
}
