import { isSigV4Error, type SigV4Error } from '../../core/errors.ts'
import { createHider } from '../../core/secrets/hide.ts'
import { OPTIONS, type OptionName } from './options.ts'

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

/** Arguments of the library by their name on the command line, except options of the same name. */
const FLAGS: Readonly<Record<string, string>> = {
  'options.contentLengthRange': '--min-size',
  'options.contentTypePrefix': '--content-type',
  'options.credentials.accessKeyId': 'the access key ID',
  'options.credentials.expiration': 'the session',
  'options.credentials.secretAccessKey': 'the secret access key',
  'options.credentials.sessionToken': 'the session token',
  'options.allowHosts': '--allow-host',
  'options.allowRegions': '--allow-region',
  'options.allowServices': '--allow-service',
  'options.fields': '--field',
  'options.fields.bucket': '--field "bucket"',
  'options.headers': '-H',
  'options.tls.cert': '--tls-cert',
  'options.tls.key': '--tls-key',
  'options.upstream': 'the upstream',
  'request.headers': '-H',
  'request.url': 'the URL',
  target: 'the URL',
  'target.bucket': 'the bucket name',
  'target.cache': 'the name of the cache',
  'target.host': 'the host',
  'target.key': 'the key',
  'target.keyPrefix': 'the key',
  'target.pathStyle': 'the path style',
  'target.port': 'the port',
}

/** Hints by argument and problem. They replace hints of the library that do not fit the command line. */
const HINTS: Readonly<Record<string, string>> = {
  '-H reserved': 'Pass the request unsigned.',
  '-H unsendable': 'It contains a control or non-ASCII character.',
  '-H "x-amz-content-sha256" reserved': 'Pass its value as --payload-hash.',
  '--allow-http missing': 'The connection would not be encrypted. Pass https://…, or --allow-http in your own network.',
  '--allow-presigned unusable': 'It requires --resign.',
  '--allow-region unusable': 'It requires --resign.',
  '--allow-service unusable': 'It requires --resign.',
  '--content-type conflict': 'Omit --field Content-Type.',
  '--endpoint unusable': 'Cloudflare R2 does not accept forms. Use presign put with --content-length.',
  '--endpoint invalid': 'Pass an absolute http(s) URL without a user name, query, or fragment.',
  '--expires range': 'Pass 1s to 7d, or a date within 7 days of signing.',
  '--field "bucket" mismatch': 'Omit it.',
  '--field mismatch': 'Its value must start with the prefix in the target or --content-type.',
  '--payload-hash invalid': 'Pass a SHA-256 in lowercase hex, or UNSIGNED-PAYLOAD.',
  '--health invalid': 'It must differ from --port.',
  '--host unusable': '--watch is for this machine only. Omit it, or pass 127.0.0.1.',
  '--redirect-region unusable': 'Pass either --region, for status 400, or --redirect-region, for status 301.',
  '--region invalid': 'Pass a name such as us-east-1.',
  '--region missing': 'Pass it, and --service for a host outside AWS.',
  '--session-token-name invalid': 'Pass x-amz-security-token or x-amz-s3session-token.',
  '--signing-date invalid': 'Pass a date such as 2026-01-31T12:00:00Z.',
  '--sign-query unusable': 'It cannot be combined with --resign or --watch.',
  '--token invalid': 'The file must contain at least 16 characters, without spaces.',
  '--token missing':
    'Other machines can reach this address, and could use the credentials. Pass --token FILE or --resign, or omit --host.',
  '--token unusable': 'It cannot be combined with --resign or --watch.',
  '--tls-key mismatch': 'Pass the private key of the certificate in --tls-cert.',
  'the bucket name invalid': 'Write s3://bucket/key.',
  'the key conflict': 'Omit --field key.',
  'the key unsendable': 'It cannot be . or .. alone.',
  'the path style invalid': 'This bucket requires --path-style.',
  'the session expired': 'Get new credentials.',
  'the session token missing': 'An access key ID that starts with ASIA requires it.',
  'the upstream invalid': 'Pass https://HOST without a user name, path, or query. A path is --prefix.',
  'the URL invalid': 'Pass an absolute http(s) URL without a user name or fragment (# is %23).',
  'the URL signed': 'Pass it without parameters such as X-Amz-Signature.',
  'the URL unsendable': 'Its path contains a . or .. segment. Write s3://bucket/key; the key cannot be . or .. alone.',
}

/** How messages name the arguments of the library. */
interface Naming {
  /** Names of arguments that are not options. */
  readonly names?: Readonly<Record<string, string>>
  /** Returns the value of an option, if it is set. */
  readonly readValue?: ((name: OptionName) => string | undefined) | undefined
}

function flagOf(argument: string): string {
  const option = argument.replace(/^(?:options|target)\./, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return FLAGS[argument] ?? (Object.hasOwn(OPTIONS, option) ? `--${option}` : argument)
}

/** Rewrites the message of an argument error for the command line. */
function describeArgument(
  argument: string,
  reason: string | undefined,
  message: string,
  { names, readValue }: Naming,
): string {
  const bracket = `${argument}[`.indexOf('[')
  const name = argument.slice(bracket + 1, -1)
  const flag = flagOf(argument.slice(0, bracket))
  const named = name ? `${flag} ${name}` : flag
  const problem = message.slice(argument.length)
  const end = problem.indexOf('.')
  const hint = HINTS[`${named} ${reason}`] ?? HINTS[`${flag} ${reason}`]
  const value = reason === 'range' || reason === 'invalid' ? readValue?.(flag.slice(2) as OptionName) : undefined
  return (
    (names?.[argument] ?? named) + problem.slice(0, end) + got(value ?? '') + (hint ? `. ${hint}` : problem.slice(end))
  )
}

/** Describes why a file cannot be read. */
export function describeFileError(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const problems: Record<string, string> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a directory',
    ENOTDIR: 'it does not exist',
    ELOOP: 'it is a link to itself',
    ENAMETOOLONG: 'its name is too long',
  }
  return problems[code ?? ''] ?? code ?? 'unknown error'
}

/** Describes an error in one line. */
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
