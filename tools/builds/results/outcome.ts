// The outcome of a call as data that can be compared: everything that a caller can observe, types and order included.

/** A string for a primitive, otherwise a list or an object of the same. */
export type Shape = string | Shape[] | { [member: string]: Shape }

/** Makes a call and returns its outcome; a promise is awaited. */
export async function outcomeOf(call: () => unknown): Promise<Shape> {
  try {
    const returned = call()
    return { returned: shapeOf(returned instanceof Promise ? await returned : returned) }
  } catch (error) {
    return { threw: shapeOf(error) }
  }
}

const tagOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1)

/** Converts a value. Members that cannot be enumerated are included, with a mark. */
export function shapeOf(value: unknown, seen = new Map<object, number>()): Shape {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `function ${value.name}(${value.length})`
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  const known = seen.get(value)
  if (known !== undefined) return `same as ${known}`
  seen.set(value, seen.size)
  const tag = tagOf(value)
  if (tag === 'Date') return `Date ${Number(value)}`
  if (ArrayBuffer.isView(value))
    return `${tag} ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
  if (value instanceof ArrayBuffer) return `${tag} ${Buffer.from(value).toString('hex')}`
  if (value instanceof Blob) return `${tag} ${(value as File).name ?? ''} ${value.type} ${value.size} bytes`
  if (value instanceof CryptoKey) return `${tag} ${JSON.stringify([value.type, value.extractable, value.usages])}`
  if (value instanceof URL) return `${tag} ${value.href}`
  if (value instanceof FormData || value instanceof Headers || value instanceof URLSearchParams)
    return { [tag]: [...value].map((pair) => shapeOf(pair, seen)) }
  if (value instanceof Map || value instanceof Set) return { [tag]: [...value].map((each) => shapeOf(each, seen)) }
  if (Array.isArray(value)) return value.map((each) => shapeOf(each, seen))
  if (tag !== 'Object' && !(value instanceof Error)) return tag
  const members = Reflect.ownKeys(value).filter((key) => !(value instanceof Error && key === 'stack'))
  const shape: { [member: string]: Shape } = {}
  if (value instanceof Error) shape.class = value.constructor.name
  if (Object.getPrototypeOf(value) === null) shape['(no prototype)'] = 'true'
  for (const key of members) {
    const { enumerable } = Object.getOwnPropertyDescriptor(value, key)!
    const isHidden = !enumerable && !(value instanceof Error && key === 'message')
    shape[`${String(key)}${isHidden ? ' (hidden)' : ''}`] = shapeOf((value as Record<PropertyKey, unknown>)[key], seen)
  }
  return shape
}

/** A difference: its kind, which is the same for the same change of behavior, and the values. */
export interface Difference {
  readonly kind: string
  readonly old: string
  readonly next: string
}

/** What follows from every other difference. */
const CONSEQUENCE = /(?:signature|stringToSign|policy)(?: \(hidden\))?$/i

/** Compares two outcomes. */
export function difference(old: Shape, next: Shape): Difference | undefined {
  if (JSON.stringify(old) === JSON.stringify(next)) return undefined
  const [one, other] = [summary(old), summary(next)]
  const found = one === other ? [...walk('', old, next)] : [{ path: `${one} → ${other}`, old, next }]
  const causes = found.filter(({ path }) => !CONSEQUENCE.test(path))
  const shown = causes.length ? causes : found
  const kind = [...new Set(shown.map(({ path }) => path))].sort().slice(0, 3).join(', ')
  return { kind, old: textOf(shown[0]!.old), next: textOf(shown[0]!.next) }
}

/** `returned`, or `threw` with the code of the error. */
function summary(outcome: Shape): string {
  if (typeof outcome === 'string') return outcome
  const { threw } = outcome as { threw?: { code?: string; class?: string } }
  if (threw === undefined) return 'returned'
  return `threw ${threw.code ? JSON.parse(threw.code) : (threw.class ?? 'something else')}`
}

interface Found {
  path: string
  old: Shape
  next: Shape
}

function* walk(path: string, old: Shape, next: Shape): Generator<Found> {
  if (typeof old === 'string' || typeof next === 'string' || Array.isArray(old) !== Array.isArray(next)) {
    if (JSON.stringify(old) !== JSON.stringify(next)) yield* strings(path, old, next)
    return
  }
  const [one, other] = [Object.entries(old), Object.entries(next)]
  const names = new Set([...one, ...other].map(([name]) => name))
  let isSame = true
  for (const name of names) {
    const within = Array.isArray(old) ? `${path}[]` : path === '' ? name : `${path}.${name}`
    const [before, after] = [(old as Record<string, Shape>)[name], (next as Record<string, Shape>)[name]]
    for (const each of walk(within, before ?? 'absent', after ?? 'absent')) {
      isSame = false
      yield each
    }
  }
  const order = (entries: [string, Shape][]): string => entries.map(([name]) => name).join()
  if (isSame && order(one) !== order(other)) yield { path: `${path} (order)`, old: order(one), next: order(other) }
}

/** Splits URLs and headers that are signed, so that the kind of a difference names the part. */
function* strings(path: string, old: Shape, next: Shape): Generator<Found> {
  const [one, other] = [partsOf(old), partsOf(next)]
  if (!one || !other) return yield { path, old, next }
  const names = [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name))
  for (const name of names)
    yield { path: `${path} ${name}`, old: one.get(name) ?? 'absent', next: other.get(name) ?? 'absent' }
  if (!names.length) yield { path: `${path} (order)`, old, next }
}

function partsOf(shape: Shape): Map<string, string> | undefined {
  if (typeof shape !== 'string') return undefined
  const [, start, query] = /^"(.*?)\?(.*X-Amz-.*)"$/.exec(shape) ?? []
  if (query !== undefined) {
    const parts = new Map([['path', start!]])
    for (const pair of query.split('&')) {
      const name = /^X-Amz-[^=]*/.exec(pair)?.[0] ?? 'query'
      parts.set(name, `${parts.get(name) ?? ''}&${pair}`)
    }
    return parts
  }
  const [, credential, names, signature] =
    /^"AWS4\S+ Credential=(.*), SignedHeaders=(.*), Signature=(\w+)"$/.exec(shape) ?? []
  return signature === undefined
    ? undefined
    : new Map([
        ['Credential', credential!],
        ['SignedHeaders', names!],
        ['Signature', signature],
      ])
}

function textOf(shape: Shape): string {
  const text = typeof shape === 'string' ? shape : JSON.stringify(shape)
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}
