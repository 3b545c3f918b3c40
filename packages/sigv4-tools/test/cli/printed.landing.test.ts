import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { filesIn, PAGES, read } from '../../../../test/support/docs/markdown.ts'
import { ROOT } from '../../../../test/support/packed.ts'
import { checkCommand, commandsOn, printedCommands } from '../../../../tools/test/support/commands.ts'
import { loadCommands } from '../../src/cli/commands.ts'
import { needs, runWords } from '../support/printed.ts'

// Every command of `sigv4-tools` that explain, the command line and the documentation print exists, and runs.

/** Returns the strings of a source file. What a template inserts is `X`. */
function stringsIn(path: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text)
    if (ts.isTemplateExpression(node))
      found.push(node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join(''))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true))
  return found
}

const COMMANDS = await loadCommands()
const sources = ['src', 'packages/sigv4-tools/src'].flatMap((folder) => filesIn(folder, '.ts'))
const strings = sources.flatMap((path) =>
  stringsIn(path).flatMap((text) => printedCommands(text, true).map((words) => [path, words] as const)),
)

it('the commands in the sources exist, with their options', () => {
  expect(strings.length).toBeGreaterThan(60)
  // a template whose command or options are inserted is run where it is filled in
  const fixed = strings.filter(([, words]) => !words.some((word) => /X/.test(word)))
  expect(fixed.length).toBeGreaterThan(50)
  expect(fixed.flatMap(([path, words]) => checkCommand(words).map((problem) => `${path}: ${problem}`))).toEqual([])
})

/** Returns the files of the repository that a message names, and pages by their names. */
function filesNamedIn(message: string): string[] {
  const words = message.match(/(?<![\w.@:/$-])[\w@-][\w@./-]*\w/g) ?? []
  return words.filter((word) => /\.md$/.test(word) || (word.includes('/') && existsSync(join(ROOT, word))))
}

it('no message names a file of the repository, which no package contains', () => {
  const texts = sources.flatMap((path) => stringsIn(path).map((text) => [path, text] as const))
  expect(texts.length).toBeGreaterThan(5000)
  expect(texts.filter(([, text]) => filesNamedIn(text).length > 0)).toEqual([])
  const page = readFileSync(join(ROOT, 'packages/sigv4-tools/src/debugger/index.html'), 'utf8')
  expect(filesNamedIn(page)).toEqual([])
})

it.each([
  'See docs/errors.md#codes.',
  'Read errors.md',
  "Copy 'reference/sigv4.ts'.",
  'in src/core/',
  'See the README.md',
])('a message that names a file is found: %s', (message) => {
  expect(filesNamedIn(message)).toHaveLength(1)
})

describe('a printed command runs', () => {
  const examples = COMMANDS.flatMap(({ examples }) => examples.flatMap(([, line]) => printedCommands(line)))
  const documented = PAGES.filter((path) => !path.startsWith('docs/api/') && path !== 'docs/causes.md').flatMap(
    commandsOn,
  )
  const inExplain = strings
    .filter(([path]) => path.startsWith('packages/sigv4-tools/src/explain/decide'))
    .map(([, words]) => words)
  const all = [...examples, ...documented, ...inExplain].filter((words) => !words.some((word) => /X/.test(word)))
  const unique = [...new Map(all.map((words) => [words.join(' '), words])).values()]
  const runnable = unique.filter((words) => needs(words) === undefined && words.length > 1)

  it('unless it needs a shell', () => {
    expect(runnable.length).toBeGreaterThan(50)
    expect(unique.length - runnable.length).toBeLessThan(40)
  })

  it.each(runnable.map((words) => [words.join(' '), words] as const))('%s', async (_, words) => {
    const { code, stderr } = await runWords(words)
    // 1: the request in the test's log is rejected
    expect(code, stderr).toBe(['explain', 'verify', 'compare'].includes(words[0]!) && code === 1 ? 1 : 0)
  })
})
