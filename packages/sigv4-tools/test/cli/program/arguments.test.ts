import { describe, expect, it } from 'vitest'
import { COMMAND_NAMES } from '../../../src/cli/commands.ts'
import { nearest } from '../../../src/cli/program/nearest.ts'
import { errorOf, run, succeed } from '../../support/cli.ts'

const OBJECT = 's3://photos/cat.jpg'
const get = (...more: string[]): string[] => ['presign', 'get', OBJECT, '--region', 'eu-west-1', ...more]

describe('a command', () => {
  it.each([
    [[], 2],
    [['--help'], 0],
    [['-h'], 0],
    [['help'], 0],
    [['--no-color', '--help'], 0],
  ])('%j prints the overview or an error', async (args, code) => {
    const { code: actual, stdout, stderr } = await run(args)
    expect(actual).toBe(code)
    if (code === 0) expect([stdout, stderr]).toEqual([expect.stringContaining('Usage: npx sigv4-tools COMMAND'), ''])
    else expect(stdout).toBe('')
  })

  it('that is unknown is rejected with a suggestion', async () => {
    expect(await errorOf(['presgin'])).toBe('unknown command "presgin". Did you mean presign?')
    expect(await errorOf(['help', 'vrify'])).toBe('unknown command "vrify". Did you mean verify?')
    expect(await errorOf(['upload'])).toBe(`unknown command "upload". The commands are ${COMMAND_NAMES.join(', ')}.`)
    expect(await errorOf(['--json', 'presign'])).toMatch(/^the command must precede its options\.$/)
    expect(await errorOf(['constructor'])).toMatch(/^unknown command "constructor"/)
  })

  it('prints the version', async () => {
    expect(await succeed(['--version'])).toBe('1.2.3\n')
    expect(await succeed(['-V'])).toBe('1.2.3\n')
  })
})

describe('an option', () => {
  it.each([
    [['--regoin', 'x'], 'unknown option "--regoin". Did you mean --region?'],
    [['--cotnent-type=x'], 'unknown option "--cotnent-type". Did you mean --content-type?'],
    [['--reg', 'x'], 'unknown option "--reg". Did you mean --region?'],
    [['--zzzzzzzzz'], `unknown option "--zzzzzzzzz" for 'sigv4-tools presign'.`],
    [['-x'], `unknown option "-x" for 'sigv4-tools presign'.`],
    [['--__proto__'], `unknown option "--__proto__" for 'sigv4-tools presign'.`],
    [['--constructor=1'], `unknown option "--constructor" for 'sigv4-tools presign'.`],
    [['--data', 'x'], "--data is not an option of 'sigv4-tools presign'."],
    [['--method', 'PUT'], "--method is not an option of 'sigv4-tools presign'. The method is the first argument."],
    [['--port=1'], "--port is not an option of 'sigv4-tools presign'."],
    [['--json=yes'], '--json does not accept a value.'],
    [['--expires'], '--expires requires a value: --expires TIME.'],
    [
      ['--expires', '--json'],
      '--expires requires a value: --expires TIME. If the value starts with a dash, write --expires=-….',
    ],
    [['-H'], "-H requires a value: -H 'NAME: VALUE'."],
    [['--json', '--curl'], '--json and --curl cannot be combined.'],
    [['--profile', 'x', '--credentials', 'y'], '--credentials and --profile cannot be combined.'],
    [['another'], 'unexpected argument "another". Quote arguments that contain spaces or &.'],
    [['--', '--json'], 'unexpected argument "--json". Quote arguments that contain spaces or &.'],
  ])('%j is rejected in one line', async (more, message) => {
    expect(await errorOf(get(...more))).toBe(message)
  })

  it.each([
    '--secret-access-key',
    '--secret',
    '--aws-secret-access-key',
    '--session-token',
    '--access-key-id',
    '--password',
  ])('%s is rejected with a reason, without its value', async (option) => {
    for (const more of [[option, 'hush-hush'], [`${option}=hush-hush`]]) {
      const line = await errorOf(get(...more))
      expect(line).toContain(`unknown option "${option}". Credentials are not accepted as arguments`)
      expect(line).not.toContain('hush')
    }
  })

  it('is accepted in every form', async () => {
    const [, signed] = /X-Amz-SignedHeaders=([^&]*)/.exec(
      (await run(get('-H', 'a: 1', '-Hb: 2', '--header', 'c: 3', '--header=d: 4', '--header=-e:5'))).stdout,
    )!
    expect(signed).toBe('-e%3Ba%3Bb%3Bc%3Bd%3Bhost')
  })

  it('uses the last value if it is repeated', async () => {
    expect(await succeed(get('--expires', '5m', '--expires=90s'))).toContain('X-Amz-Expires=90&')
  })

  it('is accepted in any position after the command', async () => {
    const date = ['--now', '2026-01-31T12:00:00Z']
    const expected = await succeed(get(...date))
    expect(await succeed(['presign', ...date, '--region=eu-west-1', 'get', OBJECT])).toBe(expected)
    expect(await succeed(['presign', '--region=eu-west-1', ...date, '--', 'GET', OBJECT])).toBe(expected)
  })
})

describe('the suggested name', () => {
  it.each([
    ['expire', 'expires'],
    ['exipres', 'expires'],
    ['curll', 'curl'],
    ['verifi', 'verify'],
    ['q', undefined],
    ['', undefined],
    ['something-else', undefined],
    ['x'.repeat(1_000_000), undefined],
  ])('for %.20s is %s', (typed, expected) => {
    expect(nearest(typed, ['expires', 'curl', 'verify', 'presign', 'region'])).toBe(expected)
  })
})
