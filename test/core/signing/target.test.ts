import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseUrl } from '../../../src/core/http/url.ts'

describe('parseUrl', () => {
  it('takes a URL apart as URL parsers do', () => {
    const scheme = fc.constantFrom('http', 'https', 'HTTPS', 'ws', 'wss')
    const host = fc.oneof(
      fc.domain(),
      fc.constantFrom('localhost', '127.0.0.1', '[::1]', 'LOCALHOST', 'S3.Example.com'),
    )
    const port = fc.option(fc.oneof(fc.constantFrom(80, 443, 8080), fc.integer({ min: 1, max: 65_535 })))
    const query = fc.option(fc.webQueryParameters())
    fc.assert(
      fc.property(scheme, host, port, fc.webPath(), query, (scheme, host, port, path, query) => {
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

  it('tells a question mark from a slash behind it', () => {
    expect(parseUrl('https://a?b/c?d', 'target')).toMatchObject({ host: 'a', path: '/', query: 'b/c?d' })
    expect(parseUrl('https://a', 'target')).toMatchObject({ host: 'a', path: '/', query: '' })
    expect(parseUrl('https://a/?', 'target')).toMatchObject({ host: 'a', path: '/', query: '' })
  })
})
