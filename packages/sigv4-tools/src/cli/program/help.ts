import { EXPLAIN_AGAIN } from '../../explain/wording.ts'
import { optionsOf } from './arguments.ts'
import type { Command } from './command.ts'
import { type Option, optionOf } from './options.ts'
import { type Paint, wrap } from './terminal.ts'

const GROUPS: readonly Option['group'][] = ['Request', 'Server', 'Signature', 'Output']

/** Width of the names of options. A longer one gets a separate line. */
const NAMES = 26

/** Formats the output of `sigv4-tools --help`: at most 24 lines of 80 columns. */
export function overview(commands: readonly Command[], paint: Paint, width: number): string {
  const longest = Math.max(...commands.map(({ name }) => name.length))
  return [
    ...wrap('Sign, presign, verify, and debug AWS Signature Version 4 requests.', width),
    '',
    `${paint('bold', 'Usage:')} npx sigv4-tools COMMAND [options]  (help COMMAND: options, examples)`,
    '',
    ...commands.flatMap(({ name, summary }) => columns(name, summary, longest, width, paint)),
    '',
    paint('bold', 'Examples'),
    '  npx sigv4-tools presign get s3://photos/cat.jpg --region eu-west-1',
    `  ${EXPLAIN_AGAIN}`,
    '',
    ...wrap('Credentials: AWS_* variables, --profile, --credentials FILE; never arguments.', width),
    ...wrap('Exit codes: 0 success, 1 rejected or a problem found, 2 usage error.', width),
    '',
  ].join('\n')
}

/** Formats the help of a command: at most 48 lines of 80 columns. */
export function manual(command: Command, paint: Paint, width: number): string {
  const { name, summary, usage, notes = [], examples } = command
  const names = optionsOf(command)
  const labels = new Map(names.map((option) => [option, label(option, optionOf(option))]))
  const longest = Math.max(...[...labels.values()].map(({ length }) => length).filter((length) => length <= NAMES))
  const groups = GROUPS.flatMap((group) => {
    const own = names.filter((option) => optionOf(option).group === group)
    if (!own.length) return []
    const lines = own.flatMap((option) =>
      columns(labels.get(option)!, command.help?.[option] ?? optionOf(option).help, longest, width, paint),
    )
    return ['', paint('bold', group), ...lines]
  })
  return [
    ...wrap(`sigv4-tools ${name}: ${summary}`, width),
    '',
    ...usage.map((line, i) => `${i ? '      ' : paint('bold', 'Usage:')} npx sigv4-tools ${line}`),
    ...notes.flatMap((note) => ['', ...wrap(note, width)]),
    '',
    paint('bold', 'Examples'),
    ...examples.flatMap(([what, line]) => [`  ${paint('dim', `# ${what}`)}`, `  ${line}`]),
    ...groups,
    '',
  ].join('\n')
}

function label(name: string, { short, value }: Option): string {
  return `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`
}

/** A name and its description, which starts on a new line if the name is long and both do not fit. */
function columns(name: string, text: string, longest: number, width: number, paint: Paint): string[] {
  const indent = width < 60 ? 6 : longest + 4
  const lines = wrap(text, width - indent).map((line) => ' '.repeat(indent) + line)
  if (2 + name.length + 2 > indent) {
    const fits = 2 + name.length + 2 + text.length <= width
    return fits ? [`  ${paint('cyan', name)}  ${text}`] : [`  ${paint('cyan', name)}`, ...lines]
  }
  return [`  ${paint('cyan', name)}${lines[0]!.slice(2 + name.length)}`, ...lines.slice(1)]
}
