import { runInThisContext } from 'node:vm'
import { analyse } from 'scslre'
import ts from 'typescript'
import { describe, expect, it, vi } from 'vitest'
import { parseMultipartResponse } from '../../../src/s3/multipart/xml.ts'
import { filesIn, read } from '../../../test/support/docs/markdown.ts'
import { expectLinear } from '../../../test/support/linear.ts'
import { safeOutput } from '../src/cli/program/terminal.ts'
import { readForm } from '../src/serve/http/form.ts'
import { type Attack, attacksOn } from './support/attack-strings.ts'

// No regular expression takes quadratic time, whatever its input. This includes those built at run time. scslre finds
// repetitions of one character in the syntax; longer ones, such as "<a" in /<a.*>/, are repeated and timed.

/** The code of both packages, and of the suite that the tools read. */
const SOURCES = ['src', 'packages/sigv4-tools/src', 'suite/format', 'suite/generator']

const ALWAYS = 'what follows the repetition always matches'
/** Prefixes of the names of expressions that receive no input for which they take long, each with the reason. */
const TRUSTED: Readonly<Record<string, string>> = {
  'packages/sigv4-tools/src/cli/input/profiles.ts /^([^=:': ALWAYS,
  'packages/sigv4-tools/src/cli/input/profiles.ts /^profile': ALWAYS,
  'packages/sigv4-tools/src/explain/paste/clean/unwrap.ts /^.{0,200}?--> ': ALWAYS,
  'packages/sigv4-tools/src/explain/paste/readers/messages.ts / ?(?:status code': ALWAYS,
  'packages/sigv4-tools/src/explain/paste/readers/panels.ts /^(:?[^:]*)': ALWAYS,
  'packages/sigv4-tools/src/explain/redact.ts /^(?:(?:proxy-)?authorization': ALWAYS,
  'packages/sigv4-tools/src/proxy/options/settings.ts /^(https': ALWAYS,
  'src/aws4/url.ts /^.*[\\0@]': ALWAYS,
  'packages/sigv4-tools/src/explain/search/headers.ts /"(?:': 'only matched against valid JSON, whose strings end',
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

/** Milliseconds for an attack of 8,000 characters that make it suspicious, and for all attacks on an expression. */
const [LONG, TOO_LONG] = [1, 3000]
/** Returns the attack that takes longest, if it is suspicious. The engine stops an expression that would not end. */
function slowest(pattern: RegExp): Attack | undefined {
  let [worst, most]: [Attack | undefined, number] = [undefined, LONG]
  const search = (): void => {
    for (const attack of attacksOn(pattern)) {
      const text = attack(8000)
      const start = performance.now()
      text.replace(pattern, '')
      const time = performance.now() - start
      if (time > most) [worst, most] = [attack, time]
    }
  }
  Object.assign(globalThis, { search })
  runInThisContext('search()', { timeout: TOO_LONG })
  return worst
}

/** Returns why an expression takes more than linear time for some input, if it does. */
async function weakness(pattern: RegExp, length = 100_000): Promise<string | undefined> {
  const [report] = analyse({ source: pattern.source, flags: pattern.flags }, { maxReports: 1 }).reports
  if (report) return `${JSON.stringify(report.character.pick)} repeated`
  try {
    const attack = slowest(pattern)
    const make = (length: number) => {
      const text = attack!(length)
      return () => text.replace(pattern, '')
    }
    if (attack) await expectLinear(make, { length })
  } catch (error) {
    return String(error)
  }
  return undefined
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

  it('or is trusted', async () => {
    expect(patterns.size).toBeGreaterThan(1000)
    const weak: Record<string, string> = {}
    for (const start of Object.keys(TRUSTED)) {
      const names = [...patterns.keys()].filter((name) => name.startsWith(start))
      expect(names, start).not.toEqual([])
      for (const name of names) patterns.delete(name)
    }
    for (const [name, pattern] of patterns) {
      const why = await weakness(pattern)
      if (why !== undefined) weak[name] = why
    }
    expect(weak).toEqual({})
  })

  it.each([
    /^[\t ]+|[\t ]+$/g,
    /^a: *(.*?) *$/s,
    /^(?:a+)+b$/,
    /<a[\s\S]*?>/,
    /\b(?:a-b|cd)\b[\s\S]*-/,
    /"[^"]*\\a[^"]*"/,
    /^(a|aa)+$/,
  ])('and one that does not is detected: %s', async (pattern) => {
    expect(await weakness(pattern, 60_000)).toBeTypeOf('string')
  })

  it.each([/^a+$/, /a{0,300}b/, /^[\t ]*([^,;]{1,80})/, /(?:^|[^b])b(?!b)/g, /^(?:\w+,)*\w+$/, /\p{L}/gu])(
    'and one that does is not: %s',
    async (pattern) => {
      expect(await weakness(pattern)).toBeUndefined()
    },
  )
})
