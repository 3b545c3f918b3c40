// Time of an explanation: of each recorded request, and of inputs of 1 MB. Options: `share`, which takes one case in so many.

import { presignGet, sign } from '../../dist/sync.js'
import { explain, parseEvidence } from '../../packages/sigv4-tools/dist/explain.js'
import { bodyBytes } from '../../packages/sigv4-tools/test/support/explain/recorded.ts'
import { recordings, rightCauses } from '../../packages/sigv4-tools/test/support/explain/scoring.ts'
import { credentials, HOST, REGION } from './measure/fixture.mjs'
import { median, quantile } from './measure/race.mjs'
import { options, report } from './measure/report.mjs'

const known = {
  'request, response, credentials': (input) => input,
  'request, response': ({ credentials: _, ...input }) => input,
  response: ({ response, now }) => ({ response, now }),
}

const cases = [...recordings().values()].flatMap((recording) =>
  recording.cases
    .filter(({ refused }, i) => refused && i % options.share === 0)
    .map((recorded) => {
      const { request, response, now } = recorded
      const { method, target, headers } = request
      const body = bodyBytes(request)
      const secret = recording.credentials[recorded.credentials]
      const input = { request: { method, url: target, headers, body }, response, credentials: secret, now }
      return { input, causes: rightCauses(recorded, 'A') }
    }),
)
function time(run) {
  const start = performance.now()
  run()
  return performance.now() - start
}

const rows = []
for (const [name, reduce] of Object.entries(known)) {
  for (const { input } of cases.slice(0, 200)) explain(reduce(input))
  const times = []
  let named = 0
  for (const { input, causes } of cases) {
    const reduced = reduce(input)
    let explanation
    times.push(
      time(() => {
        explanation = explain(reduced)
      }),
    )
    if (explanation.findings.some(({ cause }) => causes.includes(cause))) named++
  }
  rows.push({
    name,
    cases: times.length,
    median: median(times),
    p99: quantile(times, 0.99),
    slowest: Math.max(...times),
  })
  if (rows.length === 1 && named < 0.95 * cases.length)
    throw new Error(`only ${named} of ${cases.length} causes are named`)
}
report('explain', rows)

const MB = 1e6
const scope = { credentials, region: REGION, service: 's3' }
const wrong = (text) => text.replace(/Signature=.{64}/, `Signature=${'0'.repeat(64)}`)
const url = wrong(presignGet(`https://${HOST}/cat.jpg`, scope).url)
const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
const fill = (text) => text.repeat(Math.ceil(MB / text.length)).slice(0, MB)
const put = sign({ method: 'PUT', url: `https://${HOST}/cat.jpg`, body: 'a' }, scope)
const headers = { host: HOST, ...put.headers }
const har = JSON.stringify({
  log: {
    entries: Array.from({ length: 2000 }, () => ({
      request: { method: 'GET', url, headers: [{ name: 'Host', value: HOST }] },
      response: { status: 403, headers: [], content: { text: response.body } },
    })),
  },
}).slice(0, MB)
const large = {
  'query string of 1 MB': () =>
    explain({ request: { url: `${url}&${fill('parameter=value&')}` }, response, credentials }),
  'header of 1 MB': () =>
    explain({
      request: { method: 'PUT', url, headers: { ...headers, 'x-amz-meta-a': fill('value ') } },
      response,
      credentials,
    }),
  'body of 1 MB': () =>
    explain({
      request: { method: 'PUT', url: `https://${HOST}/cat.jpg`, headers, body: fill('a') },
      response,
      credentials,
    }),
  'response of 1 MB': () =>
    explain({ request: { url }, response: { status: 403, body: `<Error><Message>${fill('text ')}` }, credentials }),
  'log of curl of 1 MB, `parseEvidence`': () =>
    parseEvidence(fill(`> GET /cat.jpg HTTP/1.1\n> Host: ${HOST}\n>\n< HTTP/1.1 403 Forbidden\n<\n${response.body}\n`)),
  'HAR of 1 MB, cut off, `parseEvidence`': () => parseEvidence(har),
  'prose of 1 MB, `parseEvidence`': () => parseEvidence(fill('The upload failed, and I do not see why. ')),
}
report(
  'explain-large',
  Object.entries(large).map(([name, run]) => ({ name, ms: median([time(run), time(run), time(run)]) })),
)
