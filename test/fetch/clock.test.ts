import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import suite from '../../fixtures/clock-skew/clock-skew-test-cases.json' with { type: 'json' }
import { json, runTimers, scripted } from '../support/fetch.ts'

interface Operation {
  initialClientSkew: number
  maxAttempts?: number
  attempts: {
    clientTimeAtSend: string
    clientTimeAtReceive: string
    expectedSigningTime: string
    response: { statusCode: number; headers: Record<string, string>; errorCode?: string }
  }[]
  expectedClientSkew: number
  expectedOutcome: string
}

const URL = 'https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues'
const START = '2026-01-01T00:00:00Z'

function amzDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')
}

/** A response at the faked time, from a host whose clock is ahead by so many seconds. */
function dated(seconds: number, code?: string): Response {
  const headers = { date: new Date(Date.now() + seconds * 1000).toUTCString() }
  return code ? json(403, code, headers) : new Response(null, { headers })
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date(START) })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the clock', () => {
  it('has ten cases of the AWS SDK for Rust', () => {
    expect(suite.tests).toHaveLength(10)
  })

  it.each(suite.tests.map(({ description, operations }) => [description, operations as Operation[]] as const))(
    'is corrected as in the AWS SDKs: %s',
    async (_, operations) => {
      for (const maxAttempts of new Set(operations.map((operation) => operation.maxAttempts))) {
        const sent: string[] = []
        let respond = (): Response => dated(operations[0]!.initialClientSkew)
        const { signedFetch } = scripted([], {
          ...(maxAttempts && { retry: { attempts: maxAttempts } }),
          fetch: async (_, init) => {
            sent.push((init!.headers as Record<string, string>)['x-amz-date']!)
            return respond()
          },
        })
        await signedFetch(URL) // learns the initial skew
        sent.length = 0
        for (const { attempts, expectedClientSkew, expectedOutcome } of operations) {
          let attempt = 0
          vi.setSystemTime(new Date(attempts[0]!.clientTimeAtSend))
          respond = () => {
            const { clientTimeAtReceive, response } = attempts[attempt++]!
            vi.setSystemTime(new Date(clientTimeAtReceive))
            const { statusCode: status, headers, errorCode } = response
            return errorCode ? json(status, errorCode, headers) : new Response(null, { status, headers })
          }
          const response = await signedFetch(URL)
          expect(response.ok).toBe(expectedOutcome === 'success')
          expect(sent.splice(0)).toEqual(
            attempts.map(({ expectedSigningTime }) => amzDate(Date.parse(expectedSigningTime))),
          )
          const skew = expectedClientSkew * 1000
          respond = () => dated(expectedClientSkew)
          await signedFetch(URL)
          expect(sent.splice(0)).toEqual([amzDate(Date.now() + skew)])
        }
      }
    },
  )

  it.each([3600, -3600])('that is off by %i s is corrected after one rejected request, at once', async (skew) => {
    const { signedFetch, sent, attempts } = scripted([
      () => dated(skew, 'RequestTimeTooSkewed'),
      () => dated(skew),
      () => dated(skew, 'AccessDeniedException'),
    ])
    const [, ms] = await runTimers(signedFetch(URL, { method: 'POST', body: 'a' }))
    expect(ms).toBe(0)
    expect(attempts).toEqual([
      ['clock', 0],
      [undefined, 0],
    ])
    const [result] = await runTimers(signedFetch(URL))
    expect((result as PromiseFulfilledResult<Response>).value.status).toBe(403) // the time was right: not sent again
    expect(sent.map(({ init }) => init.headers['x-amz-date'])).toEqual(
      [0, skew, skew].map((s) => amzDate(Date.now() + s * 1000)),
    )
  })

  it('is not corrected without the option, nor for another host', async () => {
    const { signedFetch, sent } = scripted([() => dated(3600, 'RequestTimeTooSkewed')], { clockSkewCorrection: false })
    expect((await signedFetch(URL)).status).toBe(403)
    expect(sent).toHaveLength(1)
    const other = scripted([() => dated(3600), 200])
    await other.signedFetch(URL)
    await other.signedFetch(URL.replace('eu-west-1', 'eu-west-2'))
    expect(other.sent[1]!.init.headers['x-amz-date']).toBe(amzDate(Date.now()))
  })

  it('is kept for 1,000 hosts', async () => {
    const { signedFetch, sent } = scripted([], {
      fetch: async (_, init) => {
        sent.push({ url: '', init } as (typeof sent)[0])
        return dated(3600)
      },
    })
    const at = async (host: number): Promise<string> => {
      await signedFetch(URL.replace('sqs', `b${host}.s3`))
      return sent.at(-1)!.init.headers['x-amz-date']!
    }
    const [wrong, right] = [amzDate(Date.now()), amzDate(Date.now() + 3_600_000)]
    for (let host = 0; host < 1000; host++) await at(host)
    expect(await at(0)).toBe(right)
    expect(await at(1000)).toBe(wrong)
    expect(await at(1001)).toBe(wrong)
    expect(await at(0)).toBe(wrong)
    expect(await at(0)).toBe(right)
  })
})
