import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import { character } from '../../../../test/support/unicode.ts'
import { COMMAND_NAMES } from '../../src/cli/commands.ts'
import { hideSecrets } from '../../src/cli/program/errors.ts'
import { OPTIONS } from '../../src/cli/program/options.ts'
import { hideShapes } from '../../src/redaction/hide.ts'
import { errorOf, KEYS, type Outcome, run, type Setting, temporary } from '../support/cli.ts'

// For any arguments and files: at most one line, no stack, no secret.

const TOKEN = 'FwoGZXIvYXdzEXAMPLE-session-token=='
/** A secret access key that occurs only in the arguments. */
const STRAY = 'abcDEF0123456789/+abcDEF0123456789/+abcd'

function check({ code, stdout, stderr }: Outcome, args: readonly string[]): void {
  expect([0, 1, 2]).toContain(code)
  for (const secret of [SECRET, encodeURIComponent(SECRET)]) {
    expect(stdout).not.toContain(secret)
    expect(stderr).not.toContain(secret)
  }
  expect(stderr).not.toContain(TOKEN)
  expect(stderr).not.toMatch(/\n\s+at |unexpected error/)
  if (code !== 2) return
  expect(stdout).toBe('')
  expect(stderr).not.toContain(STRAY)
  // --verbose may print other lines first.
  const isTalkative = args.some((argument) => /^-(?:v|-verbose)/.test(argument))
  if (args.some((argument) => argument !== '--no-color'))
    // Terminals wrap the message.
    expect(stderr).toMatch(isTalkative ? /(?:^|\n)sigv4-tools: (?:[^\n]+\n)+$/ : /^sigv4-tools: (?:[^\n]+\n)+$/)
}

const names = Object.keys(OPTIONS)
const word = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'get',
      'put',
      'GET',
      'post',
      's3://photos/cat.jpg',
      's3://photos/',
      'https://sts.amazonaws.com/',
    ),
  },
  { weight: 3, arbitrary: fc.constantFrom(...names.map((name) => `--${name}`), '-H', '-d', '-v', '--') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('--region=eu-west-1', '--json', '--curl', '--verbose', '--strings', '--expires=5m'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(SECRET, STRAY, TOKEN, `--${SECRET}`, `--secret-access-key=${SECRET}`, `-H${SECRET}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...names),
        fc.constantFrom(SECRET, STRAY, `a: ${SECRET}`, `a=${SECRET}`, `https://x/${SECRET}`, 'x', ''),
      )
      .map(([name, value]) => `--${name}=${value}`),
  },
  { weight: 1, arbitrary: fc.string({ unit: character, maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', '--constructor', '-', '---', '-é', '\x1b[31m', 's3://', 'https://', '='),
  },
)
// Servers would keep running. They have separate tests.
const command = fc.constantFrom(
  ...COMMAND_NAMES.filter((name) => name !== 'serve' && name !== 'debugger'),
  'help',
  '--help',
)
const LAST: Readonly<Record<string, readonly string[]>> = { proxy: ['--cors=*'], audit: ['--rate=0'] }
const args = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(command, fc.array(word, { maxLength: 7 }))
      // the last option is checked last, and lets neither the proxy nor an audit start
      .map(([first, rest]) => [first, ...rest, ...(LAST[first] ?? [])]),
  },
  {
    weight: 1,
    arbitrary: fc.array(
      word.filter((one) => one !== 'serve'),
      { maxLength: 4 },
    ),
  },
)

describe('any input', () => {
  it('exits with a code, at most one message, and no secret', async () => {
    const settings: Setting[] = [
      { env: { ...KEYS, AWS_SESSION_TOKEN: TOKEN }, stdin: `GET / HTTP/1.1\r\nauthorization: ${SECRET}\r\n\r\n` },
      { env: {}, stdin: JSON.stringify({ AccessKeyId: 'a', SecretAccessKey: SECRET, SessionToken: TOKEN }) },
      { env: { ...KEYS, AWS_REGION: 'eu-west-1' }, stdin: SECRET, columns: 80 },
    ]
    const codes = new Set<unknown>()
    await fc.assert(
      fc.asyncProperty(args, fc.constantFrom(...settings), async (typed, setting) => {
        const outcome = await run(['--no-color', ...typed], setting)
        codes.add(outcome.code)
        check(outcome, typed)
      }),
      { numRuns: 1500 },
    )
    expect([...codes].sort()).toEqual([0, 1, 2])
  })

  it('that contains the secret is rejected before it is printed', async () => {
    for (const typed of [
      ['presign', 'get', `s3://photos/${SECRET}`, '--region', 'us-east-9'],
      ['presign', 'get', 's3://photos/x', '--region', 'us-east-9', '-H', `a: ${SECRET}`, '--json'],
      ['sign', 'GET', 'https://sts.amazonaws.com/', '--query', `a=${SECRET}`, '--curl'],
      ['post', 's3://photos/x', '--region', 'us-east-9', '--field', `a=${SECRET}`],
    ])
      expect(await errorOf(typed)).toMatch(/^the arguments contain the secret access key, /)
  })

  it('is not signed with, printed, or listened with in place of the access key ID', async () => {
    for (const typed of [
      ['presign', 'get', 's3://photos/x', '--region', 'us-east-9', '--verbose'],
      ['serve', '--port', '0'],
    ]) {
      const swapped = JSON.stringify({ AccessKeyId: SECRET, SecretAccessKey: 'AKIAIOSFODNN7EXAMPLE' })
      const { code, stdout, stderr } = await run([...typed, '--credentials', '-'], { stdin: swapped })
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(/: --credentials: the access key ID and the secret access key are swapped\. /)
      expect(stderr).not.toContain(SECRET)
    }
  })

  it('is shown in messages only if it is short and plain', async () => {
    for (const typed of [STRAY, 'two words', '\x1b[31mred', 'x'.repeat(25)]) {
      const lines = [await errorOf([typed]), await errorOf(['presign', typed]), await errorOf(['sign', typed, 'x'])]
      lines.push(await errorOf(['presign', 'get', 's3://a/b', typed]), await errorOf(['presign', 'get', `--${typed}`]))
      for (const line of lines) expect(line).not.toContain(typed)
    }
    expect(await errorOf(['presign', 'get', 's3://a/b', 'typed'])).toContain(' "typed". ')
  })
})

describe('any file content', () => {
  let files: ReturnType<typeof temporary>
  beforeAll(() => {
    files = temporary()
  })
  afterAll(() => files.remove())

  const INI = `[default]\naws_access_key_id = AKIAX\naws_secret_access_key = ${SECRET}\naws_session_token = ${TOKEN}\nregion = r\n`
  const JSON_TEXT = JSON.stringify({ Version: 1, AccessKeyId: 'AKIAX', SecretAccessKey: SECRET, SessionToken: TOKEN })
  const damage = fc.array(
    fc.tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(20),
      fc.constantFrom('', '"', ' ', '\n', '\r', '[', '{', '=', '\0', 'é', '#'),
    ),
    { minLength: 1, maxLength: 3 },
  )
  const apply = (text: string, changes: [number, number, string][]): string =>
    changes.reduce((now, [at, cut, put]) => {
      const start = Math.floor(at * now.length)
      return now.slice(0, start) + put + now.slice(start + cut)
    }, text)

  it.each(['profile', 'credentials'])('of --%s is never shown in a message', async (option) => {
    const text = option === 'profile' ? INI : JSON_TEXT
    // Pieces that are long enough to matter.
    const pieces = Array.from({ length: SECRET.length - 11 }, (_, i) => SECRET.slice(i, i + 12))
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const file = files.write('damaged', apply(text, changes as [number, number, string][]))
        const setting =
          option === 'profile'
            ? { env: { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: `${files.folder}/none` } }
            : { env: {} }
        const more = option === 'profile' ? ['--profile', 'default'] : ['--credentials', file]
        const typed = ['presign', 'get', 's3://photos/x', '--region', 'us-east-9', '--verbose', ...more]
        const outcome = await run(typed, setting)
        if (outcome.code === 2) expect(outcome.stderr.split('\n').length).toBeLessThanOrEqual(3)
        for (const piece of pieces) expect(outcome.stderr).not.toContain(piece)
        expect(outcome.stderr).not.toContain(TOKEN.slice(0, 16))
      }),
      { numRuns: 400 },
    )
  })
})

describe('hiding secrets', () => {
  it('removes known secrets, and strings that look like a secret access key', () => {
    expect(hideSecrets(`a ${SECRET}b`, [SECRET])).toBe('a [secret]b')
    expect(hideSecrets(`a ${SECRET.toLowerCase()}b`, [SECRET])).toBe('a [secret]b')
    expect(hideShapes(`a ${STRAY} b`)).toBe('a [secret] b')
    expect(hideSecrets(STRAY, [SECRET])).toBe(STRAY)
    expect(hideSecrets('test is not one', ['test', undefined])).toBe('test is not one')
    const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(hideShapes(digest)).toBe(digest)
  })
})

describe('serve', () => {
  it('does not show its secrets', async () => {
    const setting = { env: { ...KEYS, AWS_SESSION_TOKEN: TOKEN }, interrupted: Promise.resolve() }
    const { code, stdout, stderr } = await run(['serve', '--port', '0', '--verbose'], setting)
    expect([code, stderr]).toEqual([0, 'access key ID: AKIDEXAMPLE, from the environment\nStopped.\n'])
    expect(stdout).toContain('AKIDEXAMPLE')
    expect(stdout + stderr).not.toMatch(/wJalr|FwoG/)
  })
})
