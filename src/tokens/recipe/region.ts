import { fail } from '../../core/errors.ts'
import { DOMAIN, normalizeHost, REGION } from '../../core/signing/s3-hosts.ts'

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

/** Throws unless a region was passed. `aws-global` exists only in AWS's SDKs. */
export function checkRegion(region: string | undefined, argument = 'target.region', hint = 'Pass it.'): string {
  if (!region) return fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'missing', hint)
  if (typeof region !== 'string' || !/^(?!aws-)[a-z\d-]+$/.test(region))
    fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'invalid')
  return region
}

/** Returns the region that was passed, or that of a host whose name contains `labels`, where `@` is the region. */
export function readRegion(
  region: string | undefined,
  host: string,
  labels: string,
  argument = 'target.region',
): string {
  const pattern = RegExp(`(?:^|\\.)${labels.replace('@', REGION)}\\.${DOMAIN}$`)
  return checkRegion(
    region ?? pattern.exec(normalizeHost(host))?.[1],
    argument,
    `The host ${host} does not identify it.`,
  )
}

/** Throws unless a host is a name, without scheme, port and path. */
export function checkHost(host: string): void {
  if (typeof host !== 'string' || !/^[\w.-]+$/.test(host))
    fail('ERR_INVALID_ARG_VALUE', 'target.host', 'invalid', 'Pass a host name, without scheme, port, and path.')
}

/** Throws unless an argument is a string with at least one character. */
export function checkString(string: string, argument: string): void {
  if (typeof string !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type', 'Pass a string.')
  if (!string) fail('ERR_INVALID_ARG_VALUE', argument, 'missing')
}
