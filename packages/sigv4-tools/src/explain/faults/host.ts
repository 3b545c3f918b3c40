import { ALGORITHM, ALGORITHM_4A } from '../../../../../src/internal/canonical-request.ts'
import { includesRegion } from '../../../../../src/internal/received.ts'
import { globalService, hostScope, isS3 } from '../../../../../src/internal/services.ts'
import { isMasked } from '../../formats/canonical-request.ts'
import { isSameButMasked } from '../compare/masks.ts'
import { type Clue, fault } from '../model/clue.ts'
import { type ParsedRequest, REGION } from '../request/facts.ts'

// The host, compared with the URL and with the region and service of the credential scope.

/** S3 hosts that serve buckets of every region. */
const GLOBAL_S3 = /(?:^|\.)s3(?:-accelerate(?:\.dualstack)?)?\.amazonaws\.com(?::\d+)?$/i

/** Hosts that accept only their own region; other clouds are more tolerant. */
const OWN_REGIONS = /\.(?:amazonaws\.com(?:\.cn)?|aws|api\.aws|r2\.cloudflarestorage\.com|backblazeb2\.com)(?::\d+)?$/i

/** Returns whether a request is for an AWS host. */
export function isAwsHost({ headers, urlHost = '' }: Pick<ParsedRequest, 'headers' | 'urlHost'>): boolean {
  return /\.(?:amazonaws\.com(?:\.cn)?|aws)(?::\d+)?$/i.test(headers.host ?? urlHost)
}

/** Returns whether a cloud with one region accepts the usual default of a client. */
function isAlias(expected: string, actual: string): boolean {
  return expected === 'auto' && (actual === 'us-east-1' || actual === '')
}

/** Hosts with a path that belongs to a different service: the token of Amazon MSK. */
const OTHER_SERVICES: Readonly<Record<string, string>> = { 'kafka /': 'kafka-cluster' }

function scopeOf(host: string, path: string): { region?: string | undefined; service?: string | undefined } {
  const { service = globalService(host), region } = hostScope(host, path)
  if (GLOBAL_S3.test(host)) return { service }
  return { region, service: OTHER_SERVICES[`${service} ${path}`] ?? service }
}

/** Finds problems with the host. */
export function* hostFaults({ headers: { host }, urlHost, claim, path, token }: ParsedRequest): Iterable<Clue> {
  if (host !== undefined && urlHost !== undefined && !isSameButMasked(host.toLowerCase(), urlHost.toLowerCase())) {
    const cause = host.replace(/:\d+$/, '') === urlHost.replace(/:\d+$/, '') ? 'host-port' : 'host'
    const message = 'The Host header differed from the host of the URL.'
    yield { cause, ground: 'note', message, expected: urlHost, actual: host }
  }
  const [, region, service] = claim.scope.map((part) => (isMasked(part) ? undefined : part))
  const { is4a } = claim
  const address = host ?? urlHost ?? ''
  const known = scopeOf(address, path)
  if (claim.algorithm === ALGORITHM && globalService(address) !== undefined) {
    const message = `The host ${address} requires Signature Version 4a, but the request was signed with Signature Version 4.`
    const fix = 'Sign with Signature Version 4a: use sigv4/sigv4a.'
    yield fault('algorithm', message, { expected: ALGORITHM_4A, actual: ALGORITHM, fix })
  }
  if (token && !token.host.test(address)) return // which tokenFaults reports
  const accepts = (expected: string, actual: string): boolean =>
    is4a ? includesRegion(actual, expected) : actual === expected || isAlias(expected, actual)
  if (known.region !== undefined && region !== undefined && !accepts(known.region, region)) {
    const ground = OWN_REGIONS.test(address) ? 'fault' : 'note'
    // auto is not a location
    const requires = known.region === 'auto' ? 'requires the region auto' : `is in ${known.region}`
    const message = `The request was signed for ${region}, but the host ${requires}.`
    yield { cause: 'scope-region', ground, message, expected: known.region, actual: region }
  }
  // a service other than S3 is rarely that of a different cloud
  if (region && service && !is4a && !isS3(service) && known.region === undefined && !REGION.test(region)) {
    const message = `The request was signed for ${region}, which is not the name of an AWS region.`
    yield { cause: 'scope-region', ground: 'note', message, actual: region }
  }
  // the name of a token's host has been compared
  if (known.service !== undefined && service !== undefined && known.service !== service && !token) {
    const message = `The request was signed for the service ${service}, but the host belongs to ${known.service}.`
    yield fault('scope-service', message, { expected: known.service, actual: service })
  }
}
