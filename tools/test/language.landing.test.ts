import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../../test/support/packed.ts'
import { ENTRIES } from '../entries.js'

// Some engines lack recent features: Hermes 0.12 has no `at`, Node 18 no `toSorted`. This test needs none of them
// installed.

/** The library of every engine: ECMAScript 2020, and `replaceAll`, `Object.hasOwn`, and the cause of an error. */
const LIBRARIES = ['es2020', 'es2021.string', 'es2022.object', 'es2022.error', 'dom', 'dom.iterable']

/** The entries of the library, for all engines. */
const entries = ENTRIES.map(({ name }) => `src/${name}.ts`)

function problems(files: string[]): string[] {
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')).compilerOptions,
      lib: LIBRARIES,
      types: [],
    },
    ROOT,
  )
  const program = ts.createProgram(files, options)
  const all = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
  // it is checked whether it exists
  return all.filter(
    (text) => !/\/(?:aws4\/environment|credentials\/runtime)\.ts: Cannot find name 'process'/.test(text),
  )
}

describe('the sources of the entries', () => {
  it('use nothing that an engine lacks', () => {
    expect(entries.length).toBeGreaterThan(4)
    expect(problems(entries.map((name) => join(ROOT, name)))).toEqual([])
  })
})
