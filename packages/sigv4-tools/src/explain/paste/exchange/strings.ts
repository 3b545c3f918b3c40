import { sha256Hex } from '../../../../../../src/internal/sha256.ts'
import type { SignedStrings } from '../../case/case.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import { type Found, known, last } from '../model/found.ts'

// Determines the side that computed a canonical request or string to sign that stands alone.

type Name = 'canonicalRequest' | 'stringToSign'

/** The strings of each side that stand alone. */
export interface Sides {
  readonly client: SignedStrings | undefined
  readonly service: SignedStrings | undefined
}

/** Divides strings by the words around them or, if two differ, by their order. A response may show the service's. */
export function sidesOf(found: readonly Found[], isShown: boolean, request: RequestAsSent | undefined): Sides {
  const all = asWritten(found)
  const canonical = divide(all, 'canonicalRequest', isShown)
  const toSign = divide(all, 'stringToSign', isShown)
  const [, path] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/.exec(request?.url ?? '') ?? []
  const isMeant = ({ canonicalRequest = '' }: Found): boolean => {
    const [method, uri] = canonicalRequest.split('\n', 2)
    return uri === (path || '/') && (request?.method === undefined || request.method === method)
  }
  const chosen = last(canonical.client, isMeant) ?? canonical.client[canonical.client.length - 1]
  const after = chosen && toSign.client.find(({ from }) => from > chosen.from)
  return {
    client: stringsOf(chosen, after ?? toSign.client[toSign.client.length - 1]),
    service: stringsOf(canonical.server[canonical.server.length - 1], toSign.server[toSign.server.length - 1]),
  }
}

/** The strings as they were written, if a hash shows that no copy changed them: a deviation from the grammar is then a mistake. */
function asWritten(found: readonly Found[]): Found[] {
  const hashes = new Set(found.map(({ stringToSign }) => stringToSign?.slice(-64)))
  return found.map((each) => {
    const { written } = each
    return written !== undefined && hashes.has(sha256Hex(written)) ? { ...each, canonicalRequest: written } : each
  })
}

function stringsOf(canonical: Found | undefined, toSign: Found | undefined): SignedStrings | undefined {
  if (!canonical && !toSign) return undefined
  return known({ canonicalRequest: canonical?.canonicalRequest, stringToSign: toSign?.stringToSign })
}

function divide(found: readonly Found[], name: Name, isShown: boolean): { client: Found[]; server: Found[] } {
  const all = found.filter((each) => each[name] !== undefined)
  const textsOf = (side: Found['side']): Set<string> =>
    new Set(all.filter((each) => each.side === side).map((each) => each[name]!))
  const ours = textsOf('client')
  const theirs = textsOf('server')
  const [, second, third] = new Set(all.map((each) => each[name]!))
  const isOther = (texts: ReadonlySet<string>, text: string): boolean => texts.size > Number(texts.has(text))
  const isServer = (each: Found): boolean => {
    const text = each[name]!
    if (each.side !== undefined) return each.side === 'server'
    if (isOther(ours, text)) return true
    return !isOther(theirs, text) && third === undefined && second === text && !isShown
  }
  return { client: all.filter((each) => !isServer(each)), server: all.filter(isServer) }
}
