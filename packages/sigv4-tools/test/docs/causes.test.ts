import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { SERVICES, withCauses } from '../../../../tools/causes.ts'
import { ORDER } from '../../src/explain/rank.ts'
import { causes, causeText } from '../../src/explain.ts'

const ROWS = new URL('../../src/explain/causes/', import.meta.url)

/** The codes of the union type in the source. */
function unionOfCauses(): string[] {
  const file = new URL('cause.ts', ROWS)
  const tree = ts.createSourceFile('cause.ts', readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true)
  const found = tree.statements.find(
    (node): node is ts.TypeAliasDeclaration => ts.isTypeAliasDeclaration(node) && node.name.text === 'Cause',
  )
  if (!found || !ts.isUnionTypeNode(found.type)) throw new Error('Cause is not a union')
  return found.type.types.map((type) => type.getText().slice(1, -1))
}

/** Verbs that start the sentences of `fix` and `check`. */
const IMPERATIVE = /^(?:(?:For signing, )?[a-z-]+|[A-Z][a-z-]+) /
/** Words that docs/causes.md does not use; see the messages of services for exceptions. */
const AVOIDED = /\b(?:another|whole|blanks?|behind|beside|nobody|mend|says?|wants?|answers?|texts?|gives?|comes?)\b/i

describe('causes', () => {
  it('has the codes of the union, in the same order', () => {
    expect(causes()).toEqual(unionOfCauses())
  })

  it('has one row for each, in one file', async () => {
    const files = readdirSync(ROWS).filter((name) => !/^(?:cause|row)\.ts$/.test(name))
    const tables = await Promise.all(files.map((name) => import(new URL(name, ROWS).href)))
    const codes = tables.flatMap((table) => Object.values(table).flatMap((rows) => Object.keys(rows as object)))
    expect(codes.sort()).toEqual(unionOfCauses().sort())
  })

  it('describes each cause in four sentences', () => {
    for (const cause of causes()) {
      const { means, happens, fix, check } = causeText(cause)
      for (const text of [means, happens, fix, check]) {
        expect(text, cause).toMatch(/^[A-Zx]\S*.*\.$/)
        expect(text, cause).not.toMatch(AVOIDED)
        expect(text.length, cause).toBeLessThan(140)
      }
      for (const text of [fix, check]) expect(text, cause).toMatch(IMPERATIVE)
      expect(means, cause).toMatch(/\b(?:was|were|did|differed|arrived|reached|contained|appeared|changed)\b/)
    }
    const means = causes().map((cause) => causeText(cause).means)
    expect(new Set(means).size).toBe(means.length)
    expect(() => causeText('nonsense' as never)).toThrow(TypeError)
  })
})

/** What precedes the causes. */
const INDEX = [
  'Error codes',
  'Error messages',
  'CORS errors',
  'The signatures differ',
  'What servers do not support',
  'How to reproduce a cause',
]

/** The rows of the messages of services. */
const MESSAGES = readFileSync(new URL('../../fixtures/service-messages/messages.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((row) => row.split('\t'))

describe('docs/causes.md', () => {
  const page = readFileSync(new URL('../../../../docs/causes.md', import.meta.url), 'utf8')
  const sections = page.split(/^## /m).slice(1)
  const ofCauses = sections.slice(INDEX.length, -1)

  it('is current', () => {
    expect(page, 'run npx tsx tools/causes.ts').toBe(withCauses(page))
  })

  it('has a section for each cause, between the index and the rule', () => {
    const titles = sections.map((section) => section.split('\n')[0])
    expect(titles).toEqual([...INDEX, ...unionOfCauses(), 'How causes are ranked'])
    expect(sections.at(-1)).toMatch(
      /reproduced[\s\S]*compared[\s\S]*visible[\s\S]*left over[\s\S]*tolerated[\s\S]*common/,
    )
  })

  it('ranks the evidence as packages/sigv4-tools/src/explain/rank.ts does', () => {
    const named: Record<string, string> = {
      'visible or compared, and named': 'named',
      visible: 'fault',
      'left over': 'left',
      named: 'told',
      tolerated: 'note',
      common: 'prior',
    }
    const rows = [...sections.at(-1)!.matchAll(/^\| ([a-z, ]+?)(?=:| by the service's)/gm)].map(
      ([, row]) => named[row!] ?? row,
    )
    // a fault may be read as something else, and what was reproduced may come after what the service names: the page describes both below the table
    const special = ['misread', 'late']
    const first = ORDER.map(([standing]) => standing).filter((standing) => !special.includes(standing!))
    expect(rows).toEqual(first)
    for (const each of [...special, 'transit']) expect(sections.at(-1)).toContain(`\n- **${each}**: `)
  })

  it('has a name for every server with messages, and for no other', () => {
    const servers = [...new Set(MESSAGES.map(([server]) => server))]
    expect(servers.sort(), 'add its name to SERVICES in tools/causes.ts').toEqual(Object.keys(SERVICES).sort())
  })

  it('lists every error code and, of the most common services, every message', () => {
    const [codes, messages] = ['Error codes', 'Error messages'].map(
      (title) => page.split(`## ${title}\n`)[1]!.split('\n## ')[0]!,
    )
    for (const [server = '', , code = '', , message = '', list] of MESSAGES) {
      if (/^[A-Z]\w+$/.test(code)) expect(codes).toContain(`\`${code}\``)
      if (!/^(?:aws-s3|aws-json|aws-query|minio|cloudflare-r2)$/.test(server) || list === 'not-auth') continue
      const words = message
        .trim()
        .toLowerCase()
        .replace(/[.,:;]$/, '')
        .replaceAll('`', "'")
        .replaceAll('|', '\\|')
      if (words.includes(' ')) expect(messages!.toLowerCase()).toContain(words)
    }
  })

  it('shows how S3 responds to a wrong region, and to a signed header from a fast clock', () => {
    const sectionOf = (cause: string): string => sections.find((section) => section.startsWith(`${cause}\n`))!
    expect(sectionOf('scope-region')).toContain(
      "- Amazon S3: `400 AuthorizationHeaderMalformed The authorization header is malformed; the region '{sent}' is wrong; expecting '{region}'`",
    )
    expect(sectionOf('clock-future')).toContain('- Amazon S3: `403 RequestTimeTooSkewed ')
  })

  it('does not contain links to the source of the debugger, or empty code', () => {
    expect(page).not.toContain('packages/sigv4-tools/src/debugger/index.html')
    expect(page).not.toMatch(/: ``$/m)
  })

  it('has an example, commands, services, a check and a fix for each cause', () => {
    expect(ofCauses.map((section) => section.split('\n')[0])).toEqual(causes())
    for (const section of ofCauses) {
      const title = section.split('\n')[0]
      expect(section, title).toMatch(/```diff\n(?:- .+\n)+(?:\+ .+\n)+```/)
      expect(section.match(/```sh\n((?:.+\n){1,4})```/), title).not.toBeNull()
      expect(section.match(/^- .+: `.+`$|the signatures differ|The same as for/gm)?.length ?? 0, title).toBeGreaterThan(
        0,
      )
      expect(section.match(/^- .+: `.+`$/gm)?.length ?? 0, title).toBeLessThanOrEqual(8)
      expect(section, title).toMatch(/\*\*Check\.\*\* [\s\S]*\*\*Fix\.\*\* /)
    }
  })
})
