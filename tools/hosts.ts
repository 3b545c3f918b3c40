import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AWS_DOMAIN, normalizeHost, REGION, s3HostScope } from '../src/core/signing/s3-hosts.ts'
import { endpointScopes } from '../test/support/fixtures.ts'

// Writes src/core/signing/signing-names.ts from the hosts of botocore: npm run hosts

const FILE = fileURLToPath(new URL('../src/core/signing/signing-names.ts', import.meta.url))

/** Ends of names that botocore does not have, the service, and who sends requests there. */
const OTHER_NAMES: readonly (readonly [end: string, service: string, what: string])[] = [
  ['.iot', 'iotdata', 'each account has a name of its own; botocore has only the names that start with data'],
  ['account-access-runtime', 'account-access', 'botocore sends bearer tokens there'],
  ['appsync-api', 'appsync', 'a GraphQL API, by HTTP'],
  ['appsync-realtime-api', 'appsync', 'its subscriptions, by WebSocket'],
  ['aps-workspaces', 'aps', 'Prometheus writes and queries metrics'],
  ['data.iotevents', 'ioteventsdata', 'AWS IoT Events, which botocore no longer has'],
  ['ec2-instance-connect-endpoint', 'ec2-instance-connect', 'a tunnel to an instance, by WebSocket'],
  ['git-codecommit', 'codecommit', 'Git, by HTTPS'],
  ['lambda-url', 'lambda', 'the URL of a function'],
  ['mturk-requester-sandbox', 'mturk-requester', 'the sandbox of Amazon Mechanical Turk'],
  ['queue', 'sqs', 'Amazon SQS, in URLs of queues that were created before sqs was the name'],
  ['region.neptune', 'neptune-db', 'a cluster of Amazon Neptune'],
  ['region.rds', 'rds-db', 'a database, whose password is signed'],
  ['streaming-rekognition', 'rekognition', 'Face Liveness, by WebSocket'],
  ['transcribestreaming', 'transcribe', 'transcriptions by HTTP/2 and WebSocket'],
]

/** Returns the labels before region and domain; `region` and the label after the region if there is one. */
function nameOf(host: string): string | undefined {
  const whole = normalizeHost(host)
  const domain = AWS_DOMAIN.exec(whole)
  if (!domain || s3HostScope(host).service) return undefined
  const name = whole.slice(0, domain.index).replace(/\.(?:us-gov|global)$/, '')
  const [before, , after] = name.split(RegExp(`(?:^|\\.)${REGION}(?=\\.|$)`))
  return after ? `region${after}` : (before ?? name)
}

/** Returns the service that botocore signs for, by name. If services share a host, those of other paths are in `BY_PATH`. */
function servicesByName(): Map<string, string> {
  const services = new Map<string, string>()
  for (const [place, [scope]] of endpointScopes()) {
    const [host, path = ''] = place.split(/\/(.*)/)
    const name = nameOf(host!)
    if (name && path === '') services.set(name, scope!.split(' ')[0]!)
  }
  return services
}

/** Returns the service of the longest end of a name that is known, or the last label: what `hostScope` does. */
function lookUp(name: string, known: ReadonlyMap<string, string>): string {
  const ends = [...name].flatMap((char, i) => (i === 0 || char === '.' || name[i - 1] === '.' ? [name.slice(i)] : []))
  const end = ends.find((each) => known.has(each))
  return end === undefined ? ends.at(-1)! : known.get(end)!
}

/** Returns the ends of names and their services: the shortest end that all its names have one service with. */
function signingNames(): Map<string, string> {
  const known = new Map(OTHER_NAMES.map(([end, service]) => [end, service]))
  const services = [...servicesByName()].sort(([one], [other]) => one.split('.').length - other.split('.').length)
  for (const [name, service] of services) {
    if (lookUp(name, known) === service) continue
    const labels = name.split('.')
    const ends = labels.map((_, i) => labels.slice(i).join('.')).reverse()
    const end = ends.find((each) =>
      services.every(([other, its]) => its === service || !`.${other}`.endsWith(`.${each}`)),
    )
    known.set(end ?? name, service)
  }
  return known
}

/** Returns the generated file. */
export function signingNamesFile(): string {
  const rows = new Map<string, string[]>()
  for (const [end, service] of signingNames()) rows.set(service, [...(rows.get(service) ?? []), end])
  const lines = [...rows].map(([service, ends]) => `${service} ${ends.sort()}`)
  return `// @generated from fixtures/aws-endpoints/endpoints.txt by npm run hosts: change tools/hosts.ts instead.

/** Services whose hosts have another name: the signing name, and ends of names. With a dot at the start, another label precedes. */
export const SIGNING_NAMES = \`${lines.sort().join('\n')}\`
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, signingNamesFile())
