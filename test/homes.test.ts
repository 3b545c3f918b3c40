import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

// A fact has one home: what several folders need is not written twice.

const SRC = fileURLToPath(new URL('../src/', import.meta.url))
/** Replacements for other packages have their tables, and `explain` those of what clients and proxies do instead. */
const OTHERS = /^(?:aws4|aws4fetch|smithy|explain)(?:\/|\.ts)/

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !OTHERS.test(name))
  .map((file) => ({ file, text: readFileSync(resolve(SRC, file), 'utf8') }))

/** Returns the files that contain a pattern. */
function filesWith(pattern: RegExp): string[] {
  return sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)
}

it('the headers of one connection are in one list', () => {
  expect(filesWith(/\|keep-alive\|/)).toEqual(['core/http/headers.ts'])
})

it('the names that sign a URL are in one list', () => {
  expect(filesWith(/signedheaders\)/)).toEqual(['core/http/headers.ts'])
})
