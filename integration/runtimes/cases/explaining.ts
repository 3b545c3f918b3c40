import type * as explanation from '../../../packages/sigv4-tools/src/explain.ts'
import type * as tracing from '../../../src/trace.ts'
import { equal, refused } from '../harness.ts'
import type { Recorded } from '../recorded.ts'
import type { Vector } from '../recorded-vectors.ts'
import type { Case } from './vectors.ts'

type Explainer = typeof explanation
type Tracer = typeof tracing

/** Calls a function while the clock stands still: an engine that is slow would otherwise search for less. */
function atOnce<Result>(call: () => Result): Result {
  const { now } = Date
  const time = now()
  Date.now = () => time
  try {
    return call()
  } finally {
    Date.now = now
  }
}

/** Each step of the vectors. */
export function tracingCases(tracer: Tracer, { vectors }: Recorded): Case[] {
  return vectors
    .filter(({ steps }) => steps)
    .map((vector): Case => [`traces ${vector.name}`, () => traceVector(tracer, vector)])
}

/** Recorded responses of servers, and a presigned URL. */
export function explainingCases(explainer: Explainer, { responses }: Recorded): Case[] {
  return [
    ...responses.map(({ id, causes, input }): Case => {
      return [
        `explains ${id}`,
        (output) => {
          const explained = atOnce(() => explainer.explain(input))
          const named = explained.findings.map(({ cause }) => cause as string)
          equal(
            causes.some((cause) => named.includes(cause)),
            true,
            `whether one of ${causes} is among ${named}`,
          )
          output(id, explained)
        },
      ]
    }),
    [
      'inspects a URL',
      (output) => {
        const url =
          'https://photos.s3.eu-west-1.amazonaws.com/r%C3%A9sum%C3%A9?X-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=ASIAEXAMPLE%2F20150830%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=9000000&X-Amz-SignedHeaders=host&X-Amz-Signature=0'
        const { warnings, ...said } = explainer.inspect(url, { now: 1_440_938_160_000 })
        equal(warnings.length > 2, true, `whether there are more than two warnings: ${warnings.length}`)
        output('a URL', { warnings, said })
      },
    ],
    [
      'parses pasted text',
      (output) => {
        const pasted =
          "An error occurred (AuthorizationHeaderMalformed) when calling the PutObject operation: The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-nl-1'"
        const { items, ...evidence } = explainer.parseEvidence(pasted)
        const { findings } = atOnce(() => explainer.explain(evidence))
        equal(findings[0]?.expected, 'eu-nl-1')
        output('a log line', { items, findings })
      },
    ],
    [
      'highlights a difference',
      (output) => {
        const [signed, sent] = explainer.highlightDiff('image/png', 'image/jp\u00a0eg')
        equal(signed.differs === sent.differs, false)
        output('a difference', { signed, sent })
      },
    ],
    [
      'describes every cause',
      (output) => {
        const all = explainer.causes()
        equal(all.length > 20, true)
        output(
          'causes',
          all.map((cause) => explainer.causeText(cause)),
        )
      },
    ],
    [
      'rejects a value that is not a request',
      () => refused('ERR_INVALID_ARG_TYPE', () => explainer.explain({} as never)).then(() => {}),
    ],
  ]
}

function traceVector(tracer: Tracer, { location, method, url, headers, body, options, steps }: Vector): void {
  const [, host, target] = /^https:\/\/([^/]*)(.*)$/s.exec(url)!
  const { credentials, sessionTokenPlacement } = options
  const { accessKeyId, secretAccessKey } = credentials
  const { pathEncoding, ...expected } = steps!
  const request = { method, url: target!, headers: [['host', host!] as const, ...headers], ...(body && { body }) }
  const { canonicalRequest, stringToSign, signature } = tracer.trace(request, {
    ...options,
    // Unsigned properties are not part of the steps.
    credentials: sessionTokenPlacement === 'appended' ? { accessKeyId, secretAccessKey } : credentials,
    pathEncoding,
    location,
  })
  equal({ canonicalRequest, stringToSign, signature }, expected)
}
