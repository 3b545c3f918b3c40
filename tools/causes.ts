import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Cause, causeText } from '../packages/sigv4-tools/src/explain.ts'
import { withBlock } from '../test/support/docs/markdown.ts'

// Writes the tables of docs/causes.md and the text of each cause: npx tsx
// tools/causes.ts. A new cause needs a section with its title, an example (diff), and commands (sh).

const PAGE = new URL('../docs/causes.md', import.meta.url)
const MESSAGES = new URL('../packages/sigv4-tools/fixtures/service-messages/messages.tsv', import.meta.url)
const FEATURES = new URL('../packages/sigv4-tools/fixtures/servers/features.tsv', import.meta.url)

/** Maximum number of messages per cause, and of Amazon S3 among them. */
const [MOST_MESSAGES, MOST_OF_S3] = [8, 4]

/** Maximum number of causes of an error code. */
const MOST_CAUSES = 6

/** Names of services, the most common first. */
export const SERVICES: Readonly<Record<string, string>> = {
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
  'aws-rds': 'Amazon RDS',
  'aws-dsql': 'Aurora DSQL',
  'aws-eks': 'Amazon EKS',
  'versitygw-iam': 'Versity Gateway (IAM)',
}

/** Services whose messages are in the table of messages. */
const LISTED = /^(?:aws-|cloudflare-r2|minio|google-cloud-storage|backblaze-b2|supabase-storage)/

/** Causes that change the signature, so that a service only reports a mismatch. */
const MISMATCH =
  /^(?:wrong-secret|secret-|key-derivation|canonical-request|string-to-sign|date-mismatch|tampered-|malformed-signature|signature-case|method|host|path|query-|header-(?:missing|changed|whitespace)|payload-hash|streaming-chunk)/

interface Message {
  readonly server: string
  readonly code: string
  readonly status: string
  readonly message: string
  /** `?` stands for any cause. */
  readonly causes: readonly string[]
}

function readMessages(): Message[] {
  const ranks = Object.keys(SERVICES)
  const rows = readFileSync(MESSAGES, 'utf8').trimEnd().split('\n').slice(1)
  return rows
    .map((row) => {
      const [server = '', , code = '', status = '', message = '', list = ''] = row.split('\t')
      return { server, code, status, message: message.trim(), causes: list.split(' ') }
    })
    .filter(({ code, message }) => code !== '' || message !== '')
    .sort((a, b) => ranks.indexOf(a.server) - ranks.indexOf(b.server))
}

function codeSpan(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``
}

/** Links to the causes of messages, the most common first; after `most` of them, the message decides. */
function links(rows: readonly Message[], most: number): string {
  const weights = new Map<string, number>()
  for (const { causes } of rows)
    for (const [i, cause] of causes.entries()) weights.set(cause, (weights.get(cause) ?? 0) + 1 / (i + 1))
  const ordered = [...weights].sort(([, a], [, b]) => b - a).map(([cause]) => cause)
  const shown = ordered
    .slice(0, most)
    .map((cause) => (cause === '?' ? '[the signatures differ](#the-signatures-differ)' : `[${cause}](#${cause})`))
  return [...shown, ...(ordered.length > most ? ['others by [message](#error-messages)'] : [])].join(', ')
}

/** The messages with the same key, sorted by key. */
function groupBy(all: readonly Message[], keyOf: (row: Message) => string): [key: string, rows: Message[]][] {
  const groups = new Map<string, Message[]>()
  for (const row of all) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

function isOther({ causes }: Message): boolean {
  return causes.every((cause) => cause === 'not-auth')
}

/** A table of error codes and their causes. Codes that are never about the signature are one row. */
function codeTable(all: readonly Message[]): string[] {
  const coded = all.filter(({ code }) => /^[A-Z]\w+$/.test(code))
  const sorted = groupBy(coded, ({ code }) => code)
  const others = sorted.filter(([, rows]) => rows.every(isOther))
  return [
    '| code | causes |',
    '| --- | --- |',
    ...sorted
      .filter((each) => !others.includes(each))
      .map(([code, rows]) => `| ${codeSpan(code)} | ${links(rows, MOST_CAUSES)} |`),
    `| ${others.map(([code]) => codeSpan(code)).join(', ')} | [not-auth](#not-auth) |`,
  ]
}

/** A table of messages and their causes. The same message of several services is one row. */
function messageTable(all: readonly Message[]): string[] {
  const listed = all.filter((row) => LISTED.test(row.server) && row.message.includes(' ') && !isOther(row))
  return [
    '| message | code | causes |',
    '| --- | --- | --- |',
    ...groupBy(listed, ({ message }) => message.toLowerCase().replace(/\W+/g, ' ').trim()).map(([, rows]) => {
      const codes = [...new Set(rows.map(({ code }) => code))].filter((code) => code !== '')
      return `| ${codeSpan(rows[0]!.message)} | ${codes.map(codeSpan).join(', ')} | ${links(rows, Infinity)} |`
    }),
  ]
}

function errorOf({ status, code, message }: Message): string {
  const words = message.length > 150 ? `${message.slice(0, 149).trimEnd()}…` : message
  const parts = [status, code, words].filter((part) => part !== '' && part !== '0')
  return `\`${parts.join(' ').replaceAll('`', "'")}\``
}

/** Messages by service, the most common services first: several of Amazon S3, one of each other service. */
function messageList(rows: readonly Message[]): string[] {
  const chosen: Message[] = []
  for (const row of rows) {
    const count = chosen.filter(({ server }) => server === row.server).length
    if (chosen.length < MOST_MESSAGES && count < (row.server === 'aws-s3' ? MOST_OF_S3 : 1)) chosen.push(row)
  }
  return chosen.map((row) => `- ${SERVICES[row.server] ?? row.server}: ${errorOf(row)}`)
}

/** What services return for a cause. */
function responses(all: readonly Message[], cause: Cause): string[] {
  const heading = '**What services return.**'
  // the name of each parameter after the first starts with `amp;`
  if (cause === 'url-html-escaped') return [`${heading} The same as for [missing-param](#missing-param).`]
  const ranks = Object.keys(SERVICES)
  const rank = ({ server, causes }: Message): number => ranks.indexOf(server) * 10 + causes.indexOf(cause)
  const named = all.filter(({ causes }) => causes.includes(cause)).sort((a, b) => rank(a) - rank(b))
  const first = named.filter(
    ({ server, causes }) => causes[0] === cause || (server === 'aws-s3' && causes[1] === cause),
  )
  if (!MISMATCH.test(cause)) return [`${heading}\n`, ...messageList(first.length > 0 ? first : named)]
  const mismatch = `${heading} That [the signatures differ](#the-signatures-differ)`
  return first.length > 0 ? [`${mismatch}, or:\n`, ...messageList(first)] : [`${mismatch}.`]
}

/** A table of the servers, by name. A feature that a version has gained is missing before it. */
function featureTable(): string[] {
  const rows = readFileSync(FEATURES, 'utf8').trimEnd().split('\n').slice(1)
  const lines = rows.map((row) => {
    const [server = '', feature = '', when = '', date = '', source = ''] = row.split('\t')
    const time = when.startsWith('since ') ? `supported ${when}` : when.replace(/^in (?=\d)/, '')
    return `| ${server} | ${feature} | ${time || 'no version'} | [${date}](${source}) |`
  })
  return ['| server | does not accept | versions | source |', '| --- | --- | --- | --- |', ...lines]
}

/** A section of a cause: its title, and what is written by hand: lines before and after the fix, and commands that reproduce it. */
const SECTION =
  /^## ([a-z][a-z\d-]+)\n(?:(?!^## ).)*?^(```diff\n.*?^```)$(?:(?!^## ).)*?^(```sh\n.*?^```)$.*?(?=^## )/gms

/** Returns the page with its current tables, and the current text of each cause. */
export function withCauses(page: string): string {
  const all = readMessages()
  const blocks = {
    codes: codeTable(all),
    messages: messageTable(all),
    mismatches: messageList(all.filter(({ causes, message }) => causes[0] === '?' && message !== '')),
    servers: featureTable(),
  }
  let written = page
  for (const [name, lines] of Object.entries(blocks)) written = withBlock(written, name, lines.join('\n'))
  return written.replace(SECTION, (_, cause: Cause, example: string, commands: string) => {
    const { means, happens, fix, check } = causeText(cause)
    return [
      `## ${cause}\n\n${means}\n\n**How it happens.** ${happens}\n`,
      `${example}\n\n**Reproduce it.**\n\n${commands}\n`,
      ...responses(all, cause),
      `\n**Check.** ${check}\n\n**Fix.** ${fix}\n\n`,
    ].join('\n')
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, withCauses(readFileSync(PAGE, 'utf8')))
