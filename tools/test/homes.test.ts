import ts from 'typescript'
import { expect, it } from 'vitest'
import { filesIn, read } from '../../test/support/docs/markdown.ts'
import { treeOf } from '../../test/support/tree.ts'

// A fact has one home: what several folders need is not written twice.

/** Replacements for other packages have their tables, and `explain` those of what clients and proxies do instead. */
const OTHERS = /^(?:src\/(?:aws4|aws4fetch|smithy)|packages\/sigv4-tools\/src\/(?:explain|debugger))(?:\/|\.ts)/

const sources = ['src', 'packages/sigv4-tools/src']
  .flatMap((folder) => filesIn(folder, '.ts'))
  .filter((file) => !OTHERS.test(file))
  .map((file) => ({ file, text: read(file) }))

/** Returns the files that contain a pattern. */
function filesWith(pattern: RegExp): string[] {
  return sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)
}

/** Strings that `cli` prints are not error messages, and a driver in `sync` has the messages of its counterpart. */
const PRINTED = /^(?:packages\/sigv4-tools\/src\/cli|src\/sync)\//
const SENTENCE = 25
/** Each of their files reads a scope. */
const SHARED = ['The host {} does not identify it.', 'The host {} does not identify it{}.']

/** Returns the sentences in the strings of a file; `{}` stands for a value. */
function sentencesIn(file: string): Set<string> {
  const sentences = new Set<string>()
  const visit = (node: ts.Node): void => {
    const string = ts.isStringLiteralLike(node)
      ? node.text
      : ts.isTemplateExpression(node)
        ? node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('')
        : ''
    for (const sentence of string.replace(/\{\w+\}/g, '{}').split(/(?<=[.?!]) +/))
      if (sentence.length >= SENTENCE && sentence.includes(' ')) sentences.add(sentence)
    ts.forEachChild(node, visit)
  }
  visit(treeOf(file))
  return sentences
}

it('a sentence of an error message is in one file', () => {
  const files = new Map<string, string[]>()
  for (const { file } of sources)
    if (!PRINTED.test(file))
      for (const sentence of sentencesIn(file)) files.set(sentence, [...(files.get(sentence) ?? []), file])
  expect(files.size).toBeGreaterThan(300)
  expect([...files].filter(([sentence, { length }]) => length > 1 && !SHARED.includes(sentence))).toEqual([])
})

it('the headers of one connection are in one list', () => {
  expect(filesWith(/\|keep-alive\|/)).toEqual(['src/core/http/headers.ts'])
})

it('a document of XML starts in one file', () => {
  expect(filesWith(/'<\?xml version/)).toEqual(['src/received/xml.ts'])
})

it('the names that sign a URL are in one list', () => {
  expect(filesWith(/signedheaders\)/)).toEqual(['src/core/http/headers.ts'])
})
