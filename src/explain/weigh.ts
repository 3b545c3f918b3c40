import type { Cause } from './causes.ts'
import type { Clue } from './clue.ts'
import type { Reading } from './response/codes.ts'

// One rule decides which cause comes first, and how sure it is: the table in docs/causes.md shows it.

/** How sure a cause is. `proven`: a received hash, canonical request or signature was computed from it, and no other cause fits. */
export type Confidence = 'proven' | 'likely' | 'possible'

/** The weight of what supports a cause; `seen and told` is both at once. */
const WEIGHTS = {
  reproduced: 6,
  'seen and told': 5,
  compared: 4,
  visible: 3,
  left: 2.5,
  told: 2,
  tolerable: 1,
  common: 0,
} as const

/** Faults for which a service reads a different request than was meant, so that any error can follow from them. */
const MISREAD: readonly Cause[] = [
  'url-html-escaped',
  'signature-v2',
  'two-auths',
  'param-case',
  'keys-swapped',
  'url-double-encoded',
  'date-format',
  'malformed-authorization',
  'malformed-credential',
]

/** A clue with its weight. */
export interface Weighed {
  readonly clue: Clue
  readonly weight: number
  readonly confidence: Confidence
}

/** Weighs clues by what supports them and by what the service says; the strongest first. */
export function weigh(clues: readonly Clue[], reading: Reading | undefined): Weighed[] {
  const told = reading?.causes ?? []
  const isRejected = reading !== undefined && reading.kind !== 'accepted'
  const isPrecise = reading?.kind === 'named' && !reading.isVague
  const shown = new Set<Cause>()
  for (const { cause, ground } of clues) if (ground !== 'told' && ground !== 'common') shown.add(cause)
  // the service has computed a signature of Version 2, or has read what one signs
  const isVersionTwoRead =
    clues.some(({ cause, ground }) => cause === 'header-changed' && ground === 'visible') ||
    told.some((each) => /^(?:expired$|policy-)/.test(each))
  // the Authorization header may have been meant for a different server
  const isForwarded = told.includes('two-auths')
  const isNameShown = told.some((cause) => shown.has(cause))
  const weightOf = ({ cause, ground, message }: Clue): number => {
    const isTold = told.includes(cause)
    const isSeen = ground === 'visible' || ground === 'compared' || ground === 'tolerable'
    // the service has stopped at what it names: whatever else is wrong comes after it
    if (ground === 'reproduced') return told.length && !isTold && isNameShown && isPrecise ? 3.5 : WEIGHTS.reproduced
    if (cause === 'signature-v2' && isVersionTwoRead) return WEIGHTS.tolerable
    if (ground === 'visible' && isRejected && MISREAD.includes(cause) && (isTold || !isForwarded))
      return WEIGHTS['seen and told'] + 0.5
    if (isSeen && isTold && reading?.kind === 'named') return WEIGHTS['seen and told']
    if (ground === 'visible' && reading?.kind === 'elsewhere') return WEIGHTS.tolerable
    if (ground === 'told' && isPrecise) return WEIGHTS.visible + (message ? 0.25 : -0.25)
    return WEIGHTS[ground]
  }
  // a time zone is the least likely difference of two clocks, unless the times show it
  const order = ({ cause, message }: Clue): number =>
    told.includes(cause) && !(cause === 'clock-timezone' && message === undefined) ? told.indexOf(cause) : told.length
  return clues
    .map((clue, at) => ({ clue, at, weight: weightOf(clue) }))
    .sort((a, b) => b.weight - a.weight || order(a.clue) - order(b.clue) || a.at - b.at)
    .map(({ clue, weight }) => ({ clue, weight, confidence: confidenceOf(clue, weight, told) }))
}

function confidenceOf({ ground, message }: Clue, weight: number, told: readonly Cause[]): Confidence {
  if (ground === 'reproduced') return 'proven'
  if (ground === 'told') return told.length === 1 || message !== undefined ? 'likely' : 'possible'
  return weight >= WEIGHTS.left ? 'likely' : 'possible'
}

/** Whether anything of weight was found: otherwise only what is common is left. */
export function isExplained(clues: readonly Clue[]): boolean {
  return clues.some(({ ground }) => WEIGHTS[ground] >= WEIGHTS.told)
}
