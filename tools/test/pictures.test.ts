import { expect, it } from 'vitest'
import { read } from '../../test/support/docs/markdown.ts'
import { explained, linesIn, pictures } from '../pictures.ts'

it('the pictures show what the command prints: npx tsx tools/pictures.ts', async () => {
  for (const [path, picture] of await pictures()) expect(read(path), path).toBe(picture)
})

it('the README describes its picture by the verdict', async () => {
  const [verdict = ''] = /^Proven: .*?\n\n/ms.exec(await explained()) ?? []
  const [, alt = ''] = /alt="(Proven: .*?)" src="docs\/pictures/.exec(read('README.md')) ?? []
  expect(alt.replaceAll('&quot;', '"')).toBe(verdict.trim().replaceAll('\n', ' '))
})

it('the command in the picture is the one in the README', async () => {
  const [picture = ''] = (await pictures()).values()
  const [prompt = ''] = linesIn(picture)
  expect(prompt).toMatch(/^\$ curl /)
  expect(read('README.md')).toContain(`\n${prompt.slice(2)}\n`)
})
