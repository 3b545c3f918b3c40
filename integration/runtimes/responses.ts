import { readRecording } from '../../packages/sigv4-tools/test/support/explain/recorded.ts'
import type { Pair } from '../../test/support/fixtures.ts'

/** A recorded request that a server rejected, with its response. */
export interface RecordedResponse {
  id: string
  /** The acceptable causes. */
  causes: string[]
  input: {
    request: { method: string; url: string; headers: Pair[]; body?: string }
    response: { status: number; headers: Pair[]; body: string }
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
    now: number
  }
}

/** Maximum size of a body in the suite. */
const LONGEST = 4000

/** Causes that do not require a long search, which is limited by time and finds less in slow engines. */
const CAUSES = [
  ...['algorithm', 'anonymous', 'clock-past', 'expired', 'header-changed', 'header-whitespace', 'host'],
  ...['keys-swapped', 'malformed-authorization', 'method', 'path-double-encoding', 'payload-hash'],
  ...['policy-condition', 'query-plus', 'scope-region', 'secret-encoding'],
  ...['streaming-chunk-signature', 'wrong-secret'],
]

/** The first request that versitygw rejected, for each cause. */
export function recordedResponses(): RecordedResponse[] {
  const { cases, credentials } = readRecording('versitygw')!
  const found = new Map<string, RecordedResponse>()
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
  if (missing.length) throw new Error(`no recording of ${missing}`)
  return [...found.values()]
}
