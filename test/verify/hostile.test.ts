import { createServer } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../src/index.ts'
import { type ReceivedRequest, SigV4VerifyError, toErrorResponse, verify } from '../../src/verify.ts'
import { KEY_ID } from '../support/credentials.ts'
import { chunkedUpload } from '../support/verify/chunking.ts'
import { apply, change } from '../support/verify/garbled.ts'
import { HOST, NOW, received, SIGNING } from '../support/verify/helpers.ts'

// Any input from a client is rejected with a 4xx code, quickly, and without side effects.

/** An unknown secret: no request of these tests is valid. */
const UNKNOWN_SECRET = { accessKeyId: KEY_ID, secretAccessKey: 'not the signing secret' }
const OPTIONS = {
  credentials: () => UNKNOWN_SECRET,
  now: NOW,
  payload: 'deferred',
  allowUnsignedPayload: true,
} as const

type Request = ReturnType<typeof received>
let bases: Request[]
beforeAll(async () => {
  bases = [
    received(await sign({ url: `https://${HOST}/a%20b?x=1&y=%2F` }, SIGNING)),
    received(await presignGet(`https://${HOST}/a%20b?x=1&y=%2F`, SIGNING)),
    chunkedUpload(['abc'], { kind: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }).request,
  ]
})

async function expectRefusal(request: ReceivedRequest, strings = true): Promise<SigV4VerifyError> {
  let error: unknown
  try {
    await verify(request, OPTIONS)
  } catch (thrown) {
    error = thrown
  }
  if (!(error instanceof SigV4VerifyError))
    throw new Error(`not rejected: ${error} ${JSON.stringify(request).slice(0, 2000)}`)
  if (!(error.status >= 400 && error.status < 500 && /^ERR_SIGV4_/.test(error.code) && error.awsCode))
    throw new Error(`not a 4xx: ${error.code} ${error.status}`)
  const { status, body } = toErrorResponse(error, { strings, resource: String(request.url) })
  if (status !== error.status || !body.endsWith('</Error>')) throw new Error('not a response')
  return error
}

describe('a client may send', () => {
  it('10,000 invalid requests', async () => {
    const before = [Object.prototype, Function.prototype, Array.prototype].map((one) => Reflect.ownKeys(one).length)
    const codes = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.array(change, { minLength: 1, maxLength: 4 }), async (which, changes) => {
        const base = bases[which]!
        const request = { ...base, headers: { ...base.headers } }
        for (const one of changes) apply(request, one)
        const { code } = await expectRefusal(request, which === 0)
        codes.set(code, (codes.get(code) ?? 0) + 1)
      }),
      { numRuns: 10_000 },
    )
    expect([Object.prototype, Function.prototype, Array.prototype].map((one) => Reflect.ownKeys(one).length)).toEqual(
      before,
    )
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    // not all of them fail at the first check
    expect([...codes.values()].reduce((sum, count) => sum + count)).toBe(10_000)
    expect(codes.get('ERR_SIGV4_SIGNATURE_MISMATCH')).toBeGreaterThan(1000)
    expect(codes.size).toBeGreaterThan(7)
  }, 60_000)

  const MIB = 1_048_576

  it.each<[string, (request: Request) => void]>([
    [
      '10,000 parameters',
      (request) => (request.url += Array.from({ length: 10_000 }, (_, i) => `&p${i}=${i}`).join('')),
    ],
    ['10,000 times the same parameter', (request) => (request.url += '&a=b'.repeat(10_000))],
    ['10,000 times the signature', (request) => (request.url += `&X-Amz-Signature=${'0'.repeat(64)}`.repeat(10_000))],
    ['100,000 separators', (request) => (request.url += '&'.repeat(100_000))],
    ['100,000 equal signs', (request) => (request.url += `&${'='.repeat(100_000)}`)],
    ['a path of a million slashes', (request) => (request.url = '/'.repeat(MIB) + request.url)],
    ['a path of a million dots', (request) => (request.url = '/..'.repeat(MIB / 4) + request.url)],
    ['a header of 1 MiB of spaces', (request) => (request.headers['x-amz-date'] = `${' '.repeat(MIB)}x`)],
    [
      'a signed header of 1 MiB of spaces',
      (request) => (request.headers.host = `a${' '.repeat(MIB)}b${'\t'.repeat(MIB)}`),
    ],
    ['a host of 1 MiB', (request) => (request.headers.host = 'a'.repeat(MIB))],
    [
      'an Authorization of 1 MiB of spaces',
      (request) => (request.headers.authorization = `AWS4-HMAC-SHA256${' '.repeat(MIB)}x`),
    ],
    [
      'an Authorization of 1 MiB of commas',
      (request) => (request.headers.authorization = `AWS4-HMAC-SHA256 ${','.repeat(MIB)}`),
    ],
    ['an Authorization of 1 MiB without a space', (request) => (request.headers.authorization = 'A'.repeat(MIB))],
    [
      'a credential of 1 MiB of slashes',
      (request) =>
        (request.headers.authorization = `AWS4-HMAC-SHA256 Credential=${'/'.repeat(MIB)}, SignedHeaders=host, Signature=0`),
    ],
    [
      '200,000 signed headers',
      (request) =>
        (request.headers.authorization = `AWS4-HMAC-SHA256 Credential=a/20150830/us-east-1/s3/aws4_request, SignedHeaders=${Array.from({ length: 200_000 }, (_, i) => `h${String(i).padStart(6, '0')}`).join(';')}, Signature=0`),
    ],
    [
      '20,000 headers',
      (request) =>
        Object.assign(
          request.headers,
          Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`x-amz-${i}`, 'a'])),
        ),
    ],
    ['octets that are not ASCII, 1 MiB', (request) => (request.headers.host = '\xc3\xa9'.repeat(MIB / 2))],
    ['a hash of 1 MiB', (request) => (request.headers['x-amz-content-sha256'] = 'a'.repeat(MIB))],
    ['a token of 1 MiB', (request) => (request.headers['x-amz-security-token'] = '/'.repeat(MIB))],
  ])('%s', async (_, make) => {
    for (const base of bases.slice(0, 2)) {
      const request = { ...base, headers: { ...base.headers } }
      make(request)
      await expectRefusal(request, false)
    }
  })

  it('bytes that Node accepts as a request', async () => {
    let lookups = 0
    const server = createServer((request, response) => {
      lookups++
      verify(request, OPTIONS).then(
        () => response.end('accepted'),
        (error) => {
          const { status, headers, body } = toErrorResponse(error, { resource: request.url! })
          response.writeHead(status, headers).end(body)
        },
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const exchange = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let outcome = ''
        const socket = connect(port, '127.0.0.1', () => socket.end(Buffer.from(text, 'latin1')))
        socket.on('data', (data) => {
          outcome += data
        })
        socket.on('close', () => resolve(outcome.slice(0, 12))).on('error', () => resolve(outcome.slice(0, 12)))
      })
    const lines = (target: string, ...headers: string[]) =>
      `GET ${target} HTTP/1.1\r\n${['Connection: close', ...headers].join('\r\n')}\r\n\r\n`
    const authorization = `Authorization: ${bases[0]!.headers.authorization}`
    const strings = [
      lines('/', 'Host: a', authorization),
      lines('/', 'Host: a', 'Host: b', authorization, authorization),
      lines('/a\\b#c', 'Host: a', authorization),
      lines('http://evil/%zz', 'Host: a', authorization),
      lines('/?X-Amz-Signature=%00&__proto__=1', 'Host: a', '__proto__: x', 'constructor: y', authorization),
      lines('/', 'Host: a', 'x-amz-date: 20150830T123600Z', 'X-Amz-Date: 20150830T123600Z', authorization),
      lines('/', 'Host: \xe9\xff', 'X-Amz-Meta: \xc3', authorization),
      lines('*', 'Host: a', authorization).replace('GET', 'OPTIONS'),
    ]
    const outcomes = await Promise.all(strings.map(exchange))
    await new Promise((resolve) => server.close(resolve))
    for (const outcome of outcomes) expect(outcome).toMatch(/^HTTP\/1\.1 4\d\d$/)
    expect(lookups).toBeGreaterThan(4)
  })
})
