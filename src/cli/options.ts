/** An option of some commands. */
export interface Option {
  /** What it takes; without it the option is a switch. */
  readonly value?: string
  readonly short?: string
  /** Whether it can be said several times. */
  readonly repeat?: boolean
  /** Heading under which `--help` lists it. */
  readonly group: 'Request' | 'Signature' | 'Credentials' | 'Server' | 'Output'
  readonly help: string
}

/** All options. Commands say which are theirs. */
export const OPTIONS = {
  header: {
    value: "'NAME: VALUE'",
    short: 'H',
    repeat: true,
    group: 'Request',
    help: 'header that is signed and must be sent exactly so; repeatable',
  },
  query: { value: 'NAME=VALUE', repeat: true, group: 'Request', help: 'parameter added to the URL; repeatable' },
  data: { value: 'TEXT', short: 'd', group: 'Request', help: 'body of the request' },
  'data-file': { value: 'FILE', group: 'Request', help: 'file with the body of the request; - is standard input' },
  method: { value: 'NAME', group: 'Request', help: 'method of the request (default GET)' },
  host: { value: 'NAME', group: 'Server', help: 'host that the client signed, where a proxy changes it' },
  'content-type': { value: 'TYPE', group: 'Request', help: 'content type that must be sent' },
  'content-length': { value: 'BYTES', group: 'Request', help: 'length that the upload must have' },
  download: { value: 'NAME', group: 'Request', help: 'file name that the answer offers to browsers' },
  field: { value: 'NAME=VALUE', repeat: true, group: 'Request', help: 'further field of the form; repeatable' },
  'min-size': { value: 'SIZE', group: 'Request', help: 'fewest bytes of the file (default 0)' },
  'max-size': { value: 'SIZE', group: 'Request', help: 'most bytes of the file: 5000000, 10MB, 10MiB' },
  endpoint: {
    value: 'URL',
    group: 'Request',
    help: 'server that speaks S3, for s3:// (default AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS)',
  },
  'path-style': { group: 'Request', help: 'bucket in the path: the default with --endpoint' },
  'no-path-style': { group: 'Request', help: 'bucket in the host: the default on AWS' },
  expires: { value: 'TIME', group: 'Request', help: 'how long it works: 90s, 15m, 12h, 7d, or a date (default 15m)' },
  region: {
    value: 'NAME',
    group: 'Request',
    help: 'region (default that of the host, AWS_REGION, AWS_DEFAULT_REGION, that of the profile)',
  },
  service: { value: 'NAME', group: 'Signature', help: 'signing name of the service (default that of the host)' },
  'payload-hash': { value: 'HASH', group: 'Signature', help: 'SHA-256 of the body in hex, or UNSIGNED-PAYLOAD' },
  'signing-date': { value: 'DATE', group: 'Signature', help: 'when it is signed, 2026-01-31T12:00:00Z (default now)' },
  'session-token-placement': {
    value: 'WHERE',
    group: 'Signature',
    help: 'signed, or appended for services that want the token added afterwards (default signed)',
  },
  now: { value: 'DATE', group: 'Signature', help: 'time of the verification, 2026-01-31T12:00:00Z (default now)' },
  'allow-small-chunks': {
    group: 'Server',
    help: 'accept aws-chunked bodies with chunks under 8,192 bytes before the last one',
  },
  profile: { value: 'NAME', group: 'Credentials', help: 'profile of ~/.aws/credentials and ~/.aws/config' },
  credentials: {
    value: 'FILE',
    group: 'Credentials',
    help: "file with what 'aws configure export-credentials', 'aws sts' or a credential process prints; - is standard input",
  },
  response: { value: 'FILE', group: 'Request', help: 'file with the answer: its body, or all of it' },
  explain: { group: 'Server', help: 'answer a wrong signature with what explain finds' },
  port: { value: 'NUMBER', group: 'Server', help: 'port to listen on; 0 is any free one (default 9000)' },
  dir: { value: 'FOLDER', group: 'Server', help: 'folder that keeps the objects (default: memory, gone at the end)' },
  'max-bytes': {
    value: 'SIZE',
    group: 'Server',
    help: 'most that all objects take together (default 256MiB in memory)',
  },
  curl: { group: 'Output', help: 'print a command that sends it, for POSIX shells' },
  file: { value: 'NAME', group: 'Output', help: 'file that the command of --curl sends or saves' },
  json: { group: 'Output', help: 'print JSON' },
  strings: { group: 'Output', help: 'print the canonical request and the string to sign of a wrong signature' },
  'no-color': { group: 'Output', help: 'no colours; NO_COLOR and FORCE_COLOR are heeded as well' },
  verbose: { short: 'v', group: 'Output', help: 'say where credentials and region come from, never a secret' },
  help: { short: 'h', group: 'Output', help: 'this text' },
} as const satisfies Readonly<Record<string, Option>>

export type OptionName = keyof typeof OPTIONS

/** Where S3 is. */
export const PLACE: readonly OptionName[] = ['region', 'endpoint', 'path-style', 'no-path-style']

/** How it is signed. */
export const SIGNATURE: readonly OptionName[] = ['service', 'payload-hash', 'signing-date', 'session-token-placement']

/** Who signs. */
export const IDENTITY: readonly OptionName[] = ['profile', 'credentials']

/** Options of every command. */
export const COMMON: readonly OptionName[] = ['no-color', 'verbose', 'help']

export function optionOf(name: OptionName): Option {
  return OPTIONS[name]
}
