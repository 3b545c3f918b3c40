import { type Explanation, explain } from '../../../src/explain.ts'
import { ONLY_THE_SECRET_TELLS } from './generator/causes.ts'
import { bodyBytes, type RecordedCase, type Recording, readRecording, SERVERS, type ServerName } from './recorded.ts'
import { isCompared, isSoundAsSent } from './sound.ts'

// How well the causes of recorded requests are named, with more and less to go by.

/** What is known. */
export const TIERS = {
  A: 'request, response, credentials',
  B: 'request, response, what the client signed; where the server shows its strings',
  C: 'request, response',
  D: 'request, credentials',
} as const

export type Tier = keyof typeof TIERS

/** How a case ended: `top`: not first, among the first three; `wrong`: something else was said to be proven. */
export type Result = 'first' | 'top' | 'missed'

export interface Score {
  recorded: RecordedCase
  tier: Tier
  result: Result
  /** The findings, `cause confidence`. */
  said: string[]
  /** Something that is not the cause was called proven. */
  wronglyProven: boolean
  /** Tier C: the cause cannot be known, and `explain` reports that. */
  cannotTell: boolean
  explanation: Explanation
  milliseconds: number
  /** Why the right cause is not the first one; undefined if it is. */
  reason?: string
}

/** What no request shows: the server has to be asked. */
const ONLY_THE_ANSWER_TELLS = /^(?:not-auth$)|\/no-temporary-credentials\/|\/nobody-issued-it\//

export const showsStrings = ({ response }: RecordedCase): boolean => response.body.includes('<StringToSign>')

/** Whether a case counts in a tier. */
export function counts(recorded: RecordedCase, tier: Tier): boolean {
  if (!recorded.refused || recorded.cause === 'none') return false
  if (tier === 'B') return showsStrings(recorded)
  return tier !== 'D' || !(ONLY_THE_ANSWER_TELLS.test(recorded.cause) || ONLY_THE_ANSWER_TELLS.test(recorded.id))
}

/** Explains a recorded request with what the tier allows. */
export function explained(
  recorded: RecordedCase,
  { credentials }: Recording,
  tier: Tier,
  isReceived = false,
): Explanation {
  const { request, response, signed, now } = recorded
  const { method, target, headers } = request
  return explain({
    request: { method, url: target, headers, body: bodyBytes(request), ...(isReceived && { isReceived }) },
    ...(tier === 'D' ? {} : { response }),
    ...(tier === 'A' || tier === 'D' ? { credentials: credentials[recorded.credentials]! } : {}),
    ...(tier === 'B' ? { signed } : {}),
    now,
  })
}

/** Every cause that is right for a case. */
export function rightCauses(recorded: RecordedCase, tier: Tier): string[] {
  const { cause, alternatives = [] } = recorded
  const secret = tier === 'B' || tier === 'C' ? ONLY_THE_SECRET_TELLS : []
  // a server that computes a signature for the id that is the secret takes any id
  const swapped = cause === 'keys-swapped' && showsStrings(recorded)
  // what the key ID is worth, only a server tells that knows its keys
  const unknown = cause === 'unknown-access-key' && tier !== 'A' && showsStrings(recorded)
  const same = swapped || unknown || secret.some((other) => other === cause) ? secret : []
  return [cause, ...alternatives, ...same]
}

export function score(recorded: RecordedCase, recording: Recording, tier: Tier): Score {
  const start = performance.now()
  const explanation = explained(recorded, recording, tier)
  const milliseconds = performance.now() - start
  const { findings } = explanation
  const right = rightCauses(recorded, tier)
  const at = findings.findIndex(({ cause }) => right.includes(cause))
  const result = at === 0 ? 'first' : at > 0 && at < 3 ? 'top' : 'missed'
  const isSound = tier === 'C' && result !== 'first' && isSoundAsSent(recorded, recording)
  return {
    ...{ recorded, tier, result, explanation, milliseconds },
    said: findings.map(({ cause, confidence }) => `${cause} ${confidence}`),
    wronglyProven: findings.some(({ cause, confidence }) => confidence === 'proven' && !right.includes(cause)),
    cannotTell: isSound && saysCannotTell(findings),
    ...(at === 0 ? {} : { reason: reasonOf(recorded, tier, explanation, at, isSound) }),
  }
}

/** Nothing is claimed: every finding is only possible, and that the secret may be wrong is among the first three. */
const saysCannotTell = (findings: Explanation['findings']): boolean =>
  findings.every(({ confidence }) => confidence === 'possible') &&
  findings.slice(0, 3).some(({ cause }) => cause === 'wrong-secret')

function reasonOf(
  recorded: RecordedCase,
  tier: Tier,
  { findings, verdict, signature }: Explanation,
  at: number,
  isSound: boolean,
): string {
  const place = at > 0 ? `; the right cause is number ${at + 1}` : ''
  if (recorded.lost && tier !== 'B') return `lost: what was signed is nowhere in the request${place}`
  if (isSound) return `not visible: the request is sound as sent${place}`
  const { response } = recorded
  const [, code = ''] = /<Code>([^<]*)/.exec(response.body) ?? []
  const [, message = ''] = /<Message>([^<]*)/.exec(response.body) ?? []
  if (tier !== 'D' && code !== '' && !isCompared(recorded))
    return `the service names something else: ${code}: ${message.slice(0, 160)}${place}`
  if (tier !== 'D' && response.body === '') return `the service says nothing: status ${response.status}${place}`
  const [first] = findings
  if (!first) return `nothing was found; the signature is called ${signature}: ${verdict.slice(0, 160)}`
  return `${first.evidence.startsWith('Nothing') ? 'not visible' : 'something else is seen first'}: ${first.evidence.slice(0, 160)}${place}`
}

let known: Map<ServerName, Recording> | undefined

/** All recordings there are. */
export function recordings(): Map<ServerName, Recording> {
  known ??= new Map(
    SERVERS.map((server) => [server, readRecording(server)] as const).filter(
      (pair): pair is [ServerName, Recording] => pair[1] !== undefined,
    ),
  )
  return known
}

export function scoreAll(recording: Recording, tier: Tier): Score[] {
  return recording.cases.filter((each) => counts(each, tier)).map((each) => score(each, recording, tier))
}

const scores = new Map<string, readonly Score[]>()

/** Explains all recorded requests of a server with what a tier allows, once. */
export function scoresOf(server: ServerName, tier: Tier): readonly Score[] {
  const key = `${server} ${tier}`
  const own = scores.get(key) ?? scoreAll(recordings().get(server)!, tier)
  scores.set(key, own)
  return own
}

const SECRET_MAYBE = 'wrong-secret possible'

/** What a number of scores comes to. */
export interface Summary {
  cases: number
  first: number
  topThree: number
  missed: number
  lost: number
  wrong: number
  /** Right at first, or the cause cannot be known and `explain` reports that. */
  honest: number
  /** The same, if only `wrong-secret` as the first finding counts as such a word. */
  strictlyHonest: number
}

export function summaryOf(scores: readonly Score[]): Summary {
  const count = (which: (each: Score) => boolean): number => scores.filter(which).length
  return {
    cases: scores.length,
    first: count(({ result }) => result === 'first'),
    topThree: count(({ result }) => result !== 'missed'),
    missed: count(({ result }) => result === 'missed'),
    lost: count(isLost),
    wrong: count(({ wronglyProven }) => wronglyProven),
    honest: count(({ result, cannotTell }) => result === 'first' || cannotTell),
    strictlyHonest: count((each) => each.result === 'first' || (each.cannotTell && each.said[0] === SECRET_MAYBE)),
  }
}

/** Missed because it cannot be known: without the client's strings, what was signed is lost. */
export const isLost = ({ recorded, tier, result }: Score): boolean =>
  tier !== 'B' && result === 'missed' && recorded.lost === true

/** Shares of all that were scored, in each server and tier; what is lost does not count for the top three. */
export const FLOORS: Partial<Record<Tier, { first: number; topThree: number }>> = {
  A: { first: 0.9, topThree: 0.98 },
  B: { first: 0.9, topThree: 1 },
}

/** Right at first over all servers, with everything given. */
export const FLOOR_OF_ALL = 0.95

/** Tier C, of a server that shows its strings: right at first, or a report that the cause cannot be known. */
export const FLOOR_OF_HONESTY = 0.9

/** Which floors a number of scores of one tier falls below, in words. */
export function belowFloors(
  tier: Tier,
  summary: Summary,
  of: { all?: boolean; showsStrings?: boolean } = {},
): string[] {
  const { cases, first, topThree, lost, wrong, honest } = summary
  const floor = FLOORS[tier]
  const below = (what: string, share: number, least: number): string[] =>
    share < least ? [`${what} below ${Math.round(100 * least)} %`] : []
  return [
    ...(wrong > 0 ? [`${wrong} wrong ${wrong === 1 ? 'proof' : 'proofs'}`] : []),
    ...(floor ? below('first', first / cases, of.all && tier === 'A' ? FLOOR_OF_ALL : floor.first) : []),
    ...(floor ? below('in three', topThree / (cases - lost || 1), floor.topThree) : []),
    ...(tier === 'C' && of.showsStrings ? below('honest', honest / cases, FLOOR_OF_HONESTY) : []),
  ]
}
