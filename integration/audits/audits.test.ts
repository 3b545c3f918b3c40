import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { allCases, unknownPatterns } from '../../packages/sigv4-tools/src/audit/select.ts'
import { FILES } from '../../suite/test/files.ts'
import { LINKING, read, readBlock } from '../../test/support/docs/markdown.ts'
import { SERVERS } from '../../tools/servers.ts'
import type { AuditJson } from '../servers/audit.ts'
import { auditRunning, createReports } from './audits.ts'
import { countsIn } from './counts.ts'
import { checkRow, HEADER, KNOWN, type Known, mergeRows, tableRow } from './table.ts'

// The table of servers in docs/suite.md: of the servers of others, it contains only what is public.

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

const START = '| [a](https://a.example) 1.0 | `--verify` | 2026-01-02 |'

describe('a row', () => {
  it('has the public findings that the audit found, and no numbers', () => {
    expect(tableRow(SERVER, '1.0', '2026-01-02', REPORT, [PUBLIC])).toBe(
      `${START} CopySourceSmuggling: [public](https://a.example/1), fixed in 1.1 |`,
    )
  })

  it.each([
    ['of a different version', [{ ...PUBLIC, versions: ['1.1'] }]],
    ['of a different server', [{ ...PUBLIC, server: 'b' }]],
    ['of other tests', [{ ...PUBLIC, findings: ['ClockSkew'] }]],
    ['that excludes them', [{ ...PUBLIC, except: ['presigned/*'] }]],
    ['that does not exist', []],
  ])('has nothing because of an entry %s', (_, list) => {
    expect(tableRow(SERVER, '1.0', '2026-01-02', REPORT, list)).toBe(`${START} nothing public |`)
  })

  it('is the same whatever else an audit finds', () => {
    const rows = [REPORT.tests, REPORT.tests.slice(0, 2), REPORT.tests.slice(0, 4)].map((tests) =>
      tableRow(SERVER, '1.0', '2026-01-02', { ...REPORT, tests }, [PUBLIC]),
    )
    const none = [REPORT.tests, [], REPORT.tests.slice(5)].map((tests) =>
      tableRow(SERVER, '1.0', '2026-01-02', { ...REPORT, tests }, []),
    )
    expect([new Set(rows).size, new Set(none).size]).toEqual([1, 1])
  })

  it('has a summary instead of the classes if the entry has one', () => {
    const entry = { ...PUBLIC, findings: ['presigned/*'], summary: 'does not verify URLs' }
    expect(tableRow(SERVER, '1.0', '2026-01-02', REPORT, [entry])).toBe(
      `${START} does not verify URLs: [public](https://a.example/1), fixed in 1.1 |`,
    )
  })

  it('of a server that does not verify is reported only if that is public', () => {
    const none = { verifies: false, requests: 8, tests: [] }
    const entry = { ...PUBLIC, findings: ['*'], summary: 'does not verify signatures' }
    expect(tableRow(SERVER, '1.0', '2026-01-02', none, [entry])).toContain('does not verify signatures: [public]')
    expect(tableRow(SERVER, '1.0', '2026-01-02', none, [PUBLIC])).toBe(`${START} nothing public |`)
  })

  it('has counts of sigv4-tools serve', () => {
    const own = { ...SERVER, name: 'sigv4-tools serve' }
    const row = tableRow(own, '1.0', '2026-01-02', REPORT)
    expect(row).toMatch(/ \| right: 2, accepted: 4, rejected: 1, untested: 1, error: 1 \|$/)
    checkRow(row)
  })

  it.each([
    '12 not published',
    'not published',
    '585 | 12 not published | 5 | 3 | 7 | 2',
    'nothing public; 1 more',
    'right: 585, accepted: 17, rejected: 3, untested: 7, error: 2',
    'HostNotSigned: [public](https://a.example/1), fixed in 1.1',
    'CopySourceSmuggling 2: [public](https://a.example/1), fixed in 1.1',
    'CopySourceSmuggling: [public](https://a.example/1), fixed in 1.1; HostNotSigned',
    'CopySourceSmuggling',
    '',
  ])('is not written with %j', (cell) => {
    const row = `${START} ${cell} |`
    expect(() => checkRow(row, [PUBLIC])).toThrow('known.json does not make public')
    const servers = [SERVER]
    expect(() => mergeRows([...HEADER, row].join('\n'), [], servers, [PUBLIC])).toThrow('known.json')
    expect(() => mergeRows(HEADER.join('\n'), [row], servers, [PUBLIC])).toThrow('known.json')
  })
})

describe('the table', () => {
  it('keeps the rows of servers that were not run, in the order of the list', () => {
    const servers = ['a', 'b'].map((name) => ({ name, site: `https://${name}.example` }))
    const row = (name: string, version: string, day: number) =>
      `| [${name}](https://${name}.example) ${version} | default | 2026-01-0${day} | nothing public |`
    const table = [...HEADER, row('b', '1.0', 1), row('b', '2.0', 2), row('c', '1.0', 3)].join('\n')
    const merged = mergeRows(table, [row('b', '2.0', 4), row('a', '1.0', 5)], servers)
    expect(merged.split('\n')).toEqual([...HEADER, row('a', '1.0', 5), row('b', '1.0', 1), row('b', '2.0', 4)])
  })

  const rows = readBlock('docs/suite.md', 'audits').split('\n')

  it('of the page has at least ten servers, and sigv4-tools serve without a finding', () => {
    expect(rows.slice(0, HEADER.length)).toEqual(HEADER)
    const own = rows.slice(HEADER.length)
    expect(new Set(own.map((row) => row.slice(0, row.indexOf(']')))).size).toBeGreaterThanOrEqual(10)
    const serve = `right: ${allCases(FILES).filter(({ test }) => test.needs === undefined).length - 1}`
    expect(own[0]).toContain(`| ${serve}, accepted: 0, rejected: 0, untested: 1, error: 0 |`)
  })

  it.each(rows.slice(HEADER.length))('of the page contains only what is public: %s', (row) => {
    checkRow(row)
    const [server = '', configuration] = row.slice(2).split(' | ')
    const listed = SERVERS.filter(({ name, site }) => server.startsWith(`[${name}](${site}) `))
    expect(listed.map((each) => each.configuration)).toContain(configuration)
  })

  it.each(rows.slice(HEADER.length + 1))('of the page would be rejected with a count: %s', (row) => {
    const start = row.split(' | ').slice(0, 3).join(' | ')
    const [, cell = ''] = / \| ([^|]+) \|$/.exec(row)!
    const counts = ['right: 585, accepted: 17, rejected: 3, untested: 7, error: 2', '3', `${cell}; 3 more`, `3 ${cell}`]
    for (const count of [...counts, `${cell} | 3`, cell.replace(':', ' 2:')])
      if (count !== cell) expect(() => checkRow(`${start} | ${count} |`), count).toThrow('known.json')
  })
})

// The prose about servers must contain only what is public, too.
describe('pages', () => {
  it('do not count findings that are not published', () => {
    expect(LINKING.filter((page) => /\bnot published\b|\bunpublished\b/i.test(read(page)))).toEqual([])
  })

  it.each(LINKING)('do not count what the server of others accepts: %s', (page) => {
    expect(countsIn(read(page))).toEqual([])
  })

  it.each([
    'The audit of MinIO has 17 findings.',
    'An audit finds two holes in Ceph 16.2.15, and none in `serve`.',
    'versitygw: 12 of 620 requests are wrongly accepted.',
    '12 of the requests that S3 rejects are accepted by Garage.',
    'LocalStack accepts 45 requests that S3 rejects.',
    'rclone 1.76.0, findings of security: 3',
    '| server | right |\n| --- | --- |\n| SeaweedFS | right: 585, accepted: 17, rejected: 3 |',
    '| server | version | wrongly accepted |\n|---|---|---|\n| Moto | 5.2.5 | 17 |',
    '| server | cases, rejected |\n|---|---|\n| Ceph, `radosgw` | 721, 465 |',
    '| server | findings of security |\n| --- | --- |\n| [s3proxy](https://a.example) 2.9.0 | ClockSkew 2 |',
    '| server | findings of security |\n| --- | --- |\n| [s3proxy](https://a.example) 2.9.0 | nothing public; 1 more |',
  ])('with a count are found: %j', (text) => {
    expect(countsIn(text)).toHaveLength(1)
  })

  it.each([
    '`sigv4-tools serve` has 0 findings, and right: 619, accepted: 0.',
    '| server | findings of security |\n| --- | --- |\n| [sigv4-tools serve](cli.md) 0.1.0 | right: 619, accepted: 0 |',
    '| server | findings of security |\n| --- | --- |\n| [a](https://a.example) [s3proxy](https://b.example/12) 2.9.0 | ClockSkew: [public](https://a.example/205), fixed in 4.1.1 |',
    'LocalStack, versitygw, and MinIO each accept what it signs, and 12 runtimes produce the same bytes.',
    'Ceph 16.2 accepts any region.',
    '`npm run test:all -- servers` compares it with versitygw on 450 policies and forms.',
  ])('without one are not found: %j', (text) => {
    expect(countsIn(text)).toEqual([])
  })
})

describe('reports', () => {
  const own = SERVERS[0]!
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reports-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('of a server are its results as JSON, and a private report that names it', async () => {
    const reports = join(folder, 'new')
    await createReports(reports)
    const running = await own.start(() => {})
    try {
      const row = await auditRunning(own, running, () => {}, reports)
      expect(row).toMatch(/ \| right: 6\d\d, accepted: 0, /)
    } finally {
      await running.stop()
    }
    const files = [`sigv4-tools-serve-${running.version}.json`, `sigv4-tools-serve-${running.version}.md`]
    expect(readdirSync(reports).sort()).toEqual(files)
    const [json = '', report = ''] = files.map((file) => readFileSync(join(reports, file), 'utf8'))
    expect(JSON.parse(json).verifies).toBe(true)
    expect(report).toMatch(/^\*\*Confidential: for the maintainers /)
    expect(report).toContain(
      `\n- **Version and configuration**: sigv4-tools serve ${running.version}, \`--region us-east-1\`\n`,
    )
    expect(`${json}${report}`).not.toContain(running.credentials.secretAccessKey)
    for (const file of files) expect(statSync(join(reports, file)).mode & 0o077).toBe(0)
  })

  it('are written to a new folder outside of the repository only', async () => {
    writeFileSync(join(folder, 'a.json'), '')
    await expect(createReports(folder)).rejects.toThrow('--reports must be a new folder, or an empty one.')
    const repository = join(folder, 'repository')
    mkdirSync(join(repository, '.git'), { recursive: true })
    await expect(createReports(join(repository, 'reports'))).rejects.toThrow('is in a git repository')
  })
})

describe('what is public', () => {
  const cases = allCases(FILES)

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
