import { type AST, RegExpParser } from '@eslint-community/regexpp'

// Strings that make a regular expression backtrack: what its parts match, repeated, and an end that does not match.

/** An attack: `start`, then `unit` repeated, then `end`. */
export interface Attack {
  readonly start: string
  readonly unit: string
  readonly end: string
}

/** Ends that few expressions match. Unlike others, a line separator is not matched by a dot. */
const ENDS = ['\u{1f600}', '\u2028x', '\n\u{1f600}', 'x']
/** Characters of every kind, in addition to those in the expression. */
const MARKS = 'aZ0 _-./:;,="\'<(\t\n\u2028é%'
/** How many strings stand for one part of an expression. */
const MOST = 12

/** Repeats each part of an expression that may be repeated, after what can precede it, and everything that it matches. */
export function partAttacks(pattern: RegExp): Attack[] {
  return pumps(pattern).flatMap(([start, unit]) => ENDS.map((end) => ({ start, unit, end })))
}

/** Repeats the words and marks in an expression, whatever they mean there. */
export function wordAttacks(pattern: RegExp): Attack[] {
  return words(pattern).map(([start, unit]) => ({ start, unit, end: ENDS[0]! }))
}

export function textOf({ start, unit, end }: Attack, length: number): string {
  return start + unit.repeat(Math.ceil(length / unit.length)) + end
}

/** What precedes the repetitions, and what is repeated. */
type Pump = readonly [start: string, unit: string]

/** What the parts of an expression match, by its syntax. */
function pumps(pattern: RegExp): Pump[] {
  const unicode = pattern.unicode
  const tree = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern.source, 0, undefined, { unicode })
  const marks = [...new Set([...charactersIn(tree), ...MARKS])]
  const flags = pattern.flags.replace(/[gy]/g, '')
  const known = new Map<string, string[]>()
  const inSet = (raw: string): string[] => {
    const set = new RegExp(`^(?:${raw})$`, flags)
    const found = known.get(raw) ?? marks.filter((mark) => set.test(mark))
    known.set(raw, found)
    return found
  }
  /** Strings that a part matches; assertions are ignored. */
  const samples = (node: Part): string[] => {
    if (node.type === 'Text') return [node.text]
    if (node.type === 'Character') return [String.fromCodePoint(node.value)]
    if (node.type === 'CharacterSet' || node.type === 'CharacterClass') return inSet(node.raw).slice(0, MOST)
    if (node.type === 'Alternative') return inSequence(node.elements.map(samples))
    if (node.type === 'Quantifier') {
      const once = samples(node.element)
      return node.min > 0 ? once.map((text) => text.repeat(node.min)) : ['', ...once].slice(0, MOST)
    }
    if (node.type === 'Pattern' || node.type === 'Group' || node.type === 'CapturingGroup')
      return node.alternatives.flatMap(samples).slice(0, MOST)
    return ['']
  }
  const found: Pump[] = []
  const visit = (node: Part, starts: readonly string[]): void => {
    if ('alternatives' in node && node.alternatives) for (const each of node.alternatives) visit(each, starts)
    else if (node.type === 'Quantifier') {
      if (node.max > 3)
        for (const unit of samples(node.element))
          for (const start of starts) found.push([start, unit], ['', start + unit])
      visit(node.element, starts)
    } else if (node.type === 'Alternative') {
      const elements = joinCharacters(node.elements)
      const parts = elements.map(samples)
      let before = starts
      for (const [i, element] of elements.entries()) {
        visit(element, before)
        // what several parts match may also be what one of them repeats
        for (const end of [i + 2, i + 3])
          for (const unit of inSequence(parts.slice(i, end)).slice(0, 3)) found.push([before[0]!, unit])
        const [first = '', ...others] = parts[i]!
        before = [
          before[0]! + first,
          ...others.slice(0, MOST / 2).map((text) => before[0]! + text),
          ...before.slice(1).map((start) => start + first),
        ].slice(0, MOST)
      }
      // the whole of what it matches
      for (const unit of before) found.push(['', unit])
    }
  }
  visit(tree, [''])
  return distinct(found)
}

/** A part of an expression, or characters in sequence. */
type Part = AST.Node | { readonly type: 'Text'; readonly text: string }

function joinCharacters(elements: readonly AST.Element[]): Part[] {
  const parts: Part[] = []
  for (const element of elements) {
    const before = parts.at(-1)
    const text = element.type === 'Character' ? String.fromCodePoint(element.value) : undefined
    if (text !== undefined && before?.type === 'Text')
      parts[parts.length - 1] = { type: 'Text', text: before.text + text }
    else parts.push(text === undefined ? element : { type: 'Text', text })
  }
  return parts
}

function distinct(pumps: readonly Pump[]): Pump[] {
  const found = pumps.filter(([, unit]) => unit !== '')
  return [...new Map(found.map((pump) => [JSON.stringify(pump), pump])).values()]
}

/** Strings of parts in sequence: the first of each, and each other one with the first of the others. */
function inSequence(parts: readonly string[][]): string[] {
  const first = parts.map(([sample = '']) => sample)
  const all = parts.flatMap((samples, i) =>
    samples.slice(1).map((text) => [...first.slice(0, i), text, ...first.slice(i + 1)].join('')),
  )
  return [...new Set([first.join(''), ...all])].slice(0, MOST)
}

function charactersIn(tree: AST.Pattern): string[] {
  const found: string[] = []
  const visit = (node: object): void => {
    if ('type' in node && node.type === 'Character') found.push(String.fromCodePoint((node as AST.Character).value))
    for (const name of ['alternatives', 'elements', 'element'])
      for (const inner of [(node as Record<string, object | object[]>)[name] ?? []].flat()) visit(inner)
  }
  visit(tree)
  return found
}

function words({ source }: RegExp): Pump[] {
  const plain = source.replace(/\\[bBdwsSDWpP]|\[|\]|[()?:*+^$|{}]/g, ' ').replace(/\\/g, '')
  const marks = [...new Set(`${plain.slice(0, 60)}a0A \t.-%<é\n`)]
  const found = plain.split(/\s+/).filter((word) => word.length > 1)
  const starts = [...new Set(['', 'x', ...found.slice(0, 6)])]
  const units = [...found.slice(0, 12), ...found.slice(0, 6).map((word) => `${word}a`)]
  const pairs = marks.slice(0, 6).flatMap((one) => marks.slice(-6).map((other) => one + other))
  return distinct([
    ...marks.flatMap((unit) => starts.map((start): Pump => [start, unit])),
    ...[...units, ...pairs, '<a>', '<a', '<a></a>', '{"a', '"a"'].map((unit): Pump => ['', unit]),
  ])
}
