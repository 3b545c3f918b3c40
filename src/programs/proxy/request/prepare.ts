import type { IncomingMessage } from 'node:http'
import { withoutHops } from '../../../core/http/headers.ts'
import type { Pair } from '../../../core/http/query.ts'
import type { SecretCredentials } from '../../../core/signing/credentials.ts'
import { queryParameters, readSignature } from '../../../received/claim.ts'
import { headerLists, headerValue, withoutSignature } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import { type BodyWay, chooseBody } from './body.ts'
import { bucketPath, isForUpstream } from './check.ts'
import type { ReceivedRequest } from './receive.ts'
import { bodyHeaders, type Draft, type Outgoing, signDraft, withoutSigningParameters } from './sign.ts'
import { verifyRequest } from './verify.ts'

/** A request that can be sent. */
export interface Prepared {
  readonly way: BodyWay
  /** The access key ID of the client, if it was verified. */
  readonly accessKeyId?: string
  /** Completes the request. Each attempt has a new signature. */
  readonly complete: (credentials: SecretCredentials | undefined) => Promise<Outgoing>
}

/**
 * Verifies a request if the mode requires it, and chooses how to send its body. `read` starts to read the body; `accept` is
 * called when the client may send the request.
 */
export async function prepare(
  settings: Settings,
  incoming: IncomingMessage,
  request: ReceivedRequest,
  isUpgrade: boolean,
  read: () => AsyncIterable<Uint8Array>,
  accept: () => void,
): Promise<Prepared> {
  const { mode, upstream } = settings
  if (mode === 'watch' && !(upstream.isKnown && !isForUpstream(settings, request))) {
    accept()
    return watched(request, isUpgrade)
  }
  const draft: Omit<Draft, 'headers' | 'scope' | 'isPresigned'> = {
    method: request.method,
    path: settings.prefix + bucketPath(settings, request),
    query: withoutSigningParameters(request.target),
  }
  const headersOf = (signedHeaders: readonly string[]): Pair[] => [
    ...withoutSignature(withoutHops(request.headers, signedHeaders), settings.keepsCookies),
    ...(isUpgrade ? UPGRADE : []),
  ]
  if (mode === 'sign') {
    accept()
    const scope = { service: settings.service!, region: settings.region! }
    const way = await chooseBody(settings, scope.service, request, read)
    const whole = { ...draft, headers: headersOf([]), scope, isPresigned: isUpgrade && settings.signsQuery }
    return { way, complete: (credentials) => signDraft(settings, whole, way, request.body, credentials!) }
  }
  const client = settings.clientCredentials ?? (await settings.credentials?.get())
  if (!client)
    reject(
      400,
      `${upstream.host} accepts only requests for its own host. Send them to that host, or pass the credentials of the client to sigv4 proxy, which then signs them again.`,
    )
  const { verified, way, body } = await verifyRequest(settings, incoming, request, client, read, accept)
  const { scope, signedHeaders, location, accessKeyId } = verified
  const { service, region } = scope
  const whole = {
    ...draft,
    headers: headersOf(signedHeaders),
    scope: { service, region },
    isPresigned: location === 'query',
  }
  return { way, accessKeyId, complete: (credentials) => signDraft(settings, whole, way, body, credentials!) }
}

const UPGRADE: readonly Pair[] = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
]

/** A request that is sent unchanged, except for headers of the client's connection. */
function watched(request: ReceivedRequest, isUpgrade: boolean): Prepared {
  const { method, headers, target, query, host, bodyLength, body } = request
  const way: BodyWay = bodyLength === 0 ? { kind: 'none' } : { kind: 'live', length: bodyLength, payloadHash: '' }
  const length = headerValue(headers, 'content-length')
  const { signedHeaders = '' } = readSignature(headerValue(headers, 'authorization'), queryParameters(query))
  const names = signedHeaders.toLowerCase().split(';')
  const sent = headerLists([
    ['host', host],
    ...withoutHops(headers, names).filter(([name]) => name !== 'host'),
    ...(length !== undefined && bodyLength === 0 ? ([['content-length', length]] as const) : bodyHeaders(way)),
    ...(isUpgrade ? UPGRADE : []),
  ])
  const outgoing = { method, target, headers: sent, body: bodyLength === 0 ? undefined : body }
  return { way, complete: async () => outgoing }
}
