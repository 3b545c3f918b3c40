import { fail } from '../errors.ts'
import { AWS_DOMAIN, DOMAIN, type HostScope, isAwsRegion, normalizeHost, REGION, s3HostScope } from './s3-hosts.ts'
import { readScope, type ScopeInput, type ScopeOptions, type ScopeParts } from './scope.ts'

/**
 * AWS endpoints whose name differs from their signing name: a pattern for the end of the name, from the start of a label or
 * from a hyphen or dot, and the service.
 */
const SIGNING_NAMES = `-?marketplace aws-marketplace
-(chime|lex) $1
streaming-(rekognition) $1
(ec2-instance-connect)-endpoint $1
(acm|account-access|agent-registry|bedrock-agentcore|cloudwatch|iam|kafka|kinesis|mturk-requester|partnercentral|wellarchitected)-(?:acme|agent|api|control|omni|prm|queues|runtime|sandbox|toolbox) $1
importexport IngestionService
(bedrock)-(?:agent(?!core)|runtime|data-automation).* $1
(personalize|servicecatalog|cassandra)-.+ $1
(timestream)-(?:ingest|query) $1
(appsync)-.*api $1
(appconfig|cloudsearch|events|forecast|ivs|appstream|cloudhsm|transcribe)(?:data|domain|query|realtime|2|v2|streaming) $1
memory-db memorydb
cp\\.[a-z]+\\.geo geo
(maps|places|routes)\\.geo geo-$1
jobs\\.iot iot-jobs-data
data\\.iotevents ioteventsdata
api\\.(?:tunneling\\.iot|iot-tunneling) IoTSecuredTunneling
\\.iot iotdata
sms-voice\\.pinpoint sms-voice
pinpoint mobiletargeting
participant\\.connect execute-api
contact-lens connect
email|mail-manager ses
(?:search|streams)-(dynamodb) $1
migrationhub-config mgh
oidc sso-oauth
portal\\.sso awsssoportal
aos es
efs elasticfilesystem
queue sqs
region\\.(rds|neptune) $1-db
git-(codecommit) $1
(lambda)-url $1
aps-workspaces aps
-(kinesis|lakeformation|logs|medical-imaging|omics|servicediscovery|signer|states) $1
(arc-region-switch)-.+ $1
(?:search-)?ddb dynamodb
arc-(recovery-control-config) route53-$1`

/** Returns the signing name of an endpoint; `undefined` if that is the name of the endpoint. */
type NameTable = (name: string) => string | undefined

const signingName = /* @__PURE__ */ createTable(SIGNING_NAMES)

/**
 * Creates the lookup in a table. A row is a pattern and, after a space, its value, in which `$1` is the group of the pattern.
 * The row with the longest match applies; if there are several, the first one.
 *
 * A row is compiled when a name with its ending is read for the first time, so rows for other names cost nothing.
 */
export function createTable(rows: string): NameTable {
  const index = new Map<string, string[]>()
  const tables = new Map<string, NameTable>()
  return (name) => {
    if (!index.size)
      for (const row of rows.split('\n'))
        for (const end of endsOf(row.split(' ')[0]!)) index.set(end, [...(index.get(end) ?? []), row])
    const end = name.slice(-1)
    let table = tables.get(end)
    if (!table) {
      const possible = index.get(end)
      if (!possible) return undefined
      table = compile(possible)
      tables.set(end, table)
    }
    return table(name)
  }
}

function endsOf(pattern: string): readonly string[] {
  const group = /\((?:\?:)?([^()]*)\)$/.exec(pattern)?.[1] ?? pattern
  const ends = group.split('|').map((each) => each.slice(-1))
  return /[*+]/.test(ends.join('')) ? [...'abcdefghijklmnopqrstuvwxyz0123456789-'] : ends
}

function compile(rows: readonly string[]): NameTable {
  const values: string[] = []
  const patterns = rows.map((row) => {
    const [pattern, value] = row.split(' ') as [string, string]
    const { length } = pattern.match(/\((?!\?)/g) ?? []
    // an empty group after the pattern, whose number shows which row matched
    values[Math.max(values.length, 1) + length] = value
    return `(?:${pattern})()`
  })
  const all = RegExp(`(?:^|\\.|(?=[.-]))(?:${patterns.join('|')})$`)
  return (name) => {
    const found = all.exec(name)
    if (!found) return undefined
    const row = found.indexOf('', 1)
    return values[row]!.replace('$1', found[row - 1]!)
  }
}

/** Hosts without a region that are signed for us-east-1: global services, and services older than regions. */
const AWS_GLOBAL =
  /(?:^|\.)(?:iam|sts|sdb|queue|cloudfront|route53|waf|budgets|savingsplans|health)\.(?:amazonaws\.com|global\.api\.aws)$/

/** Services whose hosts are signed for us-east-1, with any region or without one. */
const IN_US_EAST_1 = /^(?:importexport|api\.sustainability)$/

/** Hosts whose path determines the service: the end of the name and the path, and the signing name. */
const BY_PATH: readonly (readonly [place: RegExp, service: string])[] = [[/^[^/]*\.geo\/[a-z]+\/v0\//, 'geo']]

/** The end of a name without its domain: the region, and the label that may follow it. */
const REGION_END = /* @__PURE__ */ regionEnd()

function regionEnd(): RegExp {
  return RegExp(`(?:^|\\.)${REGION}(?:\\.vpce|\\.(es|aoss|cloudsearch|queue|rds|neptune|neptune-graph))?$`)
}

/**
 * Determines service and region of any AWS host, and of every host that {@link s3HostScope} recognizes. Without a row, the
 * service is the last label before the region. Only a few hosts need the path.
 */
export function hostScope(host: string, path = ''): HostScope {
  const s3 = s3HostScope(host)
  if (s3.service) return s3
  host = normalizeHost(host)
  const domain = AWS_DOMAIN.exec(host)
  if (!domain) return {}
  let name = host.slice(0, domain.index)
  const isGov = name.endsWith('.us-gov') // which may follow the region
  if (isGov) name = name.slice(0, -7)
  const end = REGION_END.exec(name)
  const [, region, after] = end ?? []
  if (end) name = name.slice(0, end.index)
  if (!(name || after) || /(?:^|\.)s3-(?:website|global)/.test(name)) return {} // no signature; Signature Version 4a only
  const label = after ? `region.${after}` : name.replace(/\.global$/, '')
  const place = label + path
  const byPath = BY_PATH.find(([each]) => each.test(place))?.[1]
  const fallback = isGov ? 'us-gov-west-1' : AWS_GLOBAL.test(host) ? 'us-east-1' : undefined
  return {
    service: byPath ?? signingName(label) ?? label.slice(label.lastIndexOf('.') + 1),
    region: IN_US_EAST_1.test(label) ? 'us-east-1' : (region ?? fallback),
  }
}

/** Reads the scope of a target in any service. */
export function readHostScope(parts: ScopeParts, options: ScopeOptions): ScopeInput {
  return readScope(parts, options, hostScope)
}

/** An AWS host, and its name without the domain. */
const AWS_HOST = /* @__PURE__ */ awsHost()

function awsHost(): RegExp {
  return RegExp(`^(.+)\\.${DOMAIN}$`)
}

/** AWS endpoints that serve several regions: the end of the name, and the signing name of the service. */
const GLOBAL_ENDPOINTS: readonly (readonly [name: RegExp, service: string])[] = [
  [/\.mrap\.accesspoint\.s3-global$/, 's3'],
  [/\.endpoint\.events$/, 'events'],
  [/\.endpoints\.email(?:\.global|\.us-gov)?$/, 'ses'],
  [/\.cloudfront-kvs\.global$/, 'cloudfront-keyvaluestore'],
  [/^partnercentral-channel\.(?:global|us-gov)$/, 'partnercentral-channel'],
  [/^partnercentral-prm\.(?:global|us-gov)$/, 'partnercentral'],
  [/^sustainability\.(?:global|us-gov)$/, 'sustainability'],
]

/** Returns the service of a host that serves several regions and requires Signature Version 4a. */
export function globalService(host: string): string | undefined {
  const name = AWS_HOST.exec(normalizeHost(host))?.[1]
  return name && GLOBAL_ENDPOINTS.find(([end]) => end.test(name))?.[1]
}

/** Throws unless a region was passed; `hint` is the fix. A region ends with a number, unlike `aws-global`. */
export function checkRegion(region: string | undefined, hint: string, argument = 'target.region'): string {
  if (!region) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'missing', hint)
  if (typeof region !== 'string' || !isAwsRegion(region)) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'invalid')
  return region
}
