import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

// The suite can test whatever signs and verifies, so its files are written with code of its own.

const FOLDER = new URL('../', import.meta.url)
/** What tests use, besides Node. */
const TEST_TOOLS = /^(?:vitest|ajv\/)/

it('the suite imports nothing but itself and Node', () => {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  expect(names.length).toBeGreaterThan(20)
  for (const name of names) {
    const file = new URL(name, FOLDER)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(/(?:\bfrom|\bimport\(?) ?'([^']+)'/g)) {
      if (specifier.startsWith('node:') || (name.startsWith('test/') && TEST_TOOLS.test(specifier))) continue
      expect(specifier, name).toMatch(/^\.\.?\//)
      expect(new URL(specifier, file).href, name).toMatch(FOLDER.href)
    }
  }
})
