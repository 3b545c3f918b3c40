import type { IncomingMessage } from 'node:http'
import type { SecretCredentials } from '../../../../../src/internal/credentials.ts'
import { decode } from '../../../../../src/internal/encoding.ts'
import { type Pair, withoutHops } from '../../../../../src/internal/http.ts'
import { queryParameters, readSignature } from '../../../../../src/internal/received.ts'
import { headerLists, headerValue, isOfSignature, withoutSignature } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'
import type { Settings } from '../options/settings.ts'
import { type BodyPlan, chooseBody } from './body.ts'
import { bucketPath, isForUpstream } from './check.ts'
import type { ParsedRequest } from './receive.ts'
import { bodyHeaders, type Draft, type Outgoing, signDraft } from './sign.ts'
import { verifyRequest } from './verify.ts'

/** A request that can be sent. */
export interface Prepared {
  readonly plan: BodyPlan
  /** The access key ID of the client, if it was verified. */
  readonly accessKeyId?: string
  /** Completes the request. Each attempt has a new signature. */
  readonly complete: (credentials: SecretCredentials | undefined) => Promise<Outgoing>
}

/**
 * Verifies a request if the mode requires it, and chooses how to send its body. `accept` is called when the client may send
 * the request.
 */
export async function prepare(
  settings: Settings,
  incoming: IncomingMessage,
  request: ParsedRequest,
  isUpgrade: boolean,
  accept: () => void,
): Promise<Prepared> {
  const { mode, upstream } = settings
  if (mode === 'watch' && (!upstream.isKnown || isForUpstream(settings, request))) {
    accept()
    return watched(request, isUpgrade)
  }
  const draftOf = (
    signing: Omit<Draft, 'method' | 'path' | 'query' | 'headers'>,
    signedHeaders?: readonly string[],
  ) => ({
    ...signing,
    method: request.method,
    path: settings.prefix + bucketPath(settings, request),
    query: withoutSigningParameters(request.target),
    headers: [
      ...withoutSignature(withoutHops(request.headers, signedHeaders), settings.keepsCookies),
      ...(isUpgrade ? UPGRADE : []),
    ],
  })
  if (mode === 'sign') {
    accept()
    const scope = { service: settings.service!, region: settings.region! }
    const plan = await chooseBody(settings, scope.service, request)
    const draft = draftOf({ scope, isPresigned: isUpgrade && settings.signsQuery, plan, body: request.body })
    return { plan, complete: (credentials) => signDraft(settings, draft, credentials!) }
  }
  const client = settings.clientCredentials ?? (await settings.credentials?.get())
  if (!client)
    reject(
      400,
      `${upstream.host} accepts only requests for its own host. Send them to that host, or pass the credentials of the client to sigv4-tools proxy, which then signs them again.`,
    )
  const { verified, plan, body } = await verifyRequest(settings, incoming, request, client, accept)
  const { scope, signedHeaders, location, accessKeyId } = verified
  const { service, region } = scope
  const draft = draftOf({ scope: { service, region }, isPresigned: location === 'query', plan, body }, signedHeaders)
  return { plan, accessKeyId, complete: (credentials) => signDraft(settings, draft, credentials!) }
}

/** Returns the query string of a target without the parameters of a signature; the others remain unchanged. */
function withoutSigningParameters(target: string): string | undefined {
  const mark = target.indexOf('?')
  if (mark < 0) return undefined
  const isOwn = (part: string): boolean => isOfSignature(decode(part.slice(0, `${part}=`.indexOf('='))))
  const parts = target.slice(mark + 1).split('&')
  const kept = parts.filter((part) => !isOwn(part))
  return kept.length > 0 ? kept.join('&') : undefined
}

const UPGRADE: readonly Pair[] = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
]

/** A request that is sent unchanged, except for headers of the client's connection. */
function watched(request: ParsedRequest, isUpgrade: boolean): Prepared {
  const { method, headers, target, query, host, bodyLength, body } = request
  const plan: BodyPlan = bodyLength === 0 ? { kind: 'none' } : { kind: 'streamed', length: bodyLength, payloadHash: '' }
  const length = headerValue(headers, 'content-length')
  const { signedHeaders = '' } = readSignature(headerValue(headers, 'authorization'), queryParameters(query))
  const names = signedHeaders.toLowerCase().split(';')
  const sent = headerLists([
    ['host', host],
    ...withoutHops(headers, names).filter(([name]) => name !== 'host'),
    ...(length !== undefined && bodyLength === 0 ? ([['content-length', length]] as const) : bodyHeaders(plan)),
    ...(isUpgrade ? UPGRADE : []),
  ])
  const outgoing = { method, target, headers: sent, body: bodyLength === 0 ? undefined : body }
  return { plan, complete: async () => outgoing }
}
