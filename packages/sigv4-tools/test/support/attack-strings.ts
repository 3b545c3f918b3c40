import { analyse } from 'scslre'

/** A string of about a length, for which an expression may backtrack. */
export type Attack = (length: number) => string

type Pattern = ReturnType<typeof analyse>['parsed']['pattern']
type Alternative = Pattern['alternatives'][number]
type Element = Alternative['elements'][number]

/** Characters of many kinds, for classes that contain none of the characters in an expression. */
const MARKS = 'aZ0 _-./:;,="\'<(\t\n\u2028é%'
/** Ends that few expressions match: with a line break, which ends `.*` and `$`, and without. */
const ENDS = ['\n\u{1f600}', '\u{1f600}']
/** How many neighboring parts of an expression are repeated together. */
const PARTS = 3
/** How many of the alternatives of each group are repeated. */
const ALTERNATIVES = 3

/** Returns repetitions of the parts of an expression, after what precedes them or with it. */
export function attacksOn(pattern: RegExp): Attack[] {
  const { source, flags } = pattern
  const tree = analyse({ source, flags }, { maxReports: 0 }).parsed.pattern
  const marks = [...new Set(source.replace(/\\[a-z]/gi, '') + MARKS)]
  const inSet = (raw: string): string => {
    const set = new RegExp(`^${raw}$`, flags.replace(/[gy]/g, ''))
    return marks.find((mark) => set.test(mark)) ?? ''
  }
  let choice = 0
  /** A string that a part matches. */
  const sample = (element: Element): string => {
    if (element.type === 'Character') return String.fromCodePoint(element.value)
    if (element.type === 'CharacterSet' || element.type === 'CharacterClass') return inSet(element.raw)
    if (element.type === 'Quantifier') return sample(element.element).repeat(Math.max(element.min, 1))
    if (element.type !== 'Group' && element.type !== 'CapturingGroup') return ''
    return samplesOf(element.alternatives[choice % element.alternatives.length]!).join('')
  }
  /** A sample of each part; characters in sequence are one. */
  const samplesOf = ({ elements }: Alternative): string[] => {
    const parts: string[] = []
    for (const [i, element] of elements.entries())
      if (element.type === 'Character' && elements[i - 1]?.type === 'Character')
        parts.push(parts.pop() + sample(element))
      else parts.push(sample(element))
    return parts
  }
  const found = new Map<string, readonly [start: string, unit: string]>()
  const add = (start: string, unit: string): void => {
    if (unit !== '') found.set(JSON.stringify([start, unit]), [start, unit])
  }
  const visit = (element: object, start: string): void => {
    const { alternatives = [], element: inner } = element as { alternatives?: Alternative[]; element?: Element }
    if (inner) visit(inner, start)
    for (const alternative of alternatives) {
      const parts = samplesOf(alternative)
      add('', start + parts.join(''))
      for (const i of parts.keys())
        for (let end = i + 1; end <= i + PARTS; end++) {
          const [before, unit] = [start + parts.slice(0, i).join(''), parts.slice(i, end).join('')]
          add(before, unit)
          add('', before + unit)
          add('', `${before}${unit} `)
        }
      for (const [i, element] of alternative.elements.entries())
        visit(element, start + alternative.elements.slice(0, i).map(sample).join(''))
    }
  }
  for (; choice < ALTERNATIVES; choice++) visit(tree, '')
  return [...found.values()].flatMap(([start, unit]) =>
    ENDS.map((end) => (length: number) => start + unit.repeat(Math.ceil(length / unit.length)) + end),
  )
}
