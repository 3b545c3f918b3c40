/** An option of some commands. */
export interface Option {
  /** Placeholder of its value; a switch does not have one. */
  readonly value?: string
  readonly short?: string
  /** Heading under which `--help` lists it. */
  readonly group: 'Request' | 'Signature' | 'Server' | 'Output'
  readonly help: string
  /** Arguments of the library that it sets, if their name differs. */
  readonly sets?: readonly string[]
  /** Fixes, by the problem with its value, in place of those of the library; one for a header or field starts with its name. */
  readonly fixes?: Readonly<Record<string, string>> | undefined
}

/** All options. Each command lists its own. */
export const OPTIONS = {
  header: {
    value: "'NAME: VALUE'",
    short: 'H',
    group: 'Request',
    help: 'Signed header, sent unchanged (repeatable)',
    sets: ['options.headers', 'request.headers'],
    fixes: {
      reserved: 'Pass the request unsigned.',
      '"x-amz-content-sha256" reserved': 'Pass its value as --payload-hash.',
      unsendable: 'It contains a control or non-ASCII character.',
    },
  },
  signed: { value: "'NAME: VALUE'", group: 'Request', help: 'Header that may have been signed (repeatable)' },
  query: { value: 'NAME=VALUE', group: 'Request', help: 'Parameter added to the URL (repeatable)' },
  data: { value: 'TEXT', short: 'd', group: 'Request', help: 'Request body' },
  'data-file': { value: 'FILE', group: 'Request', help: 'File with the request body (- for standard input)' },
  method: { value: 'NAME', group: 'Request', help: 'Request method (default GET)' },
  host: {
    value: 'NAME',
    group: 'Server',
    help: 'Host that the client signed, if a proxy changes it',
    fixes: { unusable: '--watch is for this machine only. Omit it, or pass 127.0.0.1.' },
  },
  'content-type': {
    value: 'TYPE',
    group: 'Request',
    help: 'Content type that must be sent',
    sets: ['options.contentTypePrefix'],
    fixes: { conflict: 'Omit --field Content-Type.' },
  },
  'content-length': { value: 'BYTES', group: 'Request', help: 'Length that the upload must have' },
  download: { value: 'NAME', group: 'Request', help: 'File name that browsers save the response as' },
  field: {
    value: 'NAME=VALUE',
    group: 'Request',
    help: 'Additional form field (repeatable)',
    sets: ['options.fields'],
    fixes: {
      '"bucket" mismatch': 'Omit it.',
      mismatch: 'Its value must start with the prefix in the target or --content-type.',
    },
  },
  'min-size': {
    value: 'SIZE',
    group: 'Request',
    help: 'Minimum file size (default 0)',
    sets: ['options.contentLengthRange'],
  },
  'max-size': { value: 'SIZE', group: 'Request', help: 'Maximum file size: 5000000, 10MB, 10MiB' },
  endpoint: {
    value: 'URL',
    group: 'Request',
    help: 'S3-compatible server (default AWS_ENDPOINT_URL_S3)',
    fixes: {
      unusable: 'Cloudflare R2 does not accept forms. Use presign put with --content-length.',
      invalid: 'Pass an absolute http(s) URL without a user name, query, or fragment.',
    },
  },
  'path-style': { group: 'Request', help: 'Put the bucket in the path, as with --endpoint' },
  'no-path-style': { group: 'Request', help: 'Put the bucket in the host, as on AWS' },
  expires: {
    value: 'TIME',
    group: 'Request',
    help: '90s, 15m, 12h, up to 7d, or a date (default 15m)',
    fixes: { range: 'Pass 1s to 7d, or a date within 7 days of signing.' },
  },
  region: {
    value: 'NAME',
    group: 'Signature',
    help: 'Region (default: host, AWS_REGION, or profile)',
    fixes: { invalid: 'Pass a name such as us-east-1.', missing: 'Pass it, and --service for a host outside AWS.' },
  },
  service: { value: 'NAME', group: 'Signature', help: 'Signing name of the service (default: of the host)' },
  'payload-hash': {
    value: 'HASH',
    group: 'Signature',
    help: 'SHA-256 of the body in hex, or UNSIGNED-PAYLOAD',
    fixes: { invalid: 'Pass a SHA-256 in lowercase hex, or UNSIGNED-PAYLOAD.' },
  },
  'session-token-placement': {
    value: 'WHERE',
    group: 'Signature',
    help: 'signed, or appended after signing (default signed)',
  },
  'session-token-name': {
    value: 'NAME',
    group: 'Signature',
    help: 'x-amz-security-token for S3 Express without a session',
    fixes: { invalid: 'Pass x-amz-security-token or x-amz-s3session-token.' },
  },
  now: {
    value: 'DATE',
    group: 'Signature',
    help: 'Time to use as the current one, such as 2026-01-31T12:00:00Z',
    fixes: { invalid: 'Pass a date such as 2026-01-31T12:00:00Z.' },
  },
  'allow-small-chunks': { group: 'Server', help: 'Accept aws-chunked bodies with chunks under 8 KiB' },
  profile: { value: 'NAME', group: 'Signature', help: 'Profile in ~/.aws/credentials and ~/.aws/config' },
  credentials: { value: 'FILE', group: 'Signature', help: 'JSON with the access key (- for standard input)' },
  user: { value: 'NAME', group: 'Request', help: 'User of the database or cache' },
  admin: { group: 'Request', help: 'Sign in to DSQL as the user admin' },
  serverless: { group: 'Request', help: 'The cache is an ElastiCache serverless cache' },
  response: { value: 'FILE', group: 'Request', help: 'File with the response or its body' },
  explain: { group: 'Server', help: 'Explain and log rejected signatures' },
  port: { value: 'NUMBER', group: 'Server', help: 'Port; 0 for any free port (default 9000)' },
  cors: { value: 'ORIGIN', group: 'Server', help: "Site whose pages may use it, or '*' (repeatable)" },
  dir: { value: 'FOLDER', group: 'Server', help: 'Directory for the objects (default: in memory)' },
  'max-bytes': { value: 'SIZE', group: 'Server', help: 'Total size limit (default 256MiB in memory)' },
  skew: { value: 'TIME', group: 'Server', help: 'Clock fast by 1h or, as --skew=-1h, slow' },
  'fail-rate': { value: 'SHARE', group: 'Server', help: 'Share of requests that get 500 or 503, such as 0.2' },
  throttle: { value: 'NUMBER', group: 'Server', help: 'Requests per second; more get 503 SlowDown' },
  'redirect-region': {
    value: 'NAME',
    group: 'Server',
    help: 'Region of all buckets; for others, status 301',
    fixes: { unusable: 'Pass either --region, for status 400, or --redirect-region, for status 301.' },
  },
  'expire-token': { value: 'TIME', group: 'Server', help: 'Expire session tokens this long after first use' },
  resign: { group: 'Server', help: 'Verify a placeholder key, and sign again' },
  watch: { group: 'Server', help: 'Forward unchanged; explain rejected requests' },
  'client-credentials': { value: 'FILE', group: 'Server', help: 'Placeholder key (default: generated)' },
  'credential-command': { value: 'COMMAND', group: 'Signature', help: 'Command that prints credentials as JSON' },
  connect: { value: 'HOST[:PORT]', group: 'Server', help: 'Address to connect to in place of the upstream' },
  prefix: { value: 'PATH', group: 'Server', help: 'Path in front of every path, such as /prod' },
  'sign-query': {
    group: 'Signature',
    help: 'Sign WebSocket requests in the query string',
    fixes: { unusable: 'It cannot be combined with --resign or --watch.' },
  },
  cookies: { group: 'Server', help: 'Forward cookies' },
  'max-body': { value: 'SIZE', group: 'Server', help: 'Longest body that is read first (default 100MiB)' },
  'tls-cert': {
    value: 'FILE',
    group: 'Server',
    help: 'Certificate (PEM): clients connect with https',
    sets: ['options.tls.cert'],
  },
  'tls-key': {
    value: 'FILE',
    group: 'Server',
    help: 'Private key of the certificate (PEM)',
    sets: ['options.tls.key'],
    fixes: { mismatch: 'Pass the private key of the certificate in --tls-cert.' },
  },
  health: { value: 'PORT', group: 'Server', help: 'Port for health checks; any path is 200 or 503' },
  token: {
    value: 'FILE',
    group: 'Server',
    help: 'File with a token that clients must send',
    fixes: {
      invalid: 'The file must contain at least 16 characters, without spaces.',
      missing:
        'Other machines can reach this address, and could use the credentials. Pass --token FILE or --resign, or omit --host.',
      unusable: 'It cannot be combined with --resign or --watch.',
    },
  },
  'allow-host': {
    value: 'NAME',
    group: 'Server',
    help: 'Name by which clients reach it (repeatable)',
    sets: ['options.allowHosts'],
  },
  'allow-http': {
    group: 'Server',
    help: 'Allow an upstream without encryption',
    fixes: { missing: 'The connection would not be encrypted. Pass https://…, or --allow-http in your own network.' },
  },
  'read-only': { group: 'Server', help: 'Allow only GET, HEAD, and OPTIONS' },
  allow: { value: "'METHOD PATH'", group: 'Server', help: "Requests to allow: 'GET /a/*' (repeatable)" },
  'allow-service': {
    value: 'NAME',
    group: 'Server',
    help: 'Service that clients may sign for (repeatable)',
    sets: ['options.allowServices'],
  },
  'allow-region': {
    value: 'NAME',
    group: 'Server',
    help: 'Region that clients may sign for (repeatable)',
    sets: ['options.allowRegions'],
  },
  'allow-presigned': { group: 'Server', help: 'Accept presigned requests' },
  bucket: { value: 'NAME', group: 'Server', help: 'Bucket to test, preferably empty' },
  'virtual-host': { group: 'Server', help: 'The host of the URL names the bucket' },
  path: { value: 'PATH', group: 'Server', help: 'Path to request of a service other than S3' },
  only: { value: 'NAME', group: 'Request', help: "Class, or ID such as 'presigned/*' (repeatable)" },
  skip: { value: 'NAME', group: 'Request', help: 'Class or ID to leave out (repeatable)' },
  suite: { value: 'DIR', group: 'Request', help: 'Send the tests in this folder' },
  concurrency: { value: 'NUMBER', group: 'Request', help: 'Requests at the same time (default 4)' },
  rate: { value: 'NUMBER', group: 'Request', help: 'Requests per second (default 20)' },
  timeout: { value: 'TIME', group: 'Request', help: 'Time for each response (default 10s)' },
  'dry-run': { group: 'Request', help: 'Print the requests, send nothing' },
  keep: { group: 'Request', help: 'Keep what was stored' },
  yes: { short: 'y', group: 'Request', help: 'Do not ask if the bucket is not empty, or on AWS' },
  list: { group: 'Output', help: 'List the tests' },
  show: { value: 'ID', group: 'Output', help: 'Print a test: its request, and why it is rejected' },
  markdown: { group: 'Output', help: 'Print Markdown' },
  report: { value: 'FILE', group: 'Output', help: 'Write a private report for the maintainers' },
  strict: { group: 'Output', help: 'Exit code 1 for findings of any severity' },
  curl: { group: 'Output', help: 'Print a curl command, for POSIX shells' },
  html: { group: 'Output', help: 'Print an HTML form' },
  file: { value: 'NAME', group: 'Output', help: 'File that the curl command sends or saves' },
  all: { group: 'Output', help: 'Print all findings, not only the first' },
  json: { group: 'Output', help: 'Print JSON' },
  strings: { group: 'Output', help: 'Print the canonical request and string to sign' },
  'no-color': { group: 'Output', help: 'Disable colors, as NO_COLOR does' },
  verbose: { short: 'v', group: 'Output', help: 'Print where credentials and region were found' },
  help: { short: 'h', group: 'Output', help: 'Print this help' },
} as const satisfies Readonly<Record<string, Option>>

export type OptionName = keyof typeof OPTIONS

export const LOCATION: readonly OptionName[] = ['region', 'endpoint', 'path-style', 'no-path-style']

export const SIGNATURE: readonly OptionName[] = [
  'service',
  'payload-hash',
  'now',
  'session-token-placement',
  'session-token-name',
]

export const IDENTITY: readonly OptionName[] = ['profile', 'credentials']

export const COMMON: readonly OptionName[] = ['no-color', 'verbose', 'help']

export function optionOf(name: OptionName): Option {
  return OPTIONS[name]
}
