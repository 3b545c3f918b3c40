import type { RequestAsSent } from '../../request/facts.ts'
import {
  arePartial,
  type Found,
  headerOf,
  isSignedUrl,
  known,
  last,
  type Parts,
  type PastedHeaders,
  pastedRequest,
} from '../model/found.ts'
import { joinHeaders } from './headers.ts'

// Joins the parts of a request that stand alone by what they are, whatever they are labeled.

/** Parts that belong to one request, and what contains its headers or its URL. */
interface Draft {
  method?: string | undefined
  url?: string | undefined
  headers?: PastedHeaders | undefined
  /** The finding that the request replaces. */
  at?: Found
}

/** Joins parts up to a response, in any order: with headers that are signed, or with a presigned URL, they are a request. */
export function joinParts(found: readonly Found[]): Found[] {
  const joined = new Map<Found, Found>()
  let draft: Draft = {}
  const end = (): void => {
    const request = requestOf(draft)
    if (draft.at && request) {
      const { headers: _, ...at } = draft.at
      joined.set(draft.at, { ...at, kind: at.request ? at.kind : 'request', request })
    }
    draft = {}
  }
  for (const each of found) {
    const parts = partsOf(each)
    if (each.request && !parts) {
      end()
      continue
    }
    if (parts) {
      if (isOther(draft, parts)) end()
      add(draft, parts, each)
    }
    // an error may precede its request
    if (each.response && requestOf(draft)) end()
  }
  end()
  return withCode(found.map((each) => joined.get(each) ?? each))
}

/** Code without a URL shows the headers that it sends: they are all that is known of the request. */
function withCode(found: readonly Found[]): Found[] {
  const isShown = found.some(({ request, headers, canonicalRequest }) => request ?? headers ?? canonicalRequest)
  const code = isShown ? undefined : last(found, ({ parts }) => parts?.headers !== undefined)
  if (!code) return [...found]
  const method = last(found, ({ parts }) => parts?.method !== undefined)?.parts?.method
  const request: RequestAsSent = known({ method, headers: code.parts?.headers })
  return found.map((each) => (each === code ? { ...each, request } : each))
}

/** The parts that an item shows: a URL without headers is one, and so are headers without a URL. */
function partsOf({ parts, headers, request }: Found): Parts | undefined {
  if (headers && isForSigning(headers)) return { headers }
  if (parts) return parts
  return request && !request.headers && request.body === undefined
    ? { method: request.method, url: request.url }
    : undefined
}

function isForSigning(headers: PastedHeaders): boolean {
  return ['authorization', 'x-amz-date', 'x-amz-content-sha256'].some((name) => headerOf(headers, name) !== undefined)
}

/** Returns whether parts belong to a different request than those before them. */
function isOther(draft: Draft, { method, url, headers }: Parts): boolean {
  const date = (list: PastedHeaders | undefined): string | undefined => headerOf(list ?? [], 'x-amz-date')
  const isHeaderOther =
    date(headers) !== undefined && date(draft.headers) !== undefined && date(headers) !== date(draft.headers)
  if (isHeaderOther) return true
  const isComplete = requestOf(draft) !== undefined
  const isDifferent = (one: string | undefined, other: string | undefined): boolean =>
    one !== undefined && other !== undefined && one !== other
  return (
    isComplete && (isDifferent(method, draft.method) || (isDifferent(url, draft.url) && !isSameTarget(url, draft.url)))
  )
}

/** Returns whether two URLs differ only in what one of them does not show. */
function isSameTarget(one = '', other = ''): boolean {
  const target = (url: string): string => url.replace(/^https?:\/\/[^/?#]*/i, '') || '/'
  return target(one) === target(other)
}

function add(draft: Draft, { method, url, headers }: Parts, from: Found): void {
  draft.method = method ?? draft.method
  const isBetter = url !== undefined && !(isSameTarget(url, draft.url) && /^http/i.test(draft.url ?? ''))
  const isKept = isSignedUrl(draft.url ?? '') && url !== undefined && !isSignedUrl(url)
  if (isBetter && !isKept) draft.url = url
  if (headers) draft.headers = draft.headers ? joinHeaders(draft.headers, headers) : headers
  if ((headers && isForSigning(headers)) || (url !== undefined && isSignedUrl(url))) draft.at = from
}

/** The request that parts make; `undefined` if they are not signed, or if nothing was added to what was found. */
function requestOf({ method, url, headers, at }: Draft): RequestAsSent | undefined {
  if (url === undefined || !at) return undefined
  const own = at.request
  if (own && (method === own.method || own.method !== undefined) && headers === undefined) return undefined
  const [, host] = /^https?:\/\/([^/?#]+)/i.exec(url) ?? []
  const isAdded = host !== undefined && headers && headerOf(headers, 'host') === undefined
  const all: PastedHeaders | undefined = isAdded ? [['host', host], ...headers] : headers
  const isPartial = all !== undefined && arePartial(all)
  return { ...own, ...pastedRequest(method, url, all), ...(isPartial && { isPartial }) }
}
