import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CREDENTIALS, SECRET } from '../../../../test/support/credentials.ts'
import { byHeader, byQuery, type Handmade, type Making, send, wire } from '../../../../test/support/hand.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { requestLines } from '../../src/cli/output/proxy.ts'
import type { Call } from '../../src/cli/program/command.ts'
import { explain, parseEvidence } from '../../src/explain.ts'
import { type LoggedRequest, type ProxyOptions, proxy } from '../../src/proxy.ts'
import { serve } from '../../src/serve.ts'
import { KEY, exchange as sendBytes, startUpstream } from '../support/proxy/upstream.ts'

// The log of a rejected request shows it as it was received, in a form that explain reads.

const cleanups: (() => unknown)[] = []
let logged: LoggedRequest[]

beforeEach(() => {
  logged = []
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const TOKEN = 'IQoJb3JpZ2luX2VjEXAMPLEtoken//////////wEaCXVzLWVhc3QtMSJHMEUCIQD'
const TEMPORARY = { ...CREDENTIALS, sessionToken: TOKEN }
const MISMATCH =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><Key>key</Key><RequestId>1</RequestId></Error>'

async function watch(upstream: string, options: Partial<ProxyOptions> = {}) {
  const started = await proxy({
    ...{ upstream, mode: 'watch', credentials: CREDENTIALS },
    log: (entry) => logged.push(entry),
    ...options,
  })
  cleanups.push(started.close)
  return started
}

/** Watches a server that returns the strings that it computed. */
async function watchS3(options?: Partial<ProxyOptions>, credentials = CREDENTIALS) {
  const server = await serve({ credentials, region: 'us-east-1' })
  cleanups.push(server.close)
  return watch(server.url, options)
}

/** Watches a server that rejects everything, and returns only an error. */
async function watchRejecting(body = MISMATCH, options?: Partial<ProxyOptions>, status = 403) {
  const upstream = await startUpstream((_, response) => response.writeHead(status).end(body))
  cleanups.push(upstream.stop)
  return watch(upstream.url, options)
}

const making = (port: number, change: Partial<Making> = {}): Making => ({
  host: `127.0.0.1:${port}`,
  ...{ keyId: KEY, secret: SECRET, method: 'PUT', path: '/bucket/key', body: 'abc' },
  ...change,
})
const changed = (made: Handmade, change: Partial<Handmade>): Handmade => ({ ...made, ...change })
const withHeaders = (made: Handmade, headers: Record<string, string>): Handmade =>
  changed(made, { headers: { ...made.headers, ...headers } })

async function logOf(sent: () => Promise<unknown>): Promise<LoggedRequest> {
  const before = logged.length
  await sent()
  await expect.poll(() => logged.length).toBe(before + 1)
  return logged.at(-1)!
}
const observe = (port: number, made: Handmade) => logOf(() => send(port, made))

/** The log as a terminal shows it. */
const printed = (entry: LoggedRequest): string =>
  requestLines({ width: 80, paint: (_: string, text: string) => text } as unknown as Call, entry)

const curl = (made: Handmade): string =>
  wire(made)
    .split('\r\n\r\n')[0]!
    .split('\r\n')
    .map((line) => `> ${line}\n`)
    .join('')

const ROWS: [string, string, (port: number) => Handmade][] = [
  ['another parameter', 'query-extra', (port) => changed(byHeader(making(port)), { target: '/bucket/key?a=1' })],
  ['a wrong secret', 'wrong-secret', (port) => byHeader(making(port, { secret: 'another-secret' }))],
  ['an old date', 'clock-past', (port) => byHeader(making(port, { time: Date.now() - 1_300_000 }))],
  ['another body', 'payload-mismatch', (port) => changed(byHeader(making(port)), { body: 'abd' })],
  [
    'another type',
    'header-changed',
    (port) => {
      const made = byHeader(making(port, { headers: { 'content-type': 'image/png' } }))
      return withHeaders(made, { 'content-type': 'image/jpeg' })
    },
  ],
  [
    'another host',
    'host',
    (port) => {
      const made = byHeader(making(port, { host: 's3.amazonaws.com' }))
      return withHeaders(made, { host: `127.0.0.1:${port}` })
    },
  ],
  [
    'another method',
    'method',
    (port) => changed(byQuery(making(port, { method: 'GET', body: '' })), { method: 'PUT' }),
  ],
  ['a token', 'wrong-secret', (port) => byHeader(making(port, { secret: 'another-secret', token: TOKEN }))],
  [
    'a token in the URL',
    'wrong-secret',
    (port) => byQuery(making(port, { secret: 'another-secret', token: TOKEN, method: 'GET', body: '' })),
  ],
  [
    'a token, and another type',
    'header-changed',
    (port) => {
      const made = byHeader(making(port, { token: TOKEN, headers: { 'content-type': 'image/png' } }))
      return withHeaders(made, { 'content-type': 'image/jpeg' })
    },
  ],
]

describe('a rejected request that is pasted from the log', () => {
  it.each(ROWS)('has the same cause as in the log, with credentials: %s', async (name, cause, make) => {
    const credentials = name.includes('token') ? TEMPORARY : CREDENTIALS
    for (const { port } of [
      await watchS3({ credentials }, credentials),
      await watchRejecting(MISMATCH, { credentials }),
    ]) {
      const entry = await observe(port, make(port))
      if (cause !== 'clock-past') expect(entry.cause).toBe(cause)
      const evidence = parseEvidence(printed(entry))
      expect(evidence.request).toMatchObject({ isReceived: true })
      const { findings } = explain({ ...evidence, credentials })
      expect(findings[0]?.cause).toBe(entry.cause)
    }
  })

  it.each(ROWS)('has the same cause as in the log, without credentials: %s', async (_, __, make) => {
    for (const { port } of [
      await watchS3({ credentials: undefined }),
      await watchRejecting(MISMATCH, { credentials: undefined }),
    ]) {
      const entry = await observe(port, make(port))
      const { findings } = explain(parseEvidence(printed(entry)))
      expect(findings[0]?.cause).toBe(entry.cause)
    }
  })

  it('is checked with the hash of its body, which the log does not show', async () => {
    const { port } = await watchRejecting()
    const made = byHeader(making(port, { service: 'dynamodb', method: 'POST', path: '/' }))
    const entry = await observe(port, made)
    const { request } = parseEvidence(printed(entry))
    expect(request).toMatchObject({ method: 'POST', url: '/', bodyHash: sha256('abc') })
    expect(entry.exchange).toContain(`* Body: 3 bytes, SHA-256 ${sha256('abc')}`)
    expect(entry.exchange!.join()).not.toContain('abc,')
  })

  it('that has a right signature shows that the secret of the service differs, and asks for no other log', async () => {
    const { port } = await watchRejecting()
    const entry = await observe(port, byHeader(making(port)))
    expect(entry).toMatchObject({ verdict: 'right', cause: 'wrong-secret' })
    const explanation = explain({ ...parseEvidence(printed(entry)), credentials: CREDENTIALS })
    expect(explanation.findings[0]).toMatchObject({ cause: 'wrong-secret', confidence: 'likely' })
    expect(explanation.decides).toBeUndefined()
  })

  it('is compared with the request in the log of the client, also without credentials', async () => {
    const { port } = await watchRejecting()
    const sent = byHeader(making(port, { host: 'files.example.com:8443', path: '/files/bucket/key' }))
    const received = changed(withHeaders(sent, { host: `127.0.0.1:${port}` }), { target: '/bucket/key' })
    const log = printed(await observe(port, received))
    for (const text of [`${curl(sent)}${log}`, `${log}\n${curl(sent)}< HTTP/1.1 403 Forbidden\n`])
      for (const credentials of [undefined, CREDENTIALS]) {
        const { findings } = explain({ ...parseEvidence(text), credentials })
        const messages = findings.map(({ message }) => message).join('\n')
        expect(messages).toContain(
          'in transit: the client sent "/files/bucket/key", and the service received "/bucket/key"',
        )
        expect(messages).toContain('in transit: the client sent "files.example.com:8443", and the service received')
      }
    const alone = explain({ ...parseEvidence(log), credentials: CREDENTIALS })
    expect(alone.decides?.evidence).toContain('as the client sent it')
  })

  it('whose signature is right is not compared with a request that a proxy has corrected', async () => {
    const { port } = await watchRejecting()
    const received = byHeader(making(port))
    const sent = withHeaders(received, { host: 'files.example.com' })
    const text = `${curl(sent)}${printed(await observe(port, received))}`
    const { findings } = explain({ ...parseEvidence(text), credentials: CREDENTIALS })
    expect(findings.map(({ cause }) => cause)).toEqual(['wrong-secret'])
  })
})

describe('the log of a rejected request', () => {
  it('contains the request as received, in its order, and the response', async () => {
    const { port } = await watchRejecting()
    const { exchange = [] } = await logOf(() =>
      sendBytes(
        port,
        `GET /bucket/a%2fb?x=1&&y HTTP/1.1\r\nhOst: 127.0.0.1:${port}\r\nX-Two: 2\r\nAuthorization: ${authorization()}\r\nX-Two: 1\r\nX-Amz-Date: 20250101T000000Z\r\nConnection: close\r\n\r\n`,
      ),
    )
    expect(exchange.slice(0, 10)).toEqual([
      expect.stringMatching(/^\* Received by sigv4-tools proxy for 127\.0\.0\.1:\d+:$/),
      '> GET /bucket/a%2fb?x=1&&y HTTP/1.1',
      `> hOst: 127.0.0.1:${port}`,
      '> X-Two: 2',
      `> Authorization: ${authorization()}`,
      '> X-Two: 1',
      '> X-Amz-Date: 20250101T000000Z',
      '> Connection: close',
      '>',
      `* Body: 0 bytes, SHA-256 ${sha256('')}`,
    ])
    expect(exchange[10]).toBe('< HTTP/1.1 403 Forbidden')
    expect(exchange.slice(-3)).toEqual(['<', ...MISMATCH.split('\n')])
  })

  const authorization = (id = KEY): string =>
    `AWS4-HMAC-SHA256 Credential=${id}/20250101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0a'.repeat(32)}`

  it('hides secrets, and no signature that is wrong', async () => {
    const { port } = await watchRejecting(
      `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>GET\n/\n\nx-amz-security-token:${TOKEN}\n\nhost\nx</CanonicalRequest><CanonicalRequestBytes>${Buffer.from(TOKEN).toString('hex')}</CanonicalRequestBytes></Error>`,
      { credentials: TEMPORARY },
    )
    const secrets = {
      'X-Amz-Security-Token': TOKEN,
      Cookie: 'session=a-secret-cookie',
      'Proxy-Authorization': 'Basic cHJveHk6c2VjcmV0',
      'X-Amz-Server-Side-Encryption-Customer-Key': 'MzJieXRlc2xvbmdzZWNyZXRrZXltdXN0YmVnaXZlbjE=',
      'X-Api-Key': 'a-key-of-an-api-1234',
    }
    const lines = Object.entries(secrets).map(([name, value]) => `${name}: ${value}\r\n`)
    const bearer = `Authorization: Bearer a-bearer-token\r\n`
    for (const own of [
      `Authorization: ${authorization()}\r\n`,
      bearer,
      `Authorization: ${authorization()}\r\n${bearer}`,
    ]) {
      const token = encodeURIComponent(TOKEN)
      const query = `X-Amz-Security-Token=${token}&X-Amz-Signature=${'0b'.repeat(32)}`
      const entry = await logOf(() =>
        sendBytes(
          port,
          `GET /bucket/key?${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${own}${lines.join('')}Connection: close\r\n\r\n`,
        ),
      )
      const text = `${printed(entry)}${JSON.stringify(entry)}`
      for (const secret of [
        ...Object.values(secrets),
        token,
        'a-bearer-token',
        SECRET,
        Buffer.from(TOKEN).toString('hex'),
      ])
        expect(text).not.toContain(secret)
      for (const name of Object.keys(secrets)) expect(entry.exchange).toContain(`> ${name}: [hidden]`)
      expect(text).toContain('0b'.repeat(32))
      expect(text.includes('0a'.repeat(32))).toBe(own.includes('0a'))
    }
    const swapped = await logOf(() =>
      sendBytes(
        port,
        `GET /bucket/key HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: ${authorization(SECRET)}\r\nConnection: close\r\n\r\n`,
      ),
    )
    expect(JSON.stringify(swapped)).not.toContain(SECRET)
  })

  it('cuts long values, responses, and lists of headers, and reports their length', async () => {
    const { port } = await watchRejecting(`${'<p>not a service</p>'.repeat(5000)}`)
    const made = byHeader(making(port))
    const before = withHeaders(made, {
      'x-long': 'v'.repeat(3000),
      'x-longer': 'w'.repeat(5000),
      cookie: 'c'.repeat(4200),
    })
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`x-many-${i}`, 'u']))
    const { exchange = [] } = await observe(port, { ...before, headers: { ...before.headers, ...many } })
    expect(exchange).toContain(`> x-long: ${'v'.repeat(150)}… (3000 characters)`)
    expect(exchange).toContain('> x-longer: … (5000 characters)')
    expect(exchange).toContain('> cookie: [hidden]')
    expect(exchange.find((line) => / more headers are not shown: /.test(line))).toMatch(
      /^\* 1\d more headers are not shown: x-many-/,
    )
    expect(exchange.filter((line) => line.startsWith('> authorization: '))).toEqual([
      `> authorization: ${made.headers.authorization!.replace(/Signature=.*/, 'Signature=[hidden]')}`,
    ])
    expect(exchange).toContain('* The body of the response has 100000 bytes')
    expect(exchange.join('\n').length).toBeLessThan(20_000)
    const { exchange: long = [] } = await observe(
      port,
      changed(made, { target: `/bucket/${'%41'.repeat(600)}?a=${'b'.repeat(9000)}` }),
    )
    expect(long[1]).toBe(`> PUT /bucket/${'%41'.repeat(47)}…?… HTTP/1.1`)
    expect(long).toContain('* The target has 10811 characters')
  })

  it('escapes what a terminal interprets, and shows UTF-8', async () => {
    const { port } = await watchRejecting('\x1b[31mred\x1b[0m')
    const { exchange = [] } = await logOf(() =>
      sendBytes(
        port,
        `GET /bucket/key HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-Name: Zoë\x9b\r\nConnection: close\r\n\r\n`,
      ),
    )
    expect(exchange).toContain('> X-Name: Zoë\\x9b')
    expect(exchange.at(-1)).toBe('\\x1b[31mred\\x1b[0m')
  })

  it('shows neither the body of a response that is not text, nor one to HEAD', async () => {
    const { port } = await watchRejecting(Buffer.from([0xff, 0xfe, 0, 1]) as never)
    const { exchange = [] } = await observe(port, byHeader(making(port)))
    expect(exchange.at(-1)).toBe('* The body of the response is not text: 4 bytes')
    const head = await observe(port, byHeader(making(port, { method: 'HEAD', body: '' })))
    expect(head.exchange!.at(-1)).toBe('<')
  })

  it('names the length of a body that was not read completely', async () => {
    const { port } = await watchS3()
    const made = byHeader(making(port, { secret: 'another-secret' }))
    const lines = Object.entries({ ...made.headers, 'content-length': '900000' }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    const entry = await logOf(() =>
      sendBytes(port, `PUT /bucket/key HTTP/1.1\r\n${lines.join('')}Connection: close\r\n\r\nabc`),
    )
    expect(entry.exchange).toContain('* Body: only 3 of 900000 bytes were read, so that its SHA-256 is not known')
    expect(parseEvidence(printed(entry)).request).not.toHaveProperty('bodyHash')
  })

  it('has the host that was received if it is from a proxy, or is not one that the proxy has', async () => {
    const { port } = await watchS3()
    const host = `127.0.0.1:${port}`
    const line = async (made: Handmade): Promise<string | undefined> =>
      (await observe(port, made)).explanation!.find((each) => each.startsWith('Received the host'))
    const wrong = byHeader(making(port, { secret: 'another-secret' }))
    expect(await line(wrong)).toBeUndefined()
    expect(await line(withHeaders(wrong, { via: '1.1 varnish' }))).toBe(
      `Received the host ${host} from a proxy (Via: 1.1 varnish). If the client signed a different host, that is the cause.`,
    )
    expect(await line(withHeaders(wrong, { 'x-real-ip': '10.0.0.1' }))).toContain('from a proxy (X-Forwarded headers)')
    const signed = byHeader(making(port, { host: 'files.example.com' }))
    const entry = await observe(port, withHeaders(signed, { host, 'x-forwarded-host': 'files.example.com' }))
    expect(entry.cause).toBe('host')
    expect(entry.explanation![0]).toBe(
      `Proven: The request was signed for the host "files.example.com", but the service received the host "${host}".`,
    )
    expect(entry.explanation!.at(-1)).toBe(
      `Received the host ${host} from a proxy (X-Forwarded-Host: files.example.com).`,
    )
    const old = await logOf(() =>
      sendBytes(port, `GET /bucket/key HTTP/1.0\r\nHost: ${host}\r\nAuthorization: ${authorization()}\r\n\r\n`),
    )
    expect(old.explanation!.join('\n')).toContain(`Received the host ${host} from a proxy (HTTP/1.0)`)
    expect(old.exchange![1]).toBe('> GET /bucket/key HTTP/1.0')
  })

  it('of an accepted request is one line', async () => {
    const { port } = await watchS3()
    const entry = await observe(port, byHeader(making(port)))
    expect(entry.status).toBe(200)
    expect(entry.exchange).toBeUndefined()
    expect(printed(entry).trim().split('\n')).toHaveLength(1)
  })
})
