import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type CredentialsProvider, createSignedFetch } from '../../src/fetch.ts'
import { CREDENTIALS, json, runTimers, script } from '../support/fetch.ts'

const URL = 'https://sqs.eu-west-1.amazonaws.com/'
const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A signed fetch whose provider is called with a number, from 1; the key IDs that it signs with. */
function start(
  provide: (call: number, forced: boolean) => object | Promise<object>,
  respond?: (key: string) => Response,
) {
  const keys: string[] = []
  let calls = 0
  const provider = vi.fn<CredentialsProvider>(async (options) => {
    const call = ++calls
    return { ...CREDENTIALS, accessKeyId: `KEY${call}`, ...(await provide(call, options?.forceRefresh ?? false)) }
  })
  const signedFetch = createSignedFetch({
    credentials: provider,
    fetch: async (_, init) => {
      const key = /Credential=(\w+)/.exec((init!.headers as Record<string, string>).authorization!)![1]!
      keys.push(key)
      return respond?.(key) ?? new Response()
    },
  })
  const at = async (time: number): Promise<string> => {
    vi.setSystemTime(time)
    await signedFetch(URL)
    await new Promise((resolve) => setImmediate(resolve))
    return keys.at(-1)!
  }
  return { provider, keys, signedFetch, at }
}

describe('credentials of a function', () => {
  it('that throws without a promise are obtained again by the next request', async () => {
    let isAvailable = false
    const signedFetch = createSignedFetch({
      credentials: () => {
        if (!isAvailable) throw new Error('unavailable')
        return CREDENTIALS
      },
      fetch: async () => new Response(),
    })
    await expect(signedFetch(URL)).rejects.toThrow('unavailable')
    isAvailable = true
    expect((await signedFetch(URL)).status).toBe(200)
  })

  it('without expiration are kept for five minutes', async () => {
    const { at, provider } = start(() => ({}))
    expect([await at(0), await at(5 * MINUTE - 1), await at(5 * MINUTE), await at(6 * MINUTE)]).toEqual([
      'KEY1',
      'KEY1',
      'KEY2',
      'KEY2',
    ])
    expect(provider.mock.calls).toEqual([[], []])
  })

  it('are refreshed from five minutes before they expire, without delay, and with delay in the last minute', async () => {
    const { at } = start((call) => ({ expiration: new Date(60 * MINUTE * call) }))
    expect(await at(0)).toBe('KEY1')
    expect(await at(55 * MINUTE - 1)).toBe('KEY1')
    expect(await at(55 * MINUTE)).toBe('KEY1') // and refreshes
    expect(await at(55 * MINUTE + 1)).toBe('KEY2')
    expect(await at(119 * MINUTE)).toBe('KEY3')
  })

  it('that expire soon are refreshed every half minute, and when they have expired', async () => {
    const { at } = start((call) => ({ expiration: new Date(call === 1 ? 15_000 : 10 * MINUTE) }))
    expect([await at(0), await at(14_999), await at(15_000)]).toEqual(['KEY1', 'KEY1', 'KEY2'])
    expect(await at(9.5 * MINUTE)).toBe('KEY3')
    expect(await at(9.5 * MINUTE + 29_999)).toBe('KEY3')
    expect(await at(10 * MINUTE)).toBe('KEY4')
  })

  it('are refreshed once for 1,000 requests', async () => {
    const { signedFetch, provider, keys } = start(
      (call) => new Promise((resolve) => setTimeout(() => resolve({ expiration: new Date(60 * MINUTE * call) }), 100)),
    )
    const all = () => runTimers(Promise.all(Array.from({ length: 1000 }, () => signedFetch(URL))))
    await all()
    expect(provider).toHaveBeenCalledTimes(1)
    vi.setSystemTime(56 * MINUTE)
    await all()
    expect(provider).toHaveBeenCalledTimes(2)
    vi.setSystemTime(119.5 * MINUTE)
    await all()
    expect(provider).toHaveBeenCalledTimes(3)
    expect(['KEY1', 'KEY2', 'KEY3'].map((key) => keys.filter((each) => each === key).length)).toEqual([2000, 0, 1000])
  })

  it('that were rejected as expired are replaced once for 1,000 requests', async () => {
    const forced: boolean[] = []
    const { signedFetch, keys } = start(
      (_, isForced) => {
        forced.push(isForced)
        return {}
      },
      (key) => (key === 'KEY1' ? json(400, 'ExpiredTokenException') : new Response()),
    )
    const responses = await Promise.all(Array.from({ length: 1000 }, () => signedFetch(URL, { method: 'POST' })))
    expect(responses.every(({ ok }) => ok)).toBe(true)
    expect(forced).toEqual([false, true])
    expect(keys).toHaveLength(2000)
  })

  it.each(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'])('are replaced once: %s', async (code) => {
    const { signedFetch, provider, keys } = start(
      () => ({}),
      () => json(400, code),
    )
    expect((await signedFetch(URL)).status).toBe(400)
    expect(keys).toEqual(['KEY1', 'KEY2'])
    expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }]])
  })

  it('that OpenSearch rejects as expired, without a code, are replaced', async () => {
    const expired = '{"message":"The security token included in the request is expired"}'
    const { signedFetch, provider, keys } = start(
      () => ({}),
      (key) => (key === 'KEY1' ? new Response(expired, { status: 403 }) : new Response()),
    )
    expect((await signedFetch(URL)).status).toBe(200)
    expect(keys).toEqual(['KEY1', 'KEY2'])
    expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }]])
  })

  describe('that a service always rejects as expired', () => {
    const rejecting = (provide: Parameters<typeof start>[0] = () => ({})) =>
      start(provide, () => json(403, 'ExpiredToken'))

    it('are requested again once for 50 requests, and after 10 seconds', async () => {
      const { signedFetch, provider, keys } = rejecting()
      for (let i = 0; i < 50; i++) expect((await signedFetch(URL)).status).toBe(403)
      expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }]])
      expect(keys).toHaveLength(51)
      vi.setSystemTime(9999)
      await signedFetch(URL)
      expect(provider).toHaveBeenCalledTimes(2)
      vi.setSystemTime(10_000)
      for (let i = 0; i < 50; i++) await signedFetch(URL)
      expect(provider).toHaveBeenCalledTimes(3)
    })

    it('are requested again once for 50 requests at once, also if they are the same object', async () => {
      for (const provide of [() => ({}), undefined]) {
        const { signedFetch, provider } = rejecting(provide)
        if (!provide) provider.mockResolvedValue(CREDENTIALS)
        for (let round = 0; round < 3; round++) {
          const responses = await Promise.all(Array.from({ length: 50 }, () => signedFetch(URL)))
          expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(403))
        }
        expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }]])
      }
    })

    it('and that cannot be replaced: the waiting requests throw the error of the function, which is called once', async () => {
      const error = new Error('unavailable')
      let isAvailable = true
      const { signedFetch, provider, keys } = start(
        (_, isForced) => {
          if (isForced && !isAvailable) throw error
          return {}
        },
        (key) => (key === 'KEY1' ? json(403, 'ExpiredToken') : new Response()),
      )
      isAvailable = false
      const ended = await Promise.allSettled(Array.from({ length: 50 }, () => signedFetch(URL)))
      expect(ended.filter((each) => each.status === 'rejected').every(({ reason }) => reason === error)).toBe(true)
      expect(ended.some(({ status }) => status === 'rejected')).toBe(true)
      for (let i = 0; i < 50; i++) expect((await signedFetch(URL)).status).toBe(403)
      expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }]])
      isAvailable = true
      vi.setSystemTime(10_000)
      expect((await signedFetch(URL)).status).toBe(200)
      expect(keys.at(-1)).toBe('KEY3')
    })

    it('are still used for other hosts if they cannot be replaced', async () => {
      const error = new Error('unavailable')
      const provider = vi.fn<CredentialsProvider>((options) => {
        if (options?.forceRefresh) throw error
        return CREDENTIALS
      })
      const signedFetch = createSignedFetch({
        credentials: provider,
        fetch: async (url) => (String(url) === URL ? json(403, 'ExpiredToken') : new Response()),
      })
      const other = URL.replace('eu-west-1', 'eu-west-2')
      await expect(signedFetch(URL)).rejects.toBe(error)
      expect((await signedFetch(other)).status).toBe(200)
      expect((await signedFetch(URL)).status).toBe(403)
      expect((await signedFetch(other)).status).toBe(200)
      expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }]])
    })

    it('are requested again if the clock has been set back', async () => {
      vi.setSystemTime(60 * MINUTE)
      const { signedFetch, provider } = rejecting()
      await signedFetch(URL)
      vi.setSystemTime(0)
      await signedFetch(URL)
      expect(provider.mock.calls).toEqual([[], [{ forceRefresh: true }], [{ forceRefresh: true }]])
    })
  })

  it('stay in use if a refresh fails while they are valid, and are refreshed half a minute later', async () => {
    const { at, provider } = start((call) => {
      if (call === 2) throw new Error('unavailable')
      return { expiration: new Date(60 * MINUTE) }
    })
    await at(0)
    expect(await at(59.2 * MINUTE)).toBe('KEY1')
    expect(await at(59.3 * MINUTE)).toBe('KEY1')
    expect(provider).toHaveBeenCalledTimes(2)
    expect(await at(59.8 * MINUTE)).toBe('KEY3')
  })

  it('reject requests from when they expire if they cannot be refreshed', async () => {
    const error = new Error('unavailable')
    const { at } = start((call) => {
      if (call > 1) throw error
      return { expiration: new Date(20_000) }
    })
    expect(await at(0)).toBe('KEY1')
    expect(await at(10_000)).toBe('KEY1')
    await expect(at(20_001)).rejects.toBe(error)
  })

  it('that cannot be obtained reject the request', async () => {
    const error = new Error('unavailable')
    const { at, keys } = start((call) => {
      if (call !== 2) throw error
      return { expiration: new Date(60 * MINUTE) }
    })
    await expect(at(0)).rejects.toBe(error)
    expect(await at(1)).toBe('KEY2')
    await expect(at(60 * MINUTE)).rejects.toBe(error)
    expect(keys).toEqual(['KEY2'])
  })

  it('are checked', async () => {
    const { at, keys } = start(() => ({ secretAccessKey: '' }))
    await expect(at(0)).rejects.toMatchObject({ code: 'ERR_SIGV4_CREDENTIALS_MISSING' })
    expect(keys).toEqual([])
  })
})

describe('credentials of an object', () => {
  it('are sent once if they have expired', async () => {
    const { fetch, sent } = script(() => json(400, 'ExpiredToken'))
    const signedFetch = createSignedFetch({ credentials: { ...CREDENTIALS, sessionToken: '' }, fetch })
    expect((await signedFetch(URL)).status).toBe(400)
    expect(sent).toHaveLength(1)
    expect(sent[0]!.init.headers).not.toHaveProperty('x-amz-security-token') // an empty token is not sent
  })
})
