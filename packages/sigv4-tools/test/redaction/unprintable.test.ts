import { expect, it } from 'vitest'
import { printable, UNPRINTABLE } from '../../src/redaction/unprintable.ts'

it("unprintable characters are Unicode's controls, format characters, surrogates and line separators", () => {
  const kinds = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code)
    if (kinds.test(character) !== (character.search(UNPRINTABLE) === 0)) expect(code.toString(16)).toBe('')
  }
})

it('unprintable characters are escaped by code, and all others unchanged', () => {
  expect(printable('a\x1b[2J é\u202e\n\ud800 😀')).toBe('a\\x1b[2J é\\u{202e}\\x0a\\u{d800} 😀')
})
