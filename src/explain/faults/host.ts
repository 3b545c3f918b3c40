import { isMasked } from '../../core/received/canonical-request.ts'
import { hostScope } from '../../core/signing/hosts.ts'
import { isS3 } from '../../core/signing/scope.ts'
import { isSameButMasked } from '../compare/masks.ts'
import { fault, type Sign } from '../model/sign.ts'
import { type ParsedRequest, REGION } from '../request/facts.ts'

// The host, compared with the URL and with the region and service of the credential scope.

/** S3 hosts that serve buckets of every region. */
const GLOBAL_S3 = /(?:^|\.)s3(?:-accelerate(?:\.dualstack)?)?\.amazonaws\.com(?::\d+)?$/i

/** Hosts that accept no region but their own; other clouds are more tolerant. */
const OWN_REGIONS = /\.(?:amazonaws\.com(?:\.cn)?|aws|api\.aws|r2\.cloudflarestorage\.com|backblazeb2\.com)(?::\d+)?$/i

/** Whether a cloud with one region accepts the usual default of a client. */
function isAlias(expected: string, actual: string): boolean {
  return expected === 'auto' && (actual === 'us-east-1' || actual === '')
}

/** The region and service of a host and path: MQTT over WebSocket has a separate gateway. */
function scopeOf(host: string, path: string): { region?: string | undefined; service?: string | undefined } {
  const known = hostScope(host)
  if (GLOBAL_S3.test(host)) return { service: known.service }
  if (known.service === 'iotdata' && path === '/mqtt') return { ...known, service: 'iotdevicegateway' }
  return known
}

/** Finds problems with the host. */
export function hostFaults({ headers: { host }, urlHost, claim, path }: ParsedRequest): Sign[] {
  const found: Sign[] = []
  if (host !== undefined && urlHost !== undefined && !isSameButMasked(host.toLowerCase(), urlHost.toLowerCase())) {
    const cause = host.replace(/:\d+$/, '') === urlHost.replace(/:\d+$/, '') ? 'host-port' : 'host'
    const message = 'The Host header differed from the host of the URL.'
    found.push({ cause, ground: 'note', message, expected: urlHost, actual: host })
  }
  const [, region, service] = claim.scope.map((part) => (isMasked(part) ? undefined : part))
  const address = host ?? urlHost ?? ''
  const known = scopeOf(address, path)
  if (known.region !== undefined && region !== undefined && known.region !== region && !isAlias(known.region, region)) {
    const ground = OWN_REGIONS.test(address) ? 'fault' : 'note'
    const message = `The request was signed for ${region}, but the host is in ${known.region}.`
    found.push({ cause: 'scope-region', ground, message, expected: known.region, actual: region })
  }
  // a service other than S3 is rarely that of a different cloud
  if (region && service && !isS3(service) && known.region === undefined && !REGION.test(region)) {
    const message = `The request was signed for ${region}, which is not the name of an AWS region.`
    found.push({ cause: 'scope-region', ground: 'note', message, actual: region })
  }
  if (known.service !== undefined && service !== undefined && known.service !== service)
    found.push(
      fault(
        'scope-service',
        `The request was signed for the service ${service}, but the host belongs to ${known.service}.`,
        { expected: known.service, actual: service },
      ),
    )
  return found
}
