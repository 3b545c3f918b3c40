import Ajv2020 from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { Result, SuiteFile } from '../format/format.ts'
import { buildSuite, printFile } from '../generator/build.ts'
import { CLASSES } from '../generator/model/classes.ts'
import { FILES, NAMES, readText, TESTS } from './files.ts'

// The files are those of the rows, and have the format that they claim.

describe('the files', () => {
  it('are those that npm run suite writes, each time', () => {
    const built = (): Record<string, string> =>
      Object.fromEntries(buildSuite().map((file) => [`${file.topic}.json`, printFile(file)]))
    const first = built()
    expect(built()).toEqual(first)
    expect([...NAMES].sort()).toEqual(Object.keys(first).sort())
    for (const name of NAMES) expect(readText(name) === first[name], `${name}: npm run suite`).toBe(true)
  })

  const ajv = new Ajv2020({ allErrors: true, formats: { uri: (text: string) => URL.canParse(text) } })
  const validate = ajv.compile<SuiteFile>(JSON.parse(readText('schema.json')))

  it.each(FILES.map((file) => [file.topic, file] as const))('%s conforms to the schema', (_, file) => {
    expect(validate(file), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true)
    expect(file.testGroups.flatMap(({ tests }) => tests)).toHaveLength(file.numberOfTests)
  })

  it.each([
    ['an unknown member', (file) => Object.assign(file.testGroups[0].tests[0], { unknown: 1 })],
    ['an unknown result', (file) => Object.assign(file.testGroups[0].tests[0], { result: 'maybe' })],
    [
      'a source that cannot be opened',
      (file) => Object.assign(file.testGroups[0].tests[5], { aws: { source: 'someone' } }),
    ],
    ['an invalid test without a response', (file) => Object.assign(file.testGroups[0].tests[0], { result: 'invalid' })],
    ['a character that is not a byte', (file) => Object.assign(file.testGroups[0].tests[0], { http: '\u0100' })],
    // biome-ignore lint/suspicious/noExplicitAny: the files are damaged
  ] as [string, (file: any) => void][])('are rejected by the schema with %s', (_, damage) => {
    const file = structuredClone(FILES.find(({ topic }) => topic === 's3-header'))
    damage(file)
    expect(validate(file)).toBe(false)
  })
})

describe('the tests', () => {
  it('have unique IDs, and a sibling that is earlier in their group', () => {
    expect(new Set(TESTS.map(([{ id }]) => id)).size).toBe(TESTS.length)
    for (const [{ id, of }, { tests }] of TESTS) {
      if (of === undefined) continue
      const sibling = tests.findIndex((test) => test.id === of)
      expect(sibling, `${id} of ${of}`).toBeGreaterThanOrEqual(0)
      expect(sibling, `${id} of ${of}`).toBeLessThan(tests.findIndex((test) => test.id === id))
      expect(tests[sibling]!.result, `${id} of ${of}`).not.toBe('invalid')
    }
  })

  it('have flags that the notes of their file describe', () => {
    for (const { topic, notes, testGroups } of FILES) {
      const used = new Set(testGroups.flatMap(({ tests }) => tests.flatMap(({ flags }) => flags)))
      expect([...used].sort(), topic).toEqual(Object.keys(notes).sort())
    }
  })

  it('are at least 500, and three quarters of each class as it is meant', () => {
    expect(TESTS.length).toBeGreaterThanOrEqual(500)
    const results: readonly Result[] = ['invalid', 'valid', 'acceptable']
    for (const [flag, { meant }] of Object.entries(CLASSES)) {
      const counts = results.map(
        (result) => TESTS.filter(([test]) => test.flags[0] === flag && test.result === result).length,
      )
      for (const [i, count] of counts.entries())
        expect(count, `${flag}, ${results[i]}: ${counts} of ${meant}`).toBeGreaterThanOrEqual(0.75 * meant[i]!)
    }
    expect(TESTS.filter(([, { profile }]) => profile === 'service').length).toBeGreaterThanOrEqual(60)
  })

  it('have only example keys and hosts', () => {
    for (const [{ id, http }, { setting }] of TESTS) {
      expect(['AKIAIOSFODNN7EXAMPLE', 'AKIAI44QH8DHBEXAMPLE', 'AKIDEXAMPLE'], id).toContain(setting.accessKeyId)
      for (const [, key] of http.matchAll(/\b(AK[A-Z\d]{10,})\b/g)) expect(key, id).toMatch(/EXAMPLE$|UNKNOWN$/)
      for (const [, host] of http.matchAll(/^host: (\S+)/gim))
        expect(host, id).toMatch(/(?:example\.com|amazonaws\.com)$/)
    }
  })
})
