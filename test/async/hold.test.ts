import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { holdCredentials, keepCredentials } from '../../src/async/hold.ts'

const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const load = () => vi.fn(async () => ({ expiration: new Date(Date.now() + 60 * MINUTE) }))

describe('the credentials of a function that keeps them', () => {
  it('are not kept again by clients, which return them without a promise', async () => {
    const source = load()
    const provider = keepCredentials(source)
    const first = await provider()
    const held = holdCredentials(provider)
    expect(held.get()).toBe(first)
    expect(holdCredentials(provider).get()).toBe(first)
    expect(source).toHaveBeenCalledTimes(1)
  })

  it('are refreshed once for all clients, and for callers that wait', async () => {
    const source = load()
    const provider = keepCredentials(source)
    const clients = [holdCredentials(provider), holdCredentials(provider)]
    const first = await provider()
    vi.setSystemTime(56 * MINUTE)
    expect(clients.map(({ get }) => get())).toEqual([first, first])
    const second = await provider()
    expect(second).not.toBe(first)
    expect(clients.map(({ get }) => get())).toEqual([second, second])
    expect(source).toHaveBeenCalledTimes(2)
  })

  it('are replaced for all clients after one of them has discarded them', async () => {
    const source = load()
    const provider = keepCredentials(source)
    const [one, other] = [holdCredentials(provider), holdCredentials(provider)]
    const first = await one.get()
    expect(one.discard(first)).toBe(true)
    const second = await one.get()
    expect(second).not.toBe(first)
    expect(other.get()).toBe(second)
    // the same rejection, reported to another client
    expect(other.discard(first)).toBe(true)
    expect(other.get()).toBe(second)
    expect(source).toHaveBeenCalledTimes(2)
  })

  it('are requested again by a client that has a maximum age', async () => {
    const source = load()
    const held = holdCredentials(keepCredentials(source), 1000)
    const first = await held.get()
    expect(held.get()).toBe(first)
    vi.setSystemTime(1000)
    expect(await held.get()).toBe(first)
    expect(source).toHaveBeenCalledTimes(1)
  })
})

describe('an object with credentials', () => {
  it('is not refreshed', () => {
    const credentials = { expiration: new Date(0) }
    const { isRefreshable, get, discard } = holdCredentials(credentials)
    expect([isRefreshable, get(), discard(credentials)]).toEqual([false, credentials, false])
  })
})

describe('credentials without an expiration that cannot be refreshed', () => {
  it('are used, and requested again half a minute later', async () => {
    const source = vi.fn(async (): Promise<{ readonly expiration?: Date }> => {
      if (source.mock.calls.length === 2) throw new Error('unavailable')
      return {}
    })
    const { get } = holdCredentials(source)
    const first = await get()
    vi.setSystemTime(5 * MINUTE)
    expect(await get()).toBe(first)
    vi.setSystemTime(5.5 * MINUTE - 1)
    expect(get()).toBe(first)
    vi.setSystemTime(5.5 * MINUTE)
    expect(await get()).not.toBe(first)
    expect(source).toHaveBeenCalledTimes(3)
  })
})
