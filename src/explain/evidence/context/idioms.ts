import type { CanonicalRequest } from '../../../core/signing/canonical-request.ts'
import type { Found, Hint, Paste } from '../found.ts'
import { keyHints } from './keys.ts'
import { type Line, readLines } from './lines.ts'
import { presignHints } from './presigning.ts'
import { secretHints } from './secrets.ts'
import { wordHints } from './words.ts'

// What code and prose around an error suggest, if a signature did not match and the rest does not say why.

const MISMATCH =
  /SignatureDoesNotMatch|InvalidSignature|signature we calculated|signatures? (?:mismatch|(?:does|did|do)(?:n[o']t| not) match)/i

/** What is known of the request. */
export interface Shown {
  /** Whether the headers or the canonical request are. */
  readonly isShown: boolean
  readonly canonical: CanonicalRequest | undefined
}

/** Hints of code and prose, the strongest first. */
export function idiomHints(
  paste: Paste,
  found: readonly Found[],
  endpoint: string | undefined,
  { isShown, canonical }: Shown,
): Hint[] {
  const start = paste.text.slice(0, 200_000)
  if (!MISMATCH.test(start)) return []
  const lines = readLines(paste)
  const isPlain = hasPlainPath(found, canonical)
  const words = wordHints(lines, isPlain, canonical !== undefined && !/[%+]/.test(canonical.query))
  const presigned = presignHints(lines, start, found)
  const secrets = secretHints(lines, start)
  const inner = innerHints(lines, start, endpoint)
  // what is known of the request shows more than the code that made it
  if (isShown) return [...words, ...inner, ...presigned, ...secrets]
  return [...words, ...inner, ...secrets, ...presigned, ...keyHints(lines, start, isPlain)]
}

/** Whether the paths of the requests have nothing to encode: then no name does. */
function hasPlainPath(found: readonly Found[], canonical: CanonicalRequest | undefined): boolean {
  const paths = found.flatMap(({ request }) =>
    request?.url === undefined ? [] : [request.url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '')],
  )
  if (canonical) paths.push(canonical.uri)
  return paths.length > 0 && !paths.some((path) => /[%()!'*+@=&,:;$ ]|[^\x20-\x7e]/.test(path))
}

/** A name that only containers know, in a URL that is presigned for something outside. */
function innerHints(lines: readonly Line[], text: string, endpoint: string | undefined): Hint[] {
  const [, host] = /^https?:\/\/(?!localhost\b)([a-z][a-z\d_-]{1,60}):\d{2,5}\/?$/i.exec(endpoint ?? '') ?? []
  if (host === undefined || !/presign|signed.?url/i.test(text)) return []
  if (
    !/\b(?:browser|localhost|127\.0\.0\.1|front-?end|outside|external\w{0,2}|nginx|reverse proxy|ingress)\b/i.test(text)
  )
    return []
  const at = lines.find((each) => each.text.includes(host))
  return at
    ? [{ cause: 'host', line: at.line, description: 'Name of a container as the endpoint of presigned URLs' }]
    : []
}
