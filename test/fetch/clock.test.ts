import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import suite from '../../fixtures/clock-skew/clock-skew-test-cases.json' with { type: 'json' }
import { CREDENTIALS, json, runTimers, scripted } from '../support/fetch.ts'

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

  it('is not corrected for a request with a signing date, which is sent once', async () => {
    const signedAt = new Date(START)
    const { signedFetch, sent } = scripted([() => dated(3600, 'RequestTimeTooSkewed'), 200])
    expect((await signedFetch(URL, { aws: { now: signedAt } })).status).toBe(403)
    expect(sent).toHaveLength(1)
    expect((await signedFetch(URL)).status).toBe(200)
    expect(sent[1]!.init.headers['x-amz-date']).toBe(amzDate(Date.now() + 3_600_000))
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

  it.each([
    '12345',
    '0',
    'Sat, 13 Sep 275760 00:00:00 GMT',
    'Fri, 31 Dec 9999 23:59:59 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Fri, 02 Jan 2026 00:00:01 GMT',
    '2026-01-01T01:00:00Z',
    'Thursday, 01-Jan-26 01:00:00 GMT',
    'Thu Jan  1 01:00:00 2026',
    'Thu, 01 Jan 2026 01:00:00 +0000',
    'Thu, 01 Jan 2026 01:00:00 GMT, Thu, 01 Jan 2026 01:00:00 GMT',
    'soon',
  ])('is not that of a response dated %j, whatever its error', async (date) => {
    const { signedFetch, sent } = scripted([
      json(403, 'RequestTimeTooSkewed', { date }),
      () => new Response(null, { headers: { date } }),
      200,
    ])
    expect((await signedFetch(URL)).status).toBe(403) // not sent again: the time was right
    expect((await signedFetch(URL)).status).toBe(200)
    expect((await signedFetch(URL)).status).toBe(200)
    expect(sent.map(({ init }) => init.headers['x-amz-date'])).toEqual(Array(3).fill(amzDate(Date.now())))
  })

  it('keeps its correction when a response has no usable date', async () => {
    const { signedFetch, sent } = scripted([
      () => dated(3600),
      () => new Response(null, { headers: { date: '0' } }),
      200,
    ])
    for (let i = 0; i < 3; i++) await signedFetch(URL)
    const [wrong, right] = [amzDate(Date.now()), amzDate(Date.now() + 3_600_000)]
    expect(sent.map(({ init }) => init.headers['x-amz-date'])).toEqual([wrong, right, right])
  })

  it.each([86_400, -86_400])('that is off by %i s, a day, is corrected', async (skew) => {
    const { signedFetch, sent } = scripted([() => dated(skew, 'RequestTimeTooSkewed'), 200])
    expect((await signedFetch(URL)).status).toBe(200)
    expect(sent[1]!.init.headers['x-amz-date']).toBe(amzDate(Date.now() + skew * 1000))
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

// An expiration is on the clock of this machine, or on that of the service: a Date does not show which.
describe('credentials with a wrong clock', () => {
  const MINUTE = 60_000
  const HOUR = 60 * MINUTE
  const LIFETIME = 30 * MINUTE

  /** A host whose clock is right, and that rejects a wrong time, and a token that has expired. */
  async function start(ahead: number, issued: 'here' | 'there', kind: 'object' | 'function', lifetime = LIFETIME) {
    const now = (): number => Date.now() - ahead
    let number = 0
    const expiries = new Map<string, number>()
    const issue = () => {
      const key = `KEY${++number}`
      expiries.set(key, now() + lifetime)
      const expiration = new Date((issued === 'here' ? Date.now() : now()) + lifetime)
      return { ...CREDENTIALS, accessKeyId: key, expiration }
    }
    const { signedFetch, sent, attempts } = scripted([], {
      credentials: kind === 'object' ? issue() : issue,
      fetch: async (url, init) => {
        sent.push({ url: String(url), init } as (typeof sent)[0])
        const { authorization, 'x-amz-date': date } = init!.headers as Record<string, string>
        const headers = { date: new Date(now()).toUTCString() }
        const signedAt = Date.parse(date!.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'))
        if (Math.abs(signedAt - now()) > 5 * MINUTE) return json(403, 'RequestTimeTooSkewed', headers)
        const isValid = expiries.get(/Credential=(\w+)/.exec(authorization!)![1]!)! > now()
        return isValid ? new Response(null, { headers }) : json(403, 'ExpiredToken', headers)
      },
    })
    return { signedFetch, attempts, calls: () => number }
  }

  it.each([
    [-HOUR, 'here', 'function'],
    [-HOUR, 'there', 'function'],
    [HOUR, 'here', 'function'],
    [HOUR, 'there', 'function'],
    [-HOUR, 'here', 'object'],
    [-HOUR, 'there', 'object'],
    [HOUR, 'here', 'object'],
  ] as const)('that is %i ms ahead sign: issued %s, as a %s', async (ahead, issued, kind) => {
    const { signedFetch, calls } = await start(ahead, issued, kind)
    for (let minute = 0; minute < 25; minute++) {
      expect((await signedFetch(URL)).status, `minute ${minute}`).toBe(200)
      vi.setSystemTime(Date.now() + MINUTE)
    }
    // once for each request if they seem to have expired here, otherwise once
    expect(calls()).toBeLessThanOrEqual(ahead > 0 && issued === 'there' ? 26 : 2)
  })

  it('that is an hour slow are replaced when the service reports that they have expired', async () => {
    const { signedFetch, attempts, calls } = await start(-HOUR, 'there', 'function')
    await signedFetch(URL)
    vi.setSystemTime(Date.now() + LIFETIME + 1)
    expect((await signedFetch(URL)).status).toBe(200)
    expect(attempts.map(([reason]) => reason)).toEqual(['clock', undefined, 'credentials', undefined])
    expect(calls()).toBe(2)
  })

  it('that has been corrected reject a request when they have expired on both clocks', async () => {
    const { signedFetch } = await start(HOUR, 'here', 'object')
    await signedFetch(URL)
    vi.setSystemTime(Date.now() + LIFETIME + 1)
    expect((await signedFetch(URL)).status).toBe(403)
    vi.setSystemTime(Date.now() + HOUR)
    await expect(signedFetch(URL)).rejects.toMatchObject({ code: 'ERR_SIGV4_CREDENTIALS_MISSING', reason: 'expired' })
  })
})
