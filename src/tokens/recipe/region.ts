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

/** What to do about a missing region. */
export const PASS_REGION = "Pass a region, such as 'eu-west-1'."

/** Throws unless a region was passed; `hint` says how. A region ends with a number, unlike `aws-global`. */
export function checkRegion(region: string | undefined, hint: string, argument = 'target.region'): string {
  if (!region) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'missing', hint)
  if (typeof region !== 'string' || !/^[a-z-]+-\d+$/.test(region)) fail('ERR_SIGV4_SCOPE_UNKNOWN', argument, 'invalid')
  return region
}

/** Returns the region of a host whose name contains `labels`, where `@` is the region. */
export function regionOf(host: string, labels: string): string | undefined {
  return RegExp(`(?:^|\\.)${labels.replace('@', REGION)}\\.${DOMAIN}$`).exec(normalizeHost(host))?.[1]
}

/** Returns the region that was passed, or that of a host whose name contains `labels`. */
export function readRegion(region: string | undefined, host: string, labels: string, argument?: string): string {
  return checkRegion(region ?? regionOf(host, labels), `The host ${host} does not identify it.`, argument)
}

/** Throws unless a host is a name, without scheme, port and path. */
export function checkHost(host: string): void {
  if (typeof host !== 'string' || !/^[\w.-]+$/.test(host))
    fail('ERR_INVALID_ARG_VALUE', 'target.host', 'invalid', 'Pass a name without scheme, port, and path.')
}

/** Throws unless an argument is a string with at least one character. */
export function checkString(string: string, argument: string): void {
  if (typeof string !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type', 'Pass a string.')
  if (!string) fail('ERR_INVALID_ARG_VALUE', argument, 'missing')
}
