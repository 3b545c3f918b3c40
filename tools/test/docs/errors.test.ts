import ts from 'typescript'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fences, read, readBlock } from '../../../test/support/docs/markdown.ts'
import { promised, run } from '../../../test/support/docs/run.ts'
import { refusals } from '../../refusals.ts'

// docs/errors.md has a section for every code that users can see. Its examples fail and succeed as they promise.

/** Returns the strings of an exported union. */
function membersOf(file: string, name: string): string[] {
  const tree = ts.createSourceFile(file, read(file), ts.ScriptTarget.ES2022, true)
  const union = tree.statements.find((node) => ts.isTypeAliasDeclaration(node) && node.name.text === name)
  return (union?.getText().match(/'[^']+'/g) ?? []).map((member) => member.slice(1, -1))
}

const UNIONS = ['SigV4ErrorCode', 'ArgumentErrorCode', 'SigV4VerifyErrorCode']
const codes = UNIONS.flatMap((name) => membersOf('src/core/errors.ts', name))
const reasons = membersOf('src/s3/post/policy.ts', 'PolicyReason')

const sections = read('docs/errors.md')
  .split(/^### /m)
  .slice(1)
  .filter((section) => !section.startsWith('All refusals\n'))
  .map((section) => {
    const [title, ...lines] = section.split('\n')
    const examples = fences(lines.join('\n'), String)
    return { title: title!, kinds: examples.map(({ info }) => info), programs: examples.map(({ code }) => code) }
  })

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('docs/errors.md', () => {
  it('has the rows of the table of refusals', () => {
    const page = read('docs/errors.md')
    expect(readBlock('docs/errors.md', 'refusals')).toBe(refusals())
    expect(page.split('\n').filter((line) => line.startsWith('| `…_'))).toHaveLength(62)
  })

  it('has a section for each code, and for each reason of a policy violation', () => {
    expect(codes.length).toBeGreaterThan(20)
    expect(reasons.length).toBeGreaterThan(5)
    expect(sections.map(({ title }) => title).sort()).toEqual([...codes, ...reasons].sort())
  })

  // tools/test/docs/examples.landing.test.ts compiles them
  it('has an example that fails and one that succeeds in each section', () => {
    for (const { title, kinds } of sections) expect(kinds, title).toEqual(['wrong', 'right'])
  })

  it.each(sections.map(({ title, programs }) => [title, programs[0]!, programs[1]!] as const))(
    '%s',
    async (title, wrong, right) => {
      if (title === 'ERR_SIGV4_CRYPTO_UNAVAILABLE') {
        vi.stubGlobal('crypto', {})
        vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
      }
      if (codes.includes(title)) {
        await expect(run(wrong)).rejects.toMatchObject({ code: title })
        expect(await run(right)).toBe('')
      } else {
        expect([await run(wrong), promised(wrong)]).toEqual([title, title])
        expect([await run(right), promised(right)]).toEqual(['undefined', 'undefined'])
      }
    },
  )
})
