// ECDSA signatures: as sent, in the distinguished encoding rules (DER) of ASN.1, and as Web Crypto reads and writes them, the
// two numbers r and s of 32 bytes each. Both in lowercase hex.

/** The order of P-256, which r and s are less than. */
const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'

/** Formats r and s in DER. */
export function formatDer(numbers: string): string {
  const content = formatInteger(numbers.slice(0, 64)) + formatInteger(numbers.slice(64))
  return `30${byteLength(content)}${content}`
}

function formatInteger(number: string): string {
  const digits = number.replace(/^(?:00)+/, '').replace(/^(?=[89a-f])/, '00') // positive
  return `02${byteLength(digits)}${digits}`
}

function byteLength(digits: string): string {
  return (256 + digits.length / 2).toString(16).slice(1)
}

/**
 * Returns r and s of a signature in DER; `undefined` unless it is encoded in the only way that DER allows, and both are
 * greater than zero and less than the order of the curve.
 */
export function parseDer(signature: string): string | undefined {
  const numbers = /^30(..)(02(..)(.+))$/.exec(signature)
  if (!numbers || !/^(?:[\da-f]{2}){8,72}$/.test(signature)) return undefined
  const [, length, content, firstLength, rest] = numbers
  const end = Number.parseInt(firstLength!, 16) * 2
  const second = /^02(..)(.+)$/.exec(rest!.slice(end))
  if (!second || length !== byteLength(content!) || second[1] !== byteLength(second[2]!)) return undefined
  const r = parseInteger(rest!.slice(0, end))
  const s = parseInteger(second[2]!)
  return r && s && r + s
}

/** Returns an integer of 32 bytes; `undefined` if it has unnecessary zeros, or is out of range. */
function parseInteger(digits: string): string | undefined {
  if (!/^(?:00[89a-f]|0[1-9a-f]|[1-7])/.test(digits)) return undefined
  const number = digits.replace(/^00/, '').padStart(64, '0')
  return number.length === 64 && number < ORDER ? number : undefined
}
