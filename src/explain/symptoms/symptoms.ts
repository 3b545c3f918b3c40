import { MAX_EXPIRES } from '../../core/encoding/time.ts'
import { hostScope } from '../../core/signing/hosts.ts'
import { isS3, requiresPayloadHash } from '../../core/signing/scope.ts'
import { ALGORITHM } from '../../core/signing/string-to-sign.ts'
import { fault, type Symptom } from '../clue.ts'
import { isSameButMasked } from '../compare/masks.ts'
import { decode, isEmptied, isMasked, type Parameter, type ParsedRequest, REGION } from '../request/facts.ts'
import { isForS3 } from '../request/pieces.ts'
import { bodySymptoms } from './body.ts'
import { algorithmSymptom, claimSymptoms, signedSymptoms, timeSymptoms } from './claim.ts'

// What a request shows on its own, without the secret and the response.

const QUERY = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
]

/** Finds the problems with a request, the most specific first. `now` in epoch milliseconds; unless `isNowKnown`, it is the clock's time, not the request's. */
export function symptoms(facts: ParsedRequest, now: number, isNowKnown = true): Symptom[] {
  const { location, claim, parameters, headers } = facts
  const found: Symptom[] = []
  const names = parameters.map(({ decoded }) => decoded)
  if (
    names.some((name) => /^amp;|\\u0026/i.test(name)) ||
    parameters.some(({ value }) => /\\u0026|%5Cu0026/i.test(value ?? ''))
  )
    found.push(fault('url-html-escaped', 'The query string contained &amp; instead of &.', '&', '&amp;'))
  const legacy = names.includes('Signature') && names.includes('AWSAccessKeyId')
  if (legacy || /^AWS /.test(headers.authorization ?? ''))
    found.push(fault('signature-v2', 'The request was signed with Signature Version 2.'))
  if (
    headers.authorization !== undefined &&
    (names.some((name) => /^x-amz-(?:signature|credential|algorithm)$/i.test(name)) || legacy)
  )
    found.push(fault('two-auths', 'The request contained both an Authorization header and signature parameters.'))
  // the signature of a form is in its body
  const isUnread = facts.body === undefined && /^multipart\/form-data/i.test(headers['content-type'] ?? '')
  const isEscaped = names.some((name) => /^amp;x-amz-/i.test(name))
  if (!location && !legacy && !isUnread && !isEscaped && headers.authorization === undefined)
    found.push(fault('anonymous', 'The request was not signed.'))
  // push accepts a limited number of arguments
  const add = (more: readonly Symptom[]): void => {
    for (const each of more) found.push(each)
  }
  if (location === 'post') add(claimSymptoms(facts))
  if (location === 'header') add(headerSymptoms(facts))
  if (location === 'query') add(querySymptoms(facts))
  if (location === 'header' || location === 'query') {
    add(claimSymptoms(facts))
    add(timeSymptoms(facts, now, isNowKnown))
    add(signedSymptoms(facts))
    add(bodySymptoms(facts))
    add(hostSymptoms(facts))
    if (isEmptied(claim.sessionToken))
      found.unshift(
        fault(
          'session-token',
          `The session token is the string "${claim.sessionToken}". A variable was probably empty when the request was signed.`,
        ),
      )
    if (!claim.sessionToken && claim.accessKeyId?.startsWith('ASIA'))
      found.push(
        fault(
          'session-token',
          'The access key ID belongs to temporary credentials, but the request did not contain a session token.',
        ),
      )
  }
  return found
}

function headerSymptoms(facts: ParsedRequest): Symptom[] {
  const { headers, claim } = facts
  const { authorization = '' } = headers
  const found: Symptom[] = []
  if (claim.algorithm === undefined) return found // a placeholder
  const isVersion4 = /^AWS4-/i.test(authorization)
  const isList = /SignedHeaders=[a-z\d-]+,[a-z\d-]+[,\s]/.test(authorization)
  if (isList)
    found.push(
      fault('signed-headers', 'The names in SignedHeaders were separated by commas instead of semicolons.', ';', ','),
    )
  else if (isVersion4 && !/^\S+\s+(?:(?:Credential|SignedHeaders|Signature)=[^,\s]*(?:,\s*|$)){3}$/.test(authorization))
    found.push(
      fault(
        'malformed-authorization',
        'The Authorization header did not consist of Credential, SignedHeaders, and Signature, separated by commas.',
      ),
    )
  if (isVersion4 && claim.date === undefined)
    found.push(fault('missing-header', 'The request contained neither x-amz-date nor Date.', 'x-amz-date'))
  const service = claim.scope[2] ?? ''
  // OpenSearch Serverless requires it only of requests with a body
  const hasBody = isS3(service) || (facts.body?.length ?? 0) > 0 || Number(headers['content-length'] ?? 0) > 0
  if (isVersion4 && hasBody && requiresPayloadHash(service) && headers['x-amz-content-sha256'] === undefined)
    found.push(
      fault(
        'missing-header',
        `The request did not contain x-amz-content-sha256, which ${isS3(service) ? 'S3' : 'OpenSearch Serverless'} requires.`,
        'x-amz-content-sha256',
      ),
    )
  if (isVersion4 && claim.algorithm !== ALGORITHM) found.push(algorithmSymptom(claim.algorithm))
  if (!isVersion4 && !/^AWS /.test(authorization))
    found.push(
      fault('malformed-authorization', 'The Authorization header did not start with AWS4-HMAC-SHA256.', ALGORITHM),
    )
  return found
}

function querySymptoms(facts: ParsedRequest): Symptom[] {
  const { parameters, claim } = facts
  const found: Symptom[] = []
  const names = parameters.map(({ decoded }) => decoded)
  const lower = names.map((name) => name.toLowerCase())
  const find = (name: string): Parameter | undefined => parameters[lower.indexOf(name.toLowerCase())]
  // what follows was not shown
  const isCut = /(?:\.{3}|…)$/.test(parameters[parameters.length - 1]?.value ?? '')
  for (const name of QUERY) {
    const given = find(name)
    if (!given && !isCut && !(name === 'X-Amz-Expires' && !isForS3(facts)) && !names.includes(`amp;${name}`))
      found.push(fault('missing-param', `The ${name} parameter was missing.`, name))
    else if (given && given.decoded !== name)
      found.push(fault('param-case', `The ${name} parameter was sent as ${given.decoded}.`, name, given.decoded))
    if (lower.indexOf(name.toLowerCase()) !== lower.lastIndexOf(name.toLowerCase()))
      found.push(fault('query-duplicate', `The ${name} parameter appeared more than once.`, undefined, name))
  }
  if (
    /%(?:2f|3b|3a)/i.test(
      decode(find('X-Amz-Credential')?.value ?? '') + decode(find('X-Amz-SignedHeaders')?.value ?? ''),
    )
  )
    found.push(fault('url-double-encoded', 'The parameters were percent-encoded twice.'))
  if (claim.algorithm !== undefined && claim.algorithm !== ALGORITHM) found.push(algorithmSymptom(claim.algorithm))
  const token = find('X-Amz-Security-Token')
  if (token && token.decoded !== 'X-Amz-Security-Token')
    found.push(
      fault(
        'param-case',
        `The X-Amz-Security-Token parameter was sent as ${token.decoded}.`,
        'X-Amz-Security-Token',
        token.decoded,
      ),
    )
  if (token && claim.scope[2] === 'iotdevicegateway' && parameters.indexOf(token) < parameters.length - 1)
    found.push({
      ...fault('session-token', 'AWS IoT requires X-Amz-Security-Token as the last parameter, appended after signing.'),
      fix: 'Sign without the session token, then append X-Amz-Security-Token as the last parameter.',
    })
  if (claim.expires !== undefined) {
    if (!/^-?\d+$/.test(claim.expires))
      found.push(fault('expires-format', 'X-Amz-Expires was not an integer.', undefined, claim.expires))
    else if (!(Number(claim.expires) >= 1 && Number(claim.expires) <= MAX_EXPIRES))
      found.push(
        fault('expires-range', 'X-Amz-Expires was not between 1 and 604800 seconds.', '1 to 604800', claim.expires),
      )
  }
  return found
}

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

function hostSymptoms({ headers, urlHost, claim, path }: ParsedRequest): Symptom[] {
  const found: Symptom[] = []
  const { host } = headers
  if (host !== undefined && urlHost !== undefined && !isSameButMasked(host.toLowerCase(), urlHost.toLowerCase())) {
    const isPort = host.replace(/:\d+$/, '') === urlHost.replace(/:\d+$/, '')
    found.push({
      cause: isPort ? 'host-port' : 'host',
      breaks: false,
      message: 'The Host header differed from the host of the URL.',
      expected: urlHost,
      actual: host,
    })
  }
  const [, region, service] = claim.scope.map((part) => (isMasked(part) ? undefined : part))
  const address = host ?? urlHost ?? ''
  const known = scopeOf(address, path)
  if (known.region !== undefined && region !== undefined && known.region !== region && !isAlias(known.region, region))
    found.push({
      cause: 'scope-region',
      breaks: OWN_REGIONS.test(address),
      message: `The request was signed for ${region}, but the host is in ${known.region}.`,
      expected: known.region,
      actual: region,
    })
  // a service other than S3 is rarely that of a different cloud
  if (region && service && !isS3(service) && known.region === undefined && !REGION.test(region))
    found.push({
      cause: 'scope-region',
      breaks: false,
      message: `The request was signed for ${region}, which is not the name of an AWS region.`,
      actual: region,
    })
  if (known.service !== undefined && service !== undefined && known.service !== service)
    found.push(
      fault(
        'scope-service',
        `The request was signed for the service ${service}, but the host belongs to ${known.service}.`,
        known.service,
        service,
      ),
    )
  return found
}
