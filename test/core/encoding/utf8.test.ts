import { describe, expect, it } from 'vitest'
import { fromOctets, toOctets, wellFormed } from '../../../src/core/encoding/utf8.ts'

describe('a lone surrogate', () => {
  it.each([
    ['a\ud800b', 'a\ufffdb'],
    ['\udc00\ud800', '\ufffd\ufffd'],
    ['\ud83d\ude00\ude00', '😀\ufffd'],
    ['aé€😀', 'aé€😀'],
    ['', ''],
  ])('in %j is replaced as TextEncoder does', (string, expected) => {
    expect(wellFormed(string)).toBe(expected)
    const bytes = new TextEncoder().encode(string)
    expect(toOctets(string)).toBe(Buffer.from(bytes).toString('latin1'))
    expect(fromOctets(toOctets(string))).toBe(expected)
  })
})

it('bytes that are not UTF-8 cannot be decoded', () => {
  for (const octets of ['\xff', '\xc3', 'a\x80']) expect(() => fromOctets(octets)).toThrow(URIError)
})
