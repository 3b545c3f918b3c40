import { afterEach, describe, expect, it } from 'vitest'
import { byForm, byQuery, send } from '../../../../test/support/hand.ts'
import { all, credentials, type Started, start } from '../support/serve/start.ts'

const HOUR = 3_600_000

let running: Started[] = []
afterEach(async () => {
  await Promise.all(running.map(({ stop }) => stop()))
  running = []
})

async function begin(options: Parameters<typeof start>[0]): Promise<Started> {
  const started = await start(options)
  running.push(started)
  return started
}

/** Sends requests one after another; returns their status and error code. */
async function list({ s3 }: Started, count: number): Promise<string[]> {
  const results: string[] = []
  for (let i = 0; i < count; i++) {
    const { status, text } = await s3('GET', '/')
    results.push([status, ...all(text, 'Code')].join(' '))
  }
  return results
}

describe('a skew', () => {
  it.each([HOUR, -HOUR])('of %i ms changes the Date header, and what is too late or too early', async (skew) => {
    const { s3 } = await begin({ skew: `${skew}ms` })
    const before = Date.now()
    const rejected = await s3('GET', '/')
    expect(rejected.status).toBe(403)
    expect(all(rejected.text, 'Code')).toEqual(['RequestTimeTooSkewed'])
    const offset = Date.parse(rejected.headers.date!) - before - skew
    expect(Math.abs(offset)).toBeLessThan(5000)
    expect(all(rejected.text, 'ServerTime')[0]!.slice(0, 15)).toBe(
      new Date(Date.parse(rejected.headers.date!)).toISOString().slice(0, 15),
    )
    expect((await s3('GET', '/', { time: Date.now() + skew })).status).toBe(200)
  })

  it('is added to the given clock', async () => {
    const { s3 } = await begin({ skew: '1h', now: () => Date.UTC(2026, 0) })
    const { status, headers } = await s3('GET', '/', { time: Date.UTC(2026, 0) + HOUR })
    expect([status, headers.date]).toEqual([200, 'Thu, 01 Jan 2026 01:00:00 GMT'])
  })
})

describe('a fail rate', () => {
  const [failed, unavailable] = ['500 InternalError', '503 ServiceUnavailable']

  it.each([
    [0, ['200', '200', '200']],
    [0.5, [failed, '200', unavailable, '200', failed]],
    [0.75, [failed, unavailable, failed, '200', unavailable, failed, unavailable, '200']],
    [1, [failed, unavailable, failed]],
  ])('of %d fails the first requests of each round', async (failRate, expected) => {
    expect(await list(await begin({ failRate }), expected.length)).toEqual(expected)
  })

  it('of 0.07 fails exactly 7 of 100 requests', async () => {
    const results = await list(await begin({ failRate: 0.07 }), 100)
    expect(results.filter((result) => result !== '200')).toHaveLength(7)
  })

  it('stores nothing, and the request can be repeated on the same connection', async () => {
    const { s3, lines } = await begin({ failRate: 0.5 })
    expect((await s3('PUT', '/photos/cat.jpg', { body: 'a cat' })).status).toBe(500)
    expect((await s3('GET', '/photos/cat.jpg')).status).toBe(404)
    expect((await s3('PUT', '/photos/cat.jpg', { body: 'a cat' })).status).toBe(503)
    expect((await s3('PUT', '/photos/cat.jpg', { body: 'a cat' })).status).toBe(200)
    expect(lines[0]).toMatch(/ {2}500 {2}PUT .*InternalError: We encountered an internal error\. Please try again\./)
  })

  it('spares preflight requests', async () => {
    const { server } = await begin({ failRate: 1 })
    const headers = { origin: 'http://localhost:5173', 'access-control-request-method': 'PUT' }
    expect((await fetch(`${server.url}/photos/cat.jpg`, { method: 'OPTIONS', headers })).status).toBe(200)
  })
})

describe('a throttle', () => {
  it('rejects more requests than that in any second', async () => {
    let now = Date.now()
    const started = await begin({ throttle: 2, now: () => now })
    expect(await list(started, 4)).toEqual(['200', '200', '503 SlowDown', '503 SlowDown'])
    now += 999
    expect(await list(started, 1)).toEqual(['503 SlowDown'])
    now += 1 // the rejected ones do not count
    expect(await list(started, 3)).toEqual(['200', '200', '503 SlowDown'])
  })

  it('is applied first, and the fail rate to the other requests', async () => {
    const now = Date.now()
    const results = await list(await begin({ throttle: 2, failRate: 0.5, now: () => now }), 4)
    expect(results).toEqual(['500 InternalError', '200', '503 SlowDown', '503 SlowDown'])
  })
})

describe('the region of all buckets', () => {
  it('is returned with status 301 to requests that are signed for a different one', async () => {
    const { s3, server, lines } = await begin({ redirectRegion: 'eu-west-1' })
    const moved = await s3('PUT', '/photos/cat.jpg', { body: 'a cat' })
    expect([moved.status, moved.headers['x-amz-bucket-region']]).toEqual([301, 'eu-west-1'])
    expect(moved.headers).not.toHaveProperty('location')
    expect([all(moved.text, 'Code'), all(moved.text, 'Bucket'), all(moved.text, 'Endpoint')]).toEqual([
      ['PermanentRedirect'],
      ['photos'],
      [`127.0.0.1:${server.port}`],
    ])
    expect(lines[0]).toContain('PermanentRedirect: The bucket you are attempting to access')
    const head = await s3('HEAD', '/photos')
    expect([head.status, head.headers['x-amz-bucket-region'], head.text]).toEqual([301, 'eu-west-1', ''])
    expect((await s3('PUT', '/photos/cat.jpg', { body: 'a cat', region: 'eu-west-1' })).status).toBe(200)
  })

  it('does not concern requests without a bucket, nor those with an incorrect signature', async () => {
    const { s3 } = await begin({ redirectRegion: 'eu-west-1' })
    expect((await s3('GET', '/')).status).toBe(200)
    expect((await s3('GET', '/photos/cat.jpg', { secret: 'another' })).status).toBe(403)
  })

  it('is returned with status 400 if the server accepts no other, also to HEAD', async () => {
    const { s3 } = await begin({ region: 'eu-west-1' })
    for (const method of ['GET', 'HEAD']) {
      const { status, headers } = await s3(method, '/photos')
      expect([status, headers['x-amz-bucket-region']]).toEqual([400, 'eu-west-1'])
    }
    const { headers } = await s3('GET', '/photos', { region: 'eu-west-1', secret: 'another' })
    expect(headers).not.toHaveProperty('x-amz-bucket-region')
  })
})

describe('the lifetime of session tokens', () => {
  it('starts with the first use of each', async () => {
    let now = Date.now()
    const { s3 } = await begin({ expireToken: '1m', now: () => now })
    const use = async (token?: string) => {
      const { status, text } = await s3('GET', '/', { time: now, ...(token !== undefined && { token }) })
      return [status, ...all(text, 'Code')].join(' ')
    }
    expect(await use('one')).toBe('200')
    now += 59_999
    expect([await use('one'), await use('two')]).toEqual(['200', '200'])
    now += 1
    expect([await use('one'), await use('two'), await use()]).toEqual(['400 ExpiredToken', '200', '200'])
  })

  it('also ends for presigned URLs and forms, and no error contains the token', async () => {
    const { s3, lines, server, making } = await begin({ expireToken: '1ms', now: clock() })
    expect((await s3('GET', '/', { token: 'the-token' })).status).toBe(200)
    const names = ['key', 'x-amz-algorithm', 'x-amz-credential', 'x-amz-date', 'x-amz-security-token']
    const conditions = [{ bucket: 'bucket' }, ...names.map((name) => ['starts-with', `$${name}`, ''])]
    for (const request of [
      byQuery(making({ path: '/photos/cat.jpg', token: 'the-token' })),
      byForm({ ...making({}), conditions, fields: { 'x-amz-security-token': 'the-token' } }),
    ]) {
      const { status, text } = await send(server.port, request)
      expect([status, all(text, 'Code')]).toEqual([400, ['ExpiredToken']])
      expect(text + lines.join()).not.toContain('the-token')
    }
  })

  it('is independent of the token that the server was started with', async () => {
    const { s3 } = await begin({ expireToken: '1h', credentials: { ...credentials, sessionToken: 'one' } })
    for (const token of ['one', 'two']) expect((await s3('GET', '/', { token })).status).toBe(200)
  })
})

/** A clock that advances with each reading. */
function clock(): () => number {
  let now = Date.now()
  return () => now++
}
