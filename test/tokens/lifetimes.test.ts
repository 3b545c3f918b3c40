import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as asynchronous from '../../src/tokens.ts'
import * as synchronous from '../../src/tokens-sync.ts'
import { SECRET } from '../support/credentials.ts'

const NOW = Date.UTC(2026, 0, 31, 12)
const MINUTE = 60_000
const keys = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: SECRET,
  sessionToken: 'token',
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterEach(() => {
  vi.useRealTimers()
})

type Entry = typeof asynchronous
type Options = asynchronous.TokenOptions & asynchronous.WebSocketOptions

/** A call of each function whose result expires, and how long it is valid in minutes. */
const CALLS: Record<
  string,
  readonly [minutes: number, call: (entry: Entry, options: Options) => Promise<asynchronous.Lifetime>]
> = {
  rdsToken: [15, (e, o) => e.rdsToken({ host: 'db.1.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }, o)],
  dsqlToken: [15, (e, o) => e.dsqlToken('4iabtwpsabc.dsql.eu-west-1.on.aws', o)],
  cacheToken: [15, (e, o) => e.cacheToken({ cache: 'cache', user: 'jane', region: 'eu-west-1' }, o)],
  mskToken: [15, (e, o) => e.mskToken({ region: 'eu-west-1' }, o)],
  eksToken: [15, (e, o) => e.eksToken({ cluster: 'demo', region: 'eu-west-1' }, o)],
  bedrockKey: [720, (e, o) => e.bedrockKey({ region: 'eu-west-1' }, o)],
  keyspacesResponse: [15, (e, o) => e.keyspacesResponse({ challenge: 'nonce=1', region: 'eu-west-1' }, o)],
  codecommitCredentials: [
    15,
    (e, o) => e.codecommitCredentials('https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a', o),
  ],
  callerIdentity: [5, (e, o) => e.callerIdentity({ region: 'eu-west-1' }, o)],
  appSyncProtocols: [5, (e, o) => e.appSyncProtocols('https://a.appsync-api.eu-west-1.amazonaws.com/event', o)],
  'webSocketUrl, API Gateway': [15, (e, o) => e.webSocketUrl('wss://a.execute-api.eu-west-1.amazonaws.com/prod', o)],
  'webSocketUrl, IoT': [5, (e, o) => e.webSocketUrl('wss://a-ats.iot.eu-west-1.amazonaws.com/mqtt', o)],
  'webSocketUrl, Transcribe': [
    1,
    (e, o) => e.webSocketUrl('wss://transcribestreaming.eu-west-1.amazonaws.com:8443/', o),
  ],
}

describe.each([
  ['asynchronous', asynchronous],
  ['synchronous', synchronous as unknown as Entry],
])('the %s functions', (_, entry) => {
  it.each(Object.keys(CALLS))('return when the result expires: %s', async (name) => {
    const [minutes, call] = CALLS[name]!
    const expiresAt = new Date(NOW + minutes * MINUTE)
    const result = await call(entry, { credentials: keys })
    expect(result.expiresAt).toEqual(expiresAt)
    expect(result).not.toHaveProperty('limitedBy')
    // the same if the credentials expire at that time, or later
    expect((await call(entry, { credentials: { ...keys, expiration: expiresAt } })).limitedBy).toBeUndefined()
    const signedAt = NOW - MINUTE
    const earlier = await call(entry, { credentials: keys, now: signedAt })
    expect(earlier.expiresAt).toEqual(new Date(NOW + (minutes - 1) * MINUTE))
  })

  it.each(Object.keys(CALLS))('return when the credentials expire, if that is earlier: %s', async (name) => {
    const [minutes, call] = CALLS[name]!
    const expiration = new Date(NOW + minutes * MINUTE - 1)
    const result = await call(entry, { credentials: { ...keys, expiration } })
    expect(result.expiresAt).toEqual(expiration)
    expect(result.expiresAt).not.toBe(expiration)
    expect(result.limitedBy).toBe('credentials')
  })

  it.each(Object.keys(CALLS))('reject expired credentials: %s', async (name) => {
    const call = async () => CALLS[name]![1](entry, { credentials: { ...keys, expiration: new Date(NOW) } })
    await expect(call()).rejects.toMatchObject({
      code: 'ERR_SIGV4_CREDENTIALS_MISSING',
      argument: 'options.credentials.expiration',
      reason: 'expired',
    })
  })

  it.each([
    ['rdsToken', 900],
    ['dsqlToken', 604_800],
    ['cacheToken', 900],
    ['mskToken', 900],
    ['bedrockKey', 43_200],
    ['webSocketUrl, Transcribe', 300],
    ['webSocketUrl, API Gateway', 604_800],
  ] as const)('limit the lifetime of %s to %i seconds', async (name, maximum) => {
    const call = async (expires: number | Date) => CALLS[name]![1](entry, { credentials: keys, expires })
    expect((await call(maximum)).expiresAt).toEqual(new Date(NOW + maximum * 1000))
    expect((await call(new Date(NOW + maximum * 1000))).expiresAt).toEqual(new Date(NOW + maximum * 1000))
    expect((await call(60)).expiresAt).toEqual(new Date(NOW + MINUTE))
    for (const expires of [maximum + 1, 604_801, 0, new Date(NOW + maximum * 1000 + 1000), new Date(NOW - MINUTE)])
      await expect(call(expires)).rejects.toMatchObject({
        code: 'ERR_SIGV4_EXPIRES_RANGE',
        argument: 'options.expires',
        reason: 'range',
        message: `options.expires is out of range. Pass 1 to ${maximum} seconds.`,
      })
  })

  it('replace a token for MSK when 80% of its lifetime has passed', async () => {
    const { refreshAt } = await entry.mskToken({ region: 'eu-west-1' }, { credentials: keys })
    expect(refreshAt).toEqual(new Date(NOW + 12 * MINUTE))
    const expiration = new Date(NOW + 5 * MINUTE)
    const limited = await entry.mskToken({ region: 'eu-west-1' }, { credentials: { ...keys, expiration } })
    expect(limited.refreshAt).toEqual(new Date(NOW + 4 * MINUTE))
  })
})

it('asynchronous functions call a provider once, after they have read the arguments', async () => {
  const provider = vi.fn(async () => keys)
  const target = { host: 'db.1.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' }
  const result = asynchronous.rdsToken(target, { credentials: provider })
  target.user = 'admin'
  expect((await result).token).toContain('DBUser=jane&')
  expect(provider).toHaveBeenCalledTimes(1)
  await expect(asynchronous.rdsToken({ ...target, port: 0 }, { credentials: provider })).rejects.toThrow('target.port')
  expect(provider).toHaveBeenCalledTimes(1)
  const ses = await asynchronous.sesSmtpPassword(
    { region: 'eu-west-1' },
    { credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }) },
  )
  expect(ses.username).toBe('AKIDEXAMPLE')
})
