import { describe, expect, it } from 'vitest'
import { PAGES, read } from '../../../test/support/docs/markdown.ts'
import { FIGURES } from '../../figures.ts'

// Every number that was measured or counted is one of tools/figures.ts, which compares it with what its command prints
// today, or is listed here with the command.

/** Numbers with a unit that is measured, or of things that are counted. */
const NUMBER =
  /(?<![\w.,-])\d(?:[\d.,]*\d)?(?:(?: ?(?:µs|ns|kB|MB|%|×)(?!\w))|\s(?:(?!if |the |or |for )[\w-]+ ){0,2}(?:assertions|calls|cases|engines|examples|hosts|lines|policies|projects|readers|requests|runtimes|servers|signatures|tests|texts|threads|URLs|vectors|ways)\b)/g

/** Pages that a command writes as a whole. */
const GENERATED = /^docs\/(?:api\/|(?:benchmarks|causes|options)\.md$)/

/** Numbers that no command compares: limits, defaults, rules of services, and what takes too long to measure each time. */
const STATED: Readonly<Record<string, readonly string[]>> = {
  'docs/cli.md': ['200 lines'], // the limit of tools/test/reference.test.ts
  'suite/README.md': ['800 requests'], // npm run suite
  'docs/comparison.md': ['3 ×'], // of an explanation
  'docs/post-forms.md': ['20 kB', '2 kB'], // S3's limits
  'docs/proxy.md': ['8 MB', '100 requests', '5%', '50%'], // when the AWS CLI starts a multipart upload; limits of the proxy
  'docs/suite.md': ['20 requests', '600 requests'], // the default of --rate; npx sigv4-tools audit --list
  'docs/tokens.md': ['80%'], // a rule of Kubernetes
  // the limit of npm test; tests and commands in the same row or sentence
  'docs/testing.md': ['95%', '2,000 requests', '3,800 ways', '97.0%', '96.4%', '85%', '300 requests', '20 MB'],
  'docs/upload-widgets.md': ['20 MB', '108 lines'], // the size of a file in a test; the example of Uppy when it was compared
  'docs/migrating/from-smithy-signature-v4.md': ['100,000 random calls'], // npx vitest run test/smithy
}

/** The page with spaces in place of code, targets of links, and tables that a command writes. */
function textOf(markdown: string): string {
  const blank = (text: string): string => text.replace(/[^\n]/g, ' ')
  return markdown
    .replace(/^( *)```.*?^\1```$/gms, blank)
    .replace(/^<!-- ([\w-]+): .*?^<!-- \1 end -->$/gms, blank)
    .replace(/`[^`\n]*`/g, blank)
    .replace(/\]\([^)\n]*\)/g, blank)
}

/** Where the figures of a page are. */
function figuresOf(page: string, markdown: string): number[] {
  return FIGURES.filter((each) => each.page === page).flatMap(({ pattern }) => {
    const match = pattern.exec(markdown)
    return match ? [match.index + match[0].lastIndexOf(match[1]!)] : []
  })
}

function uncovered(page: string, markdown: string): string[] {
  const figures = figuresOf(page, markdown)
  const stated = STATED[page] ?? []
  return [...textOf(markdown).matchAll(NUMBER)]
    .filter(({ index }) => !figures.includes(index))
    .map(([number]) => number.replace(/\s+/g, ' '))
    .filter((number) => !stated.includes(number))
}

describe('the numbers of the documentation', () => {
  it.each(PAGES.filter((page) => !GENERATED.test(page)))('are figures, or listed with their reason: %s', (page) => {
    expect(uncovered(page, read(page))).toEqual([])
  })

  it.each(Object.keys(STATED))('are still on the page, if they are listed: %s', (page) => {
    const numbers = [...textOf(read(page)).matchAll(NUMBER)].map(([number]) => number.replace(/\s+/g, ' '))
    expect(STATED[page]!.filter((number) => !numbers.includes(number))).toEqual([])
  })

  it('are found', () => {
    expect(uncovered('README.md', 'It has 12 servers, needs 5.3 µs, and `30 calls` of S3 servers.')).toEqual([
      '12 servers',
      '5.3 µs',
    ])
  })
})
