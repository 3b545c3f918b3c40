import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  type HeaderSelection,
  headerFilter,
  isReserved,
  listedNames,
  PRESIGNED_PARAMETERS,
  REGION_SET_PARAMETER,
  readHeaders,
  SIGNING_FIELDS,
  signedNames,
  TOKEN_PARAMETER,
  withoutHops,
} from '../../../src/core/http/headers.ts'

/** The names that would be signed. */
function signed(headers: Record<string, string>, selection: HeaderSelection): string[] {
  return signedNames(headers, headerFilter(selection))
}

describe('the table of unsigned headers', () => {
  // compares the table in the docstring with the code
  const source = readFileSync(new URL('../../../src/core/http/headers.ts', import.meta.url), 'utf8')
  const documented = [...source.matchAll(/^ \* \| (`.+) \| (.+) \|$/gm)].flatMap(([, names]) =>
    [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  )
  const examples = documented.map((name) => name.replace('*', 'something'))

  it('exists', () => {
    expect(documented.length).toBeGreaterThan(15)
    expect(documented).toEqual(expect.arrayContaining(['accept-encoding', 'user-agent', 'range', 'x-forwarded-*']))
  })

  it.each(examples)('%s is not signed by default', (name) => {
    expect(signed({ host: 'a', [name]: 'b' }, {})).toEqual(['host'])
    expect(signed({ host: 'a', [name]: 'b' }, { signedHeaders: [name.toUpperCase()] })).toEqual([name, 'host'].sort())
  })

  it.each([
    'accept',
    'content-type',
    'content-length',
    'content-md5',
    'date',
    'cache-control',
    'proxy',
    'x-forwarded',
    'ranges',
    'via-x',
    'x-amz-acl',
    'x-amzn-trace',
    'my-user-agent',
  ])('%s is signed by default', (name) => {
    expect(signed({ host: 'a', [name]: 'b' }, {})).toEqual([name, 'host'].sort())
    expect(signed({ host: 'a', [name]: 'b' }, { unsignedHeaders: [name.toUpperCase()] })).toEqual(['host'])
  })
})

describe('signedNames', () => {
  it('always includes the host, regardless of headers and options', () => {
    const all = () => true
    expect(signedNames({}, all)).toEqual(['host'])
    expect(signedNames({ host: 'a', 'x-b': '1', 'a-a': '2' }, all)).toEqual(['a-a', 'host', 'x-b'])
    expect(signed({ host: 'a' }, { unsignedHeaders: ['HOST'] })).toEqual(['host'])
    expect(signed({ 'x-a': '1' }, { signedHeaders: ['x-a'], unsignedHeaders: ['x-a'] })).toEqual(['host', 'x-a'])
  })
})

describe('headerFilter', () => {
  it.each(['signedHeaders', 'unsignedHeaders'] as const)(
    'rejects a value of %s that is not an array of strings',
    (name) => {
      for (const wrong of ['x-a', [5], [undefined], {}, new Set(['x-a'])])
        expect(() => headerFilter({ [name]: wrong as never })).toThrow(
          expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: `options.${name}`, reason: 'type' }),
        )
    },
  )
})

describe('readHeaders', () => {
  it('accepts every character that RFC 9110 allows in a name', () => {
    const name = "!#$%&'*+-.^_`|~0az"
    expect(readHeaders({ [name]: '1' }, 'options.headers', 'a')).toEqual({ [name]: '1' })
  })

  it('does not change any prototype', () => {
    const input = JSON.parse('{ "__proto__": "a" }')
    expect(() => readHeaders(input, 'options.headers', 'a')).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_VALUE',
        argument: 'options.headers["__proto__"]',
        reason: 'invalid',
      }),
    )
    expect(Object.getPrototypeOf(readHeaders({ constructor: 'a' }, 'options.headers', 'b'))).toBe(Object.prototype)
  })
})

describe('the names that signing adds', () => {
  it('to forms are among those of URLs, and all of them are reserved', () => {
    expect(PRESIGNED_PARAMETERS).toEqual(expect.arrayContaining(SIGNING_FIELDS))
    for (const name of [...PRESIGNED_PARAMETERS, TOKEN_PARAMETER, REGION_SET_PARAMETER]) {
      expect(isReserved(name), name).toBe(true)
      expect(isReserved(name.toLowerCase()), name).toBe(true)
    }
  })
})

describe('headers of one connection', () => {
  it('are removed, with those that Connection names', () => {
    const headers = ['connection', 'host', 'content-length', 'te', 'proxy-authorization', 'x-mine', 'x-other', 'accept']
    const pairs = headers.map((name) => [name, name === 'connection' ? ' X-Mine,, Close' : 'a'] as const)
    expect(withoutHops(pairs).map(([name]) => name)).toEqual(['x-other', 'accept'])
  })

  it.each(['x-host', 'hosts', 'my-te', 'te-x', 'proxy', 'x-proxy-a', 'my-upgrade', 'trailers'])(
    'do not include %s, which only resembles one',
    (name) => {
      expect(withoutHops([[name, 'a']])).toEqual([[name, 'a']])
    },
  )

  it('are kept if they are signed, although Connection names them', () => {
    const pairs = [
      ['connection', 'x-mine, x-other'],
      ['x-mine', 'a'],
      ['x-other', 'b'],
    ] as const
    expect(withoutHops(pairs, ['x-other'])).toEqual([['x-other', 'b']])
  })

  it('named in the value of another header are kept', () => {
    const pairs = [
      ['x-list', 'x-mine'],
      ['x-mine', 'a'],
    ] as const
    expect(withoutHops(pairs)).toEqual(pairs)
  })

  it('are listed in lowercase, without spaces and empty names', () => {
    expect(listedNames(' A ,b,, C')).toEqual(['a', 'b', 'c'])
    expect(listedNames()).toEqual([])
  })
})
