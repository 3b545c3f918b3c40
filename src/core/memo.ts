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
 * @param inputs - What the result depends on besides the options; compared by identity.
 * @param options - Compared by content. Options that hold lists, dates or iterators are not remembered.
 */
export function remember<Result>(
  memo: Memo<Result>,
  inputs: readonly unknown[],
  options: object,
  make: () => Result,
): Result {
  const given = options as Options
  if (memo.options && inputs.every((input, i) => input === memo.inputs![i]) && isSame(given, memo.options, true))
    return memo.result!
  const copy = copyOf(given, true)
  const result = make()
  if (copy) {
    memo.inputs = inputs
    memo.options = copy
    memo.result = result
  }
  return result
}

/** Whether options say the same as known ones, which hold primitives and, one level deep, objects of primitives. */
function isSame(given: Options, known: Options, nested: boolean): boolean {
  if (!isPlain(given)) return false
  let count = 0
  for (const name in given) {
    const value = given[name]
    if (value === undefined) continue
    const other = known[name]
    if (value !== other && !(nested && name === 'credentials')) {
      if (!nested || typeof value !== 'object' || typeof other !== 'object') return false
      if (!isSame(value as Options, other as Options, false)) return false
    }
    count++
  }
  for (const _ in known) count--
  return count === 0
}

/** Whether an object says all that it says in properties of its own: no class, no `Headers`, no list. */
function isPlain(value: object): boolean {
  return value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** A copy that the caller cannot change; `undefined` if something in it is neither a primitive nor headers or query. */
function copyOf(given: Options, nested: boolean): Options | undefined {
  if (!isPlain(given)) return undefined
  const copy: Record<string, unknown> = Object.create(null)
  for (const name in given) {
    let value = given[name]
    if (value === undefined) continue
    if (nested && name === 'credentials') value = true
    else if (typeof value === 'object') {
      value = nested && (name === 'headers' || name === 'query') ? copyOf(value as Options, false) : undefined
      if (!value) return undefined
    }
    copy[name] = value
  }
  return copy
}
