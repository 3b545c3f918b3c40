import { readdirSync, readFileSync } from 'node:fs'
import type { Group, SuiteFile, Test } from '../format/format.ts'

// The files of the suite, as anyone reads them.

export const FOLDER = new URL('../', import.meta.url)

export const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== 'schema.json')

export function readText(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8')
}

export const FILES = NAMES.map((name) => JSON.parse(readText(name)) as SuiteFile)

export const GROUPS: readonly Group[] = FILES.flatMap(({ testGroups }) => testGroups)

/** All tests with their groups. */
export const TESTS: readonly (readonly [test: Test, group: Group])[] = GROUPS.flatMap((group) =>
  group.tests.map((test) => [test, group] as const),
)
