import { stat } from 'node:fs/promises'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import type { Call } from '../program/command.ts'
import { usage } from '../program/errors.ts'
import type { OptionName } from '../program/options.ts'
import { type Found, findCredentials, fromCommand, fromRole, requireFound } from './credentials.ts'
import { profileFiles } from './profiles.ts'

/** Time after which files with credentials are checked for changes. */
const CHECK_INTERVAL = '1s'

/** Credentials for a server, or a function that returns the current ones from a command, a file, or a role. */
interface ServerCredentials {
  readonly credentials: SecretCredentials | (() => Promise<SecretCredentials>) | undefined
  readonly credentialsMaxAge: string | undefined
  /** The access key ID when the server starts, if there are credentials. */
  readonly accessKeyId: string | undefined
}

/**
 * Returns the credentials for a server. A command is run again before they expire, those of a role are requested again, and
 * files are read when they change.
 */
export async function refreshingCredentials(call: Call, isRequired: boolean): Promise<ServerCredentials> {
  const command = call.value('credential-command')
  if (command !== undefined && (call.has('credentials') || call.has('profile')))
    usage('--credential-command cannot be combined with --credentials or --profile.')
  const obtain = async (): Promise<Found> =>
    command === undefined ? requireFound(call) : { credentials: await fromCommand(call, command) }
  const files = command === undefined ? filesOf(call) : []
  let stamp = await stampOf(files)
  const isOptional = command === undefined && !isRequired
  const { credentials: initial, role = undefined } = isOptional
    ? { credentials: await findCredentials(call) }
    : await obtain()
  let found = initial
  const { AWS_ACCESS_KEY_ID } = call.terminal.env
  const isEnvironment = !['credentials', 'profile', 'credential-command'].some((name) => call.has(name as OptionName))
  if (!found || call.value('credentials') === '-' || (isEnvironment && AWS_ACCESS_KEY_ID))
    return { credentials: found, credentialsMaxAge: undefined, accessKeyId: found?.accessKeyId }
  const { accessKeyId } = found
  if (role) {
    const credentials = ({ forceRefresh = false } = {}): Promise<SecretCredentials> =>
      fromRole(call, role, forceRefresh)
    return { credentials, credentialsMaxAge: undefined, accessKeyId }
  }
  let isFirst = true
  const credentials = async ({ forceRefresh = false } = {}): Promise<SecretCredentials> => {
    const current = await stampOf(files)
    const isKept = isFirst || (files.length > 0 && !forceRefresh && current === stamp)
    isFirst = false
    if (isKept) return found!
    ;({ credentials: found } = await obtain())
    stamp = current
    return found
  }
  return { credentials, credentialsMaxAge: files.length > 0 ? CHECK_INTERVAL : undefined, accessKeyId }
}

function filesOf(call: Call): string[] {
  const file = call.value('credentials')
  return file === undefined ? profileFiles(call.terminal) : [file]
}

/** Describes the versions of files. A replaced file has a different inode number. */
async function stampOf(files: readonly string[]): Promise<string> {
  const stamps = files.map((file) =>
    stat(file).then(
      ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
      () => 'missing',
    ),
  )
  return (await Promise.all(stamps)).join()
}
