import { type ErrorReason, fail } from './errors.ts'
import { checkMembers, type Members } from './members.ts'

/** Returns the problem with the value of an option, if it has one, and its fix. */
export type Rule = (value: never) => readonly [reason: ErrorReason, hint: string] | undefined

/** The options of a function, and what their values must be. */
export interface OptionRules<Options> {
  readonly names: ReadonlySet<string>
  readonly rules: { readonly [Name in keyof Options]-?: Rule | undefined }
}

/** Lists the options of a function. Those without a rule are checked where they are used. */
export function optionRules<Options>(rules: OptionRules<Options>['rules']): OptionRules<Options> {
  return { names: new Set(Object.keys(rules)), rules }
}

/** Throws for options that do not exist, or whose value is invalid. */
export function checkOptions<Options extends object>(
  argument: string,
  options: Options,
  known: OptionRules<Options>,
): void {
  checkNames(argument, options, known)
  checkValues(argument, options, known)
}

/** Throws for options that do not exist. */
export function checkNames<Options extends object>(
  argument: string,
  options: Options,
  { names }: OptionRules<Options>,
): void {
  checkMembers(argument, options, names as Members<never> & never)
}

/** Throws for options whose value is invalid. */
export function checkValues<Options extends object>(
  argument: string,
  options: Partial<Options>,
  { rules }: OptionRules<Options>,
): void {
  for (const name in rules) {
    const rule = rules[name]
    if (rule) checkValue(`${argument}.${name}`, options[name], rule)
  }
}

/** Throws if an argument is invalid. */
export function checkValue(argument: string, value: unknown, rule: Rule): void {
  const problem = value === undefined ? undefined : rule(value as never)
  if (problem) rejectOption(argument, ...problem)
}

export function rejectOption(argument: string, reason: ErrorReason, hint: string): never {
  fail(reason === 'type' ? 'ERR_INVALID_ARG_TYPE' : 'ERR_INVALID_ARG_VALUE', argument, reason, hint)
}

/** Returns a rule for a type. `rule` checks its values. */
export function typeRule(
  type: 'string' | 'number' | 'boolean' | 'function',
  rule?: Rule,
  hint = `Pass a ${type}.`,
): Rule {
  return (value) => (typeof value === type ? rule?.(value) : ['type', hint])
}

/** Returns a rule for an option with a few values. */
export function choiceRule(...values: readonly string[]): Rule {
  const list = values.map((each) => `'${each}'`).join(', ')
  return (value) => (values.includes(value) ? undefined : ['invalid', `Pass ${list.replace(/, ([^,]*)$/, ' or $1')}.`])
}
