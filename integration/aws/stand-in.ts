import type { SecretCredentials } from '../../src/credentials.ts'
import { sign } from '../../src/index.ts'
import { sigv4a } from '../../src/sigv4a.ts'
import { type SigV4VerifyError, toErrorResponse, type VerifiedRequest, verify } from '../../src/verify.ts'

// AWS hosts, for the tests of this program: a `fetch` that verifies each request for them as AWS does, and sends it to
// serve, signed again. What is not for AWS is sent unchanged.

/** A bucket, or an access point, by the start of its host. */
interface Stored {
  readonly host: RegExp
  readonly service: string
  /** The bucket of serve that has its objects. */
  readonly bucket: string
  readonly region: string
}

export interface StandIn {
  readonly fetch: typeof fetch
  /** The hosts that received requests. */
  readonly hosts: ReadonlySet<string>
}

const SESSION = {
  accessKeyId: 'ASIAEXPRESSSESSION00',
  secretAccessKey: 'session/secret+0',
  sessionToken: 'session-token',
}
export const SESSION_SECRETS = [SESSION.secretAccessKey, SESSION.sessionToken]

const SIGNATURE =
  /^(?:authorization|host|content-length|x-amz-(?:date|content-sha256|security-token|s3session-token|region-set|trailer|decoded-content-length))$/

export function standIn(upstream: string, credentials: SecretCredentials, stored: readonly Stored[]): StandIn {
  const send = globalThis.fetch
  const known = new Map<string, SecretCredentials>([credentials, SESSION].map((each) => [each.accessKeyId, each]))
  const hosts = new Set<string>()
  const respond = async (url: URL, init: RequestInit): Promise<Response> => {
    const { method = 'GET' } = init
    const place = stored.find(({ host }) => host.test(url.host))
    if (init.body instanceof FormData) return send(`${upstream}/${place!.bucket}/`, init)
    const body = new Uint8Array(await new Response(init.body ?? null).arrayBuffer())
    const sent = Object.fromEntries(new Headers(init.headers))
    const request = {
      method,
      url: url.pathname + url.search,
      headers: { 'content-length': `${body.length}`, ...sent, host: url.host },
      body,
    }
    const service = place?.service ?? url.host.split('.')[0]!
    const verified = await verify(request, {
      ...{ credentials: (id) => known.get(id), service, algorithms: [sigv4a], allowUnsignedPayload: true },
      now: performance.timeOrigin + performance.now(),
    }).catch((error: SigV4VerifyError) => error)
    if (verified instanceof Error) return rejected(verified, method)
    if (!place)
      return new Response(
        service === 'sts' ? '<GetCallerIdentityResult></GetCallerIdentityResult>' : '{"TableNames":[]}',
      )
    const found =
      new RegExp(`\\.s3\\.${verified.scope.region}\\.`).test(url.host) && verified.scope.region !== place.region
    if (found) return new Response('', { status: 301, headers: { 'x-amz-bucket-region': place.region } })
    if (url.searchParams.has('session')) return new Response(sessionDocument())
    const signed = await forwarded(request, verified, upstream + pathOf(url, place), credentials)
    return send(signed.url, signed as RequestInit)
  }
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const url = new URL(String(input))
    if (!url.host.endsWith('.amazonaws.com')) return send(input, init)
    hosts.add(url.host)
    return respond(url, init)
  }
  return { fetch, hosts }
}

/** The path on serve: the bucket of a host, or the one that is already in the path. */
function pathOf(url: URL, { bucket, host }: Stored): string {
  const query = url.searchParams
  for (const name of [...query.keys()]) if (/^x-amz-/i.test(name)) query.delete(name)
  const parameters = Array.from(query, (pair) => pair.map(encodeURIComponent).join('=')).join('&')
  const isInPath = !host.source.includes(bucket) && url.pathname.startsWith(`/${bucket}/`)
  return `${isInPath ? '' : `/${bucket}`}${url.pathname}${parameters && `?${parameters}`}`
}

function forwarded(
  { method, headers, body }: { method: string; headers: Record<string, string>; body: Uint8Array },
  verified: VerifiedRequest,
  url: string,
  credentials: SecretCredentials,
) {
  const kept = Object.entries(headers).filter(([name, value]) => !SIGNATURE.test(name) && value !== 'aws-chunked')
  const content = verified.body ?? body
  const request = { method, url, headers: Object.fromEntries(kept), ...(content.length > 0 && { body: content }) }
  return sign(request, {
    credentials,
    region: 'us-east-1',
    service: 's3',
    now: performance.timeOrigin + performance.now(),
  })
}

function rejected(error: Error, method: string): Response {
  const { status, headers, body } = toErrorResponse(error, { strings: true })
  const date = new Date(performance.timeOrigin + performance.now()).toUTCString()
  return new Response(method === 'HEAD' ? null : body, { status, headers: { ...headers, date } })
}

function sessionDocument(): string {
  const { accessKeyId, secretAccessKey, sessionToken } = SESSION
  const expiration = new Date(Date.now() + 300_000).toISOString()
  return `<CreateSessionResult><Credentials><SessionToken>${sessionToken}</SessionToken><SecretAccessKey>${secretAccessKey}</SecretAccessKey><AccessKeyId>${accessKeyId}</AccessKeyId><Expiration>${expiration}</Expiration></Credentials></CreateSessionResult>`
}
