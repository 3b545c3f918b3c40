import { createSign, generateKeyPairSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/crypto/webcrypto.ts'
import { formatDer, parseDer } from '../../src/sigv4a/der.ts'

// Signatures in DER, and what Web Crypto is asked to verify.

const R = '7f'.padEnd(64, '1')
const S = '01'.padEnd(64, '2')
const N = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'

/** Encodes two integers as they are given. */
function der(r: string, s: string): string {
  const part = (content: string) => (content.length / 2).toString(16).padStart(2, '0') + content
  return `30${part(`02${part(r)}02${part(s)}`)}`
}

describe('formatDer', () => {
  it.each([
    ['positive numbers', R + S, der(R, S)],
    [
      'numbers with a first bit',
      'f'.padEnd(64, '0') + '8'.padEnd(64, '0'),
      der(`00f${'0'.repeat(63)}`, `008${'0'.repeat(63)}`),
    ],
    ['short numbers', '1'.padStart(64, '0') + '80'.padStart(64, '0'), der('01', '0080')],
  ])('writes %s', (_, numbers, expected) => {
    expect(formatDer(numbers)).toBe(expected)
    expect(parseDer(expected)).toBe(numbers)
  })

  it('writes what node:crypto verifies', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    for (let i = 0; i < 1000; i++) {
      const message = Buffer.from(`message ${i}`)
      const numbers = createSign('sha256').update(message).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' }, 'hex')
      const signature = formatDer(numbers)
      expect(signature.length).toBeLessThanOrEqual(144)
      expect(verify('sha256', message, publicKey, Buffer.from(signature, 'hex'))).toBe(true)
      expect(parseDer(signature)).toBe(numbers)
    }
  })

  it('is the inverse of parseDer', () => {
    const number = fc
      .bigInt({ min: 1n, max: BigInt(`0x${N}`) - 1n })
      .map((value) => value.toString(16).padStart(64, '0'))
    fc.assert(fc.property(number, number, (r, s) => parseDer(formatDer(r + s)) === r + s))
  })
})

describe('parseDer', () => {
  const valid = der(R, S)
  const less = (BigInt(`0x${N}`) - 1n).toString(16)

  it('accepts the largest numbers', () => {
    expect(parseDer(der(`00${less}`, `00${less}`))).toBe(less + less)
    expect(parseDer(der('01', '01'))).toBe('1'.padStart(64, '0').repeat(2))
  })

  it.each([
    ['an empty string', ''],
    ['what is not hex', valid.replace('7', 'g')],
    ['uppercase hex', der(R, `0a${S.slice(2)}`).toUpperCase()],
    ['a last digit that is not hex', valid.replace(/.$/, 'g')],
    ['an uppercase digit', valid.replace(/.$/, 'A')],
    ['an odd number of digits', valid.slice(0, -1)],
    ['a signature of 64 bytes without DER', R + S],
    ['another tag', valid.replace(/^30/, '31')],
    ['another tag of r', valid.replace(/^(30..)02/, '$103')],
    ['another tag of s', der(R, S).replace(`02${'20'}${S}`, `0320${S}`)],
    ['a length that is too long', valid.replace(/^3044/, '3045')],
    ['a length that is too short', valid.replace(/^3044/, '3043')],
    ['a length in two bytes', valid.replace(/^3044/, '308144')],
    ['an indefinite length', `${valid.replace(/^3044/, '3080')}0000`],
    ['something after it', `${valid}00`],
    ['something after s', `3045${valid.slice(4)}00`],
    ['a length of r that exceeds the signature', valid.replace(/^(304402)20/, '$1ff')],
    ['a length of r in two bytes', `3045028120${R}0220${S}`],
    ['no s', '30220220'.concat(R)],
    ['three numbers', `3047${valid.slice(4)}020101`],
    ['an r of zero', der('00', S)],
    ['an s of zero', der(R, '00')],
    ['an empty r', der('', S)],
    ['an empty s', der(R, '')],
    ['an r with an unnecessary zero', der(`00${R}`, S)],
    ['an s with an unnecessary zero', der(R, `00${S}`)],
    ['a negative r', der('80', S)],
    ['a negative s', der(R, `ff${S.slice(2)}`)],
    ['an r of the order', der(`00${N}`, S)],
    ['an s of the order', der(R, `00${N}`)],
    ['an r that is too long', der(`01${R}`, S)],
    ['a line break', `${valid}\n`],
    ['a padded signature of a chunk', valid.padEnd(144, '*')],
  ])('rejects %s', (_, signature) => {
    expect(parseDer(signature)).toBeUndefined()
  })
})

interface Wycheproof {
  numberOfTests: number
  testGroups: {
    publicKey: { uncompressed: string }
    tests: { tcId: number; comment: string; flags: string[]; msg: string; sig: string; result: 'valid' | 'invalid' }[]
  }[]
}

describe('Wycheproof', () => {
  const file = new URL('../../fixtures/wycheproof/ecdsa_secp256r1_sha256_test.json', import.meta.url)
  const { numberOfTests, testGroups }: Wycheproof = JSON.parse(readFileSync(file, 'utf8'))
  const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

  it('is complete', () => {
    const tests = testGroups.flatMap(({ tests }) => tests)
    expect([tests.length, numberOfTests]).toEqual([484, 484])
    expect(tests.filter(({ result }) => result === 'valid').length).toBeGreaterThan(100)
    expect(tests.every(({ result }) => result === 'valid' || result === 'invalid')).toBe(true)
  })

  it('signatures are accepted or rejected as expected', async () => {
    const wrong: string[] = []
    for (const { publicKey, tests } of testGroups) {
      const key = await crypto.subtle.importKey('raw', fromHex(publicKey.uncompressed), ECDSA, false, ['verify'])
      for (const { tcId, comment, msg, sig, result } of tests) {
        const numbers = parseDer(sig)
        const isValid =
          numbers !== undefined && (await crypto.subtle.verify(ECDSA, key, fromHex(numbers), fromHex(msg)))
        if (isValid !== (result === 'valid')) wrong.push(`${tcId} ${comment}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
