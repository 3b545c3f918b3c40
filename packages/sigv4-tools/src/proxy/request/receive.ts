import type { IncomingMessage } from 'node:http'
import { type Pair, splitTarget } from '../../../../../src/internal/http.ts'
import { framingProblem } from '../../server/framing.ts'
import { headerPairs, headerValue } from '../http/headers.ts'
import { reject } from '../http/proxy-error.ts'

/** A request as it arrived, parsed. */
export interface ParsedRequest {
  readonly method: string
  /** The target, one character for each byte. It is never parsed as a URL, which could change it. */
  readonly target: string
  readonly path: string
  readonly query: string
  /** The Host header, and its name without the port, in lowercase. */
  readonly host: string
  readonly hostName: string
  /** Names in lowercase. */
  readonly headers: readonly Pair[]
  /** Length of the body; `undefined` if it is unknown. */
  readonly bodyLength: number | undefined
  readonly body: AsyncIterable<Uint8Array>
}

/** Reads a request, and rejects one that different servers could read in different ways. */
export function receive(request: IncomingMessage): ParsedRequest {
  const { method = '', url: target = '' } = request
  const headers = headerPairs(request.rawHeaders)
  const hosts = headers.filter(([name]) => name === 'host')
  if (hosts.length !== 1) reject(400, 'The request must have one Host header.')
  const [, host] = hosts[0]!
  const [, hostName] = /^([\w.-]+|\[[\da-f:.]+\])(?::\d{0,5})?$/i.exec(host) ?? []
  if (hostName === undefined) reject(400, 'The Host header is not valid.')
  if (!target.startsWith('/'))
    reject(
      400,
      'The target of the request must be a path. Use the URL of the proxy as an endpoint, not as a web proxy.',
    )
  if (/[^!"$-[\]-~\x80-\xff]/.test(target))
    reject(400, 'The target of the request contains a character that must be encoded.')
  const problem = framingProblem(request.rawHeaders)
  if (problem === 'ambiguous') reject(400, 'The length of the body is ambiguous.')
  if (headers.some(([, value]) => /[\r\n\0]/.test(value))) reject(400, 'A header contains a control character.')
  if (method === 'TRACE')
    reject(405, 'The method TRACE is not allowed, because the response would contain the signature.')
  if (problem === 'coding') reject(501, 'Only the transfer encoding chunked is supported.')
  const [path, query] = splitTarget(target)
  return {
    method,
    target,
    path,
    query,
    host,
    hostName: hostName.toLowerCase(),
    headers,
    bodyLength:
      headerValue(headers, 'transfer-encoding') === undefined
        ? Number(headerValue(headers, 'content-length') ?? 0)
        : undefined,
    // an error must not close the connection before the response
    body: { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) },
  }
}
