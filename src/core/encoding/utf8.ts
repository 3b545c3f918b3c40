/** Replaces lone surrogates, which have no UTF-8 form, by U+FFFD. */
export function wellFormed(string: string): string {
  return string.replace(/[\ud800-\udfff]/gu, '\ufffd')
}

/** Returns the UTF-8 bytes of a string, one per character. A lone surrogate becomes U+FFFD. */
export function toOctets(string: string): string {
  return unescape(encodeURIComponent(wellFormed(string)))
}

/** Decodes UTF-8 bytes, one per character. Throws a `URIError` if they are invalid. */
export function fromOctets(octets: string): string {
  return decodeURIComponent(octets.replace(/[%\x80-\xff]/g, (octet) => `%${octet.charCodeAt(0).toString(16)}`))
}
