import { fail } from '../../core/errors.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import { regionalHost } from '../../core/signing/s3-hosts.ts'
import {
  encodeBase64Url,
  LOGIN_OPTIONS,
  type LoginOptions,
  lifetime,
  type Recipe,
  readUrl,
  type Token,
  urlRecipe,
} from '../recipe/recipe.ts'
import { checkString, PASS_REGION } from '../recipe/region.ts'

/** A cluster of Amazon EKS. */
export interface EksTarget {
  /** Name of the cluster. */
  readonly cluster: string
  /** Region of the cluster. */
  readonly region: string
}

const TARGET = /* @__PURE__ */ members('cluster region')

export function readEksToken(target: EksTarget, options: LoginOptions<unknown>): Recipe<Token> {
  checkMembers('target', target, TARGET)
  checkMembers('options', options, LOGIN_OPTIONS)
  checkString(target.cluster, 'target.cluster')
  // it is sent as a header
  if (!/^[!-~]+$/.test(target.cluster)) fail('ERR_INVALID_ARG_VALUE', 'target.cluster', 'invalid', 'Pass its name.')
  const region = checkRegion(target.region, PASS_REGION)
  const url = `https://${regionalHost('sts', region)}/?Action=GetCallerIdentity&Version=2011-06-15`
  const headers = { 'x-k8s-aws-id': target.cluster }
  const input = readUrl('GET', url, { service: 'sts', region }, { ...options, expires: 60 }, 60, headers)
  // the authenticator in the cluster compares the signing date, not the expiry
  return urlRecipe(input, (signed, _, start, credentials) => ({
    token: `k8s-aws-v1.${encodeBase64Url(signed)}`,
    ...lifetime(start + 900_000, credentials),
  }))
}
