import { fail } from './errors.ts'
import { isObject } from './kind.ts'

type Words<Text> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text

/** `unknown` if a list of names, separated by spaces, has all members of a type and no others; otherwise `never`. */
type Complete<Type, Names> = [keyof Type, Words<Names>] extends [Words<Names>, keyof Type] ? unknown : never

/**
 * Throws unless an argument is an object, and its own members are all in `names`: all names of its type, separated by
 * spaces. Any other would have no effect, and was meant to have one. What it inherits is not checked: a `File` can be
 * passed for its size and type, and a library may add members to all objects.
 */
export function checkMembers<Given extends object, const Names extends string>(
  argument: string,
  given: Given,
  names: Names & Complete<Given, Names>,
): void {
  const allowed: string[] = names.split(' ')
  // credentials are sometimes passed in place of the options
  if (!isObject(given) || 'accessKeyId' in given)
    fail('ERR_INVALID_ARG_TYPE', argument, 'type', `Pass { ${allowed[0]} }.`)
  for (const name of Object.keys(given))
    if (!allowed.includes(name))
      fail('ERR_INVALID_ARG_VALUE', `${argument}.${name}`, 'unknown', `Allowed: ${allowed.join(', ')}.`)
}
