import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decode,
  decodeToOctets,
  encodePath,
  hasBareEscape,
  reencodePath,
  uriEncode,
  uriReencode,
} from '../../../src/core/encoding/percent.ts'
import { character } from '../../support/unicode.ts'

/** RFC 3986, octet by octet. */
function encode(octets: Uint8Array): string {
  let text = ''
  for (const octet of octets) {
    const char = String.fromCharCode(octet)
    text += /[A-Za-z\d._~-]/.test(char) ? char : `%${Buffer.of(octet).toString('hex').toUpperCase()}`
  }
  return text
}

const text = fc.oneof(
  fc.string({ unit: character }),
  fc.string({ unit: 'binary-ascii' }),
  fc.constantFrom('%', '%41', '+', '%2'),
)

describe('uriEncode', () => {
  it('encodes every character of the basic plane as RFC 3986 specifies, alone and between others', () => {
    for (let code = 0; code <= 0xffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const char = String.fromCharCode(code)
      const expected = encode(Buffer.from(char))
      if (uriEncode(char) !== expected || uriEncode(`a${char}é`) !== `a${expected}%C3%A9`)
        expect.unreachable(`U+${code.toString(16)}: ${uriEncode(char)}`)
    }
  })

  it('encodes any string', () => {
    fc.assert(
      fc.property(text, (text) => {
        expect(uriEncode(text)).toBe(encode(Buffer.from(text)))
      }),
    )
  })
})

describe('a lone surrogate', () => {
  it('is rejected, with the name of the argument if there is one', () => {
    const message = 'is not valid. It contains a lone surrogate.'
    for (const encodeString of [uriEncode, encodePath, uriReencode, reencodePath]) {
      expect(() => encodeString('a\ud800')).toThrow(`text ${message}`)
      expect(() => encodeString('a\ud800', 'target.key')).toThrow(`target.key ${message}`)
    }
  })
})

describe('uriReencode', () => {
  it('decodes or normalizes every escape, in any case', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.constantFrom('', 'upper', 'lower', 'all'))), (parts) => {
        const given = parts.map(([text, how]) => {
          if (how === '') return text.replaceAll('%', '%25')
          if (how === 'all')
            return [...Buffer.from(text)].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('')
          const escaped = encode(Buffer.from(text))
          return how === 'lower' ? escaped.replace(/%../g, (mark) => mark.toLowerCase()) : escaped
        })
        const expected = encode(Buffer.from(parts.map(([text]) => text).join('')))
        expect(uriReencode(given.join(''))).toBe(expected)
        expect(uriReencode(expected)).toBe(expected)
      }),
    )
  })

  it('decodes every escaped octet, in UTF-8 or not', () => {
    for (let octet = 0; octet < 256; octet++) {
      const hex = octet.toString(16).padStart(2, '0')
      const expected = encode(Uint8Array.of(octet))
      for (const mark of [`%${hex}`, `%${hex.toUpperCase()}`]) expect(uriReencode(`a${mark}b`)).toBe(`a${expected}b`)
    }
  })

  it('keeps escaped octets that are not UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.boolean(), (octets, upper) => {
        const given = [...octets].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('')
        const expected = encode(octets)
        expect(uriReencode(upper ? given.toUpperCase() : given)).toBe(expected)
        expect(uriReencode(expected)).toBe(expected)
      }),
    )
    for (const [given, expected] of [
      ['%c3', '%C3'],
      ['%c3a', '%C3a'],
      ['%ff', '%FF'],
      ['%e9%41é', '%E9A%C3%A9'],
      ['%ed%a0%80', '%ED%A0%80'],
    ] as const)
      expect(uriReencode(given)).toBe(expected)
  })
})

describe('hasBareEscape', () => {
  it('detects a % without two hex digits', () => {
    for (const text of ['%', 'a%', '%2', '%2g', '%g2', '%%41', '%20%', '%u0041', '%u00e9', '%4 1'])
      expect(hasBareEscape(text), text).toBe(true)
  })

  it('accepts every valid escape', () => {
    for (const text of ['', 'a', '%41', '%c3', '%c3a', '%FF', '%ed%a0%80', '%25%25', '%00', '%2541'])
      expect(hasBareEscape(text), text).toBe(false)
  })
})

describe('encodePath and reencodePath', () => {
  it('encode everything except slashes', () => {
    const path = fc.array(
      text.map((text) => text.replaceAll('/', '')),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(path, (segments) => {
        const expected = segments.map((segment) => encode(Buffer.from(segment))).join('/')
        expect(encodePath(segments.join('/'))).toBe(expected)
        expect(reencodePath(expected)).toBe(expected)
        expect(reencodePath(segments.map((segment) => uriEncode(segment)).join('/'))).toBe(expected)
      }),
    )
  })

  it('encode a % that starts no escape', () => {
    expect(['100%', '%4', '%zz%41'].map((text) => [uriReencode(text), reencodePath(text)])).toEqual([
      ['100%25', '100%25'],
      ['%254', '%254'],
      ['%25zzA', '%25zzA'],
    ])
  })

  it('encode characters outside the basic plane, also next to each other and to escapes', () => {
    expect(reencodePath('/a/é😀😀%c3%a9')).toBe('/a/%C3%A9%F0%9F%98%80%F0%9F%98%80%C3%A9')
    expect(encodePath('/a/é😀😀')).toBe('/a/%C3%A9%F0%9F%98%80%F0%9F%98%80')
  })

  it('keep an escaped slash', () => {
    expect(reencodePath('/a%2fb/c%2Fd e')).toBe('/a%2Fb/c%2Fd%20e')
    expect(encodePath('/a%2Fb')).toBe('/a%252Fb')
  })
})

describe('decoding', () => {
  it('reads each escape as a byte, in any case, and once', () => {
    expect(decodeToOctets('a%C3%a9%2541%zz%4')).toBe('aÃ©%41%zz%4')
  })

  it('reads escapes as UTF-8, and returns a malformed string unchanged', () => {
    expect(decode('a%C3%A9%2541')).toBe('aé%41')
    expect(decode('%E9a')).toBe('%E9a')
  })
})
