import { encodeOctets } from '../../core/encoding/base64.ts'

/** Returns data as bytes. */
export function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === 'string' ? new TextEncoder().encode(data) : data
}

/** Encodes 32-bit words as Base64, the most significant byte first. */
export function wordsToBase64(words: readonly number[]): string {
  let octets = ''
  for (const word of words)
    octets += String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255)
  return encodeOctets(octets)
}
