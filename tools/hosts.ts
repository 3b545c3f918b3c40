import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { AWS_DOMAIN, normalizeHost, REGION, s3HostScope } from '../src/core/signing/s3-hosts.ts'
import { endpointScopes, partitionDomains } from '../test/support/fixtures.ts'

// Writes the table of signing names from the hosts of botocore: npm run hosts
// With -- --newest, it first replaces these hosts with those of the newest botocore, which it installs in a temporary folder.
// With -- --check, it writes nothing, and fails if a file is not current.

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../', import.meta.url))

const ENDPOINTS = 'fixtures/aws-endpoints/endpoints.txt'
const REGIONS = 'fixtures/aws-endpoints/regions.txt'
const SOURCE = 'src/core/signing/hosts.ts'

/** Ends of names that botocore does not have, the service, and what they are. */
export const OTHER_NAMES: readonly (readonly [end: string, service: string, what: string])[] = [
  ['.iot', 'iotdata', 'each account has a name of its own; botocore has only the names that start with data'],
  ['account-access-runtime', 'account-access', 'botocore sends bearer tokens there'],
  ['appsync-api', 'appsync', 'a GraphQL API, by HTTP'],
  ['appsync-realtime-api', 'appsync', 'its subscriptions, by WebSocket'],
  ['aps-workspaces', 'aps', 'Prometheus writes and queries metrics'],
  ['data.iotevents', 'ioteventsdata', 'AWS IoT Events, which botocore no longer has'],
  ['ec2-instance-connect-endpoint', 'ec2-instance-connect', 'a tunnel to an instance, by WebSocket'],
  ['git-codecommit', 'codecommit', 'Git, by HTTPS'],
  ['lambda-url', 'lambda', 'the URL of a function'],
  ['mobile', 'AWSMobileHubService', 'AWS Mobile Hub, which botocore no longer has'],
  ['mturk-requester-sandbox', 'mturk-requester', 'the sandbox of Amazon Mechanical Turk'],
  ['queue', 'sqs', 'Amazon SQS, in URLs of queues that were created before sqs was the name'],
  ['region.neptune', 'neptune-db', 'a cluster of Amazon Neptune'],
  ['region.rds', 'rds-db', 'a database, whose password is signed'],
  ['streaming-rekognition', 'rekognition', 'Face Liveness, by WebSocket'],
  ['transcribestreaming', 'transcribe', 'transcriptions by HTTP/2 and WebSocket'],
]

const REGION_LABEL = RegExp(`(?:^|\\.)${REGION}(?=\\.|$)`)

/** Returns the labels before region and domain; `region` and the label after the region if there is one. */
function nameOf(host: string): string | undefined {
  const whole = normalizeHost(host)
  const domain = AWS_DOMAIN.exec(whole)
  if (!domain || s3HostScope(host).service) return undefined
  const name = whole.slice(0, domain.index).replace(/\.(?:us-gov|global)$/, '')
  const [before, , after] = name.split(REGION_LABEL)
  return after ? `region${after}` : (before ?? name)
}

/** Returns the service that botocore signs for, by name. If services share a host, those of other paths are in `BY_PATH`. */
export function servicesByName(scopes = endpointScopes()): Map<string, string> {
  const services = new Map<string, string>()
  for (const [place, [scope]] of scopes) {
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

/** Returns the services of the ends of names: the shortest end whose names all belong to the service. */
function signingNames(scopes: Map<string, string[]>): Map<string, string> {
  const known = new Map(OTHER_NAMES.map(([end, service]) => [end, service]))
  const services = [...servicesByName(scopes)]
  services.sort(([one], [other]) => one.split('.').length - other.split('.').length)
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

/** Returns the table of signing names: a service and the ends of names in each line. */
export function signingNameTable(scopes = endpointScopes()): string {
  const rows = new Map<string, string[]>()
  for (const [end, service] of signingNames(scopes)) rows.set(service, [...(rows.get(service) ?? []), end])
  const lines = [...rows].map(([service, ends]) => `${service} ${ends.sort()}`)
  return lines.sort().join('\n')
}

/** Returns the source that contains the table. */
export function sourceWith(table: string): string {
  return readFileSync(join(ROOT, SOURCE), 'utf8').replace(/(?<=\nconst SIGNING_NAMES = `)[^`]*/, table)
}

/** Returns the files that the botocore of a Python interpreter defines, by path. */
export async function filesOf(python: string): Promise<Map<string, string>> {
  const print = async (name: string): Promise<string> =>
    (await run(python, [join(ROOT, 'fixtures/aws-endpoints', name)], { maxBuffer: 1e8 })).stdout
  const [endpoints, regions] = await Promise.all([print('generate.py'), print('regions.py')])
  return new Map([
    [ENDPOINTS, endpoints],
    [REGIONS, regions],
    [SOURCE, sourceWith(signingNameTable(endpointScopes(endpoints, partitionDomains(regions))))],
  ])
}

/** Returns the files that the newest botocore defines. */
async function newestFiles(): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'botocore-'))
  try {
    const python = join(folder, 'bin', 'python')
    await run('python3', ['-m', 'venv', folder])
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'botocore'])
    return await filesOf(python)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Returns the lines that differ, without the line that names the version. */
export function differences(before: string, after: string): string[] {
  const linesOf = (text: string): string[] => text.split('\n').filter((line) => !line.startsWith('# botocore '))
  const only = (lines: string[], others: ReadonlySet<string>, sign: string): string[] =>
    lines.filter((line) => !others.has(line)).map((line) => `${sign} ${line}`)
  const [old, current] = [linesOf(before), linesOf(after)]
  return [...only(old, new Set(current), '-'), ...only(current, new Set(old), '+')]
}

/** Prints what differs from the files in the repository, and writes them unless they are only checked. */
function update(files: ReadonlyMap<string, string>, isCheck: boolean): void {
  let count = 0
  for (const [path, text] of files) {
    const lines = differences(readFileSync(join(ROOT, path), 'utf8'), text)
    count += lines.length
    if (lines.length > 0) console.log([`${path}: ${lines.length} lines differ`, ...lines].join('\n'))
  }
  const [version] = /botocore [\d.]+/.exec(files.get(ENDPOINTS) ?? '') ?? [ENDPOINTS]
  if (count === 0) console.log(`Current: the same as ${version}`)
  else if (isCheck) process.exitCode = 1
  else for (const [path, text] of files) writeFileSync(join(ROOT, path), text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { newest: { type: 'boolean' }, check: { type: 'boolean' } } })
  update(
    values.newest ? await newestFiles() : new Map([[SOURCE, sourceWith(signingNameTable())]]),
    values.check === true,
  )
}
