import { createHash, createHmac } from 'node:crypto'
import { Session } from 'node:inspector'
import { GCProfiler } from 'node:v8'
import { isAnchored, run } from './pattern-steps.ts'

// Counts the work of a call, which is the same on every machine and at every load. The engine has one set of counters of
// blocks, which coverage uses as well: files with this work are in the project `repeating`, which has no coverage.

/** What must grow no faster than the input. Each counts for itself: much of one does not hide that another grows faster. */
interface Work {
  /** How often each block of code ran. */
  readonly blocks: Blocks
  /** Characters and items that built-in functions processed. */
  readonly items: number
  /** Steps of regular expressions. */
  readonly steps: number
  /** Bytes that were allocated, which show copies that no function makes, such as `[...list, item]`. */
  readonly bytes: number
}

/** Work below which nothing is compared: what runs only once would decide. */
const FLOOR = { items: 20_000, steps: 20_000, bytes: 8 * 1024 ** 2, 'runs of a block': 10_000 }
/** Runs of one block for each unit of the length that are linear, even if a smaller input does not reach the block. */
const RUNS_EACH = 2
/** Runs of blocks for a small input from which a larger one is compared in between: with cubic work, the test would not end. */
const MANY = 5_000_000

/** Length of inputs from which searches count as reading the whole text: to count their steps would take minutes. */
const LONG = 60_001

/** How often work that seems too much is counted again. */
const RETRIES = 2

/** Returns a call with an input of a length. */
export type Make = (length: number) => () => unknown

/** Throws if ten times the input takes more than `most` times the work. Returns the work that is counted. */
export async function checkLinear(name: string, make: Make, length = 100_000, most = 20): Promise<number> {
  for (let retry = 0; ; retry++) {
    try {
      return await compareAll(name, make, length, most)
    } catch (error) {
      // the engine sometimes forgets some calls of a small function
      if (retry === RETRIES || !(error instanceof TooMuch)) throw error
    }
  }
}

class TooMuch extends Error {}

async function compareAll(name: string, make: Make, length: number, most: number): Promise<number> {
  const workOf = (times: number): Promise<Work> => work(make(Math.round((length * times) / 10)), length < LONG)
  const small = await workOf(1)
  const compareWith = async (times: number, most: number): Promise<Work> => {
    const large = await workOf(times)
    const linear = (RUNS_EACH * length * times) / 10
    for (const { unit, few, many, where = '', floor = FLOOR[unit] } of pairs(small, large, linear))
      if (many > floor && many > most * few)
        throw new TooMuch(`${name}: ${times} times the input takes ${many} ${unit} instead of ${few}${where}`)
    return large
  }
  if (runsIn(small.blocks) > MANY) await compareWith(3, most / 3)
  const { blocks, items, steps } = await compareWith(10, most)
  return Math.max(items, steps, runsIn(blocks))
}

interface Pair {
  readonly unit: keyof typeof FLOOR
  readonly few: number
  readonly many: number
  readonly where?: string
  readonly floor?: number
}

/** Yields everything that is counted for a small and a large input. */
function* pairs(small: Work, large: Work, linear: number): Iterable<Pair> {
  for (const unit of ['items', 'steps', 'bytes'] as const) yield { unit, few: small[unit], many: large[unit] }
  const unit = 'runs of a block'
  yield { unit, few: runsIn(small.blocks), many: runsIn(large.blocks), where: ', of all' }
  for (const [where, ranges] of large.blocks)
    for (const range of ranges) {
      const few = runsOf(small.blocks, where, range) ?? 0
      yield { unit, few, many: range.count, where: `: ${where}`, floor: Math.max(FLOOR[unit], linear) }
    }
}

const session = new Session()

function post<Result>(method: string, params: object = {}): Result {
  let outcome: Result | undefined
  // the response arrives before this returns
  session.post(method, params, (error, result) => {
    if (error) throw error
    outcome = result as Result
  })
  return outcome!
}

let isConnected = false
function connect(): void {
  if (isConnected) return
  isConnected = true
  session.connect()
  post('Profiler.enable')
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
}

interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

interface Coverage {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly { readonly functionName: string; readonly ranges: readonly [Range, ...Range[]] }[]
  }[]
}

/** How often the blocks of functions ran. A block that ran as often as the one around it is not in the list. */
type Blocks = ReadonlyMap<string, readonly Range[]>

/** Returns how often each block ran since the last call. */
function takeBlocks(): Blocks {
  const blocks = new Map<string, readonly Range[]>()
  for (const { url, functions } of post<Coverage>('Profiler.takePreciseCoverage').result)
    for (const { functionName, ranges } of functions)
      if (url !== import.meta.url) blocks.set(`${url} ${functionName} ${ranges[0].startOffset}`, ranges)
  return blocks
}

const runsIn = (blocks: Blocks): number => [...blocks.values()].flat().reduce((sum, { count }) => sum + count, 0)

/** Returns how often a block ran, if it did. */
function runsOf(blocks: Blocks, name: string, { startOffset, endOffset }: Range): number | undefined {
  return blocks
    .get(name)
    ?.filter((each) => each.startOffset <= startOffset && each.endOffset >= endOffset)
    .at(-1)?.count
}

type Method = (this: never, ...args: never[]) => unknown
/** What a call of a built-in function costs, by its object, arguments and result. */
// biome-ignore lint/suspicious/noExplicitAny: each function has its own
type Price = (on: any, args: readonly any[], result: any) => number
interface Sized {
  readonly length: number
}

const whole: Price = (on: Sized) => on.length
const given: Price = (_, [first]) => first?.length ?? 0
const returned: Price = (_, __, result: Partial<Sized> | undefined) => result?.length ?? 0
const isPattern = (value: unknown): boolean => value instanceof RegExp
/** An expression is counted as such. */
const unlessPattern: Price = (on: Sized, [first]) => (isPattern(first) ? 0 : on.length)
const [firstOf, indexOf] = [String.prototype.indexOf, Array.prototype.indexOf]
/** What `includes` searches, as far as the place where it finds something. */
const until: Price = (on: string | unknown[], [item, from = 0], found: boolean) =>
  (found ? (typeof on === 'string' ? firstOf.call(on, item, from) : indexOf.call(on, item, from)) : on.length) - from
const backwards: Price = (on: Sized, _, result: number) => on.length - result
const searched: Price = (on: Sized, [, from = 0], result: number) =>
  Math.max((result === -1 ? on.length : result) - from, 0)
const each = (names: string, price: Price): [string, Price][] => names.split(' ').map((name) => [name, price])

/** Built-in functions whose time depends on a length, by their objects. */
const PRICES: readonly [object, readonly [string, Price][]][] = [
  [
    String.prototype,
    [
      ...each('localeCompare normalize toLowerCase toUpperCase', whole),
      ...each('replace replaceAll split', unlessPattern),
      ...each('includes', until),
      ...each('lastIndexOf', backwards),
      ...each('trim trimEnd trimStart', (on: Sized, _, result: Sized) => on.length - result.length),
      ...each('indexOf', searched),
      ...each('endsWith startsWith', given),
      ...each('concat padEnd padStart repeat', returned),
    ],
  ],
  [
    Array.prototype,
    [
      ...each('concat fill flat join reverse shift sort splice unshift', whole),
      ...each('slice', returned),
      ...each('includes', until),
      ...each('lastIndexOf', backwards),
      ...each('indexOf', searched),
    ],
  ],
  [Object, each('entries getOwnPropertyNames keys values', returned)],
  [Array, each('from', returned)],
  [JSON, [...each('parse', given), ...each('stringify', returned)]],
  [Buffer, each('concat from', returned)],
  [Buffer.prototype, [...each('toString', returned), ...each('indexOf', searched)]],
  [TextEncoder.prototype, each('encode', given)],
  [TextDecoder.prototype, each('decode', returned)],
  [Object.getPrototypeOf(createHash('sha256')), each('update', given)],
  [Object.getPrototypeOf(createHmac('sha256', '')), each('update', given)],
  [globalThis, each('decodeURIComponent encodeURIComponent escape unescape', given)],
]

type Search = readonly [pattern: RegExp, text: string, from: number]

/** Length of text whose steps do not matter if it is searched. */
const SHORT = 100

/** Returns the steps of a search. Unless it can only match where it begins, they may be estimated by the length. */
function stepsOf([pattern, text, from]: Search, isExact: boolean): number {
  if (text.length < SHORT || (!isExact && !isAnchored(pattern))) return text.length
  const { steps, isCut } = run(pattern, text, 5000 * text.length + 1000, from)
  return isCut ? Number.POSITIVE_INFINITY : steps
}

/** Calls a function, and returns the price of the built-in functions that it calls. */
async function priced(call: () => unknown): Promise<(isExact: boolean) => Pick<Work, 'items' | 'steps'>> {
  let [items, steps] = [0, 0]
  const searches: Search[] = []
  const undo: (() => void)[] = []
  const replace = (on: object, name: string, wrap: (real: Method) => unknown): void => {
    const descriptor = Object.getOwnPropertyDescriptor(on, name)!
    Object.defineProperty(on, name, { ...descriptor, value: wrap(descriptor.value) })
    undo.push(() => Object.defineProperty(on, name, descriptor))
  }
  for (const [on, prices] of PRICES)
    for (const [name, price] of prices)
      replace(
        on,
        name,
        (real) =>
          function (this: never, ...args: never[]) {
            const result = real.apply(this, args)
            items += 1 + price(this, args, result as never)
            return result
          },
      )
  // every method that uses an expression calls this one
  replace(
    RegExp.prototype,
    'exec',
    (real) =>
      function (this: RegExp, text: never) {
        const from = this.global || this.sticky ? this.lastIndex : 0
        const result = real.call(this as never, text) as RegExpExecArray | null
        // all matches of a global one take linear time together: packages/sigv4-tools/test/linear.repeating.slow.test.ts
        if (this.global) steps += (result ? result.index + result[0].length : String(text).length) - from
        else searches.push([this, String(text), from])
        return result
      },
  )
  // hosts may take quadratic time: Punycode does
  replace(
    globalThis,
    'URL',
    (real) =>
      new Proxy(real, {
        construct: (target, args: [unknown, unknown?]) => {
          const [, host = ''] = /^[a-z]+:\/\/([^/?#]*)/i.exec(String(args[0])) ?? []
          items += String(args[0]).length + host.length ** 2
          return Reflect.construct(target, args)
        },
      }),
  )
  try {
    await call()
  } finally {
    for (const put of undo) put()
  }
  return (isExact) => ({
    items,
    steps: searches.reduce((sum, search) => sum + stepsOf(search, isExact), steps),
  })
}

const used = (): number => process.memoryUsage().heapUsed

/** Returns the sum of what a call does, other than to allocate. */
export async function totalWork(call: () => unknown): Promise<number> {
  const { blocks, items, steps } = await work(call, true)
  return runsIn(blocks) + items + steps
}

async function work(call: () => unknown, isExact: boolean): Promise<Work> {
  connect()
  takeBlocks()
  const collected = new GCProfiler()
  collected.start()
  const before = used()
  const price = await priced(call)
  const left = used() - before
  const freed = collected
    .stop()
    .statistics.map(
      ({ beforeGC, afterGC }) => beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
    )
  const blocks = takeBlocks()
  return { blocks, ...price(isExact), bytes: freed.reduce((sum, bytes) => sum + bytes, left) }
}
