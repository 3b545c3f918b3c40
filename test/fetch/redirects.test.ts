import { afterEach, describe, expect, it } from 'vitest'
import { createSignedFetch } from '../../src/fetch.ts'
import { CREDENTIALS, listen, scripted, TEMPORARY, xml } from '../support/fetch.ts'

const BUCKET = 'https://photos.s3.us-east-1.amazonaws.com/cat.jpg'
const SECRETS = ['authorization', 'x-amz-security-token', 'x-amz-date', 'x-amz-content-sha256']

function redirect(location: string, status = 307): Response {
  return new Response(null, { status, headers: { location } })
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('to another server is returned, which receives nothing: %i', async (status) => {
    const other = await listen(() => [200])
    const first = await listen(() => [status, { location: `${other.url}/stolen` }])
    closing.push(other.close, first.close)
    const signedFetch = createSignedFetch({ credentials: TEMPORARY, region: 'us-east-1', service: 's3' })
    for (const init of [
      {},
      { redirect: 'follow' },
      { redirect: 'follow', method: 'PUT', body: 'a' },
      { method: 'PUT', body: 'a' },
    ] as RequestInit[]) {
      const response = await signedFetch(`${first.url}/photos/cat.jpg`, init)
      expect([response.status, response.headers.get('location')]).toEqual([status, `${other.url}/stolen`])
    }
    expect(first.received.map(({ headers }) => headers['x-amz-security-token'])).toEqual(
      Array(4).fill('the-session-token'),
    )
    expect(other.received).toEqual([])
    // the same redirect, followed by fetch: the server does receive the token
    const { headers } = first.received[0]!
    const signed = Object.fromEntries(SECRETS.map((name) => [name, headers[name] as string]))
    await fetch(`${first.url}/photos/cat.jpg`, { headers: signed })
    expect(other.received[0]!.headers).toHaveProperty('x-amz-security-token')
  })

  it.each([307, 308])('with status %i on the same origin is signed again, with the same body', async (status) => {
    const server = await listen(({ url }) => (url === '/a' ? [status, { location: '/b?c=d' }] : [200, {}, 'done']))
    closing.push(server.close)
    const signedFetch = createSignedFetch({ credentials: CREDENTIALS, region: 'us-east-1', service: 's3' })
    const response = await signedFetch(`${server.url}/a`, { method: 'POST', body: 'text' })
    expect(await response.text()).toBe('done')
    expect(server.received.map(({ method, path, body, verified }) => [method, path, String(body), verified])).toEqual([
      ['POST', '/a', 'text', true],
      ['POST', '/b?c=d', 'text', true],
    ])
  })

  it('is followed five times', async () => {
    const server = await listen(() => [307, { location: '/again' }])
    closing.push(server.close)
    const signedFetch = createSignedFetch({
      credentials: CREDENTIALS,
      region: 'us-east-1',
      service: 's3',
      retry: false,
    })
    expect((await signedFetch(server.url)).status).toBe(307)
    expect(server.received.map(({ verified }) => verified)).toEqual(Array(6).fill(true))
  })

  it.each([301, 302, 303])('with status %i is returned', async (status) => {
    const { signedFetch, sent } = scripted([redirect('/b', status)])
    expect((await signedFetch(BUCKET)).status).toBe(status)
    expect(sent).toHaveLength(1)
  })

  it.each([
    [307, undefined],
    [308, undefined],
    [307, ''],
    [308, ' '],
  ])('with status %i and the location %j is returned, after one request', async (status, location) => {
    const server = await listen(({ url }) =>
      url === '/photos/cat.gif' ? [status, location === undefined ? {} : { location }] : [200],
    )
    closing.push(server.close)
    const signedFetch = createSignedFetch({ credentials: CREDENTIALS, region: 'us-east-1', service: 's3' })
    const response = await signedFetch(`${server.url}/photos/cat.gif`, { method: 'PUT', body: 'GIF' })
    expect(response.status).toBe(status)
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /photos/cat.gif'])
  })

  it('from an S3 host to one in another region is signed again for that region', async () => {
    const target = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
    const { signedFetch, sent } = scripted([redirect(target), 200], { credentials: TEMPORARY, region: 'us-east-1' })
    expect((await signedFetch(BUCKET)).status).toBe(200)
    expect(sent[1]!.url).toBe(target)
    expect(sent[1]!.init.headers.authorization).toContain('/eu-west-1/s3/aws4_request')
  })

  it.each([
    'https://evil.example/cat.jpg',
    'http://photos.s3.us-east-1.amazonaws.com/cat.jpg',
    'https://photos.s3.us-east-1.amazonaws.com:8443/cat.jpg',
    'https://photos.s3.cn-north-1.amazonaws.com.cn/cat.jpg',
    'https://evil.s3-website-us-east-1.amazonaws.com/cat.jpg',
    'https://evil.s3-website.us-east-1.amazonaws.com/cat.jpg',
    'https://evils3.us-east-1.amazonaws.com/cat.jpg',
    'https://ec2-1-2-3-4.compute-1.amazonaws.com/cat.jpg',
    'https://s3.us-east-1.elb.amazonaws.com/cat.jpg',
    'https://evil.execute-api.us-east-1.amazonaws.com/cat.jpg',
    'https://evil.lambda-url.us-east-1.on.aws/cat.jpg',
    'https://evil.r2.cloudflarestorage.com/cat.jpg',
    'https://photos.s3.us-east-1.amazonaws.com.evil.example/cat.jpg',
    'https://photos.s3.us-east-1.amazonaws.com@evil.example/cat.jpg',
    '//evil.example/cat.jpg',
    'https://[',
  ])('from S3 to %s is returned', async (location) => {
    const { signedFetch, sent } = scripted([redirect(location)], { credentials: TEMPORARY })
    expect((await signedFetch(BUCKET)).status).toBe(307)
    expect(sent).toHaveLength(1)
  })

  it.each([
    ['https://a.execute-api.us-east-1.amazonaws.com/', 'https://b.execute-api.us-east-1.amazonaws.com/'],
    ['https://lambda.us-east-1.amazonaws.com/', 'https://evil.lambda-url.us-east-1.on.aws/'],
    ['https://evil.lambda-url.us-east-1.on.aws/', 'https://photos.s3.us-east-1.amazonaws.com/'],
  ])('from %s to %s is returned', async (url, location) => {
    const { signedFetch, sent } = scripted([redirect(location)], { credentials: TEMPORARY })
    expect((await signedFetch(url)).status).toBe(307)
    expect(sent).toHaveLength(1)
  })
})

describe('the region of a bucket', () => {
  const moved = (region: string) => new Response(null, { status: 301, headers: { 'x-amz-bucket-region': region } })
  const malformed = (region: string) => xml(400, 'AuthorizationHeaderMalformed', `<Region>${region}</Region>`)

  it.each([
    ['https://photos.s3.us-east-1.amazonaws.com/a', 'https://photos.s3.eu-west-1.amazonaws.com/a'],
    ['https://photos.s3.amazonaws.com/a?b=c', 'https://photos.s3.eu-west-1.amazonaws.com/a?b=c'],
    ['https://s3.us-east-1.amazonaws.com/photos/a', 'https://s3.eu-west-1.amazonaws.com/photos/a'],
    ['https://photos.s3-us-west-2.amazonaws.com/a', 'https://photos.s3.eu-west-1.amazonaws.com/a'],
    [
      'https://photos.s3-fips.dualstack.us-east-1.amazonaws.com/a',
      'https://photos.s3-fips.dualstack.eu-west-1.amazonaws.com/a',
    ],
    ['https://a.b.s3.us-east-1.amazonaws.com/a', 'https://a.b.s3.eu-west-1.amazonaws.com/a'],
  ])('is followed from %s to %s', async (url, target) => {
    for (const response of [moved, malformed]) {
      const { signedFetch, sent, attempts } = scripted([response('eu-west-1'), 200], { region: 'us-east-1' })
      expect((await signedFetch(url, { method: 'PUT', body: 'a' })).status).toBe(200)
      expect(sent[1]!.url).toBe(target)
      expect(sent[1]!.init.headers.authorization).toContain('/eu-west-1/s3/aws4_request')
      expect(attempts[0]).toEqual(['region', 0])
    }
  })

  it('is followed for HEAD, whose response has no body', async () => {
    const headers = { 'x-amz-bucket-region': 'eu-west-1' }
    const { signedFetch } = scripted([new Response(null, { status: 400, headers }), 200])
    expect((await signedFetch(BUCKET, { method: 'HEAD' })).status).toBe(200)
  })

  it.each([
    ['https://localhost:9000/photos/a', 's3'],
    ['https://photos.s3-accelerate.amazonaws.com/a', undefined],
    ['https://vpce-1a2b-s3.us-east-1.vpce.amazonaws.com/photos/a', 's3'],
    ['https://minio.s3.us-east-1.amazonaws.com.example/a', 's3'],
  ])('changes only the scope at %s', async (url, service) => {
    const { signedFetch, sent } = scripted([malformed('eu-west-1'), 200], { region: 'us-east-1', service })
    expect((await signedFetch(url)).status).toBe(200)
    expect(sent.map((each) => each.url)).toEqual([url, url])
    expect(sent[1]!.init.headers.authorization).toContain('/eu-west-1/s3/')
  })

  it('is followed once', async () => {
    const { signedFetch, sent } = scripted([moved('eu-west-1'), moved('eu-west-2')])
    expect((await signedFetch(BUCKET)).status).toBe(301)
    expect(sent).toHaveLength(2)
  })

  it.each(['us-east-1', 'evil.example/', 'eu-west-1.evil.example', 'EU-WEST-1', '*', ''])(
    'is not followed to %j',
    async (region) => {
      for (const response of [moved, malformed]) {
        const { signedFetch, sent } = scripted([response(region)])
        await signedFetch(BUCKET)
        expect(sent).toHaveLength(1)
      }
    },
  )

  it('is not followed for other services, nor without the option', async () => {
    const { signedFetch } = scripted([moved('eu-west-1')])
    expect((await signedFetch('https://sqs.us-east-1.amazonaws.com/')).status).toBe(301)
    const other = scripted([moved('eu-west-1')], { followRegion: false })
    expect((await other.signedFetch(BUCKET)).status).toBe(301)
  })
})
