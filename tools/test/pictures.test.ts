import { expect, it } from 'vitest'
import { read } from '../../test/support/docs/markdown.ts'
import { explained, pictures } from '../pictures.ts'

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
  const shown = /\$ (curl .*?)<\/text>/.exec(picture)![1]!.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
  expect(read('README.md')).toContain(`\n${shown}\n`)
})
