import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadCommands } from '../../../src/cli/commands.ts'
import { optionsOf } from '../../../src/cli/program/arguments.ts'
import { COMMON, OPTIONS, type OptionName } from '../../../src/cli/program/options.ts'
import { COLOR, run, succeed, temporary } from '../../support/cli.ts'

const COMMANDS = await loadCommands()

const names = COMMANDS.map(({ name }) => name)

/** Splits a command line into words like a shell, for the syntax in the examples. */
function words(line: string): string[] {
  return [...line.replaceAll(/\\\n */g, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

describe('help', () => {
  it.each(names)('of %s is the same in all forms', async (name) => {
    const text = await succeed(['help', name])
    expect(text).toMatch(RegExp(`^sigv4-tools ${name}: `))
    for (const args of [
      [name, '--help'],
      [name, '-h'],
      [name, 'x', '--nonsense', '-h'],
      ['--help', name],
    ])
      expect(await succeed(args, { env: {} })).toBe(text)
  })

  it.each(COMMANDS.map((command) => [command.name, command] as const))(
    'of %s lists exactly its options',
    async (name, command) => {
      const text = await succeed(['help', name])
      const listed = [...text.matchAll(/^ {2}(?:-\w, | {4})--([a-z-]+)/gm)].map(([, option]) => option)
      expect(listed.sort()).toEqual([...optionsOf(command)].sort())
      expect(new Set(optionsOf(command)).size).toBe(optionsOf(command).length)
    },
  )

  it('uses every option', () => {
    const used = new Set([...COMMANDS.flatMap(({ options }) => options), ...COMMON])
    expect((Object.keys(OPTIONS) as OptionName[]).filter((name) => !used.has(name))).toEqual([])
    for (const { help = {}, options } of COMMANDS) for (const name of Object.keys(help)) expect(options).toContain(name)
  })

  it.each([40, 60, 80, 100, 300])('fits a terminal of %i columns, except commands to copy', async (columns) => {
    for (const args of [['--help'], ...names.map((name) => ['help', name])]) {
      const text = (await run(args, { columns, env: { NO_COLOR: '1' } })).stdout
      const long = text
        .split('\n')
        .filter((line) => line.length > Math.min(columns, 100) && !/sigv4|^ {4}-H|^ {2}(?:#|curl|git) /.test(line))
      expect(long.filter((line) => !/^ {6}--session-token-placement/.test(line))).toEqual([])
    }
  })

  it.each(['--help', ...names])(
    'of %s fits a terminal of 80 columns: one screen, or two for a command',
    async (name) => {
      const text = (await run(name === '--help' ? [name] : ['help', name], { columns: 80 })).stdout.replaceAll(
        COLOR,
        '',
      )
      const lines = text.trimEnd().split('\n')
      expect(lines.length).toBeLessThanOrEqual(name === '--help' ? 24 : 48)
      expect(lines.filter((line) => line.length > 80)).toEqual([])
    },
  )

  it('is colored on terminals, unless colors are disabled', async () => {
    const { TERM: _, ...env } = { TERM: '' }
    const text = async (more: Record<string, string>, columns?: number, ...args: string[]) =>
      (await run(['presign', '--help', ...args], { env: { ...env, ...more }, ...(columns && { columns }) })).stdout
    expect(await text({}, 80)).toMatch(COLOR)
    expect(await text({ FORCE_COLOR: '1' })).toMatch(COLOR)
    expect(await text({ FORCE_COLOR: '1', NO_COLOR: '1' })).toMatch(COLOR)
    expect(await text({})).not.toMatch(COLOR)
    expect(await text({ NO_COLOR: '1' }, 80)).not.toMatch(COLOR)
    expect(await text({ FORCE_COLOR: '0' }, 80)).not.toMatch(COLOR)
    expect(await text({ TERM: 'dumb' }, 80)).not.toMatch(COLOR)
    expect(await text({ FORCE_COLOR: '1' }, 80, '--no-color')).not.toMatch(COLOR)
  })

  it('without colors equals the colored text', async () => {
    const colored = (await run(['verify', '--help'], { columns: 80 })).stdout
    const plain = (await run(['verify', '--help', '--no-color'], { columns: 80 })).stdout
    expect(colored.replaceAll(COLOR, '')).toBe(plain)
  })

  const page = readFileSync(new URL('../../../../../docs/cli.md', import.meta.url), 'utf8')
  const [, shown = ''] = /```sh\n([^`]*)```/.exec(page) ?? []
  const printed = shown.split('\n')
  const examples = [...COMMANDS.flatMap(({ examples }) => examples.map(([, line]) => line)), ...printed].filter(
    (line) =>
      line.startsWith('npx sigv4-tools ') && !/…|<|\$URL|serve|proxy|compare|debugger|copy|127\.0\.0\.1/.test(line),
  )
  it('has examples', () => {
    expect(printed.length).toBeGreaterThanOrEqual(5)
    expect(examples.length).toBeGreaterThanOrEqual(12)
    for (const { examples } of COMMANDS) expect(examples.length).toBeGreaterThanOrEqual(3)
  })

  it.each(examples)('shows a working example: %s', async (line) => {
    const { folder, write, remove } = temporary()
    const file = write('cat.jpg', 'not a cat')
    const args = words(line.replace(/ \| sh$/, '')).slice(2)
    const { code, stdout, stderr } = await run(
      args.map((word) => (word === 'cat.jpg' ? file : word)),
      { env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' }, home: folder },
    )
    remove()
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(args[0] === 'token' ? /Signature|ExecCredential/ : /[Ss]ignature/)
  })
})
