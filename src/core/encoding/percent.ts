import { fail } from '../errors.ts'

/** Percent-encodes the UTF-8 of everything but `A-Z a-z 0-9 - . _ ~`, in uppercase hex; a `%` becomes `%25`. */
export function uriEncode(string: string, argument?: string): string {
  return /[^\w.~-]/.test(string) ? encode(string, argument, encodeURIComponent) : string
}

/** Percent-encodes a path in the same way, but keeps slashes. */
export function encodePath(path: string, argument?: string): string {
  return /[^\w.~/-]/.test(path) ? encode(path, argument, encodeURI) : path
}

/**
 * Encodes a string that may contain escapes: `%2f` becomes `%2F`, `%41` becomes `A`, a space `%20`. `found` matches an
 * escape, or a run of characters to encode.
 */
export function uriReencode(string: string, argument?: string, found = /%(?:[\da-f]{2})?|[^\w.~%-]+/gi): string {
  return string.replace(found, (run) => reencode(run, argument))
}

/** Encodes a path that may contain escapes in the same way, but keeps slashes. */
export function reencodePath(path: string, argument?: string): string {
  return uriReencode(path, argument, /%(?:[\da-f]{2})?|[^\w.~/%-]+/gi)
}

/** Returns whether a `%` is followed by anything but two hex digits. */
export function hasBareEscape(string: string): boolean {
  return /%(?![\da-f]{2})/i.test(string)
}

function encode(string: string, argument = 'text', percentEncode: typeof encodeURI): string {
  try {
    // encodeURI keeps all of these; encodeURIComponent keeps the first five and encodes the others
    const encoded = percentEncode(string)
    if (!/[!'()*;?:@&=+$,#]/.test(encoded)) return encoded
    return encoded.replace(/[!'()*;?:@&=+$,#]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
  } catch {
    return fail('ERR_INVALID_ARG_VALUE', argument, 'invalid', 'It contains a lone surrogate.')
  }
}

/** Keeps an escape in uppercase, or decodes it if the character needs none; encodes anything else. */
function reencode(run: string, argument?: string): string {
  if (run[0] !== '%' || run.length < 3) return encode(run, argument, encodeURIComponent)
  const character = String.fromCharCode(Number.parseInt(run.slice(1), 16))
  return /[\w.~-]/.test(character) ? character : run.toUpperCase()
}

/** Decodes percent escapes once, each to the character of its byte (ISO 8859-1). */
export function decodeToOctets(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Decodes percent escapes; returns the string unchanged if it is malformed. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
