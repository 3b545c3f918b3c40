import { fail } from '../../core/errors.ts'
import { parseUrl, type UrlLike } from '../../core/http/url.ts'
import { checkMembers } from '../../core/members.ts'
import { readSign } from '../../core/signing/sign.ts'
import {
  encodeBase64Url,
  knownScope,
  type Lifetime,
  REGION_OPTIONS,
  type Recipe,
  type RegionOptions,
  requestRecipe,
} from '../recipe/recipe.ts'
import { readRegion } from '../recipe/region.ts'

/** Arguments for `new WebSocket(url, protocols)` that connect to AWS AppSync. */
export interface AppSyncConnection extends Lifetime {
  /** The real-time endpoint. */
  readonly url: string
  readonly protocols: [protocol: string, authorization: string]
}

/** The headers that AppSync expects, in addition to those of signing. */
const HEADERS = {
  accept: 'application/json, text/javascript',
  'content-encoding': 'amz-1.0',
  'content-type': 'application/json; charset=UTF-8',
}

export function readAppSyncProtocols(
  target: string | UrlLike,
  options: RegionOptions<unknown>,
): Recipe<AppSyncConnection> {
  checkMembers('options', options, REGION_OPTIONS)
  const { origin, host, path } = parseUrl(target, 'target', 'Pass the HTTP endpoint of the API.')
  const isEvents = path === '/event'
  if (!origin.startsWith('https://') || !(isEvents || path === '/graphql'))
    fail(
      'ERR_INVALID_ARG_VALUE',
      'target',
      'invalid',
      'Pass the HTTP endpoint of the API, https://…/graphql or /event.',
    )
  const region = readRegion(options.region, host, 'appsync-api\\.@', 'options.region')
  const url = `${origin}${path}${isEvents ? '' : '/connect'}`
  const input = readSign({ method: 'POST', url, headers: HEADERS, body: '{}' }, options, knownScope('appsync', region))
  const realtime = host.replace('.appsync-api.', '.appsync-realtime-api.')
  return requestRecipe(input, '{}', ({ headers }, life) => ({
    // only the GraphQL endpoint of AWS's own host has no separate path
    url: `wss://${realtime}${path}${isEvents || realtime === host ? '/realtime' : ''}`,
    protocols: [
      isEvents ? 'aws-appsync-event-ws' : 'graphql-ws',
      `header-${encodeBase64Url(JSON.stringify({ ...HEADERS, host, ...headers }))}`,
    ],
    ...life,
  }))
}
