import type { Note, Profile, Proof, StoredObject, Test } from '../../../../suite/format/format.ts'
import type { Reply } from './connection.ts'
import { headerOf } from './response.ts'

/**
 * `right`: as it must be; `accepted`: and should have been rejected; `rejected`: and should have been accepted; `either`: both
 * are correct; `untested`: nothing follows from it; `error`: the server failed.
 */
export type Verdict = 'right' | 'accepted' | 'rejected' | 'either' | 'untested' | 'error'

export const VERDICTS: readonly Verdict[] = ['right', 'accepted', 'rejected', 'either', 'untested', 'error']

/** What is known when a test is judged. */
export interface Observation {
  /** 0 without a response. */
  readonly status: number
  /** The status of the valid sibling; missing for a test without one. */
  readonly sibling: number | undefined
}

/** Returns whether a request was accepted: by an S3-compatible server, or by one whose statuses have no known meaning. */
export function isAccepted(profile: Profile, { status, sibling }: Observation): boolean {
  // the path need not exist: what matters is the response to a valid request
  if (profile === 'service')
    return sibling === undefined ? status > 0 && status < 500 && ![400, 401, 403].includes(status) : status === sibling
  // a form may end in 303, and a conditional read in 304; no other redirect is a response to the request
  return (status >= 200 && status < 300) || status === 303 || status === 304
}

/** Returns whether a status shows that an S3-compatible server does not have the operation or the object. */
function isUnsupported(profile: Profile, status: number): boolean {
  return profile !== 'service' && (status === 404 || status === 405 || status === 501)
}

/** Judges the response to a test. An invalid one counts only if its sibling was accepted. */
export function judge({ result }: Pick<Test, 'result'>, profile: Profile, observed: Observation): Verdict {
  const { status, sibling } = observed
  const isComparable = sibling === undefined || isAccepted(profile, { status: sibling, sibling: undefined })
  if ((result === 'invalid' && !isComparable) || isUnsupported(profile, status)) return 'untested'
  const accepted = isAccepted(profile, observed)
  if (!accepted && (status === 0 || status >= 500)) return 'error'
  if (!accepted && status < 400) return 'untested'
  if (result === 'acceptable') return 'either'
  if (result === 'valid') return accepted ? 'right' : 'rejected'
  return accepted ? 'accepted' : 'right'
}

/** Returns whether an object that was read shows that a fault took effect. */
export function isProven(
  { is, has = '' }: Proof,
  objects: readonly StoredObject[],
  { head, body }: Pick<Reply, 'head' | 'body'>,
): boolean {
  if (is !== undefined) return body === objects.find(({ key }) => key === is)?.body
  const [name = '', value] = has.split(': ')
  return headerOf(head, name.toLowerCase()) === value
}

/** Returns the severity of a finding; nothing for other verdicts. A fault without an effect changed nothing. */
export function severityOf(
  verdict: Verdict,
  note: Pick<Note, 'severity'>,
  hasEffect: boolean | undefined,
): Note['severity'] | undefined {
  if (verdict === 'rejected') return 'interoperability'
  if (verdict !== 'accepted') return undefined
  return hasEffect === false ? 'interoperability' : note.severity
}
