import { describe, expect, it } from 'vitest'
import { fill } from '../format/fill.ts'
import { NODE_HASHES } from '../format/hashes.ts'
import { both, REQUESTS, Rows } from '../generator/model/builder.ts'
import { canonical, type Draft, headerDraft, queryDraft, removePair, setPair } from '../generator/model/draft.ts'
import { differingParts } from '../generator/model/parts.ts'
import { OBJECTS, PATH_STYLE } from '../generator/model/setting.ts'

// What creates the files rejects rows that are wrong.

const newRows = (): Rows => {
  const rows = new Rows('test', 's3', PATH_STYLE, OBJECTS, REQUESTS)
  rows.base('BadSignature', 'a/get', 'A read', headerDraft('GET', '{{path}}/a'))
  return rows
}
const nothing = both<Draft>(() => {})

describe('a row', () => {
  it('has an ID that is new, and a sibling that is earlier', () => {
    expect(() => newRows().ok('BadSignature', 'a/get', 'a/get', 'path', 'Again', nothing)).toThrow('a/get occurs twice')
    expect(() => newRows().ok('BadSignature', 'a/b', 'a/c', 'path', 'Later', nothing)).toThrow(
      'a/b: a/c is not an earlier case of the group',
    )
  })

  it('changes what exists', () => {
    const { query } = queryDraft('GET', '/')
    expect(() => setPair(query, 'X', 'y')).toThrow('X is missing')
    expect(() => removePair(query, 'X')).toThrow('X is missing')
  })

  it('without a claim, or with a different algorithm, has no signature to compute', () => {
    const draft = headerDraft('GET', '/')
    expect(REQUESTS.state(draft, draft)).toBe('match')
    expect(REQUESTS.state(draft, { ...draft, signature: '{{flip signature}}' })).toBe('mismatch')
    for (const change of [{ place: 'none' }, { algorithm: 'AWS4-HMAC-SHA512' }, { authorization: 'AWS4' }] as const)
      expect(REQUESTS.state(draft, { ...draft, ...change })).toBe('none')
  })

  it.each([
    ['/a/./b/../c', '/a/c'],
    ['/a//b', '/a/b'],
    ['/a/b/', '/a/b/'],
    ['/a/b/..', '/a/'],
    ['/..', '/'],
    ['/a%20b', '/a%2520b'],
    ['{{path}}/items', '{{path}}/items'],
  ])('of a service normalizes and encodes its path: %s', (path, expected) => {
    const draft = { ...headerDraft('GET', path), isService: true }
    expect(canonical(draft).split('\n')[1]).toBe(expected)
  })
})

describe('a string with holes', () => {
  const filled = (text: string): string => fill({ sign: [] }, text, PATH_STYLE, 0, NODE_HASHES)

  it.each([
    ['{{base64 bucket}}', 'ZXhhbXBsZWJ1Y2tldA=='],
    ['{{uri path}}', '%2Fexamplebucket'],
    ['{{length bucket}}', '13'],
    ['{{upper bucket}}', 'EXAMPLEBUCKET'],
    ['{{cut bucket}}', 'examplebucke'],
    ['{{time+60}}', '19700101T000100Z'],
    ['{{iso}} {{httpDate}} {{day-1}}', '1970-01-01T00:00:00Z Thu, 01 Jan 1970 00:00:00 GMT 19691231'],
    ['{{sha256 prefix}}', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ])('is filled in: %s', (text, expected) => expect(filled(text)).toBe(expected))

  it('has no names or functions that do not exist', () => {
    expect(() => filled('{{nothing}}')).toThrow('Unknown name in {{nothing}}')
    expect(() => filled('{{reverse bucket}}')).toThrow('Unknown function reverse')
  })
})

it('a different version of HTTP is a part that differs', () => {
  const [one, other] = ['HTTP/1.1', 'HTTP/1.0'].map((version) => {
    const draft = { ...headerDraft('GET', '/'), version }
    return REQUESTS.write(draft, draft)
  })
  expect(differingParts(one!, other!)).toEqual(['version'])
})
