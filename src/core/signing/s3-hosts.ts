import { fail } from '../errors.ts'

/** The parts of a credential scope that a host identifies. */
export interface HostScope {
  readonly service?: string | undefined
  readonly region?: string | undefined
}

/** Determines service and region of a host. */
export type HostReader = (host: string) => HostScope

/** An AWS region: `us-east-1`, `us-gov-west-1`, `us-isob-east-1`, `eusc-de-east-1`. */
export const REGION = '([a-z]{2,4}(?:-[a-z]+)+-\\d)'

/** The domains of AWS's partitions: commercial, China, European sovereign, isolated. */
export const DOMAIN =
  '(?:(?:api\\.)?amazon(?:aws|webservices)\\.(?:com|com\\.cn|eu)|(?:api|on)\\.aws(?:(?:\\.hci)?\\.ic\\.gov|\\.scloud)?|(?:c2s|csp\\.hci)\\.ic\\.gov|sc2s\\.sgov\\.gov|(?:api\\.cloud-aws|cloud)\\.adc-e\\.uk)'

/** Returns whether a name has the form of an AWS region. */
export function isAwsRegion(name: string): boolean {
  return /^[a-z]{2,4}(?:-[a-z]+)+-\d+$/.test(name)
}

/** Throws unless a region has the form of AWS's. Other services have regions of any form, so their hosts are not checked. */
export function checkAwsRegion(region: string, argument: 'options.region' | 'target.region', host?: string): void {
  if (isAwsRegion(region) || (host !== undefined && !RegExp(`(?:^|\\.)${DOMAIN}$`).test(normalizeHost(host)))) return
  const code = argument === 'target.region' ? 'ERR_INVALID_ARG_VALUE' : 'ERR_SIGV4_SCOPE_UNKNOWN'
  fail(code, argument, 'invalid', 'Pass an AWS region, such as eu-west-1.')
}

/** Domains of AWS's other partitions, by the start of their regions. */
const PARTITIONS: readonly (readonly [start: string, domain: string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['eusc-', 'amazonaws.eu'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
]

/** Returns the regional host of a service. */
export function regionalHost(service: string, region: string): string {
  const [, domain] = PARTITIONS.find(([start]) => region.startsWith(start)) ?? []
  return `${service}.${region}.${domain ?? 'amazonaws.com'}`
}

/** AWS hosts for S3 in all partitions. */
const AWS_HOST = /* @__PURE__ */ awsHost()

function awsHost(): RegExp {
  const name = 's3(express|-outposts|-object-lambda|)(?:-accesspoint|-control|-[a-z\\d]+-az\\d)?'
  return RegExp(`(?:^|\\.)${name}[.-]${REGION}(?:\\.vpce)?\\.${DOMAIN}$`)
}

/**
 * S3 hosts without an AWS region in their name, and S3-compatible clouds: the end of the host (a bucket may precede it;
 * `*` is a label) and the region, if the host determines one.
 */
const PLAIN_HOSTS = `s3.amazonaws.com us-east-1
s3-external-1.amazonaws.com us-east-1
s3-accelerate.amazonaws.com
r2.cloudflarestorage.com auto
storage.googleapis.com auto
t3.storage.dev auto
fly.storage.tigris.dev auto
storage.yandexcloud.net ru-central1
s3.wasabisys.com us-east-1
s3.nl-1.wasabisys.com eu-central-1
s3.de-1.wasabisys.com eu-central-2
s3.uk-1.wasabisys.com eu-west-1
s3.fr-1.wasabisys.com eu-west-2
s3.uk-2.wasabisys.com eu-west-3
s3.it-1.wasabisys.com eu-south-1
s3.*.wasabisys.com
s3.*.backblazeb2.com
s3.*.scw.cloud
s3.*.io.cloud.ovh.net
s3.*.io.cloud.ovh.us
*.digitaloceanspaces.com
*.your-objectstorage.com`

/** Returns a host in lowercase, without its port, final dot, and the labels that change neither service nor region. */
export function normalizeHost(host: string): string {
  if (host.length > 300) return '' // DNS allows 253 characters
  return host
    .toLowerCase()
    .replace(/\.?(?::\d+)?$/, '')
    .replace(/-fips(?=[.-])|\.dualstack(?=\.)/g, '')
}

/** Determines service and region of an S3 host, on AWS or on one of the S3-compatible clouds whose region is public. */
export function s3HostScope(host: string): HostScope {
  host = normalizeHost(host)
  const [, label, region] = AWS_HOST.exec(host) ?? []
  if (region) return { service: `s3${label}`, region }
  for (const row of PLAIN_HOSTS.split('\n')) {
    const [pattern, known] = row.split(' ') as [string, string?]
    const [head, tail] = pattern.split('*') as [string, string?]
    if (!`.${host}`.endsWith(tail ?? `.${head}`)) continue
    if (tail === undefined) return { service: 's3', region: known }
    const labels = host.slice(0, -tail.length).split('.')
    const region = labels.pop()
    if (region && region !== 'cdn' && (!head || labels.pop() === 's3')) return { service: 's3', region }
  }
  return {}
}
