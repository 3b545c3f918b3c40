import { type Hash, nodeCrypto } from './runtime.ts'

// The runtime's synchronous hash is faster than JavaScript, but takes 2 ms to load.

/** Minimum length of a message that is worth loading the hash for. */
const LONG = 16_384

/** Number of signatures after which it is worth loading for short messages, too. */
const MANY = 1000

/** The hash for short messages, once it is loaded, and the number of signatures computed without it. */
export const loaded: { hash: Hash | undefined; signatures: number } = { hash: undefined, signatures: 0 }

/** Returns the runtime's hash for a message of a length, if the message is worth it. */
export function hashForBody(length: number): Hash | undefined {
  return length >= LONG ? nodeCrypto()?.hash : undefined
}

/** Counts a signature that was computed without the runtime's hash. */
export function countSignature(): void {
  if (loaded.signatures++ === MANY) loaded.hash = nodeCrypto('short')?.hash
}

/** The bytes of a key, and the blocks prepared for the last length of a message. */
export interface NativeKey {
  readonly bytes: Uint8Array
  blocks: Blocks | undefined
}

/** The input of the runtime's hash for an HMAC: the padded key, followed by the message or by the inner digest. */
interface Blocks {
  readonly inner: Uint8Array
  readonly message: Uint8Array
  readonly outer: Uint8Array
}

/** Computes the HMAC-SHA-256 of an ASCII string with the runtime's hash, in lowercase hex. `write` encodes the string. */
export function nativeHmacHex(
  hash: Hash,
  key: NativeKey,
  message: string,
  write: (message: string, bytes: Uint8Array) => number,
): string {
  if (key.blocks?.message.length !== message.length) key.blocks = createBlocks(key.bytes, message.length)
  const { inner, outer, message: room } = key.blocks!
  write(message, room)
  const innerDigest = hash('sha256', inner, 'binary')
  for (let i = 0; i < 32; i++) outer[64 + i] = innerDigest.charCodeAt(i)
  return hash('sha256', outer, 'hex')
}

/** Prepares the blocks of a key for messages of one length, because most strings to sign have the same length. */
function createBlocks(key: Uint8Array, length: number): Blocks {
  const inner = new Uint8Array(64 + length).fill(0x36, 0, 64)
  const outer = new Uint8Array(96).fill(0x5c)
  for (let i = 0; i < key.length; i++) {
    inner[i]! ^= key[i]!
    outer[i]! ^= key[i]!
  }
  return { inner, message: inner.subarray(64), outer }
}
