import { afterEach, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { byHeader, byQuery, type Handmade, type Making, send } from '../../../../test/support/hand.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { explain, parseEvidence } from '../../src/explain.ts'
import { exchange as sendBytes } from '../support/proxy/upstream.ts'
import { credentials, type Started, start } from '../support/serve/start.ts'

// With --explain, the log of a rejected request shows it as it was received.

let running: Started | undefined

afterEach(async () => {
  await running?.stop()
  running = undefined
})

async function begin(options: Parameters<typeof start>[0] = {}): Promise<Started> {
  running = await start({ explain: true, ...options })
  return running
}

/** Sends a request, and returns its entry in the log, in lines without indentation. */
async function logOf({ server, lines }: Started, sent: Handmade | string): Promise<string[]> {
  const before = lines.length
  await (typeof sent === 'string' ? sendBytes(server.port, sent) : send(server.port, sent))
  await expect.poll(() => lines.length).toBe(before + 1)
  const [first = '', ...rest] = lines.at(-1)!.split('\n')
  return [first, ...rest.map((line) => line.slice(4))]
}

const withHeaders = (made: Handmade, headers: Record<string, string>): Handmade => ({
  ...made,
  headers: { ...made.headers, ...headers },
})
const put = (started: Started, change: Partial<Making> = {}): Handmade =>
  byHeader(started.making({ method: 'PUT', path: '/bucket/key', body: 'abc', ...change }))

describe('the log of a rejected request', () => {
  it('contains the request as received, and the response without the explanation', async () => {
    const started = await begin()
    const lines = await logOf(started, put(started, { secret: 'another-secret' }))
    const at = lines.indexOf('* Received by sigv4-tools serve:')
    expect(at).toBeGreaterThan(0)
    expect(lines.slice(at + 1, at + 3)).toEqual([
      '> PUT /bucket/key HTTP/1.1',
      `> host: 127.0.0.1:${started.server.port}`,
    ])
    expect(lines).toContain('* Body: only 0 of 3 bytes were read, so that its SHA-256 is not known')
    expect(lines).toContain('< HTTP/1.1 403 Forbidden')
    expect(lines.join('\n')).toMatch(/<Code>SignatureDoesNotMatch<\/Code>.*<CanonicalRequest>PUT\n\/bucket\/key\n/s)
    expect(lines.join('\n')).not.toContain('<Explanation>')
  })

  it('contains the hash of a body that was read', async () => {
    const started = await begin()
    const lines = await logOf(started, { ...put(started), body: 'abd' })
    expect(lines[0]).toContain('XAmzContentSHA256Mismatch')
    expect(lines).toContain(`* Body: 3 bytes, SHA-256 ${sha256('abd')}`)
    const { findings } = explain({ ...parseEvidence(running!.lines.at(-1)!), credentials })
    expect(findings[0]?.cause).toBe('payload-mismatch')
  })

  it('of an accepted request, or without explanations, is one line', async () => {
    const started = await begin()
    expect(await logOf(started, put(started))).toHaveLength(1)
    await started.stop()
    const other = await begin({ explain: false })
    expect(await logOf(other, put(other, { secret: 'another-secret' }))).toHaveLength(1)
  })

  it.each<[string, (started: Started) => Handmade]>([
    [
      'another host',
      (started) =>
        withHeaders(put(started, { host: 's3.amazonaws.com' }), { host: `127.0.0.1:${started.server.port}` }),
    ],
    ['another parameter', (started) => ({ ...put(started), target: '/bucket/key?a=1' })],
    ['an old date', (started) => put(started, { time: Date.now() - 1_300_000 })],
    ['another method', (started) => ({ ...byQuery(started.making({ path: '/bucket/key' })), method: 'PUT' })],
    [
      'another type',
      (started) =>
        withHeaders(put(started, { headers: { 'content-type': 'image/png' } }), { 'content-type': 'image/jpeg' }),
    ],
  ])('is read by explain, with the cause that the log names: %s', async (_, make) => {
    const started = await begin()
    await logOf(started, make(started))
    const entry = started.lines.at(-1)!
    const evidence = parseEvidence(entry)
    expect(evidence.request?.isReceived).toBe(true)
    const { verdict } = explain({ ...evidence, credentials })
    expect(entry).toContain(verdict)
  })

  it('names the host that was received from a proxy, and the one that was signed if the proxy names it', async () => {
    const started = await begin()
    const host = `127.0.0.1:${started.server.port}`
    const signed = withHeaders(put(started, { host: 'files.example.com' }), { host })
    for (const headers of [
      { 'x-forwarded-host': 'files.example.com' },
      { forwarded: 'for=10.0.0.1;host=files.example.com' },
      { 'x-forwarded-host': 'files.example.com', via: '1.1 proxy' },
    ]) {
      const lines = await logOf(started, withHeaders(signed, headers))
      expect(lines[1]).toContain(
        `Proven: The request was signed for the host "files.example.com", but the service received the host "${host}".`,
      )
      expect(lines[2]).toMatch(
        /^Received the host 127\.0\.0\.1:\d+ from a proxy \((?:X-Forwarded-Host|Forwarded): .*\)\.$/,
      )
    }
    const withPort = withHeaders(put(started, { host: 'files.example.com:18443' }), { host })
    const ported = await logOf(
      started,
      withHeaders(withPort, { 'x-forwarded-host': 'files.example.com', 'x-forwarded-port': '18443' }),
    )
    expect(ported[1]).toContain('signed for the host "files.example.com:18443"')
    expect((await logOf(started, put(started, { secret: 'another-secret', host: 's3.test:1' })))[2]).toBe(
      'Received the host s3.test:1. If the client signed a different host, that is the cause.',
    )
    expect((await logOf(started, put(started, { secret: 'another-secret' })))[2]).toBe(
      '* Received by sigv4-tools serve:',
    )
  })

  it('contains no secret', async () => {
    const started = await begin()
    const made = put(started, { secret: 'another-secret', token: 'IQoJb3JpZ2luX2VjEXAMPLE' })
    const secrets = {
      cookie: 'session=a-secret-cookie',
      'x-amz-server-side-encryption-customer-key': 'MzJieXRlc2xvbmdzZWNyZXRrZXk=',
    }
    const text = (await logOf(started, withHeaders(made, secrets))).join('\n')
    for (const secret of [...Object.values(secrets), 'IQoJb3JpZ2luX2VjEXAMPLE', SECRET])
      expect(text).not.toContain(secret)
    expect(text).toContain('> x-amz-security-token: [hidden]')
    expect(text).toContain('Signature=')
    const bearer = `GET /bucket/key HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer a-bearer-token\r\nConnection: close\r\n\r\n`
    expect((await logOf(started, bearer)).join('\n')).not.toContain('a-bearer-token')
  })
})
