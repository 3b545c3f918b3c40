import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SIGV4_VERIFYING, verifyingKey } from '../../src/crypto/verifying.ts'
import { sha256Hex, verifyHmac } from '../../src/crypto/webcrypto.ts'
import { SECRET } from '../support/credentials.ts'
import { sha256, signatureOf, signingKey } from '../support/oracle.ts'

const SCOPE = { date: '20150830', region: 'us-east-1', service: 's3' }
const PARTS = [...Object.values(SCOPE), 'aws4_request']
const MESSAGE = 'é\n€'

type Looked = Parameters<typeof SIGV4_VERIFYING.verifier>[0]

async function verifyAfterEqualWork(credentials: Looked, signature: string): Promise<boolean> {
  const verifier = await SIGV4_VERIFYING.verifier(credentials, true, SCOPE)
  return verifier(MESSAGE, signature)
}

describe.each(['node:crypto', 'Web Crypto'])('with %s', (crypto) => {
  const { subtle } = globalThis.crypto
  beforeEach(() => {
    if (crypto === 'Web Crypto') vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** The same key in every form that a lookup may return. */
  async function all(secretAccessKey: string) {
    const key = new Uint8Array(signingKey(secretAccessKey, PARTS))
    const closed = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
    return [
      { accessKeyId: 'AKID', secretAccessKey },
      { accessKeyId: 'AKID', signingKey: { ...SCOPE, key } },
      { accessKeyId: 'AKID', signingKey: { ...SCOPE, key: closed } },
    ] as const
  }
  const sign = (secret: string): string => signatureOf(secret, PARTS, MESSAGE)

  it('hashes strings and bytes', async () => {
    for (const data of ['', MESSAGE, 'x'.repeat(100_000), new Uint8Array(100_000).fill(7)])
      expect(await sha256Hex(data)).toBe(sha256(data))
  })

  it('accepts a signature for every form of the key, and nothing else', async () => {
    for (const secret of [SECRET, 'é', 'x'.repeat(64), '\ud800'])
      for (const credentials of await all(secret)) {
        const right = sign(secret)
        const key = await verifyingKey(credentials, SCOPE)
        expect(await verifyHmac(key, MESSAGE, right)).toBe(true)
        expect(await verifyAfterEqualWork(credentials, right)).toBe(true)
        expect(await verifyHmac(key, `${MESSAGE} `, right)).toBe(false)
        const last = right.at(-1) === '0' ? '1' : '0'
        for (const wrong of ['', right.slice(1), `${right}0`, right.toUpperCase(), `${right.slice(0, -1)}${last}`]) {
          if (wrong === right) continue
          expect(await verifyHmac(key, MESSAGE, wrong)).toBe(false)
          expect(await verifyAfterEqualWork(credentials, wrong)).toBe(false)
        }
      }
  })

  it('accepts nothing without credentials', async () => {
    for (const secret of ['', SECRET]) expect(await verifyAfterEqualWork(undefined, sign(secret))).toBe(false)
  })

  it('derives a key once per credentials object, and again after its secret has changed', async () => {
    const credentials = { accessKeyId: 'AKID', secretAccessKey: SECRET }
    const key = await verifyingKey(credentials, SCOPE)
    expect(await verifyingKey(credentials, SCOPE)).toBe(key)
    credentials.secretAccessKey = 'other'
    expect(await verifyHmac(await verifyingKey(credentials, SCOPE), MESSAGE, sign('other'))).toBe(true)
  })
})
