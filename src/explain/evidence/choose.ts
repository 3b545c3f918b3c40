import { utf8Length } from '../../core/encoding/base64.ts'
import type { SignedStrings } from '../case.ts'
import type { RequestAsSent } from '../request/facts.ts'
import { parseCanonicalRequest } from '../request/pieces.ts'
import { type ResponseAsReceived, readResponse } from '../response/response.ts'
import { writeXml } from './elements.ts'
import { type Found, headerOf, isSigned, type PastedHeaders } from './found.ts'
import { joinHeaders } from './shapes/headers.ts'

// Puts what was found together: which request is meant, what the response to it was, and who signed what.

/** What a text is about. */
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
  readonly answers: readonly Found[]
}

/** Chooses the last signed request that was rejected, else the last that was rejected, else the last one. */
export function choose(found: readonly Found[]): Chosen {
  const exchanges: { found: Found; request: RequestAsSent; answers: Found[] }[] = []
  const orphans: Found[] = []
  for (const each of found) {
    const before = exchanges[exchanges.length - 1]
    if (each.request && before?.answers.length === 0 && isSame(before.request, each.request)) {
      // the same request again, in a different form
      if (each.request.headers !== undefined) Object.assign(before, { found: each, request: each.request })
    } else if (each.request) exchanges.push({ found: each, request: each.request, answers: [] })
    if (each.response) (exchanges[exchanges.length - 1]?.answers ?? orphans).push(each)
  }
  const chosen = chooseExchange(exchanges)
  // an error may precede its request
  const isAnswered = chosen !== undefined && chosen.answers.length > 0
  const all = found.filter(({ response }) => response)
  const early = orphans.filter(({ kind, response }) => kind === 'error' && response?.body === undefined)
  const answers = chosen ? (isAnswered ? [...early, ...chosen.answers] : orphans) : all
  const response = withServer(merge(chosen && answers.length === 0 && exchanges.length === 1 ? all : answers), found)
  const signed = clientStrings(found, response, chosen?.request)
  const request = withHeaders(chosen && complete(chosen.request, exchanges), found, response, signed)
  const isUseful =
    request && (isSigned(request) || request.headers !== undefined || !shows(response) || isOther(request, response))
  return {
    ...(isUseful && { request }),
    ...(response && { response }),
    ...(signed && { signed }),
    ...(isUseful && chosen && exchanges.length > 1 && { about: chosen.found }),
  }
}

function last<T>(list: readonly T[], fits: (item: T) => boolean): T | undefined {
  for (let i = list.length - 1; i >= 0; i--) if (fits(list[i]!)) return list[i]
  return undefined
}

function chooseExchange(exchanges: readonly Exchange[]): Exchange | undefined {
  const isRejected = ({ answers }: Exchange): boolean => answers.some(({ response }) => isError(response!))
  const signed = ({ request }: Exchange): boolean => isSigned(request)
  return (
    last(exchanges, (each) => signed(each) && isRejected(each)) ??
    last(exchanges, (each) => isRejected(each) && each.request.headers !== undefined) ??
    last(exchanges, signed) ??
    last(exchanges, isRejected) ??
    exchanges[exchanges.length - 1]
  )
}

function isError({ status, code, message, body }: ResponseAsReceived): boolean {
  if (status !== undefined && status < 400) return status === 301 || status === 307
  return status !== undefined || code !== undefined || message !== undefined || body !== undefined
}

/** One response of all that was found of it. */
function merge(answers: readonly Found[]): ResponseAsReceived | undefined {
  if (answers.length === 0) return undefined
  const heads = answers.filter(({ kind }) => kind === 'response').map(({ response }) => response!)
  const all = answers.map(({ response }) => response!)
  const head = last(heads, (each) => isError(each) && (each.status ?? 0) >= 300) ?? heads[heads.length - 1]
  const status =
    head?.status ??
    last(all, (each) => (each.status ?? 0) >= 300)?.status ??
    last(all, (each) => each.status !== undefined)?.status
  const headers = head?.headers ?? last(all, (each) => each.headers !== undefined)?.headers
  const own = head?.body !== undefined && bodyRank(head) > 0 ? head : undefined
  const best = own && bodyRank(own) >= bodyRank(bestBody(all)) ? own : (bestBody(all) ?? head)
  const text = bestText(all)
  const isShown = best?.code !== undefined || bodyRank(best) >= 2
  const { code, message } = isShown
    ? best!
    : { code: text?.code ?? best?.code, message: text?.message ?? best?.message }
  return {
    ...(status !== undefined && { status }),
    ...(headers !== undefined && { headers }),
    ...(best?.body !== undefined && { body: best.body }),
    ...(code !== undefined && { code }),
    ...(message !== undefined && { message }),
  }
}

/** How much a body shows: the canonical request, a code, or something. */
function bodyRank(response: ResponseAsReceived | undefined): number {
  const { body } = response ?? {}
  if (typeof body !== 'string') return body === undefined ? 0 : 1
  if (/<CanonicalRequest>|Canonical String/.test(body)) return 4
  if (/<StringToSign>/.test(body)) return 3
  return /<Code>|"__type"|"[Cc]ode"|"Error"/.test(body) || response?.code !== undefined ? 2 : body === '' ? 0 : 1
}

function bestBody(all: readonly ResponseAsReceived[]): ResponseAsReceived | undefined {
  let best: ResponseAsReceived | undefined
  for (const each of all) if (bodyRank(each) > 0 && bodyRank(each) >= bodyRank(best)) best = each
  return best
}

/** The code and message of errors that are only text. */
function bestText(all: readonly ResponseAsReceived[]): ResponseAsReceived | undefined {
  const rank = ({ code, message }: ResponseAsReceived): number =>
    (code === undefined ? 0 : 1) + (message === undefined ? 0 : /Canonical String/.test(message) ? 4 : 2)
  let best: ResponseAsReceived | undefined
  for (const each of all) if (rank(each) > 0 && rank(each) >= (best ? rank(best) : 1)) best = each
  if (!best || best.code !== undefined) return best
  const named = last(all, ({ code, body }) => code !== undefined && body === undefined)
  return named ? { ...best, code: named.code } : best
}

/** Whether a response shows what the service computed. */
function shows(response: ResponseAsReceived | undefined): boolean {
  const text = `${typeof response?.body === 'string' ? response.body : ''}${response?.message ?? ''}`
  return /<CanonicalRequest>|The Canonical String for this request/.test(text)
}

/** Whether a URL shows more than the canonical request of the response: a query that was sent in a different form. */
function isOther({ url = '' }: RequestAsSent, response: ResponseAsReceived | undefined): boolean {
  const parts = parseCanonicalRequest((response && readResponse(response).canonicalRequest) ?? '')
  const [, path, query] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)\??([^#]*)/.exec(url) ?? []
  return (
    parts !== undefined && parts.uri === (path || '/') && query !== '' && parts.query !== '' && parts.query !== query
  )
}

type Text = 'canonicalRequest' | 'stringToSign'

/** Whose a string is: by the words in front of it, or by its place if two differ. */
function sideOf(found: readonly Found[], each: Found, name: Text, isShown: boolean): Found['side'] {
  if (each.side !== undefined) return each.side
  if (isShown) return 'client'
  const all = found.filter((other) => other[name] !== undefined)
  const isOther = (side: Found['side']): boolean =>
    all.some((other) => other.side === side && other[name] !== each[name])
  if (isOther('client')) return 'server'
  if (isOther('server')) return 'client'
  const distinct = [...new Set(all.map((other) => other[name]))]
  return distinct.length === 2 && distinct[1] === each[name] ? 'server' : 'client'
}

/** A response with the strings of the service that stand alone. */
function withServer(response: ResponseAsReceived | undefined, found: readonly Found[]): ResponseAsReceived | undefined {
  if (shows(response)) return response
  const theirs = (name: Text): string | undefined =>
    last(found, (each) => each[name] !== undefined && sideOf(found, each, name, false) === 'server')?.[name]
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
  const ours = (name: Text): Found[] =>
    found.filter(
      (each) => each[name] !== undefined && sideOf(found, each, name, isShown && !isServers(found, name)) === 'client',
    )
  const [canonicals, toSigns] = [ours('canonicalRequest'), ours('stringToSign')]
  const path = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/.exec(request?.url ?? '')?.[1] ?? ''
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

/** Whether a string that stands alone is the service's. */
function isServers(found: readonly Found[], name: Text): boolean {
  return found.some(
    (each) => each[name] !== undefined && sideOf(found, each, name, false) === 'server' && each.side === undefined,
  )
}

/** A request with headers that stand alone; without a request line, the canonical request shows the rest. */
function withHeaders(
  request: RequestAsSent | undefined,
  found: readonly Found[],
  response: ResponseAsReceived | undefined,
  signed: SignedStrings | undefined,
): RequestAsSent | undefined {
  const { headers: loose } = last(found, ({ headers }) => headers !== undefined) ?? {}
  if (!loose || request?.headers !== undefined || (request && isSigned(request))) return request
  const canonical = (response && readResponse(response).canonicalRequest) ?? signed?.canonicalRequest
  const parts = canonical === undefined ? undefined : parseCanonicalRequest(canonical)
  if (!parts) return request && { ...request, headers: loose }
  // services other than S3 encode the path twice
  const isS3 = /\/s3(?:express)?\/aws4_request/.test(headerOf(loose, 'authorization') ?? '')
  const path = isS3 ? parts.uri : parts.uri.replaceAll('%25', '%')
  const url = parts.query === '' ? path : `${path}?${parts.query}`
  return { method: parts.method, url, headers: joinHeaders(loose, parts.headers) }
}

/** Whether two forms of a request have the same target. */
function isSame(one: RequestAsSent, other: RequestAsSent): boolean {
  const [a, b] = [one.url ?? '', other.url ?? '']
  const isTarget = a === b || (b.startsWith('/') ? isEnd(a, b) : a.startsWith('/') && isEnd(b, a))
  return isTarget && (one.method === undefined || other.method === undefined || one.method === other.method)
}

function isEnd(url: string, target: string): boolean {
  return url.endsWith(target) && /^https?:\/\/[^/]*$/i.test(url.slice(0, -target.length))
}

/** A request with what other forms of it show: its headers, its body. */
function complete(request: RequestAsSent, exchanges: readonly Exchange[]): RequestAsSent {
  const others = exchanges.map((each) => each.request).filter((other) => other !== request && isSame(request, other))
  if (request.headers === undefined) return last(others, ({ headers }) => headers !== undefined) ?? request
  if (request.body !== undefined) return request
  const length = Number(headerOf(request.headers as PastedHeaders, 'content-length') ?? -1)
  const source = last(others, ({ body }) => typeof body === 'string' && utf8Length(body) === length)
  return source ? { ...request, body: source.body } : request
}
