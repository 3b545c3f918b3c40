import { type Clue, header, trace } from '../model/clue.ts'
import type { Parameter, ParsedRequest } from '../request/facts.ts'

// Spaces, escapes and separators, which clients and services often write differently.

/** Spaces in signed headers. */
export function whitespaceTraces({ headers, claim }: ParsedRequest): Clue[] {
  // each header once: a long one may be listed a million times
  const names = [...new Set(claim.signedHeaders)].filter((name) => /^\s|\s$|\s\s/.test(headers[name] ?? ''))
  return names.map((name) => {
    const message = `The ${name} header contains repeated or surrounding spaces, which must be collapsed and trimmed for signing.`
    return trace('header-whitespace', message, { part: header(name), actual: headers[name] })
  })
}

/** The parameters that do not belong to the signature. */
function ownParameters(parameters: readonly Parameter[]): Parameter[] {
  return parameters.filter(({ name }) => !/^x-amz-/i.test(name))
}

/** Parameters that are often written differently for signing than for sending. */
export function* queryTraces({ parameters }: Pick<ParsedRequest, 'parameters'>): Iterable<Clue> {
  const own = ownParameters(parameters)
  const written = ({ name, value = '' }: Parameter): string => `${name}=${value}`
  const bare = own.find(({ name, value }) => name !== '' && value === undefined)
  if (bare) {
    const message = `The ${bare.name} parameter does not have a =. It must be signed as ${bare.name}= with an empty value.`
    yield trace('query-empty-value', message, { expected: `${bare.name}=`, actual: bare.name })
  }
  const unescaped = ({ name, value = '' }: Parameter): string | undefined => /[^\w.~%+-]/u.exec(name + value)?.[0]
  const raw = own.find((each) => unescaped(each) !== undefined)
  if (raw) {
    const message = `The ${raw.name} parameter contains an unescaped "${unescaped(raw)}", which must be percent-encoded for signing.`
    yield trace('query-encoding', message, { actual: written(raw) })
  }
  const plus = own.find(({ name, value = '' }) => name.includes('+') || value.includes('+'))
  if (plus) {
    const message = `The ${plus.name} parameter contains a +, which services decode as a space.`
    yield trace('query-plus', message, { actual: written(plus) })
  }
  const names = new Set<string>()
  for (const { name } of own) {
    if (names.has(name))
      return yield trace('query-duplicate', `The ${name} parameter appears more than once.`, { actual: name })
    names.add(name)
  }
}

/** Paths that are often written differently for signing than for sending. */
export function* pathTraces({ path }: Pick<ParsedRequest, 'path'>): Iterable<Clue> {
  if (/%25[\da-f]{2}/i.test(path))
    return yield trace('path-double-encoding', 'The path contains percent escapes that are encoded twice.', {
      actual: path,
    })
  const raw = /[^\w.~/%-]/u.exec(path)?.[0]
  if (raw !== undefined) {
    const message = `The path contains an unescaped "${raw}", which must be percent-encoded for signing.`
    yield trace('path-encoding', message, { actual: raw })
  }
  if (/\/(?:\.{0,2}\/|\.{1,2}$)/.test(path.slice(1))) {
    const message = 'The path contains an empty or dot segment, which clients and proxies often resolve.'
    yield trace('path-normalization', message, { actual: path })
  }
  if (/%(?:[a-f][\da-f]|\d[a-f])/.test(path))
    yield trace('path-encoding-case', 'The path contains lowercase percent escapes.', { actual: path })
}

/** Percent escapes, which clients handle differently. */
export function* escapeTraces({ path, parameters }: Pick<ParsedRequest, 'path' | 'parameters'>): Iterable<Clue> {
  const differently = 'contains percent escapes, which clients often write differently for signing than for sending.'
  if (/%[\da-f]{2}/i.test(path)) yield trace('path-encoding', `The path ${differently}`, { actual: path })
  const own = ownParameters(parameters).find(({ name, value = '' }) => /%(?!2F)/i.test(name + value))
  if (own) {
    const actual = `${own.name}=${own.value ?? ''}`
    yield trace('query-encoding', `The ${own.name} parameter ${differently}`, { actual })
  }
}

/** Returns whether names are in ascending order. */
export function isSorted(names: readonly string[]): boolean {
  return names.join('&') === [...names].sort().join('&')
}

/** Parameters that are not in the order in which they must be signed. */
export function orderTraces({ parameters, location }: ParsedRequest): Clue[] {
  if (location !== 'header') return []
  const names = parameters.map(({ name }) => name)
  const isAscending = isSorted(names)
  if (isAscending && isSorted(names.map((name) => name.toLowerCase()))) return []
  const message = isAscending
    ? 'The parameters of the URL are not sorted if case is ignored. They must be signed in the order of their names, uppercase first.'
    : 'The parameters of the URL are not sorted. They must be signed in the order of their names.'
  return [trace('query-order', message, { expected: [...names].sort().join(', '), actual: names.join(', ') })]
}
