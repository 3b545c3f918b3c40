import type { Cause } from './causes.ts'

// Properties of causes, other than their sentences: one row per cause, which all code reads.

/**
 * A part of the evidence that may be missing. `headers`: at least those that were signed; `all headers`: the others too;
 * `key`: the access key ID; `sent`: that the request was sent; `time`: its time.
 */
export type Shown =
  | 'request'
  | 'method'
  | 'target'
  | 'headers'
  | 'all headers'
  | 'body'
  | 'key'
  | 'signature'
  | 'sent'
  | 'time'

/** A part of the signature that can be missing, repeated, or malformed. */
export type SignaturePart =
  | 'algorithm'
  | 'credential'
  | 'date'
  | 'expires'
  | 'signedheaders'
  | 'signature'
  | 'content-sha256'

/** The properties of a cause. */
export interface Traits {
  /** The subject of the cause. `other`: not the signature, so a new one does not help. */
  readonly of?: 'form' | 'other' | 'query'
  /** The parts without which a request does not show it. */
  readonly needs?: Shown
  /** It differs in consequence if one of these parts is missing, repeated, or malformed. */
  readonly follows?: readonly SignaturePart[]
  /** As a fault, it explains differences: of these parts, of the part that it names as expected or actual, or all. */
  readonly hides?: readonly SignaturePart[] | 'expected' | 'actual' | 'query' | 'everything'
  /** As a fault, it makes services read a different request than was meant, so that any error can follow. */
  readonly isMisread?: true
  /** A request that shows only a part of its headers seems to have it. */
  readonly isPartial?: true
  /** It explains an error that is not about the signature. */
  readonly isOwn?: true
  /** The server did not read the signature. */
  readonly isUnread?: true
  /** It depends on the time. */
  readonly isTime?: true
  /** The headers show it, as they were sent. */
  readonly isInHeaders?: true
  /** A part of the credential scope is not the one that the service requires. */
  readonly isScope?: true
  /** The Authorization header shows it on its own. */
  readonly isInAuthorization?: true
  /** A value changed after signing. */
  readonly isChange?: true
  /** Its place among the usual causes of a signature that does not match: of 75 public threads with no more evidence, 11 to 5 had it. */
  readonly prior?: number
}

/** The causes that have any. */
const TRAITS: Readonly<Partial<Record<Cause, Traits>>> = {
  'wrong-secret': { prior: 1 },
  'unknown-access-key': { needs: 'key', follows: ['credential'] },
  'keys-swapped': { isMisread: true },
  'key-derivation': { follows: ['credential'] },
  'session-token': { isPartial: true, isInHeaders: true, isChange: true },
  expired: { needs: 'sent', isTime: true },
  'expires-range': { hides: ['expires'] },
  'expires-format': { hides: ['expires'] },
  'clock-past': { needs: 'sent', follows: ['date'], isTime: true },
  'clock-future': { needs: 'sent', follows: ['date'], isTime: true },
  'clock-timezone': { needs: 'sent', follows: ['date'], isTime: true },
  'date-format': { isPartial: true, follows: ['date'], hides: ['date'], isMisread: true },
  'date-mismatch': { follows: ['date'], isChange: true },
  'scope-date': { follows: ['credential', 'date'], isScope: true },
  'scope-region': { follows: ['credential'], isScope: true },
  'scope-service': { follows: ['credential'], isScope: true },
  'scope-terminator': { follows: ['credential'], isScope: true, isInAuthorization: true },
  algorithm: { follows: ['algorithm'], isInAuthorization: true },
  'signature-v2': { isMisread: true },
  anonymous: { needs: 'headers', hides: 'everything' },
  'two-auths': { hides: 'everything', isMisread: true },
  'malformed-authorization': {
    needs: 'all headers',
    hides: ['credential', 'signedheaders', 'signature'],
    isMisread: true,
    isInAuthorization: true,
  },
  'malformed-credential': {
    needs: 'key',
    follows: ['credential'],
    hides: ['credential'],
    isMisread: true,
    isInAuthorization: true,
  },
  'malformed-signature': { needs: 'signature', follows: ['signature'], hides: ['signature'], isInAuthorization: true },
  'tampered-signature': { follows: ['signature'] },
  'signature-case': { follows: ['signature'], isInAuthorization: true },
  'missing-param': { of: 'query', hides: 'expected' },
  'missing-header': { needs: 'headers', hides: 'expected', isPartial: true, isInHeaders: true },
  'param-case': { hides: 'expected', isMisread: true },
  method: { isInHeaders: true },
  host: { follows: ['signedheaders'], isInHeaders: true, prior: 6 },
  'host-port': { follows: ['signedheaders'], isInHeaders: true },
  path: { isChange: true },
  'path-encoding': { prior: 3 },
  'path-normalization': { prior: 5 },
  'query-extra': { of: 'query' },
  'query-removed': { of: 'query' },
  'query-changed': { of: 'query', isChange: true },
  'query-order': { of: 'query' },
  'query-duplicate': { of: 'query', hides: 'actual' },
  'query-plus': { of: 'query' },
  'query-encoding': { of: 'query' },
  'query-empty-value': { of: 'query' },
  'url-html-escaped': { hides: 'everything', isMisread: true },
  'url-double-encoded': { hides: 'query', isMisread: true },
  'header-missing': { needs: 'headers', follows: ['signedheaders'], isPartial: true, isInHeaders: true },
  'header-changed': { follows: ['signedheaders'], isInHeaders: true, isChange: true, prior: 2 },
  'header-whitespace': { follows: ['signedheaders'], isInHeaders: true },
  'signed-headers': { follows: ['signedheaders'] },
  'unsigned-header': { needs: 'all headers', follows: ['signedheaders'], isInHeaders: true },
  'content-length': { needs: 'headers', isInHeaders: true, isChange: true },
  'content-md5': { isInHeaders: true, isChange: true },
  checksum: { isInHeaders: true, isChange: true },
  'payload-hash': { follows: ['content-sha256'] },
  'payload-mismatch': { follows: ['content-sha256'], prior: 4 },
  streaming: { isInHeaders: true },
  'streaming-chunk-signature': { isInHeaders: true },
  'policy-missing': { of: 'form' },
  'policy-malformed': { of: 'form' },
  'policy-expired': { of: 'form', isTime: true },
  'policy-condition': { of: 'form' },
  'policy-extra-field': { of: 'form' },
  'policy-too-large': { of: 'form' },
  'policy-too-small': { of: 'form' },
  'not-supported': { isOwn: true, isUnread: true },
  cors: { of: 'other', isOwn: true },
  'not-auth': { of: 'other' },
}

/** The properties of a cause. */
export function traitsOf(cause: Cause): Traits {
  return TRAITS[cause] ?? {}
}

/** The usual causes of a signature that does not match, the most frequent first. */
export function usualCauses(): Cause[] {
  const rows = Object.entries(TRAITS) as [Cause, Traits][]
  return rows
    .filter(([, { prior }]) => prior !== undefined)
    .sort(([, a], [, b]) => a.prior! - b.prior!)
    .map(([cause]) => cause)
}
