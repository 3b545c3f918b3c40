import { fail } from './errors.ts'

/** `A-Z a-z 0-9 - . _ ~`, the unreserved characters of RFC 3986, which are never escaped. */
function isUnreserved(code: number): boolean {
  return code > 96
    ? code < 123 || code === 126
    : code > 64
      ? code < 91 || code === 95
      : (code > 47 && code < 58) || code === 45 || code === 46
}

/** Percent-encodes the UTF-8 of everything that is not unreserved, in upper-case hex; a `%` becomes `%25`. */
export function uriEncode(text: string): string {
  let at = 0
  while (at < text.length && isUnreserved(text.charCodeAt(at))) at++
  if (at === text.length) return text
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  } catch {
    fail('ERR_INVALID_ARG_VALUE', 'A text has a lone surrogate, which has no UTF-8 form: pass text.toWellFormed()')
  }
}

/** The same for text whose escapes are escapes already: `%2f` becomes `%2F`, `%41` becomes `A`. */
export function uriReencode(text: string): string {
  if (isEncoded(text)) return text
  try {
    text = decodeURIComponent(text)
  } catch {
    fail('ERR_SIGV4_REQUEST_UNSENDABLE', 'The URL has a % that starts no escape of UTF-8: write it as %25')
  }
  return uriEncode(text)
}

/** Whether encoding would change nothing: for the escapes of most printable ASCII, a scan is enough to tell. */
export function isEncoded(text: string, slashes?: boolean): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isUnreserved(code) || (slashes && code === 47)) continue
    const last = text.charCodeAt(i + 2)
    const known = (last > 47 && last < 58) || (last > 64 && last < 68) || last === 70 // %20 to %2C, and %2F
    if (code !== 37 || text.charCodeAt(i + 1) !== 50 || !known) return false
    i += 2
  }
  return true
}

/** A path, every segment encoded: raw text, or text whose escapes are escapes already. */
export function encodePath(path: string, encode: typeof uriEncode): string {
  return encode === uriReencode && isEncoded(path, true) ? path : path.split('/').map(encode).join('/')
}
