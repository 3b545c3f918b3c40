/**
 * Explains why a service rejected a signature, and shows each step of signing.
 *
 * @module
 */

export type { Expires } from './core/encoding/time.ts'
export type { Credentials, ScopedCredentials, SecretCredentials, SigningKey } from './core/signing/credentials.ts'
export type { SignedStrings } from './explain/case/case.ts'
export type { ExplainInput } from './explain/case/read.ts'
export { type DiffSegments, highlightDiff } from './explain/compare/highlight.ts'
export type { Decision, Wanted } from './explain/decide.ts'
export { explain } from './explain/explain.ts'
export type { Finding } from './explain/findings.ts'
export { type Inspection, inspect } from './explain/inspect.ts'
export { causeText } from './explain/model/cause-text.ts'
export { type Cause, type CauseText, causes } from './explain/model/causes.ts'
export type { Part, PartKind } from './explain/model/clue.ts'
export type { Confidence } from './explain/rank.ts'
export type { Explanation } from './explain/report.ts'
export type { RequestAsSent, SignatureLocation } from './explain/request/facts.ts'
export type { ComputedStrings, ResponseAsReceived } from './explain/response/response.ts'
export { type Trace, type TraceOptions, type TraceRequest, trace } from './explain/trace.ts'
export type { EvidenceItem, EvidenceKind } from './paste/model/found.ts'
export { type Evidence, parseEvidence } from './paste/parse.ts'
export type { ReceivedHeaders, ReceivedRequest } from './received/request.ts'
