import ts from 'typescript'
import { describe, expect, it, vi } from 'vitest'
import { parseMultipartResponse } from '../../../src/s3/multipart/xml.ts'
import { filesIn, read } from '../../../test/support/docs/markdown.ts'
import { partAttacks, textOf, wordAttacks } from '../../../test/support/pattern-attacks.ts'
import { run, weakness } from '../../../test/support/pattern-steps.ts'
import { randomBelow, SEED } from '../../../test/support/random.ts'
import { safeOutput } from '../src/cli/program/terminal.ts'
import { readForm } from '../src/serve/http/form.ts'

// No regular expression takes quadratic time, whatever its input. This includes those built at run time. What decides is
// a count of steps, not a time.

/** LINEAR=all runs all attacks. */
const ALL = process.env.LINEAR === 'all'
/** Most attacks per expression that are selected. */
const MOST = 48
/** The code of both packages, and of the suite that the tools read. */
const SOURCES = ['src', 'packages/sigv4-tools/src', 'suite/format', 'suite/generator']

/** Prefixes of the names of expressions that receive no long input, each with the reason. */
const TRUSTED: Readonly<Record<string, string>> = {
  'packages/sigv4-tools/src/debugger/share.ts /=+$': 'only matched against runs that end with at most two',
  'packages/sigv4-tools/src/explain/traces/traces.ts /(?:^|\\.)s3[.-]':
    'only matched against hosts of at most 300 characters',
  'packages/sigv4-tools/src/formats/canonical-request.ts /^(?:[*.xX':
    'only matched against the first 200 characters of a value',
  'packages/sigv4-tools/src/explain/paste/context/hints.ts /^\\s*rewrite +':
    'only matched against the first 2,000 characters of a line',
  'packages/sigv4-tools/src/explain/response/response.ts /An error occurred ':
    'only matched against the first 4,096 characters of a message',
  'packages/sigv4-tools/src/redaction/joined.ts /[A-Za-z\\d/+]+$/':
    'only matched against the 200 characters before a line break',
  'packages/sigv4-tools/src/redaction/joined.ts /(?:%(?:25)':
    'only matched against the 16 characters before a line break',
  'packages/sigv4-tools/src/redaction/joined.ts /[^\\s"': 'only matched against the 200 characters before a line break',
  'packages/sigv4-tools/src/redaction/named.ts /^[\\s+.&|~': 'only matched against the first 301 characters of a line',
}

/** Calls that build every regular expression of a file that uses `RegExp`. */
const BUILDERS: Readonly<Record<string, () => unknown>> = {
  'packages/sigv4-tools/src/cli/program/terminal.ts': () => safeOutput({ write: () => {} }),
  'src/received/xml.ts': () => parseMultipartResponse('<Error></Error>'),
  'src/core/signing/s3-hosts.ts': async () => {
    vi.resetModules() // some are built once, when the module is loaded
    const { checkAwsRegion, s3HostScope } = await import('../../../src/core/signing/s3-hosts.ts')
    const { readRegion } = await import('../../../src/tokens/recipe/region.ts')
    checkAwsRegion('auto', 'options.region', 'a.example')
    readRegion(undefined, 'a.eu-west-1.rds.amazonaws.com', '@\\.rds')
    return ['a.example', 's3.eu-west-1.amazonaws.com'].map(s3HostScope)
  },
  'src/core/signing/hosts.ts': async () => {
    vi.resetModules() // one is built once, when the module is loaded
    const { hostScope } = await import('../../../src/core/signing/hosts.ts')
    return ['a.example', 'a.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com'].map((host) => hostScope(host))
  },
  'packages/sigv4-tools/src/explain/paste/clean/secrets.ts': () => {
    vi.resetModules() // it is built once, when the module is loaded
    return import('../src/explain/paste/clean/secrets.ts')
  },
  'src/fetch/redirect.ts': async () => {
    vi.resetModules() // one is built once, when the module is loaded
    const { regionalTarget } = await import('../../../src/fetch/redirect.ts')
    const headers = { 'x-amz-bucket-region': 'eu-west-1' }
    const moved = new Response(null, { status: 301, headers })
    return regionalTarget('https://s3.us-east-1.amazonaws.com/', 'us-east-1', 'GET', moved, {})
  },
  'packages/sigv4-tools/src/serve/http/form.ts': () => {
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

describe('every regular expression of the packages takes linear time', () => {
  const found: Found = { patterns: new Map(), calls: new Map() }
  for (const file of SOURCES.flatMap((folder) => filesIn(folder, '.ts'))) scan(file, read(file), found)
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
    const below = randomBelow(SEED)
    const weak: Record<string, string> = {}
    for (const [name, pattern] of patterns) {
      const parts = partAttacks(pattern)
      const some = ALL || parts.length <= MOST ? parts : Array.from({ length: MOST }, () => parts[below(parts.length)]!)
      const attack = weakness(pattern, [...some, ...wordAttacks(pattern)])
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
    /\W+$/,
    /^a: *(.*?) *$/s,
    /^a(?:\. b|[^<>]){0,300}?</,
    /^[^/]+\.[^/]+\/./,
    /\b(?:a-b|cd)\b[\s\S]*-/,
    /ab (.*)$/,
    /"[^"]*\\a[^"]*"/,
    /^(a|aa)+$/,
    /^(?:a|a?)+$/,
    /(x+x+)+y/,
    /^(\w+\s?)*$/,
    /^(?=(a+)+b)/,
    /(?<=^(?:a|a)*)b$/,
    /(a*)b\1c/,
    /^.*?,.*?;.*?$/s,
    /\d*\.?\d+x/u,
    /^[ \t]*(.*?)[ \t]*$/i,
  ])('and one that does not is detected: %s', (pattern) => {
    expect(weakness(pattern, [...partAttacks(pattern), ...wordAttacks(pattern)])).toBeTypeOf('string')
  })

  it.each([/^a+$/, /a{0,300}b/, /^[\t ]*([^,;]{1,80})/, /(?:^|[^b])b(?!b)/g, /^(?:\w+,)*\w+$/, /\p{L}/gu, /(["'])x\1/])(
    'and one that does is not: %s',
    (pattern) => {
      expect(weakness(pattern, [...partAttacks(pattern), ...wordAttacks(pattern)])).toBeUndefined()
    },
  )

  it('the steps that are counted lead to the matches of the engine', () => {
    for (const [name, pattern] of patterns) {
      const attacks = [...partAttacks(pattern), ...wordAttacks(pattern)]
      for (let i = 0; i < attacks.length; i += Math.ceil(attacks.length / 8)) {
        const text = `${textOf(attacks[i]!, 200)} x`
        const found = run(pattern, text, 1_000_000)
        if (found.isCut) continue
        const expected: [number, number][] = []
        pattern.lastIndex = 0
        text.replace(pattern, (match: string, ...more: unknown[]) => {
          const start = more.find((each) => typeof each === 'number') as number
          expected.push([start, start + match.length])
          return ''
        })
        expect(found.matches, `${name} on ${JSON.stringify(text)}`).toEqual(expected)
      }
    }
  })
})
