import { describe, expect, it } from 'vitest'
import { type FoundCredentials, type VerifyOptions, verify, verifyPost } from '../../src/verify.ts'
import {
  accepted,
  asNode,
  attacks,
  DAY,
  type Forging,
  forge,
  forgeForm,
  HOST,
  NOW,
  REGION,
  SHAPES,
  VERIFYING,
  words,
} from '../support/attacks/attacker.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { signingKey } from '../support/oracle.ts'

// An attacker without a key must not be accepted.

const attack = attacks()

/** Secrets that code could fall back to. */
const GUESSES = [
  ...words(`
    undefined null unknown NaN false true 0 AWS4 aws4_request secret dummy DUMMY_SECRET anonymous test default none
    Symbol() s3 ${REGION} ${HOST} ${KEY_ID} ${KEY_ID.toLowerCase()}`),
  ...['', ' ', '[object Object]', '[object Undefined]', 'function Object() { [native code] }'],
  ...['\0', '\0'.repeat(32), '\0'.repeat(64), '0'.repeat(64)],
]

/** Signing keys that code could fall back to. */
const KEYS: (string | Uint8Array)[] = [
  ...[1, 31, 32, 64].map((length) => new Uint8Array(length)),
  new Uint8Array(32).fill(255),
  ...['', ...words(`AWS4 undefined null unknown aws4_request ${KEY_ID}`)],
]

const today = { date: '20150830', region: REGION, service: 's3' }

/** Scopes of requests, each with a signing time at which it is valid. */
const SCOPES: Forging[] = [
  {},
  { time: NOW - DAY, expires: '604800', location: 'query' },
  { region: 'eu-west-1' },
  { service: 'sqs' },
  { region: 'undefined', service: 'undefined' },
]

const TRANSPORTS = ['header', 'query', 'form'] as const

/** Caches signed requests, because signing takes longer than verifying. */
const sent = new WeakMap<Forging, Partial<Record<string, unknown>>>()

function send(transport: (typeof TRANSPORTS)[number], forging: Forging, options: VerifyOptions): Promise<unknown> {
  const made = sent.get(forging) ?? {}
  sent.set(forging, made)
  made[transport] ??=
    transport === 'form' ? forgeForm(forging).fields : asNode(forge({ ...forging, location: transport }))
  if (transport !== 'form') return verify(made[transport] as ReturnType<typeof asNode>, options)
  return verifyPost(made[transport] as Record<string, string>, { ...options, bucket: 'photos' })
}

/** Everything that an attacker can sign with, by scope. */
const FORGERIES: Forging[][] = SCOPES.map((scope) => [
  ...GUESSES.map((secret) => ({ ...scope, secret })),
  ...KEYS.map((key) => ({ ...scope, key })),
])

const results = (found: unknown) => (): FoundCredentials => found as FoundCredentials

describe('an empty lookup result', () => {
  const NOTHING: [string, VerifyOptions['credentials']][] = [
    ['undefined', results(undefined)],
    ['null', results(null)],
    ['a promise of undefined', () => Promise.resolve(undefined)],
    // Credentials that a lookup returns for every key ID.
    ['credentials of a different key ID', results({ accessKeyId: 'AKIDOTHER', secretAccessKey: SECRET })],
  ]

  it.each(NOTHING)('%s: every guess is rejected', async (name, credentials) => {
    for (const hideUnknownKeys of [false, true]) {
      const code = hideUnknownKeys ? /SIGNATURE_MISMATCH/ : /ACCESS_KEY_UNKNOWN/
      const options = { credentials, now: NOW, hideUnknownKeys }
      for (const transport of TRANSPORTS)
        for (const forging of name === 'undefined' ? FORGERIES.flat() : FORGERIES[0]!)
          if (transport === 'query' || !forging.time)
            await attack.rejected(send(transport, forging, options), [name, transport, forging], code)
    }
  })

  it('credentials of a different key ID: a signature made with their secret is rejected', async () => {
    for (const secret of GUESSES.filter(Boolean))
      for (const hideUnknownKeys of [false, true])
        for (const transport of TRANSPORTS) {
          const credentials = results({ accessKeyId: 'AKIDOTHER', secretAccessKey: secret })
          const options = { credentials, now: NOW, hideUnknownKeys }
          await attack.notAccepted(send(transport, { secret }, options), secret)
        }
  })
})

describe('a lookup result that cannot be a key', async () => {
  const { subtle } = globalThis.crypto
  const bytes = signingKey(SECRET, '20150830/us-east-1/s3/aws4_request')
  const raw = (hash: string, usages: KeyUsage[]) =>
    subtle.importKey('raw', new Uint8Array(bytes), { name: 'HMAC', hash }, false, usages)
  const aes = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt'])
  const pair = (await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])) as {
    publicKey: CryptoKey
    privateKey: CryptoKey
  }
  const keyed = (key: unknown) => ({ ...today, key })
  const secrets: Record<string, string> = {}

  const WRONG: Record<string, unknown> = {
    'an empty string': '',
    false: false,
    true: true,
    zero: 0,
    one: 1,
    NaN: Number.NaN,
    'a bigint': 0n,
    'a symbol': Symbol('secret'),
    'a function': () => SECRET,
    'the inherited methods of an object': secrets.constructor,
    'another inherited method': secrets.toString,
    'the prototype': Reflect.getPrototypeOf(secrets),
    'an empty list': [],
    'a list': [SECRET],
    'an empty object': {},
    'an object without prototype': Object.create(null),
    'a String object': new String(SECRET),
    'an empty Map': new Map(),
    'a Date': new Date(NOW),
    bytes,
    'a key ID alone': { accessKeyId: KEY_ID },
    'an empty secret': { accessKeyId: KEY_ID, secretAccessKey: '' },
    'an undefined secret': { accessKeyId: KEY_ID, secretAccessKey: undefined },
    'a null secret': { accessKeyId: KEY_ID, secretAccessKey: null },
    'a numeric secret': { accessKeyId: KEY_ID, secretAccessKey: 0 },
    'a secret in bytes': { accessKeyId: KEY_ID, secretAccessKey: Buffer.from(SECRET) },
    'a secret in a list': { accessKeyId: KEY_ID, secretAccessKey: [SECRET] },
    'a secret that is an object': { accessKeyId: KEY_ID, secretAccessKey: {} },
    'a misspelled secret': { accessKeyId: KEY_ID, secretaccesskey: SECRET },
    'an undefined signing key': { accessKeyId: KEY_ID, signingKey: undefined },
    'a null signing key': { accessKeyId: KEY_ID, signingKey: null },
    'an empty signing key': { accessKeyId: KEY_ID, signingKey: {} },
    'a signing key that is a string': { accessKeyId: KEY_ID, signingKey: SECRET },
    'a signing key in bare bytes': { accessKeyId: KEY_ID, signingKey: bytes },
    'a signing key that is a list': { accessKeyId: KEY_ID, signingKey: [] },
    'a signing key without a scope': { accessKeyId: KEY_ID, signingKey: { key: bytes } },
    'a signing key without a key': { accessKeyId: KEY_ID, signingKey: today },
    'a scope alone': today,
    'an undefined key': keyed(undefined),
    'a null key': keyed(null),
    'an empty key': keyed(new Uint8Array(0)),
    'a key of 31 bytes': keyed(bytes.subarray(1)),
    'a key of 33 bytes': keyed(new Uint8Array(33)),
    'a key of 64 bytes': keyed(new Uint8Array(64)),
    'a key of 31 bytes in credentials': { accessKeyId: KEY_ID, signingKey: keyed(bytes.subarray(1)) },
    'a key that is a string': keyed(SECRET),
    'a key in hex': keyed(bytes.toString('hex')),
    'a key that is a list': keyed([...bytes]),
    'a key that is an object': keyed({}),
    'a key that only has a length': keyed({ length: 32, byteLength: 32 }),
    'a tag that claims to be a CryptoKey': keyed({ [Symbol.toStringTag]: 'CryptoKey' }),
    'an object with all properties of a CryptoKey': keyed({
      [Symbol.toStringTag]: 'CryptoKey',
      type: 'secret',
      algorithm: { name: 'HMAC', hash: { name: 'SHA-256' }, length: 256 },
      usages: ['sign', 'verify'],
    }),
    'an HMAC-SHA-1 key': keyed(await raw('SHA-1', ['sign', 'verify'])),
    'an HMAC-SHA-512 key': keyed(await raw('SHA-512', ['sign', 'verify'])),
    'a key without the usage verify': keyed(await raw('SHA-256', ['sign'])),
    'an AES key': keyed(aes),
    'an ECDSA key': keyed(pair.publicKey),
    'an ECDSA private key': keyed(pair.privateKey),
    'a key pair': keyed(pair),
    'an AES key in credentials': { accessKeyId: KEY_ID, signingKey: keyed(aes) },
    ...Object.fromEntries(
      (['date', 'region', 'service'] as const).flatMap((part) =>
        [undefined, null, 20150830, {}, [today[part]], new String(today[part])].map((value, i) => [
          `a ${part} of the scope that is not a string (${i})`,
          { ...today, key: bytes, [part]: value },
        ]),
      ),
    ),
  }

  it.each(Object.keys(WRONG))('%s: throws a TypeError', async (name) => {
    const found = WRONG[name]
    for (const hideUnknownKeys of [false, true])
      for (const credentials of [results(found), () => Promise.resolve(found as FoundCredentials)])
        for (const transport of TRANSPORTS)
          for (const forging of [{}, { secret: 'undefined' }, { key: '' }, { key: bytes.subarray(1) }] as Forging[]) {
            const options = { credentials, now: NOW, hideUnknownKeys }
            await attack.wrongArgument(send(transport, forging, options), [name, transport, forging, hideUnknownKeys])
          }
  })

  it('is never accepted for a guess, in any scope', async () => {
    const all = FORGERIES.flat()
    for (const [at, name] of Object.keys(WRONG).entries())
      for (const transport of TRANSPORTS) {
        const options = { credentials: results(WRONG[name]), now: NOW, hideUnknownKeys: at % 2 === 0 }
        for (const forging of all.filter((_, i) => i % 5 === at % 5)) {
          if (transport !== 'query' && forging.time) continue
          await attack.notAccepted(send(transport, forging, options), [name, transport, forging])
        }
      }
  })

  it('a secret that a getter returns only once is never replaced', async () => {
    for (const part of ['secretAccessKey', 'signingKey'])
      for (const forging of FORGERIES[0]!) {
        let reads = 0
        const found = { accessKeyId: KEY_ID }
        Object.defineProperty(found, part, {
          enumerable: true,
          get: () => (reads++ ? undefined : part === 'signingKey' ? { ...today, key: bytes } : SECRET),
        })
        await attack.notAccepted(verify(asNode(forge(forging)), { credentials: results(found), now: NOW }), forging)
      }
  })
})

describe('a wrong signature', () => {
  const real = forge().signature
  const zero = '0'.repeat(64)
  const replaced = (text: string) => real.replace(/^./, text)
  const VARIANTS: string[] = [
    ...words(`0 0${real} 00${real} ${real}0 ${real}${real} 0x${real} ${real}%00 ${real};${real} ${real}= "${real}"`),
    ...words(`* undefined null NaN true none __proto__ constructor ${zero}`),
    ...['', ' ', '[object Object]', `${real}\0`, ` ${real}x`, real.slice(1), real.toUpperCase()],
    [...real].reverse().join(''),
    ...['f', 'x', '-', '.', '\u0660'].map((digit) => digit.repeat(64)),
    Buffer.from(real, 'hex').toString('base64'),
    Buffer.from(real, 'hex').toString('latin1'),
    ...Array.from(real, (_, at) => real.slice(0, at)),
    // digits of other scripts: full width, Arabic-Indic, mathematical
    replaced('\uff10'),
    real.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    real.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit))),
    real.replace(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
    real.replace(/[a-f]/g, (letter) => String.fromCharCode(0xff41 + letter.charCodeAt(0) - 97)),
    ...Array.from(real, (digit, at) => real.slice(0, at) + (digit === '0' ? '1' : '0') + real.slice(at + 1)),
  ]

  it('is rejected in a header, a query and a form', async () => {
    const form = forgeForm()
    const query = forge({ location: 'query' })
    await accepted(forge())
    await accepted(query)
    for (const [at, variant] of VARIANTS.entries())
      for (const hideUnknownKeys of [false, true]) {
        const shape = SHAPES[at % SHAPES.length]!
        const options = { ...VERIFYING, hideUnknownKeys }
        await attack.rejected(verify(shape(forge({ signature: variant })), options), ['header', variant])
        // Variants of the correct signature of each request.
        const own = variant === real ? zero : variant.replaceAll(real, query.signature)
        if (own !== query.signature)
          await attack.rejected(
            verify(shape(forge({ location: 'query', signature: own })), options),
            ['query', own],
            /MALFORMED|MISMATCH/,
          )
        const field = variant.replaceAll(real, form.fields['x-amz-signature']!)
        if (field !== form.fields['x-amz-signature'])
          await attack.rejected(
            verifyPost({ ...form.fields, 'x-amz-signature': field }, { ...options, bucket: 'photos' }),
            ['form', field],
          )
      }
  })

  it('is rejected as a variant of the correct one, for every kind of request', async () => {
    const wrong = (right: string): string[] => [
      right.toUpperCase(),
      right.slice(1),
      `${right} `,
      ` ${right}`,
      `${right}\n`,
      `${right}\0`,
      `${right},${right}`,
      `${right};`,
    ]
    for (const service of ['s3', 'sqs']) {
      const { signature } = forge({ location: 'query', service })
      if (!/[a-f]/.test(signature)) throw new Error('does not contain a letter')
      for (const one of wrong(signature))
        await attack.rejected(verify(asNode(forge({ location: 'query', service, signature: one })), VERIFYING), one)
    }
    const form = forgeForm()
    for (const one of wrong(form.fields['x-amz-signature']!))
      await attack.rejected(
        verifyPost({ ...form.fields, 'x-amz-signature': one }, { ...VERIFYING, bucket: 'photos' }),
        one,
      )
  })

  it('is not accepted as a list or an object', async () => {
    const { fields } = forgeForm()
    const signature = fields['x-amz-signature']!
    for (const one of [[signature], { 0: signature }, new String(signature), Buffer.from(signature), null, 0, true])
      await attack.notAccepted(
        verifyPost({ ...fields, 'x-amz-signature': one as string }, { ...VERIFYING, bucket: 'photos' }),
        one,
      )
    const { headers, ...rest } = asNode(forge())
    const value = (headers as Record<string, string>).authorization!
    for (const one of [{ 0: value }, { toString: () => '' }, ['', value], [value, value], 0, true])
      await attack.notAccepted(
        verify({ ...rest, rawHeaders: undefined, headers: { ...headers, authorization: one as string } }, VERIFYING),
        one,
      )
  })
})

describe('an algorithm that is not AWS4-HMAC-SHA256', () => {
  const OTHERS = [
    ...words(`
      none None null undefined AWS AWS4 AWS4-HMAC AWS4-HMAC-SHA1 AWS4-HMAC-SHA384 AWS4-HMAC-SHA512
      AWS4-HMAC-SHA256-PAYLOAD AWS4-HMAC-SHA256-TRAILER AWS4-HMAC-SHA256AWS4-HMAC-SHA256 AWS4-HMAC-SHA256,none
      AWS4_HMAC_SHA256 aws4-hmac-sha256 Aws4-Hmac-Sha256 AWS4-ECDSA-P256-SHA256 AWS4-ECDSA-P256-SHA256-PAYLOAD
      AWS4-X509-RSA-SHA256 AWS4-UNSIGNED AWS3-HTTPS Bearer Basic Digest HS256 constructor __proto__`),
    ...['', ' ', 'AWS4-HMAC-SHA256\u200b', 'AWS4\u2010HMAC\u2010SHA256'],
  ]

  it('is rejected with a signature by any key, including the correct one', async () => {
    const keys: Forging[] = [{}, { secret: 'undefined' }, { key: '' }, { key: new Uint8Array(32) }, { signature: '' }]
    for (const algorithm of OTHERS)
      for (const key of keys)
        for (const transport of TRANSPORTS)
          for (const hideUnknownKeys of [false, true]) {
            const options = { ...VERIFYING, hideUnknownKeys }
            const forging = { ...key, algorithm }
            await attack.rejected(
              send(transport, forging, options),
              [transport, forging],
              /ALGORITHM_UNSUPPORTED|AUTH_(?:MALFORMED|MISSING)/,
            )
          }
  })
})

describe('a request without any signature', () => {
  it('is rejected', async () => {
    const bare = forge()
    bare.headers = bare.headers.filter(([name]) => name !== 'authorization')
    await attack.rejectedInAllShapes(bare, 'no Authorization header', VERIFYING, /AUTH_MISSING/)
    for (const value of ['', ' ', ',', 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 ', 'AWS4-HMAC-SHA256 Credential=']) {
      const forged = { ...bare, headers: [...bare.headers, ['authorization', value] as [string, string]] }
      await attack.rejectedInAllShapes(forged, value)
    }
    const presigned = forge({ location: 'query' })
    for (let kept = 0; kept < 2 ** presigned.query.length - 1; kept++) {
      const query = presigned.query.filter((_, i) => kept & (1 << i))
      await attack.rejected(verify(asNode({ ...presigned, query }), VERIFYING), query)
    }
    const { fields } = forgeForm()
    const names = Object.keys(fields).filter((name) => name !== 'key')
    for (let kept = 0; kept < 2 ** names.length - 1; kept++) {
      const some = Object.fromEntries(
        Object.entries(fields).filter(([name]) => name === 'key' || kept & (1 << names.indexOf(name))),
      )
      await attack.rejected(verifyPost(some, { ...VERIFYING, bucket: 'photos' }), some)
    }
  })

  it('is rejected when the lookup throws, with the error of the lookup', async () => {
    const failure = new Error('the database is not available')
    for (const hideUnknownKeys of [false, true])
      for (const transport of TRANSPORTS) {
        const options = { credentials: () => Promise.reject(failure), now: NOW, hideUnknownKeys }
        await expect(send(transport, {}, options)).rejects.toBe(failure)
      }
  })

  it('is distinguished from genuine ones, which are accepted', async () => {
    for (const transport of TRANSPORTS)
      for (const hideUnknownKeys of [false, true])
        for (const found of [
          SECRET,
          CREDENTIALS,
          { ...today, key: signingKey(SECRET, '20150830/us-east-1/s3/aws4_request') },
        ])
          await send(transport, {}, { credentials: results(found), now: NOW, hideUnknownKeys })
  })
})

it('at least 15,000 attacks without a key were tried', () => {
  expect(attack.count).toBeGreaterThan(15_000)
})
