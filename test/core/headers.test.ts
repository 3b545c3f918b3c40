import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readHeaders, signedNames } from '../../src/core/headers.ts'

describe('the table of unsigned headers', () => {
  // what the comment promises is what the code does
  const source = readFileSync(new URL('../../src/core/headers.ts', import.meta.url), 'utf8')
  const documented = [...source.matchAll(/^ \* \| (`.+) \| (.+) \|$/gm)].flatMap(([, names]) =>
    [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  )
  const examples = documented.map((name) => name.replace('*', 'something'))

  it('is there', () => {
    expect(documented.length).toBeGreaterThan(15)
    expect(documented).toEqual(expect.arrayContaining(['accept-encoding', 'user-agent', 'range', 'x-forwarded-*']))
  })

  it.each(examples)('%s is not signed, unless told', (name) => {
    expect(signedNames({ host: 'a', [name]: 'b' }, {})).toEqual(['host'])
    expect(signedNames({ host: 'a', [name]: 'b' }, { signHeaders: [name.toUpperCase()] })).toEqual(
      [name, 'host'].sort(),
    )
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
  ])('%s is signed, unless told', (name) => {
    expect(signedNames({ host: 'a', [name]: 'b' }, {})).toEqual([name, 'host'].sort())
    expect(signedNames({ host: 'a', [name]: 'b' }, { unsignedHeaders: [name.toUpperCase()] })).toEqual(['host'])
  })
})

describe('readHeaders', () => {
  it('reads everything that RFC 9110 allows in a name', () => {
    const name = "!#$%&'*+-.^_`|~0az"
    expect(readHeaders({ [name]: '1' }, 'a')).toEqual({ [name]: '1' })
  })

  it('does not change the prototype of anything', () => {
    const input = JSON.parse('{ "__proto__": "a" }')
    expect(() => readHeaders(input, 'a')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }))
    expect(Object.getPrototypeOf(readHeaders({ constructor: 'a' }, 'b'))).toBe(Object.prototype)
  })
})
