import { optionsOf } from './arguments.ts'
import type { Command } from './command.ts'
import { type Option, optionOf } from './options.ts'
import { type Paint, wrap } from './terminal.ts'

const GROUPS: readonly Option['group'][] = ['Request', 'Server', 'Signature', 'Credentials', 'Output']

/** Formats the output of `sigv4 --help`. */
export function overview(commands: readonly Command[], paint: Paint, width: number): string {
  const longest = Math.max(...commands.map(({ name }) => name.length))
  return [
    ...wrap('Sign, presign, verify, and debug AWS Signature Version 4 requests.', width),
    '',
    paint('bold', 'Usage'),
    '  npx sigv4 COMMAND [options]',
    '',
    paint('bold', 'Commands'),
    ...commands.flatMap(({ name, summary }) => columns(name, summary, longest, width, paint)),
    '',
    paint('bold', 'Examples'),
    ...commands.flatMap(({ examples: [first] }) => example(first!, paint)),
    '',
    paint('bold', 'Credentials'),
    ...wrap(
      'Read from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN, from --profile NAME (or AWS_PROFILE, or the default profile), or from --credentials FILE. Secrets are never passed as arguments.',
      width - 2,
    ).map((line) => `  ${line}`),
    '',
    paint('bold', 'Exit codes'),
    '  0 success',
    '  1 rejected, or a problem was found',
    '  2 usage error or missing credentials',
    '',
    ...wrap("Run 'npx sigv4 help COMMAND' for options and examples, 'npx sigv4 --version' for the version.", width),
    '',
  ].join('\n')
}

/** Formats the help of a command. */
export function manual(command: Command, paint: Paint, width: number): string {
  const { name, summary, usage, notes = [], examples } = command
  const names = optionsOf(command)
  const labels = new Map(names.map((option) => [option, label(option, optionOf(option))]))
  const longest = Math.min(30, Math.max(...[...labels.values()].map((text) => text.length)))
  const groups = GROUPS.flatMap((group) => {
    const own = names.filter((option) => optionOf(option).group === group)
    if (!own.length) return []
    const lines = own.flatMap((option) =>
      columns(labels.get(option)!, command.help?.[option] ?? optionOf(option).help, longest, width, paint),
    )
    return ['', paint('bold', group), ...lines]
  })
  return [
    ...wrap(`sigv4 ${name}: ${summary}`, width),
    '',
    paint('bold', 'Usage'),
    ...usage.map((line) => `  npx sigv4 ${line}`),
    ...notes.flatMap((note) => ['', ...wrap(note, width)]),
    '',
    paint('bold', 'Examples'),
    ...examples.flatMap((one) => example(one, paint)),
    ...groups,
    '',
  ].join('\n')
}

function label(name: string, { short, value }: Option): string {
  return `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
}

/** A name and its description, which starts on a new line if the name is long. */
function columns(name: string, text: string, longest: number, width: number, paint: Paint): string[] {
  const indent = width < 60 ? 6 : longest + 4
  const lines = wrap(text, width - indent).map((line) => ' '.repeat(indent) + line)
  if (2 + name.length + 2 > indent) return [`  ${paint('cyan', name)}`, ...lines]
  return [`  ${paint('cyan', name)}${lines[0]!.slice(2 + name.length)}`, ...lines.slice(1)]
}

function example([what, command]: readonly [what: string, command: string], paint: Paint): string[] {
  return [`  ${paint('dim', `# ${what}`)}`, `  ${command}`]
}
