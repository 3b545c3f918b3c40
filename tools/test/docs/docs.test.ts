import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { COMMAND_NAMES } from '../../../packages/sigv4-tools/src/cli/commands.ts'
import * as explain from '../../../packages/sigv4-tools/src/explain.ts'
import * as proxy from '../../../packages/sigv4-tools/src/proxy.ts'
import * as server from '../../../packages/sigv4-tools/src/serve.ts'
import * as aws4 from '../../../src/aws4.ts'
import * as aws4fetch from '../../../src/aws4fetch.ts'
import * as credentials from '../../../src/credentials.ts'
import * as asynchronous from '../../../src/index.ts'
import * as synchronous from '../../../src/sync.ts'
import * as tokens from '../../../src/tokens.ts'
import * as tokensSync from '../../../src/tokens-sync.ts'
import * as trace from '../../../src/trace.ts'
import * as verify from '../../../src/verify.ts'
import { specifiers } from '../../../test/support/docs/compile.ts'
import {
  brokenLinks,
  fencesOf,
  filesIn,
  isProgram,
  LINKING,
  MAPS,
  PAGES,
  pageExamples,
  read,
  sourceExamples,
} from '../../../test/support/docs/markdown.ts'
import { matches, NOW, promised, run } from '../../../test/support/docs/run.ts'
import { filesOn, withFiles } from '../../examples.ts'
import { checkCommand, checkInstalled, checkPackages, checkScripts, commandsOn } from '../support/commands.ts'

const sources = sourceExamples()
const pages = pageExamples()
const programs = [...sources, ...pages].filter(isProgram)
const runnable = pages.filter((fence) => isProgram(fence) && fence.info !== 'no-run')

describe('an example', () => {
  it('exists for every function that presigns or signs, in both entries', () => {
    for (const [folder, specifier, entry] of [
      ['src/async/', 'sigv4', asynchronous],
      ['src/sync/', 'sigv4/sync', synchronous],
      ['src/tokens/async/', 'sigv4/tokens', tokens],
      ['src/tokens/sync/', 'sigv4/tokens/sync', tokensSync],
    ] as const) {
      const shown = sources.filter(({ where }) => where.startsWith(folder))
      expect(shown.length).toBeGreaterThanOrEqual(10)
      for (const { where, code } of shown) expect(code, where).toContain(`from '${specifier}'`)
      const others = sources.filter(({ where }) => /^src\/(?:core|crypto|s3)\//.test(where))
      for (const [name, value] of Object.entries(entry))
        if (typeof value === 'function')
          expect(
            [...shown, ...others].filter(({ code }) => code.includes(name)),
            name,
          ).not.toEqual([])
    }
  })

  it('imports only this package and modules of Node', () => {
    for (const { where, code } of programs)
      for (const { fileName } of ts.preProcessFile(code, true, true).importedFiles)
        if (!fileName.startsWith('node:')) expect(specifiers, where).toContain(fileName)
  })
})

describe('an example on a page', () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW })
    // no example reaches the network
    vi.stubGlobal('fetch', async () => new Response(''))
    // the example of the README reads them
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE').stubEnv(
      'AWS_SECRET_ACCESS_KEY',
      'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    )
  })
  afterAll(() => {
    vi.useRealTimers()
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
  })

  it.each(runnable.map(({ where, code }) => [where, code] as const))(
    'runs and prints its comments: %s',
    async (_, code) => {
      const output = await run(code)
      const promise = promised(code)
      if (promise !== undefined) expect(matches(output, promise) ? promise : output).toBe(promise)
    },
  )

  it('in How signing works shows the values that trace returns', async () => {
    const found = fencesOf('docs/how-it-works.md')
    const values = found.filter(({ language }) => language === 'text').map(({ code }) => code.trimEnd())
    expect(values).toHaveLength(3)
    expect(await run(found.find(({ language }) => language === 'ts')!.code)).toBe(values.join('\n'))
  })
})

describe('documentation', () => {
  it('names a language for every block of code', () => {
    expect([...sources, ...pages].filter(({ language }) => language === '').map(({ where }) => where)).toEqual([])
  })

  it('contains only valid JSON in blocks of JSON', () => {
    const blocks = pages.filter(({ language }) => language === 'json')
    expect(blocks.length).toBeGreaterThan(5)
    for (const { code, where } of blocks) expect(() => JSON.parse(code), where).not.toThrow()
  })

  it.each(LINKING)('has no broken link: %s', (path) => {
    expect(brokenLinks(path)).toEqual([])
  })

  it.each(PAGES.filter((path) => filesOn(path).length > 0))('shows the files of examples unchanged: %s', (path) => {
    expect(withFiles(read(path)), 'Run npx tsx tools/examples.ts').toBe(read(path))
  })

  it.each([...PAGES, ...MAPS])('names only existing commands: %s', (path) => {
    const problems = [
      ...commandsOn(path).flatMap(checkCommand),
      ...checkScripts(read(path)),
      ...checkPackages(read(path)),
      ...fencesOf(path)
        .filter(({ language }) => language === 'sh')
        .flatMap(checkInstalled),
    ]
    expect(problems).toEqual([])
  })

  it('contains no placeholder in a command of a shell', () => {
    const shells = pages.filter(({ language, where }) => language === 'sh' && !where.startsWith('docs/suite.md'))
    expect(shells.length).toBeGreaterThan(50)
    expect(shells.filter(({ code }) => /\bsigv4.*…|….*\bsigv4/.test(code)).map(({ where }) => where)).toEqual([])
  })

  it('describes the credentials that examples use without declaring them', () => {
    const using = runnable.filter(
      ({ code }) => /(?<![.\w])credentials[ ,)]/.test(code) && !/const credentials/.test(code),
    )
    const paths = [...new Set(using.map(({ where }) => where.split(':')[0]!))]
    expect(paths.length).toBeGreaterThan(5)
    expect(paths.filter((path) => !/`credentials` (?:is|\()|\[credentials\]\(/.test(read(path)))).toEqual([])
  })

  it('names every entry and no other', () => {
    const named = PAGES.filter((path) => !path.startsWith('docs/api/')).flatMap(
      (path) => read(path).match(/(?<=['"`])sigv4(?:-tools(?=\/))?(?:\/[a-z\d-]+)*(?=['"`])/g) ?? [],
    )
    expect([...new Set(named)].sort()).toEqual([...specifiers].sort())
  })

  it('mentions every exported function and every command', () => {
    const prose = PAGES.filter((path) => !path.startsWith('docs/api/'))
      .map(read)
      .join('\n')
    const library = [asynchronous, synchronous, tokens, credentials, verify, trace, aws4, aws4fetch]
    const exports = [...library, explain, server, proxy].flatMap(Object.keys)
    expect(exports.filter((name) => !RegExp(`\\b${name}\\b`).test(prose))).toEqual([])
    const listed = [...read('docs/cli.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
    expect(listed.sort()).toEqual([...COMMAND_NAMES].sort())
  })

  it('has an index that links to every page', () => {
    const linked = [...read('docs/README.md').matchAll(/\]\(([\w/.-]+)/g)].map(([, path]) => `docs/${path}`)
    const expected = PAGES.filter((path) => /^docs\/(?!README|api\/)/.test(path))
    expect(expected.filter((path) => !linked.includes(path))).toEqual([])
  })
})

describe('a table on a page', () => {
  it('in the security policy names tests that exist, and all attacks', () => {
    const rows = read('.github/SECURITY.md')
      .match(/^\| .*\|$/gm)!
      .slice(2)
    const named = rows.flatMap((row) =>
      [
        ...row
          .split('|')
          .at(-2)!
          .matchAll(/`([\w/-]+)`/g),
      ].map(([, name]) => name!),
    )
    const tests = ['test', 'packages/sigv4-tools/test', 'integration'].flatMap((path) => filesIn(path, '.test.ts'))
    const pathOf = (name: string): string => (name.includes('/') ? name : `test/attacks/${name}`)
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((name) => !tests.some((path) => path.includes(pathOf(name))))).toEqual([])
    const attacks = tests.filter((path) => path.includes('test/attacks/'))
    expect(attacks.filter((path) => !named.some((name) => path.includes(pathOf(name))))).toEqual([])
  })

  it('in Signing requests lists the unsigned headers of the sources', () => {
    const rows = (text: string) => [...text.matchAll(/\| (`[^|]+) \| ([^|]+) \|/g)].map(([, name, why]) => [name, why])
    const [, comment = ''] =
      /Headers that are not signed by default(.*?)\*\//s.exec(read('src/core/http/headers.ts')) ?? []
    expect(rows(comment).length).toBeGreaterThan(5)
    expect(rows(read('docs/signing.md'))).toEqual(rows(comment))
  })

  it('in Errors lists a refusal for every code of verify, and nothing else throws a refusal', () => {
    const table = [...read('docs/errors.md').matchAll(/^\| `…_(\w+)` \|/gm)].map(([, code]) => `ERR_SIGV4_${code}`)
    const [, verifying = ''] = read('docs/errors.md').split(/^## Verifying$|^## Policy violations$/m)
    const codes = [...verifying.matchAll(/^### (ERR_\w+)$/gm)].map(([, code]) => code)
    expect([...new Set([...table, 'ERR_SIGV4_POLICY_VIOLATION'])].sort()).toEqual(codes.sort())
    const throwing = ['src', 'packages/sigv4-tools/src']
      .flatMap((folder) => filesIn(folder, '.ts'))
      .filter((path) => read(path).includes('new SigV4VerifyError('))
    // a policy has its own reasons, which are documented below the table
    expect(throwing).toEqual(['src/verify/post.ts', 'src/verify/refuse.ts'])
  })
})

describe('README.md', () => {
  const readme = read('README.md')

  it('says what it has not been tested against, and which versions of Node it needs', () => {
    expect(readme).toContain('it has never been run against AWS itself')
    const { engines } = JSON.parse(read('package.json'))
    const versions = engines.node.match(/\d+\.\d+/g) as string[]
    expect(readme).toContain(`sigv4 requires Node ${versions.map((version) => `${version}+`).join(' or ')}`)
  })
})
