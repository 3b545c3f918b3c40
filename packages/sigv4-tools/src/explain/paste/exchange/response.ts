import type { ResponseAsReceived } from '../../response/response.ts'
import { type FoundResponse, known, last } from '../model/found.ts'

// Assembles one response from all of its parts in a paste.

export function isRejection({ status = 400 }: ResponseAsReceived): boolean {
  return status >= 400 || status === 301 || status === 307
}

/** Ranks the contents of a response: the service's strings, an error in a body, or only a code, a message, or a status. */
export function rankOf({ body, code, message = '', elements, strings }: ResponseAsReceived): number {
  if (elements?.CanonicalRequest !== undefined) return 8
  if (elements?.StringToSign !== undefined) return 7
  if (typeof body === 'string' && body !== '') {
    if (/<CanonicalRequest>|Canonical String/.test(body)) return 8
    if (/<StringToSign>/.test(body)) return 7
    return code !== undefined || /<Code>|"__type"|"[Cc]ode"|"Error"/.test(body) ? 6 : 5
  }
  return (strings || /Canonical String/.test(message) ? 4 : message === '' ? 0 : 2) + (code === undefined ? 0 : 1)
}

/** Puts the parts of a response together: its head, and the body, code and message that show the most. */
export function mergeResponses(parts: readonly FoundResponse[]): ResponseAsReceived | undefined {
  const all = parts.map(({ response }) => response)
  let [best] = all
  if (!best) return undefined
  const heads = parts.filter(({ kind }) => kind === 'response').map(({ response }) => response)
  const isFinal = ({ status = 0 }: ResponseAsReceived): boolean => status >= 300
  const head = last(heads, isFinal) ?? heads[heads.length - 1]
  const status = head?.status ?? (last(all, isFinal) ?? last(all, (each) => each.status !== undefined))?.status
  const headers = head?.headers ?? last(all, (each) => each.headers !== undefined)?.headers
  for (const each of all) if (rankOf(each) >= rankOf(best)) best = each
  const body = best.body ?? head?.body
  const isText = best.body === undefined || rankOf(best) === 5
  const code = best.code ?? (isText ? last(all, (each) => each.code !== undefined)?.code : undefined)
  const message = best.message ?? (isText ? last(all, (each) => each.message !== undefined)?.message : undefined)
  return known({ status, headers, body, code, message, elements: best.elements, strings: best.strings })
}
