import { expect, it } from 'vitest'
import { unescapeXml } from '../../src/received/xml.ts'

it.each([
  ['&amp;&lt;&gt;&quot;&apos;', `&<>"'`],
  ['&#38;&#x26;&#X2f;', '&&/'],
  ['&#1114111;&#x10FFFF;', '\u{10ffff}\u{10ffff}'],
  ['&amp;lt;', '&lt;'],
  ...['&#1114112;', '&#x110000;', '&nbsp;', '&constructor;', '&amp', '&#;', '&#x;', '&#xg;', '& amp;'].map((text) => [
    text,
    text,
  ]),
])('the text %s of an element is %s', (text, expected) => {
  expect(unescapeXml(text!)).toBe(expected)
})
