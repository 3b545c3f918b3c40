import { fail } from '../../core/errors.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import { awsHosts, normalizeHost } from '../../core/signing/s3-hosts.ts'

/** The fix for a missing region. */
export const PASS_REGION = "Pass a region, such as 'eu-west-1'."

/** Returns the region of a host whose name contains `labels`, where `@` is the region. */
export function regionOf(host: string, labels: string): string | undefined {
  return awsHosts(`${labels}\\.`).exec(normalizeHost(host))?.[1]
}

/**
 * Returns the region that was passed, or that of a host whose name contains `labels`. Throws if they differ, because the
 * token would be rejected, unless it is the endpoint of a VPC, as in `readScope`; `hint` is the fix if there is none.
 */
export function readRegion(
  region: string | undefined,
  host: string,
  labels: string,
  argument = 'target.region',
  hint = normalizeHost(host) ? `The host ${host} does not identify it.` : 'Pass a host without scheme and path.',
): string {
  const own = regionOf(host, labels)
  const used = checkRegion(region ?? own, hint, argument)
  if (own && own !== used && !host.includes('.vpce.'))
    fail('ERR_INVALID_ARG_VALUE', argument, 'mismatch', `Pass ${own}, as in the host.`)
  return used
}

/** Throws unless a host is a name, without scheme, port and path. */
export function checkHostName(host: string): void {
  if (typeof host !== 'string' || !/^[\w.-]+$/.test(host))
    fail('ERR_INVALID_ARG_VALUE', 'target.host', 'invalid', 'Pass a name without scheme, port, and path.')
}

/** Throws unless an argument is a string with at least one character. */
export function checkString(string: string, argument: string): void {
  if (typeof string !== 'string') fail('ERR_INVALID_ARG_TYPE', argument, 'type', 'Pass a string.')
  if (!string) fail('ERR_INVALID_ARG_VALUE', argument, 'missing')
}
