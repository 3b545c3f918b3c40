import { type HeaderRecord, SESSION_HEADER, TOKEN_HEADER } from '../http/headers.ts'
import type { Pair } from '../http/query.ts'
import type { UrlParts } from '../http/url.ts'
import type { QueryInput, SessionTokenName, SigningOptions } from './options.ts'
import type { AnyScopeInput } from './scope.ts'
import { S3_EXPRESS } from './scope.ts'
import { checkChoice } from './target.ts'

/**
 * Returns whether AWS's clients sign a request to S3 Express with IAM credentials instead: CreateSession, copies, and
 * everything that is sent to the endpoint for buckets.
 */
export function isSignedWithIam(host: string, parameters: readonly string[], headers: HeaderRecord): boolean {
  return /(?:^|\.)s3express-control[.-]/.test(host) || parameters.includes('session') || 'x-amz-copy-source' in headers
}

/** Name and placement of the session token. */
export interface TokenInput {
  readonly name: SessionTokenName
  readonly isSigned: boolean
  /** The argument that already contains the token of an S3 Express session. */
  readonly given: string | undefined
}

/** Reads the options of the session token. `within` is the argument that has the headers; `added` are the parameters in the options. */
export function readSessionToken(
  options: SigningOptions<unknown>,
  { service }: AnyScopeInput,
  { host, argument }: Pick<UrlParts, 'host' | 'argument'>,
  query: readonly Pair[],
  headers: HeaderRecord,
  within: 'options' | 'request',
  added?: QueryInput,
): TokenInput {
  let name: SessionTokenName = TOKEN_HEADER
  let given: string | undefined
  if (service === S3_EXPRESS) {
    const parameters = query.map(([parameter]) => parameter)
    if (!isSignedWithIam(host, parameters, headers)) name = SESSION_HEADER
    const parameter = parameters.find((each) => each.toLowerCase() === SESSION_HEADER)
    if (parameter) given = added && parameter in added ? `options.query["${parameter}"]` : argument
    if (SESSION_HEADER in headers) given = `${within}.headers["${SESSION_HEADER}"]`
  }
  const { sessionTokenPlacement: placement = 'signed', sessionTokenName = name } = options
  checkChoice('sessionTokenPlacement', placement, 'signed', 'appended')
  checkChoice('sessionTokenName', sessionTokenName, TOKEN_HEADER, SESSION_HEADER)
  return { name: sessionTokenName, isSigned: placement === 'signed', given }
}
