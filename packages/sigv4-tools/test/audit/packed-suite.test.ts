import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fill } from '../../../../suite/format/fill.ts'
import type { SuiteFile } from '../../../../suite/format/format.ts'
import { NODE_HASHES } from '../../../../suite/format/hashes.ts'
import { FILES } from '../../../../suite/test/files.ts'
import { packSuite } from '../../build-suite.js'
import { unpackFiles } from '../../src/audit/files.ts'

// The tests in the package are those of the published files that can be sent, and the bytes that are omitted follow from them.

const PROFILES = ['s3', 's3-post', 'service']

const packed = packSuite()
const own = unpackFiles(packed)

/** Returns a file with the bytes of its requests, computed from what is signed and sent. */
function filledIn(file: (typeof own)[number]): SuiteFile {
  const testGroups = file.testGroups.map((group) => {
    const now = Date.parse(group.setting.now) / 1000
    const tests = group.tests.map((test) => ({
      ...test,
      http: fill(test, test.send!, group.setting, now, NODE_HASHES),
    }))
    return { ...group, tests }
  })
  return { ...file, testGroups }
}

describe('The tests in the package', () => {
  it('are the files whose tests can be sent', () => {
    const sendable = FILES.filter(({ testGroups }) => testGroups.some(({ profile }) => PROFILES.includes(profile)))
    expect(own.map(({ topic }) => topic).sort()).toEqual(sendable.map(({ topic }) => topic).sort())
    expect(own.length).toBeGreaterThanOrEqual(8)
  })

  it.each(own.map((file) => [file.topic, file] as const))(
    'of %s are those of the file, byte for byte',
    (topic, file) => {
      expect(file.testGroups.flatMap(({ tests }) => tests.filter((test) => 'http' in test))).toEqual([])
      expect(filledIn(file)).toEqual(FILES.find((published) => published.topic === topic))
    },
  )

  it('are smaller than 70 kB, and the same bytes each time and on every system', () => {
    expect(packed.length).toBeLessThan(70_000)
    expect(packSuite().equals(packed)).toBe(true)
    // no time, level 9, and Unix, which fflate writes on every system
    expect([...packed.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3])
  })
})

it('The tools import only the format of the suite', () => {
  const folder = new URL('../../src/', import.meta.url)
  const imported = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/'(?:\.\.\/)+(suite\/[^']*)'/g)])
    .map(([, path]) => path)
  expect([...new Set(imported)].sort()).toEqual(['fill', 'format', 'hashes'].map((name) => `suite/format/${name}.ts`))
})
