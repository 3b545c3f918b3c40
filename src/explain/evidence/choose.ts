import type { SignedStrings } from '../case/case.ts'
import { decode, type RequestAsSent } from '../request/facts.ts'
import { parseCanonicalRequest } from '../request/pieces.ts'
import { type ResponseAsReceived, readResponse } from '../response/response.ts'
import { writeXml } from './elements.ts'
import { type Found, isSigned, last, type PastedHeaders } from './found.ts'
import { bodyRank, isError, merge } from './merge.ts'
import { completeHead, looseHeaders, withLoose, withoutCutHead } from './partial.ts'

// Puts what was found together: which request is meant, what the response to it was, and who signed what.

/** The exchange that a paste is about. */
export interface Chosen {
  readonly request?: RequestAsSent
  readonly response?: ResponseAsReceived
  readonly signed?: SignedStrings
  /** Of several requests, the one that was chosen. */
  readonly about?: Found
}

/** A request, and what was found of its response. */
interface Exchange {
  readonly found: Found
  readonly request: RequestAsSent
  readonly responses: readonly Found[]
}

/** Chooses the last signed request that was rejected; otherwise the last one that was rejected, or the last one. */
export function choose(found: readonly Found[]): Chosen {
  const exchanges: { found: Found; request: RequestAsSent; responses: Found[] }[] = []
  const orphans: Found[] = []
  for (const each of found) {
    const before = exchanges[exchanges.length - 1]
    if (each.isHead && before?.request.headers === undefined && before)
      Object.assign(before, { request: { ...before.request, headers: each.headers } })
    else if (each.isForm && before?.request.method === 'POST' && before.request.body === undefined)
      Object.assign(before, { request: withForm(before.request, each.request!) })
    else if (each.request && before?.responses.length === 0 && isSame(before.request, each.request)) {
      // the same request again, in a different form
      const { method } = each.request
      if (each.request.headers !== undefined) Object.assign(before, { found: each, request: each.request })
      else if (method !== undefined) Object.assign(before, { request: { method, ...before.request } })
    } else if (each.request) exchanges.push({ found: each, request: each.request, responses: [] })
    if (each.response) (exchanges[exchanges.length - 1]?.responses ?? orphans).push(each)
  }
  const chosen = chooseExchange(exchanges)
  // an error may precede its request
  const isAnswered = chosen !== undefined && chosen.responses.length > 0
  const all = found.filter(({ response }) => response)
  const early = orphans.filter(({ kind, response }) => kind === 'error' && response?.body === undefined)
  const others = chosen?.responses.every(({ response }) => isBare(response!))
    ? orphans.filter(({ kind }) => kind === 'error')
    : early
  const responses = chosen ? (isAnswered ? [...others, ...chosen.responses] : orphans) : all
  const response = withServer(
    merge(chosen && responses.length === 0 && exchanges.length === 1 ? all : responses),
    found,
  )
  const signed = clientStrings(found, response, chosen?.request)
  const whole = chosen?.request
  const canonical = (response && readResponse(response).canonicalRequest) ?? signed?.canonicalRequest
  const part = chosen?.found.isPartial
    ? completeHead(whole!, signed?.canonicalRequest ?? canonical)
    : withLoose(whole, looseHeaders(found), canonical)
  const request = part && withoutCutHead(part, shows(response))
  const isUseful =
    request &&
    !(canonical !== undefined && shows(response) && isUnrelated(request, canonical)) &&
    (isSigned(request) || request.headers !== undefined || !shows(response) || isOther(request, response))
  return {
    ...(isUseful && { request }),
    ...(response && { response }),
    ...(signed && { signed }),
    ...(isUseful && chosen && exchanges.length > 1 && { about: chosen.found }),
  }
}

/** Whether a response is a status and nothing else, as in an access log. */
export function isBare({ body, code, message }: ResponseAsReceived): boolean {
  return body === undefined && code === undefined && message === undefined
}

function chooseExchange(exchanges: readonly Exchange[]): Exchange | undefined {
  const isRejected = ({ responses }: Exchange): boolean => responses.some(({ response }) => isError(response!))
  const signed = ({ request }: Exchange): boolean => isSigned(request)
  return (
    last(exchanges, (each) => signed(each) && isRejected(each)) ??
    last(exchanges, (each) => isRejected(each) && each.request.headers !== undefined) ??
    last(exchanges, signed) ??
    last(exchanges, isRejected) ??
    exchanges[exchanges.length - 1]
  )
}

/** Whether a response shows what the service computed. */
function shows(response: ResponseAsReceived | undefined): boolean {
  const text = `${typeof response?.body === 'string' ? response.body : ''}${response?.message ?? ''}`
  return /<CanonicalRequest>|The Canonical String for this request/.test(text)
}

/** Whether a URL shows more than the canonical request of the response: another host, or a query that was sent differently. */
function isOther({ url = '' }: RequestAsSent, response: ResponseAsReceived | undefined): boolean {
  const parts = parseCanonicalRequest((response && readResponse(response).canonicalRequest) ?? '')
  const [, host, path, query] = /^(?:https?:\/\/([^/?#]*))?([^?#]*)\??([^#]*)/i.exec(url)!
  if (parts?.uri !== (path || '/')) return false
  const received = parts.headers.find(([name]) => name === 'host')?.[1]
  if (host !== undefined && received !== undefined && host.toLowerCase() !== received.toLowerCase()) return true
  return query !== '' && parts.query !== '' && parts.query !== query
}

/** Whether an unsigned request has a different path from the one that the service received: it was sent to a program. */
function isUnrelated(request: RequestAsSent, canonical: string): boolean {
  if (isSigned(request) || request.headers === undefined || request.url === undefined) return false
  const plain = (path: string): string => decode(decode(path))
  const [path] = /^[^?#]*/.exec(request.url.replace(/^https?:\/\/[^/?#]*/i, ''))!
  return plain(path || '/') !== plain(parseCanonicalRequest(canonical)?.uri ?? '')
}

type Text = 'canonicalRequest' | 'stringToSign'

/** A string that was found, and whose it is. */
interface Sided {
  readonly found: Found
  readonly side: 'client' | 'server'
}

/** The strings of a kind, and whose each is: by the words in front of it, or by its place if two differ. */
function sidesOf(found: readonly Found[], name: Text): Sided[] {
  const all = found.filter((each) => each[name] !== undefined)
  const textsOf = (list: readonly Found[]): Set<string> => new Set(list.map((each) => each[name]!))
  const distinct = textsOf(all)
  const ours = textsOf(all.filter(({ side }) => side === 'client'))
  const theirs = textsOf(all.filter(({ side }) => side === 'server'))
  const [, second] = distinct
  const isOther = (texts: ReadonlySet<string>, text: string): boolean => texts.size > Number(texts.has(text))
  const sideOf = (text: string): Sided['side'] => {
    if (isOther(ours, text)) return 'server'
    if (isOther(theirs, text)) return 'client'
    return distinct.size === 2 && second === text ? 'server' : 'client'
  }
  return all.map((each) => ({ found: each, side: each.side ?? sideOf(each[name]!) }))
}

/** A response with the strings of the service that stand alone. */
function withServer(response: ResponseAsReceived | undefined, found: readonly Found[]): ResponseAsReceived | undefined {
  if (shows(response)) return response
  const theirs = (name: Text): string | undefined =>
    last(sidesOf(found, name), ({ side }) => side === 'server')?.found[name]
  const [canonical, toSign] = [theirs('canonicalRequest'), theirs('stringToSign')]
  if (canonical === undefined && toSign === undefined) return response
  if (typeof response?.body === 'string' && bodyRank(response) >= 3) return response
  const { code = 'SignatureDoesNotMatch', message } = response ?? {}
  const elements = new Map<string, string>([['Code', code]])
  if (message !== undefined) elements.set('Message', message)
  if (toSign !== undefined) elements.set('StringToSign', toSign)
  if (canonical !== undefined) elements.set('CanonicalRequest', canonical)
  const { status, headers } = response ?? {}
  return {
    ...(status !== undefined && { status }),
    ...(headers !== undefined && { headers }),
    body: writeXml(elements),
  }
}

/** What the client signed: of several requests, for the one that is meant. */
function clientStrings(
  found: readonly Found[],
  response: ResponseAsReceived | undefined,
  request: RequestAsSent | undefined,
): SignedStrings | undefined {
  const isShown = shows(response)
  const ours = (name: Text): Found[] => {
    const all = sidesOf(found, name)
    // where none of those that stand alone is the service's, the response contains that one
    const areOurs = isShown && !all.some((each) => each.found.side === undefined && each.side === 'server')
    return all.flatMap((each) => ((areOurs ? (each.found.side ?? 'client') : each.side) === 'client' ? each.found : []))
  }
  const [canonicals, toSigns] = [ours('canonicalRequest'), ours('stringToSign')]
  const path = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/.exec(request?.url ?? '')![1]
  const isMeant = ({ canonicalRequest = '' }: Found): boolean => {
    const [method, uri] = canonicalRequest.split('\n', 2)
    return uri === (path || '/') && (request?.method === undefined || request.method === method)
  }
  const canonical = last(canonicals, isMeant) ?? canonicals[canonicals.length - 1]
  const toSign =
    toSigns.find(({ from }) => canonical !== undefined && from > canonical.from) ?? toSigns[toSigns.length - 1]
  if (!canonical && !toSign) return undefined
  return {
    ...(canonical && { canonicalRequest: canonical.canonicalRequest }),
    ...(toSign && { stringToSign: toSign.stringToSign }),
  }
}

/** A request with the payload of its form. */
function withForm(request: RequestAsSent, form: RequestAsSent): RequestAsSent {
  const others = ((request.headers ?? []) as PastedHeaders).filter(([name]) => !/^content-(?:type|length)$/i.test(name))
  return { ...request, headers: [...others, ...(form.headers as PastedHeaders)], body: form.body }
}

/** Whether two forms of a request have the same target. */
function isSame(one: RequestAsSent, other: RequestAsSent): boolean {
  const [a, b] = [one.url ?? '', other.url ?? '']
  const isTarget = a === b || (b.startsWith('/') ? isEnd(a, b) : a.startsWith('/') && isEnd(b, a))
  return isTarget && (one.method === undefined || other.method === undefined || one.method === other.method)
}

function isEnd(url: string, target: string): boolean {
  return url.endsWith(target) && /^https?:\/\/[^/]{0,300}$/i.test(url.slice(0, -target.length))
}
