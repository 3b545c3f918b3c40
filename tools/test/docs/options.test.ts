import { expect, it } from 'vitest'
import { readBlock } from '../../../test/support/docs/markdown.ts'
import { differing, optionRows, optionTable, REASONS, reasonTable } from '../../options.ts'

const rows = optionRows()

it('the page of options is current: npx tsx tools/options.ts', () => {
  expect(readBlock('docs/options.md', 'options')).toBe(optionTable(rows))
  expect(readBlock('docs/options.md', 'reasons')).toBe(reasonTable())
})

it('contains every option of the functions that users call most', () => {
  const of = (name: string): string[] => rows.filter(({ functions }) => functions.has(name)).map((row) => row.name)
  expect(of('sigv4 presignPut')).toEqual(expect.arrayContaining(['bucket', 'credentials', 'expires', 'now', 'window']))
  expect(of('sigv4/sync sign')).toEqual(expect.arrayContaining(['checksum', 'credentials', 'signedHeaders']))
  expect(of('sigv4/verify verify')).toEqual(expect.arrayContaining(['allowUnsigned', 'clockSkew', 'now']))
  expect(of('sigv4/fetch createSignedFetch')).toEqual(expect.arrayContaining(['retry', 'retry.baseDelay']))
  expect(of('sigv4-tools/serve serve')).toEqual(expect.arrayContaining(['idleTimeout', 'skew']))
  expect(of('sigv4-tools/proxy proxy')).toEqual(expect.arrayContaining(['tls.cert', 'upstream']))
})

it('an option has the same type wherever it occurs, or a reason', () => {
  expect([...differing(rows).keys()].sort()).toEqual(Object.keys(REASONS).sort())
  const other = { ...rows.find(({ name }) => name === 'window')!, type: 'number' }
  expect(differing([...rows, other]).get('window')).toEqual(['Duration', 'number'])
})

it('an option has a meaning', () => {
  expect(rows.filter(({ meaning }) => meaning === '').map(({ name }) => name)).toEqual([])
})
