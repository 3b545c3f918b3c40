import type { Case } from '../case.ts'
import { clue } from '../clue.ts'
import { decode, type ParsedRequest } from '../request/facts.ts'
import type { Hint } from './encoding-hints.ts'

/** An endpoint taken apart; `undefined` if it is not a URL. */
function parseEndpoint(endpoint: string): { scheme: string; name: string; port: string; path: string } | undefined {
  const [, scheme = '', name = '', port = '', path = ''] =
    /^(https?):\/\/(\[[^\]/]*\]|[^/:?#]+)(?::(\d{1,5}))?([^?#]*)/i.exec(endpoint) ?? []
  if (name === '') return undefined
  return { scheme: scheme.toLowerCase(), name: name.toLowerCase(), port, path: path.replace(/\/$/, '') }
}

/** A path that a proxy changed, as the resource that the service names shows. */
export function resourceHints({ path }: ParsedRequest, response: Case['response'], isTargetKnown: boolean): Hint[] {
  const resource = response?.elements.get('Resource')
  const sent = decode(path)
  if (!isTargetKnown || !resource?.startsWith('/') || path === '' || sent === decode(resource)) return []
  const bucket = response?.elements.get('BucketName')
  const isBucket = decode(resource) === `/${bucket}${sent}` || `${decode(resource)}/` === `/${bucket}${sent}`
  const isPart =
    sent.endsWith(decode(resource)) || (decode(resource).endsWith(sent) && sent.length > 1 && bucket !== undefined)
  if (isBucket || !isPart) return []
  return [clue('path', `The request was sent to ${path}, but the service received ${resource}.`, path, resource)]
}

const DEFAULT_PORTS: Record<string, string> = { http: '80', https: '443' }

/** What differs between the endpoint that the client was configured with and the request that the service received. */
export function endpointHints({ headers, urlHost, path }: ParsedRequest, endpoint: string | undefined): Hint[] {
  const configured = endpoint === undefined ? undefined : parseEndpoint(endpoint)
  if (!configured) return []
  const { scheme, name, port } = configured
  const hints: Hint[] = []
  const host = (headers.host ?? urlHost ?? '').toLowerCase()
  const [, received = '', receivedPort = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
  const expected = port === '' || port === DEFAULT_PORTS[scheme] ? name : `${name}:${port}`
  // a bucket may stand in front
  const isSame = received === name || received.endsWith(`.${name}`)
  if (host !== '' && !isSame)
    hints.push(
      clue(
        'host',
        `The client was configured with ${endpoint}, but the service received the host ${host}.`,
        expected,
        host,
      ),
    )
  else if (host !== '' && receivedPort !== port && receivedPort !== (port || DEFAULT_PORTS[scheme]))
    hints.push(
      clue(
        'host-port',
        `The client was configured with ${endpoint}, but the service received the host ${host}.`,
        expected,
        host,
      ),
    )
  else if (port !== '' && port === DEFAULT_PORTS[scheme])
    hints.push(
      clue(
        'host-port',
        `The endpoint ${endpoint} includes the default port. Some clients sign it, and HTTP libraries do not send it.`,
        `${name}:${port}`,
        name,
      ),
    )
  if (configured.path !== '' && path !== '' && !path.startsWith(`${configured.path}/`))
    hints.push(
      clue(
        'path',
        `The endpoint of the client has the path ${configured.path}, but the service received ${path}.`,
        configured.path,
        path,
      ),
    )
  return hints
}
