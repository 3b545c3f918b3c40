/**
 * Explains why a service rejected a signature.
 *
 * @module
 */

export type { SecretCredentials } from '../../../src/internal/credentials.ts'
export type { Now } from '../../../src/internal/encoding.ts'
export type { ReceivedHeaders, ReceivedRequest } from '../../../src/internal/received.ts'
export type { SignedStrings } from './explain/case/case.ts'
export type { ExplainInput } from './explain/case/read.ts'
export { type DiffSegments, highlightDiff } from './explain/compare/highlight.ts'
export type { Decision, Wanted } from './explain/decide.ts'
export { explain } from './explain/explain.ts'
export type { Finding } from './explain/findings.ts'
export { type Inspection, type InspectOptions, inspect } from './explain/inspect.ts'
export { type Cause, type CauseText, causes, causeText } from './explain/model/causes.ts'
export type { Part, PartKind } from './explain/model/clue.ts'
export type { EvidenceItem, EvidenceKind } from './explain/paste/model/found.ts'
export { type Evidence, parseEvidence } from './explain/paste/parse.ts'
export type { Confidence } from './explain/rank.ts'
export type { Explanation } from './explain/report.ts'
export type { RequestAsSent, SignatureLocation } from './explain/request/facts.ts'
export type { Language, Signer } from './explain/request/signer.ts'
export type { ComputedStrings, ResponseAsReceived } from './explain/response/response.ts'
