/**
 * The last result for one credentials object, and all that it was made from. A server signs URL after URL that differ
 * in their path alone; the rest is taken over while inputs and options stay the same.
 */
export interface Memo<Result> {
  inputs?: readonly unknown[]
  options?: Options
  result?: Result
}

/** The memo of a credentials object. */
export function memoOf<Result>(memos: WeakMap<object, Memo<Result>>, credentials: object): Memo<Result> {
  let memo = memos.get(credentials)
  if (!memo) {
    memo = {}
    if (typeof credentials === 'object' && credentials) memos.set(credentials, memo)
  }
  return memo
}

type Options = Readonly<Record<string, unknown>>

/**
 * The result of `make`, or the one of the last call if nothing has changed since.
 *
 * @param inputs - What the result depends on besides the options; compared by identity, so they must be primitives.
 * @param options - Compared by content. Options that hold lists, dates or iterators are not remembered.
 */
export function remember<Result>(
  memo: Memo<Result>,
  inputs: readonly unknown[],
  options: object,
  make: () => Result,
): Result {
  const given = options as Options
  if (memo.options && inputs.every((input, i) => input === memo.inputs![i]) && isSame(given, memo.options))
    return memo.result!
  const result = make()
  const copy = copyOf(given, true)
  if (copy) {
    memo.inputs = inputs
    memo.options = copy
    memo.result = result
  }
  return result
}

/** Whether two option objects say the same. What they hold are primitives and, one level deep, objects of primitives. */
function isSame(given: Options, known: Options): boolean {
  let count = 0
  for (const name in given) {
    const value = given[name]
    if (value !== known[name] && name !== 'credentials') {
      if (!isRecord(name, value) || !isRecord(name, known[name]) || !isSame(value, known[name])) return false
    }
    count++
  }
  for (const _ in known) count--
  return count === 0
}

/** Headers and query are plain objects, most often; whatever else is an object is not looked into. */
function isRecord(name: string, value: unknown): value is Options {
  return (
    (name === 'headers' || name === 'query') &&
    typeof value === 'object' &&
    value !== null &&
    !(Symbol.iterator in value)
  )
}

/** A copy that the caller cannot change; `undefined` if something in it is no primitive. */
function copyOf(given: Options, nested: boolean): Options | undefined {
  const copy: Record<string, unknown> = {}
  for (const name in given) {
    let value = given[name]
    if (name === 'credentials') value = true
    else if (typeof value === 'object' && value !== null) {
      value = nested && isRecord(name, value) ? copyOf(value, false) : undefined
      if (!value) return undefined
    }
    copy[name] = value
  }
  return copy
}
