/** The part of a runtime's `node:crypto` that is used. */
interface NodeCrypto {
  hash?(algorithm: string, data: string | Uint8Array, encoding: string): string
}

interface Host {
  readonly process?: {
    readonly versions?: { readonly node?: string }
    getBuiltinModule?(name: string): NodeCrypto | undefined
  }
}

/**
 * Returns the one-shot hash function of Node, Bun or Deno, which is faster than any JavaScript; `undefined` in other
 * runtimes. Nothing is imported, so there is nothing for a bundler to resolve. `versions.node` is checked first because
 * Next.js throws at any other use of `process` in its edge runtime.
 */
export function runtimeHash(): NodeCrypto['hash'] {
  const { process } = globalThis as Host
  return process?.versions?.node ? process.getBuiltinModule?.('node:crypto')?.hash : undefined
}
