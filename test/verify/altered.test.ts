import { describe, expect, it } from 'vitest'
import { sign } from '../../src/index.ts'
import { type ReceivedRequest, verify } from '../../src/verify.ts'
import { HOST, received, rejectionOf, SIGNING, VERIFYING, verdict } from '../support/verify/helpers.ts'

// Requests that Node, an adapter, or a parser passes on differently from how they were sent.

/** A signed request as Node passes it on: what was sent in `rawHeaders`, and what the application sees in `headers`. */
async function passedOn(
  headers: Record<string, string>,
  sent: readonly (readonly [name: string, value: string])[],
  seen: Record<string, string>,
): Promise<ReceivedRequest> {
  const request = received(await sign({ url: `https://${HOST}/a`, headers }, SIGNING))
  const signed = Object.entries(request.headers).filter(([name]) => !sent.some(([other]) => other === name))
  return { ...request, headers: { ...request.headers, ...seen }, rawHeaders: [...signed, ...sent].flat() }
}

describe('a header that the application sees with a different value', () => {
  it('rejects the request, signed or not, and names the header', async () => {
    for (const signed of [{ 'x-note': 'a' }, {}] as Record<string, string>[]) {
      const request = await passedOn(signed, [['x-note', 'a']], { 'x-note': 'b' })
      const { code, message } = await rejectionOf(verify(request, VERIFYING))
      expect(code).toBe('ERR_SIGV4_AUTH_AMBIGUOUS')
      expect(message).toBe('The header x-note has different values in headers and rawHeaders.')
    }
  })

  it('may be one of several that were sent, if it is not signed', async () => {
    const sent = [
      ['etag', 'a'],
      ['etag', 'b'],
    ] as const
    expect(await verdict(await passedOn({}, sent, { etag: 'a' }), VERIFYING)).toBe('accepted')
    const { message } = await rejectionOf(verify(await passedOn({ etag: 'a' }, sent, { etag: 'a' }), VERIFYING))
    expect(message).toBe('The signed header etag must be sent only once.')
  })

  it('may be the host, if the option replaces it', async () => {
    for (const name of ['host', ':authority']) {
      const request = await passedOn({}, [[name, HOST]], { [name]: 'internal.example' })
      expect(await verdict(request, VERIFYING)).not.toBe('accepted')
      expect(await verdict(request, { ...VERIFYING, host: HOST })).toBe('accepted')
    }
    const other = await passedOn({}, [['x-note', 'a']], { 'x-note': 'b' })
    expect(await verdict(other, { ...VERIFYING, host: HOST })).toBe('ERR_SIGV4_AUTH_AMBIGUOUS')
  })
})

it('a signed header that contains a line break is named', async () => {
  const request = received(await sign({ url: `https://${HOST}/a`, headers: { 'x-note': 'a b' } }, SIGNING))
  const folded = { ...request, headers: { ...request.headers, 'x-note': 'a\r\n b' } }
  expect((await rejectionOf(verify(folded, VERIFYING))).message).toContain('x-note')
})

describe('a body', () => {
  const parsed = { code: 'ERR_INVALID_ARG_TYPE', argument: 'request.body' }

  it('may be an empty object, as of Express, if the request has none, and no other object', async () => {
    const request = received(await sign({ url: `https://${HOST}/a` }, SIGNING))
    expect(await verdict({ ...request, body: {} }, VERIFYING)).toBe('accepted')
    for (const body of [{ a: 1 }, [], new Map(), 5])
      await expect(verify({ ...request, body }, VERIFYING)).rejects.toMatchObject(parsed)
  })

  it('that is a stream has to be passed as bytes, or later', async () => {
    const request = received(await sign({ method: 'POST', url: `https://${HOST}/a`, body: 'a' }, SIGNING), 'a')
    const body = new Blob(['a']).stream()
    await expect(verify({ ...request, body }, VERIFYING)).rejects.toMatchObject({
      ...parsed,
      message:
        "request.body has the wrong type. It is a stream. Pass the bytes as options.body, or set payload: 'deferred'.",
    })
  })
})
