import { describe, expect, it } from 'vitest'
import { type Received, type ReceivedRequest, readReceived } from '../../src/received/request.ts'
import { checkPath, checkTarget } from '../../src/verify/target.ts'

// Which targets are read as they were signed, one rule at a time; test/attacks/target.test.ts tries to break them.

const invalid = expect.objectContaining({ code: 'ERR_SIGV4_AUTH_MALFORMED', awsCode: 'InvalidURI', status: 400 })

interface Sent {
  url: string
  /** The Host header; `null` for none. */
  host?: string | null
  headers?: Record<string, string>
  /** The option. */
  public?: string
  socket?: { encrypted?: boolean }
}

function check({ url, host = 'h', headers, public: option, socket }: Sent): void {
  const request = { url, headers: { ...(host !== null && { host }), ...headers }, socket } as ReceivedRequest
  checkTarget(request, readReceived(request, option))
}

describe('a target', () => {
  it.each<Sent>([
    { url: '/a b"c|~é?d=e f' },
    { url: '/a//' },
    { url: 'https://h' },
    { url: 'HTTPS://H/a' },
    { url: 'https://h:443/a' },
    { url: 'http://h:80/a' },
    { url: 'http://h/a', host: 'H:80' },
    { url: 'http://h:443/a', host: 'h:443' },
    { url: 'https://[::1]:9000/a', host: '[::1]:9000' },
    { url: 'https://internal/a', host: 'internal', public: 'h' },
    { url: 'https://h/a', host: 'internal', public: 'h' },
    { url: 'https://h/a', headers: { ':scheme': 'https' } },
    { url: 'https://h/a', socket: { encrypted: true } },
    { url: 'http://h/a', socket: {} },
    { url: 'https://h/a', headers: { ':scheme': 'https' }, socket: {} }, // from a proxy that speaks HTTP/2
  ])('is accepted: %j', (sent) => {
    check(sent)
  })

  it.each<Sent>([
    { url: '' },
    { url: '*' },
    { url: 'a' },
    { url: '//h/a' },
    { url: '/a ' },
    { url: '/a#b' },
    { url: '/a\\b' },
    { url: '/a\tb' },
    { url: '/a\x7f' },
    { url: 'https://h/a#b' },
    { url: 'https://h/a ' },
    { url: 'ftp://h/a' },
    { url: 'xhttp://h/a' },
    { url: 'httpsx://h/a' },
    { url: 'https://other/a' },
    { url: 'https://other/a', host: 'internal', public: 'h' },
    { url: 'https://h:4430/a', host: 'h0' },
    { url: 'http://h:800/a', host: 'h0' },
    { url: 'http://h:443/a' },
    { url: 'https://h:80/a' },
    { url: 'https://u@h/a', host: 'u@h' },
    { url: 'https://h%41/a', host: 'h%41' },
    { url: 'https://h:8x/a', host: 'h:8x' },
    { url: 'https://[::g]/a', host: '[::g]' },
    { url: 'http://h/a', headers: { ':scheme': 'https' } },
    { url: 'https://h/a', headers: { ':scheme': 'http' }, socket: { encrypted: true } },
    { url: 'http://h/a', socket: { encrypted: true } },
    { url: 'https://h/a', socket: {} },
  ])('is rejected: %j', (sent) => {
    expect(() => check(sent)).toThrow(invalid)
  })

  it('that is a URL is rejected if a request over HTTP has no host', () => {
    const request = { url: 'https://h/a', headers: {}, rawHeaders: [] }
    expect(() => checkTarget(request, readReceived(request, undefined))).toThrow(invalid)
  })
})

describe('a path', () => {
  const accept = (path: string, s3: boolean, options: Parameters<typeof checkPath>[2] = {}, hasOctets = false): void =>
    checkPath({ path, hasOctets } as Received, { s3 }, options)

  it.each(['/a//b', '/', '/.a', '/a.', '/...', '/a./b', '/%2e%2e%2e/a', '/a%2Fb'])('of S3 may be %s', (path) => {
    accept(path, true)
  })

  it.each(['/a+b', '/a%2F%2Fb'])('of a different service may be %s', (path) => {
    accept(path, false)
  })

  it.each([
    ['/a/../b', true],
    ['/a/./b', true],
    ['/a/..', true],
    ['/a/.', true],
    ['/%2e%2E/a', true],
    ['/a/.%2e', true],
    ['/a+b', true],
    ['/a/../b', false],
    ['/a//b', false],
  ])('is not %s (S3: %s), unless pathNormalization is set', (path, s3) => {
    expect(() => accept(path, s3)).toThrow(invalid)
    for (const pathNormalization of ['none', 'rfc3986'] as const) accept(path, s3, { pathNormalization })
  })

  it('does not contain octets', () => {
    expect(() => accept('/é', true, {}, true)).toThrow(invalid)
    accept('/é', true, { pathNormalization: 'none' }, true)
  })
})
