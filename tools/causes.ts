import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Cause, causes, causeText } from '../src/explain.ts'
import { examples, PREPARATION } from './causes.examples.ts'

// Generates docs/causes.md from the descriptions of the causes, the examples and the recorded messages: npx tsx tools/causes.ts

const PAGE = new URL('../docs/causes.md', import.meta.url)
const MESSAGES = new URL('../fixtures/service-messages/messages.tsv', import.meta.url)
const FEATURES = new URL('../fixtures/servers/features.tsv', import.meta.url)

/** Maximum number of messages per cause, and of Amazon S3 among them. */
const [MOST_MESSAGES, MOST_OF_S3] = [8, 4]

/** Maximum number of causes of an error code. */
const MOST_CAUSES = 6

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
| common: requests without a visible problem often fail for this reason | \`possible\` |
| age: the request is old by now, and neither the response nor its error shows when it was received | \`possible\` |`

const INTRODUCTION = `# Causes

Why a request with Signature Version 4 is rejected. To find the cause, pass the request and the response to [\`explain\`](debugging.md), or look up the error here: its [code](#error-codes), its [message](#error-messages), or a [CORS error](#cors-errors) in the browser. \`explain\` and \`inspect\` report these causes by their codes. Examples of pasted errors are in the [debugger](debugging.md): run \`npx sigv4-tools debugger\`.

This page is generated from \`src/explain/model/\` by \`npx tsx tools/causes.ts\`.

## Error codes

\`{…}\` in a message stands for a value.`

const CORS = `## CORS errors

Before the request, the browser asks for permission with a preflight request (\`OPTIONS\`), which is not signed. If the bucket's CORS configuration does not allow the page, the browser does not send the request at all. An error about the preflight request, or about a method or header that is not allowed, is therefore never a signature error:

| browser | message |
| --- | --- |
| Chrome, Edge | \`… has been blocked by CORS policy: Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.\` |
| Firefox | \`Cross-Origin Request Blocked: … (Reason: CORS preflight response did not succeed). Status code: 403.\` |
| Safari | \`Preflight response is not successful. Status code: 403\` |

An error that only mentions \`Access-Control-Allow-Origin\` may be a signature error: the errors of a service often lack the header too, and the browser hides them. Send the request with \`curl -v\`, which ignores CORS, and pass the output to \`npx sigv4-tools explain\`.

| browser | message |
| --- | --- |
| Chrome, Edge | \`… has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.\` |
| Firefox | \`Cross-Origin Request Blocked: … (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.\` |
| Safari | \`Origin https://app.example is not allowed by Access-Control-Allow-Origin. Status code: 403\` |

To see the reason, send the preflight request yourself:

\`\`\`sh
curl -i -X OPTIONS -H 'Origin: https://app.example' -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: content-type' "$URL"
\`\`\`

| response | what to check |
| --- | --- |
| \`403 AccessForbidden\`, \`CORSResponse: CORS is not enabled for this bucket.\` | The bucket does not have a [CORS configuration](cors.md). |
| \`403 AccessForbidden\`, \`CORSResponse: This CORS request is not allowed.\` | The configuration must allow the origin (scheme, host, and port, without a slash at the end), the method, and every header that the page sets, such as \`content-type\` and \`x-amz-…\`. |
| a redirect | Browsers do not follow it. Presign for the host of the bucket's region. |
| \`200\` with \`Access-Control-Allow-Origin\` | The preflight request is allowed. The response to the request itself lacks the header, because a proxy or a different server sent it. Send the request with \`curl -v\`, which ignores CORS, and pass the output to \`npx sigv4-tools explain\`. |`

const DIFFER = `## The signatures differ

If anything that was signed changes, a service only reports that the signatures differ, without the reason. [\`explain\`](debugging.md) finds out what changed.`

const REPRODUCE = `## How to reproduce a cause

The commands of each section send a request with that mistake to a server on your machine, and \`explain\` names the cause. They need a POSIX shell, curl, and Node.

${PREPARATION}`

const UNSUPPORTED = `## What servers do not support

S3-compatible servers do not support everything that Amazon S3 does. [\`explain\`](debugging.md) recognizes a server only if its host, its headers, or its IDs identify it, and names the feature if the request uses it. The dates are those of the sources; a service may have changed since.

- **checksums**: since January 2025, AWS SDKs and the AWS CLI send a CRC32 or CRC64NVME with each upload. Set \`AWS_REQUEST_CHECKSUM_CALCULATION=when_required\` and \`AWS_RESPONSE_CHECKSUM_VALIDATION=when_required\`, or [in the configuration of the client](https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html). \`sigv4\` adds no checksum that you do not pass.
- **trailers**: the same checksum, sent after a body in chunks (\`STREAMING-UNSIGNED-PAYLOAD-TRAILER\`). The same settings turn it off.
- **chunks**: a body in signed chunks (\`STREAMING-AWS4-HMAC-SHA256-PAYLOAD\`).
- **conditions**: \`If-None-Match\` or \`If-Match\` with an upload.
- **forms**: uploads with a POST policy. Use a presigned URL for PUT.`

const ORIGIN = `CloudFront with origin access control signs the request for a Lambda function URL, but it does not hash the body. The client has to send the hash with each POST or PUT; it needs no credentials:

\`\`\`ts
export async function post(url: string, data: unknown): Promise<Response> {
  const body = JSON.stringify(data)
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)))
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return fetch(url, { method: 'POST', body, headers: { 'x-amz-content-sha256': hex } })
}
\`\`\``

const RANKING = `## How causes are ranked

The strongest evidence comes first:

${RULE}

- \`proven\`: applying the cause reproduces a received signature, hash, or canonical request.
- \`likely\`: the evidence shows the cause, or the service names it.
- \`possible\`: nothing contradicts the cause. Confirm it before you apply the fix.

The order has three exceptions:

- **misread**: a fault that makes a service read a different request than was meant, such as two signatures or a URL with \`&amp;\`, precedes everything that was not reproduced, because any error can follow from it.
- **late**: a service stops at the first problem that it finds. If its error names a cause that the evidence shows, that cause precedes a different one that was reproduced.
- **transit**: if the credentials reproduce the signature for the request as the client has it, the secret is right, and the verdict is that the signature is correct for this request. Only what may have changed between the client and the service is then listed, the most fragile part first, as \`possible\`. The request as the service received it shows which part changed.
`

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

/** Returns the content of the page. */
export function causesPage(): string {
  const shown = examples()
  const all = readMessages()
  const sections = causes().map((cause) => {
    const { means, happens, fix, check } = causeText(cause)
    const { before, after, reproduce } = shown.get(cause)!
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
      ...responses(all, cause),
      '',
      `**Check.** ${check}\n`,
      `**Fix.** ${fix}`,
    ].join('\n')
  })
  return [
    INTRODUCTION,
    codeTable(all).join('\n'),
    '## Error messages',
    messageTable(all).join('\n'),
    CORS,
    DIFFER,
    messageList(all.filter(({ causes, message }) => causes[0] === '?' && message !== '')).join('\n'),
    UNSUPPORTED,
    featureTable().join('\n'),
    ORIGIN,
    REPRODUCE,
    ...sections,
    RANKING,
  ].join('\n\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, causesPage())
