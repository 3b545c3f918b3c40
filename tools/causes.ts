import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { EXAMPLES } from '../debugger/examples.ts'
import { type Cause, causes, causeText } from '../src/explain.ts'
import { examples } from './causes.examples.ts'

// Generates docs/causes.md from the descriptions of the causes, the examples and the recorded messages: npx tsx tools/causes.ts

const PAGE = new URL('../docs/causes.md', import.meta.url)
const MESSAGES = new URL('../fixtures/service-messages/messages.tsv', import.meta.url)

/** Maximum number of services per cause. */
const MOST_SERVICES = 6

/** Names of services, the most common first. */
const SERVICES: Readonly<Record<string, string>> = {
  'aws-s3': 'Amazon S3',
  'aws-json': 'AWS services with JSON',
  'aws-api-gateway': 'API Gateway',
  'cloudflare-r2': 'Cloudflare R2',
  minio: 'MinIO',
  'google-cloud-storage': 'Google Cloud Storage',
  'aws-query': 'AWS services with XML',
  'ceph-rgw': 'Ceph',
  'backblaze-b2': 'Backblaze B2',
  'digitalocean-spaces': 'DigitalOcean Spaces',
  wasabi: 'Wasabi',
  'supabase-storage': 'Supabase Storage',
  localstack: 'LocalStack',
  garage: 'Garage',
  seaweedfs: 'SeaweedFS',
  versitygw: 'Versity Gateway',
  moto: 'Moto',
  rustfs: 'RustFS',
  'swift-s3api': 'OpenStack Swift',
  'scality-cloudserver': 'Scality CloudServer',
  noobaa: 'NooBaa',
  'ozone-s3gateway': 'Apache Ozone',
  s3rver: 's3rver',
  s3s: 's3s',
  'aws-opensearch': 'Amazon OpenSearch Service',
  'aws-coral-xml': 'AWS services with Coral XML',
  'aws-iot': 'AWS IoT',
  'versitygw-iam': 'Versity Gateway (IAM)',
}

/** Causes that change the signature, so that a service only reports a mismatch. */
const MISMATCH =
  /^(?:wrong-secret|secret-|key-derivation|date-mismatch|tampered-|method|host|path|query-|header-(?:changed|whitespace)|payload-hash)/

/** The grounds of a finding, the strongest first, as in src/explain/rank.ts. */
const RULE = `| evidence | confidence |
| --- | --- |
| reproduced: the received signature, hash, or canonical request was computed from this cause | \`proven\` |
| visible or compared, and named by the service's error | \`likely\` |
| compared: the strings of the client and the service differ in this part | \`likely\` |
| visible: a service that checks the request must reject it | \`likely\` |
| left over: everything else matches | \`likely\` |
| either: everything that could be tried matches, but a signed value can be anything | \`possible\` |
| named by the service's error, without evidence in the request | \`likely\` if the error names one cause or contains its values, otherwise \`possible\` |
| tolerated: the request shows it, but it may not be the reason | \`possible\` |
| common: requests without a visible problem often fail for this reason | \`possible\` |`

const INTRODUCTION = `# Causes

Every cause that \`explain\` and \`inspect\` report, in the library and on the command line, listed by its code. Generated from \`src/explain/model/\` by \`npx tsx tools/causes.ts\`.

## How causes are ranked

The strongest evidence comes first:

${RULE}

- \`proven\`: applying the cause reproduces a received signature, hash, or canonical request.
- \`likely\`: the evidence shows the cause, or the service names it.
- \`possible\`: nothing contradicts the cause. Confirm it before you apply the fix.

The commands below use the command line of this package, the AWS CLI, and curl. \`URL\` is a presigned URL: \`URL=$(sigv4 presign get s3://photos/cat.jpg)\`.
`

interface Message {
  readonly server: string
  readonly code: string
  readonly status: string
  readonly message: string
  readonly causes: readonly string[]
}

function messages(): Message[] {
  const ranks = Object.keys(SERVICES)
  const rows = readFileSync(MESSAGES, 'utf8').trimEnd().split('\n').slice(1)
  return rows
    .map((row) => {
      const [server = '', , code = '', status = '', message = '', list = ''] = row.split('\t')
      return { server, code, status, message, causes: list.split(' ') }
    })
    .sort((a, b) => ranks.indexOf(a.server) - ranks.indexOf(b.server))
}

/** What services return for a cause: first those that name it first, or only report a mismatch. */
function responses(all: readonly Message[], cause: Cause): string[] {
  const groups = [
    ...(MISMATCH.test(cause) ? [all.filter((row) => row.causes[0] === '?')] : []),
    all.filter((row) => row.causes[0] === cause),
    all.filter((row) => row.causes.includes(cause)),
    ...(MISMATCH.test(cause) ? [] : [all.filter((row) => row.causes[0] === '?')]),
  ]
  const found = new Map<string, string>()
  for (const row of groups.find((group) => group.length > 0) ?? []) {
    if (found.size === MOST_SERVICES || found.has(row.server)) continue
    const words = row.message.length > 110 ? `${row.message.slice(0, 109).trimEnd()}…` : row.message
    const error = [row.status, row.code, words].filter((part) => part !== '' && part !== '0').join(' ')
    found.set(row.server, `${SERVICES[row.server] ?? row.server}: \`${error.replaceAll('`', "'")}\``)
  }
  return [...found.values()]
}

/** Returns the content of the page. */
export function causesPage(): string {
  const shown = examples()
  const all = messages()
  const sections = causes().map((cause) => {
    const { means, happens, fix, check } = causeText(cause)
    const { before, after, reproduce } = shown.get(cause)!
    const returned = responses(all, cause)
    return [
      `## ${cause}\n`,
      `${means}\n`,
      `**How it happens.** ${happens}\n`,
      '```diff',
      ...before.map((line) => `- ${line}`),
      ...after.map((line) => `+ ${line}`),
      '```\n',
      '**Reproduce it.**\n',
      '```sh',
      ...reproduce,
      '```\n',
      ...(returned.length ? ['**What services return.**\n', ...returned.map((line) => `- ${line}`), ''] : []),
      `**Check.** ${check}\n`,
      `**Fix.** ${fix}\n`,
      ...(EXAMPLES.some(([example]) => example === cause)
        ? [`[Example in the debugger](../debugger/index.html#example=${cause})\n`]
        : []),
    ].join('\n')
  })
  return [INTRODUCTION, ...sections].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, causesPage())
