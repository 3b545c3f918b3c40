import { randomBelow } from '../../../../../../test/support/random.ts'
import { generateStructureCases, type StructureCase } from './generate.ts'
import { isSetAside, MISTAKES, type Mistake } from './mistakes.ts'

const SEED_OF_PAIRS = 7

/** Returns one request for each of so many pairs of mistakes, which are drawn at random and change different steps. */
export function combineMistakes(count: number): StructureCase[] {
  const rows = MISTAKES.filter(({ name, aspect }) => aspect !== 'policy' && !isSetAside(name))
  const below = randomBelow(SEED_OF_PAIRS)
  const pairs = new Map<string, Mistake>()
  while (pairs.size < count) {
    const [a, b] = [rows[below(rows.length)], rows[below(rows.length)]]
    if (a === undefined || b === undefined || Object.keys(a.change).some((step) => step in b.change)) continue
    const name = [a.name, b.name].sort().join(' + ')
    pairs.set(name, {
      name,
      says: `${a.says} ${b.says}`,
      source: '',
      aspect: a.aspect,
      applies: (request) => a.applies(request) && b.applies(request) && request.location !== 'form',
      change: { ...a.change, ...b.change },
    })
  }
  const cases = generateStructureCases(3, [...pairs.values()]).filter(
    ({ mistake, level }) => level === 'a' && pairs.has(mistake),
  )
  return [...new Map(cases.map((each) => [each.mistake, each])).values()]
}
