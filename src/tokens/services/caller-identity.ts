import { fail } from '../../core/errors.ts'
import { type HeadersInput, readHeaders } from '../../core/http/headers.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import { regionalHost } from '../../core/signing/s3-hosts.ts'
import { readSign } from '../../core/signing/sign.ts'
import {
  knownScope,
  type Lifetime,
  LOGIN_OPTIONS,
  type LoginOptions,
  type Recipe,
  requestRecipe,
} from '../recipe/recipe.ts'
import { PASS_REGION } from '../recipe/region.ts'

/** The request that proves the caller's identity. */
export interface CallerIdentityTarget {
  /** Region of STS, which receives the request; `'aws-global'` for the host `sts.amazonaws.com`. */
  readonly region: string
  /** Headers that the service requires, such as `x-vault-aws-iam-server-id`. They are signed. @default none */
  readonly headers?: HeadersInput | undefined
  /** Location of the action: a form in the body, or the query. @default `'body'` */
  readonly parameters?: 'body' | 'query' | undefined
}

/** A signed request that a service sends to STS to identify the caller. */
export interface CallerIdentity extends Lifetime {
  readonly method: 'POST'
  readonly url: string
  /** All headers, including `host`. */
  readonly headers: Record<string, string>
  /** The form; missing if the parameters are in the query. */
  readonly body?: string
}

const TARGET = /* @__PURE__ */ members('region headers parameters')

const PARAMETERS = 'Action=GetCallerIdentity&Version=2011-06-15'

export function readCallerIdentity(
  target: CallerIdentityTarget,
  options: LoginOptions<unknown>,
): Recipe<CallerIdentity> {
  checkMembers('target', target, TARGET)
  checkMembers('options', options, LOGIN_OPTIONS)
  const { headers: given, parameters = 'body' } = target
  if (parameters !== 'body' && parameters !== 'query')
    fail('ERR_INVALID_ARG_VALUE', 'target.parameters', 'invalid', "Pass 'body' or 'query'.")
  const isGlobal = target.region === 'aws-global' // as AWS's SDKs call it
  const region = isGlobal ? 'us-east-1' : checkRegion(target.region, PASS_REGION)
  const host = isGlobal ? 'sts.amazonaws.com' : regionalHost('sts', region)
  const body = parameters === 'body' ? PARAMETERS : undefined
  const headers = {
    ...(body && { 'content-length': String(body.length), 'content-type': 'application/x-www-form-urlencoded' }),
    ...readHeaders(given, 'target.headers', host),
  }
  const url = `https://${host}/${body ? '' : `?${PARAMETERS}`}`
  const input = readSign({ method: 'POST', url, headers, body }, options, knownScope('sts', region))
  return requestRecipe(input, body, (request, life) => ({
    method: 'POST',
    url: request.url,
    headers: { host, ...request.headers },
    ...(body && { body }),
    ...life,
  }))
}
