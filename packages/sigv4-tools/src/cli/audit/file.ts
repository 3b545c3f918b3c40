import { constants, existsSync } from 'node:fs'
import { access, lstat, open, realpath, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { describeFileError, got, shown, usage } from '../program/errors.ts'

// The file of a private report. It is never overwritten, and never where it could be published by mistake.

/** Throws unless a report can be written to a new file, outside of git repositories. */
export async function checkReportFile(path: string): Promise<void> {
  if (/^-?$|[/\\]$/.test(path)) usage(`--report must be a new file${got(path)}. Pass its path.`)
  const fail = (error: unknown): never =>
    usage(`--report: cannot write the file${shown(path)}: ${describeFileError(error)}. Pass a different path.`)
  const isFree = await lstat(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT' || fail(error),
  )
  if (!isFree) usage(`--report already exists${got(path)}. Pass the path of a new file: reports are not overwritten.`)
  const folder = await realpath(dirname(resolve(path))).catch(() =>
    usage(`--report is in a folder that does not exist${got(path)}. Create the folder, or pass a different path.`),
  )
  await access(folder, constants.W_OK).catch(fail)
  if (isInRepository(folder))
    usage(
      `--report is in a git repository${got(path)}. Pass a path outside of it: what is private could be committed and published.`,
    )
}

function isInRepository(folder: string): boolean {
  // in a worktree or a submodule, it is a file
  if (existsSync(join(folder, '.git'))) return true
  const parent = dirname(folder)
  return parent !== folder && isInRepository(parent)
}

/** Writes a report that only the user can read. What was written of it is removed if it is incomplete. */
export async function writeReportFile(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(text)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await file.close()
    }
  } catch (error) {
    usage(`--report: cannot write the file${shown(path)}: ${describeFileError(error)}. Pass a different path.`)
  }
}
