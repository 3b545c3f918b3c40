import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromS3Express, type S3ExpressOptions, type S3ExpressTarget } from '../../src/credentials.ts'
import { createSignedFetch } from '../../src/fetch.ts'
import { verify } from '../../src/verify.ts'
import { SECRET } from '../support/credentials.ts'
import { type EndpointResponse, startEndpoint } from '../support/endpoint.ts'

const BUCKET = 'photos--use1-az4--x-s3'
const HOST = `${BUCKET}.s3express-use1-az4.us-east-1.amazonaws.com`
const IAM = { accessKeyId: 'ASIAIAMEXAMPLE', secretAccessKey: 'iam-secret/+1', sessionToken: 'token-of-a-role' }
const REGION = 'us-east-1'
const OPTIONS: S3ExpressOptions = { credentials: IAM }

let close: () => Promise<unknown> = async () => undefined
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  await close()
})

/** A response to CreateSession, as S3 sends it. */
function created(accessKeyId = 'SESSION1', expiresIn = 300_000): EndpointResponse {
  const expiration = new Date(Date.now() + expiresIn).toISOString()
  return [
    200,
    `<?xml version="1.0" encoding="UTF-8"?><CreateSessionResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Credentials><SessionToken>token&amp;of-${accessKeyId}</SessionToken><SecretAccessKey>${SECRET}</SecretAccessKey><AccessKeyId>${accessKeyId}</AccessKeyId><Expiration>${expiration}</Expiration></Credentials></CreateSessionResult>`,
  ]
}

function rejected(status: number, code: string, message: string): EndpointResponse {
  return [status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`]
}

/** Starts an endpoint, which receives all requests to S3 Express. */
async function start(respond: (number: number, path: string) => EndpointResponse = () => created()) {
  const endpoint = await startEndpoint(({ path }, number) => respond(number, path))
  close = endpoint.close
  const send = fetch
  const urls: string[] = []
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    urls.push(url)
    return send(endpoint.url + url.slice(`https://${HOST}`.length), init)
  })
  return { received: endpoint.received, urls }
}

describe('fromS3Express', () => {
  it('creates a session with a request that is signed with IAM credentials', async () => {
    const { received, urls } = await start()
    expect(await fromS3Express({ bucket: BUCKET, region: REGION }, { ...OPTIONS, mode: 'ReadOnly' })()).toEqual({
      accessKeyId: 'SESSION1',
      secretAccessKey: SECRET,
      sessionToken: 'token&of-SESSION1',
      expiration: expect.any(Date),
    })
    expect(urls).toEqual([`https://${HOST}/?session=`])
    const { method, path, headers } = received[0]!
    expect(headers).toMatchObject({
      'x-amz-create-session-mode': 'ReadOnly',
      'x-amz-security-token': IAM.sessionToken,
    })
    expect(headers).not.toHaveProperty('x-amz-s3session-token')
    const sent = { method, url: path, headers: { ...headers, host: HOST } }
    const verified = await verify(sent, { credentials: () => IAM, region: 'us-east-1', service: 's3express' })
    expect(verified.accessKeyId).toBe(IAM.accessKeyId)
  })

  it('signs the requests of a fetch with the session, and creates it once for all', async () => {
    const { received } = await start((_, path) => (path.startsWith('/?session') ? created() : [200, 'a cat']))
    const signedFetch = createSignedFetch({ credentials: fromS3Express({ bucket: BUCKET, region: REGION }, OPTIONS) })
    const load = async () => (await signedFetch(`https://${HOST}/cat.jpg`)).text()
    expect(await Promise.all([load(), load(), load()])).toEqual(['a cat', 'a cat', 'a cat'])
    expect(received.map(({ path }) => path)).toEqual(['/?session=', '/cat.jpg', '/cat.jpg', '/cat.jpg'])
    const { headers, method, path } = received[1]!
    expect(headers).toMatchObject({ 'x-amz-s3session-token': 'token&of-SESSION1' })
    expect(headers).not.toHaveProperty('x-amz-security-token')
    const sent = { method, url: path, headers: { ...headers, host: HOST } }
    const verified = await verify(sent, { credentials: () => SECRET, region: 'us-east-1', service: 's3express' })
    expect(verified.accessKeyId).toBe('SESSION1')
  })

  it('keeps a session until two minutes before it expires', async () => {
    const { received } = await start((number) => created(`SESSION${number}`))
    const provider = fromS3Express({ bucket: BUCKET, region: REGION }, OPTIONS)
    vi.useFakeTimers({ toFake: ['Date'] })
    const begin = Date.now()
    const first = await provider()
    vi.setSystemTime(begin + 170_000)
    expect(await provider()).toBe(first)
    vi.setSystemTime(begin + 190_000)
    expect(await provider()).toMatchObject({ accessKeyId: 'SESSION2' })
    expect(received).toHaveLength(2)
  })

  it('creates a session if S3 rejects the last one as expired', async () => {
    const { received } = await start((number, path) =>
      path.startsWith('/?session')
        ? created(`SESSION${number}`)
        : number === 2
          ? rejected(400, 'ExpiredToken', 'The provided token has expired.')
          : [200, 'a cat'],
    )
    const signedFetch = createSignedFetch({ credentials: fromS3Express({ bucket: BUCKET, region: REGION }, OPTIONS) })
    expect(await (await signedFetch(`https://${HOST}/cat.jpg`)).text()).toBe('a cat')
    expect(received.map(({ headers }) => headers['x-amz-s3session-token'])).toEqual([
      undefined,
      'token&of-SESSION1',
      undefined,
      'token&of-SESSION3',
    ])
  })

  it.each(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'])(
    'asks a provider for IAM credentials, and once more if they have expired: %s',
    async (code) => {
      const { received } = await start((number) =>
        number === 1 ? rejected(400, code, 'The provided token has expired.') : created(),
      )
      const calls: unknown[] = []
      const credentials = async (options?: { forceRefresh?: boolean }) => {
        calls.push(options?.forceRefresh)
        return { ...IAM, sessionToken: `token${calls.length}` }
      }
      const provider = fromS3Express({ bucket: BUCKET, region: REGION }, { ...OPTIONS, credentials })
      expect(await provider()).toMatchObject({ accessKeyId: 'SESSION1' })
      expect(calls).toEqual([undefined, true])
      expect(received.map(({ headers }) => headers['x-amz-security-token'])).toEqual(['token1', 'token2'])
      await provider({ forceRefresh: true })
      expect(calls).toHaveLength(2)
    },
  )

  it.each([
    [
      rejected(403, 'AccessDenied', 'User: jane is not authorized to perform: s3express:CreateSession'),
      'S3 returned AccessDenied. User: jane is not authorized to perform: s3express:CreateSession. Allow s3express:CreateSession for the bucket in the policy of the IAM credentials.',
    ],
    [
      rejected(404, 'NoSuchBucket', 'The bucket does not exist.'),
      'S3 returned NoSuchBucket. The bucket does not exist.',
    ],
    [[418, 'tea'] as EndpointResponse, 'S3 returned status 418.'],
  ])('names the bucket in an error of the service', async (response, message) => {
    await start(() => response)
    await expect(fromS3Express({ bucket: BUCKET, region: REGION }, OPTIONS)()).rejects.toMatchObject({
      code: 'ERR_SIGV4_CREDENTIALS_MISSING',
      argument: `The session for ${BUCKET}`,
      reason: 'unusable',
      message: `The session for ${BUCKET} cannot be used here. ${message}`,
    })
  })

  it('rejects a response without credentials', async () => {
    await start(() => [200, '<CreateSessionResult></CreateSessionResult>'])
    await expect(fromS3Express({ bucket: BUCKET, region: REGION }, OPTIONS)()).rejects.toMatchObject({
      code: 'ERR_SIGV4_CREDENTIALS_MISSING',
      argument: `The accessKeyId in the session for ${BUCKET}`,
    })
  })

  it.each([
    [{ bucket: undefined }, {}, 'target.bucket', 'invalid'],
    [{ bucket: 'photos' }, {}, 'target.bucket', 'invalid'],
    [{ bucket: `${'-'.repeat(100_000)}--x-s3` }, {}, 'target.bucket', 'invalid'],
    [{ bucket: 'evil.example/--use1-az4--x-s3' }, {}, 'target.bucket', 'invalid'],
    [{ region: undefined }, {}, 'target.region', 'missing'],
    [{ region: 'europe' }, {}, 'target.region', 'invalid'],
    [{ mode: 'ReadOnly' }, {}, 'target.mode', 'unknown'],
    [{}, { mode: 'Write' }, 'options.mode', 'invalid'],
    [{}, { modes: 'ReadOnly' }, 'options.modes', 'unknown'],
    [{}, { region: REGION }, 'options.region', 'unknown'],
    [{}, { credentials: {} }, 'options.credentials.accessKeyId', 'missing'],
    [{}, { credentials: undefined }, 'options.credentials.accessKeyId', 'missing'],
  ])('rejects an invalid argument', (target, given, argument, reason) => {
    expect(() =>
      fromS3Express({ bucket: BUCKET, region: REGION, ...target } as S3ExpressTarget, {
        ...OPTIONS,
        ...(given as object),
      }),
    ).toThrow(expect.objectContaining({ argument, reason }))
  })

  it('accepts an access point of a directory bucket', async () => {
    expect(fromS3Express({ bucket: 'photos--use1-az4--xa-s3', region: REGION }, OPTIONS)).toBeTypeOf('function')
  })
})
