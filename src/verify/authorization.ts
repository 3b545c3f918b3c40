import type { HeaderRecord } from '../core/http/headers.ts'
import type { Pair } from '../core/http/query.ts'
import {
  type CredentialParts,
  checkSignedHeaders,
  PRESIGNED_PARAMETERS,
  parseCredential,
  REGION_SET,
  SESSION_PARAMETER,
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
import { isS3 } from '../core/services.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import type { SignatureAlgorithm } from '../crypto/algorithm.ts'
import { type ClaimLocation, refuse, refuseProblem } from './refuse.ts'

/** The location of a request's signature: the Authorization header, or the query. */
export type Location = 'header' | 'query'

/** The claims of a request about its signature, parsed and consistent, but not verified. */
export interface Authorization extends CredentialParts {
  readonly location: Location
  /** Sorted, in lowercase, each once. */
  readonly signedHeaders: readonly string[]
  /** As received. */
  readonly signature: string
  /** The first line of the string to sign. */
  readonly algorithm: string
  /** An algorithm other than Signature Version 4. Its signatures are valid in a set of regions: the region of the scope. */
  readonly variant: SignatureAlgorithm | undefined
}

/** Parses an Authorization header. */
export function parseAuthorization(
  header: string,
  headers: HeaderRecord = {},
  algorithms: readonly SignatureAlgorithm[] = [],
): Authorization {
  const [algorithm] = /^\S*/.exec(header)!
  const variant = algorithms.find(({ name }) => name === algorithm)
  if (!variant && /^AWS(?:$|4-ECDSA-)/.test(algorithm)) refuse(SIGNATURE_V2)
  if (!variant && algorithm !== ALGORITHM)
    refuse(AUTH_SCHEME, { ArgumentName: 'Authorization', ArgumentValue: schemeOf(header) })
  const parts = new Map<string, string>()
  for (const part of header.slice(algorithm.length).split(',')) {
    const [, name, value] = /^\s*(Credential|SignedHeaders|Signature)=(\S*)\s*$/.exec(part) ?? []
    if (name === undefined || parts.has(name)) refuse(AUTH_PARTS)
    parts.set(name, value!)
  }
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map(
    (name) => parts.get(name) ?? refuse(AUTH_PART_MISSING, { name }),
  )
  return {
    location: 'header',
    algorithm,
    variant,
    ...readCredential(credential!, 'header', variant && (headers['x-amz-region-set'] ?? '')),
    signedHeaders: readSignedHeaders(signedHeaders!, 'header'),
    signature: signature!,
  }
}

/** Returns the scheme of an Authorization header; a header without a space may be a token. */
export function schemeOf(header: string): string {
  return /^(\S*)\s/.exec(header)?.[1] ?? ''
}

/** The parameters that signing adds, as AWS writes them, by name in lowercase. */
const PARAMETERS: ReadonlyMap<string, string> = /* @__PURE__ */ byLowercaseName()

function byLowercaseName(): Map<string, string> {
  const names = [...PRESIGNED_PARAMETERS, TOKEN_PARAMETER, SESSION_PARAMETER, REGION_SET]
  return new Map(names.map((name) => [name.toLowerCase(), name]))
}

/** Decodes the parameters that signing adds, from the encoded pairs of a query; each at most once, its name as AWS writes it. */
export function signingParameters(pairs: readonly Pair[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const [given, value] of pairs) {
    const name = PARAMETERS.get(given.toLowerCase())
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
export function parsePresigned(
  parameters: ReadonlyMap<string, string>,
  algorithms: readonly SignatureAlgorithm[] = [],
): Authorization {
  const algorithm = parameters.get('X-Amz-Algorithm') ?? ALGORITHM
  const variant = algorithms.find(({ name }) => name === algorithm)
  if (!variant && algorithm !== ALGORITHM) refuse(ALGORITHM_OTHER, {}, 'query')
  const credential = parameters.get('X-Amz-Credential')
  const regionSet = variant && (parameters.get(REGION_SET) ?? '')
  const parsed = credential === undefined ? undefined : readCredential(credential, 'query', regionSet)
  const missing = PRESIGNED_PARAMETERS.filter((name) => !parameters.has(name))
  const isComplete = missing.every((name) => name === 'X-Amz-Expires' && !isS3(parsed?.scope.service ?? 's3'))
  if (!parsed || !isComplete) refuse(PARAMETERS_MISSING, {}, 'query')
  return {
    location: 'query',
    algorithm,
    variant,
    ...parsed,
    signedHeaders: readSignedHeaders(parameters.get('X-Amz-SignedHeaders')!, 'query'),
    signature: parameters.get('X-Amz-Signature')!,
  }
}

/** Parses a credential, or refuses the request. */
export function readCredential(credential: string, location: ClaimLocation, regionSet?: string): CredentialParts {
  const parsed = parseCredential(credential, regionSet)
  if (!('refusal' in parsed)) return parsed
  return refuseProblem(parsed, location)
}

function readSignedHeaders(list: string, location: Location): string[] {
  const names = list.split(';')
  refuseProblem(checkSignedHeaders(names), location)
  return names
}
