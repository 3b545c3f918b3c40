import { beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../../test/support/docs/compile.ts'
import { fencesOf, isProgram, pageExamples, sourceExamples } from '../../../test/support/docs/markdown.ts'
import { runWithServer } from '../support/walkthrough.ts'

// The examples compile, and what a shell prints is as shown. docs.test.ts and errors.test.ts run the examples.

const programs = [...sourceExamples(), ...pageExamples(), ...fencesOf('docs/errors.md')].filter(isProgram)

describe('an example', () => {
  const wrong = [
    "import { presignGet } from 'sigv4'\npresignGet({ bucket: 'photos' }, { credentials })",
    "import { presignNothing } from 'sigv4/sync'",
    "import { sign } from 'sigv4/elsewhere'",
    "const expires: number = '15m'",
    'await (',
  ]
  let messages: string[][]
  beforeAll(() => {
    messages = compile([...programs.map(({ code }) => code), ...wrong])
  }, 60_000)

  it.each(programs.map(({ where }, i) => [where, i] as const))('compiles: %s', (_, i) => {
    expect(messages[i]).toEqual([])
  })

  it.each(wrong.map((code, i) => [code, i] as const))('does not compile if it is wrong: %s', (_, i) => {
    expect(messages[programs.length + i]).not.toEqual([])
  })
})

describe('a session on a page', () => {
  it('in Command line prints the comparison that is shown', async () => {
    const fences = fencesOf('docs/cli.md')
    const at = fences.findIndex(({ code }) => code.includes('compare "$WORKS"'))
    expect(await runWithServer(fences[at]!.code, 'no port')).toBe(fences[at + 1]!.code)
  })

  it('in Command line ends without an error where nothing is sent', async () => {
    const shell = fencesOf('docs/cli.md').filter(({ language }) => language === 'sh')
    expect(shell[0]!.code.match(/sigv4-tools/g)!.length).toBe(8)
    // copy prints a file that only the build contains; tools/test/reference.test.ts checks it
    const code = shell[0]!.code.replace(/^.*sigv4-tools copy .*\n/m, '')
    const output = await runWithServer(code, 'no port')
    expect(output).toMatch(/^Accepted: the signature is correct\.$/m)
  })

  it('in Command line works as printed, with sigv4-tools serve', async () => {
    const shell = fencesOf('docs/cli.md').filter(({ language }) => language === 'sh')
    const session = shell.find(({ code }) => code.includes('presign put') && code.includes('AWS_ENDPOINT_URL_S3'))
    expect(await runWithServer(session!.code, '9000')).toMatch(/^hello$/m)
  })
})
