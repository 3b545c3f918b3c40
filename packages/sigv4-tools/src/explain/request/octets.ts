// Octets: bytes as one character each, so that they can be searched and modified as a string.

/** Decodes octets as UTF-8, or as ISO 8859-1 if they are not valid UTF-8. */
export function fromAnyOctets(octets: string): string {
  try {
    return decodeURIComponent(escape(octets))
  } catch {
    return octets
  }
}

export function octetsOf(bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += 8192)
    pieces.push(String.fromCharCode.apply(null, bytes.subarray(at, at + 8192) as unknown as number[]))
  return pieces.join('')
}

export function octetsOfHex(hex: string): string {
  return hex.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)))
}

export function bytesOf(octets: string): Uint8Array {
  return Uint8Array.from(octets, (octet) => octet.charCodeAt(0))
}

/** Returns whether bytes are the start of a string and no more, whatever whitespace a copy of the string has lost. */
export function isCutOff(bytes: string, text: string): boolean {
  const [start, whole] = [bytes, text].map((each) => each.replace(/\s/g, '')) as [string, string]
  return start.length < whole.length && whole.startsWith(start)
}

/** Returns bytes as read by a program that mistakes them for UTF-8. */
export function decodeLossy(octets: string): string {
  return typeof TextDecoder === 'function' ? new TextDecoder().decode(bytesOf(octets)) : octets
}

/** What openssl and sha256sum print beside the digits of a digest. */
export const PRINTED = /\(stdin\)= ?|[\da-f]{64} +\*?(?:-|stdin)$/i
