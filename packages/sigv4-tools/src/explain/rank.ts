import type { Case } from './case/case.ts'
import { isAwsHost } from './faults/host.ts'
import type { Cause } from './model/causes.ts'
import type { Clue, Ground, PartKind } from './model/clue.ts'
import { type SignaturePart, traitsOf } from './model/traits.ts'
import type { Reading } from './response/errors.ts'

// One rule decides which cause is first, and its certainty: the table in docs/causes.md shows it. No other file drops
// or orders clues.

/** The certainty of a cause. `proven`: a received hash, canonical request or signature was computed from it, and no other cause fits. */
export type Confidence = 'proven' | 'likely' | 'possible'

/** The observers of clues, in the order of clues of the same rank. */
export const OBSERVERS = ['proof', 'strings', 'exchanges', 'faults', 'told', 'traces', 'remaining', 'priors'] as const

/** The clues of each observer, in its own order. */
export type Observed = Readonly<Record<(typeof OBSERVERS)[number], readonly Clue[]>>

/** The support for a clue, together with other evidence: the service has read a different request, or also names the cause. */
type Standing = Ground | 'misread' | 'named' | 'late' | 'age'

/** The order of clues. Those of one line are equal: then the order of the observers decides. */
export const ORDER: readonly (readonly Standing[])[] = [
  ['reproduced'],
  ['misread'],
  ['named'],
  ['compared'],
  ['late'],
  ['fault', 'stated'],
  ['left'],
  ['either'],
  ['told'],
  ['note', 'trace'],
  ['prior'],
  ['age'],
]

function placeOf(standing: Standing): number {
  return ORDER.findIndex((line) => line.includes(standing))
}

/** Returns whether a clue is at least as good as one that has a standing. */
function isAsGood(standing: Standing, as: Standing): boolean {
  return placeOf(standing) <= placeOf(as)
}

/** A clue with its certainty. */
export interface Ranked {
  readonly clue: Clue
  readonly confidence: Confidence
  /** Whether the service names the cause as well. */
  readonly isTold: boolean
}

/** Maximum number of findings. */
const MOST = 50

const NOTHING: Observed = {
  proof: [],
  strings: [],
  exchanges: [],
  faults: [],
  told: [],
  traces: [],
  remaining: [],
  priors: [],
}

/** Drops clues that the evidence cannot show or that others explain, and orders the rest. `fits`: the credentials produced the signature. */
export function rank(some: Partial<Observed>, given: Case, fits: boolean | undefined): Ranked[] {
  const observed: Observed = { ...NOTHING, ...some }
  const { hints, reading } = given
  const told = reading?.kind === 'named' ? reading.causes : []
  const faults = undated(visible(observed.faults, given), given)
  const sure = withoutEffects({ ...observed, faults })
  const isExplained = sure.some((clue) => {
    if (!isAsGood(clue.ground, 'told')) return false
    // a different problem that the service found does not explain a wrong signature
    return traitsOf(clue.cause).of !== 'other' || fits !== false
  })
  const rest = [...observed.traces, ...observed.remaining, ...observed.priors]
  const kept = isExplained ? rest.filter((clue) => isHinted(clue, hints) && told.includes(clue.cause)) : rest
  return distinct(sorted([...sure, ...kept], given, fits))
}

/** Ranks the faults of a request alone, in the order in which they were found. */
export function rankFaults(faults: readonly Clue[]): Ranked[] {
  return distinct(
    faults.map((clue) => ({ clue, confidence: clue.ground === 'fault' ? 'likely' : 'possible', isTold: false })),
  )
}

function visible(faults: readonly Clue[], { shown, reading, response, facts, request }: Case): Clue[] {
  const isLate = faults.some(({ cause }) => cause === 'missing-field')
  // a service cannot compare the signature of a request without a date: only a part of its headers is shown
  const isUndated =
    (reading?.kind === 'mismatch' &&
      faults.some(({ cause, expected }) => cause === 'missing-header' && expected === 'x-amz-date')) ||
    // of a canonical request alone, the end may be missing
    (!shown.has('sent') && facts.claim.date === '')
  const listed = new Set(facts.claim.signedHeaders)
  return faults.filter(({ cause, expected }) => {
    const { needs, isPartial } = traitsOf(cause)
    // the service compared signatures, so it received what it requires: a program did not print it
    if (reading?.kind === 'mismatch' && cause === 'missing-header' && listed.has(expected ?? '')) return false
    if (request.isPartial && isPartial) return false
    if (needs !== undefined && !shown.has(needs)) return false
    if (isUndated && isPartial) return false
    if (cause === 'cors') return reading?.kind !== 'accepted'
    // AWS rejects this version by name where it does not accept it
    if (cause === 'signature-v2' && reading?.kind === 'mismatch' && isAwsHost(facts) && !response?.stringToSign)
      return false
    // a form may have its fields after the file, and a service that has read a signature received one
    return cause !== 'anonymous' || (!isLate && (facts.form !== undefined || !hasReadSignature(reading)))
  })
}

function hasReadSignature(reading: Reading | undefined): boolean {
  if (reading?.kind !== 'named') return reading?.kind === 'mismatch'
  const [first] = reading.causes
  const isMalformed = first !== undefined && traitsOf(first).isInAuthorization
  return !reading.causes.includes('anonymous') && !(reading.isVague && isMalformed)
}

/** The time of pasting is not that of the request: one that was kept has expired by now, whatever was wrong with it. */
function undated(faults: readonly Clue[], { shown }: Case): Clue[] {
  return faults.map((each) => (!shown.has('time') && traitsOf(each.cause).isTime ? { ...each, ground: 'note' } : each))
}

/** Drops the differences that a fault explains: a reproduced difference proves the fault instead. */
function withoutEffects({ proof, strings, exchanges, faults, told }: Observed): Clue[] {
  const causes = faults.filter(({ ground }) => ground === 'fault').slice(0, 50)
  const proven = new Set<Clue>()
  const differences = [...proof, ...strings, ...exchanges].filter((difference) => {
    const root = difference.part && causes.find((fault) => explains(fault, difference))
    if (root === undefined) return true
    if (difference.ground === 'reproduced') proven.add(root)
    return false
  })
  const grounded = faults.map((fault): Clue => (proven.has(fault) ? { ...fault, ground: 'reproduced' } : fault))
  return [...differences, ...grounded, ...told]
}

/** Returns whether a fault explains a difference: a part that is missing, repeated or malformed was not changed. */
function explains(fault: Clue, difference: Clue): boolean {
  if (fault.cause === difference.cause) return false
  const { hides } = traitsOf(fault.cause)
  const { of, follows = [] } = traitsOf(difference.cause)
  if (hides === undefined || hides === 'everything') return hides !== undefined
  if (hides === 'query') return of === 'query'
  const name = difference.part?.name?.toLowerCase() ?? ''
  const [named = ''] = hides === 'expected' ? [fault.expected] : hides === 'actual' ? [fault.actual] : []
  const parts = Array.isArray(hides) ? hides.map((part) => `x-amz-${part}`) : [named.toLowerCase()]
  return parts.some((part) => part !== '' && (name === part || follows.includes(part.slice(6) as SignaturePart)))
}

function isHinted({ cause, ground }: Clue, hints: readonly Cause[]): boolean {
  return ground === 'trace' && hints.includes(cause)
}

function sorted(clues: readonly Clue[], given: Case, fits: boolean | undefined): Ranked[] {
  const told = given.reading?.causes ?? []
  const standingOf = standings(clues, given, fits)
  // a time zone is the least likely difference of two clocks, unless the times show it
  const order = ({ cause, message }: Clue): number =>
    told.includes(cause) && !(cause === 'clock-timezone' && message === undefined) ? told.indexOf(cause) : told.length
  return clues
    .map((clue) => ({ clue, standing: standingOf(clue) }))
    .sort((a, b) => placeOf(a.standing) - placeOf(b.standing) || order(a.clue) - order(b.clue))
    .map(({ clue, standing }) => {
      const isTold = clue.ground === 'told' || clue.ground === 'stated' || standing === 'named'
      return { clue, confidence: confidenceOf(clue, standing, told), isTold }
    })
}

/** Returns a function for the standing of a clue, by its support and by the service's statements. */
function standings(
  clues: readonly Clue[],
  { reading, hints, shown }: Case,
  fits: boolean | undefined,
): (clue: Clue) => Standing {
  const told = reading?.causes ?? []
  const isNamed = reading?.kind === 'named'
  const isPrecise = isNamed && !reading.isVague
  const isRejected = reading !== undefined && reading.kind !== 'accepted'
  const isSeen = (clue: Clue): boolean =>
    /^(?:reproduced|compared|fault|note)$/.test(clue.ground) || isHinted(clue, hints)
  const isNameSeen = clues.some((clue) => isSeen(clue) && told.includes(clue.cause))
  // the service has computed a signature of Version 2, or has read what one signs
  const isVersionTwoRead =
    clues.some(({ cause, ground }) => cause === 'header-changed' && ground === 'fault') ||
    told.some((each) => each === 'expired' || traitsOf(each).of === 'form')
  // a search without a result names everything that it could not try: what is visible is as likely as all but the first two
  const untried = fits === false ? clues.filter(({ ground }) => ground === 'either').slice(2) : []
  return (clue) => {
    const { cause, ground } = clue
    if (untried.includes(clue)) return 'prior'
    const isTold = told.includes(cause)
    // the service stopped at the cause that it names: any other fault comes later
    if (ground === 'reproduced') return isPrecise && isNameSeen && !isTold ? 'late' : ground
    if (cause === 'signature-v2' && isVersionTwoRead) return 'note'
    const isAge = ground === 'note' && traitsOf(cause).isTime && !shown.has('time')
    if (isAge && !(isTold && isPrecise)) return 'age'
    // the Authorization header may have been meant for a different server
    const isMisread = ground === 'fault' && isRejected && traitsOf(cause).isMisread
    if (isMisread && (isTold || !told.includes('two-auths'))) return 'misread'
    if (isNamed && isTold && isSeen(clue)) return 'named'
    if (ground === 'fault' && !traitsOf(cause).isOwn && reading?.kind === 'elsewhere') return 'note'
    // the values in an error that has many causes may not be the reason
    return ground === 'stated' && !isPrecise ? 'told' : ground
  }
}

function confidenceOf({ ground }: Clue, standing: Standing, told: readonly Cause[]): Confidence {
  if (ground === 'reproduced') return 'proven'
  if (ground === 'stated' || (ground === 'told' && told.length === 1)) return 'likely'
  return ground !== 'told' && isAsGood(standing, 'left') ? 'likely' : 'possible'
}

/** Parts in which a client can make several mistakes with the same cause. */
const ASSEMBLED: readonly (PartKind | undefined)[] = ['canonical request', 'string to sign', 'signing key']

/** The first clue of each cause, or of each cause and part of what differs. */
function distinct(ranked: readonly Ranked[]): Ranked[] {
  const seen = new Set<string>()
  let isExplained = false
  return ranked
    .map((each) => specific(each, ranked))
    .filter(({ clue: { cause, part, ground, expected, message = expected }, confidence }) => {
      // a problem with the signature explains the error
      if (isExplained && cause === 'not-auth') return false
      isExplained ||= confidence !== 'possible'
      const isWhole = part === undefined || ground === 'told' || ground === 'stated'
      const mistake = ground === 'reproduced' && ASSEMBLED.includes(part?.of) ? message : ''
      const key = `${cause} ${part?.of} ${part?.name} ${mistake}`
      const isNew = !seen.has(isWhole ? cause : key)
      seen.add(cause).add(key)
      return isNew
    })
    .slice(0, MOST)
}

/** A cause that is only possible, with the part that has it according to another clue. */
function specific(each: Ranked, ranked: readonly Ranked[]): Ranked {
  const { cause, part, message } = each.clue
  if (part !== undefined || message !== undefined || each.confidence !== 'possible') return each
  const other = ranked.find(({ clue }) => clue.cause === cause && clue.part !== undefined)
  return other ? { ...each, clue: other.clue } : each
}
