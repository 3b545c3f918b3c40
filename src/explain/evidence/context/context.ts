import type { Cause } from '../../model/causes.ts'
import type { RequestAsSent } from '../../request/facts.ts'
import { methodOf } from '../../request/operations.ts'
import { CUT_HASH } from '../../request/pieces.ts'
import { type ResponseAsReceived, readResponse } from '../../response/response.ts'
import type { Chosen } from '../choose.ts'
import { type Found, headerOf, last, type Paste, type PastedHeaders } from '../found.ts'
import { endpointOf, twinsOf } from './endpoint.ts'
import { hintsOf } from './hints.ts'

// What a paste shows around the request: what redirected it, and how the client was configured.

/** What was found around a request. */
export interface Context {
  readonly request?: RequestAsSent
  readonly redirect?: ResponseAsReceived
  readonly endpoint?: string
  readonly hints?: readonly Cause[]
  /** What shows it. */
  readonly found: readonly Found[]
}

/** Reads what is around the request that was chosen. */
export function readContext(paste: Paste, found: readonly Found[], chosen: Chosen): Context {
  const { response, signed } = chosen
  const canonical = (response && readResponse(response).canonicalRequest) ?? signed?.canonicalRequest
  const { request: sent } = chosen
  const method = sent && sent.method === undefined ? operationMethod(paste.text) : undefined
  const own = method === undefined ? sent : { method, ...sent }
  const twins = own?.headers === undefined ? twinsOf(found, own?.url) : undefined
  const request = twins ? { ...own, url: twins.sent } : own
  const redirect = redirectOf(found, request?.url)
  const endpoint = twins?.signed ?? endpointOf(paste, found)
  const isWhole = canonical !== undefined && !canonical.endsWith(`\n${CUT_HASH}`)
  const isShown = isWhole || request?.headers !== undefined
  const hints = found.length > 0 ? hintsOf(paste, found, endpoint, isShown) : []
  return {
    ...(request && { request }),
    ...(redirect && { redirect }),
    ...(endpoint !== undefined && { endpoint }),
    ...(hints.length > 0 && { hints: [...new Set(hints.map(({ cause }) => cause))] }),
    found: hints.map(({ line, description, cause }) => ({
      kind: cause === 'secret-whitespace' ? 'command' : 'configuration',
      from: line,
      to: line,
      description,
    })),
  }
}

/** The response that redirected to the URL of the request. */
function redirectOf(found: readonly Found[], url = ''): ResponseAsReceived | undefined {
  const at = found.findIndex(({ request }) => request?.url === url)
  const target = targetOf(url)
  const isRedirect = ({ response }: Found): boolean => {
    if (![301, 302, 307, 308].includes(response?.status ?? 0)) return false
    const location = headerOf((response?.headers ?? []) as PastedHeaders, 'location')
    return location !== undefined && (location === url || (target !== '/' && targetOf(location) === target))
  }
  return at < 0 ? undefined : last(found.slice(0, at + 1), isRedirect)?.response
}

function targetOf(url: string): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '')
}

/** The method of the operation that an SDK names. */
function operationMethod(text: string): string | undefined {
  const [, boto, go] = /when calling the (\w{3,60}) operation|\boperation error \w{1,40}: (\w{3,60}),/.exec(text) ?? []
  const name = boto ?? go
  return name === undefined ? undefined : methodOf(name)
}
