import { fail } from '../../core/errors.ts'
import { parseUrl, type UrlLike } from '../../core/http/url.ts'
import { checkMembers } from '../../core/members.ts'
import { checkCredentials } from '../../core/signing/credentials.ts'
import { checkSigningHost, scopeInput, signingContext } from '../../core/signing/scope.ts'
import { type Lifetime, lifetime, REGION_OPTIONS, type Recipe, type RegionOptions } from '../recipe/recipe.ts'
import { readRegion } from '../recipe/region.ts'

/** A user name and a password for Git, and their expiration. */
export interface CodeCommitCredentials extends Lifetime {
  readonly username: string
  readonly password: string
}

export function readCodecommitCredentials(
  target: string | UrlLike,
  options: RegionOptions<unknown>,
): Recipe<CodeCommitCredentials> {
  checkMembers('options', options, REGION_OPTIONS)
  const { host, path } = parseUrl(target, 'target', 'Pass the URL of the repository.')
  if (path === '/') fail('ERR_INVALID_ARG_VALUE', 'target', 'invalid', 'Pass the URL of the repository.')
  const name = host.replace(/:\d+$/, '')
  const region = readRegion(options.region, name, 'git-codecommit\\.@(?:\\.vpce)?', 'options.region')
  checkSigningHost(host, 'target')
  const input = scopeInput(region, 'codecommit', options)
  return {
    prepare: (credentials, now) => {
      const context = signingContext(input, now)
      checkCredentials(credentials, context.time * 1000)
      const { accessKeyId, sessionToken } = credentials
      const parts = {
        method: 'GIT',
        uri: path,
        query: '',
        headers: [['host', name]] as const,
        signedHeaders: 'host',
        payloadHash: '',
      }
      return {
        unsigned: { context: { ...context, amzDate: context.amzDate.slice(0, -1) }, parts },
        finish: (signature) => ({
          username: sessionToken ? `${accessKeyId}%${sessionToken}` : accessKeyId,
          password: context.amzDate + signature,
          ...lifetime((context.time + 900) * 1000, credentials),
        }),
      }
    },
  }
}
