import { describe, expect, it } from 'vitest'
import { allCases, ownFiles, selectCases, unknownPatterns } from '../../src/programs/suite/audit/select.ts'
import { SERVERS } from '../../tools/servers.ts'
import { HEADER, KNOWN, type Known, mergeRows, tableRow } from '../../tools/suite/table.ts'
import type { AuditJson } from '../servers/audit.ts'
import { readBlock } from '../support/docs/markdown.ts'

// The table of servers in docs/suite.md: it names findings of security only if they are public.

const SERVER = { name: 'a', site: 'https://a.example', configuration: '`--verify`' }
const PUBLIC: Known = {
  server: 'a',
  versions: ['1.0'],
  findings: ['CopySourceSmuggling'],
  public: 'https://a.example/1',
  fixed: '1.1',
}

const test = (id: string, flag: string, more: Partial<AuditJson['tests'][number]> = {}) => ({
  ...{ id, flags: [flag], verdict: 'accepted', severity: 'security' },
  ...more,
})

const REPORT: AuditJson = {
  verifies: true,
  requests: 9,
  tests: [
    test('presigned/put-copy-source', 'CopySourceSmuggling', { hasEffect: true }),
    test('presigned/copy-directive', 'CopySourceSmuggling'),
    test('header/host-unsigned', 'HostNotSigned'),
    test('header/scope-yesterday', 'ScopeDate', { severity: 'interoperability' }),
    test('post/form', 'PostSignature', { severity: 'interoperability', verdict: 'rejected' }),
    { id: 'header/get', flags: ['BadSignature'], verdict: 'right' },
    { id: 'header/v2', flags: ['V2Downgrade'], verdict: 'either' },
    { id: 'header/no-date', flags: ['DateForm'], verdict: 'untested' },
    { id: 'header/garbage', flags: ['AnonymousFallback'], verdict: 'error' },
  ],
}

describe('a row', () => {
  it('names what is public, with its effect, and counts the rest', () => {
    expect(tableRow(SERVER, '1.0', '2026-01-02', REPORT, [PUBLIC])).toBe(
      '| [a](https://a.example) 1.0 | `--verify` | 2026-01-02 | 2 | CopySourceSmuggling 2 (1 with an effect): [public](https://a.example/1), fixed in 1.1; 1 not published | 1 | 1 | 1 | 1 |',
    )
  })

  it.each([
    ['of a different version', [{ ...PUBLIC, versions: ['1.1'] }]],
    ['of a different server', [{ ...PUBLIC, server: 'b' }]],
    ['of other tests', [{ ...PUBLIC, findings: ['ClockSkew'] }]],
    ['that excludes them', [{ ...PUBLIC, except: ['presigned/*'] }]],
    ['that does not exist', []],
  ])('names nothing because of an entry %s', (_, list) => {
    const row = tableRow(SERVER, '1.0', '2026-01-02', REPORT, list)
    expect(row).toContain('| 3 not published |')
    expect(row).not.toMatch(/Smuggling|HostNotSigned|public\]/)
  })

  it('has a summary instead of the classes if the entry has one', () => {
    const entry = { ...PUBLIC, findings: ['presigned/*'], summary: 'does not verify URLs' }
    const row = tableRow(SERVER, '1.0', '2026-01-02', REPORT, [entry])
    expect(row).toContain(
      '| does not verify URLs, in 2 tests: [public](https://a.example/1), fixed in 1.1; 1 not published |',
    )
  })

  it('of a server that does not verify is reported only if that is public', () => {
    const none = { verifies: false, requests: 8, tests: [] }
    const entry = { ...PUBLIC, findings: ['*'], summary: 'does not verify signatures' }
    expect(tableRow(SERVER, '1.0', '2026-01-02', none, [entry])).toContain('does not verify signatures: [public]')
    expect(tableRow(SERVER, '1.0', '2026-01-02', none, [PUBLIC])).toContain('| not published |')
  })
})

describe('the table', () => {
  it('keeps the rows of servers that were not run, in the order of the list', () => {
    const servers = ['a', 'b'].map((name) => ({ name, site: `https://${name}.example` }))
    const row = (name: string, version: string, right: number) =>
      `| [${name}](https://${name}.example) ${version} | ${right} |`
    const table = [...HEADER, row('b', '1.0', 1), row('b', '2.0', 2), row('c', '1.0', 3)].join('\n')
    const merged = mergeRows(table, [row('b', '2.0', 4), row('a', '1.0', 5)], servers)
    expect(merged.split('\n')).toEqual([...HEADER, row('a', '1.0', 5), row('b', '1.0', 1), row('b', '2.0', 4)])
  })

  it('of the page has at least ten servers, sigv4 serve without a finding, and names no class that is not public', () => {
    const rows = readBlock('docs/suite.md', 'audits').split('\n')
    expect(rows.slice(0, HEADER.length)).toEqual(HEADER)
    const own = rows.slice(HEADER.length).map((row) => row.split(' | '))
    expect(new Set(own.map(([name]) => name)).size).toBeGreaterThanOrEqual(10)
    expect(own[0]!.slice(3)).toEqual([expect.stringMatching(/^[5-9]\d\d$/), '0', '0', '0', '1', '0 |'])
    const cases = allCases(ownFiles())
    const flags = new Set(cases.map(({ test }) => test.flags[0]!))
    for (const [first, ...cells] of own) {
      const [, server, version] = /^\| \[(.+)\]\(\S+\) (\S+)$/.exec(first!)!
      const entries = KNOWN.filter((entry) => entry.server === server && entry.versions.includes(version!))
      const known = entries.flatMap(({ findings: only, except: skip = [] }) => selectCases(cases, { only, skip }))
      const isKnown = new Set(known.filter(({ isSelected }) => isSelected).map(({ test }) => test.flags[0]!))
      const named = [...cells.join(' | ').matchAll(/\b[A-Z][A-Za-z\d]+\b/g)].map(([name]) => name)
      expect(named.filter((name) => flags.has(name) && !isKnown.has(name))).toEqual([])
    }
  })
})

describe('what is public', () => {
  const cases = allCases(ownFiles())

  it.each(KNOWN)(
    'of $server $versions has a server, tests, and a link',
    ({ server, versions, findings, except = [], ...more }) => {
      expect(SERVERS.map(({ name }) => name)).toContain(server)
      expect(versions.length).toBeGreaterThan(0)
      expect(unknownPatterns(cases, [...findings, ...except])).toEqual([])
      expect(more.public).toMatch(/^https:\/\/\S+$/)
    },
  )
})
