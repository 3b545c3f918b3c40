import { describe, expect, it } from 'vitest'
import { run } from '../../../packages/sigv4-tools/test/support/cli.ts'
import { presign } from '../../../src/sync.ts'
import { CREDENTIALS } from '../../../test/support/credentials.ts'
import { read } from '../../../test/support/docs/markdown.ts'

// Sentences of the documentation that are easily wrong, each with what shows that it is true.

const credentials = { ...CREDENTIALS }
const signedFor = (url: string): string | undefined =>
  /%2F([\w-]+)%2Faws4_request/.exec(presign('GET', url, { credentials }).url)?.[1]

describe('the service of an AWS host that no table contains', () => {
  it.each(['README.md', 'llms.txt', 'docs/options.md'])('is the label before its region, as %s states', (page) => {
    expect(read(page)).toMatch(/An AWS host that no table contains is signed for the label before its region/)
    expect(signedFor('https://foobar.eu-west-1.amazonaws.com/')).toBe('foobar')
    expect(signedFor('https://a.foobar.eu-west-1.amazonaws.com/')).toBe('foobar')
  })
})

it('the output of explain starts with what was read, as Debugging states', async () => {
  const page = read('docs/debugging.md')
  expect(page).toContain('The output starts with `Read:`')
  expect(page).toContain('| the result starts with |')
  const { stdout } = await run(['explain'], { stdin: '<Error><Code>RequestTimeTooSkewed</Code></Error>' })
  expect(stdout).toMatch(/^Read: .+\n\n(?:Proven|Most likely|Possible cause|The error alone)/)
  const alone = await run([
    'explain',
    presign('GET', 'https://photos.s3.eu-west-1.amazonaws.com/a', { credentials }).url,
  ])
  expect(alone.stdout).toMatch(/^(?:Proven|Most likely|Possible cause|The error alone|The )/)
})

it('the modules that the package gets from the runtime are those in Security', () => {
  const page = read('docs/security.md')
  const listed = [...page.matchAll(/^\| `(node:\w+)` \|/gm)].map(([, name]) => name)
  const sources = ['src/crypto/runtime.ts', 'src/credentials/runtime.ts'].map(read).join('\n')
  const used = [...sources.matchAll(/getBuiltinModule\?\.\('(node:\w+)'\)/g)].map(([, name]) => name)
  expect(listed.sort()).toEqual([...new Set(used)].sort())
})

it('the result of verify has the members that Verifying requests lists', () => {
  const [, listed] = /The result is `\{ (.+?) \}`/.exec(read('docs/verifying.md'))!
  const [, declared] = /export interface VerifiedRequest \{\n([\s\S]*?)\n\}/.exec(read('src/verify/verify.ts'))!
  const members = [...declared!.matchAll(/^ {2}readonly (\w+\??):/gm)].map(([, name]) => name)
  expect(listed!.split(', ').sort()).toEqual(members.sort())
})
