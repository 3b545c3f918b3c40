import { decode } from '../../../../../../src/internal/encoding.ts'
import { CUT_HASH, parseCanonicalRequest } from '../../../formats/canonical-request.ts'
import type { SignedStrings } from '../../case/case.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import type { ResponseAsReceived } from '../../response/response.ts'
import { type Found, type FoundResponse, headerOf, isSigned, known, last, type PastedHeaders } from '../model/found.ts'
import { withLooseHeaders } from './headers.ts'
import { joinParts } from './parts.ts'
import { isRejection, mergeResponses, rankOf } from './response.ts'
import { sidesOf } from './strings.ts'

// Assembles the items of a paste: the request, its response, and the strings that each side signed.

/** The exchange that a paste is about. */
export interface Exchange {
  readonly request?: RequestAsSent
  readonly response?: ResponseAsReceived
  /** The request as the service received it. */
  readonly received?: RequestAsSent
  /** A request with the same signature that was accepted. */
  readonly accepted?: RequestAsSent
  /** The response before it, if that redirected the request. */
  readonly redirect?: ResponseAsReceived
  readonly signed?: SignedStrings
  /** Of several requests, the one that was chosen. */
  readonly about?: Found
  /** Whether the headers of the request, or all strings of the service, are known. */
  readonly isShown: boolean
}

/** A request, and the parts of its response. */
interface Candidate {
  readonly found: Found
  readonly request: RequestAsSent
  readonly responses: FoundResponse[]
}

/**
 * Chooses the last signed request that was rejected; otherwise the last one that was rejected, or the last one.
 * `isUnread`: whether the paste contains a signature that is not in `found`.
 */
export function chooseExchange(fragments: readonly Found[], isUnread: () => boolean): Exchange {
  const found = joinParts(fragments)
  const candidates: Candidate[] = []
  const early: FoundResponse[] = []
  for (const each of found) {
    const { request, response } = each
    const before = candidates[candidates.length - 1]
    // a program prints the URL of the request again
    const isNew = request?.headers || (request?.method && !before?.request.method)
    const isSame = !isNew && before?.responses.length === 0 && before.request.url === request?.url
    if (request && !isSame) candidates.push({ found: each, request, responses: [] })
    if (response) (candidates[candidates.length - 1]?.responses ?? early).push({ ...each, response })
  }
  const rejected = choose(candidates)
  const { chosen, received } = viewsOf(rejected, candidates)
  const accepted = last(candidates, (each) => each !== chosen && each !== rejected && isAccepted(each, chosen))
  const parts = responsesOf(rejected, early)
  const shown = last(parts, (each) => each.shown !== undefined)?.shown
  const sides = sidesOf(found, shown !== undefined, chosen?.request)
  const merged = mergeResponses(parts)
  const response = shown === undefined ? withStrings(merged, sides.service) : merged
  const canonical = shown ?? sides.service?.canonicalRequest ?? sides.client?.canonicalRequest
  const joined = withLooseHeaders(chosen?.request, found, canonical)
  const { headers: _, ...bare } = joined ?? {}
  // a canonical request shows that the request was signed
  const isOpen = joined?.headers !== undefined && canonical === undefined && !isSigned(joined)
  const request: RequestAsSent | undefined = isOpen && isUnread() ? bare : joined
  const isUseful = request && (isSigned(request) || !shown || showsMore(request, shown))
  const isCut = canonical?.endsWith(`\n${CUT_HASH}`) ?? true
  const redirect = chosen && redirectOf(found, chosen)
  return {
    ...known({
      request: isUseful ? request : undefined,
      response,
      signed: withUpstream(sides.client, rejected?.found),
      redirect,
      received: received?.request,
      accepted: accepted?.request,
      about: isUseful && candidates.length > 1 ? chosen?.found : undefined,
    }),
    isShown: request?.headers !== undefined || !isCut,
  }
}

/** The strings of the client, and the host that it may have signed instead of the one that a proxy received. */
function withUpstream(signed: SignedStrings | undefined, chosen: Found | undefined): SignedStrings | undefined {
  return chosen?.upstream === undefined ? signed : { ...signed, headers: { host: chosen.upstream } }
}

function choose(candidates: readonly Candidate[]): Candidate | undefined {
  const isRejected = ({ responses }: Candidate): boolean => responses.some(({ response }) => isRejection(response))
  const hasSignature = ({ request }: Candidate): boolean => isSigned(request)
  return (
    last(candidates, (each) => hasSignature(each) && isRejected(each)) ??
    last(candidates, (each) => isRejected(each) && each.request.headers !== undefined) ??
    last(candidates, hasSignature) ??
    last(candidates, isRejected) ??
    candidates[candidates.length - 1]
  )
}

/** The request that was sent, and the one that a server received, if both are shown: they have the same signature, or the same path. */
function viewsOf(
  rejected: Candidate | undefined,
  all: readonly Candidate[],
): { chosen: Candidate | undefined; received?: Candidate | undefined } {
  if (!rejected) return { chosen: undefined }
  const isPair = (each: Candidate): boolean => each !== rejected && isSameRequest(each.request, rejected.request)
  if (!isReceived(rejected))
    return { chosen: rejected, received: last(all, (each) => isReceived(each) && isPair(each)) }
  const sent = last(all, (each) => !isReceived(each) && isPair(each))
  return sent ? { chosen: sent, received: rejected } : { chosen: rejected }
}

/** Returns whether a request is shown as it was received. */
function isReceived({ found, request }: Candidate): boolean {
  return found.isReceived === true || request.isReceived === true
}

/** Returns whether two views show the same request: the same signature or, if one does not show it, the same method and name. */
function isSameRequest(one: RequestAsSent, other: RequestAsSent): boolean {
  const [first, second] = [signatureIn(one), signatureIn(other)]
  if (first !== undefined && second !== undefined) return first === second
  if (one.method !== undefined && other.method !== undefined && one.method !== other.method) return false
  return nameIn(one) !== '' && nameIn(one) === nameIn(other)
}

/** The last segment of a path, which proxies keep. */
function nameIn({ url = '' }: RequestAsSent): string {
  return (
    decode(decode(url.split(/[?#]/, 1)[0]!))
      .split('/')
      .pop() ?? ''
  )
}

/** The signature of a request, in its URL or its headers. */
function signatureIn({ url = '', headers }: RequestAsSent): string | undefined {
  const authorization = headerOf((headers ?? []) as PastedHeaders, 'authorization') ?? ''
  return (/[?&]X-Amz-Signature=(\w+)/i.exec(url) ?? /Signature=(\w+)/.exec(authorization))?.[1]
}

/** Returns whether a request with the same signature was accepted. */
function isAccepted({ request, responses }: Candidate, chosen: Candidate | undefined): boolean {
  const signature = signatureIn(request)
  const isFine =
    responses.length > 0 && responses.every(({ response: { status = 0 } }) => status >= 200 && status < 300)
  if (signature === undefined || !isFine || !chosen) return false
  return signature === signatureIn(chosen.request) && nameIn(request) === nameIn(chosen.request)
}

/** The parts of the response to a request. An error may precede its request. */
function responsesOf(chosen: Candidate | undefined, early: readonly FoundResponse[]): readonly FoundResponse[] {
  if (!chosen || chosen.responses.length === 0) return early
  const isBare = chosen.responses.every(({ response }) => rankOf(response) === 0)
  const errors = early.filter(({ kind, response }) => kind === 'error' && (isBare || response.body === undefined))
  return [...errors, ...chosen.responses]
}

function redirectOf(all: readonly Found[], { request, found }: Candidate): ResponseAsReceived | undefined {
  const targetOf = (url = ''): string => url.replace(/^https?:\/\/[^/?#]*/i, '')
  const target = targetOf(request.url)
  const isRedirect = ({ response, from }: Found): boolean => {
    if (from > found.to || ![301, 302, 307, 308].includes(response?.status ?? 0)) return false
    const location = headerOf((response?.headers ?? []) as PastedHeaders, 'location')
    return location !== undefined && (location === request.url || (target !== '/' && targetOf(location) === target))
  }
  return last(all, isRedirect)?.response
}

/** Returns whether an unsigned request is the one that the service received, and shows more: headers, another host or query. */
function showsMore({ url = '', headers }: RequestAsSent, canonical: string): boolean {
  const parts = parseCanonicalRequest(canonical)
  const [, host, path, query] = /^(?:https?:\/\/([^/?#]*))?([^?#]*)\??([^#]*)/i.exec(url) ?? []
  // however often the path is encoded
  if (!parts || decode(decode(path || '/')) !== decode(decode(parts.uri))) return false
  const received = headerOf(parts.headers, 'host')
  const isHostOther = host !== undefined && received !== undefined && host.toLowerCase() !== received.toLowerCase()
  return headers !== undefined || isHostOther || (query !== '' && parts.query !== '' && parts.query !== query)
}

/** A response with the strings of the service that stand alone. */
function withStrings(
  response: ResponseAsReceived | undefined,
  strings: SignedStrings | undefined,
): ResponseAsReceived | undefined {
  if (!strings || (response && rankOf(response) > 6)) return response
  const { status, headers, code = 'SignatureDoesNotMatch', message } = response ?? {}
  return known({ status, headers, code, message, strings })
}
