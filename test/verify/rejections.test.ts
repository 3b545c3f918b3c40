import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { deriveSigningKey, presign, sign } from '../../src/index.ts'
import { type ReceivedRequest, verify } from '../../src/verify.ts'
import { CREDENTIALS, SECRET } from '../support/credentials.ts'
import { chunkedUpload } from '../support/verify/chunking.ts'
import { HOST, NOW, read, received, rejectionOf, SIGNING, VERIFYING } from '../support/verify/helpers.ts'
import { BOTH_CASES } from '../support/verify/rejected/both.ts'
import {
  type Arrived,
  type Case,
  type Location,
  NOT_SIGNED,
  setAuthorization,
  setParameter,
  WRONG,
} from '../support/verify/rejected/case.ts'
import { HEADER_CASES } from '../support/verify/rejected/header.ts'
import { QUERY_CASES } from '../support/verify/rejected/query.ts'

// Every reason to reject a request: its code, and AWS's response.

const URL_ = `https://${HOST}/photos/cat.jpg`
const PLACES: Location[] = ['header', 'query']

/** Returns a valid request, signed in the header or in the query. */
async function good(location: Location, changes: object = {}): Promise<Arrived> {
  const options: typeof SIGNING & { headers?: Record<string, string> } = { ...SIGNING, ...changes }
  if (location === 'query') return received(await presign('GET', URL_, options))
  const { headers, ...rest } = options
  return received(await sign({ url: URL_, ...(headers && { headers }) }, rest))
}

const seen = new Set<string>()

async function expectRefused(
  promise: Promise<unknown>,
  { code, aws, status, message, details = {} }: Case,
): Promise<void> {
  const error = await rejectionOf(promise)
  expect([error.code, error.awsCode, error.status]).toEqual([`ERR_SIGV4_${code}`, aws, status])
  if (message instanceof RegExp) expect(error.message).toMatch(message)
  else if (message !== undefined) expect(error.message).toBe(message)
  expect(error.details).toEqual(details)
  expect(Object.keys(error.details)).toEqual(Object.keys(details)) // in AWS's order
  expect(error.name).toBe('SigV4VerifyError')
  seen.add(error.code)
}

describe.each(PLACES)('a request signed in the %s is rejected with', (at) => {
  it.each([...(at === 'header' ? HEADER_CASES : QUERY_CASES), ...BOTH_CASES])('$is: $code', async (one) => {
    const request = await good(at, one.signing)
    await verify(request, { now: NOW, credentials: () => SECRET, allowUnsignedPayload: true }) // otherwise it would prove nothing
    one.change?.(request)
    await expectRefused(verify(request, { ...VERIFYING, ...one.options }), one)
  })
})

describe('a time limit', () => {
  it.each([-900, 900])('accepts a clock that is %i s off', async (seconds) => {
    await verify(await good('header'), { ...VERIFYING, now: Number(NOW) + seconds * 1000 })
    const late = verify(await good('header'), { ...VERIFYING, now: Number(NOW) + seconds * 1000, clockSkew: 899 })
    expect((await rejectionOf(late)).details.MaxAllowedSkewMilliseconds).toBe('899000')
  })

  it('for a URL is exact to the second', async () => {
    for (const now of ['2015-08-30T12:51:00Z', '2015-08-30T12:21:00Z'])
      expect((await verify(await good('query'), { ...VERIFYING, now: new Date(now) })).expiresAt).toEqual(
        new Date('2015-08-30T12:51:00Z'),
      )
  })
})

describe('in both locations', () => {
  it.each(PLACES)('a different secret (%s): SIGNATURE_MISMATCH', async (at) => {
    const request = await good(at)
    const sent = /Signature=([\da-f]{64})/.exec(request.headers.authorization ?? request.url)![1]!
    await expectRefused(verify(request, { ...VERIFYING, credentials: () => 'another' }), {
      is: '',
      code: 'SIGNATURE_MISMATCH',
      aws: 'SignatureDoesNotMatch',
      status: 403,
      message: WRONG,
      details: { AWSAccessKeyId: 'AKIDEXAMPLE', SignatureProvided: sent },
    })
  })

  it.each(['', 'x', '0'.repeat(63), '0'.repeat(65), 'F'.repeat(64)])(
    'a signature %j: SIGNATURE_MISMATCH',
    async (signature) => {
      for (const at of ['header', 'query'] as const) {
        const request = await good(at)
        if (at === 'query') setParameter('X-Amz-Signature', signature)(request)
        else setAuthorization(/Signature=.*/, `Signature=${signature}`)(request)
        expect((await rejectionOf(verify(request, VERIFYING))).code).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
      }
    },
  )

  it.each(PLACES)('an unsigned host (%s): HEADER_NOT_SIGNED', async (at) => {
    const request = await good(at, { headers: { range: 'bytes=0-1' }, signedHeaders: ['range'] })
    if (at === 'query') setParameter('X-Amz-SignedHeaders', 'range')(request)
    else setAuthorization('SignedHeaders=host;', 'SignedHeaders=')(request)
    await expectRefused(verify(request, VERIFYING), { ...NOT_SIGNED, is: '', details: { HeadersNotSigned: 'host' } })
  })

  it.each(PLACES)('a signing key for a different day (%s): SCOPE_MISMATCH', async (at) => {
    const key = await deriveSigningKey(
      { date: '20150831', region: 'us-east-1', service: 's3' },
      { credentials: CREDENTIALS },
    )
    for (const found of [key, { accessKeyId: 'AKIDEXAMPLE', signingKey: key }])
      expect((await rejectionOf(verify(await good(at), { ...VERIFYING, credentials: () => found }))).code).toBe(
        'ERR_SIGV4_SCOPE_MISMATCH',
      )
  })

  it('two Authorization headers: AUTH_AMBIGUOUS', async () => {
    const { url, method, headers } = await good('header')
    const pairs = [...Object.entries(headers), ['Authorization', headers.authorization!] as [string, string]]
    for (const request of [
      { method, url, headers: pairs },
      { method, url, headers: {}, rawHeaders: pairs.flat() },
      { method, url, headers: { ...headers, authorization: [headers.authorization!, headers.authorization!] } },
    ] satisfies ReceivedRequest[])
      await expectRefused(verify(request, VERIFYING), {
        is: '',
        code: 'AUTH_AMBIGUOUS',
        aws: 'InvalidArgument',
        status: 400,
        details: { ArgumentName: 'Authorization', ArgumentValue: 'AWS4-HMAC-SHA256' },
      })
  })

  it('a signed header of which the server passes on one value: AUTH_AMBIGUOUS', async () => {
    const { url, method, headers } = await good('header', { headers: { 'content-type': 'text/a,text/b' } })
    const rawHeaders = Object.entries({ ...headers, 'content-type': 'text/a' }).flat()
    rawHeaders.push('Content-Type', 'text/b')
    await verify({ url, method, headers: { ...headers, 'content-type': 'text/a, text/b' }, rawHeaders }, VERIFYING)
    const first = { url, method, headers: { ...headers, 'content-type': 'text/a' }, rawHeaders }
    await expectRefused(verify(first, VERIFYING), {
      is: '',
      code: 'AUTH_AMBIGUOUS',
      aws: 'InvalidRequest',
      status: 400,
      message: 'The signed header content-type must be sent only once.',
    })
  })

  it('a signed header that is missing is accepted only if it was empty', async () => {
    for (const value of ['', 'a']) {
      const request = await good('header', { headers: { 'x-a': value } })
      delete request.headers['x-a']
      const call = verify(request, VERIFYING)
      if (value === '') await call
      else expect((await rejectionOf(call)).code).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
    }
  })

  it('Signature Version 2 in addition to a header: AUTH_AMBIGUOUS', async () => {
    const request = await good('header')
    request.url += '?Signature=abc'
    expect((await rejectionOf(verify(request, VERIFYING))).code).toBe('ERR_SIGV4_AUTH_AMBIGUOUS')
  })
})

describe('a body', () => {
  const mismatch = {
    is: '',
    code: 'PAYLOAD_MISMATCH',
    aws: 'XAmzContentSHA256Mismatch',
    status: 400,
    message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
  } as const
  const hash = 'fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603' // of "ab"
  const other = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' // of "abc"
  const details = { ClientComputedContentSHA256: hash, S3ComputedContentSHA256: other }
  const put = async (at: Location): Promise<Arrived> =>
    at === 'query'
      ? received(await presign('PUT', URL_, { ...SIGNING, payloadHash: hash }), 'ab')
      : received(await sign({ method: 'PUT', url: URL_, body: 'ab' }, SIGNING), 'ab')

  it.each(PLACES)('that differs (%s): PAYLOAD_MISMATCH', async (at) => {
    expect((await verify(await put(at), VERIFYING)).payload).toBe('verified')
    await expectRefused(verify({ ...(await put(at)), body: 'abc' }, VERIFYING), { ...mismatch, details })
    await expectRefused(verify(await put(at), { ...VERIFYING, body: 'abc' }), { ...mismatch, details })
    const { body: _, ...request } = await put(at)
    const result = await verify(request, { ...VERIFYING, payload: 'deferred' })
    await expectRefused(read(result.verifyBody([Buffer.from('abc')])), { ...mismatch, details })
    expect(String(await read(result.verifyBody([Buffer.from('ab')])))).toBe('ab')
  })

  it.each(PLACES)('that is missing (%s): PAYLOAD_UNCHECKED', async (at) => {
    const { body: _, ...request } = await put(at)
    await expectRefused(verify(request, VERIFYING), {
      is: '',
      code: 'PAYLOAD_UNCHECKED',
      aws: 'InvalidRequest',
      status: 400,
      message: "The body is signed but not available. Pass it as options.body, or set payload: 'deferred'.",
    })
  })

  it.each(PLACES)('with an invalid hash (%s): AUTH_MALFORMED', async (at) => {
    for (const value of ['x', hash.toUpperCase(), `${hash},${hash}`, 'STREAMING-AWS4-HMAC-SHA256-EVENTS', '']) {
      const request = await put(at)
      if (at === 'header') request.headers['x-amz-content-sha256'] = value
      else request.url += `&X-Amz-Content-Sha256=${value}`
      const sent = value.replace(',', at === 'header' ? ',' : '%2C')
      await expectRefused(verify(request, VERIFYING), {
        is: '',
        code: 'AUTH_MALFORMED',
        aws: 'InvalidArgument',
        status: 400,
        message: /x-amz-content-sha256 must be UNSIGNED-PAYLOAD, .+, or a valid sha256 value\.$/,
        details: { ArgumentName: 'x-amz-content-sha256', ArgumentValue: sent },
      })
    }
  })

  it('in chunks without their total length: PAYLOAD_MISMATCH', async () => {
    for (const length of ['', '-1', '1e1', 'abc']) {
      const { request, encoded } = chunkedUpload(['a'], { kind: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', length })
      const { verifyBody: pass } = await verify(request, { ...VERIFYING, payload: 'deferred' })
      await expectRefused(read(pass([encoded])), {
        is: '',
        code: 'PAYLOAD_MISMATCH',
        aws: 'MissingContentLength',
        status: 411,
        message: 'You must provide the x-amz-decoded-content-length HTTP header.',
      })
    }
  })
})

describe('small chunks', () => {
  it('are rejected by default', async () => {
    const { request, encoded } = chunkedUpload(['a', 'b'], { kind: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' })
    const error = await rejectionOf(verify({ ...request, body: encoded }, VERIFYING))
    expect([error.awsCode, error.status]).toEqual(['InvalidChunkSizeError', 403])
    await verify({ ...request, body: encoded }, { ...VERIFYING, allowSmallChunks: true })
  })
})

/** Codes of forms, which test/verify/post.test.ts covers. */
const FORMS = ['ERR_SIGV4_POLICY_VIOLATION']

describe('the error codes', () => {
  it('are all covered', () => {
    const source = readFileSync(new URL('../../src/core/errors.ts', import.meta.url), 'utf8')
    const union = /SigV4VerifyErrorCode =([^=]+?)\n\n/.exec(source)![1]!
    const codes = [...union.matchAll(/'(ERR_SIGV4_\w+)'/g)].map(([, code]) => code!)
    expect(codes.length).toBeGreaterThanOrEqual(14)
    expect([...seen, ...FORMS].sort()).toEqual(codes.sort())
    const forms = readFileSync(new URL('post.test.ts', import.meta.url), 'utf8')
    for (const code of FORMS) expect(forms).toContain(`'${code.replace('ERR_SIGV4_', '')}'`)
  })
})
