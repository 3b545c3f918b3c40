import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromEnvironment } from '../../src/credentials.ts'
import { presignGet } from '../../src/index.ts'
import * as synchronous from '../../src/sync.ts'
import { SECRET } from '../support/credentials.ts'

const PAIR = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET }
const TEMPORARY = { ...PAIR, AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SESSION_TOKEN: 'the-session-token' }

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

describe('fromEnvironment', () => {
  it('reads the environment of the process, when it is called', () => {
    for (const name of Object.keys(TEMPORARY)) vi.stubEnv(name, undefined)
    const provider = fromEnvironment()
    for (const [name, value] of Object.entries(TEMPORARY)) vi.stubEnv(name, value)
    expect(provider()).toEqual({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: SECRET,
      sessionToken: 'the-session-token',
      expiration: undefined,
    })
  })

  it('reads the object that it is passed, with an expiration', () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDOTHER')
    const credentials = fromEnvironment({ ...TEMPORARY, AWS_CREDENTIAL_EXPIRATION: '2099-01-31T12:00:00+00:00' })()
    expect(credentials).toMatchObject({ accessKeyId: 'ASIAEXAMPLE', expiration: new Date('2099-01-31T12:00:00Z') })
  })

  it('ignores an empty session token and an empty expiration', () => {
    const env = { ...PAIR, AWS_SESSION_TOKEN: '', AWS_CREDENTIAL_EXPIRATION: '' }
    expect(fromEnvironment(env)()).toMatchObject({ sessionToken: undefined, expiration: undefined })
  })

  it('returns the same object until a variable changes', () => {
    const env = { ...TEMPORARY }
    const provider = fromEnvironment(env)
    const first = provider()
    expect(provider()).toBe(first)
    env.AWS_SESSION_TOKEN = 'another'
    expect(provider()).toMatchObject({ sessionToken: 'another' })
    expect(provider()).toBe(provider())
  })

  it('passes credentials to functions that sign, and synchronously to sigv4/sync', async () => {
    const provider = fromEnvironment(TEMPORARY)
    const target = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
    const { url } = await presignGet(target, { credentials: provider, now: 0 })
    expect(url).toMatch(/ASIAEXAMPLE.*X-Amz-Security-Token=the-session-token&/)
    expect(synchronous.presignGet(target, { credentials: provider(), now: 0 }).url).toBe(url)
  })

  const missing = 'Set it in the environment, or in the object that you pass to fromEnvironment.'
  it.each([
    ['AWS_ACCESS_KEY_ID', { AWS_ACCESS_KEY_ID: undefined }, 'missing', `is missing. ${missing}`],
    ['AWS_ACCESS_KEY_ID', { AWS_ACCESS_KEY_ID: '' }, 'missing', `is missing. ${missing}`],
    ['AWS_SECRET_ACCESS_KEY', { AWS_SECRET_ACCESS_KEY: '' }, 'missing', `is missing. ${missing}`],
    ['AWS_SESSION_TOKEN', { AWS_SESSION_TOKEN: '' }, 'missing', `is missing. ${missing}`], // of a temporary key
    ['AWS_SECRET_ACCESS_KEY', { AWS_SECRET_ACCESS_KEY: `${SECRET} ` }, 'whitespace', 'contains whitespace. Trim it.'],
    ['AWS_SESSION_TOKEN', { AWS_SESSION_TOKEN: 'é' }, 'invalid', 'is not valid. Correct the variable.'],
    [
      'AWS_CREDENTIAL_EXPIRATION',
      { AWS_CREDENTIAL_EXPIRATION: 'soon' },
      'invalid',
      'is not valid. Correct the variable.',
    ],
    [
      'AWS_CREDENTIAL_EXPIRATION',
      { AWS_CREDENTIAL_EXPIRATION: '2001-01-01T00:00:00Z' },
      'expired',
      'has expired. Set new credentials.',
    ],
  ] as const)('names %s in its error: %j', (argument, change, reason, message) => {
    const provider = fromEnvironment({ ...TEMPORARY, ...change })
    expect(provider).toThrow(
      expect.objectContaining({
        code: 'ERR_SIGV4_CREDENTIALS_MISSING',
        argument,
        reason,
        message: `${argument} ${message}`,
      }),
    )
  })

  it('names the variable in a runtime without an environment', () => {
    for (const process of [undefined, null, {}]) {
      vi.stubGlobal('process', process)
      expect(fromEnvironment()).toThrow('AWS_ACCESS_KEY_ID is missing.')
      vi.unstubAllGlobals()
    }
  })

  it('requires an object', () => {
    for (const env of [null, 'AWS_ACCESS_KEY_ID'])
      expect(() => fromEnvironment(env as never)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'env' }),
      )
  })
})
