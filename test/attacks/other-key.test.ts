import { describe, expect, it } from 'vitest'
import {
  type FoundCredentials,
  type VerifiedRequest,
  type VerifyOptions,
  verify,
  verifyPost,
} from '../../src/verify.ts'
import {
  asNode,
  attacks,
  DAY,
  errorOf,
  type Forging,
  forge,
  forgeForm,
  NOW,
  type Pair,
  REGION,
  SHAPES,
  VERIFYING,
  words,
} from '../support/attacks/attacker.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { amzDateOf, encode, signingKey } from '../support/oracle.ts'

// An attacker with a key must not be accepted for a different key, nor outside the scope of the key.

const attack = attacks()

const MINE = { accessKeyId: 'AKIDATTACKER', secretAccessKey: 'Attacker0000000000000000000000000EXAMPLE' }
const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+victim/token=='
const OTHER_TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+attacker/token=='
const SCOPE = { date: '20150830', region: REGION, service: 's3' }
const TRANSPORTS = ['header', 'query', 'form'] as const
type Transport = (typeof TRANSPORTS)[number]

async function send(transport: Transport, forging: Forging, options: VerifyOptions): Promise<{ accessKeyId: string }> {
  if (transport !== 'form') return verify(asNode(forge({ ...forging, location: transport })), options)
  return verifyPost(forgeForm(forging).fields, { ...options, bucket: 'photos' })
}

const found = (credentials: unknown) => (): FoundCredentials => credentials as FoundCredentials
const BOTH = [false, true]

describe('the key ID of the victim with the key of the attacker', () => {
  const LOOKUPS: Record<string, (id: string) => FoundCredentials | undefined> = {
    secrets: (id) => ({ [KEY_ID]: SECRET, [MINE.accessKeyId]: MINE.secretAccessKey })[id],
    credentials: (id) => [CREDENTIALS, MINE].find(({ accessKeyId }) => accessKeyId === id),
    'signing keys': (id) => {
      const secret = { [KEY_ID]: SECRET, [MINE.accessKeyId]: MINE.secretAccessKey }[id]
      return secret ? { ...SCOPE, key: signingKey(secret, '20150830/us-east-1/s3/aws4_request') } : undefined
    },
  }

  it.each(Object.entries(LOOKUPS))('is rejected when the lookup returns %s', async (_, credentials) => {
    for (const hideUnknownKeys of BOTH)
      for (const transport of TRANSPORTS) {
        const options = { credentials, now: NOW, hideUnknownKeys }
        const own = { keyId: MINE.accessKeyId, secret: MINE.secretAccessKey }
        expect((await send(transport, own, options)).accessKeyId).toBe(MINE.accessKeyId)
        expect((await send(transport, {}, options)).accessKeyId).toBe(KEY_ID)
        await attack.rejected(send(transport, { secret: MINE.secretAccessKey }, options), transport, /MISMATCH/)
        await attack.rejected(send(transport, { keyId: MINE.accessKeyId }, options), transport, /MISMATCH/)
      }
  })

  it('is rejected with any change of the key ID after signing', async () => {
    for (const transport of ['header', 'query'] as const) {
      const forged = forge({ location: transport, keyId: MINE.accessKeyId, secret: MINE.secretAccessKey })
      const swap = (text: string): string => text.replace(MINE.accessKeyId, KEY_ID)
      const query = forged.query.map(swap)
      const headers = forged.headers.map(([name, value]): Pair => [name, swap(value)])
      for (const shape of SHAPES)
        await attack.rejected(
          verify(shape({ ...forged, query, headers }), { credentials: LOOKUPS.secrets!, now: NOW }),
          transport,
          /MISMATCH/,
        )
    }
  })

  it('two concurrent requests never exchange their keys', async () => {
    for (const credentials of Object.values(LOOKUPS)) {
      const slow = async (id: string) => {
        await new Promise((resolve) => setTimeout(resolve, id === KEY_ID ? 2 : 0))
        return credentials(id)
      }
      const options = { credentials: slow, now: NOW }
      const own = { keyId: MINE.accessKeyId, secret: MINE.secretAccessKey }
      const wrong = Array.from({ length: 20 }, (_, i) =>
        attack.rejected(send(i % 2 ? 'header' : 'query', { secret: MINE.secretAccessKey }, options), i),
      )
      const right = Array.from({ length: 20 }, (_, i) => send('header', i % 2 ? own : {}, options))
      await Promise.all(wrong)
      for (const [i, { accessKeyId }] of (await Promise.all(right)).entries())
        expect(accessKeyId).toBe(i % 2 ? MINE.accessKeyId : KEY_ID)
    }
  })
})

describe('a key ID that looks like the key ID of the victim', () => {
  const tail = `20150830/${REGION}/s3/aws4_request`
  const IDS = [
    ...words(`
      ${KEY_ID}/${tail} ${KEY_ID}/${tail}/${tail} ${KEY_ID}/20150830/${REGION}/s3 ${KEY_ID}/20150830 ${KEY_ID}/ ${KEY_ID}//
      /${KEY_ID} //${KEY_ID} ${MINE.accessKeyId}/${KEY_ID} ${KEY_ID}/${MINE.accessKeyId} ${KEY_ID}%2F ${KEY_ID}%00
      ${KEY_ID}\u200b ${KEY_ID}, ${KEY_ID}; ${KEY_ID}= "${KEY_ID}" ${KEY_ID.toLowerCase()} ${KEY_ID.slice(0, -1)} ${KEY_ID}E
      __proto__ constructor toString hasOwnProperty ../${KEY_ID} ./${KEY_ID} * %`),
    KEY_ID.replace('A', '\u0410'), // Cyrillic
    KEY_ID.replace('A', '\uff21'), // full width
    KEY_ID.replace('K', '\u212a'), // The Kelvin sign, whose lowercase is k.
    KEY_ID.replace('I', '\u0131'),
    ...['\0', ' ', '\t', '\n', '\u00a0', '\ufeff'].map((mark) => KEY_ID + mark),
    ...['', ` ${KEY_ID}`],
  ]

  it('is looked up unchanged, and never accepted as the victim', async () => {
    for (const id of IDS)
      for (const transport of TRANSPORTS)
        for (const secret of [SECRET, MINE.secretAccessKey]) {
          const asked: string[] = []
          const credentials = (asking: string) => {
            asked.push(asking)
            return asking === KEY_ID ? CREDENTIALS : asking === id && id ? MINE.secretAccessKey : undefined
          }
          const credential = `${id}/${tail}`
          const promise = send(transport, { credential, secret }, { credentials, now: NOW })
          const what = [transport, id, secret === SECRET ? 'signed by the victim' : 'signed by the attacker']
          // The owner of the similar ID may be accepted for that ID.
          const isOwner = secret === MINE.secretAccessKey
          const error = await errorOf(promise)
          if (!error) {
            const { accessKeyId } = await promise
            if (!isOwner || accessKeyId !== id) throw new Error(`accepted as ${accessKeyId}: ${what}`)
          }
          await attack.rejected(error ? promise : send(transport, { credential, signature: '0' }, VERIFYING), what)
          // Trailing whitespace is not part of a header.
          if (!(transport === 'header' && /^\s/.test(id)))
            if (asked.includes(KEY_ID)) throw new Error(`the key of the victim was looked up: ${what}`)
        }
  })

  it('in a credential with too many or too few parts is never read as the victim', async () => {
    const scope = `${KEY_ID}/20150830/${REGION}`
    const CREDENTIALS_SENT = [
      ...words(`
        ${tail} /${tail} ${KEY_ID} ${KEY_ID}/ ${KEY_ID}/20150830 ${scope}/s3 ${scope}/aws4_request
        ${KEY_ID}//${REGION}/s3/aws4_request ${KEY_ID}/20150830//s3/aws4_request ${scope}//aws4_request ${KEY_ID}/${tail}/
        ${KEY_ID}/${tail}/x ${KEY_ID}/${tail},${MINE.accessKeyId}/${tail} ${MINE.accessKeyId}/${tail},${KEY_ID}/${tail}
        ${scope}/s3/AWS4_REQUEST ${`${scope}/s3/aws4_request`.replaceAll('/', '\\')} ${KEY_ID}/2015083/${REGION}/s3/aws4_request
        ${KEY_ID}/020150830/${REGION}/s3/aws4_request ${KEY_ID}/２０１５０８３０/${REGION}/s3/aws4_request
        ${KEY_ID}/20150830T123600Z/${REGION}/s3/aws4_request`),
      `${scope}/s3/aws4_request `,
    ]
    for (const credential of CREDENTIALS_SENT)
      for (const transport of TRANSPORTS)
        for (const secret of [SECRET, MINE.secretAccessKey]) {
          if (transport === 'header' && credential.endsWith(' ') && secret === SECRET) continue // Trimmed, it is the same.
          await attack.rejected(send(transport, { credential, secret }, VERIFYING), [transport, credential])
        }
  })
})

describe('credentials of a different key ID than requested', () => {
  const IDS = [MINE.accessKeyId, KEY_ID.toLowerCase(), `${KEY_ID} `, '', [KEY_ID], new String(KEY_ID), 0, {}, false]

  it('are rejected with their own signature and with every other', async () => {
    const key = signingKey(SECRET, '20150830/us-east-1/s3/aws4_request')
    for (const accessKeyId of IDS)
      for (const credentials of [
        { accessKeyId, secretAccessKey: SECRET },
        { accessKeyId, signingKey: { ...SCOPE, key } },
      ])
        for (const hideUnknownKeys of BOTH)
          for (const transport of TRANSPORTS)
            for (const secret of [SECRET, MINE.secretAccessKey]) {
              const options = { credentials: found(credentials), now: NOW, hideUnknownKeys }
              const error = await attack.notAccepted(send(transport, { secret }, options), [credentials, transport])
              if (typeof accessKeyId === 'string' && accessKeyId)
                expect(error).toMatchObject({
                  code: hideUnknownKeys ? 'ERR_SIGV4_SIGNATURE_MISMATCH' : 'ERR_SIGV4_ACCESS_KEY_UNKNOWN',
                })
            }
  })
})

describe('a stolen signing key', () => {
  const stolen = signingKey(SECRET, '20150830/us-east-1/s3/aws4_request')
  /** Requests for other scopes, signed with the stolen key. */
  const OTHERS: Forging[] = [
    { time: NOW + DAY },
    { time: NOW - DAY, location: 'query', expires: '604800' },
    { region: 'eu-west-1' },
    { region: 'us-east-2' },
    { region: 'US-EAST-1' },
    { region: '*' },
    { service: 'sqs' },
    { service: 's3express' },
    { service: 'S3' },
    { service: 'iam', region: 'eu-west-1' },
  ]

  it('is rejected for a different day, region or service', async () => {
    const { subtle } = globalThis.crypto
    const closed = await subtle.importKey('raw', new Uint8Array(stolen), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
      'verify',
    ])
    const LOOKUPS: [unknown, RegExp][] = [
      [SECRET, /SIGNATURE_MISMATCH/],
      [CREDENTIALS, /SIGNATURE_MISMATCH/],
      [{ ...SCOPE, key: stolen }, /SCOPE_MISMATCH/],
      [{ ...SCOPE, key: closed }, /SCOPE_MISMATCH/],
      [{ accessKeyId: KEY_ID, signingKey: { ...SCOPE, key: stolen } }, /SCOPE_MISMATCH/],
      [{ accessKeyId: KEY_ID, signingKey: { ...SCOPE, key: closed } }, /SCOPE_MISMATCH/],
    ]
    for (const [credentials, code] of LOOKUPS)
      for (const hideUnknownKeys of BOTH)
        for (const forging of OTHERS)
          for (const transport of TRANSPORTS) {
            if (forging.location && forging.location !== transport) continue
            const options = {
              credentials: found(credentials),
              now: Math.max(forging.time ?? NOW, NOW),
              hideUnknownKeys,
            }
            const expected = hideUnknownKeys ? /SIGNATURE_MISMATCH/ : code
            await attack.rejected(send(transport, { ...forging, key: stolen }, options), [transport, forging], expected)
            // A signature by the correct key for the scope, which only the stolen key would accept.
            const right = await errorOf(send(transport, forging, options))
            if (code.test('SCOPE_MISMATCH') && !right) throw new Error('accepted outside of the scope of the key')
          }
  })

  it('is rejected when the request claims the scope of the key and a different date', async () => {
    for (const transport of TRANSPORTS)
      for (const time of [NOW + DAY, NOW - DAY])
        await attack.rejected(
          send(transport, { key: stolen, day: '20150830', time, expires: '604800' }, { ...VERIFYING, now: time }),
          [transport, time],
          /SCOPE_MISMATCH/,
        )
  })

  it('is rejected for as long as 8 days after its day, and for a header after 15 minutes', async () => {
    for (let hours = 1; hours < 400; hours += 13) {
      const now = NOW + hours * 3_600_000
      await attack.rejected(send('header', { key: stolen }, { ...VERIFYING, now }), hours)
      await attack.rejected(send('query', { key: stolen, expires: '3599' }, { ...VERIFYING, now }), hours)
      if (hours > 168)
        await attack.rejected(send('query', { key: stolen, expires: '604800' }, { ...VERIFYING, now }), hours)
    }
  })

  it('is rejected at once when its bytes are overwritten in place, and the new one is accepted', async () => {
    const next = signingKey('a new secret', '20150830/us-east-1/s3/aws4_request')
    for (const wrap of [
      (key: object) => key,
      (signingKey: object) => ({ accessKeyId: KEY_ID, signingKey }),
      (signingKey: object) => Object.freeze({ accessKeyId: KEY_ID, signingKey: Object.freeze(signingKey) }),
    ])
      for (const hideUnknownKeys of BOTH)
        for (const transport of TRANSPORTS) {
          const key = new Uint8Array(stolen)
          const options = { credentials: found(wrap({ ...SCOPE, key })), now: NOW, hideUnknownKeys }
          await send(transport, {}, options)
          key.set(next)
          await attack.rejected(send(transport, {}, options), transport, /SIGNATURE_MISMATCH/)
          await send(transport, { key: next }, options)
          key[31]! ^= 1 // a single bit
          await attack.rejected(send(transport, { key: next }, options), transport, /SIGNATURE_MISMATCH/)
        }
  })

  it('is rejected at once when the key, the secret or the scope of the same object is replaced', async () => {
    for (const hideUnknownKeys of BOTH)
      for (const transport of TRANSPORTS) {
        const secrets = { ...CREDENTIALS }
        const signing = { accessKeyId: KEY_ID, signingKey: { ...SCOPE, key: new Uint8Array(stolen) } }
        const plain = { credentials: found(secrets), now: NOW, hideUnknownKeys }
        const scoped = { credentials: found(signing), now: NOW, hideUnknownKeys }
        await send(transport, {}, plain)
        await send(transport, {}, scoped)
        secrets.secretAccessKey = 'a new secret'
        signing.signingKey.key = new Uint8Array(signingKey('a new secret', '20150830/us-east-1/s3/aws4_request'))
        for (const options of [plain, scoped]) {
          await attack.rejected(send(transport, {}, options), transport, /SIGNATURE_MISMATCH/)
          await send(transport, { secret: 'a new secret' }, options)
        }
        signing.signingKey.region = 'eu-west-1'
        await attack.rejected(send(transport, { secret: 'a new secret' }, scoped), transport, /MISMATCH/)
      }
  })
})

describe('a session token', () => {
  const victim = { ...CREDENTIALS, sessionToken: TOKEN }
  const scoped = { ...SCOPE, key: signingKey(SECRET, '20150830/us-east-1/s3/aws4_request') }
  const BEARERS = [victim, { accessKeyId: KEY_ID, signingKey: scoped, sessionToken: TOKEN }]

  it('that is missing, different or not expected is rejected', async () => {
    const WRONG = [
      ...words(
        `${OTHER_TOKEN} ${TOKEN}x ${TOKEN.slice(1)} ${TOKEN.slice(0, -1)} ${TOKEN.toLowerCase()} ${TOKEN}= ${TOKEN},${TOKEN}`,
      ),
      ...[undefined, '', TOKEN.replaceAll('/', '%2F'), TOKEN.replaceAll('+', ' '), 'undefined', 'null'],
    ]
    for (const credentials of BEARERS)
      for (const hideUnknownKeys of BOTH)
        for (const transport of TRANSPORTS) {
          const options = { credentials: found(credentials), now: NOW, hideUnknownKeys }
          await send(transport, { token: TOKEN }, options)
          const code = hideUnknownKeys ? /SIGNATURE_MISMATCH/ : /ACCESS_KEY_UNKNOWN/
          for (const token of WRONG)
            await attack.rejected(send(transport, { ...(token !== undefined && { token }) }, options), token, code)
        }
    for (const credentials of [CREDENTIALS, { ...CREDENTIALS, sessionToken: undefined }])
      for (const hideUnknownKeys of BOTH)
        for (const transport of TRANSPORTS)
          for (const token of [TOKEN, 'x', '0'])
            await attack.rejected(
              send(transport, { token }, { credentials: found(credentials), now: NOW, hideUnknownKeys }),
              token,
            )
  })

  it('that is not signed is rejected', async () => {
    for (const credentials of [victim, CREDENTIALS, SECRET]) {
      const options = { credentials: found(credentials), now: NOW }
      const header = forge({ unsigned: { 'x-amz-security-token': TOKEN } })
      const query = forge({ location: 'query' })
      const inHeader = forge({ location: 'query', unsigned: { 'x-amz-security-token': TOKEN } })
      await attack.rejectedInAllShapes(header, 'header, not signed', options, /HEADER_NOT_SIGNED/)
      await attack.rejectedInAllShapes(inHeader, 'header of a presigned URL', options, /HEADER_NOT_SIGNED/)
      for (const at of [0, 3, query.query.length]) {
        const parameters = [...query.query]
        parameters.splice(at, 0, `X-Amz-Security-Token=${encode(TOKEN)}`)
        await attack.rejectedInAllShapes({ ...query, query: parameters }, 'appended', options)
        await attack.rejectedInAllShapes(
          { ...forge(), query: [`X-Amz-Security-Token=${encode(TOKEN)}`] },
          'in the query, with an Authorization header',
          options,
          /AMBIGUOUS/,
        )
      }
    }
  })

  it('that appears twice is rejected', async () => {
    const options = { credentials: found(victim), now: NOW }
    const header = forge({ token: TOKEN })
    const query = forge({ location: 'query', token: TOKEN })
    for (const token of [TOKEN, OTHER_TOKEN, ''])
      for (const before of BOTH) {
        const more: Pair = ['X-Amz-Security-Token', token]
        const headers = before ? [more, ...header.headers] : [...header.headers, more]
        await attack.rejectedInAllShapes({ ...header, headers }, token, options)
        const parameter = `X-Amz-Security-Token=${encode(token)}`
        const parameters = before ? [parameter, ...query.query] : [...query.query, parameter]
        await attack.rejectedInAllShapes({ ...query, query: parameters }, token, options, /AMBIGUOUS/)
        // One in each location: the foreign one must not be checked or returned.
        const both = forge({ location: 'query', token: TOKEN, headers: { 'x-amz-security-token': token } })
        const swapped = forge({ location: 'query', token, headers: { 'x-amz-security-token': TOKEN } })
        for (const one of [both, swapped]) {
          const result = verify(asNode(one), options)
          if (await errorOf(result)) await attack.rejected(result, token)
          else expect((await result).sessionToken).toBe(TOKEN)
        }
      }
  })

  it('that is swapped, dropped or doubled after signing is rejected', async () => {
    for (const location of ['header', 'query'] as const) {
      const forged = forge({ location, token: TOKEN })
      for (const credentials of [victim, { ...victim, sessionToken: OTHER_TOKEN }, CREDENTIALS, SECRET]) {
        const options = { credentials: found(credentials), now: NOW }
        const swapped = {
          ...forged,
          query: forged.query.map((one) => one.replace(encode(TOKEN), encode(OTHER_TOKEN))),
          headers: forged.headers.map(([name, value]): Pair => [name, value.replace(TOKEN, OTHER_TOKEN)]),
        }
        const dropped = {
          ...forged,
          query: forged.query.filter((one) => !one.startsWith('X-Amz-Security-Token')),
          headers: forged.headers.filter(([name]) => name !== 'x-amz-security-token'),
        }
        await attack.rejectedInAllShapes(swapped, [location, 'swapped'], options)
        await attack.rejectedInAllShapes(dropped, [location, 'dropped'], options)
      }
    }
  })

  it('that is appended must match the credentials', async () => {
    const query = forge({ location: 'query' })
    const options = { credentials: found(victim), now: NOW, sessionTokenPlacement: 'appended' as const }
    const append = (...tokens: string[]) => ({
      ...query,
      query: [...query.query, ...tokens.map((token) => `X-Amz-Security-Token=${encode(token)}`)],
    })
    for (const shape of SHAPES) await verify(shape(append(TOKEN)), options)
    for (const tokens of [[], [''], [OTHER_TOKEN], [`${TOKEN} `], [TOKEN, TOKEN], [TOKEN, OTHER_TOKEN]])
      await attack.rejectedInAllShapes(append(...tokens), tokens, options)
    const bare = { ...options, credentials: found(CREDENTIALS) }
    await attack.rejectedInAllShapes(append(TOKEN), 'not expected', bare)
    await attack.rejectedInAllShapes(
      { ...forge(), headers: [...forge().headers, ['x-amz-security-token', OTHER_TOKEN]] },
      'in a header',
      options,
    )
  })
})

describe('credentials that have expired', () => {
  const OVER: unknown[] = [
    ...[NOW, NOW - 1, NOW - DAY, 0, -1, Number.NaN].map((time) => new Date(time)),
    ...[NOW, NOW - 1, 0, -1, Number.NaN, -Infinity, '', 'never', 'Invalid Date', '2015-08-30T12:35:59Z', false, true],
    ...[{}, [], Symbol.iterator.description, () => NOW + DAY],
  ]
  const scoped = { ...SCOPE, key: signingKey(SECRET, '20150830/us-east-1/s3/aws4_request') }
  const CASES = [CREDENTIALS, { accessKeyId: KEY_ID, signingKey: scoped }]

  it('are rejected, including an invalid expiration', async () => {
    for (const credentials of CASES)
      for (const expiration of OVER)
        for (const hideUnknownKeys of BOTH)
          for (const transport of TRANSPORTS) {
            const options = { credentials: found({ ...credentials, expiration }), now: NOW, hideUnknownKeys }
            const code = hideUnknownKeys ? /SIGNATURE_MISMATCH/ : /EXPIRED/
            await attack.rejected(send(transport, {}, options), [transport, String(expiration)], code)
          }
  })

  it('are rejected when they expire, even if they were accepted before', async () => {
    const credentials = { ...CREDENTIALS, expiration: new Date(NOW + 1000) }
    for (const transport of TRANSPORTS) {
      await send(transport, {}, { credentials: found(credentials), now: NOW + 999 })
      await attack.rejected(send(transport, {}, { credentials: found(credentials), now: NOW + 1000 }), 'at the end')
      credentials.expiration.setTime(NOW)
      await attack.rejected(send(transport, {}, { credentials: found(credentials), now: NOW }), 'moved')
      credentials.expiration.setTime(NOW + 1000)
    }
  })

  it('are distinguished from credentials that never expire', async () => {
    for (const credentials of CASES)
      for (const expiration of [null, undefined, new Date(NOW + 1), new Date(NOW + DAY)])
        for (const hideUnknownKeys of BOTH)
          for (const transport of TRANSPORTS)
            await send(transport, {}, { credentials: found({ ...credentials, expiration }), now: NOW, hideUnknownKeys })
  })
})

describe('a presigned URL', () => {
  it('is never valid longer than its credentials, despite X-Amz-Expires', async () => {
    const credentials = { ...CREDENTIALS, expiration: new Date(NOW + 3_600_000) }
    const url = forge({ location: 'query', expires: '604800' })
    const result: VerifiedRequest = await verify(asNode(url), { credentials: found(credentials), now: NOW })
    expect(result.accessKeyId).toBe(KEY_ID)
    for (let hours = 1; hours < 168; hours += 5)
      await attack.rejectedInAllShapes(
        url,
        `${hours} hours after signing, ${amzDateOf(NOW + hours * 3_600_000)}`,
        { credentials: found(credentials), now: NOW + hours * 3_600_000 },
        /EXPIRED/,
      )
  })
})

it('at least 1500 attacks with a different key were tried', () => {
  expect(attack.count).toBeGreaterThan(1500)
})
