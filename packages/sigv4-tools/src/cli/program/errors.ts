import { isSigV4Error, type SigV4Error } from '../../../../../src/internal/errors.ts'
import { createHider } from '../../redaction/hide.ts'
import { OPTIONS, type Option, type OptionName } from './options.ts'

/** A usage error, reported in one line with exit code 2. */
export class UsageError extends Error {}

export function usage(message: string): never {
  throw new UsageError(message)
}

/** Formats an argument for a message. Long arguments could be secrets, so they are omitted. */
export function shown(argument: string): string {
  return /^[\w./:=-]{1,24}$/.test(argument) ? ` "${argument}"` : ''
}

/** Formats a received value for a message. */
export function got(value: string): string {
  const text = shown(value)
  return text && ` (got${text})`
}

/** The name of an argument of the library on the command line, and fixes for problems with it. */
interface NamedArgument extends Pick<Option, 'fixes'> {
  readonly name: string
}

const URL_ARGUMENT: NamedArgument = {
  name: 'the URL',
  fixes: {
    invalid: 'Pass an absolute http(s) URL without a user name or fragment (# is %23).',
    signed: 'Pass it without parameters such as X-Amz-Signature.',
    unsendable: 'Its path contains a . or .. segment. Write s3://bucket/key; the key cannot be . or .. alone.',
  },
}

const KEY: NamedArgument = {
  name: 'the key',
  fixes: { conflict: 'Omit --field key.', unsendable: 'It cannot be . or .. alone.' },
}

/** The arguments of the library that no option sets. */
const ARGUMENTS: Readonly<Record<string, NamedArgument>> = {
  'options.credentials.accessKeyId': { name: 'the access key ID' },
  'options.credentials.expiration': { name: 'the session', fixes: { expired: 'Get new credentials.' } },
  'options.credentials.secretAccessKey': { name: 'the secret access key' },
  'options.credentials.sessionToken': {
    name: 'the session token',
    fixes: { missing: 'An access key ID that starts with ASIA requires it.' },
  },
  'options.upstream': {
    name: 'the upstream',
    fixes: { invalid: 'Pass https://HOST without a user name, path, or query. A path is --prefix.' },
  },
  'request.url': URL_ARGUMENT,
  target: URL_ARGUMENT,
  'target.bucket': { name: 'the bucket name', fixes: { invalid: 'Write s3://bucket/key.' } },
  'target.cache': { name: 'the name of the cache' },
  'target.host': { name: 'the host' },
  'target.key': KEY,
  'target.keyPrefix': KEY,
  'target.pathStyle': { name: 'the path style', fixes: { invalid: 'This bucket requires --path-style.' } },
  'target.port': { name: 'the port' },
}

/** Names of the library's arguments in messages. */
interface Naming {
  /** Names of arguments that are not options. */
  readonly names?: Readonly<Record<string, string>>
  /** Returns the value of an option, if it is set. */
  readonly readValue?: ((name: OptionName) => string | undefined) | undefined
}

/** Returns the name of an argument on the command line: an option, if one sets it. */
function namedArgument(argument: string): NamedArgument {
  const given = argument.replace(/^(?:options|target)\./, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const own = ARGUMENTS[argument]
  if (own) return own
  for (const [name, { sets, fixes, short }] of Object.entries(OPTIONS) as [string, Option][])
    if (sets?.includes(argument) || name === given) return { name: short === 'H' ? '-H' : `--${name}`, fixes }
  return { name: argument }
}

/** Names the options of the command line in a message of the library, in place of those that a program passes. */
export function withFlags(text: string): string {
  return text
    .replace(/\boptions\.\w+(?:\.\w+)*/g, (argument) => namedArgument(argument).name)
    .replace(/\bthe mode '(resign|watch)'/g, '--$1')
}

/** Rewrites the message of an argument error for the command line. */
function describeArgument(
  argument: string,
  reason: string | undefined,
  message: string,
  { names, readValue }: Naming,
): string {
  const [, start = argument, part] =
    /^([^[]*)\[(.*)\]$/s.exec(argument.replace(/^(options\.fields)\.(\w+)$/, '$1["$2"]')) ?? []
  const { name, fixes = {} } = namedArgument(start)
  const problem = message.slice(argument.length)
  const end = problem.indexOf('.')
  const fix = fixes[`${part} ${reason}`] ?? fixes[reason ?? '']
  const value = reason === 'range' || reason === 'invalid' ? readValue?.(name.slice(2) as OptionName) : undefined
  return (
    (names?.[argument] ?? (part ? `${name} ${part}` : name)) +
    problem.slice(0, end) +
    got(value ?? '') +
    (fix ? `. ${fix}` : withFlags(problem.slice(end)))
  )
}

/** Describes the reason if a file cannot be read or written. */
export function describeFileError(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const problems: Record<string, string> = {
    ENOENT: 'it does not exist',
    EEXIST: 'it already exists',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'it is on a read-only file system',
    ENOSPC: 'the disk is full',
    EISDIR: 'it is a directory',
    ENOTDIR: 'it does not exist',
    ELOOP: 'it is a link to itself',
    ENAMETOOLONG: 'its name is too long',
  }
  return problems[code ?? ''] ?? code ?? 'unknown error'
}

export function describe(error: unknown, naming: Naming = {}): string {
  const { message = '', code, argument, reason } = Object(error) as Partial<SigV4Error>
  const text = argument === undefined ? message : describeArgument(argument, reason, message, naming)
  const line = text.replace(/\s+/g, ' ').trim()
  if (error instanceof UsageError || argument !== undefined || isSigV4Error(error)) return line
  return `unexpected error: ${line || String(code)}`
}

/** Removes known secrets from a string. */
export function hideSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  return createHider(secrets.filter((secret) => secret !== undefined && secret.length >= 8) as string[])(text)
}

/** Throws an error about an address that a server cannot listen on. */
export function rejectAddress(
  error: NodeJS.ErrnoException,
  port: number,
  host = '127.0.0.1',
  option = '--port',
): never {
  if ('argument' in error) throw error
  const { code, message } = error
  if (code === 'EADDRINUSE') usage(`port ${port} is in use. Pass a different ${option}, or 0 for any free port.`)
  if (code === 'EACCES') usage(`port ${port} requires more privileges. Pass a ${option} above 1023.`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    usage(`--host${shown(host)} is not an address of this machine.`)
  usage(`the server could not start: ${message}.`)
}
