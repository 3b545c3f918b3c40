import crypto from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { presign, sign } from '../../src/index.ts'
import { verify } from '../../src/verify.ts'
import { sha256 } from '../support/oracle.ts'
import { received, rejectionOf, SIGNING, VERIFYING } from '../support/verify/helpers.ts'

// How often a body is hashed, which is most of the work if it is long.

afterEach(() => {
  vi.restoreAllMocks()
})

const URL = 'https://files.example.com/'
const BODY = 'x'.repeat(10_000)
const SQS = { ...SIGNING, service: 'sqs' }

it('a body whose hash is not stated is hashed once', async () => {
  const request = await sign({ url: URL, body: BODY }, SQS)
  expect(request.headers).not.toHaveProperty('x-amz-content-sha256')
  const hashed = vi.spyOn(crypto, 'hash')
  const started = vi.spyOn(crypto, 'createHash')
  const { body, payload } = await verify(request, VERIFYING)
  expect([String(Buffer.from(body!)), payload]).toEqual([BODY, 'verified'])
  expect(hashed.mock.calls.filter(([, data]) => Buffer.byteLength(data as Uint8Array) === BODY.length)).toHaveLength(1)
  expect(started).not.toHaveBeenCalled()
})

it('a body whose hash is stated is hashed once, after the signature is verified', async () => {
  const request = await sign({ url: URL, body: BODY }, { ...SQS, payloadHashHeader: true })
  const started = vi.spyOn(crypto, 'createHash')
  expect((await verify(request, VERIFYING)).payload).toBe('verified')
  expect(started).toHaveBeenCalledTimes(1)
  const { code } = await rejectionOf(verify({ ...request, body: `${BODY}x` }, VERIFYING))
  expect(code).toBe('ERR_SIGV4_PAYLOAD_MISMATCH')
})

it('a hash in a header that is not signed does not replace the one that a presigned URL signs', async () => {
  const hash = sha256('a')
  const query = { 'X-Amz-Content-Sha256': hash }
  const signed = await presign('PUT', URL, { ...SIGNING, payloadHash: hash, payloadHashHeader: false, query })
  const request = received(signed, 'b')
  const headers = { ...request.headers, 'x-amz-content-sha256': sha256('b') }
  const { code, message } = await rejectionOf(verify({ ...request, headers }, VERIFYING))
  expect(code).toBe('ERR_SIGV4_AUTH_AMBIGUOUS')
  expect(message).toBe('The header x-amz-content-sha256 differs from the signed value.')
})
