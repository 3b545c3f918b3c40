import { afterEach, describe, expect, it, vi } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import * as synchronous from '../../src/sync.ts'
import { SECRET } from '../support/credentials.ts'
import { asReceived, judge } from '../support/service.ts'

// URLs that stay the same for a while, URLs without expiry, and the payload hash as a header.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET }
const IOT = 'wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt'
const NOON = Date.UTC(2026, 10, 29, 12)
const HOUR = 3_600_000
const { presign, presignGet, sign } = synchronous

const cat = (key = 'cat.jpg') => ({ bucket: 'photos', key, region: 'eu-west-1' })
const get = (now: number, options: Partial<synchronous.PresignOptions> = {}, key?: string) =>
  presignGet(cat(key), { credentials, window: '1h', now, ...options })
const parameter = ({ url }: { url: string }, name: string) => new URL(url).searchParams.get(name)
const dateOf = (request: { url: string }): number => {
  const [, year, month, day, hour, minute, second] = /^(.{4})(..)(..)T(..)(..)(..)Z$/
    .exec(parameter(request, 'X-Amz-Date')!)!
    .map(Number) as [number, number, number, number, number, number, number]
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

afterEach(() => {
  vi.useRealTimers()
})

describe('window', () => {
  it('keeps the URL the same until the next window, and never dates it in the future', () => {
    const start = dateOf(get(NOON))
    expect(start).toBeLessThanOrEqual(NOON)
    expect(start).toBeGreaterThan(NOON - HOUR)
    const urls = [start, start + 1, NOON, start + HOUR - 1].map((now) => get(now).url)
    expect(new Set(urls).size).toBe(1)
    expect(dateOf(get(start + HOUR))).toBe(start + HOUR)
    expect(dateOf(get(start - 1))).toBe(start - HOUR)
  })

  it('extends the lifetime, so that each URL is valid for at least as long as asked', () => {
    const request = get(NOON, { expires: '15m' })
    expect(parameter(request, 'X-Amz-Expires')).toBe('4500')
    expect(request.expiresAt.getTime()).toBe(dateOf(request) + 4_500_000)
    expect(request.expiresAt.getTime()).toBeGreaterThanOrEqual(NOON + 900_000)
    expect(request).not.toHaveProperty('limitedBy')
    const { sent, expected } = judge(asReceived(request), SECRET, 's3', false)
    expect(sent).toBe(expected)
  })

  it('does not extend a date', () => {
    const expires = new Date(NOON + 60_000)
    expect(get(NOON, { expires }).expiresAt).toEqual(expires)
    expect(get(NOON + 30_000, { expires, window: '1d' }).url).toBe(get(NOON, { expires, window: '1d' }).url)
  })

  it('starts at another time for each path, spread over the window', () => {
    const starts = Array.from({ length: 6000 }, (_, i) => NOON - dateOf(get(NOON, {}, `photo ${i}.jpg`)))
    const tenths = new Map<number, number>()
    for (const start of starts)
      tenths.set(Math.floor(start / 360_000), (tenths.get(Math.floor(start / 360_000)) ?? 0) + 1)
    expect(tenths.size).toBe(10)
    for (const count of tenths.values()) {
      expect(count).toBeGreaterThan(450)
      expect(count).toBeLessThan(750)
    }
    expect(dateOf(get(NOON, { query: { versionId: 'a' } }))).toBe(dateOf(get(NOON)))
  })

  it('is limited by credentials that expire earlier, and not used with those that have expired since its start', () => {
    const start = dateOf(get(NOON))
    const late = { ...credentials, expiration: new Date(start + 60_000) }
    const request = get(start + 30_000, { credentials: late })
    expect(request).toMatchObject({ expiresAt: late.expiration, limitedBy: 'credentials' })
    expect(() => get(start + 60_000, { credentials: late })).toThrow(
      expect.objectContaining({ code: 'ERR_SIGV4_CREDENTIALS_MISSING', reason: 'expired' }),
    )
  })

  it('uses the clock, in both entries', async () => {
    vi.useFakeTimers({ now: NOON })
    const target = cat()
    const request = presignGet(target, { credentials, window: 3600 })
    expect(request).toEqual(get(NOON))
    expect(await asynchronous.presignGet(target, { credentials, window: 3600 })).toEqual(request)
  })

  it.each([
    [{ window: 0 }, 'options.window', 'range'],
    [{ window: '8d' }, 'options.window', 'range'],
    [{ window: 'an hour' }, 'options.window', 'invalid'],
    [{ window: null as never }, 'options.window', 'invalid'],
    [{ window: '1d', expires: '7d' }, 'options.expires', 'range'],
    [{ window: '1d', expires: 0 }, 'options.expires', 'range'],
  ] as const)('of %j is an error', (options, argument, reason) => {
    expect(() => get(NOON, options)).toThrow(expect.objectContaining({ argument, reason }))
  })

  it('names the longest lifetime that is left', () => {
    expect(() => get(NOON, { window: '1d', expires: '7d' })).toThrow('Pass 1 to 518400 seconds.')
  })
})

describe('expires: false', () => {
  it('omits X-Amz-Expires, and assumes the five minutes of AWS', () => {
    const request = presign('GET', IOT, {
      credentials,
      service: 'iotdevicegateway',
      now: NOON,
      expires: false,
    })
    expect(parameter(request, 'X-Amz-Expires')).toBeNull()
    expect(request.expiresAt).toEqual(new Date(NOON + 300_000))
    const { sent, expected } = judge(asReceived(request), SECRET, 'other', false)
    expect(sent).toBe(expected)
  })

  it('omits it beside other parameters', () => {
    const request = presign('GET', `${IOT}?a=b`, { credentials, service: 'iotdevicegateway', expires: false })
    expect(parameter(request, 'a')).toBe('b')
    expect(parameter(request, 'X-Amz-Expires')).toBeNull()
  })

  it.each([
    ['S3', 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg', {}],
    ['a window', IOT, { window: '1h' }],
  ] as const)('is an error with %s', (_, url, options) => {
    expect(() => presign('GET', url, { credentials, expires: false, ...options })).toThrow(
      expect.objectContaining({ argument: 'options.expires', reason: 'invalid' }),
    )
  })
})

describe('payloadHashHeader', () => {
  const LATTICE = 'https://a-1.7d67968.vpc-lattice-svcs.us-west-2.on.aws/'
  const options = { credentials, service: 'vpc-lattice-svcs', region: 'us-west-2', payloadHash: 'UNSIGNED-PAYLOAD' }

  it('adds the hash as a signed header to presigned requests of any service', () => {
    const request = presign('GET', LATTICE, { ...options, now: NOON, payloadHashHeader: true })
    expect(request.headers).toEqual({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })
    expect(parameter(request, 'X-Amz-SignedHeaders')).toBe('host;x-amz-content-sha256')
    expect(presign('GET', LATTICE, options).headers).toEqual({})
  })

  it('false omits the header that a payload hash adds for S3', () => {
    const payloadHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(presignGet(cat(), { credentials, payloadHash }).headers).toEqual({ 'x-amz-content-sha256': payloadHash })
    expect(presignGet(cat(), { credentials, payloadHash, payloadHashHeader: false }).headers).toEqual({})
  })

  it('must be a boolean', () => {
    const wrong = { ...options, payloadHashHeader: 'yes' as never }
    for (const call of [() => presign('GET', LATTICE, wrong), () => sign({ url: LATTICE }, wrong)])
      expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
  })
})
