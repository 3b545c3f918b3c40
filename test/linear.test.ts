import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it, vi } from 'vitest'
import { safeOutput } from '../src/cli/terminal.ts'
import { parseMultipartResponse } from '../src/core/multipart/xml.ts'
import { hostScope } from '../src/core/signing/hosts.ts'
import { parseRequest } from '../src/explain/request/facts.ts'
import { readCode } from '../src/explain/response/codes.ts'
import { readForm } from '../src/serve/form.ts'
import { patternTime } from './pattern-time.ts'

// No regular expression takes quadratic time, whatever its input. This includes those built at run time.

const SRC = fileURLToPath(new URL('../src/', import.meta.url))
const LENGTH = 20_000
/** In ms. One pass over an attack takes less than one; a quadratic number of steps takes at least twice this. */
const LIMIT = 20

/** Prefixes of the names of expressions that receive no long input, each with the reason. */
const TRUSTED: Readonly<Record<string, string>> = {
  'core/signing/target.ts /--(.+)--x-s3$/':
    'only matched against a name with the same end, so that the first match is complete',
  'core/signing/hosts.ts /(?:^|\\.)(?:': 'only matched against hosts of at most 300 characters',
}

/** Calls that build every regular expression of a file that uses `RegExp`. */
const BUILDERS: Readonly<Record<string, () => unknown>> = {
  'cli/terminal.ts': () => safeOutput({ write: () => {} }),
  'core/multipart/xml.ts': () => parseMultipartResponse('<Error></Error>'),
  'core/signing/s3-hosts.ts': async () => {
    vi.resetModules() // some are built once, when the module is loaded
    const { s3HostScope } = await import('../src/core/signing/s3-hosts.ts')
    return ['a.example', 's3.eu-west-1.amazonaws.com'].map(s3HostScope)
  },
  'core/signing/hosts.ts': () =>
    ['a.example', 'a.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com'].map(hostScope),
  'explain/response/codes.ts': () => readCode({ status: 400, code: '', message: '' } as Parameters<typeof readCode>[0]),
  'explain/request/facts.ts': () => parseRequest({ url: '/', headers: { authorization: 'a' } }),
  'serve/form.ts': () => {
    const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\r\n--x--'
    return readForm(
      (async function* () {
        yield Buffer.from(part)
      })(),
      'x',
    )
  },
}

interface Found {
  readonly patterns: Map<string, RegExp>
  /** Number of calls that build an expression, by file. */
  readonly calls: Map<string, number>
}

/** Finds the regular expressions in a file, and counts the calls that build others. */
function scan(file: string, text: string, { patterns, calls }: Found): void {
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, source, flags] = /^\/(.*)\/(\w*)$/s.exec(node.text)!
      patterns.set(`${file} ${node.text}`, new RegExp(source!, flags!))
    }
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.expression.getText() === 'RegExp')
      calls.set(file, (calls.get(file) ?? 0) + 1)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true))
}

/** Records the regular expressions that are built while a function runs. */
async function built(run: () => unknown): Promise<RegExp[]> {
  const found: RegExp[] = []
  const real = globalThis.RegExp
  const note = (pattern: RegExp): RegExp => {
    found.push(pattern)
    return pattern
  }
  globalThis.RegExp = new Proxy(real, {
    construct: (_, args: [string]) => note(new real(...args)),
    apply: (_, __, args: [string]) => note(real(...args)),
  })
  try {
    await run()
  } finally {
    globalThis.RegExp = real
  }
  return found
}

/** Strings that repeat what an expression matches, or parts of it, and then end differently. */
function* attacks(pattern: RegExp, length: number): Generator<string> {
  const plain = pattern.source.replace(/\\[bBdwsSDWpP]|\[|\]|[()?:*+^$|{}]/g, ' ').replace(/\\/g, '')
  const marks = [...new Set(`${plain.slice(0, 60)}a0A \t.-%<é\n`)]
  const words = plain.split(/\s+/).filter((word) => word.length > 1)
  for (const mark of marks) yield mark.repeat(length)
  for (const start of [...new Set(['', 'x', ...words.slice(0, 6)])])
    for (const mark of marks) yield `${start + mark.repeat(length)}\u{1f600}`
  const units = new Set([...words.slice(0, 12), ...words.slice(0, 6).map((word) => `${word}a`)])
  for (const one of marks.slice(0, 6)) for (const other of marks.slice(-6)) units.add(one + other)
  for (const unit of ['<a>', '<a', '<a></a>', '{"a', '"a"']) units.add(unit)
  units.delete('')
  for (const unit of units) yield `${unit.repeat(Math.ceil(length / unit.length))}\u{1f600}`
}

/** Returns the start of an attack for which an expression takes too long. */
function weakness(pattern: RegExp): string | undefined {
  // short strings first: exponential time would not end with the long ones
  for (const length of [24, LENGTH])
    for (const attack of attacks(pattern, length)) {
      const start = performance.now()
      attack.replace(pattern, '')
      if (performance.now() - start > LIMIT && patternTime(pattern, attack) > LIMIT) return attack.slice(0, 40)
    }
  return undefined
}

describe('every regular expression in src takes linear time', () => {
  const found: Found = { patterns: new Map(), calls: new Map() }
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  for (const file of files) scan(file.replaceAll('\\', '/'), readFileSync(join(SRC, file), 'utf8'), found)
  const { patterns, calls } = found

  it('if it is built at run time: each such call has a builder', async () => {
    expect([...calls.keys()].sort()).toEqual(Object.keys(BUILDERS).sort())
    for (const [file, build] of Object.entries(BUILDERS)) {
      const made = await built(build)
      expect(made.length, file).toBeGreaterThanOrEqual(calls.get(file)!)
      for (const pattern of made) patterns.set(`${file} ${pattern}`, pattern)
    }
  })

  it('for attack strings', () => {
    expect(patterns.size).toBeGreaterThan(250)
    for (const start of Object.keys(TRUSTED)) {
      const names = [...patterns.keys()].filter((name) => name.startsWith(start))
      expect(names, start).not.toEqual([])
      for (const name of names) patterns.delete(name)
    }
    const weak: Record<string, string> = {}
    for (const [name, pattern] of patterns) {
      const attack = weakness(pattern)
      if (attack !== undefined) weak[name] = attack
    }
    expect(weak).toEqual({})
  })

  it.each([
    /^[\t ]+|[\t ]+$/g,
    /\s*$/,
    /[ \t]+x/,
    /<(\w+)[^>]*>(.*)<\/\1>\s*$/s,
    /<a[\s\S]*?>/,
    /^(?:a+)+b$/,
    /(?<![A-Z])(?=[^A-Z]*[A-Z])\w/,
  ])('and one that does not is detected: %s', (pattern) => {
    expect(weakness(pattern)).toBeTypeOf('string')
  })
})
