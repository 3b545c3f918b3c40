import { decode } from '../../../../../src/internal/encoding.ts'
import { isLocalHost } from '../../../../../src/internal/services.ts'
import type { Case } from '../case/case.ts'
import { type Clue, header, trace } from '../model/clue.ts'

// Traces of what is between the client and the service: an endpoint, a proxy, a different path.

/** Headers that proxies add. */
const ADDED = /^(?:via|forwarded|x-forwarded-.+|x-real-ip|cf-.+|x-amz-cf-id)$/

/** Headers that clients and proxies often change. */
const VOLATILE = /^(?:user-agent|accept-encoding|range|te|expect|connection|traceparent|x-amzn-trace-id)$/

/** Returns whether clients and proxies often change a header. */
export function isVolatile(name: string): boolean {
  return VOLATILE.test(name) || ADDED.test(name)
}

/** Signed headers that are often changed. */
export function volatileTraces({ facts: { claim } }: Case): Clue[] {
  return [...new Set(claim.signedHeaders)].filter(isVolatile).map((name) => {
    const message = `The ${name} header is signed, but clients and proxies often change it.`
    return trace('header-changed', message, { part: header(name) })
  })
}

/** A proxy in front of the service, according to headers of the request or the response. */
export function* proxyTraces({ facts: { headers, claim }, response }: Case): Iterable<Clue> {
  const server = response?.headers.get('server') ?? ''
  const name = /cloudflare|nginx|openresty|envoy|istio|caddy|traefik|varnish|haproxy|apache/i.exec(server)?.[0]
  if (name === undefined && !Object.keys(headers).some((each) => ADDED.test(each))) return
  const proxy = name === undefined ? 'a proxy' : `a proxy (${name})`
  // a caching proxy requests what it can cache
  const isEncoded = claim.signedHeaders.includes('accept-encoding') || claim.signedHeaders.length === 0
  if (/cloudflare/i.test(proxy) && isEncoded) {
    const message = `The request passed through ${proxy}, which replaces Accept-Encoding.`
    yield trace('header-changed', message, { part: header('accept-encoding') })
  }
  const { host, 'x-forwarded-host': before } = headers
  const values = before !== undefined && host !== undefined && before !== host && { expected: before, actual: host }
  const message = `The request passed through ${proxy}, which ${values ? `received the host ${before} and sent ${host}` : 'may have changed the Host header'}.`
  yield trace('host', message, values || undefined)
}

/** The parts of an endpoint; `undefined` if it is not a URL. */
function parseEndpoint(endpoint = ''): { scheme: string; name: string; port: string; path: string } | undefined {
  const [, scheme = '', name = '', port = '', path = ''] =
    /^(https?):\/\/(\[[^\]/]*\]|[^/:?#]+)(?::(\d{1,5}))?([^?#]*)/i.exec(endpoint) ?? []
  if (name === '') return undefined
  return { scheme: scheme.toLowerCase(), name: name.toLowerCase(), port, path: path.replace(/\/$/, '') }
}

const DEFAULT_PORTS: Record<string, string> = { http: '80', https: '443' }

/** Returns differences between the client's configured endpoint and the request that the service received. */
export function* endpointTraces({ facts: { headers, urlHost, path, token }, endpoint }: Case): Iterable<Clue> {
  const configured = parseEndpoint(endpoint)
  if (!configured || token) return
  const { scheme, name, port } = configured
  const host = (headers.host ?? urlHost ?? '').toLowerCase()
  const [, received = '', receivedPort = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
  const expected = port === '' || port === DEFAULT_PORTS[scheme] ? name : `${name}:${port}`
  const differs = `The client used ${endpoint}, but the service received the host ${host}.`
  // a bucket may precede it
  const isSame = received === name || received.endsWith(`.${name}`)
  if (host !== '' && !isSame) yield trace('host', differs, { expected, actual: host })
  else if (host !== '' && receivedPort !== port && receivedPort !== (port || DEFAULT_PORTS[scheme]))
    yield trace('host-port', differs, { expected, actual: host })
  else if (port !== '' && port === DEFAULT_PORTS[scheme]) {
    const message = `The endpoint ${endpoint} includes the default port. Some clients sign it, and HTTP libraries do not send it.`
    yield trace('host-port', message, { expected: `${name}:${port}`, actual: name })
  }
  if (configured.path !== '' && path !== '' && !path.startsWith(`${configured.path}/`)) {
    const message = `The endpoint of the client has the path ${configured.path}, but the service received ${path}.`
    yield trace('path', message, { expected: configured.path, actual: path })
  }
}

/** A local port that leads to AWS, according to the words of the error. */
export function tunnelTraces({ facts: { headers, urlHost }, response }: Case): Clue[] {
  const host = headers.host ?? urlHost ?? ''
  if (!isLocalHost(host.replace(/:\d+$/, '')) || !/Check your AWS Secret Access Key/i.test(response?.message ?? ''))
    return []
  const message = `The request was signed for ${host}, but the error is from AWS, which may verify it for the host of the service.`
  const fix =
    'Sign for the host of the service, and send it as the Host header through the tunnel (curl: --connect-to).'
  return [trace('host', message, { actual: host, fix })]
}

/** A path that a proxy changed, according to the resource that the service names. */
export function resourceTraces({ facts: { path, headers, urlHost }, response, shown }: Case): Clue[] {
  const received = response?.elements.get('Resource')
  if (!shown.has('target') || !received?.startsWith('/') || path === '') return []
  const sent = decode(path)
  const resource = decode(received)
  const bucket = response?.elements.get('BucketName')
  // a bucket in the host is not in the path
  const host = headers.host ?? urlHost ?? ''
  const isInHost = !sent.startsWith(`/${bucket}/`) || host.startsWith(`${bucket}.`)
  const isBucket = (isInHost && resource === `/${bucket}${sent}`) || `${resource}/` === `/${bucket}${sent}`
  const isPart = sent.endsWith(resource) || (resource.endsWith(sent) && sent.length > 1 && bucket !== undefined)
  if (sent === resource || isBucket || !isPart) return []
  const message = `The request was sent to ${path}, but the service received ${received}.`
  return [trace('path', message, { expected: path, actual: received })]
}
