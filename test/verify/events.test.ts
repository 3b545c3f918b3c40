import { describe, expect, it } from 'vitest'
import { sign } from '../../src/index.ts'
import { verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../support/credentials.ts'

// A request whose body is a stream of signed events: verify checks the request, and verifyEvents the events.

const credentials = { ...CREDENTIALS }
const lookup = { credentials: () => credentials.secretAccessKey }

const requestFor = async (service: string, body?: Uint8Array) => {
  const { method, url, headers } = await sign(
    { method: 'POST', url: 'https://example.com/stream' },
    { credentials, region: 'us-east-1', service, payloadHash: 'STREAMING-AWS4-HMAC-SHA256-EVENTS' },
  )
  return { method, url: new URL(url).pathname, headers: { ...headers, host: 'example.com' }, body }
}

const rejection = (code: string, message: RegExp) =>
  expect.objectContaining({ code, status: 400, message: expect.stringMatching(message) })
const UNCHECKED = rejection('ERR_SIGV4_PAYLOAD_UNCHECKED', /signed events.*deferred.*verifyEvents/)

describe('verify of a request for signed events', () => {
  it.each([undefined, new Uint8Array(0), new Uint8Array(3)])('defers its body: %s', async (body) => {
    const request = await requestFor('transcribe', body)
    const verified = await verify(request, { ...lookup, payload: 'deferred' })
    expect(verified.payload).toBe('deferred')
    expect(verified).not.toHaveProperty('body')
    await expect(verified.verifyBody([new Uint8Array(3)]).next()).rejects.toThrow(UNCHECKED)
  })

  it('rejects it unless the body is deferred', async () => {
    for (const body of [undefined, new Uint8Array(0), new Uint8Array(3)])
      await expect(verify(await requestFor('transcribe', body), lookup)).rejects.toThrow(UNCHECKED)
  })

  it('rejects it for S3, which does not support it', async () => {
    const request = await requestFor('s3')
    await expect(verify(request, { ...lookup, payload: 'deferred' })).rejects.toThrow(
      rejection('ERR_SIGV4_AUTH_MALFORMED', /x-amz-content-sha256 must be/),
    )
  })

  it('rejects a wrong signature first', async () => {
    const wrong = verify(await requestFor('transcribe'), { credentials: () => 'wrong' })
    await expect(wrong).rejects.toThrow(expect.objectContaining({ code: 'ERR_SIGV4_SIGNATURE_MISMATCH' }))
  })
})
