import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import aws4 from 'aws4'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { filesOf, type Packed, pack, ROOT } from '../../test/support/packed.ts'
import { ENTRIES, TOOLS } from '../../tools/entries.js'
import { PACKAGES, packStaged, stage as stageInto } from '../../tools/pack.ts'
import { bundle, PROGRAMS, weight } from '../../tools/programs.ts'
import { publintMessages, typesOf } from '../../tools/release/lint.ts'

// What users install: the contents and size of the tarball, and every way to import it.

/** The entries in both formats, and those of the tools, which are ES modules: Node can require them as well. */
const BUILT = ENTRIES.flatMap(({ name }) => ['js', 'cjs', 'd.ts', 'd.cts'].map((end) => `${name}.${end}`))
BUILT.push('sigv4.global.js')
const BUILT_TOOLS = TOOLS.flatMap(({ name }) => [`${name}.js`, `${name}.d.ts`])
BUILT_TOOLS.push('cli.js', 'debugger.html', 'reference.ts', 'suite.json.gz')
/** Files that several entries, or several commands, load. */
const SHARED = /^(?:shared|cli)-[\w-]+\.(?:js|cjs|d\.cts)$/
const FILES = ['LICENSE', 'README.md', 'package.json', 'CHANGELOG.md']

const run = promisify(execFile)
/** Files that must not be included. */
const STRANGERS = [
  'test/a.test.ts',
  '.github/workflows/ci.yml',
  'docs/api/sync.md',
  'docs/presigning.md',
  'src/index.ts',
  'fixtures/README.md',
  '.npmrc',
  'dist/a.js.map',
]
const [manifest, tools] = ['.', 'packages/sigv4-tools'].map((folder) =>
  JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')),
)

let installed: Packed
let [stage, user, tarball] = ['', '', '']
let packed: readonly string[]

beforeAll(async () => {
  installed = await pack(undefined, STRANGERS)
  ;({ stage, tarball, folder: user, files: packed } = installed)
}, 120_000)

afterAll(() => installed?.remove())

/** Runs a program in the folder that the package is installed in, and parses its JSON output. */
async function program(type: 'module' | 'commonjs', text: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, [`--input-type=${type}`, '--eval', text], { cwd: user })
  return JSON.parse(stdout)
}

/** What reaches the machine: modules of Node, and the variables and the code of a process. */
const MACHINE =
  /\bnode:[\w/]+|(?<![.\w])(?:child_process|createServer|eval|Function|require|spawn|exec)(?=\()|^(?:import|export)\b.* from ["'][^."'].*|\bprocess\??\.env\b/gm

describe('the tarballs', () => {
  it('contain the build, the license, and the manifest, and nothing else', () => {
    const cases = [
      [installed, BUILT, [...FILES, 'llms.txt']],
      [installed.tools, BUILT_TOOLS, FILES],
    ] as const
    for (const [{ files }, built, others] of cases) {
      expect(files.filter((path) => !path.startsWith('dist/')).sort()).toEqual([...others].sort())
      const names = files.filter((path) => path.startsWith('dist/')).map((path) => path.slice(5))
      expect(names.filter((name) => !SHARED.test(name)).sort()).toEqual([...built].sort())
      expect(files.length).toBeLessThanOrEqual(95)
    }
  })

  it('have pages without links to files that they do not contain', () => {
    for (const { stage, files } of [installed, installed.tools])
      for (const path of files.filter((name) => /\.(?:md|txt)$/.test(name))) {
        const page = readFileSync(join(stage, path), 'utf8')
        const links = [...page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link!)
        expect(links.filter((link) => !files.includes(link))).toEqual([])
      }
  })

  it('have manifests without what only the repository needs', () => {
    for (const [{ stage }, expected] of [
      [installed, manifest.version],
      [installed.tools, tools.version],
    ] as const) {
      const { dependencies, devDependencies, scripts, workspaces, version, engines } = JSON.parse(
        readFileSync(join(stage, 'package.json'), 'utf8'),
      )
      expect({ dependencies, devDependencies, scripts, workspaces }).toEqual({})
      expect({ version, engines }).toEqual({ version: expected, engines: manifest.engines })
    }
  })

  it('of the library import nothing, and ask the runtime for three modules and for variables', () => {
    const found = new Map<string, Set<string>>()
    for (const path of packed.filter((name) => /\.c?js$/.test(name))) {
      const text = readFileSync(join(stage, path), 'utf8').replace(/require\('\.\/[\w-]+\.cjs'\)/g, '')
      for (const [name] of text.matchAll(MACHINE)) found.set(name, (found.get(name) ?? new Set()).add(path.slice(5)))
    }
    const both = (name: string): readonly string[] => [`${name}.cjs`, `${name}.js`]
    expect(Object.fromEntries([...found].map(([name, paths]) => [name, [...paths].sort()]))).toEqual({
      'node:crypto': [...both('shared-sign'), 'sigv4.global.js'],
      'node:fs': both('shared-credentials'),
      'node:zlib': both('shared-sign'),
      'process?.env': [...both('aws4'), ...both('shared-credentials')],
    })
  })
})

describe('the tarball', () => {
  it.each(['index', 'sync', 'aws4', 'fetch'])('loads two files in addition to that of %s', (entry) => {
    for (const format of ['js', 'cjs']) expect(filesOf(join(stage, 'dist'), `${entry}.${format}`).size).toBe(3)
  })

  it('has each declaration once: those for import refer to those for require', () => {
    const declarations = packed.filter((path) => ENTRIES.some(({ name }) => path === `dist/${name}.d.ts`))
    expect(declarations).toHaveLength(ENTRIES.length)
    for (const path of declarations) {
      const reference = `'./${basename(path, '.d.ts')}.cjs'`
      const [star, ...others] = readFileSync(join(stage, path), 'utf8').trim().split('\n')
      expect(star).toBe(`export * from ${reference}`)
      if (others.length) expect(others).toEqual([`import cjs = require(${reference})`, 'export default cjs.default'])
    }
  })

  it('has no source maps, and no references to any', () => {
    expect(packed.filter((path) => path.endsWith('.map'))).toEqual([])
    const speaking = packed.filter((path) => readFileSync(join(stage, path), 'utf8').includes('sourceMappingURL'))
    expect(speaking).toEqual([])
  })

  it('has no dependencies, nor have the tools', () => {
    const modules = readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(modules).toEqual(['sigv4', 'sigv4-tools'])
  })

  it('passes publint, as do the tools and the aliases', async () => {
    const folder = dirname(tarball)
    const aliases = PACKAGES.filter((path) => !/^\.$|sigv4-tools/.test(path)).map(async (path) => {
      stageInto(path, join(folder, 'aliases', path))
      return (await packStaged(join(folder, 'aliases', path))).tarball
    })
    const all = [tarball, installed.tools.tarball, ...(await Promise.all(aliases))]
    expect(all).toHaveLength(5)
    for (const each of all) expect(await publintMessages(each), each).toEqual([])
  })

  it('has types for every entry and every module resolution', async () => {
    expect(await typesOf(tarball)).toEqual({
      entries: ['./package.json', ...ENTRIES.map(({ entry }) => entry)].sort(),
      problems: [],
    })
    expect(await typesOf(installed.tools.tarball)).toEqual({
      entries: ['./package.json', ...TOOLS.map(({ entry }) => entry)].sort(),
      problems: TOOLS.map(() => 'CJSResolvesToESM'),
    })
  })
})

describe('the installed package', () => {
  const names = [
    ...[
      'SigV4Error',
      'accessPoint',
      'checkPost',
      'deriveSigningKey',
      'forgetSigningKeys',
      'isSigV4Error',
      'multipartCompletionBody',
    ],
    ...[
      'objectUrl',
      'parseMultipartResponse',
      'presign',
      'presignDelete',
      'presignGet',
      'presignHead',
      'presignMultipartParts',
    ],
    ...['presignMultipartUpload', 'presignPost', 'presignPut', 'sign', 'toFormData'],
  ]

  it.each(['sigv4', 'sigv4/sync'])('%s has the same names by import and by require', async (specifier) => {
    const show = 'console.log(JSON.stringify(Object.keys(entry).sort()))'
    expect(await program('module', `import * as entry from '${specifier}'; ${show}`)).toEqual(names)
    expect(await program('commonjs', `const entry = require('${specifier}'); ${show}`)).toEqual(names)
  })

  it.each(['sigv4', 'sigv4/sync'])('%s has functions with their public names in stack traces', async (it) => {
    const show = 'console.log(JSON.stringify(Object.values(entry).map(({ name }) => name).sort()))'
    expect(await program('module', `import * as entry from '${it}'; ${show}`)).toEqual(names)
    expect(await program('commonjs', `const entry = require('${it}'); ${show}`)).toEqual(names)
  })

  it('sigv4/verify has its names by import and by require, and rejects an unsigned request', async () => {
    const verifyNames = ['SigV4Error', 'SigV4VerifyError', 'isSigV4Error', 'toErrorResponse', 'verify', 'verifyPost']
    const show = `entry.verify({ url: '/', headers: {} }, { credentials: () => 'secret' }).catch((error) => {
      const { status, body } = entry.toErrorResponse(error)
      console.log(JSON.stringify([Object.keys(entry).sort(), error instanceof entry.SigV4VerifyError, status, body]))
    })`
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`
    const expected = [verifyNames, true, 403, body]
    expect(await program('module', `import * as entry from 'sigv4/verify'; ${show}`)).toEqual(expected)
    expect(await program('commonjs', `const entry = require('sigv4/verify'); ${show}`)).toEqual(expected)
  })

  it.each(['sigv4/tokens', 'sigv4/tokens/sync'])(
    '%s has the same names by import and by require',
    async (specifier) => {
      const tokenNames = [
        ...['SigV4Error', 'appSyncProtocols', 'bedrockKey', 'cacheToken', 'callerIdentity', 'codecommitCredentials'],
        ...['dsqlToken', 'eksToken', 'isSigV4Error', 'keyspacesResponse', 'mskToken', 'rdsToken', 's3ExpressSession'],
        ...['sesSmtpPassword', 'webSocketUrl'],
      ]
      const show = 'console.log(JSON.stringify(Object.keys(entry).sort()))'
      expect(await program('module', `import * as entry from '${specifier}'; ${show}`)).toEqual(tokenNames)
      expect(await program('commonjs', `const entry = require('${specifier}'); ${show}`)).toEqual(tokenNames)
    },
  )

  it('sigv4-tools/explain has its names by import and by require, and explains', async () => {
    const explainNames = ['causeText', 'causes', 'explain', 'highlightDiff', 'inspect', 'parseEvidence']
    const show = `console.log(JSON.stringify([Object.keys(entry).sort(), entry.explain({ request: { url: '/', headers: {} } }).findings[0].cause]))`
    const expected = [explainNames, 'anonymous']
    expect(await program('module', `import * as entry from 'sigv4-tools/explain'; ${show}`)).toEqual(expected)
    expect(await program('commonjs', `const entry = require('sigv4-tools/explain'); ${show}`)).toEqual(expected)
  })

  it('sigv4-tools/serve has one name, by import and by require, and serves', async () => {
    const show = `entry.serve().then(async (server) => {
      const { status } = await fetch(server.url)
      await server.close()
      console.log(JSON.stringify([Object.keys(entry), status, server.credentials.accessKeyId.length]))
    })`
    const expected = [['serve'], 403, 20]
    expect(await program('module', `import * as entry from 'sigv4-tools/serve'; ${show}`)).toEqual(expected)
    expect(await program('commonjs', `const entry = require('sigv4-tools/serve'); ${show}`)).toEqual(expected)
  })

  it('sigv4-tools/proxy has one name, by import and by require, and listens', async () => {
    const credentials = `{ accessKeyId: 'a', secretAccessKey: 'b' }`
    const show = `entry.proxy({ upstream: 'https://sqs.eu-west-1.amazonaws.com', credentials: ${credentials} }).then(async (proxy) => {
      const { status } = await fetch(proxy.url, { headers: { 'sec-fetch-site': 'cross-site' } })
      await proxy.close()
      console.log(JSON.stringify([Object.keys(entry), status]))
    })`
    const expected = [['proxy'], 403]
    expect(await program('module', `import * as entry from 'sigv4-tools/proxy'; ${show}`)).toEqual(expected)
    expect(await program('commonjs', `const entry = require('sigv4-tools/proxy'); ${show}`)).toEqual(expected)
  })

  it('returns the same URL by import and by require, from both entries', async () => {
    const options = `{ credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, now: 0, expires: 60 }`
    const target = `{ bucket: 'photos', key: 'é', region: 'eu-west-1' }`
    const show = `Promise.all([one.presignPut(${target}, ${options}), other.presignPut(${target}, ${options})]).then((both) => console.log(JSON.stringify(both)))`
    const imported = await program(
      'module',
      `import * as one from 'sigv4'; import * as other from 'sigv4/sync'; ${show}`,
    )
    const required = await program(
      'commonjs',
      `const one = require('sigv4'); const other = require('sigv4/sync'); ${show}`,
    )
    expect(required).toEqual(imported)
    const [one, other] = imported as [{ url: string }, { url: string }]
    expect(one).toEqual(other)
    expect(one.url).toMatch(/^https:\/\/photos\.s3\.eu-west-1\.amazonaws\.com\/%C3%A9\?X-Amz-Algorithm=/)
  })

  it('has one error class for both entries, and recognizes those of the other format', async () => {
    const text = `
      const caught = (entry) => { try { entry.presignGet('https://example.com/', { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }) } catch (error) { return error } }
      const error = caught(other), foreign = caught(elsewhere)
      console.log(JSON.stringify({
        same: one.SigV4Error === other.SigV4Error, own: error instanceof one.SigV4Error,
        foreign: foreign instanceof one.SigV4Error, known: [error, foreign].map(one.isSigV4Error), code: foreign.code,
      }))`
    const known = { same: true, own: true, known: [true, true], code: 'ERR_SIGV4_SCOPE_UNKNOWN' }
    const imports = `import { createRequire } from 'node:module'; import * as one from 'sigv4'; import * as other from 'sigv4/sync'
      const elsewhere = createRequire(import.meta.url)('sigv4/sync')`
    expect(await program('module', imports + text)).toMatchObject(known)
    const requires = `const one = require('sigv4'), other = require('sigv4/sync')
      import('sigv4/sync').then((elsewhere) => {${text}})`
    expect(await program('commonjs', requires)).toMatchObject(known)
  })

  it('prints the reference, which is part of it', async () => {
    const { stdout } = await run('npx', ['--offline', '--no-install', 'sigv4-tools', 'copy'], { cwd: user })
    expect(stdout).toBe(readFileSync(join(ROOT, 'reference/sigv4.ts'), 'utf8'))
  })

  it('has a script for pages, which defines one global with everything that the package exports', async () => {
    const script = readFileSync(join(user, 'node_modules/sigv4/dist/sigv4.global.js'), 'utf8')
    expect(script).toContain(`/*! sigv4 ${manifest.version}, ${manifest.license} License */`)
    for (const field of ['unpkg', 'jsdelivr']) expect(manifest[field]).toBe('./dist/sigv4.global.js')
    const page: Record<string, unknown> = createContext({ crypto, TextEncoder, URL, FormData })
    const before = runInContext('Object.getOwnPropertyNames(globalThis)', page) as string[]
    runInContext(script, page)
    const after = runInContext('Object.getOwnPropertyNames(globalThis)', page) as string[]
    expect(after.filter((name) => !before.includes(name))).toEqual(['sigv4'])
    expect(Object.keys(page.sigv4 as object).sort()).toEqual(names)
    const call = `entry.presignPut({ bucket: 'photos', key: 'é', region: 'eu-west-1' }, {
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, now: 0, expires: 60 })`
    const { url } = await runInContext(call.replace('entry', 'sigv4'), page)
    const show = `${call}.then(({ url }) => console.log(JSON.stringify(url)))`
    expect(url).toBe(await program('module', `import * as entry from 'sigv4'; ${show}`))
  })

  it('has a program', async () => {
    const { bin } = JSON.parse(readFileSync(join(installed.tools.stage, 'package.json'), 'utf8'))
    expect(bin).toEqual({ 'sigv4-tools': 'dist/cli.js' }) // with ./ as a prefix, npm publish removes it
    expect(statSync(join(installed.tools.stage, 'dist/cli.js')).mode & 0o111).not.toBe(0)
    const npx = (...args: string[]) => run('npx', ['--offline', '--no-install', 'sigv4-tools', ...args], { cwd: user })
    expect((await npx('--help')).stdout).toMatch(/^Sign, presign, verify, and debug AWS Signature Version 4 requests/)
    expect((await npx('--version')).stdout).toBe(`${tools.version}\n`)
    await expect(npx('nonsense')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^sigv4-tools: unknown command "nonsense"\. [^\n]+\n$/),
    })
  })

  it('rejects imports of unexported subpaths', async () => {
    for (const specifier of ['sigv4/dist/index.js', 'sigv4/core', 'sigv4/index'])
      await expect(program('module', `import '${specifier}'`)).rejects.toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/)
    expect(await program('commonjs', `console.log(JSON.stringify(require('sigv4/package.json').name))`)).toBe('sigv4')
  })
})

/** Installs a library that requires a package by name, which an override replaces; returns the folder, and the new name. */
async function installWith(replaced: string, range: string): Promise<[folder: string, name: string]> {
  const folder = join(dirname(stage), `alias-${replaced}`)
  const tar = async (source: string): Promise<string> => {
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--offline', source], { cwd: folder })
    return `file:./${JSON.parse(stdout)[0].filename}`
  }
  const library = join(dirname(stage), `library-${replaced}`)
  for (const path of [folder, library]) mkdirSync(path)
  const dependent = { name: 'library', version: '1.0.0', dependencies: { [replaced]: range } }
  writeFileSync(join(library, 'package.json'), JSON.stringify(dependent))
  writeFileSync(
    join(library, 'index.js'),
    `exports.${replaced} = require('${replaced}'); exports.where = require.resolve('${replaced}')`,
  )
  const alias = join(ROOT, 'packages', replaced)
  const { name, version, dependencies } = JSON.parse(readFileSync(join(alias, 'package.json'), 'utf8'))
  expect({ version, dependencies }).toEqual({ version: manifest.version, dependencies: { sigv4: manifest.version } })
  const own = {
    private: true,
    dependencies: { sigv4: `file:${tarball}`, library: await tar(library) },
    overrides: { [replaced]: await tar(alias) },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own))
  await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
  return [folder, name]
}

describe('the drop-in for aws4', () => {
  const headers = { Date: 'Sun, 30 Aug 2015 12:36:00 GMT' }
  const request = { service: 'sqs', region: 'eu-west-1', path: '/?Action=ListQueues', headers }
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
  const given = `${JSON.stringify(request)}, ${JSON.stringify(credentials)}`
  const show = (one: string, other: string, Signer: string) =>
    `console.log(JSON.stringify([${one}(${given}), ${other}(${given}), new ${Signer}(${given}).sign()]))`
  const real = aws4.sign({ ...request }, credentials)

  it.each([
    ['commonjs', `const aws4 = require('sigv4/aws4'); ${show('aws4.sign', 'aws4.default.sign', 'aws4.RequestSigner')}`],
    ['commonjs', `const { sign, RequestSigner } = require('sigv4/aws4'); ${show('sign', 'sign', 'RequestSigner')}`],
    ['module', `import aws4 from 'sigv4/aws4'; ${show('aws4.sign', 'aws4.sign', 'aws4.RequestSigner')}`],
    ['module', `import * as aws4 from 'sigv4/aws4'; ${show('aws4.sign', 'aws4.default.sign', 'aws4.RequestSigner')}`],
    ['module', `import { sign, RequestSigner } from 'sigv4/aws4'; ${show('sign', 'sign', 'RequestSigner')}`],
  ] as const)('signs as aws4 does, in %s: %s', async (type, text) => {
    expect(await program(type, text)).toEqual([real, real, real])
  })

  it('can be mocked in tests, as aws4 can', async () => {
    const text = `const aws4 = require('sigv4/aws4'); aws4.sign = () => 5; console.log(JSON.stringify(require('sigv4/aws4').sign()))`
    expect(await program('commonjs', text)).toBe(5)
  })

  it('replaces aws4 in a library that requires it by name', async () => {
    const [folder, name] = await installWith('aws4', '^1.13.0')
    const text = `const { aws4, where } = require('library')
      console.log(JSON.stringify([where, require('aws4/package.json').name, aws4.sign(${given})]))`
    const { stdout } = await run(process.execPath, ['--eval', text], { cwd: folder })
    expect(JSON.parse(stdout)).toEqual([join(folder, 'node_modules/aws4/index.js'), name, real])
    const named = `import { sign } from 'aws4'; console.log(JSON.stringify(sign(${given})))`
    const imported = await run(process.execPath, ['--input-type=module', '--eval', named], { cwd: folder })
    expect(JSON.parse(imported.stdout)).toEqual(real)
  })
})

describe('the drop-in for @smithy/signature-v4', () => {
  const init = {
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    region: 'eu-west-1',
    service: 'sqs',
  }
  const request = { method: 'GET', protocol: 'https:', hostname: 'a', path: '/', headers: { host: 'a' } }
  const options = { signingDate: 0 }
  const show = `new SignatureV4(${JSON.stringify(init)}).sign(${JSON.stringify(request)}, ${JSON.stringify(options)})
    .then((signed) => console.log(JSON.stringify(signed)))`

  it.each([
    ['module', `import { SignatureV4 } from 'sigv4/smithy'; ${show}`],
    ['commonjs', `const { SignatureV4 } = require('sigv4/smithy'); ${show}`],
  ] as const)('signs as @smithy/signature-v4 does, in %s', async (type, text) => {
    const real = await new SignatureV4({ ...init, sha256: Sha256 }).sign(request, options)
    expect(await program(type, text)).toEqual(JSON.parse(JSON.stringify(real)))
  })

  it('is the dependency of its alias, which integration/clients/smithy installs', () => {
    const { version, dependencies } = JSON.parse(
      readFileSync(join(ROOT, 'packages/smithy-signature-v4/package.json'), 'utf8'),
    )
    expect({ version, dependencies }).toEqual({ version: manifest.version, dependencies: { sigv4: manifest.version } })
  })
})

describe('the drop-in for aws4fetch', () => {
  const show = (Client: string): string => `new ${Client}({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a' })
    .sign('https://sqs.eu-west-1.amazonaws.com/', { aws: { datetime: '20150830T123600Z' } })
    .then(({ headers }) => console.log(JSON.stringify(headers.get('authorization'))))`
  const signed =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/eu-west-1\/sqs\/aws4_request, .*Signature=[\da-f]{64}$/

  it.each([
    ['commonjs', `const { AwsClient } = require('sigv4/aws4fetch'); ${show('AwsClient')}`],
    ['module', `import { AwsClient } from 'sigv4/aws4fetch'; ${show('AwsClient')}`],
  ] as const)('signs in %s: %s', async (type, text) => {
    expect(await program(type, text)).toMatch(signed)
  })

  it('replaces aws4fetch in a library that imports it by name', async () => {
    const [folder, name] = await installWith('aws4fetch', '^1.0.20')
    const required = `const { aws4fetch: { AwsClient, __esModule }, where } = require('library')
      if (!__esModule || require('aws4fetch/package.json').name !== '${name}') throw new Error(where)
      ${show('AwsClient')}`
    const results = [await run(process.execPath, ['--eval', required], { cwd: folder })]
    const imported = `import { AwsClient } from 'aws4fetch'; ${show('AwsClient')}`
    results.push(await run(process.execPath, ['--input-type=module', '--eval', imported], { cwd: folder }))
    const [one, other] = results.map(({ stdout }) => JSON.parse(stdout))
    expect(one).toMatch(signed)
    expect(other).toBe(one)
  })
})

describe('the size of', () => {
  it.each(PROGRAMS)('%s from %s', async (...program) => {
    const [, , , maximum] = program
    for (const platform of ['browser', 'node'] as const) {
      const size = weight(await bundle(program, user, { minify: true, platform }))
      expect(size, platform).toBeGreaterThan(1000)
      if (maximum !== undefined) expect(size, platform).toBeLessThanOrEqual(maximum)
    }
  })

  it('the library, packed and unpacked', () => {
    expect(PROGRAMS.filter(([, , , maximum]) => maximum !== undefined)).toHaveLength(2)
    expect(installed.size).toBeLessThanOrEqual(300_000)
    expect(installed.unpackedSize).toBeLessThanOrEqual(1_100_000)
  })
})

it('a command loads nothing that only other commands need', () => {
  const folder = join(ROOT, 'packages/sigv4-tools/dist')
  const loaded = new Set<string>()
  const load = (name: string): void => {
    if (loaded.has(name)) return
    loaded.add(name)
    for (const [, next] of readFileSync(join(folder, name), 'utf8').matchAll(/(?:from|import)"\.\/([\w.-]+)"/g))
      load(next!)
  }
  load('cli.js')
  load('cli-presign.js')
  expect(loaded.size).toBeGreaterThan(5)
  expect([...loaded].filter((name) => /explain|paste|serve|proxy|audit|verify/.test(name))).toEqual([])
})
