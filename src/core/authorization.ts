import type { Scope } from './credentials.ts'
import { type RefusalDetails, refuse } from './refusal.ts'
import { isS3 } from './services.ts'

/** Where a request carries its signature: in the Authorization header, or in its query. */
export type Location = 'header' | 'query'

/** What a request says of its own signature, parsed and consistent in itself; nothing of it is believed yet. */
export interface Authorization {
  readonly location: Location
  readonly accessKeyId: string
  readonly scope: Scope
  /** Sorted, in lower case, each once. */
  readonly signedHeaders: readonly string[]
  /** As it came. */
  readonly signature: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The parameters of a presigned URL of S3, in the order of its answer. */
const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
]

/** What is wrong with an Authorization header, or with the parameters of a presigned URL. */
export function malformed(location: Location, problem: string, details: RefusalDetails = {}): never {
  if (location === 'header')
    refuse(
      'ERR_SIGV4_AUTH_MALFORMED',
      'AuthorizationHeaderMalformed',
      400,
      `The authorization header is malformed; ${problem}`,
      details,
    )
  refuse('ERR_SIGV4_AUTH_MALFORMED', 'AuthorizationQueryParametersError', 400, problem, details)
}

/** Reads an Authorization header. */
export function parseAuthorization(header: string): Authorization {
  const [scheme] = /^\S*/.exec(header)!
  if (scheme === 'AWS' || scheme.startsWith('AWS4-ECDSA-'))
    refuse(
      'ERR_SIGV4_ALGORITHM_UNSUPPORTED',
      'InvalidRequest',
      400,
      `The authorization mechanism you have provided is not supported. Please use ${ALGORITHM}.`,
    )
  if (scheme !== ALGORITHM)
    refuse('ERR_SIGV4_ALGORITHM_UNSUPPORTED', 'InvalidArgument', 400, 'Unsupported Authorization Type', {
      ArgumentName: 'Authorization',
      ArgumentValue: schemeOf(header),
    })
  const parts = new Map<string, string>()
  for (const part of header.slice(scheme.length).split(',')) {
    const [, name, value] = /^\s*(Credential|SignedHeaders|Signature)=(\S*)\s*$/.exec(part) ?? []
    if (name === undefined || parts.has(name))
      malformed('header', 'it must hold Credential, SignedHeaders and Signature, each once, with commas between them.')
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

/** The scheme of an Authorization header; one without a blank may be a token. */
export function schemeOf(header: string): string {
  return /^(\S*)\s/.exec(header)?.[1] ?? ''
}

/** The parameters that signing adds, decoded, from the entries of a query; each at most once, its name as AWS writes it. */
export function signingParameters(entries: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  const parameters = [...REQUIRED, 'X-Amz-Security-Token']
  for (const entry of entries) {
    const [name, value] = entry.split(' ') as [string, string]
    const known = parameters.find((parameter) => parameter.toLowerCase() === name.toLowerCase())
    if (!known) continue
    if (name !== known) malformed('query', `The parameter ${known} must be written like this.`)
    if (found.has(known)) refuseRepeated(known)
    found.set(known, decodeURIComponent(value))
  }
  return found
}

/** A parameter that may come once came again. */
export function refuseRepeated(name: string): never {
  refuse('ERR_SIGV4_AUTH_AMBIGUOUS', 'AuthorizationQueryParametersError', 400, `The parameter ${name} must come once.`)
}

/** Reads the {@link signingParameters} of a presigned URL. Only S3 insists on an expiry. */
export function parsePresigned(parameters: ReadonlyMap<string, string>): Authorization {
  const algorithm = parameters.get('X-Amz-Algorithm')
  if (algorithm !== undefined && algorithm !== ALGORITHM)
    refuse(
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

/** Reads a credential, `key/20150830/us-east-1/s3/aws4_request`, from the right: a key id may hold a slash. */
export function parseCredential(credential: string, location: Location): Pick<Authorization, 'accessKeyId' | 'scope'> {
  const prefix = location === 'query' ? 'Error parsing the X-Amz-Credential parameter; ' : ''
  const parts = credential.split('/')
  const [date, region, service, terminator] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  const isWord = /^[!-~]+$/.test(credential) // as all that can stand in a header; lookups may pass it on
  if (parts.length < 5 || !isWord || !/^\d{8}$/.test(date!) || !region || !service)
    malformed(
      location,
      `${prefix}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
    )
  if (!accessKeyId) malformed(location, `${prefix}a non-empty Access Key (AKID) must be provided in the credential.`)
  if (terminator !== 'aws4_request')
    mismatch(location, `incorrect terminal "${terminator}". This endpoint uses "aws4_request".`)
  return { accessKeyId, scope: { date: date!, region, service } }
}

/** The credential scope is not the one that is wanted here. */
export function mismatch(location: Location, problem: string, details: RefusalDetails = {}): never {
  const [awsCode, prefix] =
    location === 'header'
      ? ['AuthorizationHeaderMalformed', 'The authorization header is malformed; ']
      : ['AuthorizationQueryParametersError', 'Error parsing the X-Amz-Credential parameter; ']
  refuse('ERR_SIGV4_SCOPE_MISMATCH', awsCode!, 400, prefix + problem, details)
}

/** Reads the names of the signed headers, which must be as signing writes them: in lower case, sorted, each once. */
function parseSignedHeaders(text: string, location: Location): string[] {
  const names = text.split(';')
  let last = ''
  for (const name of names) {
    if (!/^[\da-z!#$%&'*+.^_`|~-]+$/.test(name) || name <= last)
      malformed(location, 'SignedHeaders must be header names in lower case, sorted, each once, with ; between them.')
    last = name
  }
  return names
}
