import { describe, expect, it } from 'vitest'
import { verify } from '../../src/verify.ts'
import { KINDS, pass, SIGNED, upload } from '../support/verify/chunking.ts'
import { pieces, VERIFYING } from '../support/verify/helpers.ts'

// Chunked bodies, checked while streaming.

describe.each(Object.entries(KINDS))('chunks that are %s', (_, chunking) => {
  const chunks = ['Hello, ', 'chunk', 'ed world']
  const trailersOf = (text: string) =>
    Object.fromEntries(
      (chunking.trailers ?? []).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value(Buffer.from(text)),
      ]),
    )

  it('are accepted in pieces of any length', async () => {
    const { verifyBody, encoded, decoded } = await upload(chunks, chunking)
    for (const length of [1, 2, 3, 7, 64, encoded.length])
      expect(await pass(verifyBody(pieces(encoded, length)))).toEqual({
        text: String(decoded),
        trailers: trailersOf(String(decoded)),
        code: undefined,
      })
  })

  it('are accepted split in two, and rejected if truncated', async () => {
    const { verifyBody, encoded, decoded } = await upload(chunks, chunking)
    // test/received/aws-chunked.test.ts tries every position, without signatures
    for (let at = 0; at < encoded.length; at += 3) {
      const parts = [encoded.subarray(0, at), encoded.subarray(at)]
      expect((await pass(verifyBody(parts))).text).toBe(String(decoded))
      const { text, code } = await pass(verifyBody(parts.slice(0, 1)))
      expect([code, String(decoded).startsWith(text)], String(at)).toEqual(['ERR_SIGV4_PAYLOAD_MISMATCH', true])
    }
  })

  it('are rejected with data after the end', async () => {
    const { verifyBody, encoded } = await upload(chunks, chunking)
    for (const more of ['\n', '\r\n', '0\r\n\r\n', 'x'])
      expect((await pass(verifyBody([encoded, Buffer.from(more)]))).code).toBe('ERR_SIGV4_PAYLOAD_MISMATCH')
  })

  it('may be one empty chunk', async () => {
    const { verifyBody, encoded, request } = await upload([], chunking)
    expect(request.headers['x-amz-decoded-content-length']).toBe('0')
    expect(await pass(verifyBody([encoded]))).toEqual({ text: '', trailers: trailersOf(''), code: undefined })
  })

  it('must have the declared length', async () => {
    for (const length of ['19', '21', '0', '9'.repeat(400)]) {
      const { verifyBody, encoded, decoded } = await upload(chunks, { ...chunking, length })
      const { text, code, awsCode, message } = await pass(verifyBody(pieces(encoded, 5)))
      expect([code, awsCode]).toEqual(['ERR_SIGV4_PAYLOAD_MISMATCH', 'IncompleteBody'])
      expect(message).toBe('The length of the decoded body does not match x-amz-decoded-content-length')
      expect(text.length).toBeLessThanOrEqual(Number(length))
      expect(String(decoded).startsWith(text)).toBe(true)
    }
  })

  it('are decoded if the body is available', async () => {
    const { request, encoded, decoded } = await upload(chunks, chunking)
    const result = await verify(
      { ...request, body: encoded },
      {
        ...VERIFYING,
        allowUnsignedPayload: true,
        allowSmallChunks: true,
      },
    )
    expect([String(Buffer.from(result.body!)), result.payload]).toEqual([
      String(decoded),
      chunking.kind === SIGNED ? 'verified' : 'unsigned',
    ])
  })
})

describe('a signed chunk', () => {
  const chunks = Array.from({ length: 5 }, (_, i) => String(i).repeat(10))

  it('is yielded before an invalid one, which is not yielded', async () => {
    for (const chunking of [KINDS.signed!, KINDS['signed, with a trailer']!]) {
      const { verifyBody, parts } = await upload(chunks, chunking)
      for (const k of chunks.keys()) {
        const part = parts[k]!
        for (const at of [0, 2, 25, 84, part.length - 3]) {
          const changed = Buffer.from(part)
          changed[at]! ^= 1
          const body = Buffer.concat([...parts.slice(0, k), changed, ...parts.slice(k + 1)])
          for (const length of [16, body.length]) {
            const { text, code } = await pass(verifyBody(pieces(body, length)))
            expect(code, `${k} ${at}`).toMatch(/^ERR_SIGV4_(?:SIGNATURE|PAYLOAD)_MISMATCH$/)
            const good = chunks.slice(0, k).join('')
            // malformed chunks may be detected before the valid ones are yielded
            if (code === 'ERR_SIGV4_SIGNATURE_MISMATCH') expect(text).toBe(good)
            else expect(good.startsWith(text)).toBe(true)
          }
        }
      }
    }
  })

  it('cannot be omitted, repeated or reordered', async () => {
    const { verifyBody, parts } = await upload(chunks, KINDS.signed!)
    const [a, b, c, d, e, ...end] = parts as [Buffer, Buffer, Buffer, Buffer, Buffer, ...Buffer[]]
    for (const order of [
      [b, c, d, e, ...end],
      [a, c, b, d, e, ...end],
      [a, a, b, c, d, e, ...end],
      [a, b, c, d, ...end],
      [...end],
    ])
      expect((await pass(verifyBody(order))).code).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
  })

  it('includes the last one', async () => {
    const { verifyBody, parts, encoded } = await upload(chunks, KINDS.signed!)
    const last = String(parts[5])
    for (const changed of [
      last.replace(/=./, '=0').replace('=0', last[18] === '0' ? '=1' : '=0'),
      `0;chunk-signature=${'0'.repeat(64)}\r\n`,
      '0\r\n',
      last.toUpperCase(),
    ])
      expect((await pass(verifyBody([...parts.slice(0, 5), Buffer.from(changed), ...parts.slice(6)]))).code).toMatch(
        /MISMATCH/,
      )
    expect((await pass(verifyBody([encoded]))).code).toBeUndefined()
  })

  it('is valid for its own request only', async () => {
    const one = await upload(chunks, { ...KINDS.signed!, path: '/a' })
    const other = await upload(chunks, { ...KINDS.signed!, path: '/b' })
    expect((await pass(one.verifyBody([other.encoded]))).code).toBe('ERR_SIGV4_SIGNATURE_MISMATCH')
  })

  it('has a signature, and an unsigned one has none', async () => {
    const signed = await upload(chunks, KINDS.signed!)
    const unsigned = await upload(chunks, KINDS.unsigned!)
    expect((await pass(signed.verifyBody([unsigned.encoded]))).code).toBe('ERR_SIGV4_PAYLOAD_MISMATCH')
    expect((await pass(unsigned.verifyBody([signed.encoded]))).code).toBe('ERR_SIGV4_PAYLOAD_MISMATCH')
  })
})
