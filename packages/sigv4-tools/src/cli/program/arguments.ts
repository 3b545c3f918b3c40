import { parseArgs } from 'node:util'
import { shown, usage } from './errors.ts'
import { nearest } from './nearest.ts'
import { COMMON, OPTIONS, type OptionName, optionOf } from './options.ts'

/** The arguments of a command. */
export interface Arguments {
  readonly positionals: readonly string[]
  readonly has: (name: OptionName) => boolean
  /** The value of an option; the last one if it is repeated. */
  readonly value: (name: OptionName) => string | undefined
  readonly values: (name: OptionName) => readonly string[]
}

interface OptionOwner {
  readonly name: string
  readonly options: readonly OptionName[]
}

const SECRET = /secret|password|^-*(?:aws-)?(?:session|security)-token$/i

/** Lists the options of a command, including the common ones. */
export function optionsOf(command: OptionOwner): OptionName[] {
  return [...command.options, ...COMMON]
}

export function parseArguments(command: OptionOwner, args: readonly string[]): Arguments {
  const own = optionsOf(command)
  const config: Record<string, { type: 'string' | 'boolean'; short?: string }> = {}
  for (const name of own) {
    const { value, short } = optionOf(name)
    config[name] = { type: value === undefined ? 'boolean' : 'string', ...(short !== undefined && { short }) }
  }
  // In strict mode, messages contain values and do not suggest options.
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
    if (!own.includes(name as OptionName)) rejectOption(command, rawName, own)
    const { value: placeholder } = optionOf(name as OptionName)
    if (placeholder === undefined && value !== undefined) usage(`${rawName} does not accept a value.`)
    const required = `${rawName} requires a value: ${rawName} ${placeholder}.`
    if (placeholder !== undefined && value === undefined) usage(required)
    if (value !== undefined && !inlineValue && /^-./.test(value))
      usage(`${required} If the value starts with a dash, write --${name}=-….`)
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

function rejectOption(command: OptionOwner, rawName: string, own: readonly OptionName[]): never {
  const name = rawName.replace(/^-+/, '')
  if (SECRET.test(name) || /^(?:aws-)?access-key(?:-id)?$/i.test(name))
    usage(
      `unknown option${shown(rawName)}. Credentials are not accepted as arguments, which are visible to other users and saved in the shell history. Use AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, --profile, or --credentials.`,
    )
  const hint = name === 'method' && /sign$/.test(command.name) ? ' The method is the first argument.' : ''
  if (Object.hasOwn(OPTIONS, name)) usage(`${rawName} is not an option of 'sigv4-tools ${command.name}'.${hint}`)
  const suggestion = name.length > 1 ? nearest(name, own) : undefined
  usage(
    `unknown option${shown(rawName)}${suggestion ? `. Did you mean --${suggestion}?` : ` for 'sigv4-tools ${command.name}'.`}`,
  )
}

/** Throws if there are more positional arguments than the command accepts. */
export function checkCount({ positionals }: Arguments, max: number): void {
  if (positionals.length > max)
    usage(`unexpected argument${shown(positionals[max]!)}. Quote arguments that contain spaces or &.`)
}
