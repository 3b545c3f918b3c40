import {
  type Authorization,
  mismatch,
  parseAuthorization,
  parsePresigned,
  refuseRepeated,
  schemeOf,
  signingParameters,
} from './authorization.ts'
import { type HeaderRecord, type PathEncoding, type PathNormalization, queryEntries } from './canonical.ts'
import { credentialScope, type Scope } from './credentials.ts'
import { type Plan, planHeader } from './plan.ts'
import type { Received } from './received.ts'
import { type RefusalDetails, refuse } from './refusal.ts'
import { isS3 } from './services.ts'
import { headerValidity, presignedValidity, type ValidityOptions } from './validity.ts'

/** What a deployment accepts. */
export interface AcceptanceOptions extends ValidityOptions {
  /** Regions that are accepted. @default any; the result says which */
  readonly region?: string | readonly string[] | undefined
  /** Services that are accepted. @default any; the result says which */
  readonly service?: string | readonly string[] | undefined
  /** Headers that must be signed if the request has them, besides `host` and `x-amz-*`. @default none */
  readonly requireSigned?: readonly string[] | undefined
  /** `x-amz-*` headers that may come unsigned because a proxy adds them, like `x-amz-cf-id`. @default none */
  readonly unsignedHeaders?: readonly string[] | undefined
  /** How often the path was encoded for the canonical request. @default `'single'` for S3, else `'double'` */
  readonly pathEncoding?: PathEncoding | undefined
  /** Whether empty and dot segments were resolved for the canonical request. @default `'none'` for S3, else `'rfc3986'` */
  readonly pathNormalization?: PathNormalization | undefined
  /** `'appended'`: the security token was added after signing. @default `'signed'` */
  readonly sessionTokenPlacement?: 'signed' | 'appended' | undefined
}

/** A request whose own statements hold together and are accepted here; its signature is still to be checked. */
export interface SignedStatement extends Authorization {
  /** When it was signed, seconds since 1970. */
  readonly time: number
  readonly amzDate: string
  /** When it ends, seconds since 1970: presigned only. */
  readonly ends: number | undefined
  readonly sessionToken: string | undefined
  /** What the canonical request says of the body; `undefined`: the hash of the body itself. */
  readonly payloadHash: string | undefined
  /** Hash that the body must have although the signature does not cover it. */
  readonly unsignedHash: string | undefined
  readonly s3: boolean
  /** The entries of the query that are signed. */
  readonly entries: readonly string[]
}

/** Reads what a request says of its signature and refuses it if that is not accepted here. `now` in seconds. */
export function readStatement(received: Received, options: AcceptanceOptions, now: number): SignedStatement {
  const { headers, repeated } = received
  const entries = readEntries(received)
  const parameters = signingParameters(entries)
  const header = headers.authorization
  const legacy = entries.some((entry) => entry.startsWith('Signature '))
  if (header !== undefined && (parameters.size || legacy || repeated.has('authorization')))
    refuse(
      'ERR_SIGV4_AUTH_AMBIGUOUS',
      'InvalidArgument',
      400,
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      { ArgumentName: 'Authorization', ArgumentValue: schemeOf(header) },
    )
  if (header === undefined && !parameters.size) {
    if (legacy)
      refuse(
        'ERR_SIGV4_ALGORITHM_UNSUPPORTED',
        'InvalidRequest',
        400,
        'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
      )
    refuse('ERR_SIGV4_AUTH_MISSING', 'AccessDenied', 403, 'Access Denied')
  }
  const authorization = header === undefined ? parsePresigned(parameters) : parseAuthorization(header)
  const [parameter, token] = [parameters.get('X-Amz-Security-Token'), headers['x-amz-security-token']]
  if (parameter !== undefined && token !== undefined && parameter !== token) refuseRepeated('X-Amz-Security-Token')
  const { location, scope } = authorization
  const s3 = isS3(scope.service)
  const [problem, details] = scopeMismatch(scope, options) ?? []
  if (problem) mismatch(location, problem, details)
  const { amzDate, time, ends } =
    location === 'header' ? headerValidity(headers, now, options) : presignedValidity(parameters, now, options)
  const day = amzDate.slice(0, 8)
  if (scope.date !== day)
    mismatch(location, `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${day}".`)
  checkSigned(received, authorization, options)
  const isAppended = options.sessionTokenPlacement === 'appended'
  const dropped = isAppended ? /^X-Amz-(?:Signature|Security-Token) / : /^X-Amz-Signature /
  return {
    ...authorization,
    time,
    amzDate,
    ends,
    sessionToken: parameter ?? token,
    ...statedPayload(received, authorization, entries, s3),
    s3,
    entries: entries.filter((entry) => !dropped.test(entry)),
  }
}

/** Plans the signature that the request should have. */
export function planStatement(
  { method, path, headers }: Received,
  statement: SignedStatement,
  { pathEncoding, pathNormalization }: AcceptanceOptions,
  payloadHash: string,
): Plan {
  const { s3, scope, amzDate, accessKeyId, signedHeaders, entries } = statement
  const present: HeaderRecord = Object.assign(Object.create(null), headers)
  for (const name of signedHeaders) present[name] ??= '' // signed, but gone
  const sent = {
    method,
    path: s3 ? path.replaceAll('+', '%20') : path, // S3 reads it as a blank
    query: entries,
    headers: present,
    signed: signedHeaders,
    payloadHash,
  }
  return parsed(() =>
    planHeader(sent, {
      amzDate,
      scope: credentialScope(scope),
      accessKeyId,
      pathEncoding: pathEncoding ?? (s3 ? 'single' : 'double'),
      pathNormalization: pathNormalization ?? (s3 ? 'none' : 'rfc3986'),
    }),
  )
}

/** What cannot be parsed is refused in S3's words. */
function parsed<Value>(read: () => Value): Value {
  try {
    return read()
  } catch {
    return refuse('ERR_SIGV4_AUTH_MALFORMED', 'InvalidURI', 400, "Couldn't parse the specified URI.")
  }
}

function readEntries({ query }: Received): string[] {
  return parsed(() => queryEntries(query))
}

/** What is wrong with a scope here, in AWS's words, and the elements that go with them; nothing if it is accepted. */
export function scopeMismatch(
  { service, region }: Scope,
  accepted: Pick<AcceptanceOptions, 'service' | 'region'>,
): readonly [problem: string, details?: RefusalDetails] | undefined {
  const [services, regions] = [accepted.service, accepted.region].map((names) =>
    names === undefined ? undefined : [names].flat(),
  )
  if (services && !services.includes(service))
    return [`incorrect service "${service}". This endpoint belongs to "${services[0]}".`]
  if (regions && !regions.includes(region))
    return [`the region '${region}' is wrong; expecting '${regions[0]}'`, { Region: String(regions[0]) }]
  return undefined
}

/** Refuses a request with headers that somebody could have changed or added since it was signed. */
function checkSigned(
  { headers, dropped }: Received,
  { signedHeaders }: Authorization,
  options: AcceptanceOptions,
): void {
  const lower = (names: readonly string[] = []): string[] => names.map((name) => name.toLowerCase())
  const [required, exempt] = [lower(options.requireSigned), lower(options.unsignedHeaders)]
  exempt.push('x-amz-content-sha256') // its value is the payload hash, which is signed
  if (options.sessionTokenPlacement === 'appended') exempt.push('x-amz-security-token')
  const signed = new Set(signedHeaders)
  const isMissing = (name: string): boolean =>
    !signed.has(name) && (required.includes(name) || (name.startsWith('x-amz-') && !exempt.includes(name)))
  const again = signedHeaders.find((name) => dropped.has(name))
  if (again !== undefined)
    refuse('ERR_SIGV4_AUTH_AMBIGUOUS', 'InvalidRequest', 400, `The signed header ${again} must be sent once.`)
  const missing = Object.keys(headers).filter(isMissing).sort()
  if (!signed.has('host')) missing.unshift('host')
  if (missing.length)
    refuse(
      'ERR_SIGV4_HEADER_NOT_SIGNED',
      'AccessDenied',
      403,
      'There were headers present in the request which were not signed',
      { HeadersNotSigned: missing.join(', ') },
    )
}

/** What the request says of its body: what is signed, and what is not. */
function statedPayload(
  { headers }: Received,
  { location, signedHeaders }: Authorization,
  entries: readonly string[],
  s3: boolean,
): Pick<SignedStatement, 'payloadHash' | 'unsignedHash'> {
  const name = 'x-amz-content-sha256'
  const said = headers[name]
  let stated: string | undefined = said
  let unsignedHash: string | undefined
  if (location === 'query') {
    const parameters = entries.filter((entry) => entry.startsWith('X-Amz-Content-Sha256 '))
    if (parameters.length > 1) refuseRepeated('X-Amz-Content-Sha256')
    const parameter = parameters[0]?.split(' ')[1]
    const signed = signedHeaders.includes(name) ? said : undefined
    stated = parameter ?? signed ?? (s3 ? 'UNSIGNED-PAYLOAD' : undefined)
    if (said !== stated) unsignedHash = said
  } else if (stated === undefined && s3)
    refuse('ERR_SIGV4_AUTH_MALFORMED', 'InvalidRequest', 400, `Missing required header for this request: ${name}`)
  const isWrong = (value: string | undefined, pattern: RegExp): boolean => value !== undefined && !pattern.test(value)
  // nobody would check the chunks that an unsigned header promises
  if (isWrong(stated, PAYLOAD) || isWrong(unsignedHash, SHA256))
    refuse(
      'ERR_SIGV4_AUTH_MALFORMED',
      'InvalidArgument',
      400,
      `${name} must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.`,
      { ArgumentName: name, ArgumentValue: isWrong(stated, PAYLOAD) ? stated! : unsignedHash! },
    )
  return { payloadHash: stated, unsignedHash }
}

const SHA256 = /^[\da-f]{64}$/

const PAYLOAD =
  /^(?:[\da-f]{64}|UNSIGNED-PAYLOAD|STREAMING-AWS4-HMAC-SHA256-PAYLOAD(?:-TRAILER)?|STREAMING-UNSIGNED-PAYLOAD-TRAILER)$/
