import { decode } from '../core/encoding/percent.ts'
import {
  type HeaderRecord,
  PRESIGNED_PARAMETERS,
  REGION_SET_HEADER,
  REGION_SET_PARAMETER,
  SESSION_PARAMETER,
  TOKEN_PARAMETER,
} from '../core/http/headers.ts'
import type { Pair } from '../core/http/query.ts'
import { isS3 } from '../core/services.ts'
import { ALGORITHM } from '../core/signing/string-to-sign.ts'
import type { SignatureAlgorithm, Verifying } from '../crypto/algorithm.ts'
import { SIGV4_VERIFYING } from '../crypto/verifying.ts'
import {
  type CredentialParts,
  checkAuthorization,
  checkSignedHeaders,
  type Location,
  parseCredential,
  readSignature,
  type StatedSignature,
} from '../received/claim.ts'
import {
  ALGORITHM_OTHER,
  AUTH_SCHEME,
  PARAMETER_CASE,
  PARAMETER_REPEATED,
  PARAMETER_UTF8,
  PARAMETERS_MISSING,
  SIGNATURE_V2,
} from '../received/refusals.ts'
import { type ClaimLocation, refuse, refuseProblem } from './refuse.ts'

/** The claims of a request about its signature, parsed and consistent, but not verified. */
export interface Authorization extends CredentialParts {
  readonly location: Location
  /** Sorted, in lowercase, each once. */
  readonly signedHeaders: readonly string[]
  /** As received. */
  readonly signature: string
  /** If its signatures are valid in a set of regions, that is the region of the scope. */
  readonly algorithm: Verifying
}

export function parseAuthorization(
  header: string,
  headers: HeaderRecord = {},
  algorithms: readonly SignatureAlgorithm[] = [],
): Authorization {
  const stated = readSignature(header)
  const { algorithm: name = '' } = stated
  const algorithm = findAlgorithm(name, algorithms)
  if (!algorithm && /^AWS(?:$|4-ECDSA-)/.test(name)) refuse(SIGNATURE_V2)
  if (!algorithm) refuse(AUTH_SCHEME, { ArgumentName: 'Authorization', ArgumentValue: schemeOf(header) })
  refuseProblem(checkAuthorization(header))
  const regionSet = algorithm.includes && (headers[REGION_SET_HEADER] ?? '')
  return authorizationOf(stated, algorithm, readCredential(stated.credential!, 'header', regionSet))
}

function findAlgorithm(name: string, algorithms: readonly SignatureAlgorithm[]): Verifying | undefined {
  return [SIGV4_VERIFYING, ...algorithms].find((each) => each.name === name)
}

function authorizationOf(
  { location, signedHeaders, signature }: StatedSignature,
  algorithm: Verifying,
  credential: CredentialParts,
): Authorization {
  const names = signedHeaders!.split(';')
  refuseProblem(checkSignedHeaders(names), location)
  return { location, algorithm, ...credential, signedHeaders: names, signature: signature! }
}

/** Returns the scheme of an Authorization header; a header without a space may be a token. */
export function schemeOf(header: string): string {
  return /^(\S*)\s/.exec(header)?.[1] ?? ''
}

/** The parameters that signing adds, as AWS writes them, by name in lowercase. */
const PARAMETERS: ReadonlyMap<string, string> = /* @__PURE__ */ byLowercaseName()

function byLowercaseName(): Map<string, string> {
  const names = [...PRESIGNED_PARAMETERS, TOKEN_PARAMETER, SESSION_PARAMETER, REGION_SET_PARAMETER]
  return new Map(names.map((name) => [name.toLowerCase(), name]))
}

/** Decodes the parameters that signing adds, from the encoded pairs of a query; each at most once, its name as AWS writes it. */
export function readSigningParameters(pairs: readonly Pair[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const [given, value] of pairs) {
    const name = PARAMETERS.get(given.toLowerCase())
    if (!name) continue
    if (given !== name) refuse(PARAMETER_CASE, { name }, 'query')
    if (found.has(name)) refuse(PARAMETER_REPEATED, { name }, 'query')
    const decoded = decode(value)
    // no escape is left unless the value is malformed
    if (decoded === value && value.includes('%')) refuse(PARAMETER_UTF8, { name }, 'query')
    found.set(name, decoded)
  }
  return found
}

/** Parses the {@link readSigningParameters} of a presigned URL. Only S3 requires an expiration. */
export function parsePresigned(
  parameters: ReadonlyMap<string, string>,
  algorithms: readonly SignatureAlgorithm[] = [],
): Authorization {
  const stated = readSignature(undefined, parameters)
  const { algorithm: name = ALGORITHM, credential } = stated
  const algorithm = findAlgorithm(name, algorithms) ?? refuse(ALGORITHM_OTHER, {}, 'query')
  const regionSet = algorithm.includes && (parameters.get(REGION_SET_PARAMETER) ?? '')
  const parsed = credential === undefined ? undefined : readCredential(credential, 'query', regionSet)
  const missing = PRESIGNED_PARAMETERS.filter((name) => !parameters.has(name))
  const isComplete = missing.every((name) => name === 'X-Amz-Expires' && !isS3(parsed?.scope.service ?? 's3'))
  if (!parsed || !isComplete) refuse(PARAMETERS_MISSING, {}, 'query')
  return authorizationOf(stated, algorithm, parsed)
}

/** Parses a credential, or refuses the request. `regionSet` is the region if that is a set, which is stated elsewhere. */
export function readCredential(credential: string, location: ClaimLocation, regionSet?: string): CredentialParts {
  const parsed = parseCredential(credential, regionSet)
  if (!('refusal' in parsed)) return parsed
  return refuseProblem(parsed, location)
}
