import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND_NAMES } from '../../../src/cli/commands.ts'
import { DATE, KEYS, NOW, presigned, run, type Setting, temporary } from '../../support/cli.ts'
import { PASTES } from '../../support/pastes.ts'

const WIDTH = 80

let files: ReturnType<typeof temporary>
beforeAll(() => {
  files = temporary()
})
afterAll(() => files.remove())

/** Whether a line may be longer: it contains a value or a command to copy, perhaps after its label. */
function isWhole(line: string): boolean {
  return /^(?:.{0,24} {2})? *\S+$|^ +(?:npx|curl|AWS SDK|boto3) |^(?:authorization|x-amz-[\w-]+): /.test(line)
}

/** Runs a command at a terminal, and returns the lines that are too long. */
async function longLines(args: readonly string[], setting: Setting = {}): Promise<string[]> {
  const { stdout, stderr } = await run([...args, '--no-color'], { env: KEYS, ...setting, columns: WIDTH })
  expect(stdout + stderr).not.toBe('')
  return `${stdout}\n${stderr}`.split('\n').filter((line) => line.length > WIDTH && !isWhole(line))
}

describe('the output at 80 columns', () => {
  it.each(PASTES)('of explain, inspect and verify fits: $title', async ({ paste: stdin }) => {
    for (const args of [['explain', '--all'], ['inspect'], ['verify']])
      expect(await longLines(args, { stdin, env: args[0] === 'verify' ? KEYS : {} })).toEqual([])
  })

  it('of all commands fits, for correct, changed, and malformed URLs', async () => {
    const url = await presigned('put', '--content-type', 'image/png')
    const changed = [
      url,
      url.replaceAll('%2F', '%252F'),
      url.replaceAll('&', '&amp;'),
      `${url}abc`,
      url.slice(0, -5),
      url.replace('cat', 'dog'),
      url.replace('AKIDEXAMPLE', 'AKIDOTHER'),
      url.replace('X-Amz-Expires=900', 'X-Amz-Expires=9000000'),
    ]
    const log = files.write(
      'log',
      `> PUT ${url.slice(url.indexOf('/', 8))} HTTP/1.1\n> Host: x.example\n> Accept: */*\n> \n`,
    )
    const sent = ['--method', 'PUT', '-H', 'content-type: image/png']
    for (const each of changed) {
      for (const more of [[], sent, [...sent, ...NOW], [...NOW, '--strings']])
        expect(await longLines(['verify', each, ...more])).toEqual([])
      for (const args of [
        ['inspect', each],
        ['explain', each, '--all'],
        ['compare', url, each],
        ['compare', each, log],
      ])
        expect(await longLines(args)).toEqual([])
    }
    for (const args of [
      ['presign', 'put', 's3://photos/cat.jpg', '--region', 'eu-west-1', '--content-type', 'image/png', '--verbose'],
      ['post', 's3://photos/', '--region', 'eu-west-1', '--content-type', 'image/', '--verbose'],
      ['sign', 'GET', 's3://photos/cat.jpg', '--region', 'eu-west-1', '--now', DATE, '--verbose'],
    ])
      expect(await longLines(args)).toEqual([])
    const setting = {
      interrupted: Promise.resolve(),
      readOwn: () => '<meta http-equiv="Content-Security-Policy" content="x">',
    }
    expect(await longLines(['serve', '--port', '0', '--host', '0.0.0.0', '--cors', '*'], setting)).toEqual([])
    expect(await longLines(['debugger', '--port', '0'], setting)).toEqual([])
  })

  it('of all errors fits', async () => {
    for (const name of COMMAND_NAMES)
      for (const args of [['x', 'y', 'z'], ['--secret', 'x'], ['--nonsense'], ['--help=x']])
        expect(await longLines([name, ...args])).toEqual([])
    for (const name of ['explain', 'inspect', 'verify'])
      for (const stdin of ['\n', 'hello', '{}', '<Error/>']) expect(await longLines([name], { stdin })).toEqual([])
    expect(await longLines([])).toEqual([])
    expect(await longLines(['nonsense'])).toEqual([])
  })

  it('does not break commands in errors', async () => {
    const { stderr } = await run(['inspect', '--no-color'], { columns: WIDTH, stdin: 'hello', env: {} })
    expect(stderr.trimEnd().split('\n').length).toBeGreaterThan(4)
    expect(stderr).toContain("'npx sigv4-tools inspect --help'")
  })
})
