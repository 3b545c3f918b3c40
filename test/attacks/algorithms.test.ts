import node from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type SignatureAlgorithm, sigv4a } from '../../src/sigv4a.ts'
import { type FoundCredentials, type VerifyOptions, verify } from '../../src/verify.ts'
import {
  accepted,
  asObject,
  asPairs,
  attacks,
  ECDSA,
  errorOf,
  type Forged,
  type Forging,
  forge,
  forge4a,
  NOW,
  type Pair,
  REGION,
  scopedKey,
  signer4a,
  VERIFYING,
  words,
} from '../support/attacks/attacker.ts'
import { data, encoded, forgeUpload, SIGNED, SIGNED_4A, type Upload } from '../support/attacks/chunked.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../support/credentials.ts'
import { hmacHex, signingKey } from '../support/oracle.ts'

// An attacker must not confuse the two versions of the algorithm, leave a set of regions, or change an ECDSA signature.

const attack = attacks()
const OPTIONS: VerifyOptions = { ...VERIFYING, algorithms: [sigv4a], region: REGION, service: 's3' }
const HMAC = 'AWS4-HMAC-SHA256'

/** A genuine request at each location. */
const SEEN: Record<string, Forging & { regionSet?: string }> = {
  'Authorization header': { method: 'PUT', body: 'the body' },
  presigned: { location: 'query', query: 'versionId=3' },
  'a token': { token: 'token/of+the==session' },
  'a presigned request to another service': { location: 'query', service: 'execute-api' },
}
const ANY_SERVICE: VerifyOptions = {
  ...OPTIONS,
  service: undefined,
  credentials: (id) => (id === KEY_ID ? SECRET : undefined),
}

const withHeader = (forged: Forged, name: string, change: (value: string) => string | undefined): Forged => ({
  ...forged,
  headers: forged.headers.flatMap(([known, value]): Pair[] => {
    const changed = known === name ? change(value) : value
    return changed === undefined ? [] : [[known, changed]]
  }),
})
const withParameter = (forged: Forged, from: RegExp, to: string): Forged => ({
  ...forged,
  query: forged.query.flatMap((pair) => pair.replace(from, to) || []),
})

describe.each(Object.entries(SEEN))('%s', (_, seen) => {
  it('is accepted in every shape, and in every region of its set', async () => {
    await accepted(forge4a(seen), ANY_SERVICE)
    for (const regionSet of ['*', 'us-*', `eu-west-1,${REGION}`, `eu-west-1, ${REGION}`])
      await accepted(forge4a({ ...seen, regionSet }), ANY_SERVICE)
  })

  it('is rejected without the algorithm, and by one with a different name', async () => {
    const other = { ...sigv4a, name: 'AWS4-ECDSA-P384-SHA384' } satisfies SignatureAlgorithm
    for (const algorithms of [undefined, [], [other]])
      await attack.rejectedInAllShapes(forge4a(seen), algorithms, { ...ANY_SERVICE, algorithms })
  })

  it('is rejected outside of its regions', async () => {
    const sets = [...words('eu-west-1 eu-* us-east-10 us-east- US-EAST-1 us-*-1 *-east-1 us-east-1*1 , -* ?'), '', ' ']
    for (const regionSet of sets)
      await attack.rejectedInAllShapes(forge4a({ ...seen, regionSet }), regionSet, ANY_SERVICE)
    for (const region of ['*', 'us-*', '', 'us-east-1,eu-west-1'])
      await attack.rejected(verify(asPairs(forge4a(seen)), { ...ANY_SERVICE, region }), region, /SCOPE_MISMATCH/)
  })

  it('is rejected if its region set contains anything but printable ASCII', async () => {
    for (const mark of ['\n', '\r\n', '\0', '\x1b[2J', '\x7f', '\u00e9', '\t']) {
      const error = await attack.rejected(
        verify(asPairs(forge4a({ ...seen, regionSet: `*,${mark}` })), { ...ANY_SERVICE, region: undefined }),
        mark,
      )
      // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal would act on them
      expect(error.message).not.toMatch(/[\0-\x1f\x7f]/)
    }
  })

  it('is rejected with a different region set, or without it', async () => {
    const genuine = forge4a(seen)
    for (const by of ['*', `${REGION},eu-west-1`, `${REGION} `, 'us-east-1*', ''].filter(
      (set) => set.trim() !== REGION || seen.location,
    )) {
      const forged = seen.location
        ? withParameter(genuine, /^(X-Amz-Region-Set)=.*/, `$1=${encodeURIComponent(by)}`)
        : withHeader(genuine, 'x-amz-region-set', () => by)
      await attack.rejectedInAllShapes(forged, by, { ...ANY_SERVICE, region: undefined })
    }
    const without = seen.location
      ? withParameter(genuine, /^X-Amz-Region-Set=.*/, '')
      : withHeader(genuine, 'x-amz-region-set', () => undefined)
    await attack.rejectedInAllShapes(without, 'missing', { ...ANY_SERVICE, region: undefined })
  })

  it('is rejected with a credential of Signature Version 4, and the reverse', async () => {
    const day = '20150830'
    const service = seen.service ?? 's3'
    const parts = `${day}/${REGION}/${service} ${day}/*/${service} ${day}//${service} ${service} ${day}/${service}/${service}`
    for (const scope of words(parts))
      await attack.rejectedInAnyShape(forge4a({ ...seen, scope: `${scope}/aws4_request` }), scope, ANY_SERVICE)
    // an HMAC in place of the signature: with the key of the scope, or with the private key
    for (const keyed of [signingKey(SECRET, `${day}/${REGION}/${service}/aws4_request`), `AWS4A${SECRET}`, ''])
      await attack.rejectedInAnyShape(forge4a({ ...seen, sign: (text) => hmacHex(keyed, text) }), 'HMAC', ANY_SERVICE)
    // every wrong combination of algorithm, scope and kind of signature
    const scopes = [`${day}/${REGION}/${service}/aws4_request`, `${day}/${service}/aws4_request`]
    for (const [is4a, algorithm] of [HMAC, ECDSA].entries())
      for (const [isShort, scope] of scopes.entries())
        for (const isEcdsa of [0, 1]) {
          if (is4a === isShort && is4a === isEcdsa) continue
          const sign = isEcdsa ? signer4a() : (text: string) => hmacHex(signingKey(SECRET, scope), text)
          await attack.rejectedInAnyShape(forge4a({ ...seen, algorithm, scope, sign }), [algorithm, scope], ANY_SERVICE)
        }
  })

  it('is rejected if the name of its algorithm is changed', async () => {
    for (const [genuine, from, to] of [
      [forge4a(seen), ECDSA, HMAC],
      [forge(seen), HMAC, ECDSA],
    ] as const) {
      const forged = seen.location
        ? withParameter(genuine, RegExp(`^X-Amz-Algorithm=${from}$`), `X-Amz-Algorithm=${to}`)
        : withHeader(genuine, 'authorization', (value) => value.replace(from, to))
      await attack.rejectedInAllShapes(forged, to, ANY_SERVICE)
    }
  })

  it('is rejected for a wrong key', async () => {
    for (const [secret, keyId] of [
      ['other', KEY_ID],
      [SECRET, 'AKIDOTHER'],
      [`${SECRET} `, KEY_ID],
    ] as const)
      await attack.rejectedInAnyShape(
        forge4a({ ...seen, sign: signer4a(secret, keyId) }),
        secret,
        ANY_SERVICE,
        /SIGNATURE_MISMATCH/,
      )
  })
})

describe('a region set', () => {
  it('must be signed, whatever options.unsignedHeaders contains', async () => {
    const unsigned: VerifyOptions = { ...OPTIONS, allowUnsigned: ['x-amz-region-set'] }
    await accepted(forge4a(), unsigned)
    for (const regionSet of [REGION, '*'])
      await attack.rejectedInAllShapes(
        forge4a({ regionSet, shrink: ['x-amz-region-set'] }),
        regionSet,
        unsigned,
        /HEADER_NOT_SIGNED/,
      )
  })

  it('must be sent once in a query, in its own case, and not beside a header', async () => {
    const genuine = forge4a({ location: 'query' })
    const names = words('x-amz-region-set=* X-AMZ-REGION-SET=* X-Amz-Region%2dSet=*')
    for (const added of names)
      await attack.rejectedInAllShapes({ ...genuine, query: [added, ...genuine.query] }, added, OPTIONS)
    await attack.rejectedInAllShapes(withParameter(genuine, /^X-Amz-Region-Set/, 'x-amz-region-set'), 'case', OPTIONS)
    const query = `X-Amz-Region-Set=${REGION}`
    await attack.rejectedInAllShapes(forge4a({ query }), 'a header beside the parameter', OPTIONS, /AUTH_AMBIGUOUS/)
    await attack.rejectedInAllShapes(forge4a({ query, without: ['x-amz-region-set'] }), 'a parameter only', OPTIONS)
  })

  it('does not replace the region of Signature Version 4', async () => {
    for (const location of ['header', 'query'] as const) {
      const headers = location === 'header' ? { 'x-amz-region-set': '*' } : {}
      const query = location === 'query' ? 'X-Amz-Region-Set=%2A' : ''
      await accepted(forge({ location, headers, query }), OPTIONS)
      await attack.rejectedInAllShapes(
        forge({ location, headers, query, region: 'eu-west-1' }),
        location,
        OPTIONS,
        /SCOPE_MISMATCH/,
      )
    }
  })
})

describe('an ECDSA signature', () => {
  const genuine = forge4a()
  const { signature } = genuine
  const rLength = Number.parseInt(signature.slice(6, 8), 16) * 2
  const r = signature.slice(8, 8 + rLength)
  const s = signature.slice(12 + rLength)
  const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
  const size = (digits: string): string => (digits.length / 2).toString(16).padStart(2, '0')
  const integer = (digits: string): string => `02${size(digits)}${digits}`
  const sequence = (content: string): string => `30${size(content)}${content}`
  const sum = (digits: string): string =>
    `01${((BigInt(`0x${digits}`) + BigInt(`0x${ORDER}`)) % (1n << 256n)).toString(16).padStart(64, '0')}`

  const CHANGES: Record<string, string> = {
    empty: '',
    'upper case': signature.toUpperCase(),
    'padded as in a chunk': `${signature}**`,
    'a trailing byte': `${signature}00`,
    'a trailing byte that the sequence counts': sequence(`${integer(r) + integer(s)}00`),
    'a third number': sequence(integer(r) + integer(s) + integer('01')),
    'a leading zero in r': sequence(integer(`00${r}`) + integer(s)),
    'a leading zero in s': sequence(integer(r) + integer(`00${s}`)),
    'no zero before a high bit': sequence(
      integer(`${r.startsWith('00') ? '' : 'ff'}${r.replace(/^00/, '')}`) + integer(s),
    ),
    'a long length': `3081${size(integer(r) + integer(s))}${integer(r)}${integer(s)}`,
    'a long length of r': sequence(`0281${size(r)}${r}${integer(s)}`),
    'an indefinite length': `3080${integer(r)}${integer(s)}0000`,
    'a set instead of a sequence': signature.replace(/^30/, '31'),
    'r of zero': sequence(integer('00') + integer(s)),
    's of zero': sequence(integer(r) + integer('00')),
    'both of zero': sequence(integer('00') + integer('00')),
    'empty numbers': '300402000200',
    'r of the order': sequence(integer(`00${ORDER}`) + integer(s)),
    's of the order': sequence(integer(r) + integer(`00${ORDER}`)),
    's plus the order': sequence(integer(r) + integer(sum(s))),
    'a negative r': sequence(integer('ff') + integer(s)),
    'r and s exchanged': sequence(integer(s) + integer(r)),
    'without DER': `${r.replace(/^00/, '').padStart(64, '0')}${s.replace(/^00/, '').padStart(64, '0')}`,
    'with spaces': signature.replace(/../g, '$& ').trim(),
  }

  it('is accepted as it was signed', async () => {
    await accepted(genuine, OPTIONS)
    expect(sequence(integer(r) + integer(s))).toBe(signature)
  })

  it.each(Object.entries(CHANGES))('is rejected if changed: %s', async (_, changed) => {
    await attack.rejectedInAllShapes(
      withHeader(genuine, 'authorization', (value) => value.replace(signature, changed)),
      changed,
      OPTIONS,
    )
  })

  it('is not the only one: ECDSA also accepts the order minus s, so a signature does not identify a request', async () => {
    const digits = (BigInt(`0x${ORDER}`) - BigInt(`0x${s}`)).toString(16).padStart(64, '0')
    const other = sequence(integer(r) + integer(digits.replace(/^(?:00)+/, '').replace(/^(?=[89a-f])/, '00')))
    await accepted(
      withHeader(genuine, 'authorization', (value) => value.replace(signature, other)),
      OPTIONS,
    )
  })

  it('is rejected with any digit changed', async () => {
    for (let at = 0; at < signature.length; at++) {
      const digit = ((Number.parseInt(signature[at]!, 16) + 1) % 16).toString(16)
      const changed = signature.slice(0, at) + digit + signature.slice(at + 1)
      await attack.rejectedInAnyShape(
        withHeader(genuine, 'authorization', (value) => value.replace(signature, changed)),
        [at, changed],
        OPTIONS,
      )
    }
  })
})

describe('a lookup', () => {
  const found: [name: string, result: FoundCredentials | undefined, code: RegExp][] = [
    ['nothing', undefined, /ACCESS_KEY_UNKNOWN/],
    ['credentials of another ID', { ...CREDENTIALS, accessKeyId: 'AKIDOTHER' }, /ACCESS_KEY_UNKNOWN/],
    ['another secret', 'other', /SIGNATURE_MISMATCH/],
    ['a signing key', scopedKey(KEY_ID, { date: '20150830', region: REGION, service: 's3' })!, /SCOPE_MISMATCH/],
    ['credentials with a token', { ...CREDENTIALS, sessionToken: 'token' }, /ACCESS_KEY_UNKNOWN/],
    ['expired credentials', { ...CREDENTIALS, expiration: new Date(NOW) }, /EXPIRED/],
  ]

  it.each(found)('that returns %s rejects', async (name, result, code) => {
    for (const request of [forge4a(), forge4a({ location: 'query' })])
      await attack.rejectedInAllShapes(request, name, { ...OPTIONS, credentials: () => result }, code)
  })

  it('that returns a bytes of 32 as a secret, or a member of Object.prototype, is a TypeError', async () => {
    for (const result of [
      new Uint8Array(32),
      {},
      '',
      0,
      Object.prototype.toString,
      { accessKeyId: KEY_ID, secretAccessKey: '' },
    ])
      await attack.wrongArgument(
        verify(asObject(forge4a()), { ...OPTIONS, credentials: () => result as never }),
        result,
      )
  })

  it('rejects all alike with hideUnknownKeys', async () => {
    for (const location of ['header', 'query'] as const) {
      const genuine = forge4a({ location })
      await accepted(genuine, { ...OPTIONS, hideUnknownKeys: true })
      const messages = new Set<string>()
      for (const [name, result] of found) {
        const options: VerifyOptions = { ...OPTIONS, credentials: () => result, hideUnknownKeys: true }
        const error = await attack.rejected(verify(asPairs(genuine), options), name, /SIGNATURE_MISMATCH/)
        messages.add(JSON.stringify([error.message, error.code, error.status, error.details, error.stringToSign]))
      }
      expect(messages.size).toBe(1)
    }
  })

  it('is what decides, even if an algorithm accepts everything', async () => {
    const lax: SignatureAlgorithm = { ...sigv4a, verifier: async () => async () => true }
    for (const hideUnknownKeys of [true, false])
      for (const [name, result] of found.filter(([name]) => name !== 'another secret')) {
        const options: VerifyOptions = { ...OPTIONS, algorithms: [lax], credentials: () => result, hideUnknownKeys }
        await attack.rejectedInAllShapes(forge4a(), name, options)
      }
  })

  it('works as much for an unknown key as for a known one with hideUnknownKeys', async () => {
    const { subtle } = globalThis.crypto
    // the functions that are called in this runtime
    const functions: [object: object, name: string][] = [
      [subtle, 'importKey'],
      [subtle, 'verify'],
      [node, 'createHmac'],
    ]
    const work = async (credentials: VerifyOptions['credentials']): Promise<number[]> => {
      const counts: number[] = []
      for (const [object, name] of functions) {
        let count = 0
        const original = Reflect.get(object, name) as (...given: never[]) => unknown
        const own = Object.getOwnPropertyDescriptor(object, name)
        Object.defineProperty(object, name, {
          configurable: true,
          value: (...given: never[]) => {
            count++
            return original.apply(object, given)
          },
        })
        await errorOf(verify(asPairs(forge4a()), { ...OPTIONS, credentials, hideUnknownKeys: true }))
        if (own) Object.defineProperty(object, name, own)
        else Reflect.deleteProperty(object, name)
        counts.push(count)
      }
      return counts
    }
    const known = await work(VERIFYING.credentials)
    expect(known.every((count) => count > 0)).toBe(true)
    for (const [name, result] of found) expect([name, await work(() => result)]).toEqual([name, known])
  })

  it('whose object gets a new secret verifies with that', async () => {
    const credentials = { ...CREDENTIALS }
    const options: VerifyOptions = { ...OPTIONS, credentials: () => credentials }
    await accepted(forge4a(), options)
    credentials.secretAccessKey = 'new'
    await attack.rejectedInAllShapes(forge4a(), 'the old secret', options, /SIGNATURE_MISMATCH/)
    await accepted(forge4a({ secret: 'new' }), options)
  })
})

describe('an upload', () => {
  const PARTS = [data(9000), data(100)]
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(Buffer.concat(PARTS)))
  const TRAILERS: Pair[] = [['x-amz-checksum-crc32', checksum.toString('base64')]]
  const deferred: VerifyOptions = { ...OPTIONS, payload: 'deferred' }

  async function read(upload: Upload, options = deferred): Promise<Buffer> {
    const { verifyBody } = await verify({ ...asPairs(upload.forged), body: undefined }, options)
    const parts: Uint8Array[] = []
    for await (const part of verifyBody([encoded(upload)])) parts.push(part)
    return Buffer.concat(parts)
  }

  it.each([
    ['without trailers', []],
    ['with trailers', TRAILERS],
  ])('is accepted %s, and rejected if any part is changed', async (_, trailers) => {
    const genuine = forgeUpload(PARTS, { kind: SIGNED_4A, trailers })
    expect(await read(genuine)).toEqual(genuine.decoded)
    const { chunks, trailer } = genuine
    const changed = (change: (signature: string, i: number) => string) =>
      chunks.flatMap((chunk, i) => {
        const signature = change(chunk.signature!, i)
        return signature === chunk.signature
          ? []
          : [{ chunks: chunks.map((each) => (each === chunk ? { ...chunk, signature } : each)) }]
      })
    const changes: Partial<Upload>[] = [
      { chunks: [chunks[0]!, chunks[2]!] },
      { chunks: [chunks[1]!, chunks[0]!, chunks[2]!] },
      ...changed((signature) => signature.replace(/[^*](\**)$/, 'x$1')),
      ...changed((signature) => signature.replace(/\*+$/, '')), // some have the full length
      ...changed((signature) => `*${signature.slice(1)}`),
      ...changed((signature) => `${signature.slice(0, 70)}*${signature.slice(71)}`),
      ...changed((_, i) => chunks[(i + 1) % 3]!.signature!),
      ...trailer.map((line) => ({ trailer: trailer.filter((other) => other !== line) })),
      ...(trailers.length ? [{ trailer: [trailer[0]!.replace(/:./, ':x'), trailer[1]!] }] : []),
    ]
    for (const change of changes) await attack.rejected(read({ ...genuine, ...change }), change, /PAYLOAD|SIGNATURE/)
  })

  it('is rejected with chunks of the other algorithm', async () => {
    for (const trailers of [[], TRAILERS]) {
      const hmac = forgeUpload(PARTS, { trailers })
      const ecdsa = forgeUpload(PARTS, { kind: SIGNED_4A, trailers })
      await attack.rejected(read({ ...hmac, forged: ecdsa.forged }), 'HMAC in ECDSA')
      await attack.rejected(read({ ...ecdsa, forged: hmac.forged }), 'ECDSA in HMAC')
      const padded = hmac.chunks.map((chunk) => ({ ...chunk, signature: chunk.signature!.padEnd(144, '*') }))
      await attack.rejected(read({ ...hmac, chunks: padded }), 'HMAC, padded')
      if (trailers.length)
        await attack.rejected(read({ ...hmac, trailer: [hmac.trailer[0]!, `${hmac.trailer[1]}*`] }), 'HMAC, padded')
      await attack.rejected(
        read(hmac, { ...deferred, allowUnsignedPayload: true }).then(() => read({ ...hmac, chunks: ecdsa.chunks })),
        'mixed',
      )
    }
    const suffix = ['', '-TRAILER']
    for (const end of suffix)
      for (const location of ['header', 'query'] as const) {
        const stating = (kind: string): Forging => ({
          location,
          payloadHash: kind + end,
          query: location === 'query' ? `X-Amz-Content-Sha256=${kind}${end}` : '',
        })
        const [wrong4a, wrong] = [stating(SIGNED), stating(SIGNED_4A)]
        const headers = { 'x-amz-decoded-content-length': '3' }
        await attack.rejectedInAllShapes(forge4a({ ...wrong4a, headers }), wrong4a, deferred, /AUTH_MALFORMED/)
        await attack.rejectedInAllShapes(forge({ ...wrong, headers }), wrong, deferred, /AUTH_MALFORMED/)
      }
  })

  it('is rejected as a stream of events', async () => {
    const events = 'STREAMING-AWS4-HMAC-SHA256-EVENTS'
    for (const payloadHash of [events, `STREAMING-${ECDSA}-EVENTS`])
      for (const forger of [forge, forge4a])
        for (const service of ['s3', 's3express', 'transcribe']) {
          if (forger === forge && service === 'transcribe' && payloadHash === events) continue
          const headers = service === 'transcribe' ? { 'x-amz-content-sha256': payloadHash } : {}
          await attack.rejectedInAllShapes(
            forger({ method: 'POST', payloadHash, service, headers }),
            [payloadHash, service],
            { ...deferred, service: undefined },
            /AUTH_MALFORMED/,
          )
        }
    const genuine = forge({
      method: 'POST',
      service: 'transcribe',
      payloadHash: events,
      headers: { 'x-amz-content-sha256': events },
    })
    const any = { ...OPTIONS, service: undefined, body: 'the body' }
    await attack.rejectedInAllShapes(genuine, 'with the body', any, /PAYLOAD_UNCHECKED/)
    const { verifyBody, payload } = await verify(
      { ...asPairs(genuine), body: undefined },
      { ...deferred, service: undefined },
    )
    expect(payload).toBe('deferred')
    await attack.rejected(verifyBody([Buffer.from('the body')]).next(), 'as a body', /PAYLOAD_UNCHECKED/)
  })
})

it('attacks this often', () => {
  expect(attack.count).toBeGreaterThan(750)
})
