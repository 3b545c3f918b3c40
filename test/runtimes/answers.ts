import { readRecording } from '../explain/recorded.ts'
import type { Pair } from '../fixtures.ts'

/** A request that a real server refused, with its answer. */
export interface RecordedAnswer {
  id: string
  /** The causes that an expert could name. */
  causes: string[]
  input: {
    request: { method: string; url: string; headers: Pair[]; body?: string }
    response: { status: number; headers: Pair[]; body: string }
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
    now: number
  }
}

/** The longest body that goes into the suite. */
const LONGEST = 4000

/** Causes that are found without a long search, which ends by the clock: slow engines would find less. */
const CAUSES = [
  ...['algorithm', 'anonymous', 'clock-past', 'expired', 'header-changed', 'header-whitespace', 'host'],
  ...['keys-swapped', 'malformed-authorization', 'method', 'path-double-encoding', 'payload-hash'],
  ...['policy-condition', 'query-plus', 'scope-region', 'secret-encoding'],
  ...['streaming-chunk-signature', 'wrong-secret'],
]

/** For each of the causes, what versitygw refused first. */
export function recordedAnswers(): RecordedAnswer[] {
  const { cases, credentials } = readRecording('versitygw')!
  const found = new Map<string, RecordedAnswer>()
  for (const { id, cause, alternatives = [], refused, lost, request, response, credentials: who, now } of cases) {
    if (
      !refused ||
      lost ||
      !CAUSES.includes(cause) ||
      found.has(cause) ||
      request.bodyEncoding ||
      (request.body ?? '').length > LONGEST
    )
      continue
    const { method, target, headers, body } = request
    found.set(cause, {
      id,
      causes: [cause, ...alternatives],
      input: {
        request: { method, url: target, headers, ...(body !== undefined && { body }) },
        response,
        credentials: credentials[who]!,
        now,
      },
    })
  }
  const missing = CAUSES.filter((cause) => !found.has(cause))
  if (missing.length) throw new Error(`nothing is recorded of ${missing}`)
  return [...found.values()]
}
