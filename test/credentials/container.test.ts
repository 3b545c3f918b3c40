import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fromContainer } from '../../src/credentials.ts'
import { createSignedFetch } from '../../src/fetch.ts'
import { SECRET } from '../support/credentials.ts'
import { type EndpointResponse, skipWaits, startEndpoint } from '../support/endpoint.ts'

const RELATIVE_URI = 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'
const FULL_URI = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
const TOKEN = 'AWS_CONTAINER_AUTHORIZATION_TOKEN'
const TOKEN_FILE = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'
const MINUTE = 60_000

let folder: string
const closing: (() => Promise<unknown>)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sigv4-credentials-'))
  for (const name of [RELATIVE_URI, FULL_URI, TOKEN, TOKEN_FILE]) vi.stubEnv(name, undefined)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
  await Promise.all(closing.splice(0).map((close) => close()))
})

/** Returns a response as the agent of ECS sends it. */
function credentialsFor(accessKeyId: string, minutes = 60, more: object = {}): EndpointResponse {
  const Expiration = new Date(Date.now() + minutes * MINUTE).toISOString()
  const fields = { RoleArn: 'arn:…', AccessKeyId: accessKeyId, SecretAccessKey: SECRET, Token: 'the-session-token' }
  return [200, JSON.stringify({ ...fields, Expiration, ...more })]
}

async function start(respond: Parameters<typeof startEndpoint>[0]) {
  const endpoint = await startEndpoint(respond)
  closing.push(endpoint.close)
  vi.stubEnv(FULL_URI, `${endpoint.url}/creds?id=1`)
  return endpoint
}

const missing = (argument: string, message: string) =>
  expect.objectContaining({ code: 'ERR_SIGV4_CREDENTIALS_MISSING', argument, message: `${argument} ${message}` })

describe('fromContainer', () => {
  it('has no options', () => {
    // @ts-expect-error: the SDK's function has this option
    expect(() => fromContainer({ timeout: 1000 })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', argument: 'options.timeout', reason: 'unknown' }),
    )
  })

  it('requests the credentials of an ECS task, also if there is a complete URL', async () => {
    const { url, received } = await start(() => credentialsFor('ASIAEXAMPLE', 60))
    vi.stubEnv(RELATIVE_URI, '/v2/credentials/1')
    const send = fetch
    vi.stubGlobal('fetch', (to: string, init: RequestInit) => {
      expect(to).toBe('http://169.254.170.2/v2/credentials/1')
      return send(to.replace('http://169.254.170.2', url), init)
    })
    expect(await fromContainer()()).toEqual({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: SECRET,
      sessionToken: 'the-session-token',
      expiration: expect.any(Date),
    })
    expect(received[0]).toMatchObject({
      method: 'GET',
      path: '/v2/credentials/1',
      headers: { accept: 'application/json' },
    })
    expect(received[0]!.headers).not.toHaveProperty('authorization')
  })

  it('requests the complete URL with the token', async () => {
    const { received } = await start(() => credentialsFor('ASIAEXAMPLE'))
    vi.stubEnv(TOKEN, 'Basic abc')
    await fromContainer()()
    expect(received[0]).toMatchObject({ path: '/creds?id=1', headers: { authorization: 'Basic abc' } })
  })

  it('reads the file with the token again for each refresh', async () => {
    const { received } = await start(() => credentialsFor('ASIAEXAMPLE'))
    const file = join(folder, 'token')
    vi.stubEnv(TOKEN_FILE, file).stubEnv(TOKEN, 'unused')
    const provider = fromContainer()
    writeFileSync(file, 'first\n')
    await provider()
    writeFileSync(file, 'second')
    await provider({ forceRefresh: true })
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['first', 'second'])
  })

  it('tries three times, after no response and errors of the server', async () => {
    const { received } = await start(
      (_, number) => [undefined, [503, ''] as const, credentialsFor('ASIAEXAMPLE')][number - 1],
    )
    const waits = skipWaits()
    const { timeout } = AbortSignal
    const limit = vi.spyOn(AbortSignal, 'timeout').mockImplementationOnce(() => timeout.call(AbortSignal, 20))
    expect(await fromContainer()()).toMatchObject({ accessKeyId: 'ASIAEXAMPLE' })
    expect(received).toHaveLength(3)
    expect(limit.mock.calls).toEqual([[1000], [1000], [1000]])
    expect(waits).toEqual([100, 200])
    limit.mockRestore()
  })

  it('supports IPv6 addresses, and https for other hosts', async () => {
    const sent: string[] = []
    vi.stubGlobal('fetch', async (url: string) => {
      sent.push(url)
      return new Response(credentialsFor('ASIAEXAMPLE')![1])
    })
    const urls = ['http://[::1]:1/a', 'http://[fd00:ec2::23]/v1/credentials', 'http://169.254.170.23/v1/credentials']
    urls.push('http://169.254.170.2/a', 'http://localhost/a', 'http://127.1.2.3/a', 'https://creds.example/a')
    for (const url of urls) {
      vi.stubEnv(FULL_URI, url)
      await fromContainer()()
    }
    expect(sent).toEqual(urls)
  })

  it.each([
    'http://creds.example/a',
    'http://127.0.0.1.example/a',
    'http://169.254.169.254/latest',
    'http://169.254.170.233/a',
    'http://localhost@creds.example/a',
    'https://user:password@creds.example/a',
    'ftp://127.0.0.1/a',
    'creds.example',
  ])('does not send a token to %s', async (url) => {
    const send = vi.fn()
    vi.stubGlobal('fetch', send)
    vi.stubEnv(FULL_URI, url)
    const hint = 'It must be an https URL, or an http URL of this machine or of the endpoint of ECS or EKS.'
    await expect(fromContainer()()).rejects.toThrow(missing(FULL_URI, `cannot be used here. ${hint}`))
    expect(send).not.toHaveBeenCalled()
  })

  it.each(['@creds.example/', '.creds.example/', 'v2/credentials'])('rejects the path %s', async (path) => {
    vi.stubEnv(RELATIVE_URI, path)
    const message = 'cannot be used here. It must start with a slash.'
    await expect(fromContainer()()).rejects.toThrow(missing(RELATIVE_URI, message))
  })

  it('names the variables if none is set', async () => {
    const message = `is missing. Assign a role to the task or pod, or set ${FULL_URI}.`
    await expect(fromContainer()()).rejects.toThrow(missing(RELATIVE_URI, message))
    vi.stubEnv(RELATIVE_URI, '').stubEnv(FULL_URI, '')
    await expect(fromContainer()()).rejects.toThrow(missing(RELATIVE_URI, message))
  })

  it.each<[string, EndpointResponse, number, string, string]>([
    [
      'an error',
      [404, '{"code":"NotFound"}'],
      1,
      FULL_URI,
      'cannot be used here. The response has status 404. Check the role of the task or pod.',
    ],
    [
      'an overloaded server',
      [500, ''],
      3,
      FULL_URI,
      'cannot be used here. The response has status 500. Check the role of the task or pod.',
    ],
    [
      'a redirect',
      [302, '', { location: 'https://creds.example/' }],
      1,
      FULL_URI,
      'cannot be used here. The response has status 302. Check the role of the task or pod.',
    ],
    ['HTML', [200, `<html>${SECRET}`], 1, FULL_URI, 'cannot be used here. The response is not valid JSON.'],
    ['null', [200, 'null'], 1, 'The accessKeyId in the response', `is missing. Check ${FULL_URI}.`],
    [
      'no secret',
      credentialsFor('ASIAEXAMPLE', 60, { SecretAccessKey: '' }),
      1,
      'The secretAccessKey in the response',
      `is missing. Check ${FULL_URI}.`,
    ],
    [
      'no token',
      credentialsFor('ASIAEXAMPLE', 60, { Token: '' }),
      1,
      'The sessionToken in the response',
      `is missing. Check ${FULL_URI}.`,
    ],
    [
      'expired credentials',
      credentialsFor('ASIAEXAMPLE', -1),
      1,
      'The expiration in the response',
      `has expired. Check ${FULL_URI}.`,
    ],
    [
      'an invalid date',
      credentialsFor('ASIAEXAMPLE', 1, { Expiration: 'soon' }),
      1,
      'The expiration in the response',
      `is not valid. Check ${FULL_URI}.`,
    ],
  ])('names the problem, and no secret, after %s', async (_, response, attempts, argument, message) => {
    const { received } = await start(() => response)
    const waits = skipWaits()
    vi.stubEnv(TOKEN, 'the-authorization-token')
    const error = await fromContainer()().catch((error: unknown) => error as Error)
    expect(error).toEqual(missing(argument, message))
    expect((error as Error).message).not.toMatch(/id=1|the-authorization-token|wJalr/)
    expect(received).toHaveLength(attempts)
    expect(waits).toEqual([100, 200].slice(0, attempts - 1))
  })

  it.each([401, 403])('names the variable of the token if none was sent, after status %i', async (status) => {
    await start(() => [status, ''])
    const message = `cannot be used here. The response has status ${status}, and no token was sent. Set ${TOKEN_FILE} or ${TOKEN}.`
    await expect(fromContainer()()).rejects.toThrow(missing(FULL_URI, message))
    vi.stubEnv(TOKEN, 'the-authorization-token')
    const rejected = `cannot be used here. The response has status ${status}. Check ${TOKEN}, and the role of the task or pod.`
    await expect(fromContainer()()).rejects.toThrow(missing(FULL_URI, rejected))
    const file = join(folder, 'token')
    writeFileSync(file, 'the-authorization-token')
    vi.stubEnv(TOKEN_FILE, file)
    await expect(fromContainer()()).rejects.toThrow(missing(FULL_URI, rejected.replace(TOKEN, TOKEN_FILE)))
  })

  it('names the problem if nothing listens', async () => {
    const { close } = await start(() => undefined)
    skipWaits()
    await close()
    closing.pop()
    const message = 'cannot be used here. There was no response: ECONNREFUSED.'
    await expect(fromContainer()()).rejects.toThrow(missing(FULL_URI, message))
  })

  it('names the problem with the token', async () => {
    const { received } = await start(() => credentialsFor('ASIAEXAMPLE'))
    const rejects = async (variable: string, hint: string) =>
      expect(fromContainer()()).rejects.toThrow(missing(variable, `cannot be used here. ${hint}`))
    vi.stubEnv(TOKEN, 'a\nb')
    await rejects(TOKEN, 'It must contain one line of ASCII.')
    const file = join(folder, 'token')
    vi.stubEnv(TOKEN_FILE, file)
    await rejects(TOKEN_FILE, 'Its file cannot be read: ENOENT.')
    writeFileSync(file, '\n')
    await rejects(TOKEN_FILE, 'Its file is empty.')
    writeFileSync(file, 'a\nb')
    await rejects(TOKEN_FILE, 'It must contain one line of ASCII.')
    vi.stubGlobal('process', { env: process.env, versions: {}, nextTick: process.nextTick })
    await rejects(TOKEN_FILE, `This runtime cannot read files. Set ${TOKEN}.`)
    expect(received).toEqual([])
  })
})

describe('credentials of a container', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
  })

  it('are kept until five minutes before they expire, or for five minutes', async () => {
    const { received } = await start((_, number) =>
      credentialsFor(`ASIA${number}`, 60, number === 2 ? { Expiration: null } : {}),
    )
    const provider = fromContainer()
    const at = async (minutes: number) => {
      vi.setSystemTime(minutes * MINUTE)
      return (await provider()).accessKeyId
    }
    expect(await at(0)).toBe('ASIA1')
    expect(await provider()).toBe(await provider())
    expect(await at(54.9)).toBe('ASIA1')
    expect(await at(55)).toBe('ASIA2')
    expect(await at(59.9)).toBe('ASIA2')
    expect(await at(60)).toBe('ASIA3')
    expect(received).toHaveLength(3)
  })

  it('are requested once for many callers', async () => {
    const { received } = await start(() => credentialsFor('ASIAEXAMPLE'))
    const provider = fromContainer()
    await Promise.all(Array.from({ length: 100 }, () => provider()))
    expect(received).toHaveLength(1)
  })

  it('that expire soon are requested again after half a minute, or when they have expired', async () => {
    const { received } = await start((_, number) => credentialsFor('ASIAEXAMPLE', number === 1 ? 0.25 : 4))
    const provider = fromContainer()
    const counts: number[] = []
    for (const seconds of [0, 14, 15, 44, 45, 74, 75]) {
      vi.setSystemTime(seconds * 1000)
      await provider()
      counts.push(received.length)
    }
    expect(counts).toEqual([1, 1, 2, 2, 3, 3, 4])
  })

  it('that are still valid are used if a refresh fails, unless a service rejected them', async () => {
    const { received } = await start((_, number) => (number === 1 ? credentialsFor('ASIAEXAMPLE') : [404, '']))
    const provider = fromContainer()
    const first = await provider()
    vi.setSystemTime(56 * MINUTE)
    expect([await provider(), await provider()]).toEqual([first, first])
    expect(received).toHaveLength(2)
    await expect(provider({ forceRefresh: true })).rejects.toThrow('status 404')
    vi.setSystemTime(60 * MINUTE)
    await expect(provider()).rejects.toThrow('status 404')
  })

  it('sign the requests of a signed fetch, which replaces them if they are rejected', async () => {
    await start((_, number) => credentialsFor(`ASIA${number}`))
    const keys: string[] = []
    const signedFetch = createSignedFetch({
      credentials: fromContainer(),
      fetch: async (_, init) => {
        const headers = init!.headers as Record<string, string>
        keys.push(/Credential=(\w+)/.exec(headers.authorization!)![1]!)
        expect(headers['x-amz-security-token']).toBe('the-session-token')
        return keys.length === 1 ? new Response('{"__type":"ExpiredTokenException"}', { status: 400 }) : new Response()
      },
    })
    expect((await signedFetch('https://sqs.eu-west-1.amazonaws.com/')).status).toBe(200)
    expect(keys).toEqual(['ASIA1', 'ASIA2'])
  })
})
