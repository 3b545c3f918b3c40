import { type Explanation, explain } from '../../src/explain.ts'
import { ONLY_THE_SECRET_TELLS } from './generator/causes.ts'
import { bodyBytes, type RecordedCase, type Recording, readRecording, SERVERS, type ServerName } from './recorded.ts'

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
  verdict: string
  milliseconds: number
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
export function explained(recorded: RecordedCase, { credentials }: Recording, tier: Tier): Explanation {
  const { request, response, signed, now } = recorded
  const { method, target, headers } = request
  return explain({
    request: { method, url: target, headers, body: bodyBytes(request) },
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
  const { findings, verdict } = explained(recorded, recording, tier)
  const milliseconds = performance.now() - start
  const right = rightCauses(recorded, tier)
  const at = findings.findIndex(({ cause }) => right.includes(cause))
  return {
    ...{ recorded, tier, verdict, milliseconds },
    result: at === 0 ? 'first' : at > 0 && at < 3 ? 'top' : 'missed',
    said: findings.map(({ cause, confidence }) => `${cause} ${confidence}`),
    wronglyProven: findings.some(({ cause, confidence }) => confidence === 'proven' && !right.includes(cause)),
  }
}

/** All recordings there are. */
export function recordings(): Map<ServerName, Recording> {
  const found = SERVERS.map((server) => [server, readRecording(server)] as const)
  return new Map(found.filter((pair): pair is [ServerName, Recording] => pair[1] !== undefined))
}

export function scoreAll(recording: Recording, tier: Tier): Score[] {
  return recording.cases.filter((each) => counts(each, tier)).map((each) => score(each, recording, tier))
}

/** Missed because nobody could know: without the client's strings, what was signed is lost. */
export const isLost = ({ recorded, tier, result }: Score): boolean =>
  tier !== 'B' && result === 'missed' && recorded.lost === true

/** Shares of all that were scored, in each server and tier; what is lost does not count for the top three. */
export const FLOORS: Partial<Record<Tier, { first: number; topThree: number }>> = {
  A: { first: 0.9, topThree: 0.98 },
  B: { first: 0.9, topThree: 1 },
}

/** Right at first over all servers, with everything given. */
export const FLOOR_OF_ALL = 0.95
