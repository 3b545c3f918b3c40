import { type Clue, clue } from '../clue.ts'
import { type ParsedRequest, parameter } from '../request/facts.ts'

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
    hints.push(
      clue(
        'query-empty-value',
        `The ${bare.name} parameter does not have a =. It must be signed as ${bare.name}= with an empty value.`,
        `${bare.name}=`,
        bare.name,
      ),
    )
  const raw = own.find(({ name, value = '' }) => /[^\w.~%+-]/.test(name + value))
  if (raw)
    hints.push(
      clue(
        'query-encoding',
        `The ${raw.name} parameter contains an unescaped ${/[^\w.~%+-]/.exec(raw.name + (raw.value ?? ''))![0]}, which must be percent-encoded for signing.`,
        undefined,
        `${raw.name}=${raw.value ?? ''}`,
      ),
    )
  const plus = own.find(({ name, value = '' }) => name.includes('+') || value.includes('+'))
  if (plus)
    hints.push(
      clue(
        'query-plus',
        `The ${plus.name} parameter contains a +, which services decode as a space.`,
        undefined,
        `${plus.name}=${plus.value ?? ''}`,
      ),
    )
  const names = own.map(({ name }) => name)
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined)
    hints.push(clue('query-duplicate', `The ${twice} parameter appears more than once.`, undefined, twice))
  return hints
}

export function pathHints({ path }: Pick<ParsedRequest, 'path'>): Hint[] {
  if (/%25[\da-f]{2}/i.test(path))
    return [clue('path-double-encoding', 'The path contains percent escapes that are encoded twice.', undefined, path)]
  const lower = /%(?:[a-f][\da-f]|\d[a-f])/.test(path)
  const found = /[^\w.~/%-]/.exec(path)?.[0]
  return [
    ...(found === undefined
      ? []
      : [
          clue(
            'path-encoding',
            `The path contains an unescaped ${found}, which must be percent-encoded for signing.`,
            undefined,
            found,
          ),
        ]),
    ...(/%20%20/.test(path)
      ? [
          clue(
            'path-encoding',
            'The path contains two spaces in a row: services decode an unescaped + as a space. Send + as %2B.',
            undefined,
            path,
          ),
        ]
      : []),
    ...(/\/(?:\.{0,2}\/|\.{1,2}$)/.test(path.slice(1))
      ? [
          clue(
            'path-normalization',
            'The path contains an empty or dot segment, which clients and proxies often resolve.',
            undefined,
            path,
          ),
        ]
      : []),
    ...(lower ? [clue('path-encoding-case', 'The path contains lowercase percent escapes.', undefined, path)] : []),
  ]
}

/** Percent escapes, which clients handle differently. */
export function escapeHints({ path, parameters }: Pick<ParsedRequest, 'path' | 'parameters'>): Hint[] {
  const own = parameters.find(({ name, value = '' }) => !/^x-amz-/i.test(name) && /%(?!2F)/i.test(name + value))
  return [
    ...(/%[\da-f]{2}/i.test(path)
      ? [
          clue(
            'path-encoding',
            'The path contains percent escapes, which clients often write differently for signing than for sending.',
            undefined,
            path,
          ),
        ]
      : []),
    ...(own
      ? [
          clue(
            'query-encoding',
            `The ${own.name} parameter contains percent escapes, which clients often write differently for signing than for sending.`,
            undefined,
            `${own.name}=${own.value ?? ''}`,
          ),
        ]
      : []),
  ]
}

/** What the start of a canonical request shows that was cut off. */
export function startHints(canonicalRequest = ''): Clue[] {
  const [, path = '', query = ''] = /^[A-Z]{3,7}\s(\/\S*)\s?(\S*)/.exec(canonicalRequest) ?? []
  const parameters = query === '' ? [] : query.split('&').map(parameter)
  return [...pathHints({ path }), ...escapeHints({ path, parameters })].map((hint) => ({
    ...hint,
    ground: 'tolerable',
  }))
}

/** Parameters that are not in the order in which they must be signed. */
export function orderHints({ parameters, location }: ParsedRequest): Hint[] {
  const names = parameters.map(({ name }) => name)
  const isSortedBy = (key: (name: string) => string): boolean =>
    names.every((name, i) => i === 0 || key(names[i - 1]!) <= key(name))
  const isSorted = isSortedBy((name) => name)
  if (location !== 'header' || (isSorted && isSortedBy((name) => name.toLowerCase()))) return []
  return [
    clue(
      'query-order',
      `The parameters of the URL are not sorted${isSorted ? ' if case is ignored' : ''}. They must be signed in the order of their names${isSorted ? ', uppercase first' : ''}.`,
      [...names].sort().join(', '),
      names.join(', '),
    ),
  ]
}
