import { describe, expect, it } from 'vitest'
import { runs } from '../../../../test/support/depth.ts'
import { SEED } from '../../../../test/support/random.ts'
import { type ExplainInput, type Explanation, explain, parseEvidence } from '../../src/explain.ts'
import { randomFrom } from '../support/explain/generator/random.ts'
import { bodyBytes, type RecordedCase, type Recording } from '../support/explain/recorded.ts'
import { counts, recordings, rightCauses } from '../support/explain/scoring.ts'
import { threads } from '../support/explain/threads.ts'

// Evidence that is added must not lead a user away from the cause: what was right with less stays right with more.

/** How many requests. */
const COUNT = runs(300, 2000)

/** One of so many requests may be explained less well with more evidence. Each is a defect. */
const ONE_OF = 500

const STRINGS = /<(StringToSign|CanonicalRequest)(Bytes)?>[^<]*<\/\1\2>/g

/** The pieces of evidence that may be missing, and the evidence without each. */
const PIECES: Record<string, (input: ExplainInput) => ExplainInput> = {
  credentials: ({ credentials, ...rest }) => rest,
  'strings of the service': ({ response, ...rest }) => ({
    ...rest,
    response: { ...response, body: String(response?.body).replace(STRINGS, '') },
  }),
  'headers of the response': ({ response, ...rest }) => ({ ...rest, response: { ...response, headers: [] } }),
  'body of the request': ({ request, ...rest }) => ({ ...rest, request: { ...request, body: undefined } }),
  'strings of the client': ({ signed, ...rest }) => rest,
}

function everything({ request, response, signed, now, ...recorded }: RecordedCase, recording: Recording): ExplainInput {
  const { method, target, headers } = request
  const credentials = recording.credentials[recorded.credentials]!
  return { request: { method, url: target, headers, body: bodyBytes(request) }, response, signed, credentials, now }
}

/** Whether a right cause is the first one, or nothing wrong that is claimed precedes it. */
function isKept({ findings }: Explanation, right: readonly string[]): boolean {
  const at = findings.findIndex(({ cause }) => right.includes(cause))
  return at >= 0 && findings.slice(0, at).every(({ confidence }) => confidence === 'possible')
}

/** What became worse by each piece that was added to less evidence, in a random order. */
function worse(recorded: RecordedCase, recording: Recording, random: () => number): string[] {
  const order = Object.keys(PIECES)
    .map((name) => [random(), name] as const)
    .sort()
    .map(([, name]) => name)
  const found: string[] = []
  let input = everything(recorded, recording)
  let more = explain(input)
  for (const piece of order) {
    // without the secret, some causes look like a different one
    const right = rightCauses(recorded, input.credentials ? 'A' : 'B')
    input = PIECES[piece]!(input)
    const less = explain(input)
    if (rightCauses(recorded, 'A').includes(less.findings[0]?.cause ?? '') && !isKept(more, right))
      found.push(
        `${recorded.id}: ${less.findings[0]?.cause}, and with the ${piece}: ${more.findings.map(({ cause, confidence }) => `${cause} ${confidence}`).join(', ') || more.verdict}`,
      )
    more = less
  }
  return found
}

describe('more evidence', () => {
  it(`does not make the result worse, in ${COUNT} recorded requests`, () => {
    const random = randomFrom(SEED)
    const all = [...recordings().values()].flatMap((recording) =>
      recording.cases.filter((each) => counts(each, 'A')).map((each) => [random(), each, recording] as const),
    )
    const sample = all.sort(([a], [b]) => a - b).slice(0, COUNT)
    const found = sample.flatMap(([, recorded, recording]) => worse(recorded, recording, random))
    expect(sample.length).toBe(COUNT)
    expect(found.length, found.join('\n')).toBeLessThanOrEqual(Math.floor(COUNT / ONE_OF))
  }, 600_000)
})

describe('credentials that are added', () => {
  /** What was first and right without credentials, and is not among the first three with them. */
  const lost: string[] = []
  let checked = 0
  function check(
    id: string,
    input: ExplainInput,
    credentials: ExplainInput['credentials'],
    less: string[],
    right = less,
  ) {
    const first = explain({ ...input, credentials: undefined }).findings[0]?.cause ?? ''
    if (!less.includes(first)) return
    checked++
    const { findings, verdict, signature } = explain({ ...input, credentials })
    // a server that rejects a right signature shows the reason in its response
    if (signature === 'right' && !input.response) return
    const causes = findings.map(({ cause }) => cause)
    if (!causes.slice(0, 3).some((cause) => right.includes(cause)))
      lost.push(`${id}: ${first}, and with the credentials: ${causes.join(', ') || verdict}`)
  }

  it(`keep the right cause among the first three, in ${4 * COUNT} recorded requests`, () => {
    const random = randomFrom(SEED)
    const all = [...recordings().values()].flatMap((recording) =>
      recording.cases.filter((each) => counts(each, 'A')).map((each) => [random(), each, recording] as const),
    )
    for (const [, recorded, recording] of all.sort(([a], [b]) => a - b).slice(0, 4 * COUNT)) {
      const { credentials, signed, response, ...request } = everything(recorded, recording)
      const [less, right] = [rightCauses(recorded, 'C'), rightCauses(recorded, 'A')]
      check(recorded.id, { ...request, response }, credentials, less, right)
      if (signed?.canonicalRequest) check(recorded.id, { ...request, response, signed }, credentials, less, right)
      if (counts(recorded, 'D')) check(recorded.id, request, credentials, less, right)
    }
    expect(checked).toBeGreaterThan(2 * COUNT)
    expect(lost.splice(0)).toEqual([])
  }, 600_000)

  it('keep it even if they prove nothing: in all threads, with a secret that signed none of the requests', () => {
    checked = 0
    for (const set of ['known', 'posted', 'set-aside'] as const)
      for (const { id, pasted, structured, now, causes } of threads(set))
        for (const evidence of [parseEvidence(pasted), structured]) {
          const request = JSON.stringify(evidence?.request ?? {})
          const [, key = 'AKIDEXAMPLE'] = /Credential=([^"&,\s/%]+)(?:\/|%2F)\d{8}/i.exec(request) ?? []
          if (evidence?.request)
            check(
              set === 'set-aside' ? set : id,
              { ...evidence, now: Date.parse(now) },
              { accessKeyId: key, secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYNOTTHEKEY' },
              causes,
            )
        }
    expect(checked).toBeGreaterThan(250)
    expect(lost.splice(0)).toEqual([])
  }, 600_000)
})
