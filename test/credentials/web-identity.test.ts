import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromWebIdentity, type WebIdentityOptions } from '../../src/credentials.ts'
import { createSignedFetch } from '../../src/fetch.ts'
import { sign } from '../../src/index.ts'
import { SECRET } from '../support/credentials.ts'
import { type EndpointResponse, skipWaits, startEndpoint } from '../support/endpoint.ts'

const VARIABLES = ['ROLE_ARN', 'ROLE_SESSION_NAME', 'WEB_IDENTITY_TOKEN_FILE', 'REGION', 'DEFAULT_REGION']
const ROLE = 'arn:aws:iam::123456789012:role/photos'
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl'

let folder: string
let close: () => Promise<unknown> = async () => undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sigv4-credentials-'))
  for (const name of VARIABLES) vi.stubEnv(`AWS_${name}`, undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  rmSync(folder, { recursive: true })
  await close()
})

/** A response as STS sends it; the secret contains escaped characters. */
function assumed(accessKeyId = 'ASIAEXAMPLE', change = (xml: string) => xml): EndpointResponse {
  return [
    200,
    change(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>system:serviceaccount</SubjectFromWebIdentityToken>
    <Credentials>
      <SessionToken>${'x'.repeat(1000)}&amp;=</SessionToken>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY</SecretAccessKey>
      <Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration>
      <AccessKeyId>${accessKeyId}</AccessKeyId>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`),
  ]
}

/** An error as STS sends it. */
function rejected(status: number, code: string, message: string): EndpointResponse {
  return [
    status,
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  ]
}

async function start(respond: (number: number) => EndpointResponse = () => assumed()) {
  const endpoint = await startEndpoint((_, number) => respond(number))
  close = endpoint.close
  const { received } = endpoint
  return {
    endpoint: endpoint.url,
    received,
    form: (i = 0) => Object.fromEntries(new URLSearchParams(received[i]!.body)),
  }
}

describe('fromWebIdentity', () => {
  it('exchanges a token for the credentials of a role, without a signature', async () => {
    const { endpoint, received, form } = await start()
    const provider = fromWebIdentity({
      token: TOKEN,
      roleArn: ROLE,
      roleSessionName: 'web',
      duration: '15m',
      endpoint,
    })
    expect(await provider()).toEqual({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: SECRET,
      sessionToken: `${'x'.repeat(1000)}&=`,
      expiration: expect.any(Date),
    })
    expect(form()).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: ROLE,
      RoleSessionName: 'web',
      WebIdentityToken: TOKEN,
      DurationSeconds: '900',
    })
    const { method, path, headers } = received[0]!
    expect([method, path, headers.authorization]).toEqual(['POST', '/', undefined])
    expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/)
  })

  it('calls a function for each refresh', async () => {
    const { endpoint, form } = await start()
    let number = 0
    const provider = fromWebIdentity({ token: async () => `token${++number}`, roleArn: ROLE, endpoint })
    await provider()
    await provider()
    await provider({ forceRefresh: true })
    expect([form(0), form(1)]).toEqual([
      expect.objectContaining({ WebIdentityToken: 'token1' }),
      expect.objectContaining({ WebIdentityToken: 'token2' }),
    ])
  })

  it('reads what is not passed from the environment, and the file again for each refresh', async () => {
    const { endpoint, received, form } = await start()
    const file = join(folder, 'token')
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', file)
      .stubEnv('AWS_ROLE_ARN', ROLE)
      .stubEnv('AWS_ROLE_SESSION_NAME', 'pod')
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    const send = fetch
    vi.stubGlobal('fetch', (to: string, init: RequestInit) => {
      expect(to).toBe('https://sts.eu-west-1.amazonaws.com')
      return send(endpoint, init)
    })
    const provider = fromWebIdentity()
    writeFileSync(file, 'first\n')
    await provider()
    writeFileSync(file, 'second')
    await provider({ forceRefresh: true })
    expect(form(0)).toMatchObject({ RoleArn: ROLE, RoleSessionName: 'pod', WebIdentityToken: 'first' })
    expect(form(0)).not.toHaveProperty('DurationSeconds')
    expect(form(1)).toMatchObject({ WebIdentityToken: 'second' })
    expect(received).toHaveLength(2)
  })

  it('prefers what is passed to the environment', async () => {
    const { endpoint, form } = await start()
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(folder, 'missing')).stubEnv('AWS_ROLE_ARN', 'arn:other')
    vi.stubEnv('AWS_ROLE_SESSION_NAME', 'other')
    await fromWebIdentity({ token: TOKEN, roleArn: ROLE, roleSessionName: 'web', endpoint })()
    expect(form()).toMatchObject({ RoleArn: ROLE, RoleSessionName: 'web', WebIdentityToken: TOKEN })
  })

  it('names a session without a name after the time', async () => {
    const { endpoint, form } = await start()
    await fromWebIdentity({ token: TOKEN, roleArn: ROLE, endpoint: new URL(endpoint) })()
    expect(form().RoleSessionName).toMatch(/^sigv4-\d{13}$/)
  })

  it.each([
    ['eu-west-1', 'https://sts.eu-west-1.amazonaws.com'],
    ['us-gov-west-1', 'https://sts.us-gov-west-1.amazonaws.com'],
    ['cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn'],
  ])('sends the request to STS in the region %s', async (region, url) => {
    const send = vi.fn(async (_: string) => new Response(assumed()![1]))
    vi.stubGlobal('fetch', send)
    await fromWebIdentity({ token: TOKEN, roleArn: ROLE, region })()
    vi.stubEnv('AWS_DEFAULT_REGION', region)
    await fromWebIdentity({ token: TOKEN, roleArn: ROLE })()
    expect(send.mock.calls.map(([to]) => to)).toEqual([url, url])
  })

  it.each([
    ['the server fails', [500, ''] as const],
    ['there are too many requests', [429, ''] as const],
    ['STS did not reach the identity provider', rejected(400, 'IDPCommunicationError', 'Try again')],
  ])('tries again if %s', async (_, response) => {
    const { endpoint, received } = await start((number) => (number < 3 ? response : assumed()))
    const waits = skipWaits()
    await fromWebIdentity({ token: TOKEN, roleArn: ROLE, endpoint })()
    expect(received).toHaveLength(3)
    expect(waits).toEqual([100, 200])
  })

  it.each([7200, -7200, 0])(
    'returns an expiration on the clock of this machine, which is %i s ahead of STS',
    async (ahead) => {
      const { endpoint, received } = await start(() => {
        const now = Date.now() - ahead * 1000
        const [status, text] = assumed()!
        const expiration = `<Expiration>${new Date(now + 3_600_000).toISOString()}</Expiration>`
        const date = new Date(now).toUTCString()
        return [status, text.replace(/<Expiration>.*<\/Expiration>/, expiration), { date }]
      })
      const provider = fromWebIdentity({ token: TOKEN, roleArn: ROLE, endpoint })
      const { expiration } = await provider()
      expect(Math.abs(Number(expiration) - Date.now() - 3_600_000)).toBeLessThan(5000)
      await provider()
      expect(received).toHaveLength(1)
    },
  )

  it('signs the requests of sign and of a signed fetch', async () => {
    const { endpoint } = await start()
    const credentials = fromWebIdentity({ token: TOKEN, roleArn: ROLE, endpoint })
    const url = 'https://sqs.eu-west-1.amazonaws.com/'
    const { headers } = await sign({ url }, { credentials })
    expect(headers.authorization).toContain('Credential=ASIAEXAMPLE/')
    const sent = vi.fn(async (_: unknown, _init?: RequestInit) => new Response())
    await createSignedFetch({ credentials, fetch: sent })(url)
    expect(sent.mock.calls[0]![1]!.headers).toMatchObject({ 'x-amz-security-token': headers['x-amz-security-token'] })
  })

  const MISSING = 'ERR_SIGV4_CREDENTIALS_MISSING'
  const SCOPE = 'ERR_SIGV4_SCOPE_UNKNOWN'
  it.each<[object, string, string, string]>([
    [{ token: undefined }, MISSING, 'options.token', 'is missing. Pass it, or set AWS_WEB_IDENTITY_TOKEN_FILE.'],
    [{ token: '' }, MISSING, 'options.token', 'is missing. Pass it, or set AWS_WEB_IDENTITY_TOKEN_FILE.'],
    [{ token: () => '' }, MISSING, 'options.token', 'is missing. Pass it, or set AWS_WEB_IDENTITY_TOKEN_FILE.'],
    [{ token: 5 }, 'ERR_INVALID_ARG_TYPE', 'options.token', 'has the wrong type. Pass a string or a function.'],
    [{ roleArn: undefined }, MISSING, 'options.roleArn', 'is missing. Pass it, or set AWS_ROLE_ARN.'],
    [{ region: undefined }, SCOPE, 'options.region', 'is missing. Pass it, or set AWS_REGION.'],
    [{ region: 'sts.example/' }, SCOPE, 'options.region', 'is not valid.'],
  ])('names what is missing or wrong: %j', async (change, code, argument, message) => {
    const send = vi.fn()
    vi.stubGlobal('fetch', send)
    const provider = fromWebIdentity({
      token: TOKEN,
      roleArn: ROLE,
      region: 'eu-west-1',
      ...change,
    } as WebIdentityOptions)
    await expect(provider()).rejects.toThrow(
      expect.objectContaining({ code, argument, message: `${argument} ${message}` }),
    )
    expect(send).not.toHaveBeenCalled()
  })

  it.each([
    [{ nothing: 1 }, 'ERR_INVALID_ARG_VALUE', 'options.nothing'],
    [null, 'ERR_INVALID_ARG_TYPE', 'options'],
    [{ endpoint: 'sts' }, 'ERR_INVALID_ARG_VALUE', 'options.endpoint'],
  ])('rejects the options %j', (options, code, argument) => {
    expect(() => fromWebIdentity(options as never)).toThrow(expect.objectContaining({ code, argument }))
  })

  it('names the variable of a file that cannot be read', async () => {
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(folder, 'token'))
    const provider = fromWebIdentity({ roleArn: ROLE, region: 'eu-west-1' })
    await expect(provider()).rejects.toThrow(
      'AWS_WEB_IDENTITY_TOKEN_FILE cannot be used here. Its file cannot be read: ENOENT.',
    )
    vi.stubGlobal('process', { env: process.env, nextTick: process.nextTick })
    await expect(provider()).rejects.toThrow(
      'AWS_WEB_IDENTITY_TOKEN_FILE cannot be used here. This runtime cannot read files. Pass options.token.',
    )
  })

  it.each<[string, EndpointResponse, string]>([
    [
      'rejects the token',
      rejected(
        400,
        'InvalidIdentityToken',
        'No OpenIDConnect provider found in your account for https://login.example',
      ),
      'options.roleArn cannot be used here. STS returned InvalidIdentityToken. No OpenIDConnect provider found in your account for https://login.example',
    ],
    [
      'repeats the token',
      rejected(400, 'InvalidIdentityToken', `The token ${TOKEN} is not valid`),
      'options.roleArn cannot be used here. STS returned InvalidIdentityToken. The token [hidden] is not valid',
    ],
    ['fails', [404, 'not found'], 'options.roleArn cannot be used here. STS returned status 404.'],
    [
      'returns no key',
      assumed('ASIA1', (xml) => xml.replaceAll('SecretAccessKey', 'Secret')),
      'The secretAccessKey in the response of STS is missing. Check options.endpoint.',
    ],
    [
      'returns no expiration',
      assumed('ASIA1', (xml) => xml.replaceAll('Expiration', 'Ex')),
      'The expiration in the response of STS is not valid. Check options.endpoint.',
    ],
  ])('names the problem, and not the token, if STS %s', async (_, response, message) => {
    const { endpoint } = await start(() => response)
    const provider = fromWebIdentity({ token: TOKEN, roleArn: ROLE, endpoint })
    await expect(provider()).rejects.toThrow(expect.objectContaining({ code: MISSING, message }))
    expect(message).not.toContain(TOKEN)
  })

  /** A token with characters that are escaped in a form, in XML, and in JSON. */
  const OPAQUE = `opaque/${'k+9'.repeat(4)}=|"tok'en"&<${'m:Z'.repeat(3)}`
  const jwtPart = (i: number) => TOKEN.split('.')[i]!
  it.each<[string, string, string]>([
    ['the whole', TOKEN, TOKEN],
    ['the header of the', TOKEN, jwtPart(0)],
    ['the claims of the', TOKEN, jwtPart(1)],
    ['the signature of the', TOKEN, jwtPart(2)],
    ['the start of the', TOKEN, `${TOKEN.slice(0, 16)}...`],
    ['the middle of the', TOKEN, `…${TOKEN.slice(30, 44)}…`],
    ['the end of the', TOKEN, TOKEN.slice(-8)],
    ['a broken', TOKEN, TOKEN.match(/.{1,20}/g)!.join('\n')],
    ['an opaque', OPAQUE, OPAQUE],
    ['a percent-encoded', OPAQUE, encodeURIComponent(OPAQUE)],
    ['a form-encoded', OPAQUE, new URLSearchParams({ a: OPAQUE }).toString()],
    ['a percent-encoded lowercase', OPAQUE, encodeURIComponent(OPAQUE).replace(/%../g, (hex) => hex.toLowerCase())],
    ['a twice encoded', OPAQUE, encodeURIComponent(encodeURIComponent(OPAQUE))],
    ['a JSON-encoded', OPAQUE, JSON.stringify(OPAQUE)],
    ['a short', 'token-7', 'token-7'],
  ])('does not repeat %s token in its error', async (_, token, shown) => {
    const escaped = shown.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
    for (const [code, message] of [
      ['InvalidIdentityToken', `The token ${escaped} is not valid. The region is wrong.`],
      [shown.replace(/[^\w.]/g, ''), 'not valid'],
    ] as const) {
      const { endpoint } = await start(() => rejected(400, code, message))
      const error = (await fromWebIdentity({ token, roleArn: ROLE, endpoint })().catch((error) => error)) as Error
      await close()
      const text = `${error.message} ${JSON.stringify(error)} ${error.stack}`
      const plain = [text, decodeURIComponent(text.replaceAll('+', ' ')), text.replaceAll(' ', '+')].join()
      for (let i = 0; i + 8 <= token.length; i++) expect(plain).not.toContain(token.slice(i, i + 8))
      expect(plain).not.toContain(token)
      expect(error.message).toMatch(/^options\.roleArn cannot be used here\. STS returned /)
      if (code === 'InvalidIdentityToken')
        expect(error.message).toMatch(/The token .*\[hidden\].* is not valid\. The region is wrong\.$/)
    }
    close = async () => undefined
  })

  it('names the variable of a role that cannot be assumed, and an endpoint that does not respond', async () => {
    const { endpoint } = await start(() => rejected(403, 'AccessDenied', 'Not authorized'))
    vi.stubEnv('AWS_ROLE_ARN', ROLE)
    const provider = fromWebIdentity({ token: TOKEN, endpoint })
    await expect(provider()).rejects.toThrow(
      'AWS_ROLE_ARN cannot be used here. STS returned AccessDenied. Not authorized',
    )
    await close()
    close = async () => undefined
    skipWaits()
    await expect(provider()).rejects.toThrow(
      `The STS endpoint ${endpoint} cannot be used here. There was no response: ECONNREFUSED.`,
    )
  })
})
