import node from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FoundCredentials, toErrorResponse, type VerifyOptions, verify, verifyPost } from '../../src/verify.ts'
import {
  asNode,
  asPairs,
  attacks,
  errorOf,
  type Forging,
  forge,
  forgeForm,
  NOW,
  REGION,
} from '../support/attacks/attacker.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { signingKey } from '../support/oracle.ts'

// With hideUnknownKeys an attacker must not learn which access key IDs exist.

const attack = attacks()

const TOKEN = 'token/of+the==session'
const TRANSPORTS = ['header', 'query', 'form'] as const
const SERVICES = ['s3', 'sqs'] as const
const METHODS = ['digest', 'importKey', 'sign', 'verify', 'deriveBits', 'deriveKey', 'encrypt', 'exportKey'] as const

type Send = (options: VerifyOptions) => Promise<unknown>

let calls: string[] = []
beforeEach(() => {
  const { crypto } = globalThis
  for (const name of ['hash', 'createHmac', 'timingSafeEqual'] as const) {
    const real = node[name] as (...args: unknown[]) => unknown
    vi.spyOn(node, name).mockImplementation(((...args: unknown[]) => {
      calls.push(name)
      return real(...args)
    }) as never)
  }
  const random = crypto.getRandomValues.bind(crypto)
  vi.spyOn(crypto, 'getRandomValues').mockImplementation(((array: Uint8Array) => {
    calls.push(`getRandomValues ${array.byteLength}`)
    return random(array as Uint8Array<ArrayBuffer>)
  }) as never)
  for (const name of METHODS) {
    const real = crypto.subtle[name].bind(crypto.subtle) as (...args: unknown[]) => unknown
    vi.spyOn(crypto.subtle, name).mockImplementation(((...args: unknown[]) => {
      const shown = args.map((arg) =>
        ArrayBuffer.isView(arg) ? (name === 'importKey' || name === 'digest' ? 'bytes' : arg.byteLength) : typeof arg,
      )
      calls.push(`${name} ${shown.join(' ')}`)
      return real(...args)
    }) as never)
  }
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** Everything that an attacker can see of a rejection, and the work done for it. */
async function seen(send: Send, found: unknown, lookup = (): unknown => found) {
  calls = []
  const credentials = lookup as () => FoundCredentials
  const error = (await errorOf(send({ credentials, now: NOW, hideUnknownKeys: true })))!
  const work = [...calls]
  if (!error) throw new Error('accepted')
  await attack.rejected(Promise.reject(error), found, /SIGNATURE_MISMATCH/)
  const names = [...Object.getOwnPropertyNames(error), ...Object.getOwnPropertySymbols(error)]
  const own = names
    .filter((name) => name !== 'stack')
    .map((name) => [name, error[name as 'message'], Object.getOwnPropertyDescriptor(error, name)])
  const responses = (['xml', 'json'] as const).flatMap((format) =>
    [false, true].map((strings) => toErrorResponse(error, { format, strings, requestId: '1', resource: '/a' })),
  )
  const frames = error.stack!.split('\n').filter((line) => line.includes('/src/'))
  return {
    own,
    responses,
    frames,
    work,
    name: error.name,
    type: error.constructor.name,
    text: String(error),
    cause: error.cause,
    json: JSON.stringify(error),
  }
}

const scopeOf = (service: string) => ({ date: '20150830', region: REGION, service })
const keyOf = (secret: string, service: string) =>
  new Uint8Array(signingKey(secret, `20150830/${REGION}/${service}/aws4_request`))

/** Lookup results that are invalid for the request. Whether the secret is correct depends on the request. */
async function findings(service: string): Promise<Record<string, unknown>> {
  const scope = scopeOf(service)
  const [right, wrong] = [keyOf(SECRET, service), keyOf('a wrong secret', service)]
  const closed = (bytes: Uint8Array) =>
    globalThis.crypto.subtle.importKey(
      'raw',
      bytes as Uint8Array<ArrayBuffer>,
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['verify'],
    )
  const credentials = (more: object) => ({ ...CREDENTIALS, sessionToken: TOKEN, ...more })
  const others = { 'a day': { date: '20150831' }, 'a region': { region: 'eu-west-1' }, 'a service': { service: 'iam' } }
  return {
    null: null,
    'a wrong secret': 'a wrong secret',
    'a short secret': 'x',
    'a long secret': 'x'.repeat(200),
    'a secret that is not ASCII': '\u00e9\u{1f511}',
    'credentials with a wrong secret': { accessKeyId: KEY_ID, secretAccessKey: 'a wrong secret' },
    'credentials with a wrong secret and the token': credentials({ secretAccessKey: 'a wrong secret' }),
    'a wrong key': { ...scope, key: wrong },
    'a wrong key that cannot be read': { ...scope, key: await closed(wrong) },
    'credentials with a wrong key': { accessKeyId: KEY_ID, signingKey: { ...scope, key: wrong } },
    'credentials with a wrong key that cannot be read': {
      accessKeyId: KEY_ID,
      signingKey: { ...scope, key: await closed(wrong) },
    },
    'credentials of a different key ID': { ...CREDENTIALS, accessKeyId: 'AKIDOTHER' },
    'a key of a different key ID': { accessKeyId: 'AKIDOTHER', signingKey: { ...scope, key: right } },
    'a foreign token': credentials({ sessionToken: 'foreign' }),
    'a foreign token of the same length': credentials({ sessionToken: 'x'.repeat(TOKEN.length) }),
    'no token': CREDENTIALS,
    'an empty token': credentials({ sessionToken: '' }),
    'credentials that have expired': credentials({ expiration: new Date(NOW) }),
    'credentials that expired long ago': credentials({ expiration: new Date(0) }),
    'an invalid expiration': credentials({ expiration: new Date(Number.NaN) }),
    'expired credentials with a wrong secret': credentials({ secretAccessKey: 'wrong', expiration: new Date(0) }),
    'an expired key': { accessKeyId: KEY_ID, signingKey: { ...scope, key: right }, expiration: new Date(0) },
    ...Object.fromEntries(
      await Promise.all(
        Object.entries(others).flatMap(([name, other]) => [
          [`the right key for ${name} that is different`, { ...scope, ...other, key: right }] as const,
          [`a wrong key for ${name} that is different`, { ...scope, ...other, key: wrong }] as const,
          [
            `credentials with a key for ${name} that is different`,
            { accessKeyId: KEY_ID, sessionToken: TOKEN, signingKey: { ...scope, ...other, key: right } },
          ] as const,
        ]),
      ),
    ),
    'a key that cannot be read, for a different day': { ...scope, date: '20150831', key: await closed(right) },
  }
}

function sender(transport: (typeof TRANSPORTS)[number], forging: Forging, shape = asNode): Send {
  if (transport === 'form') {
    const { fields } = forgeForm(forging)
    return (options) => verifyPost(fields, { ...options, bucket: 'photos' })
  }
  const request = shape(forge({ ...forging, location: transport }))
  return (options) => verify(request, options)
}

/** Requests of an attacker: with a correct signature, a wrong one, and one that is not hex. */
const REQUESTS: [string, Forging][] = [
  ['a right signature and a token', { token: TOKEN }],
  ['a wrong signature and a token', { token: TOKEN, secret: 'guessed' }],
  ['a wrong signature', { secret: 'guessed' }],
  ['a signature that is too short', { signature: '0' }],
  ['the signature of an attacker who holds the key of a different scope', { key: keyOf(SECRET, 'iam') }],
]

describe.each(TRANSPORTS)('a rejection of a %s', (transport) => {
  it.each(REQUESTS)('with %s is the same for every lookup result', async (_, forging) => {
    for (const service of SERVICES) {
      const send = sender(transport, { ...forging, service })
      const unknown = await seen(send, undefined)
      expect(unknown.own).toContainEqual(expect.arrayContaining(['code', 'ERR_SIGV4_SIGNATURE_MISMATCH']))
      expect(unknown.work).toContainEqual(expect.stringMatching(/^importKey/))
      expect(unknown.work.filter((call) => call === 'createHmac').length).toBeGreaterThan(3)
      expect(unknown.frames.length).toBeGreaterThan(0)
      for (const [name, found] of Object.entries(await findings(service))) {
        const isRight = forging.token === TOKEN && !forging.secret && transport !== 'form'
        if (isRight && !found) continue
        expect(await seen(send, found), `${name}, ${service}`).toEqual(unknown)
      }
    }
  })

  it('is the same with Web Crypto, except for lengths that it hides', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const send = sender(transport, { secret: 'guessed' })
    const unknown = await seen(send, undefined)
    expect(unknown.work.length).toBeGreaterThan(10)
    expect(unknown.work).not.toContain('createHmac')
    for (const [name, found] of Object.entries(await findings('s3')))
      expect(await seen(send, found), name).toEqual(unknown)
  })

  it('is the same after the key was used before', async () => {
    const send = sender(transport, { secret: 'guessed' })
    const unknown = await seen(send, undefined)
    const kept = { ...CREDENTIALS }
    const scoped = { accessKeyId: KEY_ID, signingKey: { ...scopeOf('s3'), key: keyOf(SECRET, 's3') } }
    for (const found of [kept, scoped]) {
      const credentials = () => found
      await sender(transport, {})({ credentials, now: NOW })
      await sender(transport, {})({ credentials, now: NOW, hideUnknownKeys: true })
      for (let times = 0; times < 3; times++) {
        expect(await seen(send, found)).toEqual(unknown)
        expect(await seen(send, undefined)).toEqual(unknown)
      }
    }
  })

  it('is the same for every key ID, except the key ID itself', async () => {
    const ids = ['AKIDEXAMPL2', 'AKID', 'A/B', 'x'.repeat(200), '__proto__', 'constructor', '*']
    const send = (keyId: string) => sender(transport, { keyId, secret: 'guessed' })
    const known = (id: string) => (id === 'AKID' ? 'its secret' : undefined)
    for (const keyId of ids) {
      const one = await seen(send(keyId), undefined)
      const other = await seen(send(keyId), 'its secret')
      expect(other).toEqual(one)
      expect((await seen(send(keyId), undefined, () => known(keyId))).text).toBe(one.text)
    }
  })

  it('does the same work whether the lookup is synchronous or not', async () => {
    const send = sender(transport, { secret: 'guessed' })
    const unknown = await seen(send, undefined)
    for (const found of [undefined, null, 'a wrong secret', CREDENTIALS])
      expect(await seen(send, found, () => Promise.resolve(found))).toEqual(unknown)
  })

  it('has no property, message or response with a secret, a token or a key', async () => {
    const hidden = [SECRET, 'a wrong secret', TOKEN, Buffer.from(keyOf(SECRET, 's3')).toString('hex')]
    const isShown = ({ own, responses, text, json, frames }: Awaited<ReturnType<typeof seen>>): string =>
      JSON.stringify([
        own.filter(([name]) => !/canonicalRequest|stringToSign/.test(String(name))),
        responses[0],
        text,
        json,
        frames,
      ])
    for (const forging of [{}, { secret: 'guessed' }] as Forging[])
      for (const found of [undefined, 'a wrong secret', { ...CREDENTIALS, sessionToken: TOKEN }]) {
        const shown = isShown(await seen(sender(transport, forging), found))
        for (const secret of hidden) expect(shown).not.toContain(secret)
      }
  })
})

describe('a rejection before the lookup', () => {
  it('does not depend on the key ID: the lookup is not called', async () => {
    const FORGINGS: Forging[] = [
      { time: NOW - 30 * 86_400_000 },
      { time: NOW + 30 * 86_400_000 },
      { region: 'eu-west-1' },
      { terminator: 'aws5_request' },
      { algorithm: 'none' },
      { day: '20150829' },
    ]
    for (const transport of TRANSPORTS)
      for (const forging of FORGINGS) {
        if (transport === 'form' && forging.time) continue // A policy is read after its signature is verified.
        for (const keyId of [KEY_ID, 'AKIDOTHER']) {
          const credentials = vi.fn(() => SECRET)
          const options = { credentials, now: NOW, region: REGION, hideUnknownKeys: true }
          await attack.rejected(sender(transport, { ...forging, keyId }, asPairs)(options), [transport, forging])
          expect(credentials).not.toHaveBeenCalled()
        }
      }
  })

  it('an accepted request does the same work for every kind of key except a CryptoKey', async () => {
    const work: string[][] = []
    for (const found of [SECRET, CREDENTIALS, { ...scopeOf('s3'), key: keyOf(SECRET, 's3') }]) {
      calls = []
      await sender('query', {})({ credentials: () => found, now: NOW, hideUnknownKeys: true })
      work.push([...calls])
    }
    for (const one of work) expect(one).toEqual(work[0])
  })
})

it('at least 1000 rejections were compared', () => {
  expect(attack.count).toBeGreaterThan(1000)
})
