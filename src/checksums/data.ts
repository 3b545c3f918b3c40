import { encodeOctets } from '../core/encoding/base64.ts'
import { fail } from '../core/errors.ts'
import { bodyContent } from '../core/http/body.ts'
import { hasTag } from '../core/kind.ts'
import type { RunningChecksum } from '../core/signing/options.ts'
import { type BlockHash, startBlocks } from '../crypto/blocks.ts'

export function bytesOf(data: string | Uint8Array): Uint8Array {
  if (typeof data === 'string') return new TextEncoder().encode(data)
  if (ArrayBuffer.isView(data) || hasTag(data, 'ArrayBuffer')) return bodyContent(data) as Uint8Array
  return fail('ERR_INVALID_ARG_TYPE', 'data', 'type', 'Pass a string or bytes.')
}

/** Starts a hash in JavaScript, whose state are `words` of 32 bits. */
export function startHash(hash: BlockHash, words: () => readonly number[]): RunningChecksum {
  const { update, end } = startBlocks(hash)
  return {
    update: (data) => update(bytesOf(data)),
    digest() {
      end()
      return wordsToBase64(words())
    },
  }
}

/** Encodes 32-bit words as Base64, the most significant byte first. */
export function wordsToBase64(words: readonly number[]): string {
  let octets = ''
  for (const word of words)
    octets += String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255)
  return encodeOctets(octets)
}
