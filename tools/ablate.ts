import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import ts from 'typescript'
import type { RecordedCase, Recording } from '../test/support/explain/recorded.ts'
import type { Score, Tier } from '../test/support/explain/scoring.ts'
import type { ThreadCase, ThreadScore, ThreadSet } from '../test/support/explain/threads.ts'

// Measures what each part of `explain` is worth: `npx tsx tools/ablate.ts --help`

const HELP = `npx tsx tools/ablate.ts [options]

Removes files, functions, rows of tables, branches and alternatives of patterns from src/explain, and scores again. Every
unit gets a switch in one instrumented bundle; nothing in src is changed. First each unit alone, on a sample of the
cases that reach it; then all of them one after another, the least useful first, on every case that reaches them: a
removal stays if fewer than two independent cases need the unit.

  --out FILE      write the result there: a table in Markdown; with .json at its end, the units (default: stdout)
  --levels LIST   of file,function,row,branch,pattern (default: all of them)
  --only PATTERN  only units whose path matches it
  --sets PATTERN  only cases of sets whose names match it
  --least N       how many independent cases keep a unit (default: 2)
  --minutes N     stop the cumulative removal after so many minutes (default: 60)
  --stage FILE    where results are kept between two runs
  --confirm       score everything without what the stages (a list) removed, put back what recorded cases need
  --all           with it: every recorded case; otherwise a quarter of those that are searched for
  --set-aside     with it: score the threads that are set aside, too, before and after: numbers only
  --help          print this

Independent cases: two threads, or two servers or faults of the recorded requests. An error that a service documents
counts as two; so do the values that its message shows. A wrong proof keeps any unit.
`

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const BUNDLE = join(ROOT, 'node_modules', '.ablate', `${process.pid}.mjs`)
const LEVELS = ['file', 'function', 'row', 'branch', 'pattern'] as const
type Level = (typeof LEVELS)[number]

/** What no case scores: steps of signing, strings, what is hidden from the output. */
const UNSCORED = /explain\/(?:inspect|trace|cause-text|causes|compare\/highlight|duration)\.ts$/
const UNSCORED_FUNCTIONS = /^(?:createRedactor|maskSecrets|isReal|checkTexts|checkSurroundings|explain|parseEvidence)$/
/** Limits of time and memory, and checks of arguments: of use, although no case needs them. */
const GUARD = /budget|\bMOST|LONGEST|LARGEST|isOver|\bfail\(|\.length [<>]=? \w*\d{3}|i < lines|lines\.length/

// ---------------------------------------------------------------------------------------------------------- units

interface Unit {
  readonly id: number
  readonly level: Level
  readonly file: string
  readonly line: number
  readonly what: string
  /** What would be deleted, in characters of the file. */
  readonly from: number
  readonly to: number
  readonly isGuard: boolean
  /** Units that go with it: the functions of a file. */
  readonly parts: number[]
  /** Where it cannot be seen whether it has an effect: the units that show it. */
  readonly shownBy: number[] | 'always' | undefined
}

/** What the bundle shares with this program. */
const MOST_STEPS = 5_000_000

interface Switchboard {
  steps: number
  readonly off: Uint8Array
  readonly seen: Uint8Array
  isTracking: boolean
  refresh(): void
}

interface Edit {
  readonly at: number
  readonly length: number
  readonly text: string
}

const units: Unit[] = []
const sources = new Map<string, ts.SourceFile>()

/** A pattern of a file, by the number of its unit. */
interface Spec {
  id: number
  pattern: string
  flags: string
  alternatives: Alternative[]
  ids: number[]
  compiled?: Map<string, RegExp>
  current?: RegExp | undefined
}

const specs = new Map<number, Spec>()

interface Alternative {
  readonly from: number
  readonly to: number
  readonly isNegative: boolean
}

/** The alternatives of a pattern, of at least two each, in groups of any depth. */
function alternativesOf(pattern: string): Alternative[] {
  const found: Alternative[] = []
  const stack: { starts: number[]; ends: number[]; isNegative: boolean }[] = [
    { starts: [0], ends: [], isNegative: false },
  ]
  const close = (at: number): void => {
    const { starts, ends, isNegative } = stack.pop()!
    ends.push(at)
    if (starts.length > 1) for (const [i, from] of starts.entries()) found.push({ from, to: ends[i]!, isNegative })
  }
  for (let i = 0; i < pattern.length; i++) {
    const mark = pattern[i]!
    if (mark === '\\') i++
    else if (mark === '[') {
      while (pattern[++i] !== ']') if (pattern[i] === '\\') i++
    } else if (mark === '(') {
      const [head] = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(pattern.slice(i))!
      i += head.length - 1
      const isNegative = /!$/.test(head) || stack[stack.length - 1]!.isNegative
      stack.push({ starts: [i + 1], ends: [], isNegative })
    } else if (mark === ')') close(i)
    else if (mark === '|') {
      const top = stack[stack.length - 1]!
      top.ends.push(i)
      top.starts.push(i + 1)
    }
  }
  close(pattern.length)
  return found.filter(({ from, to }) => to > from)
}

function add(unit: Omit<Unit, 'id' | 'isGuard' | 'parts' | 'shownBy'> & Partial<Unit>): number {
  const id = units.length
  const text = sources.get(unit.file)!.text.slice(unit.from, unit.to)
  const isGuard = GUARD.test(unit.level === 'branch' ? text.split('\n').slice(0, 2).join('\n') : '')
  units.push({ parts: [], shownBy: undefined, ...unit, id, isGuard })
  return id
}

/** Adds a switch to each unit of a file. */
function instrument(source: ts.SourceFile, file: string, checker: ts.TypeChecker): string {
  const { text } = source
  const edits: Edit[] = []
  const insert = (at: number, added: string, length = 0): void => void edits.push({ at, length, text: added })
  const lineOf = (at: number): number => source.getLineAndCharacterOfPosition(at).line + 1
  const short = (from: number, to: number): string => text.slice(from, to).replace(/\s+/g, ' ').slice(0, 90)
  const unit = (
    level: Level,
    node: ts.Node,
    what = '',
    range: [number, number] = [node.getStart(), node.end],
  ): number => add({ level, file, line: lineOf(range[0]), from: range[0], to: range[1], what: what || short(...range) })
  const fileUnit = add({ level: 'file', file, line: 1, from: 0, to: text.length, what: 'the whole file' })
  const called = new Map<string, number[]>()
  const rows: { id: number; table: string; node: ts.Node }[] = []
  const patterns: { from: number; to: number; ids: number[] }[] = []

  const plain = (type: ts.Type): string => checker.typeToString(type).replace(/^readonly /, '')
  const neutralOf = (node: ts.FunctionLikeDeclaration): string | undefined => {
    const signature = checker.getSignatureFromDeclaration(node)!
    const type = checker.getReturnTypeOfSignature(signature)
    const [first] = node.parameters
    const types = type.isUnion() ? type.types : [type]
    if (types.some(({ flags }) => flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void))) return 'undefined'
    if (types.some(({ flags }) => flags & ts.TypeFlags.Null)) return 'null'
    if (types.every(({ flags }) => flags & ts.TypeFlags.BooleanLike)) return 'false'
    if (first && ts.isIdentifier(first.name)) {
      const own = checker.getTypeAtLocation(first)
      const isSame = plain(own) === plain(type) || checker.isTypeAssignableTo(own, type)
      if (!(own.flags & ts.TypeFlags.Any) && isSame) return first.name.text
    }
    if (checker.isArrayType(type)) return '[]'
    if (types.every(({ flags }) => flags & ts.TypeFlags.StringLike)) return "''"
    return undefined
  }

  const wrapFunction = (node: ts.FunctionLikeDeclaration, name: string, whole: ts.Node): void => {
    const body = node.body
    if (!body || node.asteriskToken || UNSCORED_FUNCTIONS.test(name)) return
    const neutral = neutralOf(node)
    const id = unit('function', whole, `${name}()`, [whole.getFullStart() + leading(whole), whole.end])
    called.set(name, [id])
    if (neutral !== undefined) units[fileUnit]!.parts.push(id)
    else Object.assign(units[id]!, { isGuard: true, what: `${name}() (cannot be switched off)` })
    // what returns nothing has an effect whenever it is called
    const returns = checker.getReturnTypeOfSignature(checker.getSignatureFromDeclaration(node)!)
    const isVisible = neutral !== undefined && !(returns.flags & ts.TypeFlags.Void)
    const head = `__ab.f(${id}, () => ${neutral ?? 'undefined'}, ${isVisible}, () => `
    if (ts.isBlock(body)) {
      insert(body.getStart() + 1, ` return ${head}{`)
      afterwards.push(() => insert(body.end - 1, '}) '))
    } else {
      insert(body.getStart(), `${head}(`)
      afterwards.push(() => insert(body.end, '))'))
    }
  }
  const leading = (node: ts.Node): number => {
    const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []
    return (comments.at(-1) ? comments[comments.length - 1]!.pos : node.getStart()) - node.getFullStart()
  }
  let afterwards: (() => void)[] = []
  const isBoolean = (node: ts.Expression): boolean => {
    const type = checker.getTypeAtLocation(node)
    return (type.isUnion() ? type.types : [type]).every(({ flags }) => flags & ts.TypeFlags.BooleanLike)
  }
  const isPlain = (node: ts.Expression): boolean =>
    ts.isLiteralExpression(node) ||
    ts.isIdentifier(node) ||
    (ts.isArrayLiteralExpression(node) && node.elements.length === 0) ||
    (ts.isObjectLiteralExpression(node) && node.properties.length === 0) ||
    /^(?:true|false|null)$/.test(node.getText())
  const around = (node: ts.Node, before: string, after: string): void => {
    insert(node.getStart(), before)
    afterwards.push(() => insert(node.end, after))
  }
  const bare = (node: ts.Expression): ts.Expression =>
    ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
      ? bare(node.expression)
      : node

  const table = (node: ts.VariableDeclaration): boolean => {
    const value = node.initializer && bare(node.initializer)
    if (!value) return false
    const name = node.name.getText()
    const inner = ts.isNewExpression(value) && value.expression.getText() === 'Set' && value.arguments?.[0]
    const list = inner && ts.isArrayLiteralExpression(inner) ? inner : value
    if (ts.isArrayLiteralExpression(list) && list.elements.length > 1 && !list.elements.some(ts.isSpreadElement)) {
      const ids = list.elements.map((element) =>
        unit('row', element, `${name}: ${short(element.getStart(), element.end)}`),
      )
      for (const [i, id] of ids.entries()) rows.push({ id, table: name, node: list.elements[i]! })
      around(value, `__ab.table(${JSON.stringify(ids)}, `, ')')
      return true
    }
    if (
      ts.isObjectLiteralExpression(list) &&
      list.properties.length > 2 &&
      list.properties.every(ts.isPropertyAssignment)
    ) {
      const ids = list.properties.map((each) => unit('row', each, `${name}: ${short(each.getStart(), each.end)}`))
      for (const [i, id] of ids.entries()) rows.push({ id, table: name, node: list.properties[i]! })
      around(value, `__ab.table(${JSON.stringify(ids)}, `, ')')
      return true
    }
    if (name === 'ERRORS' && ts.isNoSubstitutionTemplateLiteral(value)) {
      errors(value)
      return true
    }
    return false
  }

  // the table of errors is a string: lines, and alternatives of their patterns
  const errors = (value: ts.NoSubstitutionTemplateLiteral): void => {
    const entries: unknown[] = []
    let at = value.getStart() + 1
    for (const raw of text.slice(at, value.end - 1).split('\n')) {
      const [, pattern, rest] = /^(.+?)( [=~]> .+)$/.exec(raw) ?? []
      if (pattern !== undefined) {
        const id = unit('row', value, `ERRORS: ${raw.slice(0, 160)}`, [at, at + raw.length])
        const cooked = pattern.replaceAll('\\\\', '\\')
        const ids = alternativesOf(pattern).map(({ from, to }) =>
          unit('pattern', value, `ERRORS: ${pattern.slice(from, to)} ${rest}`, [at + from, at + to]),
        )
        entries.push({ id, pattern: cooked, line: cooked + rest, alternatives: alternativesOf(cooked), ids })
      }
      at += raw.length + 1
    }
    around(value, `__ab.errors(${JSON.stringify(entries)}, `, ')')
  }

  const visit = (node: ts.Node, isTop: boolean): void => {
    const saved = afterwards
    afterwards = []
    if (isTop && ts.isFunctionDeclaration(node)) wrapFunction(node, node.name!.text, node)
    else if (isTop && ts.isVariableStatement(node)) {
      for (const declaration of node.declarationList.declarations) {
        const value = declaration.initializer && bare(declaration.initializer)
        if (value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)))
          wrapFunction(value, declaration.name.getText(), node)
        else table(declaration)
      }
    } else if (ts.isIfStatement(node)) {
      const id = unit('branch', node, '', [node.getStart(), node.elseStatement?.getStart() ?? node.end])
      around(node.expression, `!__ab.off[${id}] && (`, `) && __ab.hit(${id})`)
    } else if (ts.isConditionalExpression(node)) {
      const id = unit('branch', node.whenTrue, '', [node.condition.getStart(), node.whenFalse.getStart()])
      around(node.condition, `(!__ab.off[${id}] && (`, `) && __ab.hit(${id}))`)
    } else if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken
      const isSame = (other: ts.Expression): boolean =>
        ts.isBinaryExpression(other) && other.operatorToken.kind === kind
      for (const side of [node.left, node.right]) {
        if (isSame(side)) continue
        if (
          kind === ts.SyntaxKind.QuestionQuestionToken &&
          !isPlain(side) &&
          !(side === node.left && isPlain(node.right))
        ) {
          const id = unit('branch', side, `?? ${short(side.getStart(), side.end)}`)
          around(side, `(__ab.off[${id}] ? undefined : __ab.some(${id}, `, '))')
        } else if (kind === ts.SyntaxKind.BarBarToken && isBoolean(side)) {
          const id = unit('branch', side, `|| ${short(side.getStart(), side.end)}`)
          around(side, `(!__ab.off[${id}] && __ab.truthy(${id}, `, '))')
        } else if (kind === ts.SyntaxKind.AmpersandAmpersandToken && isBoolean(side)) {
          const id = unit('branch', side, `&& ${short(side.getStart(), side.end)}`)
          around(side, `(__ab.off[${id}] ? __ab.step() : __ab.falsy(${id}, `, '))')
        }
      }
    } else if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      !ts.isOptionalChain(node)
    ) {
      const { name, expression } = node.expression
      const [first] = node.arguments
      if (first && /^replace(?:All)?$/.test(name.text) && node.arguments.length === 2) {
        const id = unit('branch', node, '', [expression.end, node.end])
        insert(node.getStart(), `__ab.replace(${id}, ${JSON.stringify(name.text)}, `)
        afterwards.push(() => {})
        cuts.push({ at: expression.end, length: first.getStart() - expression.end, text: ', ' })
      } else if (first && name.text === 'filter') {
        const id = unit('branch', node, '', [expression.end, node.end])
        around(first, `__ab.filter(${id}, `, ')')
      }
    } else if (ts.isSpreadElement(node) && ts.isArrayLiteralExpression(node.parent) && !isPlain(node.expression)) {
      const id = unit('branch', node)
      around(node.expression, `(__ab.off[${id}] ? [] : __ab.list(${id}, `, '))')
    } else if (ts.isSpreadAssignment(node) && !isPlain(bare(node.expression))) {
      const id = unit('branch', node)
      around(node.expression, `(__ab.off[${id}] ? {} : __ab.members(${id}, `, '))')
    } else if (
      !isTop &&
      ts.isArrayLiteralExpression(node) &&
      node.elements.length > 2 &&
      !inTable(node) &&
      node.elements.every((each) => ts.isStringLiteral(each) || ts.isObjectLiteralExpression(each))
    ) {
      for (const element of node.elements) {
        const id = unit('row', element)
        around(element, `...(__ab.off[${id}] ? [] : __ab.list(${id}, [`, ']))')
      }
    } else if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/')
      const pattern = node.text.slice(1, end)
      const alternatives = alternativesOf(pattern)
      const start = node.getStart() + 1
      const ids = alternatives.map(({ from, to }) =>
        unit('pattern', node, `/${pattern.slice(from, to).slice(0, 90)}/`, [start + from, start + to]),
      )
      const own = add({
        level: 'pattern',
        file,
        line: lineOf(start),
        from: start,
        to: start,
        what: 'matches',
        isGuard: true,
      })
      Object.assign(units[own]!, { isGuard: true })
      specs.set(own, { id: own, pattern, flags: node.text.slice(end + 1), alternatives, ids })
      insert(node.getStart(), `__ab.pattern(${own})`, node.text.length)
      patterns.push({ from: node.getStart(), to: node.end, ids: [own] })
    }
    const mine = afterwards
    if (!ts.isTypeNode(node)) ts.forEachChild(node, (child) => visit(child, isTop && isTopChild(node)))
    for (const each of mine.reverse()) each()
    afterwards = saved
  }
  const cuts: Edit[] = []
  const isTopChild = (node: ts.Node): boolean => ts.isSourceFile(node)
  const inTable = (node: ts.Node): boolean => {
    for (let up: ts.Node | undefined = node; up; up = up.parent) {
      if (ts.isFunctionLike(up)) return false
      if (ts.isVariableDeclaration(up)) return true
    }
    return true
  }
  ts.forEachChild(source, (node) => visit(node, true))

  // a row is reached if one of its patterns matches; without patterns, if a function that names its table is called
  for (const { id, table, node } of rows) {
    const own = patterns.filter(({ from, to }) => from >= node.getStart() && to <= node.end).flatMap(({ ids }) => ids)
    const users = tableUsers(table)
    Object.assign(units[id]!, { shownBy: own.length ? own : users })
  }
  const all = [...edits, ...cuts].map((edit, i) => ({ ...edit, i }))
  all.sort((a, b) => a.at - b.at || a.i - b.i)
  let [written, at] = ['', 0]
  for (const { at: to, length, text: added } of all) {
    written += text.slice(at, to) + added
    at = to + length
  }
  return written + text.slice(at)
}

/** The functions that name a table, in any file. */
function tableUsers(table: string): number[] | 'always' {
  const pattern = new RegExp(`(?<!\\w)${table}\\b`)
  tablesToResolve.set(table, pattern)
  return 'always'
}
const tablesToResolve = new Map<string, RegExp>()

/** After every file was read: which functions name which table. */
function resolveTables(): void {
  for (const unit of units) {
    if (unit.level !== 'row' || unit.shownBy !== 'always') continue
    const table = unit.what.split(':')[0]!
    const pattern = tablesToResolve.get(table)
    if (!pattern) continue
    const users = units.filter(
      (each) => each.level === 'function' && pattern.test(sources.get(each.file)!.text.slice(each.from, each.to)),
    )
    Object.assign(unit, { shownBy: users.map(({ id }) => -id - 1) })
  }
}

// --------------------------------------------------------------------------------------------------------- bundle

/** What runs inside the bundle. */
function createSwitchboard(size: number) {
  const off = new Uint8Array(size)
  const seen = new Uint8Array(size)
  const entered = new Uint8Array(size)
  const tables: { ids: number[]; target: unknown; all: unknown[] }[] = []
  const used: Spec[] = []
  const compile = (spec: Spec, isOff: (k: number) => boolean): RegExp => {
    const gone = spec.alternatives.map((_, k) => k).filter(isOff)
    spec.compiled ??= new Map()
    const key = gone.join()
    const known = spec.compiled.get(key)
    if (known) return known
    let { pattern } = spec
    for (const from of gone.map((k) => spec.alternatives[k]!.from).sort((a, b) => b - a))
      pattern = `${pattern.slice(0, from)}(?!)${pattern.slice(from)}`
    const made = new RegExp(pattern, spec.flags)
    if (spec.compiled.size > 200) spec.compiled.clear()
    spec.compiled.set(key, made)
    return made
  }
  const isOffNow = (spec: Spec) => (k: number) => off[spec.ids[k]!] === 1
  class Switched extends RegExp {
    spec: Spec
    constructor(spec: Spec | Switched | RegExp | string, flags?: string) {
      if (spec instanceof Switched) {
        super(spec.spec.pattern, flags ?? spec.spec.flags)
        this.spec = { ...spec.spec, flags: flags ?? spec.spec.flags, compiled: new Map(), current: undefined }
      } else if (spec instanceof RegExp || typeof spec === 'string') {
        super(spec, flags)
        this.spec = { id: 0, pattern: this.source, flags: this.flags, alternatives: [], ids: [] }
      } else {
        super(spec.pattern, spec.flags)
        this.spec = spec
      }
    }
    override exec(text: string): RegExpExecArray | null {
      board.step()
      const { spec } = this
      spec.current ??= compile(spec, isOffNow(spec))
      const { current } = spec
      const start = this.lastIndex
      current.lastIndex = start
      const match = current.exec(text)
      this.lastIndex = current.lastIndex
      if (board.isTracking) {
        if (match) seen[spec.id] = 1
        for (const [k, id] of spec.ids.entries()) {
          if (seen[id] || off[id] || !(match || spec.alternatives[k]!.isNegative)) continue
          const without = compile(spec, (other) => other === k || off[spec.ids[other]!] === 1)
          without.lastIndex = start
          const other = without.exec(text)
          if (other?.index !== match?.index || other?.join('\u0001') !== match?.join('\u0001')) seen[id] = 1
        }
      }
      return match
    }
  }
  const isNeutral = (value: unknown, neutral: unknown): boolean =>
    value === neutral || (Array.isArray(value) && value.length === 0)
  const board = {
    off,
    seen,
    entered,
    isTracking: false,
    steps: 0,
    refresh() {
      for (const spec of used) spec.current = undefined
      for (const { ids, target, all } of tables) {
        const left = all.filter((_, i) => !off[ids[i]!])
        if (Array.isArray(target)) target.splice(0, target.length, ...left)
        else if (target instanceof Set) {
          target.clear()
          for (const each of left) target.add(each)
        } else {
          for (const key of Object.keys(target as object)) delete (target as Record<string, unknown>)[key]
          Object.assign(target as object, Object.fromEntries(left as [string, unknown][]))
        }
      }
    },
    /** A loop that lost its end does not end: that case is lost. */
    step(): true {
      if (++board.steps > MOST_STEPS) throw new Error('no end')
      return true
    },
    f(id: number, neutral: () => unknown, canBe: boolean, body: () => unknown): unknown {
      board.step()
      if (off[id]) return neutral()
      const value = body()
      if (board.isTracking) {
        entered[id] = 1
        if (!seen[id] && (!canBe || !isNeutral(value, neutral()))) seen[id] = 1
      }
      return value
    },
    hit(id: number): true {
      board.step()
      seen[id] = 1
      return true
    },
    some<T>(id: number, value: T): T {
      if (value !== undefined && value !== null) seen[id] = 1
      return value
    },
    truthy<T>(id: number, value: T): T {
      if (value) seen[id] = 1
      return value
    },
    falsy<T>(id: number, value: T): T {
      if (!value) seen[id] = 1
      return value
    },
    list<T>(id: number, value: Iterable<T>): Iterable<T> {
      // an iterator can be read only once
      if (!Array.isArray(value) || value.length > 0) seen[id] = 1
      return value
    },
    members<T extends object>(id: number, value: T): T {
      if (value && Object.keys(value).length > 0) seen[id] = 1
      return value
    },
    replace(id: number, name: 'replace' | 'replaceAll', text: string, pattern: RegExp, by: string): string {
      if (off[id]) return text
      const value = text[name](pattern, by)
      if (value !== text) seen[id] = 1
      return value
    },
    filter(id: number, keep: (...args: unknown[]) => unknown): unknown {
      if (off[id]) return () => true
      return (...args: unknown[]) => {
        const value = keep(...args)
        if (!value) seen[id] = 1
        return value
      }
    },
    table(ids: number[], target: object): object {
      const all = Array.isArray(target) ? [...target] : target instanceof Set ? [...target] : Object.entries(target)
      tables.push({ ids, target, all })
      return target
    },
    pattern(id: number): RegExp {
      const known = sites[id]
      if (known) {
        known.lastIndex = 0
        return known
      }
      const made = new Switched(specs.get(id)!)
      used.push(made.spec)
      sites[id] = made
      return made
    },
    errors(entries: { id: number; pattern: string; line: string; alternatives: Alternative[]; ids: number[] }[]) {
      for (const { id, pattern, alternatives, ids } of entries) {
        const spec: Spec = { id, pattern, flags: 'gi', alternatives, ids }
        used.push(spec)
        byPattern.set(pattern, new Switched(spec))
      }
      return { split: () => entries.filter(({ id }) => !off[id]).map(({ line }) => line) }
    },
    error: (pattern: string): RegExp => byPattern.get(pattern)!,
  }
  const sites: RegExp[] = []
  const byPattern = new Map<string, RegExp>()
  return board
}

const ENTRY = `
import { scoreStructured, scorePasted, threads } from './test/support/explain/threads.ts'
import { counts, recordings, score, showsStrings } from './test/support/explain/scoring.ts'
import { __messages } from './test/explain/messages.test.ts'
import { __answers } from './test/explain/service-errors.test.ts'
export { scoreStructured, scorePasted, threads, counts, recordings, score, showsStrings, __messages, __answers }
`

const EXPORTS: Record<string, string> = {
  'messages.test.ts': `
export const __messages = { rows, nameOf, silent, DIFFERENT, read(row) {
  const answer = readResponse(responseOf(row))
  const reading = readMeaning(answer)
  return { wrong: disagreement(row, reading), first: reading.causes[0], told: JSON.stringify(preciselyTold(answer, reading)) }
} }`,
  'service-errors.test.ts': `
export const __answers = { answers, read(quoted) { return explained(quoted).findings } }`,
}

interface Row {
  readonly causes: readonly string[]
  readonly source: string
}

interface Quoted {
  readonly id: string
  readonly source: string
  readonly cause: string | null
  readonly alternatives?: readonly string[]
}

/** What the bundle exports. */
interface Scorer {
  threads(set: ThreadSet): ThreadCase[]
  scoreStructured(thread: ThreadCase): ThreadScore | undefined
  scorePasted(thread: ThreadCase): Promise<ThreadScore>
  recordings(): Map<string, Recording>
  counts(recorded: RecordedCase, tier: Tier): boolean
  score(recorded: RecordedCase, recording: Recording, tier: Tier): Score
  readonly __messages: {
    readonly rows: readonly Row[]
    readonly silent: ReadonlySet<string>
    readonly DIFFERENT: Readonly<Record<string, string>>
    nameOf(row: Row): string
    read(row: Row): { wrong: string | undefined; first: string | undefined; told: string }
  }
  readonly __answers: {
    readonly answers: readonly Quoted[]
    read(quoted: Quoted): readonly { cause: string; confidence: string }[]
  }
}

async function bundle(): Promise<Scorer> {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config
  const options = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options
  const program = ts.createProgram([join(ROOT, 'src/explain.ts')], { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  const written = new Map<string, string>()
  const files = program
    .getSourceFiles()
    .filter(({ fileName }) => /\/src\/(?:(?:explain|paste)\/|explain\.ts)/.test(fileName))
  for (const source of files) sources.set(relative(ROOT, source.fileName), source)
  for (const source of files) {
    const file = relative(ROOT, source.fileName)
    if (UNSCORED.test(file)) continue
    let made = instrument(source, file, checker)
    if (/errors\.ts$/.test(file)) made = made.replace("new RegExp(pattern, 'gi')", '__ab.error(pattern)')
    written.set(source.fileName, made)
  }
  resolveTables()
  const plugin: Plugin = {
    name: 'ablate',
    setup(on) {
      on.onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'none' }))
      on.onLoad({ filter: /.*/, namespace: 'none' }, () => ({
        contents:
          'const none = () => none; none.each = () => none; export const describe = none, it = none, expect = none',
      }))
      on.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = written.get(path)
        const more = EXPORTS[path.split('/').pop()!]
        if (own === undefined && more === undefined) return undefined
        return { contents: (own ?? readFileSync(path, 'utf8')) + (more ?? ''), loader: 'ts' }
      })
    },
  }
  mkdirSync(dirname(BUNDLE), { recursive: true })
  await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts' },
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    plugins: [plugin],
    banner: { js: 'const __ab = globalThis.__ablation;' },
    logLevel: 'error',
  })
  return import(pathToFileURL(BUNDLE).href)
}

// ---------------------------------------------------------------------------------------------------------- cases

interface Case {
  readonly set: string
  readonly name: string
  /** Cases with the same one are not independent. */
  readonly origins: readonly string[]
  readonly counts: 1 | 2
  readonly run: () => Result | Promise<Result>
  base: Result
  now: Result
  hits: Set<number>
  milliseconds: number
}

interface Result {
  readonly isRight: boolean
  readonly isWrong: boolean
}

const NONE: Result = { isRight: false, isWrong: false }

/** All cases but those that are set aside; of the recorded ones a sample: each fault on a few servers. */
function casesOf(scorer: Scorer, isWhole: boolean, isAll: boolean): Case[] {
  const cases: Case[] = []
  const push = (set: string, name: string, origins: string[], weight: 1 | 2, run: Case['run']): void => {
    cases.push({ set, name, origins, counts: weight, run, base: NONE, now: NONE, hits: new Set(), milliseconds: 0 })
  }
  const said = (score: { isRight: boolean; wronglyProven: boolean }): Result => ({
    isRight: score.isRight,
    isWrong: score.wronglyProven,
  })
  for (const set of ['known', 'posted'] as const)
    for (const thread of scorer.threads(set)) {
      const origin = [thread.source || thread.id]
      if (thread.structured)
        push(`${set} structured`, thread.id, origin, 1, () => said(scorer.scoreStructured(thread)!))
      push(`${set} pasted`, thread.id, origin, 1, async () => said(await scorer.scorePasted(thread)))
    }
  const { rows, nameOf, silent, DIFFERENT, read } = scorer.__messages
  for (const row of rows) {
    const name = nameOf(row)
    if (silent.has(name) || name in DIFFERENT) continue
    const weight = /#\d+|issue|thread|discuss/i.test(row.source) ? 1 : 2
    boardInUse.steps = 0
    const told = read(row)
    push('messages', name, [`message ${name}`], weight, () => ({
      isRight: read(row).wrong === undefined,
      isWrong: false,
    }))
    if (told.first === row.causes[0])
      push('messages first', name, [`message ${name}`], weight, () => ({
        isRight: read(row).first === row.causes[0],
        isWrong: false,
      }))
    if (told.told !== '[]')
      push('values', name, [`message ${name}`], weight, () => ({
        isRight: read(row).told === told.told,
        isWrong: false,
      }))
  }
  const quotes = scorer.__answers
  for (const quoted of quotes.answers) {
    const right = [quoted.cause, ...(quoted.alternatives ?? [])]
    push('answers', quoted.id, [quoted.source], 1, () => {
      const findings = quotes.read(quoted)
      const isProven = findings.some((each) => each.confidence === 'proven' && !right.includes(each.cause))
      return {
        isRight: quoted.cause === null ? !isProven : right.includes(findings[0]?.cause ?? null),
        isWrong: isProven,
      }
    })
  }
  let count = 0
  for (const [server, recording] of scorer.recordings())
    for (const tier of ['A', 'B', 'C'] as const) {
      const taken = new Map<string, number>()
      for (const recorded of recording.cases) {
        if (!scorer.counts(recorded, tier)) continue
        const kind = `${recorded.cause} ${recorded.location}`
        const before = taken.get(kind) ?? 0
        taken.set(kind, before + 1)
        // what is searched for takes long
        const share = tier === 'A' ? 11 : tier === 'B' ? 2 : 4
        if (isWhole ? tier === 'A' && !isAll && count++ % 4 !== 0 : before >= 2 || (count++ + before) % share !== 0)
          continue
        push(`servers ${tier}`, recorded.id, [`server ${server}`, `fault ${recorded.cause}`], 1, () => {
          const score = scorer.score(recorded, recording, tier)
          return { isRight: score.result === 'first' || score.cannotTell, isWrong: score.wronglyProven }
        })
      }
    }
  return cases
}

// --------------------------------------------------------------------------------------------------------- scoring

interface Change {
  readonly lost: Case[]
  readonly gained: Case[]
  readonly wrong: Case[]
}

/** How many independent cases were lost, less those that were gained. */
function costOf({ lost, gained, wrong }: Change): number {
  if (wrong.length > 0) return 99
  const count = (cases: readonly Case[]): number => {
    const origins = new Map<string, number>()
    const kinds = { server: new Set<string>(), fault: new Set<string>() }
    for (const { set, origins: all, counts } of cases)
      for (const origin of all)
        if (set.startsWith('servers')) kinds[origin.startsWith('server') ? 'server' : 'fault'].add(origin)
        else origins.set(origin, Math.max(counts, origins.get(origin) ?? 0))
    // of what has to be searched for, one case stands for several: that sample is the smallest
    const isSearched = cases.some(({ set }) => set === 'servers A')
    const servers = Math.max(kinds.server.size, kinds.fault.size) + Number(isSearched)
    return [...origins.values()].reduce((sum, each) => sum + each, servers)
  }
  return count(lost) - count(gained)
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

/** Set once the bundle was loaded. */
let boardInUse: Switchboard

const runOf = async (each: Case): Promise<Result> => {
  boardInUse.steps = 0
  try {
    return await each.run()
  } catch {
    return NONE
  }
}

class Bench {
  readonly off = new Set<number>()
  readonly board: ReturnType<typeof createSwitchboard>
  readonly cases: Case[]
  /** Of the last trial. */
  results = new Map<Case, Result>()
  constructor(board: ReturnType<typeof createSwitchboard>, cases: Case[]) {
    this.board = board
    this.cases = cases
  }

  /** Switches these units off in addition to those that are gone. */
  set(more: Iterable<number>): void {
    this.board.off.fill(0)
    for (const id of [...this.off, ...more]) for (const each of [id, ...units[id]!.parts]) this.board.off[each] = 1
    this.board.refresh()
  }

  async track(cases: readonly Case[]): Promise<void> {
    const { board } = this
    board.isTracking = true
    for (const each of cases) {
      board.seen.fill(0)
      board.entered.fill(0)
      const start = performance.now()
      each.now = await runOf(each)
      each.milliseconds = performance.now() - start
      each.hits.clear()
      for (let id = 0; id < units.length; id++) {
        if (board.seen[id]) each.hits.add(id)
        if (board.entered[id]) each.hits.add(-id - 1)
      }
    }
    board.isTracking = false
  }

  affected(ids: Iterable<number>): Case[] {
    const wanted: number[] = []
    for (const id of ids) {
      const { shownBy, parts } = units[id]!
      if (shownBy === 'always') return this.cases
      wanted.push(id, ...parts, ...(shownBy ?? []))
    }
    return this.cases.filter(({ hits }) => wanted.some((id) => hits.has(id)))
  }

  /** What changes if these units go as well; stops when more is lost than `enough`. */
  async change(ids: readonly number[], cases: readonly Case[], enough = 99): Promise<Change> {
    const change: Change = { lost: [], gained: [], wrong: [] }
    this.set(ids)
    let sinceCheck = 0
    this.results = new Map()
    for (const each of cases) {
      const result = await runOf(each)
      const { isRight, isWrong } = result
      this.results.set(each, result)
      if (each.now.isRight && !isRight) change.lost.push(each)
      if (!each.now.isRight && isRight) change.gained.push(each)
      if (!each.now.isWrong && isWrong) change.wrong.push(each)
      if ((each.now.isRight && !isRight) || isWrong) sinceCheck++
      if (sinceCheck > 0 && costOf(change) >= enough) break
    }
    return change
  }

  async accept(ids: readonly number[], cases: readonly Case[]): Promise<void> {
    for (const id of ids) this.off.add(id)
    this.set([])
    for (const [each, result] of this.results) each.now = result
    // without one reader, another may read the same; what a search tries stays as it is
    const isFast = ({ set }: Case): boolean => set !== 'servers A'
    if (
      ids.some(
        (id) =>
          units[id]!.shownBy !== 'always' && cases.some(({ hits }) => hits.has(id) || units[id]!.level === 'file'),
      )
    )
      await this.track(cases.filter(isFast))
  }
}

/** A few cases of each set, the same ones each time. */
function sampleOf(cases: readonly Case[], most: number): Case[] {
  const bySet = groupBy(cases, ({ set }) => set)
  return [...bySet.values()].flatMap((own) => {
    const limit = own[0]!.set === 'servers A' ? most / 4 : most
    const step = Math.max(1, own.length / limit)
    return Array.from({ length: Math.min(own.length, Math.floor(limit)) }, (_, i) => own[Math.floor(i * step)]!)
  })
}

interface Measured {
  alone: Change
  cost: number
  verdict: 'remove' | 'keep' | 'guard' | 'inside'
  cumulative?: Change
  reached: number
}

// --------------------------------------------------------------------------------------------------------- sizes

interface Size {
  lines: number
  tokens: number
}

/** The tokens of a file that are in ranges, without strings. */
function tokensIn(source: ts.SourceFile, isIn: (at: number) => boolean): number {
  const tokens: number[] = []
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source)
    if (children.length) children.forEach(visit)
    else if (node.end > node.getStart() && !ts.isStringLiteralLike(node) && !ts.isTemplateLiteralToken(node))
      tokens.push(node.getStart())
  }
  visit(source)
  return tokens.filter(isIn).length
}

/** What goes with the units: their text, and what nothing names any more. */
function goneWith(ids: Iterable<number>): Map<string, Uint8Array> {
  const gone = new Map([...sources].map(([file, { text }]) => [file, new Uint8Array(text.length)]))
  for (const id of ids) {
    const { file, from, to, level, parts } = units[id]!
    if (level === 'file') for (const part of parts) gone.get(file)!.fill(1, units[part]!.from, units[part]!.to)
    else gone.get(file)!.fill(1, from, to)
  }
  const others = new Map<string, string>()
  const declarations = [...sources].flatMap(([file, source]) =>
    source.statements.flatMap((node) => {
      const named = ts.isVariableStatement(node)
        ? node.declarationList.declarations[0]!.name
        : (node as { name?: ts.Node }).name
      const isOne = ts.isVariableStatement(node) ? node.declarationList.declarations.length === 1 : true
      if (!named || !ts.isIdentifier(named) || !isOne || UNSCORED.test(file)) return []
      const isExported = /^export\b/.test(node.getText())
      return [{ file, name: named.text, from: node.getFullStart(), to: node.end, isExported }]
    }),
  )
  for (let isChanged = true; isChanged; ) {
    isChanged = false
    for (const [file, source] of sources) {
      const own = gone.get(file)!
      const imports = source.statements.filter(ts.isImportDeclaration)
      const left = [...source.text].length === source.text.length ? source.text.split('') : source.text.split('')
      for (let i = 0; i < left.length; i++) if (own[i]) left[i] = ' '
      for (const { pos, end } of imports) left.fill(' ', pos, end)
      others.set(file, left.join(''))
    }
    for (const { file, name, from, to, isExported } of declarations) {
      const own = gone.get(file)!
      if (own[to - 1]) continue
      const pattern = new RegExp(`(?<![\\w$]|(?<!\\.\\.)\\.)${name}(?![\\w$])`)
      const text = others.get(file)!
      const isNamed =
        pattern.test(text.slice(0, from) + text.slice(to)) ||
        (isExported && [...others].some(([other, text]) => other !== file && pattern.test(text)))
      if (isNamed || (isExported && usedElsewhere(name))) continue
      own.fill(1, from, to)
      isChanged = true
    }
  }
  // imports of names that are left nowhere
  for (const [file, source] of sources) {
    const text = others.get(file)!
    for (const node of source.statements.filter(ts.isImportDeclaration)) {
      const names = [...node.getText().matchAll(/\b[A-Za-z]\w*\b/g)].map(([name]) => name)
      const isUsed = names.some(
        (name) => !/^(?:import|type|from)$/.test(name) && new RegExp(`\\b${name}\\b`).test(text),
      )
      if (!isUsed) gone.get(file)!.fill(1, node.pos, node.end)
    }
  }
  return gone
}

let elsewhere: string | undefined
function usedElsewhere(name: string): boolean {
  elsewhere ??= ts.sys
    .readDirectory(join(ROOT, 'src'), ['.ts'])
    .concat(ts.sys.readDirectory(join(ROOT, 'debugger'), ['.ts'], ['**/dist/**']))
    .filter((path) => !/\/src\/(?:(?:explain|paste)\/|explain\.ts)/.test(path))
    .map((path) => [...readFileSync(path, 'utf8').matchAll(/import[^'"]*from '[^']*explain[^']*'/g)].join('\n'))
    .join('\n')
  return new RegExp(`\\b${name}\\b`).test(elsewhere)
}

function sizeOf(gone: Map<string, Uint8Array>, within = /./): Size & { byFile: Map<string, Size> } {
  const byFile = new Map<string, Size>()
  for (const [file, source] of sources) {
    if (!within.test(file)) continue
    const own = gone.get(file)!
    let [lines, at] = [0, 0]
    for (const line of source.text.split('\n')) {
      const isTouched = own.subarray(at, at + line.length).includes(1)
      const left = [...line].filter((_, i) => !own[at + i]).join('')
      if (isTouched && /^[\s{}()[\],;:?|&]*$/.test(left)) lines++
      at += line.length + 1
    }
    byFile.set(file, { lines, tokens: tokensIn(source, (at) => own[at] === 1) })
  }
  const sum = (key: keyof Size): number => [...byFile.values()].reduce((all, each) => all + each[key], 0)
  return { lines: sum('lines'), tokens: sum('tokens'), byFile }
}

// --------------------------------------------------------------------------------------------------------- report

const keyOf = ({ level, file, from, to, what }: Unit): string => `${level} ${file} ${from} ${to} ${what}`

function sharesOf(
  cases: readonly Case[],
  which: 'base' | 'now',
): Map<string, [right: number, all: number, wrong: number]> {
  const shares = new Map<string, [number, number, number]>()
  const count = (set: string, { isRight, isWrong }: Result): void => {
    const own = shares.get(set) ?? [0, 0, 0]
    shares.set(set, [own[0] + Number(isRight), own[1] + 1, own[2] + Number(isWrong)])
  }
  for (const each of cases) count(each.set, each[which])
  return shares
}

const shareText = (shares: Map<string, [number, number, number]>): string =>
  [...shares]
    .map(([set, [right, all, wrong]]) => `${set} ${right}/${all}${wrong ? ` (${wrong} wrong)` : ''}`)
    .join(', ')

const named = (cases: readonly Case[]): string =>
  [
    ...new Set(
      cases.map(({ set, name, origins }) => (set.startsWith('servers') ? `${set} ${origins.join(' ')}` : name)),
    ),
  ]
    .slice(0, 4)
    .join('; ')

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('`', "'").slice(0, 150)

function tableOf(bench: Bench, measured: Map<number, Measured>, order: readonly number[]): string {
  const lines: string[] = []
  const removed = [...bench.off]
  const size = sizeOf(goneWith(removed))
  const total = sizeOf(new Map([...sources].map(([file, { text }]) => [file, new Uint8Array(text.length).fill(1)])))
  lines.push(`Gone: ${size.lines} of ${total.lines} lines, ${size.tokens} of ${total.tokens} tokens.`, '')
  lines.push(`Before: ${shareText(sharesOf(bench.cases, 'base'))}`, '')
  lines.push(`After: ${shareText(sharesOf(bench.cases, 'now'))}`, '')
  lines.push('| file | lines | tokens | lines gone | tokens gone |', '|---|---:|---:|---:|---:|')
  for (const [file, each] of [...size.byFile].sort()) {
    const whole = total.byFile.get(file)!
    lines.push(`| ${file} | ${whole.lines} | ${whole.tokens} | ${each.lines} | ${each.tokens} |`)
  }
  lines.push(
    '',
    '| unit | what | lines | tokens | reached by | cost alone | lost alone | gained alone | verdict | lost then |',
  )
  lines.push('|---|---|---:|---:|---:|---:|---|---|---|---|')
  for (const id of order) {
    const unit = units[id]!
    const each = measured.get(id)
    if (!each || each.verdict === 'inside') continue
    const one = new Map([...sources].map(([file, { text }]) => [file, new Uint8Array(text.length)]))
    for (const part of unit.level === 'file' ? unit.parts : [id])
      one.get(unit.file)!.fill(1, units[part]!.from, units[part]!.to)
    const own = sizeOf(one, new RegExp(`^${unit.file.replace('.', '\\.')}$`))
    const then = each.cumulative ? named(each.cumulative.lost) : ''
    const cells = [
      `${unit.file.replace('src/explain/', '')}:${unit.line}`,
      `${unit.level}: ${escaped(unit.what)}`,
      ...[own.lines, own.tokens, each.reached, each.cost],
      escaped(named([...each.alone.wrong, ...each.alone.lost])),
      escaped(named(each.alone.gained)),
      ...[each.verdict, escaped(then)],
    ]
    lines.push(`| ${cells.join(' | ')} |`)
  }
  return `${lines.join('\n')}\n`
}

// --------------------------------------------------------------------------------------------------------- program

const FEW = 6
const AT_ONCE = 48

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) return void process.stdout.write(HELP)
  const option = (name: string): string | undefined => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
  const levels = (option('--levels')?.split(',') ?? LEVELS) as Level[]
  const [only, out, stage] = [new RegExp(option('--only') ?? ''), option('--out'), option('--stage')]
  const end = Date.now() + Number(option('--minutes') ?? 60) * 60_000
  const log = (text: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)

  const board = createSwitchboard(40_000)
  Object.assign(globalThis, { __ablation: board })
  boardInUse = board
  const scorer = await bundle()
  log(`${units.length} units`)
  const isWhole = args.includes('--confirm')
  const least = Number(option('--least') ?? 2)
  const sets = new RegExp(option('--sets') ?? '')
  const bench = new Bench(
    board,
    casesOf(scorer, isWhole, args.includes('--all')).filter(({ set }) => sets.test(set)),
  )
  bench.set([])
  if (isWhole) return confirm(scorer, bench, stage!.split(','), args, log)
  await bench.track(bench.cases)
  for (const each of bench.cases) each.base = each.now
  log(`${bench.cases.length} cases: ${shareText(sharesOf(bench.cases, 'base'))}`)
  const taking = groupBy(bench.cases, ({ set }) => set)
  for (const [set, own] of taking)
    log(`${set}: ${Math.round(own.reduce((sum, each) => sum + each.milliseconds, 0))} ms`)

  const kept: { removed: string[] } = stage ? readStage(stage) : { removed: [] }
  const byKey = new Map(units.map((unit) => [keyOf(unit), unit.id]))
  const before = kept.removed.map((key) => byKey.get(key)).filter((id) => id !== undefined)
  if (before.length) {
    for (const id of before) bench.off.add(id)
    bench.set([])
    await bench.track(bench.cases)
    log(`${before.length} removed before: ${shareText(sharesOf(bench.cases, 'now'))}`)
  }
  const measured = new Map<number, Measured>()
  const isGone = (unit: Unit): boolean =>
    [...bench.off].some((id) => {
      const other = units[id]!
      if (other.file !== unit.file) return false
      if (other.level === 'file')
        return other.parts.some((part) => units[part]!.from <= unit.from && units[part]!.to >= unit.to)
      return other.from <= unit.from && other.to >= unit.to
    })
  const candidates = units.filter(
    (unit) =>
      levels.includes(unit.level) &&
      only.test(unit.file) &&
      !(unit.level === 'file' && unit.parts.length === 0) &&
      !unit.isGuard &&
      !isGone(unit),
  )
  // what no case reaches
  const unreached = candidates.filter(({ id }) => bench.affected([id]).length === 0)
  for (const { id } of unreached) {
    const alone: Change = { lost: [], gained: [], wrong: [] }
    measured.set(id, { alone, cost: 0, verdict: 'remove', cumulative: alone, reached: 0 })
    bench.off.add(id)
  }
  const save = (): void => {
    if (stage) writeFileSync(stage, JSON.stringify({ removed: [...bench.off].map((id) => keyOf(units[id]!)) }))
  }
  save()
  log(`${unreached.length} of ${candidates.length} are reached by no case`)
  // each alone
  let done = 0
  const decisive = new Map<Case, number>()
  for (const { id } of candidates) {
    if (measured.has(id) || Date.now() > end) continue
    const all = bench.affected([id])
    // those that told others apart first
    const sample = sampleOf(all, FEW).sort(
      (a, b) => (decisive.get(b) ?? 0) - (decisive.get(a) ?? 0) || a.milliseconds - b.milliseconds,
    )
    const alone = await bench.change([id], sample, 2)
    for (const each of alone.lost) decisive.set(each, (decisive.get(each) ?? 0) + 1)
    measured.set(id, { alone, cost: costOf(alone), verdict: 'keep', reached: all.length })
    if (++done % 200 === 0) log(`${done} of ${candidates.length} alone`)
  }
  // then together, the least useful first
  const length = (id: number): number => units[id]!.to - units[id]!.from
  const order = [...measured.keys()].sort(
    (a, b) => measured.get(a)!.cost - measured.get(b)!.cost || length(b) - length(a),
  )
  const queue = order.filter((id) => !bench.off.has(id) && measured.get(id)!.cost < least)
  log(`${queue.length} of ${candidates.length} cost less than ${least} alone`)
  const attempt = async (ids: readonly number[]): Promise<void> => {
    const open = ids.filter((id) => {
      const gone = isGone(units[id]!)
      if (gone) measured.get(id)!.verdict = 'inside'
      return !gone
    })
    if (open.length === 0) return
    if (Date.now() > end) return
    // those that told others apart first
    const cases = bench.affected(open).sort((a, b) => (decisive.get(b) ?? 0) - (decisive.get(a) ?? 0))
    const change = await bench.change(open, cases, open.length > 1 ? 1 : 2)
    for (const each of change.lost) decisive.set(each, (decisive.get(each) ?? 0) + 1)
    const isFree = change.lost.length === 0 && change.wrong.length === 0
    if (isFree || (open.length === 1 && costOf(change) < least)) {
      await bench.accept(open, cases)
      for (const id of open) Object.assign(measured.get(id)!, { verdict: 'remove', cumulative: change })
    } else if (open.length === 1) {
      Object.assign(measured.get(open[0]!)!, { verdict: 'keep', cumulative: change })
    } else {
      await attempt(open.slice(0, open.length >> 1))
      await attempt(open.slice(open.length >> 1))
    }
  }
  for (let at = 0, next = 0; at < queue.length; at = next) {
    // what costs something alone is not free together with others
    const free = queue.slice(at, at + AT_ONCE).filter((id) => measured.get(id)!.cost <= 0)
    next = at + Math.max(1, free.length)
    await attempt(queue.slice(at, next))
    log(`${next} of ${queue.length}: ${bench.off.size} gone; ${shareText(sharesOf(bench.cases, 'now'))}`)
    save()
  }
  const text = tableOf(bench, measured, order)
  if (out) writeFileSync(out, text)
  else process.stdout.write(text)
}

function readStage(file: string): { removed: string[] } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { removed: [] }
  }
}

/** Scores everything without what was removed, and puts back what lost a recorded case. */
async function confirm(
  scorer: Scorer,
  bench: Bench,
  stages: readonly string[],
  args: readonly string[],
  log: (text: string) => void,
): Promise<void> {
  const byKey = new Map(units.map((unit) => [keyOf(unit), unit.id]))
  const removed = new Set(stages.flatMap((stage) => readStage(stage).removed.map((key) => byKey.get(key)!)))
  for (const id of removed) bench.off.add(id)
  const isServer = ({ set }: Case): boolean => set.startsWith('servers')
  const run = async (cases: readonly Case[], which: 'base' | 'now'): Promise<void> => {
    if (which === 'now') bench.set([])
    else {
      bench.board.off.fill(0)
      bench.board.refresh()
    }
    for (const each of cases) each[which] = await runOf(each)
  }
  const suspects = (): Case[] => bench.cases.filter(({ now }) => !now.isRight || now.isWrong)
  await run(bench.cases, 'now')
  await run(suspects(), 'base')
  const isLost = ({ base, now }: Case): boolean => (base.isRight && !now.isRight) || (now.isWrong && !base.isWrong)
  const lost = suspects().filter((each) => isServer(each) && isLost(each))
  log(
    `${lost.length} recorded cases lost: ${lost
      .map(({ set, name }) => `${set} ${name}`)
      .slice(0, 40)
      .join('; ')}`,
  )
  // which units they need
  const off = new Set(bench.off)
  const needed = new Map<number, string[]>()
  // one of each fault
  for (const each of [...groupBy(lost, ({ origins }) => origins[1]!).values()].flatMap((own) => own.slice(0, 2))) {
    bench.off.clear()
    bench.set([])
    await bench.track([each])
    const reached = [...off].filter((id) => bench.affected([id]).includes(each))
    for (const id of off) bench.off.add(id)
    let isFound = false
    for (const id of reached) {
      bench.off.delete(id)
      bench.set([])
      const { isRight, isWrong } = await runOf(each)
      bench.off.add(id)
      if (!isRight || isWrong) continue
      needed.set(id, [...(needed.get(id) ?? []), `${each.set} ${each.name}`])
      isFound = true
    }
    if (!isFound) for (const id of reached) needed.set(id, [...(needed.get(id) ?? []), `(together) ${each.name}`])
  }
  for (const [id, names] of needed)
    log(
      `put back: ${units[id]!.file}:${units[id]!.line} ${units[id]!.what} for ${names.length}: ${names.slice(0, 5).join(', ')}`,
    )
  for (const id of needed.keys()) bench.off.delete(id)
  await run(lost, 'now')
  await run(
    bench.cases.filter((each) => !isServer(each)),
    'base',
  )
  await run(
    bench.cases.filter((each) => !isServer(each)),
    'now',
  )
  writeFileSync(
    `${stages[0]}.confirmed.json`,
    JSON.stringify({ removed: [...bench.off].map((id) => keyOf(units[id]!)) }),
  )
  const rights = (cases: readonly Case[]): string => {
    const right = cases.filter(({ now }) => now.isRight).length
    const wrong = cases.filter(({ now }) => now.isWrong).length
    return `${right}/${cases.length} ${((100 * right) / cases.length).toFixed(1)} %${wrong ? `, ${wrong} wrong` : ''}`
  }
  for (const [set, own] of groupBy(bench.cases, ({ set }) => set)) {
    log(`after ${set}: ${rights(own)}`)
    if (set === 'servers A')
      for (const [server, cases] of groupBy(own, ({ origins }) => origins[0]!))
        log(`after ${set}, ${server}: ${rights(cases)}`)
  }
  const others = bench.cases.filter((each) => !isServer(each))
  log(`before: ${shareText(sharesOf(others, 'base'))}`)
  log(
    `lost: ${others
      .filter(isLost)
      .map(({ set, name }) => `${set} ${name}`)
      .join('; ')}`,
  )
  log(
    `gained: ${others
      .filter(({ base, now }) => !base.isRight && now.isRight)
      .map(({ set, name }) => `${set} ${name}`)
      .join('; ')}`,
  )
  for (const which of args.includes('--set-aside') ? ['before', 'after'] : []) {
    if (which === 'after') bench.set([])
    else {
      bench.board.off.fill(0)
      bench.board.refresh()
    }
    const counts = { structured: [0, 0, 0], pasted: [0, 0, 0] }
    for (const thread of scorer.threads('set-aside')) {
      const structured = scorer.scoreStructured(thread)
      const pasted = await scorer.scorePasted(thread)
      for (const [form, score] of Object.entries({ structured, pasted }) as [keyof typeof counts, ThreadScore][])
        if (score) {
          counts[form][0]! += Number(score.isRight)
          counts[form][1]!++
          counts[form][2]! += Number(score.wronglyProven)
        }
    }
    log(`set aside, ${which} (right, all, wrong): ${JSON.stringify(counts)}`)
  }
  const size = sizeOf(goneWith(bench.off))
  log(`gone: ${bench.off.size} units, ${size.lines} lines, ${size.tokens} tokens`)
}

await main(process.argv.slice(2))
