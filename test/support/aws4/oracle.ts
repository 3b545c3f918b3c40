import aws4 from 'aws4'
import { expect } from 'vitest'
import ours from '../../../src/aws4.ts'

// Compares with aws4: both modules receive the same input, and every observable effect must be the same.

/** Creates a new request and new credentials for each signer. */
export type Make = () => readonly [request: unknown, credentials?: unknown]

/** Either module; a test does the same with both. */
// biome-ignore lint/suspicious/noExplicitAny: tests read members that no type has
export type Module = any

export const modules: { aws4: Module; ours: Module } = { aws4, ours }

/** Returns a value with its keys in order, so that the comparison sees what `toEqual` ignores. */
function shape(value: unknown, seen = new Map<object, number>()): unknown {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' || typeof value === 'boolean' ? value : `${typeof value} ${String(value)}`
  const known = seen.get(value)
  if (known !== undefined) return `same as ${known}`
  seen.set(value, seen.size)
  if (value instanceof Date) return `Date ${value.getTime()}`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength}`
  if (Array.isArray(value)) return value.map((one) => shape(one, seen))
  const keys = Reflect.ownKeys(value).map((key) => [
    String(key),
    shape((value as Record<PropertyKey, unknown>)[key], seen),
    Object.getOwnPropertyDescriptor(value, key)!.enumerable,
  ])
  return Object.getPrototypeOf(value) === null ? { bare: keys } : keys
}

/** Returns a function's result, or the type of error that it threw. */
export function outcome(run: () => unknown): unknown {
  try {
    const gave = run()
    return { gave: gave === undefined ? 'nothing' : gave }
  } catch (error) {
    return { threw: (error as Error).constructor.name, name: (error as Error).name }
  }
}

/** An operation on a request; the two modules never share an object. */
export type Step = (signer: Module, request: Module, module: Module) => unknown

/** Creates a signer, applies the steps, and returns all results and effects. */
export function observe(module: Module, make: Make, steps: readonly Step[]) {
  const [request, credentials] = make()
  const headers = (request as { headers?: unknown } | null | undefined)?.headers
  const seen: unknown[] = []
  let signer: Module
  seen.push(
    outcome(() => {
      signer = new module.RequestSigner(request, credentials)
    }),
  )
  if (signer)
    for (const step of steps)
      seen.push(
        outcome(() => {
          const given = step(signer, signer.request, module)
          if (given === signer.request) return 'the request'
          return shape(given)
        }),
      )
  return {
    seen,
    same: typeof request === 'string' || !signer || signer.request === request,
    request: shape(typeof request === 'string' ? signer?.request : request),
    given: shape(headers),
    signer: signer && shape(signer),
  }
}

/** Returns the results of `sign` and of every stage of a signer. */
export const everything: readonly Step[] = [
  (signer) => signer.canonicalString(),
  (signer) => signer.stringToSign(),
  (signer) => signer.signature(),
  (signer) => signer.sign(),
]

/** Returns the result and the effects of `sign`. */
function signed(module: Module, make: Make): unknown {
  const [request, credentials] = make()
  const headers = (request as { headers?: unknown } | null | undefined)?.headers
  const result = outcome(() => {
    const given = module.sign(request, credentials)
    return { same: typeof request === 'string' || given === request, given: shape(given) }
  })
  return { result, request: shape(request), headers: shape(headers), credentials: shape(credentials) }
}

/** Signs through `sign` and through a signer, with both modules, and compares. */
export function expectSame(make: Make, steps: readonly Step[] = everything): void {
  // much faster than the comparison that shows the difference; every value here can be serialized as JSON
  for (const [own, theirs] of [
    [signed(modules.ours, make), signed(modules.aws4, make)],
    [observe(modules.ours, make, steps), observe(modules.aws4, make, steps)],
  ])
    if (JSON.stringify(own) !== JSON.stringify(theirs)) expect(own).toEqual(theirs)
}
