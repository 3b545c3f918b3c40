import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { causes, causeText } from '../src/explain.ts'
import { causesPage } from './causes.ts'

/** The codes of the union, as the source has them. */
function unionOfCauses(): string[] {
  const file = new URL('../src/explain/causes.ts', import.meta.url)
  const tree = ts.createSourceFile('causes.ts', readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true)
  const found = tree.statements.find(
    (node): node is ts.TypeAliasDeclaration => ts.isTypeAliasDeclaration(node) && node.name.text === 'Cause',
  )
  if (!found || !ts.isUnionTypeNode(found.type)) throw new Error('Cause is no union')
  return found.type.types.map((type) => type.getText().slice(1, -1))
}

describe('the causes', () => {
  it('are the same in the union and in the table, in the same order', () => {
    expect(causes()).toEqual(unionOfCauses())
  })

  it('have each three sentences of their own', () => {
    const texts = causes().flatMap((cause) => Object.values(causeText(cause)))
    for (const text of texts) {
      expect(text).toMatch(/^(?:[A-Z]|[\w-]+ )\S.*\.$/)
      expect(text.length).toBeLessThan(140)
    }
    const means = causes().map((cause) => causeText(cause).means)
    expect(new Set(means).size).toBe(means.length)
    expect(() => causeText('nonsense' as never)).toThrow(TypeError)
  })

  it('have each a section in docs/causes.md, made of the same words', () => {
    const page = readFileSync(new URL('../docs/causes.md', import.meta.url), 'utf8')
    expect(page, 'run npm run docs:causes').toBe(causesPage())
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, code]) => code)).toEqual(unionOfCauses())
  })
})
