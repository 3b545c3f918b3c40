import { expect, it } from 'vitest'
import { keysIn } from '../../src/audit/bucket.ts'

it('the keys of a list are bytes', () => {
  const xml =
    '<Key>a&amp;b&lt;&gt;&quot;&apos;</Key><Key>&#65;&#x42;&#xE9;&unknown;&#x110000;</Key><Key>r\u00c3\u00a9</Key>'
  expect(keysIn(xml)).toEqual(['a&b<>"\'', 'AB\u00c3\u00a9&unknown;&#x110000;', 'r\u00c3\u00a9'])
})
