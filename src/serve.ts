/**
 * A local S3-compatible server that verifies every request, for tests. For Node, Bun, and Deno.
 *
 * @module
 */

export type { SecretCredentials } from './core/signing/credentials.ts'
export type { Scope } from './core/signing/scope.ts'
export { type AsyncDisposal, type RunningServer, type ServeOptions, serve } from './serve/server.ts'
export type {
  Credentials,
  CredentialsLookup,
  FoundCredentials,
  ScopedCredentials,
  SigningKey,
  WebCryptoKey,
} from './verify.ts'
