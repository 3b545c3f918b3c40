import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { type Attack, textOf } from './pattern-attacks.ts'

// Runs regular expressions as engines do, by backtracking, and counts the steps. Unlike a time, the count is the same on
// every machine and at every load. An engine skips some of these steps, but only by a constant factor.

/** What happens when an expression replaces its matches in a string. */
export interface Run {
  readonly steps: number
  readonly matches: readonly (readonly [start: number, end: number])[]
  /** Whether it stopped because it took too many steps. */
  readonly isCut: boolean
}

const MATCH = 0
/** Compares the next character, or the one before, with a set. */
const SET = 1
const SET_BEFORE = 2
/** Continues at `one`, and at `other` if that fails. */
const CHOOSE = 3
const JUMP = 4
/** Stores the location in a register. */
const SAVE = 5
/** Begins to count repetitions, begins or ends them, and fails if one matched nothing. */
const COUNT = 6
const REPEAT = 7
const REPEAT_LAZILY = 8
const PROGRESS = 9
const START = 10
const END = 11
const WORD = 12
const NOT_WORD = 13
const SAME = 14
const SAME_BEFORE = 15
/** Begins an assertion, ends one whose part matches, and fails if the part of a negative one matches. */
const LOOK = 16
const LOOK_NOT = 17
const FOUND = 18
const REFUSE = 19
/** Compares as many characters as possible with a set, and fewer if the rest fails. */
const ALL = 20

/** A set of characters: whether the engine matches a part of the expression with them. */
type Set = (code: number) => boolean

interface Program {
  /** Five numbers per instruction: its operation and four operands. */
  readonly code: Int32Array
  readonly sets: readonly Set[]
  readonly registers: number
  /** Whether it can only match at the start of a string, which engines know. */
  readonly isAnchored: boolean
}

const SIZE = 5
const knownSets = new Map<string, Set>()
const programs = new Map<string, Program>()
const programsByPattern = new WeakMap<RegExp, Program>()

function setOf(raw: string, flags: string): Set {
  const key = `${flags}/${raw}`
  const found = knownSets.get(key)
  if (found) return found
  const pattern = new RegExp(`^(?:${raw})$`, flags.replace(/[gym]/g, ''))
  const matches = (code: number): boolean => pattern.test(String.fromCodePoint(code))
  const known = new Map<number, boolean>()
  const set: Set = (code) => {
    const is = known.get(code) ?? matches(code)
    known.set(code, is)
    return is
  }
  const ascii = Array.from({ length: 128 }, (_, code) => matches(code))
  const fast: Set = (code) => (code < 128 ? ascii[code]! : set(code))
  knownSets.set(key, fast)
  return fast
}

function compile({ source, flags, unicode, multiline }: RegExp): Program {
  const code: number[] = []
  const sets: Set[] = []
  const groups = new Map<AST.CapturingGroup, number>()
  let registers = 0
  const reserve = (): number => {
    registers += 2
    return registers - 2
  }
  const groupOf = (group: AST.CapturingGroup): number => {
    const register = groups.get(group) ?? reserve()
    groups.set(group, register)
    return register
  }
  /** Appends an instruction, and returns the location of its second operand. */
  const emit = (operation: number, one = 0, other = 0, min = 0, max = 0): number =>
    code.push(operation, one, other, min, max) - 3
  const either = (alternatives: readonly AST.Alternative[], isBackward: boolean): void => {
    const ends: number[] = []
    for (const [i, { elements }] of alternatives.entries()) {
      const isLast = i === alternatives.length - 1
      const choice = isLast ? 0 : emit(CHOOSE, code.length + SIZE)
      for (const element of isBackward ? [...elements].reverse() : elements) visit(element, isBackward)
      if (isLast) continue
      ends.push(emit(JUMP))
      code[choice] = code.length
    }
    for (const end of ends) code[end - 1] = code.length
  }
  const visit = (node: AST.Element, isBackward: boolean): void => {
    if (isCharacter(node)) emit(isBackward ? SET_BEFORE : SET, sets.push(setOf(node.raw, flags)) - 1)
    else if (node.type === 'Group') either(node.alternatives, isBackward)
    else if (node.type === 'CapturingGroup') {
      const register = groupOf(node)
      emit(SAVE, register + Number(isBackward))
      either(node.alternatives, isBackward)
      emit(SAVE, register + Number(!isBackward))
    } else if (node.type === 'Quantifier') {
      const { min, greedy } = node
      const max = Math.min(node.max, 2 ** 31 - 1)
      if (isCharacter(node.element) && greedy && !isBackward && !unicode) {
        emit(ALL, sets.push(setOf(node.element.raw, flags)) - 1, 0, min, max)
        return
      }
      const register = reserve()
      emit(COUNT, register)
      const begin = code.length
      const end = emit(greedy ? REPEAT : REPEAT_LAZILY, register, 0, min, max)
      emit(SAVE, register + 1)
      visit(node.element, isBackward)
      emit(PROGRESS, register, 0, min)
      emit(JUMP, begin)
      code[end] = code.length
    } else if (node.type === 'Backreference') emit(isBackward ? SAME_BEFORE : SAME, groupOf([node.resolved].flat()[0]!))
    else if (node.type !== 'Assertion') throw new Error(`An unknown part of an expression: ${node.raw}`)
    else if (node.kind === 'word') emit(node.negate ? NOT_WORD : WORD)
    else if (!('alternatives' in node)) emit(node.kind === 'start' ? START : END)
    else {
      const register = reserve()
      const end = emit(node.negate ? LOOK_NOT : LOOK, register)
      either(node.alternatives, node.kind === 'lookbehind')
      emit(node.negate ? REFUSE : FOUND, register)
      code[end] = code.length
    }
  }
  const { alternatives } = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, undefined, { unicode })
  either(alternatives, false)
  emit(MATCH)
  const isAnchored =
    !multiline && alternatives.every(({ elements: [first] }) => first?.type === 'Assertion' && first.kind === 'start')
  return { code: Int32Array.from(code), sets, registers, isAnchored }
}

function isCharacter(node: AST.Element): boolean {
  return node.type === 'Character' || node.type === 'CharacterSet' || node.type === 'CharacterClass'
}

const isWord = (text: string, at: number): boolean => /\w/.test(text.charAt(at))
const isBreak = (text: string, at: number): boolean => /[\n\r\u2028\u2029]/.test(text.charAt(at))

function programOf(pattern: RegExp): Program {
  const known = programsByPattern.get(pattern)
  if (known) return known
  // a literal creates an object whenever it is evaluated
  const key = String(pattern)
  const program = programs.get(key) ?? compile(pattern)
  programs.set(key, program)
  programsByPattern.set(pattern, program)
  return program
}

/** Returns whether an expression can only match where a search begins. */
export function isAnchored(pattern: RegExp): boolean {
  return pattern.sticky || programOf(pattern).isAnchored
}

/**
 * Replaces what an expression matches in a string, until it took more than `most` steps. If `from` is passed, it only
 * searches for the first match from there.
 */
export function run(pattern: RegExp, text: string, most = 1e9, from?: number): Run {
  const { code, sets, registers: count } = programOf(pattern)
  const { unicode, multiline, ignoreCase, global } = pattern
  const registers = new Int32Array(count)
  /** What to do if the rest fails: an instruction and a location to continue at, or a register (below 0) and its value. */
  const stack: number[] = []
  let steps = 0
  let at = 0

  const write = (register: number, value: number): void => {
    stack.push(~register, registers[register]!)
    registers[register] = value
  }
  /** Restores registers, as far as the last choice above a height, and returns where to continue. */
  const backtrack = (height = 0): number => {
    while (stack.length > height) {
      const value = stack.pop()!
      const to = stack.pop()!
      if (to >= 0) {
        at = value
        return to
      }
      registers[~to] = value
    }
    return -1
  }
  const back = (length: number): string => {
    const before = at - length
    return before < 0 ? '' : text.slice(before, at)
  }
  const same = (register: number, isBackward: boolean): boolean => {
    const [from, to] = [registers[register]!, registers[register + 1]!]
    const part = from < 0 || to < 0 ? '' : text.slice(from, to)
    const found = isBackward ? back(part.length) : text.slice(at, at + part.length)
    steps += part.length
    if (ignoreCase ? found.toLowerCase() !== part.toLowerCase() : found !== part) return false
    at += isBackward ? -part.length : part.length
    return true
  }
  const isSurrogate = (index: number): boolean => {
    const code = text.charCodeAt(index)
    return code >= 0xd800 && code < 0xe000
  }

  const match = (): number => {
    registers.fill(-1)
    stack.length = 0
    let next = 0
    while (next >= 0 && steps < most) {
      const i = next
      const one = code[i + 1]!
      next += SIZE
      steps++
      let fails = false
      switch (code[i]!) {
        case MATCH:
          return at
        case SET: {
          if (at >= text.length) fails = true
          else if (unicode && isSurrogate(at)) {
            const point = text.codePointAt(at)!
            if (sets[one]!(point)) at += point > 0xffff ? 2 : 1
            else fails = true
          } else if (sets[one]!(text.charCodeAt(at))) at++
          else fails = true
          break
        }
        case ALL: {
          const [set, least, end] = [sets[one]!, at + code[i + 3]!, Math.min(at + code[i + 4]!, text.length)]
          while (at < end && set(text.charCodeAt(at))) {
            if (at >= least) stack.push(next, at)
            at++
            steps++
          }
          fails = at < least
          break
        }
        case SET_BEFORE: {
          if (at <= 0) fails = true
          else if (unicode && isSurrogate(at - 1)) {
            const begin = at > 1 && text.codePointAt(at - 2)! > 0xffff ? at - 2 : at - 1
            if (sets[one]!(text.codePointAt(begin)!)) at = begin
            else fails = true
          } else if (sets[one]!(text.charCodeAt(at - 1))) at--
          else fails = true
          break
        }
        case CHOOSE:
          stack.push(code[i + 2]!, at)
          next = one
          break
        case JUMP:
          next = one
          break
        case SAVE:
          write(one, at)
          break
        case COUNT:
          write(one, 0)
          break
        case REPEAT:
          if (registers[one]! >= code[i + 4]!) next = code[i + 2]!
          else if (registers[one]! >= code[i + 3]!) stack.push(code[i + 2]!, at)
          break
        case REPEAT_LAZILY:
          if (registers[one]! >= code[i + 3]!) {
            if (registers[one]! < code[i + 4]!) stack.push(next, at)
            next = code[i + 2]!
          }
          break
        case PROGRESS:
          if (registers[one]! >= code[i + 3]! && registers[one + 1] === at) fails = true
          else write(one, registers[one]! + 1)
          break
        case START:
          fails = at > 0 && !(multiline && isBreak(text, at - 1))
          break
        case END:
          fails = at < text.length && !(multiline && isBreak(text, at))
          break
        case WORD:
          fails = isWord(text, at - 1) === isWord(text, at)
          break
        case NOT_WORD:
          fails = isWord(text, at - 1) !== isWord(text, at)
          break
        case SAME:
          fails = !same(one, false)
          break
        case SAME_BEFORE:
          fails = !same(one, true)
          break
        case LOOK: {
          const height = stack.length
          write(one, at)
          write(one + 1, height)
          break
        }
        case LOOK_NOT: {
          const height = stack.length
          write(one, at)
          write(one + 1, height)
          stack.push(code[i + 2]!, at)
          break
        }
        case FOUND: {
          at = registers[one]!
          const kept = stack.splice(registers[one + 1]!)
          for (let j = 0; j < kept.length; j += 2) if (kept[j]! < 0) stack.push(kept[j]!, kept[j + 1]!)
          break
        }
        case REFUSE: {
          const height = registers[one + 1]!
          while (stack.length > height) backtrack(height)
          fails = true
        }
      }
      if (fails) next = backtrack()
    }
    return -1
  }

  const matches: [number, number][] = []
  for (let start = from ?? 0; start <= text.length && steps < most; ) {
    at = start
    const end = match()
    if (end >= 0) matches.push([start, end])
    if (end < 0 ? isAnchored(pattern) : !global || from !== undefined) break
    start = end > start ? end : start + (unicode && text.codePointAt(start)! > 0xffff ? 2 : 1)
  }
  return { steps, matches, isCut: steps >= most }
}

/** Lengths of attacks, and how many times the steps one of three times the length takes at most: quadratic ones take nine. */
const ROUNDS = [
  { length: 200, most: 4.5 },
  // an expression may also repeat something up to a limit, which a long attack exceeds
  { length: 2000, most: 5 },
]
/** Steps per character: fewer are not compared, and more are too many even if they are limited. */
const [FEW, MANY] = [8, 5000]
/** Something else, which an expression may search after an attack. */
const OTHER = ' x'.repeat(20)
/** Steps of an attack with few repetitions, of which an exponential one takes more. */
const LEAST = 500_000

/** Returns an attack for which the steps of an expression grow faster than the attack. */
export function weakness(pattern: RegExp, attacks: readonly Attack[]): string | undefined {
  const found = attacks.find(
    (attack) =>
      isExponential(pattern, attack) ||
      (!isCheap(pattern, textOf(attack, 600)) && ROUNDS.every((round) => isSlow(pattern, attack, round))),
  )
  return found && JSON.stringify([found.start, found.unit, found.end]).slice(0, 80)
}

const isCheap = (pattern: RegExp, text: string): boolean => !run(pattern, text, FEW * text.length).isCut

function isSlow(pattern: RegExp, attack: Attack, { length, most }: (typeof ROUNDS)[number]): boolean {
  const { steps, isCut } = run(pattern, textOf(attack, length), MANY * length)
  return isCut || run(pattern, textOf(attack, 3 * length), most * steps).isCut
}

/** Whether twice the repetitions take more than ten times the steps. */
function isExponential(pattern: RegExp, attack: Attack): boolean {
  const [half, all] = [24, 48].map((count) => textOf(attack, count * attack.unit.length) + OTHER) as [string, string]
  if (!run(pattern, all, LEAST).isCut) return false
  return run(pattern, all, 10 * run(pattern, half, LEAST).steps + LEAST).isCut
}
