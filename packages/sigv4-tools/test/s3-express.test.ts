import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createSignedFetch } from '../../../src/fetch.ts'
import * as asynchronous from '../../../src/index.ts'
import { signChunks } from '../../../src/streams.ts'
import * as sync from '../../../src/sync.ts'
import { s3ExpressSession } from '../../../src/tokens.ts'
import { verify } from '../../../src/verify.ts'
import { inspect } from '../src/explain.ts'

// The values are those of the AWS SDK for Rust, whose tests the fixture names.

const { presigned, signed } = JSON.parse(
  readFileSync(new URL('../../../fixtures/s3-express/sessions.json', import.meta.url), 'utf8'),
)
const ENTRIES = [
  ['sigv4', asynchronous],
  ['sigv4/sync', sync],
] as const
const SESSION = { ...presigned.session, expiration: new Date('2099-01-01T00:00:00Z') }
const { sessionToken: TOKEN, ...KEYS } = SESSION
const IAM = { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'the-token-of-a-role' }
const HOST = 's3express-test-bucket--usw2-az1--x-s3.s3express-usw2-az1.us-west-2.amazonaws.com'
const OBJECT = `https://${HOST}/ferris.png`
const SECURITY = 'x-amz-security-token'
const EXPRESS = 'x-amz-s3session-token'

const parametersOf = (url: string) => url.split('?')[1]!.split('&').sort()
/** The headers with a token, and what they contain. */
const tokensOf = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.endsWith('-token')))

describe.each(ENTRIES)('%s with an S3 Express session', (_, { presign, presignGet, presignPost, presignPut, sign }) => {
  it('presigns as the AWS SDK does', async () => {
    const { session, url, time, expires, parameters } = presigned
    const options = { expires, now: new Date(time * 1000) }
    const credentials = { ...session, expiration: new Date(session.expiration) }
    const result = await presignGet(url, { ...options, credentials })
    expect(parametersOf(result.url)).toEqual(parameters)
    expect(result.headers).toEqual({})
    const { sessionToken, ...keys } = credentials
    const given = { ...options, credentials: keys, query: { 'X-Amz-S3session-Token': sessionToken } }
    expect(await presignGet(url, given)).toEqual(result)
  })

  it('signs as the AWS SDK does', async () => {
    const { session, url, time, headers, authorization } = signed
    const signedAt = new Date(time * 1000)
    const credentials = { ...session, expiration: new Date(session.expiration) }
    const result = await sign({ url, headers }, { credentials, now: signedAt })
    expect(result.headers.authorization).toBe(authorization)
    expect(tokensOf(result.headers)).toEqual({ [EXPRESS]: session.sessionToken })
    const { sessionToken, ...keys } = credentials
    const given = { ...headers, [EXPRESS]: sessionToken }
    expect(await sign({ url, headers: given }, { credentials: keys, now: signedAt })).toEqual(result)
  })

  it.each([
    ['CreateSession', 'GET', `https://${HOST}/?session`, {}],
    [
      'CreateSession in a specific mode',
      'GET',
      `https://${HOST}/?session=`,
      { 'x-amz-create-session-mode': 'ReadOnly' },
    ],
    ['CopyObject', 'PUT', OBJECT, { 'x-amz-copy-source': '/photos/cat.jpg' }],
    ['UploadPartCopy', 'PUT', `${OBJECT}?partNumber=1&uploadId=1`, { 'x-amz-copy-source': '/photos/cat.jpg' }],
    ['CreateBucket', 'PUT', 'https://s3express-control.us-west-2.amazonaws.com/photos--usw2-az1--x-s3', {}],
    ['ListDirectoryBuckets', 'GET', 'https://s3express-control.dualstack.us-west-2.amazonaws.com/', {}],
    ['DeleteBucket', 'DELETE', 'https://s3express-control-fips.us-east-1.amazonaws.com/photos--use1-az4--x-s3', {}],
  ])('sends the token of IAM credentials for %s', async (_, method, url, headers) => {
    const result = await sign({ method, url, headers }, { credentials: IAM })
    expect(tokensOf(result.headers)).toEqual({ [SECURITY]: IAM.sessionToken })
    expect(result.headers.authorization).toMatch(/\/s3express\/aws4_request, SignedHeaders=.*;x-amz-security-token/)
    const { url: address } = await presign(method, url, { credentials: IAM, headers })
    expect(address).toContain(`X-Amz-Security-Token=${IAM.sessionToken}`)
    expect(address).not.toContain('S3session')
  })

  it('sends the name of the token that was chosen', async () => {
    const options = { credentials: IAM, sessionTokenName: SECURITY } as const
    expect(tokensOf((await sign({ url: OBJECT }, options)).headers)).toEqual({ [SECURITY]: IAM.sessionToken })
    expect((await presignGet(OBJECT, options)).url).toContain(`&X-Amz-Security-Token=${IAM.sessionToken}&`)
    const local = { credentials: SESSION, region: 'us-east-1', service: 's3', sessionTokenName: EXPRESS } as const
    const { url } = await presignGet('http://localhost:9000/photos--usw2-az1--x-s3/cat.jpg', local)
    expect(url).toContain(`&X-Amz-S3session-Token=${TOKEN}&`)
    expect(tokensOf((await sign({ url: 'http://localhost:9000/' }, local)).headers)).toEqual({ [EXPRESS]: TOKEN })
    for (const sessionTokenName of ['X-Amz-Security-Token', 'x-amz-token', '', null])
      await expect(
        (async () =>
          sign({ url: OBJECT }, { credentials: IAM, sessionTokenName: sessionTokenName as typeof SECURITY }))(),
      ).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', argument: 'options.sessionTokenName' })
  })

  it('appends the token with its name', async () => {
    const options = { credentials: SESSION, sessionTokenPlacement: 'appended' } as const
    expect((await presignGet(OBJECT, options)).url).toMatch(RegExp(`&X-Amz-S3session-Token=${TOKEN}$`))
    const { headers } = await sign({ url: OBJECT }, options)
    expect(tokensOf(headers)).toEqual({ [EXPRESS]: TOKEN })
    expect(headers.authorization).not.toContain('-token')
  })

  it('rejects a token that is passed twice', async () => {
    const conflict = { code: 'ERR_INVALID_ARG_VALUE', reason: 'conflict' }
    const message = 'is set twice. Omit it: options.credentials.sessionToken is sent.'
    const twice = [
      [
        () => sign({ url: OBJECT, headers: { [EXPRESS]: TOKEN } }, { credentials: SESSION }),
        'request.headers["x-amz-s3session-token"]',
      ],
      [() => sign({ url: `${OBJECT}?X-Amz-S3session-Token=a` }, { credentials: SESSION }), 'request.url'],
      [
        () => presignGet(OBJECT, { credentials: SESSION, query: { 'X-Amz-S3session-Token': TOKEN } }),
        'options.query["X-Amz-S3session-Token"]',
      ],
      [
        () => presignGet(OBJECT, { credentials: SESSION, headers: { [EXPRESS]: TOKEN } }),
        'options.headers["x-amz-s3session-token"]',
      ],
      [() => presignGet(`${OBJECT}?x-amz-s3session-token=a`, { credentials: SESSION }), 'target'],
    ] as const
    for (const [call, argument] of twice)
      await expect((async () => call())(), argument).rejects.toMatchObject({
        ...conflict,
        argument,
        message: `${argument} ${message}`,
      })
  })

  it('requires a token', async () => {
    const missing = { code: 'ERR_SIGV4_CREDENTIALS_MISSING', argument: 'options.credentials.sessionToken' }
    for (const url of [OBJECT, `https://${HOST}/?session`])
      await expect((async () => sign({ url }, { credentials: KEYS }))()).rejects.toMatchObject(missing)
    await expect((async () => presignGet(OBJECT, { credentials: KEYS }))()).rejects.toMatchObject(missing)
    const s3 = { url: 'https://photos.s3.us-west-2.amazonaws.com/', headers: { [EXPRESS]: TOKEN } }
    await expect((async () => sign(s3, { credentials: KEYS }))()).rejects.toMatchObject(missing)
  })

  it('signs a form as botocore does', async () => {
    const target = { bucket: 's3express-test-bucket--usw2-az1--x-s3', key: 'cat.jpg', region: 'us-west-2' }
    const { fields } = await presignPost(target, { credentials: SESSION })
    expect(tokensOf(fields)).toEqual({ [EXPRESS]: TOKEN })
    const { conditions } = JSON.parse(Buffer.from(fields.policy!, 'base64').toString())
    expect(conditions).toContainEqual({ [EXPRESS]: TOKEN })
  })

  it('presigns an upload until the session expires', async () => {
    const expiration = new Date(Date.now() + 60_000)
    const result = await presignPut(OBJECT, { credentials: { ...SESSION, expiration } })
    expect([result.expiresAt, result.limitedBy]).toEqual([expiration, 'credentials'])
  })
})

it.each(ENTRIES)('%s derives a key from the keys of a session', async (_, { deriveSigningKey, presignGet }) => {
  const scope = { region: 'us-west-2', service: 's3express' }
  const signingKey = await deriveSigningKey(scope, { credentials: KEYS })
  const { url } = await presignGet(OBJECT, { credentials: { ...SESSION, secretAccessKey: undefined, signingKey } })
  expect(url).toContain(`&X-Amz-S3session-Token=${TOKEN}&`)
  await expect(
    (async () => deriveSigningKey({ ...scope, service: 's3' }, { credentials: KEYS }))(),
  ).rejects.toMatchObject({
    argument: 'options.credentials.sessionToken',
  })
})

it('inspect finds the token of a session', async () => {
  const { url } = await asynchronous.presignGet(OBJECT, { credentials: SESSION })
  const { headers } = await asynchronous.sign({ url: OBJECT }, { credentials: SESSION })
  for (const request of [url, { method: 'GET', url: '/ferris.png', headers: { ...headers, host: HOST } }])
    expect(inspect(request).warnings.map(({ cause }) => cause)).toEqual([])
})

it('an upload in chunks has the token of the session', async () => {
  const url = `https://${HOST}/film.mp4`
  const { headers } = await signChunks({ url }, { credentials: SESSION, decodedLength: 10 })
  expect(tokensOf(headers)).toEqual({ [EXPRESS]: TOKEN })
  expect(headers.authorization).toMatch(/SignedHeaders=.*;x-amz-s3session-token,/)
  const options = { credentials: IAM, decodedLength: 10, sessionTokenName: SECURITY } as const
  expect(tokensOf((await signChunks({ url }, options)).headers)).toEqual({ [SECURITY]: IAM.sessionToken })
})

describe('an S3 Express server', () => {
  const lookup = (id: string) => [SESSION, IAM].find(({ accessKeyId }) => accessKeyId === id)
  const accept = (request: Request) =>
    verify(request, { credentials: lookup, service: 's3express', region: 'us-west-2' })
  /** Responds as the SDK's tests expect: sessions to IAM credentials, all else to sessions. */
  async function respond(request: Request): Promise<Response> {
    const { accessKeyId } = await accept(request)
    const isCreation = new URL(request.url).search.startsWith('?session')
    const names = [...request.headers.keys()].filter((name) => name.endsWith('-token'))
    if (String(names) !== (isCreation ? SECURITY : EXPRESS)) return new Response('InvalidToken', { status: 400 })
    if (accessKeyId !== (isCreation ? IAM : SESSION).accessKeyId) return new Response('AccessDenied', { status: 403 })
    return new Response(isCreation ? TOKEN : 'the object')
  }

  it('accepts a session, and requests with its keys from a signed fetch', async () => {
    const created = await s3ExpressSession({ bucket: HOST.split('.')[0]!, region: 'us-west-2' }, { credentials: IAM })
    const session = await respond(new Request(created.url, created))
    expect(await session.text()).toBe(TOKEN)
    const send = async (...args: ConstructorParameters<typeof Request>) => respond(new Request(...args))
    const signedFetch = createSignedFetch({ credentials: SESSION, fetch: send as typeof fetch })
    expect(await (await signedFetch(OBJECT)).text()).toBe('the object')
    expect((await signedFetch(OBJECT, { method: 'PUT', body: 'GIF' })).status).toBe(200)
    const other = createSignedFetch({ credentials: IAM, sessionTokenName: SECURITY, fetch: send as typeof fetch })
    expect((await other(OBJECT)).status).toBe(400)
  })

  it('compares the token of a session', async () => {
    const { url } = await asynchronous.presignGet(OBJECT, { credentials: SESSION })
    expect(await accept(new Request(url))).toMatchObject({ accessKeyId: SESSION.accessKeyId, sessionToken: TOKEN })
    const request = await asynchronous.sign({ url: OBJECT }, { credentials: SESSION })
    expect(await accept(new Request(request.url, request))).toMatchObject({ sessionToken: TOKEN })
    const other = { credentials: { ...SESSION, sessionToken: 'the-token-of-another-session' } }
    const wrong = { awsCode: 'InvalidToken' }
    await expect(accept(new Request((await asynchronous.presignGet(OBJECT, other)).url))).rejects.toMatchObject(wrong)
    const signedByOther = await asynchronous.sign({ url: OBJECT }, other)
    await expect(accept(new Request(OBJECT, signedByOther))).rejects.toMatchObject(wrong)
  })

  it('rejects a session token in addition to an IAM token', async () => {
    const both = { credentials: IAM, sessionTokenName: SECURITY, headers: { [EXPRESS]: TOKEN } } as const
    const { credentials, sessionTokenName, headers } = both
    const twice = { code: 'ERR_INVALID_ARG_VALUE', reason: 'conflict' }
    await expect(asynchronous.sign({ url: OBJECT, headers }, { credentials, sessionTokenName })).rejects.toMatchObject(
      twice,
    )
    const request = await asynchronous.sign({ url: OBJECT }, { credentials: SESSION })
    const added: Record<string, string> = { ...request.headers, [SECURITY]: IAM.sessionToken }
    await expect(accept(new Request(OBJECT, { headers: added }))).rejects.toMatchObject({
      code: 'ERR_SIGV4_AUTH_AMBIGUOUS',
    })
    const signedBoth = {
      ...added,
      authorization: added.authorization!.replace('token,', 'token;x-amz-security-token,'),
    }
    await expect(accept(new Request(OBJECT, { headers: signedBoth }))).rejects.toMatchObject({
      code: 'ERR_SIGV4_AUTH_AMBIGUOUS',
    })
  })
})
