import { expect, it } from 'vitest'
import { run } from '../support/cli.ts'

// Requests with very many parts: the time to compare them grows with their size, not with its square.

const HOST = 'Host: s3.eu-west-1.amazonaws.com'

async function timed(a: string, stdin: string): Promise<number> {
  const start = performance.now()
  const { code, stderr } = await run(['compare', a, '-', '--json'], { env: {}, stdin })
  expect([code, stderr]).toEqual([1, ''])
  return performance.now() - start
}

it.each<[string, (count: number) => string]>([
  ['values of one parameter', (count) => `GET /?${'a=1&'.repeat(count)} HTTP/1.1\n${HOST}\n\n`],
  [
    'parameters',
    (count) => `GET /?${Array.from({ length: count }, (_, i) => `a${i}&`).join('')} HTTP/1.1\n${HOST}\n\n`,
  ],
  [
    'headers, which a URL does not show',
    (count) => `GET / HTTP/1.1\n${HOST}\n${Array.from({ length: count }, (_, i) => `a${i}: 1\n`).join('')}\n`,
  ],
])('%s', async (_, request) => {
  const url = 'https://s3.eu-west-1.amazonaws.com/?b'
  const few = await timed(url, request(8000))
  const many = await timed(url, request(40_000))
  expect(many).toBeLessThan(12 * Math.max(few, 250))
})
