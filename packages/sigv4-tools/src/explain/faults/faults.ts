import { ALGORITHM } from '../../../../../src/internal/canonical-request.ts'
import { decode } from '../../../../../src/internal/encoding.ts'
import {
  PRESIGNED_PARAMETERS,
  REGION_SET_HEADER,
  REGION_SET_PARAMETER,
  TOKEN_PARAMETER,
} from '../../../../../src/internal/http.ts'
import { isS3, requiresPayloadHash } from '../../../../../src/internal/services.ts'
import type { Case } from '../case/case.ts'
import { type Clue, fault } from '../model/clue.ts'
import { traitsOf } from '../model/traits.ts'
import { isEmptied, type Parameter, type ParsedRequest, parseRequest } from '../request/facts.ts'
import { PRINTED } from '../request/octets.ts'
import { isForS3 } from '../request/pieces.ts'
import type { ServiceResponse } from '../response/response.ts'
import { bodyFaults, digestFaults } from './body.ts'
import { algorithmFaults, claimFaults, digestFix, expiresFaults, signedHeaderFaults, timeFaults } from './claim.ts'
import { gatewayAnswer, keyFaults, redirectFaults, responseFaults } from './context.ts'
import { formFaults } from './form.ts'
import { hostFaults } from './host.ts'
import { tokenEndpointFaults, tokenFaults } from './token.ts'

/** Returns the faults of a request, alone and together with its response and the credentials. */
export function observeFaults(given: Case): Clue[] {
  const { facts, now, shown } = given
  if (!shown.has('request')) return redirectFaults(given)
  return [
    ...requestFaults(facts, now, shown.has('time')).map((each) =>
      each.cause === 'anonymous' ? { ...each, ...gatewayAnswer(given) } : each,
    ),
    ...bodyFaults(facts),
    ...formFaults(facts, now),
    ...responseFaults(given),
    ...keyFaults(given),
    ...redirectFaults(given),
    ...tokenEndpointFaults(given),
  ]
}

/** Returns the faults of a request without its body, the most specific first, at a time in epoch milliseconds. */
export function requestFaults(facts: ParsedRequest, now: number, isTimeShown: boolean): Clue[] {
  const { location } = facts
  if (location === 'post') return [...schemeFaults(facts), ...claimFaults(facts)]
  if (location === undefined) return [...preflightFaults(facts), ...schemeFaults(facts)]
  return [
    ...preflightFaults(facts),
    ...sessionTokenFaults(facts),
    ...schemeFaults(facts),
    ...tokenFaults(facts),
    ...(location === 'header' ? authorizationFaults(facts) : queryFaults(facts)),
    ...claimFaults(facts),
    ...timeFaults(facts, now, isTimeShown),
    ...signedHeaderFaults(facts),
    ...digestFaults(facts),
    ...hostFaults(facts),
  ]
}

/** The method that a CORS preflight is for; `undefined` for other requests. */
export function preflightMethod({ method, headers }: Pick<ParsedRequest, 'method' | 'headers'>): string | undefined {
  return method === 'OPTIONS' ? headers['access-control-request-method'] : undefined
}

/** A preflight, which browsers send without a signature. */
function* preflightFaults({ method, headers }: ParsedRequest): Iterable<Clue> {
  const requested = preflightMethod({ method, headers })
  if (requested === undefined) return
  const { origin = 'the origin' } = headers
  const message = (the: 'The' | 'the'): string =>
    `${the} request was a CORS preflight for ${requested}, which browsers do not sign.`
  const fix = `Add a CORS rule to the bucket that allows ${origin}, ${requested}, and the headers.`
  yield fault('cors', message('The'), { clause: message('the'), fix })
}

/** Returns the faults of a request that is signed by Version 2, twice, or not at all. */
function* schemeFaults({ method, location, parameters, headers, body, isCut }: ParsedRequest): Iterable<Clue> {
  const { authorization } = headers
  const names = parameters.map(({ decoded }) => decoded)
  const isEscaped =
    names.some((name) => /^amp;|\\u0026/i.test(name)) ||
    parameters.some(({ value }) => /\\u0026|%5Cu0026/i.test(value ?? ''))
  if (isEscaped) {
    const values = { expected: '&', actual: '&amp;' }
    yield fault('url-html-escaped', 'The query string contained &amp; instead of &.', values)
  }
  // the signature of a mail: every parameter is written with =3D
  const isMail = parameters.filter(({ name, value = '' }) => /^x-amz-/i.test(name) && /^3D/.test(value)).length > 2
  if (isMail)
    yield fault('url-double-encoded', 'The URL was copied from the source of a mail, which writes = as =3D.', {
      expected: '=',
      actual: '=3D',
      fix: 'Replace =3D with = in the URL, or copy it from the mail as it is displayed.',
    })
  const isVersionTwo = names.includes('Signature') && names.includes('AWSAccessKeyId')
  if (isVersionTwo || /^AWS /.test(authorization ?? ''))
    yield fault('signature-v2', 'The request was signed with Signature Version 2.')
  const hasParameters = names.some((name) => /^x-amz-(?:signature|credential|algorithm)$/i.test(name))
  if (authorization !== undefined && (hasParameters || isVersionTwo))
    yield fault('two-auths', 'The request contained both an Authorization header and signature parameters.')
  // the signature of a form is in its body
  const isUnread = body === undefined && /^multipart\/form-data/i.test(headers['content-type'] ?? '')
  const isHidden = isUnread || names.some((name) => /^amp;x-amz-/i.test(name))
  const isPreflight = preflightMethod({ method, headers }) !== undefined
  if (!location && !isVersionTwo && !isHidden && !isPreflight && !isCut && authorization === undefined)
    yield fault('anonymous', 'The request was not signed.')
}

/** Returns the faults of the Authorization header that an error quotes. */
export function quotedFaults({ message }: ServiceResponse): Clue[] {
  const [, authorization] = /Authorization header: '([^']+)/.exec(message) ?? []
  if (authorization === undefined) return []
  const facts = parseRequest({ headers: { authorization } })
  return [...authorizationFaults(facts), ...claimFaults(facts)].filter(({ cause }) => traitsOf(cause).isInAuthorization)
}

function* authorizationFaults(facts: ParsedRequest): Iterable<Clue> {
  const { headers, claim } = facts
  const { authorization = '' } = headers
  if (claim.algorithm === undefined || /^AWS /.test(authorization)) return // a placeholder, or Version 2
  if (/^Authorization:/i.test(authorization)) {
    const fix = 'Send only what follows the name: the value starts with AWS4-HMAC-SHA256.'
    return yield fault('malformed-authorization', 'The value of the Authorization header contained its name.', { fix })
  }
  if (/\bCredential=(?:\s|[^,=/\s]+\s[^,=/]*\/)/i.test(authorization)) {
    const fix = 'Trim the access key ID when you read it.'
    const message = 'The access key ID had whitespace before or after it.'
    return yield fault('malformed-credential', message, { fix })
  }
  if (/^Bearer /i.test(authorization)) {
    const fix = 'Sign the request instead, or send the token to a service that accepts it.'
    const message = 'The Authorization header contained a bearer token instead of a signature.'
    return yield fault('malformed-authorization', message, { expected: ALGORITHM, fix })
  }
  if (!/^AWS4-/i.test(authorization)) {
    const message = 'The Authorization header did not start with AWS4-HMAC-SHA256.'
    return yield fault('malformed-authorization', message, { expected: ALGORITHM })
  }
  if (PRINTED.test(authorization)) {
    const fix = digestFix('signature', authorization)
    return yield fault('malformed-signature', 'The signature contained more than its digits.', { fix })
  }
  if (/SignedHeaders=[a-z\d-]+,[a-z\d-]+[,\s]/.test(authorization)) {
    const message = 'The names in SignedHeaders were separated by commas instead of semicolons.'
    yield fault('signed-headers', message, { expected: ';', actual: ',' })
  } else if (!/^\S+\s+(?:(?:Credential|SignedHeaders|Signature)=[^,\s]*(?:,\s*|$)){3}$/.test(authorization))
    yield fault(
      'malformed-authorization',
      'The Authorization header did not consist of Credential, SignedHeaders, and Signature, separated by commas.',
    )
  if (claim.date === undefined) {
    const message = 'The request contained neither x-amz-date nor Date.'
    yield fault('missing-header', message, { expected: 'x-amz-date' })
  }
  if (claim.is4a && claim.scope[1] === '') {
    const name = REGION_SET_HEADER
    const fix = `Sign and send the regions in which the request is valid as ${name}.`
    yield fault('missing-header', `The request did not contain ${name}.`, { expected: name, fix })
  }
  const requiredBy = hashRequiredBy(facts)
  if (requiredBy !== undefined && headers['x-amz-content-sha256'] === undefined) {
    const message = `The request did not contain x-amz-content-sha256, which ${requiredBy} requires.`
    yield fault('missing-header', message, { expected: 'x-amz-content-sha256' })
  }
  yield* algorithmFaults(facts)
}

/** Names of the services other than S3 that require `x-amz-content-sha256`, and whether they require it only with a body. */
const HASH_REQUIRED: Readonly<Record<string, { readonly name: string; readonly isOnlyWithBody: boolean }>> = {
  aoss: { name: 'OpenSearch Serverless', isOnlyWithBody: true },
}

/** Returns the name of the service if it requires the payload hash of a request as a header. */
function hashRequiredBy({ claim, body, headers }: ParsedRequest): string | undefined {
  const service = claim.scope[2] ?? ''
  if (isS3(service)) return 'S3'
  if (!requiresPayloadHash(service)) return undefined
  const { name, isOnlyWithBody } = HASH_REQUIRED[service] ?? { name: service, isOnlyWithBody: false }
  const hasBody = body?.length || Number(headers['content-length'] ?? 0) > 0
  return hasBody || !isOnlyWithBody ? name : undefined
}

function* queryFaults(facts: ParsedRequest): Iterable<Clue> {
  const { parameters, claim } = facts
  const names = parameters.map(({ decoded }) => decoded)
  const lower = names.map((name) => name.toLowerCase())
  const find = (name: string): Parameter | undefined => parameters[lower.indexOf(name.toLowerCase())]
  for (const name of [...PRESIGNED_PARAMETERS, TOKEN_PARAMETER, REGION_SET_PARAMETER]) {
    const given = find(name)
    const isOptional =
      name === TOKEN_PARAMETER ||
      (name === REGION_SET_PARAMETER && !claim.is4a) ||
      (name === 'X-Amz-Expires' && !isForS3(facts))
    if (given && given.decoded !== name) {
      const values = { expected: name, actual: given.decoded }
      yield fault('param-case', `The ${name} parameter was sent as ${given.decoded}.`, values)
    }
    // the end of a URL that was cut off is missing
    if (!given && !isOptional && !facts.isCut && !names.includes(`amp;${name}`))
      yield fault('missing-param', `The ${name} parameter was missing.`, { expected: name })
    if (lower.indexOf(name.toLowerCase()) !== lower.lastIndexOf(name.toLowerCase()))
      yield fault('query-duplicate', `The ${name} parameter appeared more than once.`, { actual: name })
  }
  const values = [find('X-Amz-Credential'), find('X-Amz-SignedHeaders')].map((each) => decode(each?.value ?? ''))
  if (values.some((value) => /%(?:2f|3b|3a)/i.test(value)))
    yield fault('url-double-encoded', 'The parameters were percent-encoded twice.')
  yield* algorithmFaults(facts)
  const isLast = lower[lower.length - 1] === TOKEN_PARAMETER.toLowerCase()
  if (find(TOKEN_PARAMETER) && claim.scope[2] === 'iotdevicegateway' && !isLast) {
    const message = `AWS IoT requires ${TOKEN_PARAMETER} as the last parameter, appended after signing.`
    const fix = `Sign without the session token, then append ${TOKEN_PARAMETER} as the last parameter.`
    yield fault('session-token', message, { fix })
  }
  yield* expiresFaults(facts)
}

function sessionTokenFaults({ claim: { sessionToken, accessKeyId } }: ParsedRequest): Clue[] {
  const emptied = `The session token is the string "${sessionToken}". A variable was probably empty when the request was signed.`
  if (isEmptied(sessionToken)) return [fault('session-token', emptied)]
  if (sessionToken || !accessKeyId?.startsWith('ASIA')) return []
  const message = 'The access key ID belongs to temporary credentials, but the request did not contain a session token.'
  return [fault('session-token', message)]
}
