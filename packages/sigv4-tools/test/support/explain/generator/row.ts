import type { BASES } from './bases.ts'
import type { Cause } from './causes.ts'
import type { Base, Hooks, Wire } from './signing.ts'

/** One way to go wrong, and the requests that it is tried on. */
export interface Row {
  cause: Cause
  name: string
  in: readonly ('header' | 'query')[]
  bases: readonly (keyof typeof BASES | Base)[]
  hooks: Hooks
  /** What an honest expert could also call it. */
  alternatives?: readonly Cause[]
  /** Why the alternatives are the same thing. */
  because?: string
  /** What was signed is nowhere in the request, and is nothing that one tries: without the client's strings it is lost. */
  lost?: true
  /** Servers that refuse the request even when nothing is wrong, so that the fault cannot be shown there. */
  notOn?: readonly string[]
}

export const H = ['header'] as const
export const Q = ['query'] as const
export const HQ = ['header', 'query'] as const

/** Replaces the raw value of a parameter where it stands, or adds it; without a value it is taken out. */
export function setParam(wire: Wire, name: string, value: string | undefined): void {
  const at = wire.query.findIndex((pair) => pair === name || pair.startsWith(`${name}=`))
  if (value === undefined) wire.query.splice(at, at < 0 ? 0 : 1)
  else if (at < 0) wire.query.push(`${name}=${value}`)
  else wire.query[at] = `${name}=${value}`
}

export function paramOf(wire: Wire, name: string): string | undefined {
  return wire.query.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
}
