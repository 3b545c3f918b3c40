import type { ResponseAsReceived } from '../response/response.ts'
import { type Found, last } from './found.ts'

// One response, of all that was found of it.

/** Whether a response is one that rejects. */
export function isError({ status, code, message, body }: ResponseAsReceived): boolean {
  if (status !== undefined && status < 400) return status === 301 || status === 307
  return status !== undefined || code !== undefined || message !== undefined || body !== undefined
}

/** One response of all that was found of it. */
export function merge(responses: readonly Found[]): ResponseAsReceived | undefined {
  if (responses.length === 0) return undefined
  const heads = responses.filter(({ kind }) => kind === 'response').map(({ response }) => response!)
  const all = responses.map(({ response }) => response!)
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
export function bodyRank(response: ResponseAsReceived | undefined): number {
  const { body } = response ?? {}
  if (typeof body !== 'string') return body === undefined ? 0 : 1
  if (/<CanonicalRequest>|Canonical String/.test(body)) return 4
  if (/<StringToSign>/.test(body)) return 3
  return /<Code>|"__type"|"[Cc]ode"|"Error"/.test(body) || response?.code !== undefined ? 2 : body === '' ? 0 : 1
}

function bestBody(all: readonly ResponseAsReceived[]): ResponseAsReceived | undefined {
  return bestOf(all, bodyRank)
}

/** The last one with the highest rank above 0. */
function bestOf<T>(all: readonly T[], rankOf: (each: T) => number): T | undefined {
  let best: T | undefined
  let highest = 1
  for (const each of all) {
    const rank = rankOf(each)
    if (rank >= highest) [best, highest] = [each, rank]
  }
  return best
}

/** The code and message of errors that are only text. */
function bestText(all: readonly ResponseAsReceived[]): ResponseAsReceived | undefined {
  const rank = ({ code, message }: ResponseAsReceived): number =>
    (code === undefined ? 0 : 1) + (message === undefined ? 0 : /Canonical String/.test(message) ? 4 : 2)
  const best = bestOf(all, rank)
  if (!best || best.code !== undefined) return best
  const named = last(all, ({ code, body }) => code !== undefined && body === undefined)
  return named ? { ...best, code: named.code } : best
}
