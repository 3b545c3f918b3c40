import { describe, expect, it } from 'vitest'
import { sign as signV4 } from '../../src/index.ts'
import { presignGet, sign, sigv4a } from '../../src/sigv4a.ts'
import { crc32c, signChunks } from '../../src/streams.ts'
import { type VerifyOptions, verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// verify accepts Signature Version 4a only if it is passed, and then as strictly as Signature Version 4.

const credentials = { ...CREDENTIALS }
const URL_4A = 'https://example.com/photos/cat.jpg'
const accepting: VerifyOptions = { credentials: () => credentials.secretAccessKey, algorithms: [sigv4a] }
const base = { credentials, service: 's3', regionSet: 'us-east-1,eu-*' }

interface Signed {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body?: unknown
}

/** Returns a signed request as a server receives it. */
const received = ({ method, url, headers, body }: Signed, changed: Record<string, string | undefined> = {}) => {
  const { pathname, search, host } = new URL(url)
  const all = Object.entries({ ...headers, host, ...changed }).filter(([, value]) => value !== undefined)
  return {
    method,
    url: pathname + search,
    headers: Object.fromEntries(all) as Record<string, string>,
    body: body as string,
  }
}
const inHeader = () => sign({ method: 'PUT', url: URL_4A, body: 'GIF89a' }, base)
const inQuery = () => presignGet(URL_4A, base)
const code = (name: string) => expect.objectContaining({ code: `ERR_SIGV4_${name}` })

describe('verify with sigv4a', () => {
  it.each([
    ['header', inHeader],
    ['query', inQuery],
  ] as const)('accepts a signature in the %s', async (location, create) => {
    const verified = await verify(received(await create()), accepting)
    expect(verified).toMatchObject({
      location,
      accessKeyId: 'AKIDEXAMPLE',
      payload: location === 'query' ? 'unsigned' : 'verified',
    })
    expect(verified.scope).toEqual({ date: verified.scope.date, region: 'us-east-1,eu-*', service: 's3' })
  })

  it.each([
    ['header', inHeader],
    ['query', inQuery],
  ] as const)('is an option: without it, a signature in the %s is unsupported', async (_, create) => {
    const request = received(await create())
    for (const algorithms of [undefined, []])
      await expect(verify(request, { ...accepting, algorithms })).rejects.toThrow(code('ALGORITHM_UNSUPPORTED'))
  })

  it('accepts Signature Version 4 as before', async () => {
    const request = await signV4({ url: URL_4A }, { credentials, region: 'eu-west-1', service: 's3' })
    expect((await verify(received(request), accepting)).scope.region).toBe('eu-west-1')
  })

  it.each([
    ['eu-west-1', true],
    ['us-east-1', true],
    [['ap-south-1', 'eu-south-2'], true],
    ['us-east-2', false],
    ['us-east-1,eu-*', false],
    [[], false],
  ] as const)('accepts the region %j: %s', async (region, isAccepted) => {
    const verified = verify(received(await inHeader()), { ...accepting, region })
    if (isAccepted) expect((await verified).accessKeyId).toBe('AKIDEXAMPLE')
    else await expect(verified).rejects.toThrow(code('SCOPE_MISMATCH'))
  })

  it('reads no wildcard in the region of Signature Version 4', async () => {
    const request = received(await signV4({ url: URL_4A }, { credentials, region: 'eu-west-1', service: 's3' }))
    const authorization = request.headers.authorization!.replace('/eu-west-1/', '/*/')
    await expect(
      verify({ ...request, headers: { ...request.headers, authorization } }, { ...accepting, region: 'eu-west-1' }),
    ).rejects.toThrow(code('SCOPE_MISMATCH'))
  })

  it.each([
    ['path', { url: '/photos/dog.jpg' }, {}],
    ['method', { method: 'POST' }, {}],
    ['region set', {}, { 'x-amz-region-set': '*' }],
    ['payload hash', {}, { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }],
  ])('rejects another %s', async (_, request, headers) => {
    const signed = received(await inHeader(), headers)
    await expect(verify({ ...signed, ...request }, { ...accepting, allowUnsignedPayload: true })).rejects.toThrow(
      code('SIGNATURE_MISMATCH'),
    )
  })

  it('rejects a request without its region set, or with one that is not signed', async () => {
    await expect(verify(received(await inHeader(), { 'x-amz-region-set': undefined }), accepting)).rejects.toThrow(
      code('AUTH_MALFORMED'),
    )
    const { headers, ...request } = received(await inHeader())
    const authorization = headers.authorization!.replace(';x-amz-region-set', '')
    await expect(verify({ ...request, headers: { ...headers, authorization } }, accepting)).rejects.toThrow(
      code('HEADER_NOT_SIGNED'),
    )
    const { url, ...query } = received(await inQuery())
    await expect(verify({ ...query, url: url.replace(/&X-Amz-Region-Set=[^&]*/, '') }, accepting)).rejects.toThrow(
      code('AUTH_MALFORMED'),
    )
    await expect(verify({ ...query, url: `${url}&X-Amz-Region-Set=*` }, accepting)).rejects.toThrow(
      code('AUTH_AMBIGUOUS'),
    )
  })

  it.each([false, true])(
    'rejects unknown keys, other secrets and derived keys; hideUnknownKeys: %s',
    async (hideUnknownKeys) => {
      const { deriveSigningKey } = await import('../../src/index.ts')
      const request = received(await inHeader())
      const key = await deriveSigningKey({ region: 'us-east-1', service: 's3' }, { credentials })
      const one = received(await sign({ url: URL_4A }, { ...base, regionSet: 'us-east-1' }))
      const found = (result: unknown) =>
        verify(request, { ...accepting, hideUnknownKeys, credentials: () => result as undefined })
      const expected = (name: string) => code(hideUnknownKeys ? 'SIGNATURE_MISMATCH' : name)
      await expect(found(undefined)).rejects.toThrow(expected('ACCESS_KEY_UNKNOWN'))
      await expect(found('another secret')).rejects.toThrow(expected('SIGNATURE_MISMATCH'))
      await expect(found(key)).rejects.toThrow(expected('SCOPE_MISMATCH'))
      // not even if its scope looks the same
      await expect(verify(one, { ...accepting, hideUnknownKeys, credentials: () => key })).rejects.toThrow(
        expected('SCOPE_MISMATCH'),
      )
      await expect(found({ ...credentials, accessKeyId: 'AKIDOTHER' })).rejects.toThrow(expected('ACCESS_KEY_UNKNOWN'))
      expect((await found(credentials.secretAccessKey)).accessKeyId).toBe('AKIDEXAMPLE')
      expect((await found(credentials)).accessKeyId).toBe('AKIDEXAMPLE')
    },
  )

  it('notices that a secret has changed', async () => {
    const current = { ...credentials }
    const options = { ...accepting, credentials: () => current }
    const request = received(await inHeader())
    expect((await verify(request, options)).payload).toBe('verified')
    current.secretAccessKey = 'another secret'
    await expect(verify(request, options)).rejects.toThrow(code('SIGNATURE_MISMATCH'))
  })

  it('verifies chunks and trailers, and rejects any that were changed', async () => {
    const body = new Uint8Array(100_000).map((_, i) => i)
    const upload = await signChunks(
      { url: URL_4A },
      { credentials, service: 's3', regionSet: '*', algorithm: sigv4a, decodedLength: body.length, checksum: crc32c },
    )
    const parts: Uint8Array[] = []
    for await (const part of upload.encode([body])) parts.push(part)
    const encoded = Buffer.concat(parts)
    const request = received(upload)
    const verified = await verify({ ...request, body: encoded }, accepting)
    expect(verified.payload).toBe('verified')
    expect(Buffer.from(verified.body!).equals(body)).toBe(true)
    for (const at of [200, 66_000, encoded.length - 200]) {
      const changed = Buffer.from(encoded)
      changed[at]! ^= 1
      await expect(verify({ ...request, body: changed }, accepting)).rejects.toThrow()
    }
  })

  it('rejects chunks of the other algorithm', async () => {
    const four = await signV4(
      { method: 'PUT', url: URL_4A, headers: { 'x-amz-decoded-content-length': 0 } },
      { credentials, region: 'us-east-1', service: 's3', payloadHash: 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' },
    )
    const fourA = await sign(
      { method: 'PUT', url: URL_4A },
      { ...base, payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
    )
    for (const request of [four, fourA])
      await expect(verify(received(request), accepting)).rejects.toThrow(code('AUTH_MALFORMED'))
  })

  it.each([{ algorithms: sigv4a }, { algorithms: ['sigv4a'] }, { algorithms: [undefined] }])(
    'rejects %j',
    async (wrong) => {
      await expect(verify(received(await inHeader()), { ...accepting, ...(wrong as object) })).rejects.toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'options.algorithms' }),
      )
    },
  )
})
