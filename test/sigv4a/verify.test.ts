import { describe, expect, it, vi } from 'vitest'
import { sign as signV4 } from '../../src/index.ts'
import { presign, sign, sigv4a } from '../../src/sigv4a.ts'
import { crc32c, signChunks } from '../../src/streams.ts'
import { type VerifyOptions, verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// `verify` with `algorithms: [sigv4a]`: what is accepted, and what is not.

const credentials = { ...CREDENTIALS }
const url = 'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/cat.jpg'
const signedAt = Date.UTC(2026, 0, 31, 12)
const options = { credentials, now: signedAt }
const accepting: VerifyOptions = { credentials: () => credentials, algorithms: [sigv4a], now: signedAt }

/** Returns a request as it is received. */
const received = ({ method, url, headers }: { method: string; url: string; headers: Record<string, string> }) => {
  const { host, pathname, search } = new URL(url)
  const all: Record<string, string> = { ...headers, host }
  return { method, url: pathname + search, headers: all }
}

describe('verify with sigv4a', () => {
  const signed = async (changed: object = {}) =>
    received(await sign({ url, method: 'PUT', body: 'cat' }, { ...options, ...changed }))
  const presigned = async (changed: object = {}) => received(await presign('GET', url, { ...options, ...changed }))

  it('accepts headers and URLs', async () => {
    const scope = { date: '20260131', region: '*', service: 's3' }
    const expected = { accessKeyId: 'AKIDEXAMPLE', scope }
    expect(await verify({ ...(await signed()), body: 'cat' }, accepting)).toMatchObject({
      ...expected,
      location: 'header',
    })
    expect(await verify(await presigned(), accepting)).toMatchObject({ ...expected, location: 'query' })
  })

  it('accepts the region of the server if the region set includes it', async () => {
    const request = await presigned({ regionSet: 'us-east-1,eu-west-*' })
    for (const region of ['us-east-1', 'eu-west-3', ['ap-south-1', 'eu-west-1']])
      expect((await verify(request, { ...accepting, region })).scope.region).toBe('us-east-1,eu-west-*')
    for (const region of ['us-east-2', 'eu-central-1', ['ap-south-1']])
      await expect(verify(request, { ...accepting, region })).rejects.toMatchObject({
        code: 'ERR_SIGV4_SCOPE_MISMATCH',
      })
    expect((await verify(await presigned(), { ...accepting, region: 'eu-west-1' })).scope.region).toBe('*')
  })

  it('rejects it unless it is passed', async () => {
    for (const request of [await presigned(), { ...(await signed()), body: 'cat' }])
      await expect(verify(request, { ...accepting, algorithms: [] })).rejects.toMatchObject({
        code: 'ERR_SIGV4_ALGORITHM_UNSUPPORTED',
      })
  })

  it.each([false, true])(
    'rejects other keys, unknown ones, and changes, with hideUnknownKeys: %s',
    async (hideUnknownKeys) => {
      const own = { ...accepting, hideUnknownKeys }
      const request = await presigned()
      expect(await verify(request, own)).toMatchObject({ accessKeyId: 'AKIDEXAMPLE' })
      const rejected = async (given: typeof request, changed: object = {}) =>
        verify(given, { ...own, ...changed }).then(
          () => 'accepted',
          (error) => error.code,
        )
      const mismatch = 'ERR_SIGV4_SIGNATURE_MISMATCH'
      expect(await rejected({ ...request, url: request.url.replace('cat', 'dog') })).toBe(mismatch)
      expect(await rejected({ ...request, url: request.url.replace('Region-Set=%2A', 'Region-Set=eu-west-1') })).toBe(
        mismatch,
      )
      expect(await rejected(request, { credentials: () => `${credentials.secretAccessKey}A` })).toBe(mismatch)
      const unknown = await rejected(request, { credentials: () => undefined })
      expect(unknown).toBe(hideUnknownKeys ? mismatch : 'ERR_SIGV4_ACCESS_KEY_UNKNOWN')
      // a signature of an unknown key for the credentials that stand in
      const { url } = await presign('GET', 'https://example.com/', { ...options, service: 's3', regionSet: '*' })
      expect(
        await rejected({ ...request, url: request.url.replace(/Signature=.*/, url.replace(/^.*(?=Signature=)/, '')) }),
      ).toBe(mismatch)
    },
  )

  it('still accepts Signature Version 4, whose signatures are none of 4a', async () => {
    const regional = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
    const { headers, ...rest } = received(await signV4({ url: regional }, { credentials, now: signedAt }))
    expect(await verify({ ...rest, headers }, accepting)).toMatchObject({ scope: { region: 'eu-west-1' } })
    const other = {
      ...headers,
      'x-amz-region-set': 'eu-west-1',
      authorization: headers.authorization!.replace('AWS4-HMAC-SHA256', sigv4a.name).replace('/eu-west-1', ''),
    }
    await expect(verify({ ...rest, headers: other }, accepting)).rejects.toThrow()
  })

  it.each([undefined, crc32c])('accepts chunks, with a checksum: %s', async (checksum) => {
    const body = Buffer.alloc(20_000, 'abc')
    const upload = await signChunks({ url }, { ...options, algorithm: sigv4a, decodedLength: body.length, checksum })
    const encoded = []
    for await (const piece of upload.encode([body])) encoded.push(piece)
    const request = received(upload)
    const { body: decoded } = await verify({ ...request, body: Buffer.concat(encoded) }, accepting)
    expect(Buffer.from(decoded!)).toEqual(body)
    const changed = Buffer.concat(encoded)
    changed[1000]! ^= 1
    await expect(verify({ ...request, body: changed }, accepting)).rejects.toMatchObject({
      code: 'ERR_SIGV4_SIGNATURE_MISMATCH',
    })
  })
})

describe('includes', () => {
  it.each([
    ['*', 'eu-west-1', true],
    ['eu-west-1', 'eu-west-1', true],
    ['eu-west-1', 'eu-west-12', false],
    ['eu-west-1', 'eu-west', false],
    ['us-east-1,eu-*', 'eu-west-1', true],
    ['us-east-1, eu-west-1', 'eu-west-1', true],
    ['us-east-1,', '', true],
    ['eu-west-1*1', 'eu-west-1', false],
    ['', 'eu-west-1', false],
    ['.u-west-1', 'eu-west-1', false],
  ])('%s, %s: %s', (regionSet, region, expected) => {
    expect(sigv4a.includes(regionSet, region)).toBe(expected)
  })
})

it('without credentials, nothing is valid', async () => {
  const verifies = await sigv4a.verifier(undefined)
  expect(await verifies('AWS4-ECDSA-P256-SHA256', '3006020101020101')).toBe(false)
  // not even if the key that stands in verified it
  const verified = vi.spyOn(crypto.subtle, 'verify').mockResolvedValueOnce(true)
  expect(await verifies('AWS4-ECDSA-P256-SHA256', '3006020101020101')).toBe(false)
  expect(verified).toHaveBeenCalledTimes(1)
  verified.mockRestore()
})
