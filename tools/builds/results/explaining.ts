import fc from 'fast-check'
import type { Comparison } from './comparison.ts'
import * as values from './values.ts'

// Calls of the functions of `explain` that are exact.

const traced = fc.record(
  {
    method: values.method,
    target: values.mostly(
      values.url.map((url) => url.replace(/^https?:\/\/[^/?]*/, '')),
      ['', 5, undefined, 'a b', '/a/../b'],
    ),
    headers: values.headers.map((headers) =>
      headers instanceof Headers ? headers : { host: 'photos.s3.eu-west-1.amazonaws.com', ...Object(headers) },
    ),
    body: values.body,
  },
  { requiredKeys: ['target', 'headers'] },
)
const tracing = values.options({
  ...values.SIGNING,
  location: values.mostly(fc.constantFrom('header', 'query'), ['', null, 'body']),
  expires: values.expires,
})
const inspecting = values.some({
  now: values.mostly(fc.constantFrom<unknown>(values.NOW, new Date(values.NOW + 1e6)), [Number.NaN, -1, 'a', null]),
})

/** `changed` are signed requests with changes. */
export function explainCalls(changed: fc.Arbitrary<unknown[]>): Comparison[] {
  const requests = changed.map(([request]) => request as { url?: unknown })
  const inspected = fc.oneof(
    { weight: 6, arbitrary: requests },
    { weight: 4, arbitrary: requests.map(({ url }) => `https://files.example.com${url}`) },
    { weight: 2, arbitrary: values.url },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, 5, {}, '', [], { href: 'https://a' }) },
  )
  return [
    { name: 'explain.trace', group: 'explain', share: 1, arbitrary: fc.tuple(traced, tracing) },
    { name: 'explain.inspect', group: 'explain', share: 1, arbitrary: fc.tuple(inspected, inspecting) },
  ]
}
