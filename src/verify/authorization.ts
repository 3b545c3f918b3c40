import type { Pair } from '../core/http/query.ts'
import {
  type CredentialParts,
  checkSignedHeaders,
  PRESIGNED_PARAMETERS,
  parseCredential,
  TOKEN_PARAMETER,
} from '../core/received/claim.ts'
import {
  ALGORITHM_OTHER,
  AUTH_PART_MISSING,
  AUTH_PARTS,
  AUTH_SCHEME,
  PARAMETER_CASE,
  PARAMETER_REPEATED,
  PARAMETER_UTF8,
  PARAMETERS_MISSING,
  SIGNATURE_V2,
} from '../core/received/refusals.ts'
import { isS3, type Scope } from '../core/signing/scope.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import { type ClaimLocation, refuse, refuseProblem } from './refuse.ts'

/** The location of a request's signature: the Authorization header, or the query. */
export type Location = 'header' | 'query'

/** The claims of a request about its signature, parsed and consistent, but not verified. */
export interface Authorization {
  readonly location: Location
  readonly accessKeyId: string
  readonly scope: Scope
  /** Sorted, in lowercase, each once. */
  readonly signedHeaders: readonly string[]
  /** As received. */
  readonly signature: string
}

/** Parses an Authorization header. */
export function parseAuthorization(header: string): Authorization {
  const [scheme] = /^\S*/.exec(header)!
  if (scheme === 'AWS' || scheme.startsWith('AWS4-ECDSA-')) refuse(SIGNATURE_V2)
  if (scheme !== ALGORITHM) refuse(AUTH_SCHEME, { ArgumentName: 'Authorization', ArgumentValue: schemeOf(header) })
  const parts = new Map<string, string>()
  for (const part of header.slice(scheme.length).split(',')) {
    const [, name, value] = /^\s*(Credential|SignedHeaders|Signature)=(\S*)\s*$/.exec(part) ?? []
    if (name === undefined || parts.has(name)) refuse(AUTH_PARTS)
    parts.set(name, value!)
  }
  for (const name of ['Credential', 'SignedHeaders', 'Signature'])
    if (!parts.has(name)) refuse(AUTH_PART_MISSING, { name })
  return {
    location: 'header',
    ...readCredential(parts.get('Credential')!, 'header'),
    signedHeaders: readSignedHeaders(parts.get('SignedHeaders')!, 'header'),
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
  const parameters = [...PRESIGNED_PARAMETERS, TOKEN_PARAMETER]
  for (const [given, value] of pairs) {
    const name = parameters.find((parameter) => parameter.toLowerCase() === given.toLowerCase())
    if (!name) continue
    if (given !== name) refuse(PARAMETER_CASE, { name }, 'query')
    if (found.has(name)) refuse(PARAMETER_REPEATED, { name }, 'query')
    found.set(name, decode(name, value))
  }
  return found
}

function decode(name: string, value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return refuse(PARAMETER_UTF8, { name }, 'query')
  }
}

/** Parses the {@link signingParameters} of a presigned URL. Only S3 requires an expiration. */
export function parsePresigned(parameters: ReadonlyMap<string, string>): Authorization {
  const algorithm = parameters.get('X-Amz-Algorithm')
  if (algorithm !== undefined && algorithm !== ALGORITHM) refuse(ALGORITHM_OTHER, {}, 'query')
  const credential = parameters.get('X-Amz-Credential')
  const parsed = credential === undefined ? undefined : readCredential(credential, 'query')
  const missing = PRESIGNED_PARAMETERS.filter((name) => !parameters.has(name))
  const isComplete = missing.every((name) => name === 'X-Amz-Expires' && !isS3(parsed?.scope.service ?? 's3'))
  if (!parsed || !isComplete) refuse(PARAMETERS_MISSING, {}, 'query')
  return {
    location: 'query',
    ...parsed,
    signedHeaders: readSignedHeaders(parameters.get('X-Amz-SignedHeaders')!, 'query'),
    signature: parameters.get('X-Amz-Signature')!,
  }
}

/** Parses a credential, or refuses the request. */
export function readCredential(credential: string, location: ClaimLocation): CredentialParts {
  const parsed = parseCredential(credential)
  if (!('refusal' in parsed)) return parsed
  return refuseProblem(parsed, location)
}

function readSignedHeaders(list: string, location: Location): string[] {
  const names = list.split(';')
  refuseProblem(checkSignedHeaders(names), location)
  return names
}
