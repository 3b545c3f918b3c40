import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  formRequest,
  multipart,
  type Pair,
  replaced,
  signedForm,
  titled,
} from '../../../../test/support/attacks/forms.ts'
import { KEY_ID, SECRET } from '../../../../test/support/credentials.ts'
import {
  byHeader,
  byQuery,
  deletion,
  type Handmade,
  type Making,
  send,
  sendRaw,
  wire,
} from '../../../../test/support/hand.ts'
import { main } from '../../src/cli/main.ts'
import { expectNone, keyIdsWith, leak, randomSecret } from '../support/attacks/leaks.ts'
import { type Started, start } from '../support/serve/start.ts'

// Client input in the operator's log and terminal: one line per request, no control characters, no secret.

const TOKEN = 'TOKENfixtureTOKENfixtureTOKEN'
const MARKS = [
  '\r\nFORGED  GET  /x  200  1 ms',
  '\nFORGED',
  '\rFORGED',
  '\x1b[2J\x1b]0;title\x07\x9b31m',
  '\x85FORGED\u2028FORGED\u2029FORGED',
  '\u202eevil\u2066evil\u2069\u200b\u200e\u200f\u061c\u00ad\ufeff\u{e0041}\u{e0042}',
  '\0',
  '\b\b\b\v\f\x7f',
]
/** Control characters, including C1, format characters such as those for direction, and line separators. */
const RAW = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u

/** When the credentials of the server expire whose explanations repeat what the client sent. */
const ECHOED = new Date(Date.UTC(2100, 0))

vi.mock('../../src/explain.ts', async (original) => {
  const real = await original<typeof import('../../src/explain.ts')>()
  const explain: typeof real.explain = (input) => {
    if (Number(input.credentials?.expiration) !== Date.UTC(2100, 0)) return real.explain(input)
    const { url, method, rawHeaders = [] } = input.request as { url?: string; method?: string; rawHeaders?: string[] }
    const target = `${url}`.replace(/%(?![\da-f]{2})/gi, '%25').replace(/[\x80-\xff]/g, '?')
    const verdict = `${method} ${decodeURIComponent(target)}\n${Buffer.from(rawHeaders.join(' '), 'latin1')}`
    return { verdict, findings: [] } as never
  }
  return { ...real, explain }
})

/** The signatures that were sent, and those that the server found wrong for a request that was changed. */
const signatures = new Set<string>()
const wrong = new Set<string>()

let attacks = 0
let toCommand = 0
let log = ''
let port = 0
let stop: () => void
let ended: Promise<unknown>
let echo: Started

beforeAll(async () => {
  const interrupted = new Promise<void>((resolve) => {
    stop = resolve
  })
  const stdout = {
    write(text: string) {
      log += text
    },
  }
  ended = main({
    args: ['serve', '--port', '0', '--explain'],
    env: { AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: TOKEN },
    home: '/nonexistent',
    stdin: (async function* () {})(),
    isPiped: () => false,
    stdout,
    stderr: stdout,
    readOwn: () => Buffer.from(''),
    interrupted: () => interrupted,
  })
  while (port === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    port = Number(/endpoint\s+http:\/\/127\.0\.0\.1:(\d+) /.exec(log)?.[1] ?? 0)
  }
  await new Promise((resolve) => setTimeout(resolve, 10))
  log = ''
  echo = await start({
    credentials: { accessKeyId: KEY_ID, secretAccessKey: SECRET, sessionToken: TOKEN, expiration: ECHOED },
    explain: true,
    idleTimeout: '500ms',
  })
  await ready()
})

afterAll(async () => {
  stop()
  await ended
  await echo.stop()
})

async function ready(): Promise<void> {
  for (const target of [port, echo.server.port])
    await send(target, byHeader(making({ method: 'PUT', path: '/bucket/key', body: 'x' })))
  attacks++
  toCommand++
}

const making = (change: Partial<Making> = {}): Making => ({
  host: `127.0.0.1:${port}`,
  path: '/bucket/key',
  token: TOKEN,
  ...change,
})

/** Problems, collected and checked after each test, so that one does not hide others. */
const found: string[] = []
afterEach(() => expect(found.splice(0).slice(0, 3)).toEqual([]))

/** Sends a request, every eighth also to the slower command with explanations, and checks the response. */
async function attack(request: Handmade | string): Promise<void> {
  const bytes =
    typeof request === 'string' ? request : wire({ ...request, headers: { ...request.headers, connection: 'close' } })
  // Values that are not Latin-1 are sent as UTF-8.
  const octets = Buffer.from(
    bytes.replace(/[^\0-\xff]+/gu, (text) => Buffer.from(text).toString('latin1')),
    'latin1',
  )
  const isForBoth = (7 * attacks++ + Math.floor(attacks / 100)) % 8 === 0
  if (isForBoth) toCommand++
  for (const target of isForBoth ? [echo.server.port, port] : [echo.server.port]) {
    const reply = await sendRaw(target, octets)
    collectSignatures(bytes, reply)
    const explanation = Buffer.from(/<Explanation>(.*)<\/Explanation>/s.exec(reply)?.[1] ?? '', 'latin1').toString()
    const text = explanation.replace(/&#(x?)([\da-f]+);/gi, (_, hex, digits) =>
      String.fromCodePoint(Number.parseInt(digits, hex ? 16 : 10)),
    )
    const raw = RAW.exec(text)
    if (raw)
      found.push(
        `${target === port ? 'command' : 'server'} explained: ${JSON.stringify(text.slice(Math.max(0, raw.index - 60), raw.index + 20))}`,
      )
    if (!/^$|^HTTP\/1\.1 \d{3} /.test(reply)) found.push(`not HTTP: ${reply}`)
    if (reply.includes(SECRET) && !bytes.includes(SECRET)) found.push('the secret key')
    if (reply.includes(TOKEN) && !bytes.includes(TOKEN)) found.push('the token')
  }
}

const enc = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
/** Changes one header of a request after it was signed. */
const altered = (request: Handmade, name: string, value: string): Handmade => ({
  ...request,
  headers: { ...request.headers, [name]: value },
})
const fits = (mark: string) => !/[\r\n\0]/.test(mark)

describe.each(titled(MARKS))('%s is harmless', (_, mark) => {
  it('in the request line', async () => {
    for (const path of [
      `/bucket/a${enc(mark)}`,
      `/b${enc(mark)}ucket/a`,
      `/${enc(mark)}`,
      `/bucket/${enc(mark)}/..%2f`,
    ]) {
      await attack(byHeader(making({ path })))
      await attack(byHeader(making({ path, secret: 'wrong' })))
      await attack(byQuery(making({ path, secret: 'wrong' })))
      await attack({ method: 'GET', target: path, headers: { host: 'x' } })
      await attack({ method: 'GET', target: `http://evil${path}`, headers: { host: 'x' } })
    }
    for (const query of [
      { [`a${mark}`]: '1' },
      { uploadId: mark },
      { versionId: mark },
      { partNumber: mark },
      { 'response-content-type': mark },
      { 'list-type': mark },
      { 'X-Amz-Foo': mark },
    ]) {
      await attack(byHeader(making({ query })))
      await attack(byQuery(making({ query, secret: 'wrong' })))
    }
    await attack(`GET /bucket/${mark} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    await attack(`G${mark}ET /bucket HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    await attack(`GET /bucket HTTP/1.1${mark}\r\nhost: x\r\nconnection: close\r\n\r\n`)
  })

  it('in the credential and other parameters of a signature', async () => {
    for (const keyId of [`AKID${mark}`, `${mark}AKID`, `${KEY_ID}${mark}`]) {
      await attack(byQuery(making({ keyId })))
      if (fits(mark)) await attack(byHeader(making({ keyId })))
    }
    for (const change of [
      { region: `us${mark}` },
      { service: `s3${mark}` },
      { terminator: `aws4${mark}` },
      { date: `2026${mark}` },
      { expires: `9${mark}` },
      { credential: mark },
      { token: `${mark}` },
      { token: `${TOKEN}${mark}` },
    ])
      await attack(byQuery(making(change)))
    const { target, ...rest } = byQuery(making())
    for (const name of ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature', 'Security-Token'])
      await attack({ ...rest, target: target.replace(new RegExp(`(X-Amz-${name}=)[^&]*`), `$1${enc(mark)}`) })
    await attack({ ...rest, target: `${target}&X-Amz-${enc(mark)}=1` })
  })

  it('in a header', async () => {
    if (!fits(mark)) {
      attacks++
      return
    }
    const signed = byHeader(making())
    for (const name of [
      'host',
      'x-amz-date',
      'x-amz-content-sha256',
      'x-amz-security-token',
      'authorization',
      'range',
      'content-type',
      'origin',
      'expect',
      'if-match',
      'x-amz-copy-source',
      'user-agent',
      'x-amz-meta-a',
    ]) {
      await attack(altered(signed, name, mark))
      await attack(altered(signed, name, `${signed.headers[name] ?? 'x'}${mark}`))
    }
    for (const headers of [
      { 'x-amz-copy-source': `/bucket/${mark}` },
      { 'content-md5': mark },
      { 'x-amz-checksum-crc32': mark },
      { 'x-amz-meta-a': mark },
      { 'x-amz-sdk-checksum-algorithm': mark },
      { 'x-amz-metadata-directive': mark },
    ])
      await attack(
        byHeader(
          making({
            method: 'PUT',
            path: '/bucket/b',
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
            ),
          }),
        ),
      )
    await attack({
      method: 'GET',
      target: '/bucket/key',
      headers: {
        host: 'x',
        authorization: `${mark} Credential=${mark}/20260101/${mark}, SignedHeaders=${mark}, Signature=${mark}`,
      },
    })
    await attack({
      method: 'OPTIONS',
      target: '/bucket/key',
      headers: {
        host: 'x',
        origin: mark,
        'access-control-request-method': mark,
        'access-control-request-headers': mark,
      },
    })
  })

  it('in a form', async () => {
    const time = Date.now()
    const of = (draft = {}) => signedForm({ time, token: TOKEN, ...draft })
    const host = `127.0.0.1:${port}`
    const post = (pairs: readonly Pair[], target = '/photos') =>
      attack({ ...formRequest(host, multipart(pairs), {}, target) })
    for (const [name] of of()) {
      await post(replaced(of(), name, mark))
      await post(of().map(([given, value]): Pair => [given, given === name ? `${value}${mark}` : value]))
    }
    const conditions = [{ bucket: 'photos' }, ['starts-with', '$key', '']]
    await post(of({ conditions, fields: [['key', `a${mark}`]] }))
    await post([[`x${mark}`, '1'], ...of()])
    await post([['bucket', mark], ...of()])
    await post(of({ conditions: [['eq', `$${mark}`, mark]], fields: [['key', 'a']] }))
    await post(of({ conditions: [[mark, '$key', 'a']] }))
    await post(of({ json: JSON.stringify({ expiration: mark, conditions: [] }) }))
    await post(of({ json: JSON.stringify({ expiration: '2099-01-01T00:00:00Z', conditions: [], [mark]: 1 }) }))
    await post(of({ json: `{"expiration":${mark}` }))
    await post(of(), `/photos${enc(mark)}`)
    const [head, rest] = multipart(of()).toString().split('filename="cat.png"') as [string, string]
    await attack(formRequest(host, Buffer.from(`${head}filename="${mark}"${rest}`)))
  })

  it('in a document', async () => {
    for (const body of [
      `<Delete><Object><Key>${mark}</Key></Object></Delete>`,
      `<Delete><Object><Key>${[...mark].map((c) => `&#${c.codePointAt(0)};`).join('')}</Key></Object></Delete>`,
      `<Delete><${mark}/></Delete>`,
      `<${mark}>`,
      `<!DOCTYPE ${mark}>`,
    ]) {
      const request = byHeader(making(deletion(body)))
      await attack({ ...request, body: Buffer.from(body) })
    }
    for (const headers of [{}, { 'x-amz-trailer': 'x-amz-checksum-crc32' }])
      await attack(
        byHeader(
          making({
            method: 'PUT',
            path: '/bucket/b',
            payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
            headers: { 'x-amz-decoded-content-length': '1', ...headers },
            body: `1${mark}\r\nx\r\n0\r\n${mark}:${mark}\r\n\r\n`,
          }),
        ),
      )
  })
})

function collectSignatures(bytes: string, reply: string): void {
  const into = reply.includes('<Code>SignatureDoesNotMatch</Code>') ? wrong : signatures
  for (const [, signature] of bytes.matchAll(/Signature=([\da-f]{64})/g)) into.add(signature!)
}

/** Sends a request to both servers, and returns the response of the command. */
async function both(request: Handmade) {
  attacks++
  toCommand++
  await send(echo.server.port, request)
  const reply = await send(port, request)
  collectSignatures(JSON.stringify(request), reply.text)
  return reply
}

describe('a secret', () => {
  it('in the wrong position is not repeated in the log', async () => {
    const signed = byHeader(making())
    const requests: Handmade[] = [
      byHeader(making({ keyId: SECRET })),
      byHeader(making({ credential: SECRET })),
      byHeader(making({ credential: `${SECRET}/x` })),
      byHeader(making({ credential: `${KEY_ID}/${SECRET}/us-east-1/s3/aws4_request` })),
      byHeader(making({ region: SECRET })),
      byHeader(making({ service: SECRET })),
      byHeader(making({ keyId: `${KEY_ID}:${SECRET}` })),
      byHeader(making({ keyId: `x${SECRET}` })),
      byQuery(making({ keyId: SECRET })),
      byQuery(making({ region: SECRET })),
      byQuery(making({ expires: SECRET })),
      byQuery(making({ date: SECRET })),
      byQuery(making({ token: SECRET })),
      byQuery(making({ secret: 'wrong' })),
      byQuery(making({ query: { secret: SECRET } })),
      altered(signed, 'authorization', `Basic ${SECRET}`),
      altered(signed, 'authorization', SECRET),
      altered(signed, 'authorization', `AWS ${KEY_ID}:${SECRET}`),
      altered(signed, 'authorization', `Bearer ${TOKEN}`),
      altered(signed, 'authorization', `${SECRET} ${TOKEN}`),
      altered(signed, 'x-amz-content-sha256', SECRET),
      altered(signed, 'x-amz-date', SECRET),
      altered(signed, 'x-amz-security-token', `${TOKEN}x`),
      altered(signed, 'x-amz-security-token', SECRET),
      { method: 'GET', target: `/bucket/key?AWSAccessKeyId=${SECRET}&Signature=x`, headers: { host: 'x' } },
      { method: 'GET', target: `/bucket/key?X-Amz-Security-Token=${TOKEN}`, headers: { host: 'x' } },
      ...['policy', 'x-amz-credential', 'x-amz-algorithm', 'x-amz-date', 'x-amz-signature', 'x-amz-security-token'].map(
        (name) => formRequest('x', multipart(replaced(signedForm({ time: Date.now(), token: TOKEN }), name, SECRET))),
      ),
      formRequest('x', multipart([['x-amz-security-token', SECRET], ...signedForm({ time: Date.now() })])),
      formRequest('x', multipart(signedForm({ time: Date.now(), token: `${TOKEN}x` }))),
    ]
    for (const request of requests) await both(request)
    const reply = await both(byHeader(making({ secret: 'wrong', token: '' })))
    expect(reply.text).toContain('<Explanation>')
    expect(reply.text).not.toContain(SECRET)
    expect(reply.text).not.toContain(TOKEN)
  })

  it('that was joined to a key ID, or stands in its place, is not repeated in the log', async () => {
    const found: string[] = []
    // all of them are tested at the functions that hide them, in secrets.landing.test.ts
    const cases = [...keyIdsWith()].filter(([, id], i) => i % 5 === 0 && /^[!-~]+$/.test(id))
    expect(cases.length).toBeGreaterThan(100)
    for (const [i, [title, keyId, secret]] of cases.entries())
      for (const request of [byHeader(making({ keyId })), byQuery(making({ keyId }))]) {
        const [before, ours] = [echo.lines.length, log.length]
        if (i % 16 === 0) await both(request)
        else {
          attacks++
          await send(echo.server.port, request)
        }
        // the server's explanations are meant to repeat requests
        const lines = echo.lines.slice(before).map((line) => line.split('\n')[0])
        expect(lines).toHaveLength(1)
        found.push(leak(`${lines} ${log.slice(ours)}`, secret) && `${title}: ${lines} ${log.slice(ours)}`)
      }
    expectNone(found)
  })

  it('in the scope of a credential is not repeated in the log', async () => {
    for (let i = 0; i < 5; i++) {
      const secret = i % 2 ? randomSecret() : randomSecret().replaceAll('/', '+')
      for (const change of [{ region: secret }, { service: secret }, { terminator: secret }, { date: secret }])
        for (const make of [byHeader, byQuery]) {
          const ours = log.length
          await both(make(making(change)))
          expect(leak(`${log.slice(ours)} ${echo.lines.at(-1)?.split('\n')[0]}`, secret)).toBe('')
        }
    }
  })

  it('of which only a part is in the place of a key ID is not repeated in the log', async () => {
    for (let at = 0; at + 9 <= SECRET.length; at += 3) {
      const ours = log.length
      await both(byHeader(making({ keyId: SECRET.slice(at, at + 16).replace(/^\//, 'x') })))
      expect(leak(`${log.slice(ours)} ${echo.lines.at(-1)?.split('\n')[0]}`, SECRET)).toBe('')
    }
  })

  it('is not computed for a client: the response to a wrong signature does not contain the correct one', async () => {
    for (const make of [byHeader, byQuery])
      for (const change of [{}, { path: '/bucket/other' }, { method: 'PUT', body: 'x' }]) {
        const request = make(making(change))
        const text = JSON.stringify(request)
        const correct = /Signature=(\w{64})/.exec(text)![1]!
        const wrong: Handmade = JSON.parse(text.replace(correct, '0'.repeat(64)))
        const reply = await both(wrong)
        expect(reply.text).toContain('SignatureDoesNotMatch')
        expect(reply.text).not.toContain(correct)
        expect(log).not.toContain(correct)
      }
  })
})

describe.each([
  ['command', () => log, () => toCommand],
  ['server', () => echo.lines.join('\n'), () => attacks],
] as const)('the log of the %s', (name, read, sent) => {
  const own = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('    '))

  it('has at most one line per request, and no forged one', async () => {
    for (let i = 0; i < 20 && own(read()).length < sent(); i++) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(own(read()).filter((line) => !/^\d\d:\d\d:\d\d {2}(?:\d{3}|- ) {2}/.test(line))).toEqual([])
    expect(own(read()).filter((line) => /^\s*FORGED/.test(line))).toEqual([])
    expect(own(read()).length).toBeLessThanOrEqual(sent())
    expect(own(read()).length).toBeGreaterThan(sent() - 60) // Invalid HTTP may not be logged.
  })

  it('has no control or format character', () => {
    const text = read()
    const raw = RAW.exec(text)
    expect(raw && JSON.stringify(text.slice(Math.max(0, raw.index - 60), raw.index + 20))).toBeNull()
  })

  it('has no secret key, no token, and no signature that may be right', () => {
    // The server's explanations are meant to repeat requests.
    const text = name === 'command' ? read() : own(read()).join('\n')
    for (const secret of [SECRET, TOKEN]) {
      const at = text.indexOf(secret)
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 150), at + 50)).toBe('')
    }
    expect(signatures.size).toBeGreaterThan(400)
    expect([...signatures].filter((signature) => text.includes(signature) && !wrong.has(signature))).toEqual([])
    // A request whose signature is wrong is logged as it was received, and with the strings of the response.
    expect(/\b[\da-f]{64}\b/.exec(own(text).join('\n'))?.[0]).toBeUndefined()
  })

  it('comes from all of the attacks', () => {
    expect(attacks).toBeGreaterThan(1000)
    expect(toCommand).toBeGreaterThan(150)
  })
})
