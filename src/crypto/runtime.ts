/** The one-shot hash function of `node:crypto`. */
export type Hash = (algorithm: string, data: string | Uint8Array, encoding: string) => string

interface Host {
  readonly process?: {
    readonly versions?: { readonly node?: string; readonly deno?: string }
    getBuiltinModule?(name: string): { hash?: Hash } | undefined
  }
}

/**
 * Returns the one-shot hash function of Node, Bun or Deno, which is faster than any JavaScript; `undefined` in other
 * runtimes, and for short messages in Deno, where a call costs more than hashing them in JavaScript. Nothing is imported,
 * so there is nothing for a bundler to resolve. `versions.node` is checked first because Next.js throws at any other use
 * of `process` in its edge runtime.
 */
export function runtimeHash(length: 'short' | 'long'): Hash | undefined {
  const { process } = globalThis as Host
  const versions = process?.versions
  if (!versions?.node || (versions.deno && length === 'short')) return undefined
  return process?.getBuiltinModule?.('node:crypto')?.hash
}
