/**
 * Shows each step of signing a request: the reference to compare with.
 *
 * @module
 */

export type { Duration } from './core/durations.ts'
export type { Expires, Now } from './core/encoding/time.ts'
export type { Credentials, ScopedCredentials, SecretCredentials, SigningKey } from './core/signing/credentials.ts'
export type { ReceivedHeaders } from './received/request.ts'
export { type Trace, type TraceOptions, type TraceRequest, trace } from './trace/trace.ts'
