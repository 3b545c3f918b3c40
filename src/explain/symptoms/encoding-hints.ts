import type { Clue } from '../clue.ts'
import type { ParsedRequest } from '../request/facts.ts'

// Spaces, escapes and separators, which clients and services often write differently.

/** A trace of a usual cause. */
export type Hint = Omit<Clue, 'ground'>

export function whitespaceHints({ headers, claim }: ParsedRequest): Hint[] {
  const names = claim.signedHeaders.filter((name) => /^\s|\s$|\s\s/.test(headers[name] ?? ''))
  return names.map((name) => ({
    cause: 'header-whitespace',
    name,
    part: `the header ${name}`,
    message: `The ${name} header contains repeated or surrounding spaces, which must be collapsed and trimmed for signing.`,
    actual: headers[name],
  }))
}

export function queryHints({ parameters }: ParsedRequest): Hint[] {
  const hints: Hint[] = []
  const own = parameters.filter(({ name }) => !/^x-amz-/i.test(name))
  const bare = own.find(({ name, value }) => name !== '' && value === undefined)
  if (bare)
    hints.push({
      cause: 'query-empty-value',
      message: `The ${bare.name} parameter does not have a =. It must be signed as ${bare.name}= with an empty value.`,
      actual: bare.name,
      expected: `${bare.name}=`,
    })
  const raw = own.find(({ name, value = '' }) => /[^\w.~%+-]/.test(name + value))
  if (raw)
    hints.push({
      cause: 'query-encoding',
      message: `The ${raw.name} parameter contains an unescaped ${/[^\w.~%+-]/.exec(raw.name + (raw.value ?? ''))![0]}, which must be percent-encoded for signing.`,
      actual: `${raw.name}=${raw.value ?? ''}`,
    })
  const plus = own.find(({ name, value = '' }) => name.includes('+') || value.includes('+'))
  if (plus)
    hints.push({
      cause: 'query-plus',
      message: `The ${plus.name} parameter contains a +, which services decode as a space.`,
      actual: `${plus.name}=${plus.value ?? ''}`,
    })
  const names = own.map(({ name }) => name)
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined)
    hints.push({
      cause: 'query-duplicate',
      message: `The ${twice} parameter appears more than once.`,
      actual: twice,
    })
  return hints
}

export function pathHints({ path }: ParsedRequest): Hint[] {
  if (/%25[\da-f]{2}/i.test(path))
    return [
      {
        cause: 'path-double-encoding',
        message: 'The path contains percent escapes that are encoded twice.',
        actual: path,
      },
    ]
  const lower = /%(?:[a-f][\da-f]|\d[a-f])/.test(path)
  const found = /[^\w.~/%-]/.exec(path)?.[0]
  return [
    ...(found === undefined
      ? []
      : [
          {
            cause: 'path-encoding',
            message: `The path contains an unescaped ${found}, which must be percent-encoded for signing.`,
            actual: found,
          } as const,
        ]),
    ...(/%20%20/.test(path)
      ? [
          {
            cause: 'path-encoding',
            message: 'The path contains two spaces in a row: services decode an unescaped + as a space. Send + as %2B.',
            actual: path,
          } as const,
        ]
      : []),
    ...(/\/\.{0,2}(?:\/|$)/.test(path.slice(1))
      ? [
          {
            cause: 'path-normalization',
            message: 'The path contains an empty or dot segment, which clients and proxies often resolve.',
            actual: path,
          } as const,
        ]
      : []),
    ...(lower
      ? [
          {
            cause: 'path-encoding-case',
            message: 'The path contains lowercase percent escapes.',
            actual: path,
          } as const,
        ]
      : []),
  ]
}

/** Percent escapes, which clients handle differently. */
export function escapeHints({ path, parameters }: ParsedRequest): Hint[] {
  const own = parameters.find(({ name, value = '' }) => !/^x-amz-/i.test(name) && /%(?!2F)/i.test(name + value))
  return [
    ...(/%[\da-f]{2}/i.test(path)
      ? [
          {
            cause: 'path-encoding',
            message:
              'The path contains percent escapes, which must be encoded exactly once and in the same way for signing.',
            actual: path,
          } as const,
        ]
      : []),
    ...(own
      ? [
          {
            cause: 'query-encoding',
            message: `The parameter ${own.name} contains escaped characters, which must be escaped once for signing, and in the same way.`,
            actual: `${own.name}=${own.value ?? ''}`,
          } as const,
        ]
      : []),
  ]
}

/** Parameters that are not in the order in which they must be signed. */
export function orderHints({ parameters, location }: ParsedRequest): Hint[] {
  const names = parameters.map(({ name }) => name)
  const isSorted = names.every((name, i) => i === 0 || names[i - 1]! <= name)
  if (location !== 'header' || isSorted) return []
  return [
    {
      cause: 'query-order',
      message: 'The parameters of the URL are not sorted. They must be signed in the order of their names.',
      expected: [...names].sort().join(', '),
      actual: names.join(', '),
    },
  ]
}
