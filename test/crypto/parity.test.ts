import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { nodeCrypto } from '../../src/crypto/runtime.ts'
import * as sync from '../../src/crypto/sha256.ts'
import * as webcrypto from '../../src/crypto/webcrypto.ts'
import { CREDENTIALS, SECRET } from '../support/credentials.ts'
import { nistBlocks } from '../support/fixtures.ts'
import { hmacHex, sha256, signingKey } from '../support/oracle.ts'
import { character } from '../support/unicode.ts'

/** The functions that both implementations in src/crypto have. `Key` is the implementation's type. */
interface Implementation<Key> {
  sha256Hex(data: string | Uint8Array): string | Promise<string>
  hmacKey(bytes: Uint8Array): Key | Promise<Key>
  hmacHex(key: Key, text: string): string | Promise<string>
  verifyHmac(key: Key, text: string, signatureHex: string): boolean | Promise<boolean>
  deriveSigningKey(secretAccessKey: string, parts: readonly string[]): Uint8Array | Promise<Uint8Array>
}

/** Loads the synchronous implementation in an engine without `TextEncoder`, on loading and on every call. */
async function loadBare(): Promise<Implementation<unknown>> {
  const { TextEncoder } = globalThis
  const without =
    <Arguments extends unknown[], Result>(act: (...values: Arguments) => Result) =>
    (...values: Arguments): Result => {
      vi.stubGlobal('TextEncoder', undefined)
      try {
        return act(...values)
      } finally {
        globalThis.TextEncoder = TextEncoder
      }
    }
  vi.resetModules()
  vi.stubGlobal('TextEncoder', undefined)
  const bare = await import('../../src/crypto/sha256.ts')
  globalThis.TextEncoder = TextEncoder
  return {
    sha256Hex: without(bare.sha256Hex),
    hmacKey: without(bare.hmacKey),
    hmacHex: without((key: unknown, text) => bare.hmacHex(key as sync.HmacKey, text)),
    verifyHmac: without((key: unknown, text, signature) => bare.verifyHmac(key as sync.HmacKey, text, signature)),
    deriveSigningKey: without(bare.deriveSigningKey),
  }
}

/** Calls a function as in a runtime without `node:crypto`. */
function withoutRuntime<Data, Result>(act: (data: Data) => Result): (data: Data) => Result {
  return (data) => {
    const load = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
    try {
      return act(data)
    } finally {
      load.mockRestore()
    }
  }
}

/** `monte`: rounds of the Monte Carlo test with 1,000 hashes each, limited by the implementation's speed. */
const IMPLEMENTATIONS: { name: string; implementation: Implementation<unknown>; monte: number }[] = [
  { name: 'synchronous', implementation: { ...sync, sha256Hex: (data) => sync.hashWith(undefined, data) }, monte: 100 },
  {
    name: "synchronous with the runtime's hash",
    implementation: { ...sync, sha256Hex: (data) => sync.hashWith(nodeCrypto()?.hash, data) },
    monte: 5,
  },
  { name: 'synchronous without TextEncoder', implementation: await loadBare(), monte: 5 },
  { name: 'Web Crypto', implementation: { ...webcrypto, sha256Hex: withoutRuntime(webcrypto.sha256Hex) }, monte: 5 },
  { name: "Web Crypto with the runtime's hash", implementation: webcrypto, monte: 5 },
]

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

/** Returns bytes that differ by position. */
function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 167 + (i >> 8) * 13 + 7) & 255
  return bytes
}

/** Returns a string of `length` UTF-16 units with characters of one to four bytes. */
function patternString(length: number): string {
  return 'aé€😀z'.repeat(Math.ceil(length / 6)).slice(0, length)
}

/** Lengths at which a hash behaves differently: blocks, padding, and the sizes of internal buffers. */
const BORDERS = [64, 128, 1344, 4032, 4096, 8064, 8192, 65_536, 1_048_576]
const SHIFTS = [-9, -8, -1, 0, 1, 55, 56]

/** Any UTF-16 units, including lone and swapped surrogates. */
const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 300 })
  .map((units) => String.fromCharCode(...units))
const anyString = fc.oneof(fc.string({ unit: character, maxLength: 300 }), anyUnits)

describe('the NIST vectors', () => {
  it('are complete', () => {
    expect(nistBlocks('SHA256ShortMsg.rsp').length).toBe(65)
    expect(nistBlocks('SHA256LongMsg.rsp').length).toBe(64)
    expect(nistBlocks('SHA256Monte.rsp').length).toBe(101)
    expect(nistBlocks('rfc-4231-sha256.txt').length).toBe(6)
  })

  it('have the same names, except for what only verifying and Signature Version 4a need', () => {
    const only = ['deriveKey', 'hashWith', 'sha256HexOfMany'] // other keys for explain, and the choice of the hash
    const shared = Object.keys(sync).filter((name) => !only.includes(name))
    expect(Object.keys(webcrypto).sort()).toEqual(
      [...shared, 'fromHex', 'hasSubtle', 'hex', 'randomBytes', 'signatureBytes', 'subtle', 'utf8'].sort(),
    )
    expect(Object.keys(sync).sort()).toEqual([
      'SIGV4',
      'deriveKey',
      'deriveSigningKey',
      'hashWith',
      'hmacHex',
      'hmacKey',
      'importKey',
      'sha256Hex',
      'sha256HexOfMany',
      'signString',
      'signature',
      'signingKey',
      'verifyHmac',
    ])
  })
})

describe.each(IMPLEMENTATIONS)('SHA-256, $name', ({ implementation, monte }) => {
  it.each(['SHA256ShortMsg.rsp', 'SHA256LongMsg.rsp'])('returns the digests of %s', async (file) => {
    for (const { Len, Msg, MD } of nistBlocks(file)) {
      const message = fromHex(Msg!).subarray(0, Number(Len) / 8)
      expect(message.length * 8).toBe(Number(Len))
      expect(await implementation.sha256Hex(message), `Len = ${Len}`).toBe(MD)
    }
  })

  it(`returns the first ${monte} checkpoints of SHA256Monte.rsp`, async () => {
    const [{ Seed }, ...checkpoints] = nistBlocks('SHA256Monte.rsp') as [Record<string, string>]
    let seed = Seed!
    for (const { COUNT, MD } of checkpoints.slice(0, monte) as Record<string, string>[]) {
      let [a, b, c] = [seed, seed, seed]
      for (let i = 0; i < 1000; i++) {
        const digest = implementation.sha256Hex(fromHex(a + b + c))
        ;[a, b, c] = [b, c, typeof digest === 'string' ? digest : await digest]
      }
      seed = c
      expect(seed, `COUNT = ${COUNT}`).toBe(MD)
    }
  })

  it('matches node:crypto for every length from 0 to 600, as bytes, views and strings', async () => {
    const all = pattern(700)
    const text = patternString(700)
    for (let length = 0; length <= 600; length++) {
      const bytes = all.slice(0, length)
      const view = all.subarray(length % 67, (length % 67) + length)
      const part = text.slice(length % 5, (length % 5) + length)
      expect(view.byteOffset).toBe(length % 67)
      expect(await implementation.sha256Hex(bytes), `${length} bytes`).toBe(sha256(bytes))
      expect(await implementation.sha256Hex(view), `${length} bytes at ${view.byteOffset}`).toBe(sha256(view))
      expect(await implementation.sha256Hex('x'.repeat(length)), `${length} letters`).toBe(
        sha256(utf8('x'.repeat(length))),
      )
      expect(await implementation.sha256Hex(part), `string of ${length} units`).toBe(sha256(utf8(part)))
    }
  })

  it('matches node:crypto around the boundaries of blocks and buffers', async () => {
    const all = pattern(1_048_576 + 64)
    for (const border of BORDERS)
      for (const shift of SHIFTS) {
        const bytes = all.subarray(3, 3 + border + shift)
        expect(await implementation.sha256Hex(bytes), `${border} + ${shift} bytes`).toBe(sha256(bytes))
        if (border > 65_536) continue
        for (const unit of ['x', 'é', '€', '😀']) {
          const text = unit.repeat(border + shift)
          expect(await implementation.sha256Hex(text), `${border} + ${shift} times ${unit}`).toBe(sha256(utf8(text)))
        }
      }
  })

  it('matches node:crypto for any bytes and any string', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), anyString, async (bytes, text) => {
        expect(await implementation.sha256Hex(bytes)).toBe(sha256(bytes))
        expect(await implementation.sha256Hex(text)).toBe(sha256(utf8(text)))
      }),
    )
  })

  it('converts a lone surrogate to U+FFFD, as TextEncoder does', async () => {
    for (const text of ['\ud800', '\udc00', 'a\ud83d', '\ude00b', '\ude00\ud83d', '\ud83d\ud83d\ude00', '\ud83d€'])
      expect(await implementation.sha256Hex(text), JSON.stringify(text)).toBe(sha256(utf8(text)))
  })

  it('does not change its input', async () => {
    const bytes = pattern(5000)
    await implementation.sha256Hex(bytes)
    expect(bytes).toEqual(pattern(5000))
  })
})

describe.each(IMPLEMENTATIONS)('HMAC-SHA-256, $name', ({ implementation }) => {
  it('returns the values of RFC 4231', async () => {
    let strings = 0
    for (const { Key, Msg, MD } of nistBlocks('rfc-4231-sha256.txt')) {
      const [key, message] = [fromHex(Key!), fromHex(Msg!)]
      const text = new TextDecoder().decode(message)
      if (Buffer.from(text).equals(message)) {
        strings++
        const prepared = await implementation.hmacKey(key)
        expect(await implementation.hmacHex(prepared, text)).toBe(MD)
        expect(await implementation.verifyHmac(prepared, text, MD!)).toBe(true)
      } else {
        // Two messages are not strings, which are all that is signed: hashed in two steps, as FIPS 198-1 section 4
        // specifies.
        const pad = (byte: number): number[] => Array.from({ length: 64 }, (_, i) => (key[i] ?? 0) ^ byte)
        const inner = fromHex(await implementation.sha256Hex(Uint8Array.from([...pad(0x36), ...message])))
        expect(await implementation.sha256Hex(Uint8Array.from([...pad(0x5c), ...inner]))).toBe(MD)
      }
    }
    expect(strings).toBe(4)
  })

  it('matches node:crypto for keys of 1 to 200 bytes', async () => {
    const all = pattern(300)
    for (let length = 1; length <= 200; length++) {
      const key = all.subarray(length % 7, (length % 7) + length)
      const prepared = await implementation.hmacKey(key)
      const text = patternString((length * 7) % 300)
      expect(await implementation.hmacHex(prepared, text), `a key of ${length} bytes`).toBe(hmacHex(key, text))
    }
  })

  it('matches node:crypto for any key and string, and one key signs many strings', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.array(anyString, { minLength: 1, maxLength: 3 }),
        async (key, strings) => {
          const prepared = await implementation.hmacKey(key)
          for (const text of [...strings, ...strings])
            expect(await implementation.hmacHex(prepared, text)).toBe(hmacHex(key, text))
        },
      ),
    )
  })

  it('matches node:crypto for strings around the boundaries of blocks and buffers', async () => {
    const key = pattern(32)
    const prepared = await implementation.hmacKey(key)
    for (const border of BORDERS.filter((length) => length < 70_000))
      for (const shift of SHIFTS) {
        const text = patternString(border + shift)
        expect(await implementation.hmacHex(prepared, text), `${border} + ${shift}`).toBe(hmacHex(key, text))
      }
  })

  it('does not share its key with the bytes passed', async () => {
    const bytes = pattern(32)
    const prepared = await implementation.hmacKey(bytes)
    const expected = hmacHex(bytes, 'text')
    expect(bytes).toEqual(pattern(32))
    bytes.fill(0)
    expect(await implementation.hmacHex(prepared, 'text')).toBe(expected)
  })

  it('verifies the signature and nothing else', async () => {
    const key = pattern(32)
    const prepared = await implementation.hmacKey(key)
    const signature = hmacHex(key, 'text')
    expect(await implementation.verifyHmac(prepared, 'text', signature)).toBe(true)
    expect(await implementation.verifyHmac(prepared, 'texu', signature)).toBe(false)
    expect(await implementation.verifyHmac(await implementation.hmacKey(pattern(33)), 'text', signature)).toBe(false)
    for (let i = 0; i < 64; i++) {
      const digit = signature[i] === '0' ? '1' : '0'
      expect(
        await implementation.verifyHmac(prepared, 'text', signature.slice(0, i) + digit + signature.slice(i + 1)),
      ).toBe(false)
    }
    const wrongForms = ['', signature.slice(0, 62), signature.slice(2), `${signature}00`, signature + signature]
    wrongForms.push(signature.toUpperCase(), ` ${signature}`, `${signature}\n`, `0x${signature}`, 'g'.repeat(64))
    wrongForms.push(signature.slice(0, 63), `${signature.slice(0, 63)}\u0130`)
    for (const form of wrongForms)
      expect(await implementation.verifyHmac(prepared, 'text', form), JSON.stringify(form)).toBe(false)
  })
})

describe.each(IMPLEMENTATIONS)('the signing key, $name', ({ implementation }) => {
  it('matches node:crypto for any secret and scope', async () => {
    const anyPart = anyString.map((text) => text.replaceAll('/', ''))
    await fc.assert(
      fc.asyncProperty(anyString, anyPart, anyPart, async (secret, region, service) => {
        const key = await implementation.deriveSigningKey(secret, ['20150830', region, service, 'aws4_request'])
        expect(key).toBeInstanceOf(Uint8Array)
        expect(Buffer.from(key).toString('hex')).toBe(
          Buffer.from(signingKey(secret, ['20150830', region, service, 'aws4_request'])).toString('hex'),
        )
      }),
      {
        examples: [
          [' secret ', 'us-east-1', 'iam'],
          [SECRET, 'us-east-1', 's3'],
        ],
      },
    )
  })

  it('returns 32 new bytes, which later calls do not change', async () => {
    const scope = '20150830/us-east-1/iam/aws4_request'
    const key = await implementation.deriveSigningKey('secret', scope.split('/'))
    const copy = key.slice()
    await implementation.deriveSigningKey('another', scope.split('/'))
    await implementation.sha256Hex(pattern(5000))
    expect([key.byteLength, key.buffer.byteLength]).toEqual([32, 32])
    expect(key).toEqual(copy)
  })
})

describe('an HMAC key without bytes', () => {
  it('is a key of zeros for the synchronous implementation; Web Crypto rejects it', async () => {
    const empty = new Uint8Array(0)
    expect(sync.hmacHex(sync.hmacKey(empty), 'text')).toBe(hmacHex(empty, 'text'))
    await expect(webcrypto.hmacKey(empty)).rejects.toThrow()
  })
})

describe('concurrent hashes', () => {
  it('do not interfere', async () => {
    const strings = Array.from({ length: 50 }, (_, i) => patternString(i * 97))
    const key = pattern(20)
    const prepared = await webcrypto.hmacKey(key)
    expect(await Promise.all(strings.map((text) => webcrypto.hmacHex(prepared, text)))).toEqual(
      strings.map((text) => hmacHex(key, text)),
    )
    expect(strings.map((text) => sync.hmacHex(sync.hmacKey(key), text))).toEqual(
      strings.map((text) => hmacHex(key, text)),
    )
  })
})

describe("the runtime's hash", () => {
  const credentials = { ...CREDENTIALS }
  const scope = { date: '20150830', region: 'us-east-1', service: 's3' }
  const text = '20150830/us-east-1/s3/aws4_request'
  const keyOf = (secret: string) => sync.deriveSigningKey(secret, text.split('/'))
  const key = keyOf(credentials.secretAccessKey)
  const requestOf = (method: string) => ({
    context: {
      algorithm: 'AWS4-HMAC-SHA256',
      amzDate: '20150830T123600Z',
      scope: text,
      time: 0,
      actualTime: 0,
      ...scope,
    },
    parts: { method, uri: '/', query: '', headers: [], signedHeaders: '', payloadHash: '' },
  })
  const expected = (method: string, by = key): string =>
    hmacHex(by, `AWS4-HMAC-SHA256\n20150830T123600Z\n${text}\n${sha256(utf8(`${method}\n/\n\n\n\n`))}`)

  /** Loads the module anew, because it counts the signatures of its process. */
  async function loadFresh() {
    vi.resetModules()
    const sync: typeof import('../../src/crypto/sha256.ts') = await import('../../src/crypto/sha256.ts')
    const sign = (canonicalRequest: string, by = credentials) =>
      sync.signature(requestOf(canonicalRequest), by, sync.SIGV4)
    return { ...sync, sign }
  }

  it('is loaded for long messages, and once for short ones after a thousand signatures', async () => {
    const { sign, ...sync } = await loadFresh()
    const load = vi.spyOn(process, 'getBuiltinModule')
    try {
      for (let i = 0; i < 1000; i++) expect(sign(`é${i}`)).toBe(expected(`é${i}`))
      expect(load).not.toHaveBeenCalled()
      for (let i = 0; i < 100; i++) expect(sign(`é${i}`)).toBe(expected(`é${i}`))
      for (const length of [0, 1, 700, 20, 700]) {
        const policy = 'p'.repeat(length)
        expect(sync.signString(policy, scope, credentials)).toBe(hmacHex(key, policy))
        expect(sign('é')).toBe(expected('é'))
      }
      for (const secretAccessKey of ['x', 'é'.repeat(50)])
        for (let i = 0; i < 3; i++)
          expect(sign('é', { ...credentials, secretAccessKey })).toBe(expected('é', keyOf(secretAccessKey)))
      expect(load).toHaveBeenCalledTimes(1)
      expect(sync.sha256Hex('a'.repeat(16_383))).toBe(sha256(utf8('a'.repeat(16_383))))
      expect(load).toHaveBeenCalledTimes(1)
      expect(sync.sha256Hex('a'.repeat(16_384))).toBe(sha256(utf8('a'.repeat(16_384))))
      expect(load).toHaveBeenCalledTimes(2)
    } finally {
      load.mockRestore()
    }
  })
  it('is not used for short messages in Deno, where a call costs more than hashing', async () => {
    const { sign } = await loadFresh()
    const versions = vi.spyOn(process, 'versions', 'get').mockReturnValue({ ...process.versions, deno: '2.9.6' })
    const load = vi.spyOn(process, 'getBuiltinModule')
    try {
      for (let i = 0; i < 1100; i++) sign(`é${i}`)
      expect(sign('é')).toBe(expected('é'))
      expect(load).not.toHaveBeenCalled()
    } finally {
      load.mockRestore()
      versions.mockRestore()
    }
  })
})
