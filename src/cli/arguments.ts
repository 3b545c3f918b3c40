import { parseArgs } from 'node:util'
import { shown, usage } from './failure.ts'
import { nearest } from './nearest.ts'
import { COMMON, OPTIONS, type OptionName, optionOf } from './options.ts'

/** What was typed behind a command. */
export interface Arguments {
  readonly positionals: readonly string[]
  /** Whether a switch is on. */
  readonly has: (name: OptionName) => boolean
  /** The value of an option; the last one, if it is given several times. */
  readonly value: (name: OptionName) => string | undefined
  /** All values of an option. */
  readonly values: (name: OptionName) => readonly string[]
}

/** What a command accepts. */
interface Accepting {
  readonly name: string
  readonly options: readonly OptionName[]
}

const SECRET = /secret|password|^-*(?:aws-)?(?:session|security)-token$/i

/** The options of a command. */
export function optionsOf(command: Accepting): OptionName[] {
  return [...command.options, ...COMMON]
}

/** Reads what was typed behind a command. */
export function parseArguments(command: Accepting, args: readonly string[]): Arguments {
  const own = optionsOf(command)
  const config: Record<string, { type: 'string' | 'boolean'; short?: string }> = {}
  for (const name of own) {
    const { value, short } = optionOf(name)
    config[name] = { type: value === undefined ? 'boolean' : 'string', ...(short !== undefined && { short }) }
  }
  // not strict: its own messages show values, and name no other option
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const positionals: string[] = []
  const found = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    if (!own.includes(name as OptionName)) refuseOption(command, rawName, own)
    const { value: wanted } = optionOf(name as OptionName)
    if (wanted === undefined && value !== undefined) usage(`${rawName} takes no value`)
    if (wanted !== undefined && value === undefined) usage(`${rawName} needs a value: ${rawName} ${wanted}`)
    if (value !== undefined && !inlineValue && /^-./.test(value))
      usage(`${rawName} needs a value: ${rawName} ${wanted}; one that starts with a dash is written --${name}=-…`)
    const values = found.get(name)
    if (values) values.push(value ?? '')
    else found.set(name, [value ?? ''])
  }
  return {
    positionals,
    has: (name) => found.has(name),
    value: (name) => found.get(name)?.at(-1),
    values: (name) => found.get(name) ?? [],
  }
}

/** Throws: there is no such option. */
function refuseOption(command: Accepting, rawName: string, own: readonly OptionName[]): never {
  const name = rawName.replace(/^-+/, '')
  if (SECRET.test(name) || /^(?:aws-)?access-key(?:-id)?$/i.test(name))
    usage(
      `${shown(rawName).trim() || 'a secret'} is not taken: other users of the machine see arguments, and the shell keeps them; use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, --profile or --credentials`,
    )
  if (Object.hasOwn(OPTIONS, name)) usage(`${rawName} is no option of 'sigv4 ${command.name}'`)
  const meant = name.length > 1 ? nearest(name, own) : undefined
  usage(`there is no option${shown(rawName)}${meant ? `; did you mean --${meant}?` : ` of 'sigv4 ${command.name}'`}`)
}

/** Throws unless there are as many arguments as the command takes. */
export function checkCount({ positionals }: Arguments, most: number): void {
  if (positionals.length > most)
    usage(`there is an argument too many${shown(positionals[most]!)}: quote what has blanks or an & in it`)
}
