import type { Group, Note, SuiteFile, UnfilledTest } from '../../../../suite/format/format.ts'

/** A test that can be sent, and what its file states about it. */
export interface Case {
  readonly test: UnfilledTest
  readonly group: Group<UnfilledTest>
  readonly note: Note
  /** Missing for a sibling that is needed only to judge others. */
  readonly isSelected: boolean
}

export interface Selection {
  readonly only: readonly string[]
  readonly skip: readonly string[]
}

/** Returns all tests that runners can send, to an S3-compatible server or another service. */
export function allCases(files: readonly SuiteFile<UnfilledTest>[], isService = false): Case[] {
  return files.flatMap(({ testGroups, notes }) =>
    testGroups
      .filter(({ profile }) => (isService ? profile === 'service' : profile === 's3' || profile === 's3-post'))
      .flatMap((group) =>
        group.tests
          .filter(({ live, send }) => live !== false && send !== undefined)
          .map((test): Case => ({ test, group, note: notes[test.flags[0]!]!, isSelected: true })),
      ),
  )
}

/** Returns whether a class, or an ID in which `*` stands for anything, is that of a test. */
function matches(pattern: string, { id, flags }: UnfilledTest): boolean {
  const [start = '', ...parts] = pattern.split('*')
  const end = parts.pop()
  if (end === undefined) return id === pattern || flags.includes(pattern)
  let at = id.startsWith(start) ? start.length : id.length + 1
  for (const part of parts) {
    const found = id.indexOf(part, at)
    at = found < 0 ? id.length + 1 : found + part.length
  }
  return at <= id.length - end.length && id.endsWith(end)
}

/** Returns patterns that no test has. */
export function unknownPatterns(cases: readonly Case[], patterns: readonly string[]): string[] {
  return patterns.filter((pattern) => !cases.some(({ test }) => matches(pattern, test)))
}

/** Selects tests, and adds those without which they cannot be judged: siblings, and tests that show an effect. */
export function selectCases(cases: readonly Case[], { only, skip }: Selection): Case[] {
  const isSelected = ({ test }: Case): boolean =>
    (only.length === 0 || only.some((pattern) => matches(pattern, test))) &&
    !skip.some((pattern) => matches(pattern, test))
  const selected = cases.filter(isSelected)
  const proving = new Set(selected.map(({ test }) => test.provedBy))
  const proved = cases.filter(({ test }) => selected.some((each) => each.test === test) || proving.has(test.id))
  const siblings = new Set(proved.flatMap(({ test }) => [test.of, test.provedBy]))
  return cases
    .map((each) => ({ ...each, isSelected: selected.includes(each) }))
    .filter(({ isSelected, test }) => isSelected || siblings.has(test.id))
}

/** Returns the tests for credentials with or without a session token: with one, requests without it are wrong. */
export function casesFor(cases: readonly Case[], hasToken: boolean): Case[] {
  return cases.filter(({ test }) => (test.needs !== undefined) === hasToken)
}
