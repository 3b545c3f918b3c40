/** An option of some commands. */
export interface Option {
  /** Placeholder of its value; a switch does not have one. */
  readonly value?: string
  readonly short?: string
  /** Heading under which `--help` lists it. */
  readonly group: 'Request' | 'Signature' | 'Credentials' | 'Server' | 'Output'
  readonly help: string
}

/** All options. Each command lists its own. */
export const OPTIONS = {
  header: { value: "'NAME: VALUE'", short: 'H', group: 'Request', help: 'Signed header, sent unchanged (repeatable)' },
  signed: { value: "'NAME: VALUE'", group: 'Request', help: 'Header as the client may have signed it (repeatable)' },
  query: { value: 'NAME=VALUE', group: 'Request', help: 'Parameter added to the URL (repeatable)' },
  data: { value: 'TEXT', short: 'd', group: 'Request', help: 'Request body' },
  'data-file': { value: 'FILE', group: 'Request', help: 'File with the request body (- for standard input)' },
  method: { value: 'NAME', group: 'Request', help: 'Request method (default GET)' },
  host: { value: 'NAME', group: 'Server', help: 'Host that the client signed, if a proxy changes it' },
  'content-type': { value: 'TYPE', group: 'Request', help: 'Content type that must be sent' },
  'content-length': { value: 'BYTES', group: 'Request', help: 'Length that the upload must have' },
  download: { value: 'NAME', group: 'Request', help: 'File name that browsers save the response as' },
  field: { value: 'NAME=VALUE', group: 'Request', help: 'Additional form field (repeatable)' },
  'min-size': { value: 'SIZE', group: 'Request', help: 'Minimum file size (default 0)' },
  'max-size': { value: 'SIZE', group: 'Request', help: 'Maximum file size: 5000000, 10MB, 10MiB' },
  endpoint: {
    value: 'URL',
    group: 'Request',
    help: 'S3-compatible server for s3:// (default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or AWS)',
  },
  'path-style': { group: 'Request', help: 'Put the bucket in the path (default with --endpoint)' },
  'no-path-style': { group: 'Request', help: 'Put the bucket in the host (default on AWS)' },
  expires: { value: 'TIME', group: 'Request', help: 'Lifetime: 90s, 15m, 12h, 7d, or a date (default 15m)' },
  region: {
    value: 'NAME',
    group: 'Request',
    help: 'Region (default: from the host, AWS_REGION, AWS_DEFAULT_REGION, or the profile)',
  },
  service: { value: 'NAME', group: 'Signature', help: 'Signing name of the service (default: from the host)' },
  'payload-hash': { value: 'HASH', group: 'Signature', help: 'SHA-256 of the body in hex, or UNSIGNED-PAYLOAD' },
  'signing-date': {
    value: 'DATE',
    group: 'Signature',
    help: 'Signing date, such as 2026-01-31T12:00:00Z (default now)',
  },
  'session-token-placement': {
    value: 'WHERE',
    group: 'Signature',
    help: 'signed, or appended for services that require the token after signing (default signed)',
  },
  now: {
    value: 'DATE',
    group: 'Signature',
    help: 'Time of the verification, such as 2026-01-31T12:00:00Z (default now)',
  },
  'allow-small-chunks': {
    group: 'Server',
    help: 'Accept aws-chunked bodies with chunks under 8,192 bytes before the last one',
  },
  profile: { value: 'NAME', group: 'Credentials', help: 'Profile in ~/.aws/credentials and ~/.aws/config' },
  credentials: {
    value: 'FILE',
    group: 'Credentials',
    help: "JSON file with accessKeyId and secretAccessKey, or with the output of 'aws configure export-credentials' or 'aws sts' (- for standard input)",
  },
  response: { value: 'FILE', group: 'Request', help: 'File with the response: its body, or the complete response' },
  explain: { group: 'Server', help: 'Add the cause of an incorrect signature to the error response' },
  port: { value: 'NUMBER', group: 'Server', help: 'Port to listen on; 0 for any free port (default 9000)' },
  cors: {
    value: 'ORIGIN',
    group: 'Server',
    help: "Origin whose pages may use the server, or '*' for all (repeatable; pages on this machine always may)",
  },
  dir: { value: 'FOLDER', group: 'Server', help: 'Directory for the objects (default memory, discarded on exit)' },
  'max-bytes': {
    value: 'SIZE',
    group: 'Server',
    help: 'Total size limit (default 256MiB in memory)',
  },
  curl: { group: 'Output', help: 'Print a curl command, for POSIX shells' },
  file: { value: 'NAME', group: 'Output', help: 'File that the curl command sends or saves' },
  all: { group: 'Output', help: 'Print all findings, not only the first' },
  json: { group: 'Output', help: 'Print JSON' },
  strings: { group: 'Output', help: 'Print the canonical request and string to sign if the signature is incorrect' },
  'no-color': { group: 'Output', help: 'Disable colors; NO_COLOR and FORCE_COLOR are supported too' },
  verbose: { short: 'v', group: 'Output', help: 'Print the source of credentials and region, never a secret' },
  help: { short: 'h', group: 'Output', help: 'Print this help' },
} as const satisfies Readonly<Record<string, Option>>

export type OptionName = keyof typeof OPTIONS

/** Location of the bucket. */
export const LOCATION: readonly OptionName[] = ['region', 'endpoint', 'path-style', 'no-path-style']

/** Details of the signature. */
export const SIGNATURE: readonly OptionName[] = ['service', 'payload-hash', 'signing-date', 'session-token-placement']

/** Credentials to sign with. */
export const IDENTITY: readonly OptionName[] = ['profile', 'credentials']

/** Options of every command. */
export const COMMON: readonly OptionName[] = ['no-color', 'verbose', 'help']

export function optionOf(name: OptionName): Option {
  return OPTIONS[name]
}
