import { uriEncode } from './percent.ts'
import { fromOctets } from './utf8.ts'

// Not every engine has it, and this folder is compiled without platform types.
declare const btoa: ((bytes: string) => string) | undefined

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Returns the UTF-8 bytes of a string, one per character. */
function utf8(string: string): string {
  return isAscii(string) ? string : unescape(uriEncode(string))
}

function isAscii(string: string): boolean {
  return /^[\0-\x7f]*$/.test(string)
}

/** Returns the length of a string in UTF-8, in bytes. */
export function utf8Length(string: string): number {
  let { length } = string
  if (isAscii(string)) return length
  for (let i = 0; i < string.length; i++) {
    const code = string.charCodeAt(i)
    if (code > 0x7f) length += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1 // a surrogate pair has 4 bytes
  }
  return length
}

/** Encodes the UTF-8 bytes of a string as base64: RFC 4648 section 4, with padding. */
export function encodeBase64(string: string): string {
  return encodeOctets(utf8(string))
}

/** Encodes bytes, one per character, as base64. */
export function encodeOctets(bytes: string): string {
  if (typeof btoa === 'function') return btoa(bytes)
  let encoded = ''
  for (let i = 0; i < bytes.length; i += 3) {
    // past the end, charCodeAt returns NaN, which counts as 0 here
    const bits = (bytes.charCodeAt(i) << 16) | (bytes.charCodeAt(i + 1) << 8) | bytes.charCodeAt(i + 2)
    for (const shift of [18, 12, 6, 0]) encoded += DIGITS[(bits >> shift) & 63]
  }
  const padding = (3 - (bytes.length % 3)) % 3
  return padding ? encoded.slice(0, -padding) + '='.repeat(padding) : encoded
}

/** Decodes base64 as UTF-8, with or without padding and line breaks; `undefined` if it is invalid. */
export function decodeBase64(encoded: string): string | undefined {
  const octets = decodeOctets(encoded)
  try {
    return octets === undefined ? undefined : fromOctets(octets)
  } catch {
    return undefined
  }
}

/** Decodes base64 into bytes, one per character; `undefined` if it is invalid. */
export function decodeOctets(encoded: string): string | undefined {
  const digits = encoded.trim().replace(/[\r\n]/g, '')
  const data = /^([A-Za-z\d+/]*)={0,2}$/.exec(digits)?.[1]
  if (data === undefined || data.length % 4 === 1 || (data !== digits && digits.length % 4)) return undefined
  let octets = ''
  let bits = 0
  for (let i = 0; i < data.length; i++) {
    bits = (bits << 6) | DIGITS.indexOf(data[i]!)
    const rest = 6 - (i % 4) * 2 // after 12, 18, 24 bits, the number for the next byte: 4, 2, 0
    if (i % 4) octets += String.fromCharCode((bits >> rest) & 255)
  }
  return octets
}
