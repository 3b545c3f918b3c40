import { isObject } from './body.ts'

/**
 * The last result for one credentials object, and all that it was made from. A server signs URL after URL that differ
 * in their path alone; the rest is taken over while inputs and options stay the same.
 */
export interface Memo<Result> {
  inputs?: readonly unknown[]
  options?: readonly unknown[]
  result?: Result
}

/** The memo of a credentials object. */
export function memoOf<Any extends object>(memos: WeakMap<object, Any>, credentials: object): Any {
  let memo = memos.get(credentials)
  if (!memo) {
    memo = {} as Any
    if (isObject(credentials)) memos.set(credentials, memo)
  }
  return memo
}

/**
 * The result of `make`, or the one of the last call if nothing has changed since.
 *
 * @param inputs - What the result depends on besides the options; compared by identity.
 * @param options - Compared by content. Options that hold lists, dates or iterators are not remembered.
 */
export function remember<Result>(
  memo: Memo<Result>,
  inputs: readonly unknown[],
  options: object,
  make: () => Result,
): Result {
  const { options: known, result: last } = memo // a getter among the options may presign with other ones
  if (known && inputs.every((input, i) => input === memo.inputs![i]) && isSame(options, known)) return last!
  const copy = listOf(options)
  const result = make()
  if (copy) {
    memo.inputs = inputs
    memo.options = copy
    memo.result = result
  }
  return result
}

/** Whether options say the same, in the same order, as the list of known ones. */
function isSame(options: object, known: readonly unknown[]): boolean {
  let at = 0
  for (const name in options) {
    const value = options[name as never] as unknown
    const other = known[at + 1]
    if (known[at] !== name || (value !== other && !(Array.isArray(other) && isSame(value as object, other))))
      return false
    at += 2
  }
  return at === known.length && isPlain(options)
}

/** Whether an object says all that it says in properties of its own: no class, no `Headers`, no list. */
function isPlain(value: unknown): boolean {
  return Object.getPrototypeOf(value ?? '') === Object.prototype
}

/** Names and values in turn, which the caller cannot change; `undefined` if some are accessors, or neither primitive nor plain. */
function listOf(options: object): unknown[] | undefined {
  if (!isPlain(options)) return undefined
  const list: unknown[] = []
  for (const name in options) {
    if (Object.getOwnPropertyDescriptor(options, name)?.get) return undefined
    const value = options[name as never] as unknown
    // the memo belongs to the credentials, and what is in them is an input
    const copied = typeof value === 'object' && name !== 'credentials' ? listOf(value as object) : value
    if (copied === undefined && value !== undefined) return undefined
    list.push(name, copied)
  }
  return list
}
