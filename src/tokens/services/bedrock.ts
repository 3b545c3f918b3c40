import { encodeBase64 } from '../../core/encoding/base64.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import {
  type Recipe,
  readUrl,
  TOKEN_OPTIONS,
  type Token,
  type TokenOptions,
  urlRecipe,
  withoutScheme,
} from '../recipe/recipe.ts'
import { PASS_REGION } from '../recipe/region.ts'

/** The region of Amazon Bedrock. */
export interface BedrockTarget {
  /** Region in which the key is valid. */
  readonly region: string
}

const TARGET = /* @__PURE__ */ members('region')

/** The longest lifetime of a key, and the default: 12 hours. */
const MAXIMUM = 43_200

export function readBedrockKey(target: BedrockTarget, options: TokenOptions<unknown>): Recipe<Token> {
  checkMembers('target', target, TARGET)
  checkMembers('options', options, TOKEN_OPTIONS)
  const scope = { service: 'bedrock', region: checkRegion(target.region, PASS_REGION) }
  // one host for all regions
  const url = 'https://bedrock.amazonaws.com/?Action=CallWithBearerToken'
  const input = readUrl('POST', url, scope, { ...options, expires: options.expires ?? MAXIMUM }, MAXIMUM)
  return urlRecipe(input, (signed, life) => ({
    token: `bedrock-api-key-${encodeBase64(`${withoutScheme(signed)}&Version=1`)}`,
    ...life,
  }))
}
