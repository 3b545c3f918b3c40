/** The one-shot hash function of `node:crypto`. */
export type Hash = (algorithm: string, data: string | Uint8Array, encoding: string) => string

/** An incremental SHA-256, which Web Crypto does not support. */
export interface Sha256Stream {
  update(bytes: Uint8Array): void
  /** Returns the digest of all data, in lowercase hex, and closes the stream. */
  hex(): string
}

/** The functions of `node:crypto` that are used. Replacements in other runtimes lack some of them. */
interface NodeCrypto {
  /** Missing in older versions. */
  readonly hash?: Hash
  readonly createHash?: (algorithm: string) => { update(bytes: Uint8Array): unknown; digest(encoding: string): string }
  readonly createHmac?: (algorithm: string, key: string | Uint8Array) => { update(message: string): Hmac }
  readonly timingSafeEqual?: (one: Uint8Array, other: Uint8Array) => boolean
}

interface Hmac {
  digest(): Uint8Array
  digest(encoding: 'hex'): string
}

/** Continues a CRC-32, `value`, with more data. */
export type Crc32 = (data: string | Uint8Array, value: number) => number

interface Host {
  readonly process?: {
    readonly versions?: { readonly node?: string; readonly deno?: string }
    getBuiltinModule?(name: 'node:crypto'): NodeCrypto | undefined
    /** Without the function in older versions. */
    getBuiltinModule?(name: 'node:zlib'): { readonly crc32?: Crc32 } | undefined
  }
}

/**
 * Returns `node:crypto` in Node, Bun and Deno, whose hashes are faster than any JavaScript; `undefined` in other runtimes,
 * and for short messages in Deno, where a call costs more than hashing them in JavaScript. Nothing is imported, so there
 * is nothing for a bundler to resolve. `versions.node` is checked first because Next.js throws at any other use of
 * `process` in its edge runtime.
 */
export function nodeCrypto(length?: 'short'): NodeCrypto | undefined {
  const { process } = globalThis as Host
  const versions = process?.versions
  if (!versions?.node || (length && versions.deno)) return undefined
  return process!.getBuiltinModule?.('node:crypto')
}

/** Creates an incremental SHA-256 of the runtime, if it has one. */
export function runtimeStream(): Sha256Stream | undefined {
  const hash = nodeCrypto()?.createHash?.('sha256')
  return hash && { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
}

/** Returns the CRC-32 of Node, Bun and Deno, if they have it. */
export function runtimeCrc32(): Crc32 | undefined {
  const { process } = globalThis as Host
  return process?.versions?.node ? process.getBuiltinModule?.('node:zlib')?.crc32 : undefined
}
