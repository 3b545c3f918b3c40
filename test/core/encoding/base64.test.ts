import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  decodeBase64,
  decodeOctets,
  encodeBase64,
  encodeOctets,
  utf8Length,
} from '../../../src/core/encoding/base64.ts'

const strings = fc.string({ unit: 'grapheme' })
const octets = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'))

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('utf8Length', () => {
  it.each(['', '\x7f', '\x80', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10000}', 'aé€😀'])(
    'is the length of %j in UTF-8',
    (string) => {
      expect(utf8Length(string)).toBe(Buffer.byteLength(string))
      expect(utf8Length(`é${string}`)).toBe(2 + Buffer.byteLength(string))
    },
  )

  it('is right for any string', () => {
    fc.assert(
      fc.property(strings, (string) => {
        expect(utf8Length(string)).toBe(Buffer.byteLength(string))
      }),
    )
  })
})

describe.each(['with btoa', 'without btoa'])('base64 %s', (kind) => {
  it('has the alphabet and the padding of RFC 4648', () => {
    if (kind === 'without btoa') vi.stubGlobal('btoa', undefined)
    fc.assert(
      fc.property(octets, (bytes) => {
        const encoded = Buffer.from(bytes, 'latin1').toString('base64')
        expect(encodeOctets(bytes)).toBe(encoded)
        expect(decodeOctets(encoded)).toBe(bytes)
      }),
    )
    fc.assert(
      fc.property(strings, (string) => {
        expect(encodeBase64(string)).toBe(Buffer.from(string).toString('base64'))
        expect(decodeBase64(encodeBase64(string))).toBe(string)
      }),
    )
  })
})

describe('decoding base64', () => {
  it.each([
    ['TWFu', 'Man'],
    ['TWE=', 'Ma'],
    ['TWE', 'Ma'],
    ['TQ==', 'M'],
    ['TQ', 'M'],
    [' TWFu\r\nTWFu\n', 'ManMan'],
    ['', ''],
    ['+/+/', '\xfb\xff\xbf'],
  ])('reads %j', (encoded, bytes) => {
    expect(decodeOctets(encoded)).toBe(bytes)
  })

  it.each(['T', 'TWFuT', 'TQ=', 'TWFu=', 'TWFu==', 'TQ===', 'TW u', 'TW-u', 'TW_u', '!TWFu', '=TQ=', 'TQ==TQ=='])(
    'rejects %j',
    (encoded) => {
      expect(decodeOctets(encoded)).toBeUndefined()
      expect(decodeBase64(encoded)).toBeUndefined()
    },
  )

  it('rejects bytes that are not UTF-8, if a string is asked for', () => {
    expect(decodeOctets('/w==')).toBe('\xff')
    expect(decodeBase64('/w==')).toBeUndefined()
  })
})
