/**
 * A local S3-compatible server that verifies every request, for tests. For Node, Bun, and Deno.
 *
 * @module
 */

export type { Now } from '../../../src/internal/encoding.ts'
export type {
  Credentials,
  CredentialsLookup,
  FoundCredentials,
  Scope,
  ScopedCredentials,
  SecretCredentials,
  SigningKey,
  WebCryptoKey,
} from '../../../src/verify.ts'
export { type AsyncDisposal, type RunningServer, type ServeOptions, serve } from './serve/server.ts'
