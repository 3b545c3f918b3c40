import { fail } from '../errors.ts'
import { AWS_DOMAIN, DOMAIN, type HostScope, isAwsRegion, normalizeHost, REGION, s3HostScope } from './s3-hosts.ts'
import { readScope, type ScopeInput, type ScopeOptions, type ScopeParts } from './scope.ts'

/**
 * Signing names that are not the last label of a host's name, each with ends of names. Before a dot, there is a label.
 * Generated from fixtures/aws-endpoints/endpoints.txt by npm run hosts: change tools/hosts.ts instead.
 */
const SIGNING_NAMES = `AWSMobileHubService mobile
IngestionService importexport
IoTSecuredTunneling iot-tunneling,tunneling.iot
account-access account-access-runtime
acm acm-acme
agent-registry agent-registry-control
appconfig appconfigdata
appstream appstream2
appsync appsync-api,appsync-realtime-api
aps aps-workspaces
arc-region-switch arc-region-switch-control-plane
aws-marketplace agreement-marketplace,catalog-marketplace,deployment-marketplace,discovery-marketplace,entitlement-marketplace,marketplace,metering-marketplace,reporting-marketplace
awsssoportal portal.sso
bedrock bedrock-agent,bedrock-agent-runtime,bedrock-data-automation,bedrock-data-automation-runtime,bedrock-runtime
bedrock-agentcore bedrock-agentcore-control
cassandra cassandra-streams
chime identity-chime,media-pipelines-chime,meetings-chime,messaging-chime,voice-chime
cloudhsm cloudhsmv2
cloudsearch cloudsearchdomain
cloudwatch cloudwatch-omni
codecommit git-codecommit
connect contact-lens
dynamodb ddb,search-ddb,search-dynamodb,streams-dynamodb
ec2-instance-connect ec2-instance-connect-endpoint
elasticfilesystem efs
es aos
events eventsv2
execute-api participant.connect
forecast forecastquery
geo cp.maps.geo,cp.places.geo,cp.routes.geo
geo-maps maps.geo
geo-places places.geo
geo-routes routes.geo
iam iam-toolbox
iot-jobs-data jobs.iot
iotdata .iot
ioteventsdata data.iotevents
ivs ivsrealtime
kafka kafka-api
kinesis control-kinesis,data-kinesis,kinesis-queues
lakeformation data-lakeformation,query-lakeformation
lambda lambda-url
lex models-v2-lex,runtime-v2-lex
logs stream-logs
medical-imaging runtime-medical-imaging
memorydb memory-db
mgh migrationhub-config
mobiletargeting pinpoint
mturk-requester mturk-requester-sandbox
neptune-db region.neptune
omics analytics-omics,control-storage-omics,storage-omics,tags-omics,workflows-omics
partnercentral partnercentral-prm
personalize personalize-events,personalize-runtime
rds-db region.rds
rekognition streaming-rekognition
route53-recovery-control-config arc-recovery-control-config
servicecatalog servicecatalog-appregistry
servicediscovery data-servicediscovery
ses email,mail-manager
signer data-signer
sms-voice sms-voice.pinpoint
sqs queue
sso-oauth oidc
states sync-states
timestream timestream-ingest,timestream-query
transcribe transcribestreaming
wellarchitected wellarchitected-agent`

/** The signing names by the ends of names, read on first use. */
const signingNames = /* @__PURE__ */ new Map<string, string>()

/** Returns the signing name of the longest end of a name that has one; `undefined` if it is the last label. */
function signingName(name: string): string | undefined {
  if (!signingNames.size)
    for (const row of SIGNING_NAMES.split('\n')) {
      const [service, ends] = row.split(' ') as [string, string]
      for (const end of ends.split(',')) signingNames.set(end, service)
    }
  let service: string | undefined
  // an end starts with a label, or with the dot before it
  for (let at = 0; at >= 0 && !service; at = name[at] === '.' ? at + 1 : name.indexOf('.', at))
    service = signingNames.get(name.slice(at))
  return service
}

/** Hosts without a region that are signed for us-east-1: global services, and services older than regions. */
const AWS_GLOBAL =
  /(?:^|\.)(?:iam|sts|sdb|queue|cloudfront|route53|waf|budgets|savingsplans|health)\.(?:amazonaws\.com|global\.api\.aws)$/

/** Services whose hosts are signed for us-east-1, with any region or without one. */
const IN_US_EAST_1 = /^(?:importexport|api\.sustainability)$/

/** Hosts whose path determines the service: the end of the name and the path, and the signing name. */
const BY_PATH: readonly (readonly [place: RegExp, service: string])[] = [
  [/^[^/]*\.geo\/[a-z]+\/v0\//, 'geo'],
  [/^[^./]+(?:\.ats)?\.iot\/mqtt$/, 'iotdevicegateway'],
]

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

/** Reads the scope of a target in any service, and rejects what an AWS host is certain to reject. */
export function readHostScope(parts: ScopeParts, options: ScopeOptions): ScopeInput {
  return readScope(parts, options, hostScope, true)
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
