import type { Difference, Pair, Received } from '../../../packages/sigv4-tools/test/support/explain/transit.ts'
import type { ReceivedRequest } from './hop.ts'

/** What differs, computed from the bytes on both sides of the proxy. */
export interface Compared {
  received: Received
  differs: Difference[]
  alsoDiffers: string[]
}

/** Names in lowercase, with the values of repeated headers joined as a signer joins them. */
function joined(headers: readonly Pair[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const before = values.get(lower)
    values.set(lower, before === undefined ? value.trim() : `${before},${value.trim()}`)
  }
  return values
}

/** The names in SignedHeaders, in the header or in the query. */
export function signedHeaders({ target, headers }: Pick<ReceivedRequest, 'target' | 'headers'>): string[] {
  const authorization = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  const list =
    /SignedHeaders=([^,]+)/.exec(authorization ?? '')?.[1] ??
    decodeURIComponent(/[?&]X-Amz-SignedHeaders=([^&]+)/.exec(target)?.[1] ?? '')
  return list.split(';')
}

const split = (target: string): [path: string, query: string] => {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

/** Connection of the test client is not a header of the request. */
const OF_CONNECTION = 'connection'

export function compare(sent: ReceivedRequest, received: ReceivedRequest): Compared {
  const differs: Difference[] = []
  const alsoDiffers: string[] = []
  const changes: Received = {}
  if (received.method !== sent.method) {
    changes.method = received.method
    differs.push({ part: 'method' })
  }
  if (received.target !== sent.target) {
    changes.target = received.target
    const [sentPath, sentQuery] = split(sent.target)
    const [path, query] = split(received.target)
    if (path !== sentPath) differs.push({ part: 'path' })
    if (query !== sentQuery) differs.push({ part: 'query' })
  }
  const signed = signedHeaders(sent)
  const [before, after] = [joined(sent.headers), joined(received.headers)]
  const headers: [string, string | null][] = []
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [was, is] = [before.get(name), after.get(name)]
    if (was === is || (name === OF_CONNECTION && was === undefined)) continue
    headers.push([name, is ?? null])
    const how = is === undefined ? 'missing' : was === undefined ? 'added' : 'changed'
    if (name === 'host') differs.push({ part: 'host' })
    else if (signed.includes(name) || name === 'authorization' || name.startsWith('x-amz-'))
      differs.push({ part: 'header', name, is: how })
    else alsoDiffers.push(name)
  }
  if (headers.length > 0) changes.headers = headers
  if (received.body !== sent.body) {
    changes.body = received.body
    differs.push({ part: 'body' })
  }
  return { received: changes, differs: differs.length > 0 ? differs : [{ part: 'nothing' }], alsoDiffers }
}
