import { joinBytes } from '../core/http/body.ts'
import { fromHex, utf8 } from '../crypto/webcrypto.ts'
import type { MessageHeaders, MessageHeaderValue } from './options.ts'

/** Encodes the headers of a message as @smithy/signature-v4 signs them, in the order of their names in the object. */
export function encodeHeaders(headers: MessageHeaders): Uint8Array {
  return joinBytes(
    Object.entries(headers).flatMap(([name, header]) => {
      const bytes = utf8(name)
      return [Uint8Array.of(bytes.length), bytes, ...encodeHeader(header)]
    }),
  )
}

/** Returns the type of a header and its value. */
function encodeHeader({ type, value }: MessageHeaderValue): Uint8Array[] {
  switch (type) {
    case 'boolean':
      return [Uint8Array.of(value ? 0 : 1)]
    case 'byte':
      return [Uint8Array.of(2, value)]
    case 'short':
      return [Uint8Array.of(3, value >> 8, value)]
    case 'integer':
      return [Uint8Array.of(4, value >> 24, value >> 16, value >> 8, value)]
    case 'long':
      return [Uint8Array.of(5), value.bytes]
    case 'binary':
      return [Uint8Array.of(6), ...sized(value)]
    case 'string':
      return [Uint8Array.of(7), ...sized(utf8(value))]
    case 'timestamp': {
      const bytes = new Uint8Array(9)
      bytes[0] = 8
      new DataView(bytes.buffer).setBigInt64(1, BigInt(Math.round(Number(value)) || 0))
      return [bytes]
    }
    case 'uuid':
      if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(value)) throw new Error(`Invalid UUID received: ${value}`)
      return [Uint8Array.of(9), fromHex(value.replaceAll('-', ''))]
  }
}

function sized(value: Uint8Array): Uint8Array[] {
  return [Uint8Array.of(value.byteLength >> 8, value.byteLength), value]
}
