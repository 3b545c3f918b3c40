import { decode } from '../../../../../src/internal/encoding.ts'
import { PRESIGNED_PARAMETERS, splitTarget, TOKEN_PARAMETER } from '../../../../../src/internal/http.ts'
import type { Cause } from '../model/causes.ts'
import type { Difference } from '../model/clue.ts'
import type { RequestAsSent } from '../request/facts.ts'

// Requests that were damaged as a whole, and their likely originals.

/** The likely original of a damaged request. */
export interface Repair {
  readonly request: RequestAsSent
  readonly difference: Difference
}

/** Returns the likely originals of a damaged request. */
export function repairs(request: RequestAsSent): Repair[] {
  const url = request.target ?? request.url ?? ''
  const [path, query] = splitTarget(url)
  const names = [...PRESIGNED_PARAMETERS, TOKEN_PARAMETER, 'X-Amz-Content-Sha256']
  const renamed = query.split('&').map((pair) => {
    const [name = '', ...value] = pair.split('=')
    const known = names.find((each) => each.toLowerCase() === decode(name).toLowerCase())
    return [known ?? name, ...value].join('=')
  })
  const ends = query.replace(/(X-Amz-Signature=[\da-f]{64})[^\da-f&].*$/is, '$1')
  const attempts: [Cause, string, string][] = [
    ['url-html-escaped', path, query.replace(/&amp;|&#38;|&#x26;/gi, '&')],
    ['url-html-escaped', path, query.replace(/&amp%3B|\\u0026|%5Cu0026/gi, '&')],
    ['url-double-encoded', path, query.replace(/=3D/g, '=')],
    ['url-double-encoded', path, decode(query)],
    ['url-double-encoded', decode(path), decode(query)],
    ['url-double-encoded', decode(path), query],
    ['param-case', path, renamed.join('&')],
    ['malformed-signature', path, ends],
  ]
  const { method, headers, rawHeaders, body, bodyHash } = request
  return attempts
    .filter(([, newPath, newQuery]) => newPath !== path || newQuery !== query)
    .map(([cause, newPath, newQuery]) => {
      const repaired = newQuery === '' ? newPath : `${newPath}?${newQuery}`
      const original = { method, url: repaired, headers, rawHeaders, body, bodyHash }
      return { request: original, difference: { cause, part: { of: 'URL' }, actual: url, expected: repaired } }
    })
}
