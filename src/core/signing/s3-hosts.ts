import { fail } from '../errors.ts'

/** The parts of a credential scope that a host identifies. */
export interface HostScope {
  readonly service?: string | undefined
  readonly region?: string | undefined
}

/** Determines service and region of a host, to which the path is sent. */
export type HostReader = (host: string, path: string) => HostScope

/** An AWS region: `us-east-1`, `us-gov-west-1`, `us-isob-east-1`, `eusc-de-east-1`. */
export const REGION = '([a-z]{2,4}(?:-[a-z]+)+-\\d+)'

/** The domains of AWS's partitions: commercial, China, European sovereign, isolated. */
export const DOMAIN =
  /* @__PURE__ */ '(?:(?:api.)?amazon(?:aws|webservices).(?:com|com.cn|eu)|(?:api|on).aws(?:(?:.hci)?.ic.gov|.scloud)?|c2s.ic.gov|csp.hci.ic.gov|sc2s.sgov.gov|(?:api.cloud-aws|cloud).adc-e.uk)'.replaceAll(
    '.',
    '\\.',
  )

/** Returns whether a name has the form of an AWS region. */
export function isAwsRegion(name: string): boolean {
  return /^(?!fips)[a-z]{2,4}(?:-[a-z]+)+-\d+$/.test(name) // REGION, not compiled at start-up
}

/** Returns a pattern for AWS hosts, from the start of a label: their name, in which `@` is the region, ends with a dot. */
export function awsHosts(name: string): RegExp {
  return RegExp(`(?:^|\\.)${name.replace('@', REGION)}${DOMAIN}$`)
}

/** The end of an AWS host. */
export const AWS_DOMAIN = /* @__PURE__ */ awsHosts('')

/** Returns whether a host is AWS's. */
export function isAwsHost(host: string): boolean {
  return AWS_DOMAIN.test(normalizeHost(host))
}

/** Throws unless a region has the form of AWS's. Other services have regions of any form, so their hosts are not checked. */
export function checkAwsRegion(region: string, argument: 'options.region' | 'target.region', host?: string): void {
  if (isAwsRegion(region) || (host !== undefined && !isAwsHost(host))) return
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

export function regionalHost(service: string, region: string): string {
  const domain = PARTITIONS.find(([start]) => region.startsWith(start))?.[1]
  return `${service}.${region}.${domain ?? 'amazonaws.com'}`
}

/** AWS hosts for S3 in all partitions. */
const AWS_HOST = /* @__PURE__ */ awsHosts(
  's3(express|-outposts|-object-lambda|)(?:-accesspoint|-control|-[a-z\\d]+-az\\d)?[.-]@(?:\\.vpce)?\\.',
)

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

/** A row of the table: `*` separates its two parts. */
type PlainHost = readonly [head: string, tail: string | undefined, region: string | undefined]

/** The rows by the last two labels of a host, so that any number of rows for other hosts cost nothing. */
const plainHosts = /* @__PURE__ */ new Map<string, PlainHost[]>()

function readPlainHosts(): void {
  for (const row of PLAIN_HOSTS.split('\n')) {
    const [pattern, region] = row.split(' ') as [string, string?]
    const [head, tail] = pattern.split('*') as [string, string?]
    const key = domainOf(pattern)
    const rows = plainHosts.get(key) ?? []
    plainHosts.set(key, rows)
    rows.push([head, tail, region])
  }
}

/** Returns the last two labels of a host. */
function domainOf(host: string): string {
  return host.slice(host.lastIndexOf('.', host.lastIndexOf('.') - 1) + 1)
}

/** A name with an optional port. Anything else, such as a path before the name, may be read differently by URL parsers. */
const HOST = /^[\w.*-]+(?::\d{1,5})?$/

/**
 * Returns a host in lowercase, without its port, final dot, and the labels that change neither service nor region; an empty
 * string if it is not a name with an optional port.
 */
export function normalizeHost(host: string): string {
  // DNS allows 253 characters
  if (host.length > 300 || !HOST.test(host)) return ''
  if (/[A-Z:]|\.$/.test(host)) host = host.toLowerCase().replace(/\.?(?::\d+)?$/, '')
  return host.replace(/-fips(?=[.-])|\.dualstack(?=\.)/g, '')
}

/** Determines service and region of an S3 host, on AWS or on one of the S3-compatible clouds whose region is public. */
export function s3HostScope(host: string): HostScope {
  host = normalizeHost(host)
  const found = host.includes('s3') ? AWS_HOST.exec(host) : null
  if (found) return { service: `s3${found[1]}`, region: found[2] }
  if (!plainHosts.size) readPlainHosts()
  for (const [head, tail, known] of plainHosts.get(domainOf(host)) ?? []) {
    if (!`.${host}`.endsWith(tail ?? `.${head}`)) continue
    if (tail === undefined) return { service: 's3', region: known }
    const bucket = host.slice(0, -tail.length)
    const region = bucket.slice(bucket.lastIndexOf('.') + 1)
    if (region && region !== 'cdn' && `.${bucket}`.endsWith(`.${head}${region}`)) return { service: 's3', region }
  }
  return {}
}
