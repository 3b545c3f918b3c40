import { readFileSync } from 'node:fs'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

// What publint and arethetypeswrong report about a tarball.

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
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))))
  if (!analysis.types) return { entries: [], problems: ['NoTypes'] }
  return { entries: Object.keys(analysis.entrypoints).sort(), problems: analysis.problems.map(({ kind }) => kind) }
}
