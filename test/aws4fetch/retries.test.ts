import * as aws4fetch from 'aws4fetch'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AwsClient } from '../../src/aws4fetch.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { runTimers } from '../support/fetch.ts'

// Both packages send the same requests, at the same times.

const KEYS = { ...CREDENTIALS }
const SQS = 'https://sqs.eu-west-1.amazonaws.com/'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.UTC(2026, 0, 31, 12) })
  let random = 0
  vi.spyOn(Math, 'random').mockImplementation(() => (random = (random + 0.37) % 1))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** Sends to a service that returns one status after the other, the last one repeatedly. */
async function run(Client: typeof AwsClient, statuses: number[], options: object, init: object = {}) {
  const sent: { at: number; authorization: string | null; body: string }[] = []
  vi.stubGlobal('fetch', async (request: Request, ...others: unknown[]) => {
    expect(others).toEqual([])
    sent.push({ at: Date.now(), authorization: request.headers.get('authorization'), body: await request.text() })
    const status = statuses[Math.min(sent.length, statuses.length) - 1]!
    if (status === 0) throw new TypeError('fetch failed')
    return new Response(`response ${sent.length}`, { status })
  })
  const client = new Client({ ...KEYS, ...options } as ConstructorParameters<typeof AwsClient>[0])
  const [result, ms] = await runTimers(client.fetch(SQS, init))
  if (result.status === 'rejected') return { error: `${result.reason}`, sent, ms }
  return { status: result.value.status, text: await result.value.text(), sent, ms }
}

const cases: [what: string, statuses: number[], options?: object, init?: object][] = [
  ['success', [200]],
  ['an error of the caller', [404]],
  ['status 408', [408]],
  ['a failure that passes', [500, 503, 429, 200]],
  ['a failure that does not pass, ten times', [503]],
  ['status 501 and 599', [501, 599, 204]],
  ['a network error', [0]],
  ['a network error after a retry', [500, 0]],
  ['a POST', [500, 200], {}, { body: '{}' }],
  ['no retries', [500], { retries: 0 }],
  ['two retries', [500], { retries: 2 }],
  ['an initial wait of a second', [500, 500, 200], { initRetryMs: 1000 }],
  ['an initial wait of 0', [500, 500, 200], { initRetryMs: 0 }],
  ['retries that are null', [500, 200], { retries: null }],
  ['negative retries', [500], { retries: -1 }],
  ['retries that are not a whole number', [500], { retries: 1.5 }],
  ['retries that are not a number', [500], { retries: Number.NaN }],
  ['a body that cannot be hashed', [200], {}, { body: new Blob(['a']) }],
]

describe('AwsClient.fetch', () => {
  it.each(cases)('retries as aws4fetch does: %s', async (_, ...given) => {
    const [statuses, options = {}, init] = given
    const runs = []
    for (const Client of [AwsClient, aws4fetch.AwsClient as unknown as typeof AwsClient]) {
      vi.setSystemTime(Date.UTC(2026, 0, 31, 12))
      let random = 0
      vi.mocked(Math.random).mockImplementation(() => (random = (random + 0.37) % 1))
      runs.push(await run(Client, statuses, options, init))
    }
    expect(runs[0]).toEqual(runs[1])
  })

  it('returns the last response after ten retries with doubled waits', async () => {
    vi.mocked(Math.random).mockReturnValue(1)
    const { status, text, sent } = await run(AwsClient, [500], {})
    expect([status, text]).toEqual([500, 'response 11'])
    const waits = sent.slice(1).map(({ at }, i) => at - sent[i]!.at)
    expect(waits).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600])
    expect(new Set(sent.map(({ authorization }) => authorization)).size).toBeGreaterThan(5)
  })

  it('rejects negative retries without a request', async () => {
    const { error, sent } = await run(AwsClient, [200], { retries: -1 })
    expect(error).toBe('Error: An unknown error occurred, ensure retries is not negative')
    expect(sent).toEqual([])
  })

  it('reads the fields of the client before each attempt, and calls its own sign', async () => {
    const keys: string[] = []
    class Client extends AwsClient {
      override async sign(...given: Parameters<AwsClient['sign']>) {
        const request = await super.sign(...given)
        keys.push(/Credential=(\w+)/.exec(request.headers.get('authorization')!)![1]!)
        this.accessKeyId = 'AKIDOTHER'
        return request as never
      }
    }
    await run(Client, [500, 200], {})
    expect(keys).toEqual(['AKIDEXAMPLE', 'AKIDOTHER'])
  })
})
