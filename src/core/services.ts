/** Services in which a path names an object: encoded once, never normalized, payload unsigned when presigned. */
export function isS3(service: string): boolean {
  return /^s3(express|-outposts|-object-lambda)?$/.test(service)
}

/** What a host says of the credential scope; a part that it does not say is missing. */
export interface HostScope {
  readonly service?: string | undefined
  readonly region?: string | undefined
}

/** A region of AWS: `us-east-1`, `us-gov-west-1`, `us-isob-east-1`, `eusc-de-east-1`. */
const REGION = '([a-z]{2,4}(?:-[a-z]+)+-\\d)'

/** The domains of AWS's partitions: commercial, China, European sovereign, isolated. */
const DOMAIN =
  '(?:(?:api\\.)?amazon(?:aws|webservices)\\.(?:com|com\\.cn|eu)|(?:api|on)\\.aws(?:(?:\\.hci)?\\.ic\\.gov|\\.scloud)?|(?:c2s|csp\\.hci)\\.ic\\.gov|sc2s\\.sgov\\.gov|(?:api\\.cloud-aws|cloud)\\.adc-e\\.uk)$'

/**
 * Hosts of S3 without a region in their name, and clouds that speak S3: a pattern for the end of the host (a bucket may
 * stand before it), and the region where there is one.
 */
const PLAIN_HOSTS = `
s3(?:-external-1)?\\.amazonaws\\.com us-east-1
s3-accelerate\\.amazonaws\\.com
(?:(?:eu|us|fedramp)\\.)?r2\\.cloudflarestorage\\.com auto
(?:storage\\.googleapis\\.com|t3\\.storage\\.dev|fly\\.storage\\.tigris\\.dev) auto
storage\\.yandexcloud\\.net ru-central1
s3\\.wasabisys\\.com us-east-1
s3\\.nl-1\\.wasabisys\\.com eu-central-1
s3\\.de-1\\.wasabisys\\.com eu-central-2
s3\\.uk-1\\.wasabisys\\.com eu-west-1
s3\\.fr-1\\.wasabisys\\.com eu-west-2
s3\\.uk-2\\.wasabisys\\.com eu-west-3
s3\\.it-1\\.wasabisys\\.com eu-south-1
s3\\.([a-z\\d-]+)\\.(?:wasabisys\\.com|backblazeb2\\.com|scw\\.cloud|io\\.cloud\\.ovh\\.(?:net|us)) $1
(?!cdn\\.)([a-z\\d-]+)\\.(?:digitaloceanspaces|your-objectstorage)\\.com $1`

/** Endpoints of AWS that are not signed for their own name: a pattern for the end of that name, and the service. */
const SIGNING_NAMES = `
.*marketplace aws-marketplace
.+-(chime|lex) $1
(bedrock-agentcore)-control $1
(bedrock)-(?:agent(?!core)|runtime|data-automation).* $1
(personalize|servicecatalog|cassandra)-.+ $1
(timestream)-(?:ingest|query) $1
(appsync)-.*api $1
(appconfig|cloudsearch|forecast|ivs|appstream|cloudhsm|transcribe)(?:data|domain|query|realtime|2|v2|streaming) $1
memory-db memorydb
cp\\.[a-z]+\\.geo geo
(maps|places|routes)\\.geo geo-$1
jobs\\.iot iot-jobs-data
data\\.iotevents ioteventsdata
api\\.(?:tunneling\\.iot|iot-tunneling) IoTSecuredTunneling
.+\\.iot iotdata
sms-voice\\.pinpoint sms-voice
pinpoint mobiletargeting
participant\\.connect execute-api
contact-lens connect
email|mail-manager ses
streams-(dynamodb) $1
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
.+-(kinesis|lakeformation|logs|medical-imaging|omics|servicediscovery|signer|states) $1
(arc-region-switch)-.+ $1
ddb dynamodb
arc-(recovery-control-config) route53-$1`

/** The value of the first row whose pattern fits the end of `name`, from the start of a label; `$1` is its first group. */
function lookUp(table: string, name: string): string | undefined {
  for (const row of table.trim().split('\n')) {
    const [pattern, value] = row.split(' ')
    const found = new RegExp(`(?:^|\\.)(?:${pattern})$`).exec(name)
    if (found) return value?.replace('$1', found[1]!) ?? ''
  }
  return undefined
}

/** A host without its port, final dot, case, and the labels that change neither service nor region. */
function plainHost(host: string): string {
  if (host.length > 300) return '' // DNS allows 253 characters
  return host
    .toLowerCase()
    .replace(/\.?(?::\d+)?$/, '')
    .replace(/-fips(?=[.-])|\.dualstack(?=\.)/g, '')
}

/**
 * Reads service and region from a host of S3, on AWS or on one of the clouds that speak S3 and whose region is public.
 * Says nothing of any other host.
 */
export function s3HostScope(host: string): HostScope {
  host = plainHost(host)
  const [, label, region] =
    RegExp(
      `^(?:.+\\.)?s3(express|-outposts|-object-lambda|)(?:-accesspoint|-control|-[a-z\\d]+-az\\d)?[.-]${REGION}(?:\\.vpce)?\\.${DOMAIN}`,
    ).exec(host) ?? []
  if (region) return { service: `s3${label}`, region }
  const found = lookUp(PLAIN_HOSTS, host)
  return found === undefined ? {} : { service: 's3', region: found || undefined }
}

/** Hosts without a region that are signed for us-east-1: global services, and services older than regions. */
const AWS_GLOBAL =
  /(?:^|\.)(?:iam|sts|sdb|queue|cloudfront|route53|waf|budgets|savingsplans|importexport|health)\.(?:amazonaws\.com|global\.api\.aws)$/

/** Reads service and region from any host of AWS, and from every host that {@link s3HostScope} knows. */
export function hostScope(host: string): HostScope {
  const s3 = s3HostScope(host)
  if (s3.service) return s3
  host = plainHost(host).replace(/(?:\.us-gov-west-1)?\.us-gov(?=\.)/, '.us-gov-west-1')
  const [, name, region, after] =
    RegExp(`^(?:(.+?)\\.)??(?:${REGION}(?:\\.vpce|\\.(es|aoss|queue|rds|neptune|neptune-graph))?\\.)?${DOMAIN}`).exec(
      host,
    ) ?? []
  if (!(name || after) || /(?:^|\.)s3-(?:website|global)/.test(name!)) return {} // takes no signature; takes Signature Version 4a only
  const label = after ? `region.${after}` : name!.replace(/\.global$/, '')
  return {
    service: lookUp(SIGNING_NAMES, label) ?? label.slice(label.lastIndexOf('.') + 1),
    region: region ?? (AWS_GLOBAL.test(host) ? 'us-east-1' : undefined),
  }
}
