import { uriEncode } from '../../core/encoding/percent.ts'
import { fail } from '../../core/errors.ts'
import { bodyContent } from '../../core/http/body.ts'
import { checkMembers, members } from '../../core/members.ts'
import { checkCredentials } from '../../core/signing/credentials.ts'
import { checkRegion } from '../../core/signing/hosts.ts'
import { signingParameters } from '../../core/signing/presign.ts'
import { scopeInput, signingContext } from '../../core/signing/scope.ts'
import { LOGIN_OPTIONS, type LoginOptions, lifetime, type Recipe, type Token } from '../recipe/recipe.ts'
import { PASS_REGION } from '../recipe/region.ts'

/** The challenge of Amazon Keyspaces. */
export interface KeyspacesTarget {
  /** The challenge that the server sent: `nonce=…`, a string or its bytes. */
  readonly challenge: string | Uint8Array
  /** Region of the keyspace. */
  readonly region: string
}

const TARGET = /* @__PURE__ */ members('challenge region')

/** Lifetime of a response in seconds. */
const LIFETIME = 900

export function readKeyspacesResponse(target: KeyspacesTarget, options: LoginOptions<unknown>): Recipe<Token> {
  checkMembers('target', target, TARGET)
  checkMembers('options', options, LOGIN_OPTIONS)
  const content = bodyContent(target.challenge) ?? ''
  const text = typeof content === 'string' ? content : String.fromCharCode(...content.subarray(0, 1000))
  const [, nonce] = /(?:^|,)nonce=([^,]+)/.exec(text) ?? []
  if (!nonce) return fail('ERR_INVALID_ARG_VALUE', 'target.challenge', 'invalid', "Pass the server's nonce=….")
  const input = scopeInput(checkRegion(target.region, PASS_REGION), 'cassandra', options)
  return {
    body: nonce,
    prepare: (credentials, now, payloadHash) => {
      const context = signingContext(input, now)
      checkCredentials(credentials, context.time * 1000)
      const { accessKeyId, sessionToken } = credentials
      const amzDate = new Date(context.time * 1000).toISOString()
      const parts = {
        method: 'PUT',
        uri: '/authenticate',
        query: signingParameters({ ...context, amzDate: uriEncode(amzDate) }, accessKeyId, LIFETIME),
        headers: [['host', 'cassandra']] as const,
        signedHeaders: 'host',
        payloadHash,
      }
      const token = sessionToken ? `,session_token=${sessionToken}` : ''
      return {
        unsigned: { context: { ...context, amzDate }, parts },
        finish: (signature) => ({
          token: `signature=${signature},access_key=${accessKeyId},amzdate=${amzDate}${token}`,
          ...lifetime((context.time + LIFETIME) * 1000, credentials),
        }),
      }
    },
  }
}
