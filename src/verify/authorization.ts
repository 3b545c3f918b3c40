import type { Pair } from '../core/http/query.ts'
import { isS3, type Scope } from '../core/signing/scope.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import { type ErrorDetails, reject } from '../core/verify-error.ts'

/** The location of a request's signature: the Authorization header, or the query. */
export type Location = 'header' | 'query'

/** The location of a signature, including the fields of a form. */
export type ClaimLocation = Location | 'form'

/** The claims of a request about its signature, parsed and consistent, but not verified. */
export interface Authorization {
  readonly location: Location
  readonly accessKeyId: string
  readonly scope: Scope
  /** Sorted, in lower case, each once. */
  readonly signedHeaders: readonly string[]
  /** As received. */
  readonly signature: string
}

/** Parameters of an S3 presigned URL, in the order of S3's response. */
const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
]

/** AWS's error code by location. */
const PROBLEMS = {
  header: 'AuthorizationHeaderMalformed',
  query: 'AuthorizationQueryParametersError',
  form: 'InvalidArgument',
} as const

/** Throws because an Authorization header, or the parameters of a presigned URL, are malformed. */
export function malformed(location: Location, problem: string, details: ErrorDetails = {}): never {
  rejectAs('ERR_SIGV4_AUTH_MALFORMED', location, problem, details)
}

function rejectAs(
  code: 'ERR_SIGV4_AUTH_MALFORMED' | 'ERR_SIGV4_SCOPE_MISMATCH',
  location: ClaimLocation,
  problem: string,
  details: ErrorDetails,
): never {
  const prefix = location === 'header' ? 'The authorization header is malformed; ' : ''
  reject(code, PROBLEMS[location], 400, prefix + problem, details)
}

/** Rejects the target of a request. */
export function rejectTarget(): never {
  reject('ERR_SIGV4_AUTH_MALFORMED', 'InvalidURI', 400, "Couldn't parse the specified URI.")
}

/** Throws because the credential is malformed, or its scope is not accepted. */
function rejectCredential(
  code: 'ERR_SIGV4_AUTH_MALFORMED' | 'ERR_SIGV4_SCOPE_MISMATCH',
  location: ClaimLocation,
  problem: string,
  details?: ErrorDetails,
): never {
  const prefix = location === 'query' ? 'Error parsing the X-Amz-Credential parameter; ' : ''
  const argument = location === 'form' ? { ArgumentName: 'X-Amz-Credential' } : {}
  rejectAs(code, location, prefix + problem, { ...argument, ...details })
}

/** Parses an Authorization header. */
export function parseAuthorization(header: string): Authorization {
  const [scheme] = /^\S*/.exec(header)!
  if (scheme === 'AWS' || scheme.startsWith('AWS4-ECDSA-'))
    reject(
      'ERR_SIGV4_ALGORITHM_UNSUPPORTED',
      'InvalidRequest',
      400,
      `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`,
    )
  if (scheme !== ALGORITHM)
    reject('ERR_SIGV4_ALGORITHM_UNSUPPORTED', 'InvalidArgument', 400, 'Unsupported Authorization Type', {
      ArgumentName: 'Authorization',
      ArgumentValue: schemeOf(header),
    })
  const parts = new Map<string, string>()
  for (const part of header.slice(scheme.length).split(',')) {
    const [, name, value] = /^\s*(Credential|SignedHeaders|Signature)=(\S*)\s*$/.exec(part) ?? []
    if (name === undefined || parts.has(name))
      malformed('header', 'it must contain Credential, SignedHeaders and Signature once each, separated by commas.')
    parts.set(name, value!)
  }
  for (const name of ['Credential', 'SignedHeaders', 'Signature'])
    if (!parts.has(name)) malformed('header', `missing ${name}.`)
  return {
    location: 'header',
    ...parseCredential(parts.get('Credential')!, 'header'),
    signedHeaders: parseSignedHeaders(parts.get('SignedHeaders')!, 'header'),
    signature: parts.get('Signature')!,
  }
}

/** Returns the scheme of an Authorization header; a header without a space may be a token. */
export function schemeOf(header: string): string {
  return /^(\S*)\s/.exec(header)?.[1] ?? ''
}

/** Decodes the parameters that signing adds, from the encoded pairs of a query; each at most once, its name as AWS writes it. */
export function signingParameters(pairs: readonly Pair[]): Map<string, string> {
  const found = new Map<string, string>()
  const parameters = [...REQUIRED, 'X-Amz-Security-Token']
  for (const [name, value] of pairs) {
    const known = parameters.find((parameter) => parameter.toLowerCase() === name.toLowerCase())
    if (!known) continue
    if (name !== known) malformed('query', `The parameter name ${known} is case-sensitive.`)
    if (found.has(known)) rejectRepeated(known)
    found.set(known, decode(known, value))
  }
  return found
}

function decode(name: string, value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return malformed('query', `The parameter ${name} is not valid UTF-8.`)
  }
}

/** Throws because a parameter is repeated. */
export function rejectRepeated(name: string): never {
  reject(
    'ERR_SIGV4_AUTH_AMBIGUOUS',
    'AuthorizationQueryParametersError',
    400,
    `The parameter ${name} must be sent only once.`,
  )
}

/** Parses the {@link signingParameters} of a presigned URL. Only S3 requires an expiration. */
export function parsePresigned(parameters: ReadonlyMap<string, string>): Authorization {
  const algorithm = parameters.get('X-Amz-Algorithm')
  if (algorithm !== undefined && algorithm !== ALGORITHM)
    reject(
      'ERR_SIGV4_ALGORITHM_UNSUPPORTED',
      'AuthorizationQueryParametersError',
      400,
      `X-Amz-Algorithm only supports "${ALGORITHM}"`,
    )
  const credential = parameters.get('X-Amz-Credential')
  const parsed = credential === undefined ? undefined : parseCredential(credential, 'query')
  const missing = REQUIRED.filter((name) => !parameters.has(name))
  const isComplete = missing.every((name) => name === 'X-Amz-Expires' && !isS3(parsed?.scope.service ?? 's3'))
  if (!parsed || !isComplete)
    malformed(
      'query',
      `Query-string authentication version 4 requires the ${REQUIRED.slice(0, -1).join(', ')}, and X-Amz-Expires parameters.`,
    )
  return {
    location: 'query',
    ...parsed,
    signedHeaders: parseSignedHeaders(parameters.get('X-Amz-SignedHeaders')!, 'query'),
    signature: parameters.get('X-Amz-Signature')!,
  }
}

/** Parses a credential, `key/20150830/us-east-1/s3/aws4_request`, from the right: a key ID may contain a slash. */
export function parseCredential(
  credential: string,
  location: ClaimLocation,
): Pick<Authorization, 'accessKeyId' | 'scope'> {
  const parts = credential.split('/')
  const [date, region, service, terminator] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  const isWord = /^[!-~]+$/.test(credential) // valid in a header, because lookups may pass it on
  if (parts.length < 5 || !isWord || !/^\d{8}$/.test(date!) || !region || !service)
    rejectCredential(
      'ERR_SIGV4_AUTH_MALFORMED',
      location,
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    )
  if (!accessKeyId)
    rejectCredential(
      'ERR_SIGV4_AUTH_MALFORMED',
      location,
      'a non-empty Access Key (AKID) must be provided in the credential.',
    )
  if (terminator !== 'aws4_request')
    mismatch(location, `incorrect terminal "${terminator}". This endpoint uses "aws4_request".`)
  return { accessKeyId, scope: { date: date!, region, service } }
}

/** Throws because the credential scope is not accepted. */
export function mismatch(location: ClaimLocation, problem: string, details?: ErrorDetails): never {
  rejectCredential('ERR_SIGV4_SCOPE_MISMATCH', location, problem, details)
}

/** Parses the names of the signed headers, which must be as signing writes them: in lower case, sorted, each once. */
function parseSignedHeaders(list: string, location: Location): string[] {
  const names = list.split(';')
  let last = ''
  for (const name of names) {
    if (!/^[\da-z!#$%&'*+.^_`|~-]+$/.test(name) || name <= last)
      malformed(location, 'SignedHeaders must be unique header names in lowercase, sorted and separated by semicolons.')
    last = name
  }
  return names
}
