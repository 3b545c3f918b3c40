import { fail } from './errors.ts'

/** Percent-encodes the UTF-8 of everything but `A-Z a-z 0-9 - . _ ~`, in upper-case hex; a `%` becomes `%25`. */
export function uriEncode(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  } catch {
    fail('ERR_INVALID_ARG_VALUE', 'A text has a lone surrogate: pass text.toWellFormed()')
  }
}

/** The same for text whose escapes are escapes already: `%2f` becomes `%2F`, `%41` becomes `A`. */
export function uriReencode(text: string): string {
  try {
    text = decodeURIComponent(text)
  } catch {
    refuseEscape()
  }
  return uriEncode(text)
}

/** Throws: a text has a `%` that starts no escape. */
export function refuseEscape(): never {
  fail('ERR_SIGV4_REQUEST_UNSENDABLE', 'The URL has a % that starts no escape: write it as %25')
}

/** Whether encoding would change nothing in a path: true of most paths, and soon told. */
export function isEncoded(path: string): boolean {
  return /^(?:[\w.~/-]|%2[\dA-CF])*$/.test(path)
}

/** A path, every segment encoded: raw text, or text whose escapes are escapes already. */
export function encodePath(path: string, encode: typeof uriEncode): string {
  return encode === uriReencode && isEncoded(path) ? path : path.split('/').map(encode).join('/')
}
