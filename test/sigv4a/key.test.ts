import { createPublicKey, verify as verifyWithNode } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/crypto/webcrypto.ts'
import { derivationInput, privateScalar } from '../../src/sigv4a/key.ts'
import * as entry from '../../src/sigv4a.ts'
import { sigv4aFixture } from '../support/fixtures.ts'
import { hmac } from '../support/oracle.ts'

// Derived keys, the requests that the AWS Common Runtime signs, and their verification.

const fixture = sigv4aFixture()
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (number: bigint): Uint8Array => fromHex(number.toString(16).padStart(64, '0'))

describe('deriveSigningKey', () => {
  it.each(fixture.keys)('derives the key of $accessKeyId', async ({ accessKeyId, secretAccessKey, ...key }) => {
    expect(hexOf(await entry.deriveSigningKey({ credentials: { accessKeyId, secretAccessKey } }))).toBe(
      key.privateScalar,
    )
  })

  it('is the HMAC of the input that AWS specifies, plus one', async () => {
    const { accessKeyId, secretAccessKey } = fixture.credentials
    const count = Buffer.from('00000001', 'hex')
    const bits = Buffer.from('00000100', 'hex')
    for (const round of [1, 2, 127]) {
      const label = `AWS4-ECDSA-P256-SHA256\0${accessKeyId}`
      const input = Buffer.concat([count, Buffer.from(label), Buffer.from([round]), bits])
      expect(Buffer.from(derivationInput(accessKeyId, round))).toEqual(input)
    }
    const candidate = hmac(`AWS4A${secretAccessKey}`, derivationInput(accessKeyId, 1))
    const expected = BigInt(`0x${candidate.toString('hex')}`) + 1n
    expect(hexOf(await entry.deriveSigningKey({ credentials: fixture.credentials }))).toBe(
      expected.toString(16).padStart(64, '0'),
    )
  })

  it('rejects credentials without a secret', async () => {
    const given = { accessKeyId: 'AKIDEXAMPLE' } as entry.SecretCredentials
    await expect(async () => entry.deriveSigningKey({ credentials: given })).rejects.toMatchObject({
      code: 'ERR_SIGV4_CREDENTIALS_MISSING',
      argument: 'options.credentials.secretAccessKey',
    })
  })

  it('accepts a function', async () => {
    const key = await entry.deriveSigningKey({ credentials: async () => fixture.credentials })
    expect(hexOf(key)).toBe(fixture.keys[1]!.privateScalar)
  })
})

describe('privateScalar', () => {
  it.each([0n, 1n, 0xffn, 0xffffn, 1n << 255n, N - 3n, N - 2n])('adds one to %s', (candidate) => {
    expect(privateScalar(bytesOf(candidate))).toEqual(bytesOf(candidate + 1n))
  })

  it.each([N - 1n, N, N + 1n, (1n << 256n) - 1n])('rejects %s', (candidate) => {
    expect(privateScalar(bytesOf(candidate))).toBeUndefined()
  })

  it('rejects what is larger in any byte', () => {
    for (let i = 0; i < 32; i++) {
      const larger = bytesOf(N - 2n)
      if (larger[i] === 255) continue
      larger[i]!++
      expect(privateScalar(larger)).toBeUndefined()
      const smaller = bytesOf(N - 2n)
      if (smaller[i] === 0) continue
      smaller[i]!--
      expect(privateScalar(smaller)).toBeDefined()
    }
  })
})

describe('requests of the AWS Common Runtime', () => {
  const { x, y } = fixture.keys[1]!
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: Buffer.from(x, 'hex').toString('base64url'),
    y: Buffer.from(y, 'hex').toString('base64url'),
  }
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const isValid = (stringToSign: string, signature: string): boolean =>
    verifyWithNode('sha256', Buffer.from(stringToSign), key, Buffer.from(signature, 'hex'))
  const signatureOf = (path: string, headers: Record<string, string>): string =>
    /X-Amz-Signature=(\w+)/.exec(path)?.[1] ?? /Signature=(\w+)$/.exec(headers.authorization!)![1]!

  const lowercase = (headers: [string, string][]): Record<string, string> =>
    Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]))

  it('are complete', () => {
    expect(fixture.cases).toHaveLength(6)
    expect(fixture.rfc6979OfSuite).toHaveLength(6)
  })

  it.each(fixture.cases)(
    '$id is signed with the same string',
    async ({ input, output, canonicalRequest, stringToSign }) => {
      const sent = lowercase(output.headers)
      const { regionSet, sessionToken, expires } = input
      const url = `https://${input.host}${input.path}`
      const credentials = { ...fixture.credentials, ...(sessionToken && { sessionToken }) }
      const options = {
        credentials,
        now: Date.parse('2015-08-30T12:36:00Z'),
        ...(regionSet !== '*' && { regionSet }),
      }
      const payloadHash = canonicalRequest.slice(canonicalRequest.lastIndexOf('\n') + 1)
      const own = ['content-type', 'x-amz-target'].flatMap((name) => (sent[name] ? [[name, sent[name]] as const] : []))
      const headers: Record<string, string> = Object.fromEntries(own)
      if (expires !== undefined) {
        const signed = await entry.presign(input.method, url, { ...options, expires })
        const recorded = new URL(`https://${input.host}${output.path}`)
        const parameters = (from: URL) => [...from.searchParams].filter(([name]) => name !== 'X-Amz-Signature').sort()
        expect(parameters(new URL(signed.url))).toEqual(parameters(recorded))
        expect(isValid(stringToSign, signatureOf(signed.url, {}))).toBe(true)
        return
      }
      const signed = await entry.sign({ method: input.method, url, headers }, { ...options, payloadHash })
      const { authorization, ...rest } = signed.headers
      const { authorization: recorded, host, 'content-length': _, ...others } = sent
      expect(rest).toEqual(others)
      expect(host).toBe(input.host)
      expect(authorization!.replace(/\w+$/, '')).toBe(recorded!.replace(/\w+$/, ''))
      expect(isValid(stringToSign, signatureOf('', signed.headers))).toBe(true)
    },
  )

  it.each(fixture.cases)('$id is accepted, and so is the signature of RFC 6979', async (each) => {
    const { output, stringToSign, rfc6979Signature } = each
    const verifies = await entry.sigv4a.verifier(fixture.credentials)
    const signature = signatureOf(output.path, lowercase(output.headers))
    expect(await verifies(stringToSign, signature)).toBe(true)
    expect(await verifies(stringToSign, rfc6979Signature)).toBe(true)
    expect(await verifies(stringToSign.replace('aws4_request', 'aws4_Request'), signature)).toBe(false)
    expect(await verifies(stringToSign, '')).toBe(false)
  })

  it.each(fixture.rfc6979OfSuite)('the signature of RFC 6979 of $case in the $kind is accepted', async (each) => {
    const file = `../../fixtures/aws-signing-test-suite/v4a/${each.case}/${each.kind}-string-to-sign.txt`
    const verifies = await entry.sigv4a.verifier(fixture.credentials)
    const stringToSign = readFileSync(new URL(file, import.meta.url), 'utf8')
    expect(await verifies(stringToSign, each.rfc6979Signature)).toBe(true)
  })
})
