import type { Case, Shown } from './case/case.ts'
import { explains, MISREAD } from './hides.ts'
import type { Cause } from './model/causes.ts'
import type { Ground, Sign } from './model/sign.ts'
import type { Reading } from './response/errors.ts'

// One rule decides which cause comes first, and how sure it is: the table in docs/causes.md shows it. No other file drops
// or orders signs.

/** How sure a cause is. `proven`: a received hash, canonical request or signature was computed from it, and no other cause fits. */
export type Confidence = 'proven' | 'likely' | 'possible'

/** Who found a sign, in the order of signs that are worth the same. */
export const OBSERVERS = ['proof', 'strings', 'faults', 'told', 'traces', 'remaining', 'priors'] as const

/** The signs of each observer, in its own order. */
export type Observed = Readonly<Record<(typeof OBSERVERS)[number], readonly Sign[]>>

/** The weight of what supports a cause. */
const WEIGHTS: Readonly<Record<Ground, number>> = {
  reproduced: 6,
  compared: 4,
  fault: 3,
  left: 2.5,
  either: 2.4,
  told: 2,
  note: 1,
  trace: 1,
  prior: 0,
}

/** What is seen and also named by the service. */
const SEEN_AND_TOLD = 5

/** A sign with its weight. */
export interface Ranked {
  readonly sign: Sign
  readonly confidence: Confidence
  /** Whether the service names the cause as well. */
  readonly isTold: boolean
}

/** The parts without which a cause cannot be seen in a request. */
const NEEDS: Partial<Record<Cause, Shown>> = {
  'header-missing': 'headers',
  'missing-header': 'headers',
  'content-length': 'headers',
  anonymous: 'headers',
  'unsigned-header': 'all headers',
  'malformed-authorization': 'all headers',
  'malformed-credential': 'key',
  'unknown-access-key': 'key',
  'malformed-signature': 'signature',
  expired: 'sent',
  'clock-past': 'sent',
  'clock-future': 'sent',
  'clock-timezone': 'sent',
}

/** What a request seems to lack if only a part of its headers is shown. */
const PARTIAL: readonly Cause[] = ['missing-header', 'header-missing', 'session-token']

/** Causes that depend on the time. */
const TIMES: readonly Cause[] = ['expired', 'clock-past', 'clock-future', 'clock-timezone', 'policy-expired']

/** Maximum number of findings. */
const MOST = 50

/** Drops what cannot be seen and what other signs explain, and orders the rest. `fits`: the credentials made the signature. */
export function rank(observed: Observed, given: Case, fits: boolean | undefined): Ranked[] {
  const { hints, reading } = given
  const told = reading?.kind === 'named' ? reading.causes : []
  const faults = undated(visible(observed.faults, given), given)
  const sure = withoutEffects({ ...observed, faults })
  const isExplained = sure.some((sign) => {
    if (WEIGHTS[sign.ground] < WEIGHTS.told) return false
    // a different problem that the service found does not explain a wrong signature
    if (/^(?:not-auth|cors)$/.test(sign.cause) && fits === false) return false
    // a URL that was kept has expired by now, and something else may be wrong with it
    return given.shown.has('time') || sign.ground !== 'fault' || !TIMES.includes(sign.cause)
  })
  const rest = [...observed.traces, ...observed.remaining, ...observed.priors]
  const kept = isExplained ? rest.filter((sign) => isHinted(sign, hints) && told.includes(sign.cause)) : rest
  return distinct(sorted([...sure, ...kept], given))
}

/** Ranks the faults of a request alone, in the order in which they were found. */
export function rankFaults(faults: readonly Sign[]): Ranked[] {
  return distinct(
    faults.map((sign) => ({ sign, confidence: sign.ground === 'fault' ? 'likely' : 'possible', isTold: false })),
  )
}

/** The faults that the evidence can show. */
function visible(faults: readonly Sign[], { shown, reading, facts }: Case): Sign[] {
  const isLate = faults.some(({ cause }) => cause === 'missing-field')
  // a service cannot compare the signature of a request without a date: only a part of its headers is shown
  const isPartial =
    reading?.kind === 'mismatch' &&
    faults.some(({ cause, expected }) => cause === 'missing-header' && expected === 'x-amz-date')
  return faults.filter(({ cause }) => {
    const needed = NEEDS[cause]
    if (needed !== undefined && !shown.has(needed)) return false
    if (isPartial && PARTIAL.includes(cause)) return false
    if (cause === 'cors') return reading?.kind !== 'accepted'
    // a form may have its fields after the file, and a service that has read a signature received one
    return cause !== 'anonymous' || (!isLate && (facts.form !== undefined || !hasReadSignature(reading)))
  })
}

function hasReadSignature(reading: Reading | undefined): boolean {
  if (reading?.kind !== 'named') return reading?.kind === 'mismatch'
  const isMalformed = reading.causes[0]?.startsWith('malformed-')
  return !reading.causes.includes('anonymous') && !(reading.isVague && isMalformed)
}

/** A request that was kept has expired by now, whatever was wrong with it: then the time is no more than a note. */
function undated(faults: readonly Sign[], { shown, response }: Case): Sign[] {
  const isTime = ({ cause }: Sign): boolean => TIMES.includes(cause)
  const isNote =
    !shown.has('time') && (response !== undefined || faults.some((each) => each.ground === 'fault' && !isTime(each)))
  return faults.map((each) => (isNote && isTime(each) ? { ...each, ground: 'note' } : each))
}

/** Drops the differences that a fault explains: what was reproduced proves the fault instead. */
function withoutEffects({ proof, strings, faults, told }: Observed): Sign[] {
  const causes = faults.filter(({ ground }) => ground === 'fault').slice(0, 50)
  const proven = new Set<Sign>()
  const differences = [...proof, ...strings].filter((difference) => {
    const root = difference.part && causes.find((fault) => explains(fault, difference))
    if (root === undefined) return true
    if (difference.ground === 'reproduced') proven.add(root)
    return false
  })
  const grounded = faults.map((fault): Sign => (proven.has(fault) ? { ...fault, ground: 'reproduced' } : fault))
  return [...differences, ...grounded, ...told]
}

/** Whether the caller suggests the cause. */
function isHinted({ cause, ground }: Sign, hints: readonly Cause[]): boolean {
  return ground === 'trace' && hints.includes(cause)
}

function sorted(signs: readonly Sign[], given: Case): Ranked[] {
  const told = given.reading?.causes ?? []
  const weightOf = weights(signs, given)
  // a time zone is the least likely difference of two clocks, unless the times show it
  const order = ({ cause, message }: Sign): number =>
    told.includes(cause) && !(cause === 'clock-timezone' && message === undefined) ? told.indexOf(cause) : told.length
  return signs
    .map((sign) => ({ sign, weight: weightOf(sign) }))
    .sort((a, b) => b.weight - a.weight || order(a.sign) - order(b.sign))
    .map(({ sign, weight }) => {
      const isTold = sign.ground === 'told' || weight === SEEN_AND_TOLD
      return { sign, confidence: confidenceOf(sign, weight, told), isTold }
    })
}

/** Weighs signs by what supports them and by what the service says. */
function weights(signs: readonly Sign[], { reading, hints }: Case): (sign: Sign) => number {
  const told = reading?.causes ?? []
  const isNamed = reading?.kind === 'named'
  const isPrecise = isNamed && !reading.isVague
  const isRejected = reading !== undefined && reading.kind !== 'accepted'
  const isSeen = (sign: Sign): boolean =>
    /^(?:reproduced|compared|fault|note)$/.test(sign.ground) || isHinted(sign, hints)
  const isNameSeen = signs.some((sign) => isSeen(sign) && told.includes(sign.cause))
  // the service has computed a signature of Version 2, or has read what one signs
  const isVersionTwoRead =
    signs.some(({ cause, ground }) => cause === 'header-changed' && ground === 'fault') ||
    told.some((each) => /^(?:expired$|policy-)/.test(each))
  return (sign) => {
    const { cause, ground, message } = sign
    const isTold = told.includes(cause)
    // the service has stopped at what it names: whatever else is wrong comes after it
    if (ground === 'reproduced') return isPrecise && isNameSeen && !isTold ? WEIGHTS.fault + 0.5 : WEIGHTS.reproduced
    if (cause === 'signature-v2' && isVersionTwoRead) return WEIGHTS.note
    // the Authorization header may have been meant for a different server
    if (ground === 'fault' && isRejected && MISREAD.includes(cause) && (isTold || !told.includes('two-auths')))
      return SEEN_AND_TOLD + 0.5
    if (isNamed && isTold && isSeen(sign)) return SEEN_AND_TOLD
    if (ground === 'fault' && !/^(?:cors|not-supported)$/.test(cause) && reading?.kind === 'elsewhere')
      return WEIGHTS.note
    // with the values of its message, it is as good as seen
    return ground === 'told' && isPrecise && message !== undefined ? WEIGHTS.fault : WEIGHTS[ground]
  }
}

function confidenceOf({ ground, message }: Sign, weight: number, told: readonly Cause[]): Confidence {
  if (ground === 'reproduced') return 'proven'
  if (ground === 'told') return told.length === 1 || message !== undefined ? 'likely' : 'possible'
  return weight >= WEIGHTS.left ? 'likely' : 'possible'
}

/** The first sign of each cause, or of each cause and part of what differs. */
function distinct(ranked: readonly Ranked[]): Ranked[] {
  const seen = new Set<string>()
  let isExplained = false
  return ranked
    .filter(({ sign: { cause, part, ground }, confidence }) => {
      // a problem with the signature explains the error
      if (isExplained && cause === 'not-auth') return false
      isExplained ||= confidence !== 'possible'
      const isWhole = part === undefined || ground === 'told'
      const key = `${cause} ${part?.of} ${part?.name}`
      const isNew = !seen.has(isWhole ? cause : key)
      seen.add(cause).add(key)
      return isNew
    })
    .slice(0, MOST)
}
