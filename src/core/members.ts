import { fail } from './errors.ts'
import { isObject } from './kind.ts'

type Words<Text> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text

/** `unknown` if a list of names, separated by spaces, has all members of a type and no others; otherwise `never`. */
type Complete<Type, Names> = [keyof Type, Words<Names>] extends [Words<Names>, keyof Type] ? unknown : never

/** The names of members, which `Names` lists. */
export interface Members<Names> extends ReadonlySet<string> {
  /** Exists only as a type. */
  readonly listed?: Names
}

/** Reads a list of names, separated by spaces. */
export function members<const Names extends string>(names: Names): Members<Names> {
  return new Set(names.split(' '))
}

/**
 * Throws unless an argument is an object, and its own members are all in `known`, which has all names of its type. Any
 * other would be ignored, although it was meant to have an effect. Inherited members are not checked: a `File` can be
 * passed for its size and type, and a library may add members to all objects.
 */
export function checkMembers<Given extends object, Names>(
  argument: string,
  given: Given,
  known: Members<Names> & Complete<Given, Names>,
): void {
  // credentials are sometimes passed in place of the options
  if (!isObject(given) || 'accessKeyId' in given)
    fail('ERR_INVALID_ARG_TYPE', argument, 'type', `Pass { ${[...known][0]} }.`)
  // for...in also visits inherited names, but creates no list of names
  for (const name in given)
    if (!known.has(name) && Object.hasOwn(given, name)) {
      const ours = name
        .replace(/In$|Seconds|Algorithm/, '')
        .replace(/^sign(able)?H/, 'signedH')
        .replace(/^.*(Offset|gDate)/, 'now')
      const hint = known.has(ours) ? `Pass ${ours}.` : `Allowed: ${[...known].join(', ')}.`
      fail('ERR_INVALID_ARG_VALUE', `${argument}.${name}`, 'unknown', hint)
    }
}
