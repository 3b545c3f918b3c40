/**
 * A proxy that signs requests, signs them again with other credentials, or explains why they are rejected. For Node, Bun,
 * and Deno.
 *
 * @module
 */

export type {
  Credentials,
  CredentialsProvider,
  ScopedCredentials,
  SigningKey,
  WebCryptoKey,
} from '../../../src/credentials.ts'
export type { SecretCredentials } from '../../../src/internal/credentials.ts'
export type { Now } from '../../../src/internal/encoding.ts'
export type { Cause } from './explain.ts'
export type { LoggedRequest, ProxyMode, ProxyOptions } from './proxy/options/options.ts'
export { type AsyncDisposal, proxy, type RunningProxy } from './proxy/server.ts'
export type { Transfer } from './proxy/transfers.ts'
