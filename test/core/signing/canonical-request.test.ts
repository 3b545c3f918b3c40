import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveDots } from '../../../src/core/http/path.ts'
import { formatQuery, parseQuery, sortPairs } from '../../../src/core/http/query.ts'
import {
  canonicalHeaders,
  canonicalUri,
  EMPTY_HASH,
  formatCanonicalRequest,
} from '../../../src/core/signing/canonical-request.ts'
import { sha256 } from '../../support/oracle.ts'

// Edge cases that neither the test suite nor the properties cover.

describe('resolveDots', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', '', '.', '..', 'a.', 'a..b'), { maxLength: 8 })
    .map((segments) => `/${segments.join('/')}`)

  it('keeps all other segments with dots', () => {
    for (const path of ['/.a', '/a/.b/c', '/...', '/a.', '/..a/b', '/a/...', '/a/....'])
      for (const merge of [true, false]) expect(resolveDots(path, merge)).toBe(path)
    expect(resolveDots('/.a/../b', false)).toBe('/b')
    expect(resolveDots('/a/.b/..', false)).toBe('/a/')
  })

  // some versions of Node do not resolve a dot segment after a segment such as .a
  it('resolves as URL parsers do', () => {
    fc.assert(
      fc.property(path, (path) => {
        expect(resolveDots(path, false)).toBe(new URL(`https://localhost${path}`).pathname)
      }),
      { numRuns: 500 },
    )
  })

  it('removes empty segments for a canonical URI', () => {
    fc.assert(
      fc.property(path, (path) => {
        const merged = resolveDots(path, true)
        expect(merged).toMatch(/^\//)
        expect(merged).not.toMatch(/\/\/|\/\.\.?(\/|$)/)
        expect(resolveDots(merged, true)).toBe(merged)
        const kept: string[] = []
        for (const segment of path.split('/')) {
          if (segment === '..') kept.pop()
          else if (segment !== '.' && segment !== '') kept.push(segment)
        }
        expect(merged.replace(/\/$/, '')).toBe(kept.length > 0 ? `/${kept.join('/')}` : '')
        if (kept.length > 0) expect(merged.endsWith('/')).toBe(/(\/|\/\.\.?)$/.test(path))
      }),
      { numRuns: 500 },
    )
  })
})

describe('canonicalUri', () => {
  it.each([
    ['/a%20b', 'single', 'none', '/a%20b'],
    ['/a%20b', 'double', 'none', '/a%2520b'],
    ['/a//b/../c', 'single', 'none', '/a//b/../c'],
    ['/a//b/../c', 'double', 'none', '/a//b/../c'],
    ['/a//b/../c', 'single', 'rfc3986', '/a/c'],
    ['/a//b/../c', 'double', 'rfc3986', '/a/c'],
    ['/a%2Fb', 'single', 'none', '/a/b'],
    ['/a%2Fb', 'double', 'rfc3986', '/a%252Fb'],
    ['/a%2F..%2Fb', 'single', 'none', '/a/../b'],
    ['/a%e9%41', 'single', 'none', '/a%E9A'],
    ['/a%e9', 'double', 'none', '/a%25e9'],
    ['/a//b/%2E/c', 'double', 'rfc3986', '/a/b/%252E/c'],
    ["/~!'()*", 'single', 'none', '/~%21%27%28%29%2A'],
    ["/~!'()*", 'double', 'rfc3986', '/~%21%27%28%29%2A'],
    ['/', 'single', 'none', '/'],
    ['/', 'double', 'rfc3986', '/'],
    ['/a/', 'double', 'rfc3986', '/a/'],
  ] as const)('of %s (%s, %s) is %s', (path, encoding, normalization, expected) => {
    expect(canonicalUri(path, encoding, normalization)).toBe(expected)
  })
})

describe('a query', () => {
  it.each([
    ['', ''],
    ['a', 'a='],
    ['a=', 'a='],
    ['=a', '=a'],
    ['a=b=c', 'a=b%3Dc'],
    ['a+b=c+d', 'a%20b=c%20d'],
    ['&&a=1&', 'a=1'],
    ['a=1&&b=2&&&c', 'a=1&b=2&c='],
    ['%61=%62', 'a=b'],
    ['a=é', 'a=%C3%A9'],
    ['a=%e9&%ff', 'a=%E9&%FF='],
    ['a b=c', 'a%20b=c'],
    ['=', '='],
    ['a==', 'a=%3D'],
    ['a=%e9%96%93', 'a=%E9%96%93'],
    ["a=!'()*~", 'a=%21%27%28%29%2A~'],
    ['a=/?:@', 'a=%2F%3F%3A%40'],
  ])('%s is canonical as %s', (given, expected) => {
    expect(formatQuery(parseQuery(given))).toBe(expected)
  })

  it('is sorted by name, then by value', () => {
    const sorted = sortPairs(parseQuery('b=1&a-=1&a=2&a=10&a&A=1&a%2B=1&aa=1'))
    expect(formatQuery(sorted)).toBe('A=1&a=&a=10&a=2&a%2B=1&a-=1&aa=1&b=1')
    for (const values of ['123', '132', '213', '231', '312', '321', '3121'])
      expect(sortPairs([...values].map((value) => ['a', value])).map(([, value]) => value)).toEqual([...values].sort())
  })
})

describe('canonicalHeaders', () => {
  it.each([
    ['a', 'a'],
    ['', ''],
    ['  a  ', 'a'],
    [' \t', ''],
    ['a  b', 'a b'],
    ['a \t b', 'a b'],
    ['a\tb', 'a b'],
    ['a\n  b', 'a b'],
    ['"a  b"', '"a b"'],
  ])('normalizes %j to %j', (value, expected) => {
    expect(canonicalHeaders({ 'x-a': value, host: 'h' }, ['host', 'x-a'])).toEqual([
      ['host', 'h'],
      ['x-a', expected],
    ])
  })

  it('returns only the named headers, in the given order', () => {
    expect(canonicalHeaders({ b: '1', a: '2', c: '3' }, ['c', 'a'])).toEqual([
      ['c', '3'],
      ['a', '2'],
    ])
  })

  it('keeps Unicode spaces', () => {
    expect(canonicalHeaders({ a: '\u00a0 b\u2003 \u2003c' }, ['a'])).toEqual([['a', '\u00a0 b\u2003 \u2003c']])
  })
})

describe('formatCanonicalRequest', () => {
  it('has six parts, and a line break after every header', () => {
    const parts = { method: 'GET', uri: '/', query: 'a=b', signedHeaders: 'host;x-a', payloadHash: EMPTY_HASH }
    const headers = [
      ['host', 'h'],
      ['x-a', ''],
    ] as const
    expect(formatCanonicalRequest({ ...parts, headers })).toBe(`GET\n/\na=b\nhost:h\nx-a:\n\nhost;x-a\n${sha256('')}`)
  })
})
