import { fail } from '../../core/errors.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import { isAwsRegion } from '../../core/signing/s3-hosts.ts'
import {
  encodeBase64Url,
  type Recipe,
  readUrl,
  TOKEN_OPTIONS,
  type Token,
  type TokenOptions,
  urlRecipe,
} from '../recipe/recipe.ts'
import { PASS_REGION, readRegion } from '../recipe/region.ts'

/** The region of a cluster of Amazon MSK. */
export interface MskTarget {
  /** Region of the cluster. */
  readonly region: string
}

/** A token for Amazon MSK, and the time to replace it. */
export interface MskToken extends Token {
  /** Time to authenticate again: after 80% of the token's lifetime, as in Kafka's own clients. */
  readonly refreshAt: Date
}

const TARGET = /* @__PURE__ */ members('region')

export function readMskToken(target: string | MskTarget, options: TokenOptions<unknown>): Recipe<MskToken> {
  checkMembers('options', options, TOKEN_OPTIONS)
  let region: string
  if (Array.isArray(target)) fail('ERR_INVALID_ARG_TYPE', 'target', 'type', 'Pass one broker.')
  if (typeof target === 'string') {
    if (isAwsRegion(target)) fail('ERR_INVALID_ARG_VALUE', 'target', 'invalid', `Pass { region: '${target}' }.`)
    region = readRegion(undefined, target, 'kafka(?:-serverless)?\\.@')
  } else {
    checkMembers('target', target, TARGET)
    region = checkRegion(target.region, PASS_REGION)
  }
  // also in China, like AWS's signers
  const url = `https://kafka.${region}.amazonaws.com/?Action=kafka-cluster%3AConnect`
  const input = readUrl('GET', url, { service: 'kafka-cluster', region }, options, 900)
  return urlRecipe(input, (signed, life, start) => ({
    token: encodeBase64Url(`${signed}&User-Agent=sigv4`),
    ...life,
    refreshAt: new Date(start + (Number(life.expiresAt) - start) * 0.8),
  }))
}
