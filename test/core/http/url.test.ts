import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseUrl } from '../../../src/core/http/url.ts'

describe('parseUrl', () => {
  it('splits a URL as URL parsers do', () => {
    const scheme = fc.constantFrom('http', 'https', 'HTTPS', 'ws', 'wss')
    const host = fc.oneof(
      fc.domain(),
      fc.constantFrom('localhost', '127.0.0.1', '[::1]', 'LOCALHOST', 'S3.Example.com'),
    )
    const port = fc.option(fc.oneof(fc.constantFrom(80, 443, 8080), fc.integer({ min: 1, max: 65_535 })))
    const characters = [..."aB09-._~!$&'()*+,;=:@", '%20', '%C3%A9']
    const path = fc.array(fc.string({ unit: fc.constantFrom(...characters) }).map((segment) => `/${segment}`))
    const query = fc.option(fc.string({ unit: fc.constantFrom(...characters, '/', '?') }))
    fc.assert(
      fc.property(scheme, host, port, path, query, (scheme, host, port, segments, query) => {
        const path = segments.join('')
        const text = `${scheme}://${host}${port === null ? '' : `:${port}`}${path}${query === null ? '' : `?${query}`}`
        const url = new URL(text)
        const parts = parseUrl(text, 'target')
        expect(parts.origin).toBe(`${url.protocol}//${url.host}`)
        expect(parts.host).toBe(url.host)
        expect(parts.path).toBe(path || '/')
        expect(parts.query).toBe(query ?? '')
        expect(parseUrl(url, 'target')).toMatchObject({ origin: parts.origin, host: parts.host })
      }),
      { numRuns: 100 },
    )
  })

  it('distinguishes a question mark from a slash after it', () => {
    expect(parseUrl('https://a?b/c?d', 'target')).toMatchObject({ host: 'a', path: '/', query: 'b/c?d' })
    expect(parseUrl('https://a', 'target')).toMatchObject({ host: 'a', path: '/', query: '' })
    expect(parseUrl('https://a/?', 'target')).toMatchObject({ host: 'a', path: '/', query: '' })
  })

  it('keeps a port that starts as the default one does, also with capital letters', () => {
    for (const host of ['h.x:4430', 'h.x:4438', 'h.x:8080', 'h.x:800'])
      for (const scheme of ['https', 'http'])
        for (const url of [`${scheme}://${host}/`, `${scheme}://${host.toUpperCase()}/`])
          expect(parseUrl(url, 'target').host, url).toBe(host)
  })

  it('accepts an origin of 300 characters', () => {
    expect(parseUrl(`https://${'a'.repeat(292)}/`, 'target').host).toHaveLength(292)
    expect(() => parseUrl(`https://${'a'.repeat(293)}/`, 'target')).toThrow(TypeError)
  })

  it.each(['10.20.249.255', '199.9.0.250', 'foo.0xzz', 'a1.b2', '1.example', '1a.2b.c', 'h.x:1000', '0x.x', 'a..b'])(
    'accepts the host %s',
    (host) => {
      expect(parseUrl(`https://${host}/`, 'target').host).toBe(host)
      expect(new URL(`https://${host}/`).host).toBe(host)
    },
  )

  it.each([
    'foo.12',
    'foo.0x1f',
    '1.2.3.256',
    '1.2.3.04',
    '127.1',
    '1',
    'h.x:99999',
    'h.x:01',
    'h.x:80:443',
    'h.x:443:80',
    '[:::]',
  ])('rejects the host %s', (host) => {
    expect(() => parseUrl(`https://${host}/`, 'target')).toThrow(TypeError)
  })

  describe('without a URL class', () => {
    afterEach(() => {
      vi.unstubAllGlobals()
    })

    it('parseUrl removes the default port, and rejects what URL parsers would change', () => {
      vi.stubGlobal('URL', undefined)
      expect(parseUrl('https://Example.com:443/a', 'target').host).toBe('example.com')
      expect(parseUrl('http://127.0.0.1:80/a', 'target').host).toBe('127.0.0.1')
      expect(parseUrl('http://[::1]:9000/a', 'target').host).toBe('[::1]:9000')
      for (const host of ['localhost', 'localhost:4430', 'photos.s3.example.com:8080'])
        expect(parseUrl(`https://${host}/a`, 'target').host).toBe(host)
      for (const host of ['127.1', '256.1.1.1', '010.0.0.1', '1', 'h.x:99999', 'h.x:01', '[0:0:0:0:0:0:0:1]', '[1::0]'])
        expect(() => parseUrl(`https://${host}/a`, 'target'), host).toThrow(TypeError)
      for (const host of ['', 'user@h.x', 'h x', 'h%2Ex', 'é.example', 'h.x:', 'h.x:http', '[::g]', '[]', '[::1'])
        expect(() => parseUrl(`https://${host}/a`, 'target'), host).toThrow(TypeError)
    })
  })

  it('parseUrl rejects an IPv6 address that URL parsers would change', () => {
    expect(parseUrl('http://[2001:db8::1]/a', 'target').host).toBe('[2001:db8::1]')
    for (const host of ['[0:0:0:0:0:0:0:1]', '[1::0:0:1:0:0:0]', '[::1', '[::g]', '[]'])
      expect(() => parseUrl(`https://${host}/a`, 'target'), host).toThrow(TypeError)
  })
})
