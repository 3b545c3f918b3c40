import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { explain } from '../src/explain.ts'

// The example of the manual prints what stands behind it.

it('explain says what the manual says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, text = ''] = /## My signature was refused\n.*?```ts\n(.*?)```/s.exec(readme) ?? []
  const promised = [...text.matchAll(/^\/\/ (.*)$/gm)].map(([, line]) => line)
  expect(promised.length).toBe(2)
  const printed: string[] = []
  const program = ts.transpile(text.replace(/^import .*$/gm, ''), { target: ts.ScriptTarget.ES2022 })
  new Function('explain', 'console', program)(explain, { log: (line: string) => printed.push(line) })
  expect(printed).toEqual(promised)
})
