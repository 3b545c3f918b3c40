import { type Expires, MAX_EXPIRES } from '../../core/encoding/time.ts'
import { fail } from '../../core/errors.ts'
import { parseUrl, type UrlLike } from '../../core/http/url.ts'
import { checkMembers, members } from '../../core/members.ts'
import { appendsToken } from '../../core/services.ts'
import type { Credentials } from '../../core/signing/credentials.ts'
import { hostScope } from '../../core/signing/hosts.ts'
import type { QueryInput } from '../../core/signing/options.ts'
import { readPresign } from '../../core/signing/presign.ts'
import type { HostScope } from '../../core/signing/s3-hosts.ts'
import { readScope } from '../../core/signing/scope.ts'
import { type Lifetime, type Recipe, type RegionOptions, urlRecipe } from '../recipe/recipe.ts'

/** Options for the URL of a WebSocket: credentials, scope, and lifetime. */
export interface WebSocketOptions<Source = Credentials> extends RegionOptions<Source> {
  /** Signing name of the service, `'execute-api'`. @default determined from the host */
  readonly service?: string | undefined
  /**
   * Lifetime of the URL: seconds, `'90s' '15m' '12h' '7d'`, or a `Date`; `false` omits it.
   * @default the value of the service's SDK, otherwise `'15m'`; `false` for IoT
   */
  readonly expires?: Expires | false | undefined
  /** Parameters that are added to the URL and signed. @default none */
  readonly query?: QueryInput | undefined
}

/** A presigned URL for `new WebSocket(url)`. */
export interface WebSocketUrl extends Lifetime {
  readonly url: string
}

const OPTIONS = /* @__PURE__ */ members('credentials region service expires query now')

/** The default lifetime of the URLs of services, the longest one, in seconds, and the only path. */
type Row = readonly [usual: number | false, longest?: number, path?: string]

const SERVICES: ReadonlyMap<string | undefined, Row> = /* @__PURE__ */ new Map<string, Row>([
  ['transcribe', [60, 300]],
  ['bedrock-agentcore', [300, 300]],
  ['kinesisvideo', [299]],
  ['rekognition', [60]],
  ['ec2-instance-connect', [60]],
  ['chime', [10]],
  ['iotdevicegateway', [false, MAX_EXPIRES, '/mqtt']],
])

/** AWS IoT services whose endpoints accept MQTT, which is signed for another service. */
const IOT = /* @__PURE__ */ new Set(['iot', 'iotdata'])

/** Services of hosts, and the service that their WebSockets are signed for. */
const SIGNED_FOR: ReadonlyMap<string | undefined, string> = /* @__PURE__ */ new Map([['iotdata', 'iotdevicegateway']])

export function readWebSocketUrl(target: string | UrlLike, options: WebSocketOptions<unknown>): Recipe<WebSocketUrl> {
  checkMembers('options', options, OPTIONS)
  const { origin, host, path } = parseUrl(target, 'target', 'Pass a wss:// URL.')
  if (!origin.startsWith('ws')) fail('ERR_INVALID_ARG_VALUE', 'target', 'invalid', 'Pass a wss:// URL.')
  const scope = webSocketScope(host)
  const service = options.service || scope.service
  if (IOT.has(service ?? ''))
    fail('ERR_INVALID_ARG_VALUE', 'options.service', 'invalid', "For MQTT, pass 'iotdevicegateway'.")
  const [usual, longest = MAX_EXPIRES, onlyPath = path] = SERVICES.get(service) ?? [900]
  if (path !== onlyPath)
    fail('ERR_INVALID_ARG_VALUE', 'target', 'invalid', `The path of a WebSocket of IoT is ${onlyPath}.`)
  const { expires = usual } = options
  const sessionTokenPlacement = appendsToken(service) ? 'appended' : 'signed'
  const input = readPresign(
    'GET',
    target,
    { ...options, expires, sessionTokenPlacement },
    { readScope: (parts, given) => readScope(parts, given, () => scope), maxExpires: longest },
  )
  return urlRecipe(input, (url, life) => ({ url, ...life }))
}

/** Determines service and region of a host. IoT's MQTT has a separate service. */
function webSocketScope(host: string): HostScope {
  const scope = hostScope(host)
  return { ...scope, service: SIGNED_FOR.get(scope.service) ?? scope.service }
}
