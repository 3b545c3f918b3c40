import { readdirSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { ENTRIES as PUBLIC, SOURCES, TOOLS } from '../tools/entries.js'
import { treeOf } from './support/tree.ts'

// Boundaries between folders: which imports are allowed, and which globals a folder may use.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAX_FILES = 12

/** What a paste is read into: the types of requests, responses and causes. */
const PASTED = ['case/case', 'model/causes', 'request/facts', 'response/response', 'wording'].map(
  (name) => `src/explain/${name}.ts`,
)

/** The folders that each folder may import from, in addition to itself. A path ends with a slash, or is one file. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/core/': [],
  // what is received, what S3 has besides signatures, and what may be shown: rooms beside the algorithm
  'src/received/': ['src/core/', 'src/s3/limits.ts'],
  'src/redaction/': ['src/core/'],
  'src/s3/': ['src/core/', 'src/received/'],
  'src/crypto/': ['src/core/'], // and each file its own half, see CRYPTO
  'src/async/': ['src/s3/', 'src/core/', 'src/crypto/algorithm.ts', 'src/crypto/webcrypto.ts', 'src/crypto/body.ts'],
  'src/sync/': ['src/s3/', 'src/core/', 'src/crypto/algorithm.ts', 'src/crypto/sha256.ts'],
  'src/checksums/': ['src/s3/', 'src/core/', 'src/crypto/blocks.ts', 'src/crypto/compress.ts', 'src/crypto/runtime.ts'],
  'src/verify/': [
    'src/received/',
    'src/redaction/',
    'src/s3/',
    'src/core/',
    'src/async/credentials.ts', // types
    'src/checksums/',
    'src/crypto/algorithm.ts',
    'src/crypto/webcrypto.ts',
    'src/crypto/verifying.ts',
    'src/crypto/sha256-stream.ts',
  ],
  'src/explain/': ['src/received/', 'src/redaction/', 'src/s3/', 'src/core/', 'src/crypto/sha256.ts'],
  // a hash shows whether a copy changed a canonical request
  'src/paste/': ['src/received/', 'src/redaction/', 'src/core/', 'src/crypto/sha256.ts', ...PASTED],
  'src/aws4/': ['src/core/', 'src/crypto/sha256.ts'],
  // types of src/async
  'src/tokens/': [
    'src/s3/create-session.ts',
    'src/core/',
    'src/async/credentials.ts',
    'src/crypto/webcrypto.ts',
    'src/crypto/sha256.ts',
  ],
  'src/streams/': [
    'src/received/',
    'src/s3/',
    'src/core/',
    'src/checksums/',
    'src/async/credentials.ts', // types
    'src/crypto/algorithm.ts',
    'src/crypto/webcrypto.ts',
    'src/crypto/verifying.ts',
  ],
  'src/fetch/': [
    'src/received/',
    'src/core/',
    'src/async/credentials.ts',
    'src/async/hold.ts',
    'src/async/sign.ts',
    'src/crypto/body.ts',
  ],
  'src/smithy/': ['src/core/', 'src/crypto/key-cache.ts', 'src/crypto/webcrypto.ts'],
  // it signs the request that creates a session
  'src/credentials/': [
    'src/received/',
    'src/s3/create-session.ts',
    'src/core/',
    'src/async/credentials.ts',
    'src/async/hold.ts',
    'src/crypto/webcrypto.ts',
  ],
  'src/aws4fetch/': ['src/core/', 'src/crypto/webcrypto.ts'],
  'src/sigv4a/': [
    'src/received/',
    'src/core/',
    'src/async/complete.ts',
    'src/crypto/algorithm.ts',
    'src/crypto/key-cache.ts',
    'src/crypto/webcrypto.ts',
    'src/crypto/body.ts',
  ],
}

/** What signs a request with headers. */
const SIGNING = ['src/async/sign.ts', 'src/async/complete.ts', 'src/async/hold.ts']

/** Every entry, the folders that it consists of, and the crypto that it imports through them or directly. */
const ENTRIES: Readonly<Record<string, { folders: readonly string[]; crypto: readonly string[] }>> = {
  'src/index.ts': {
    folders: ['src/async/', 'src/s3/', 'src/received/xml.ts'],
    crypto: ['src/crypto/webcrypto.ts', 'src/crypto/body.ts'],
  },
  'src/sync.ts': { folders: ['src/sync/', 'src/s3/', 'src/received/xml.ts'], crypto: ['src/crypto/sha256.ts'] },
  'src/verify.ts': {
    folders: ['src/verify/', 'src/checksums/', 'src/received/', 'src/redaction/', 'src/s3/'],
    crypto: [
      'src/crypto/webcrypto.ts',
      'src/crypto/verifying.ts',
      'src/crypto/sha256-stream.ts',
      'src/crypto/blocks.ts',
    ],
  },
  'src/explain.ts': {
    folders: ['src/explain/', 'src/paste/', 'src/received/', 'src/redaction/', 'src/s3/'],
    crypto: ['src/crypto/sha256.ts'],
  },
  'src/aws4.ts': { folders: ['src/aws4/'], crypto: ['src/crypto/sha256.ts'] },
  'src/aws4fetch.ts': { folders: ['src/aws4fetch/'], crypto: ['src/crypto/webcrypto.ts'] },
  'src/tokens.ts': { folders: ['src/tokens/', 'src/s3/create-session.ts'], crypto: ['src/crypto/webcrypto.ts'] },
  'src/tokens-sync.ts': { folders: ['src/tokens/', 'src/s3/create-session.ts'], crypto: ['src/crypto/sha256.ts'] },
  'src/streams.ts': {
    folders: ['src/streams/', 'src/checksums/', 'src/received/', 'src/s3/'],
    crypto: [
      'src/crypto/webcrypto.ts',
      'src/crypto/verifying.ts',
      'src/crypto/blocks.ts',
      'src/crypto/compress.ts',
      'src/crypto/runtime.ts',
    ],
  },
  'src/fetch.ts': {
    folders: ['src/fetch/', 'src/received/', ...SIGNING],
    crypto: ['src/crypto/webcrypto.ts', 'src/crypto/body.ts'],
  },
  'src/smithy.ts': { folders: ['src/smithy/'], crypto: ['src/crypto/webcrypto.ts'] },
  'src/credentials.ts': {
    folders: ['src/credentials/', 'src/async/hold.ts', 'src/received/', 'src/s3/create-session.ts'],
    crypto: ['src/crypto/webcrypto.ts'],
  },
  'src/sigv4a.ts': {
    folders: ['src/sigv4a/', 'src/async/complete.ts', 'src/received/'],
    crypto: ['src/crypto/webcrypto.ts', 'src/crypto/body.ts'],
  },
}

/** Files of types that several entries export. */
const TYPES = ['src/async/credentials.ts', 'src/crypto/algorithm.ts']

/** Imports between the files of `src/crypto`. Web Crypto and the JavaScript SHA-256 are never combined. */
const CRYPTO: Readonly<Record<string, readonly string[]>> = {
  'src/crypto/algorithm.ts': [],
  'src/crypto/compress.ts': [],
  'src/crypto/runtime.ts': [],
  'src/crypto/key-cache.ts': [],
  'src/crypto/webcrypto.ts': ['src/crypto/algorithm.ts', 'src/crypto/key-cache.ts', 'src/crypto/runtime.ts'],
  'src/crypto/body.ts': ['src/crypto/webcrypto.ts', 'src/crypto/runtime.ts'],
  'src/crypto/verifying.ts': [
    'src/crypto/algorithm.ts',
    'src/crypto/key-cache.ts',
    'src/crypto/webcrypto.ts',
    'src/crypto/runtime.ts',
  ],
  'src/crypto/native-hmac.ts': ['src/crypto/runtime.ts'],
  'src/crypto/sha256.ts': [
    'src/crypto/algorithm.ts',
    'src/crypto/compress.ts',
    'src/crypto/key-cache.ts',
    'src/crypto/native-hmac.ts',
    'src/crypto/runtime.ts',
  ],
  'src/crypto/blocks.ts': [],
  'src/crypto/sha256-stream.ts': ['src/crypto/blocks.ts', 'src/crypto/compress.ts', 'src/crypto/runtime.ts'],
}

/** The programs of `sigv4-tools`: the CLI, and the servers that it starts with what they share. They import entries, and nothing imports them. */
const PROGRAM = /^src\/programs\//
/** What verifiers must reject: signs with its own code. */
const SUITE = /^src\/programs\/suite\//

interface Source {
  file: string
  text: string
  tree: ts.SourceFile
  /** Everything that is imported or re-exported; `type`: it does not remain in the JavaScript. */
  imports: { specifier: string; path: string; type: boolean }[]
}

function isDynamicImport(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  const clause = node.importClause
  if (!clause) return false
  const names = clause.namedBindings
  return clause.isTypeOnly || (!!names && ts.isNamedImports(names) && names.elements.every((name) => name.isTypeOnly))
}

const nodes = new WeakMap<ts.SourceFile, ts.Node[]>()

/** Visits all nodes of a tree, in the order of the text. They are found once. */
function walk(tree: ts.SourceFile, visit: (node: ts.Node) => void): void {
  let all = nodes.get(tree)
  if (!all) {
    const found: ts.Node[] = []
    const add = (node: ts.Node): void => {
      found.push(node)
      ts.forEachChild(node, add)
    }
    add(tree)
    nodes.set(tree, found)
    all = found
  }
  for (const node of all) visit(node)
}

const everything: Source[] = readdirSync(resolve(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .sort()
  .map((file) => {
    const tree = treeOf(file)
    const { text } = tree
    const imports: Source['imports'] = []
    walk(tree, (node) => {
      const found =
        ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
          ? node.moduleSpecifier
          : isDynamicImport(node)
            ? node.arguments[0]
            : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
              ? node.argument.literal
              : undefined
      if (!found) return
      const specifier = ts.isStringLiteral(found) ? found.text : found.getText()
      const type = !(ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) || isTypeOnly(node)
      imports.push({ specifier, path: relative(ROOT, resolve(ROOT, dirname(file), specifier)), type })
    })
    return { file, text, tree, imports }
  })

const programs = everything.filter(({ file }) => PROGRAM.test(file))
const sources = everything.filter(({ file }) => !PROGRAM.test(file))
const core = sources.filter(({ file }) => file.startsWith('src/core/'))
/** The core, and the rooms beside it, which are as pure. Two functions of forms are bound to a runtime. */
const pure = sources.filter(
  ({ file }) => /^src\/(?:core|received|redaction|s3)\//.test(file) && !/\/(?:check-post|to-form-data)\.ts$/.test(file),
)
const crypto = sources.filter(({ file }) => file.startsWith('src/crypto/'))
const entries = sources.filter(({ file }) => file in ENTRIES)

/** Returns the folder of a file; none for an entry. */
function folderOf(file: string): string | undefined {
  return Object.keys(ROOMS).find((folder) => file.startsWith(folder))
}

/** Returns the folder that contains a file. An entry stands for itself. */
function placeOf(file: string): string {
  const folder = dirname(file)
  return folder === 'src' || folder === 'src/programs' ? file : folder
}

/** Returns everything that leads back to itself, directly or indirectly. */
function circular(next: ReadonlyMap<string, readonly string[]>): string[] {
  const reach = (start: string): Set<string> => {
    const seen = new Set<string>()
    const queue = [...(next.get(start) ?? [])]
    for (let path = queue.pop(); path; path = queue.pop())
      if (!seen.has(path)) {
        seen.add(path)
        queue.push(...(next.get(path) ?? []))
      }
    return seen
  }
  return [...next.keys()].filter((start) => reach(start).has(start))
}

/** Returns whether a path is in a list of folders and files. */
function isWithin(path: string, locations: readonly string[]): boolean {
  return locations.some((location) => (location.endsWith('/') ? path.startsWith(location) : path === location))
}

/** Returns a crypto file and the crypto files that it imports. */
function cryptoParts(file: string): string[] {
  return [file, ...CRYPTO[file]!]
}

/** Returns the location of a node, for the message of a failure. */
function at(node: ts.Node): string {
  const tree = node.getSourceFile()
  return `${tree.fileName}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText().slice(0, 60)}`
}

/** Returns the nodes of some sources that match a predicate. */
function find(among: readonly Source[], is: (node: ts.Node) => boolean): string[] {
  const found: string[] = []
  for (const { tree } of among)
    walk(tree, (node) => {
      if (is(node)) found.push(at(node))
    })
  return found
}

/** Returns whether a node is a use of a name, not the name of a member, parameter or property. */
function isUse(node: ts.Node): node is ts.Identifier {
  if (!ts.isIdentifier(node)) return false
  const { parent } = node
  return !(
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ts.isPropertyAssignment(parent) ||
    ts.isBindingElement(parent) ||
    ts.isParameter(parent) ||
    ts.isTypeElement(parent) ||
    ts.isNamedTupleMember(parent)
  )
}

describe('the sources', () => {
  it('are all in a known folder, an entry, or part of a program', () => {
    expect(core.length).toBeGreaterThan(20)
    expect(crypto.map(({ file }) => file)).toEqual(Object.keys(CRYPTO).sort())
    expect(entries.map(({ file }) => file)).toEqual(Object.keys(ENTRIES).sort())
    expect(sources.filter(({ file }) => !(file in ENTRIES) && !folderOf(file)).map(({ file }) => file)).toEqual([])
    for (const folder of Object.keys(ROOMS))
      expect(sources.filter(({ file }) => folderOf(file) === folder)).not.toEqual([])
    expect(everything.filter(({ file }) => /utils?\.ts|helpers?\.ts|types\.ts|core\/.*index\.ts/.test(file))).toEqual(
      [],
    )
  })

  it('of the entries are those of exports, in jsr.json and tsconfig.json, too', () => {
    const read = (name: string) => JSON.parse(readFileSync(resolve(ROOT, name), 'utf8'))
    const files = PUBLIC.map(({ entry, name }) => [entry, `./src/${name}.ts`])
    expect(Object.entries(read('jsr.json').exports)).toEqual(files)
    const paths = Object.entries(SOURCES).map(([specifier, source]) => [specifier, [`./${source}`]])
    expect(Object.entries(read('tsconfig.json').compilerOptions.paths)).toEqual(paths)
    expect(files.map(([, file]) => file).sort()).toEqual(entries.map(({ file }) => `./${file}`).sort())
    const ofPrograms = programs.map(({ file }) => file).filter((file) => dirname(file) === 'src/programs')
    expect(ofPrograms).toEqual(['cli', ...TOOLS].map((name) => `src/programs/${name}.ts`).sort())
  })

  it('are few per folder of the pure rooms and of the programs', () => {
    const folders = [...pure, ...programs].map(({ file }) => dirname(file))
    const counts = new Map<string, number>()
    for (const folder of folders) counts.set(folder, (counts.get(folder) ?? 0) + 1)
    const known = ['encoding', 'http', 'signing']
    const names = known.map((name) => `src/core/${name}`)
    expect([...counts.keys()].filter((folder) => folder.startsWith('src/core')).sort()).toEqual(['src/core', ...names])
    expect(counts.size).toBeGreaterThan(15)
    for (const [folder, count] of counts) expect(count, folder).toBeLessThanOrEqual(MAX_FILES)
  })

  it('are erasable TypeScript: removing the types leaves JavaScript', () => {
    const kinds = new Set([
      ts.SyntaxKind.EnumDeclaration,
      ts.SyntaxKind.ModuleDeclaration,
      ts.SyntaxKind.ImportEqualsDeclaration,
    ])
    expect(find(everything, (node) => kinds.has(node.kind))).toEqual([])
    expect(find(everything, (node) => ts.isParameterPropertyDeclaration(node, node.parent))).toEqual([])
  })
})

describe('imports', () => {
  it('name a file of this package, with its extension', () => {
    const known = new Set(everything.map(({ file }) => file))
    for (const { file, imports } of everything)
      for (const { specifier, path } of imports) {
        if (PROGRAM.test(file) && specifier.startsWith('node:')) continue
        expect(specifier, file).toMatch(/^\.\.?\/.+\.ts$/)
        expect(known, file).toContain(path)
      }
  })

  it.each(sources.filter(({ file }) => !(file in ENTRIES)).map(({ file, imports }) => [file, imports] as const))(
    'of %s are from its folder and those that it may use',
    (file, imports) => {
      const folder = folderOf(file)!
      const own = folder === 'src/crypto/' ? CRYPTO[file]! : [folder]
      const outside = imports.map(({ path }) => path).filter((path) => !isWithin(path, [...own, ...ROOMS[folder]!]))
      expect(outside).toEqual([])
    },
  )

  it.each(entries.map(({ file, imports }) => [file, imports] as const))(
    'of the entry %s are from the core, its folders and its crypto',
    (file, imports) => {
      const { folders, crypto } = ENTRIES[file]!
      const outside = imports
        .map(({ path }) => path)
        .filter((path) => !isWithin(path, [...TYPES, 'src/core/', ...folders, ...crypto]))
      expect(outside).toEqual([])
    },
  )

  it('of an entry are in programs only', () => {
    for (const { file, imports } of sources)
      for (const { path } of imports) expect(ENTRIES, file).not.toHaveProperty([path])
  })

  it('of the servers are not from the CLI or from one another', () => {
    for (const { file, imports } of programs)
      for (const { path } of imports) {
        const [from, to] = [file, path].map((name) => name.replace(/^src\/programs\//, '').replace(/[/.].*$/, ''))
        if (from === 'serve' || from === 'proxy')
          expect([from, 'server'], file).toContain(PROGRAM.test(path) ? to : from)
        if (from === 'server' && PROGRAM.test(path)) expect(to, file).toBe('server')
      }
  })

  it('of what signs for the proxy lead to few files, and not to what explains', () => {
    const next = new Map(everything.map(({ file, imports }) => [file, imports.filter(({ type }) => !type)]))
    const reached = new Set<string>()
    const visit = (file: string): void => {
      if (reached.has(file)) return
      reached.add(file)
      for (const { path } of next.get(file)!) visit(path)
    }
    visit('src/programs/proxy/request/sign.ts')
    expect(reached.size).toBeLessThanOrEqual(40)
    expect([...reached].filter((file) => /^src\/(?:explain|paste)/.test(file))).toEqual([])
  })

  it('of the suite are from itself and Node, so that it can test what signs and verifies', () => {
    const suite = programs.filter(({ file }) => SUITE.test(file))
    expect(suite.length).toBeGreaterThan(15)
    for (const { file, imports } of suite)
      for (const { specifier, path } of imports) if (!specifier.startsWith('node:')) expect(path, file).toMatch(SUITE)
    const users = programs.filter(
      ({ file, imports }) => !SUITE.test(file) && imports.some(({ path }) => SUITE.test(path)),
    )
    for (const { file } of users) expect(file).toMatch(/^src\/programs\/cli\/audit\/\w+\.ts$/)
  })

  it('of one signature: what says who signed is written by two files, and by those that replace other packages', () => {
    const signing = everything.filter(({ file }) => !SUITE.test(file))
    const writes = signing.filter(({ text }) => text.includes('Credential=${')).map(({ file }) => file)
    expect(writes.sort()).toEqual([
      'src/aws4/signer.ts',
      'src/aws4fetch/signer.ts',
      'src/core/signing/presign.ts',
      'src/core/signing/sign.ts',
    ])
  })

  it('of a program are in programs only', () => {
    for (const { file, imports } of sources) for (const { path } of imports) expect(path, file).not.toMatch(PROGRAM)
  })

  it('are not circular, including types', () => {
    const next = new Map(everything.map(({ file, imports }) => [file, imports.map(({ path }) => path)]))
    expect(next.size).toBeGreaterThan(100)
    expect(circular(next)).toEqual([])
  })

  it('between folders are not circular', () => {
    const next = new Map<string, string[]>()
    for (const { file, imports } of everything) {
      const from = placeOf(file)
      const others = imports.map(({ path }) => placeOf(path)).filter((to) => to !== from)
      next.set(from, [...(next.get(from) ?? []), ...others])
    }
    expect(next.size).toBeGreaterThan(30)
    expect(circular(next)).toEqual([])
  })
})

describe('the bundle of an entry', () => {
  const graphs = new Map<string, ReturnType<typeof createGraph>>()
  const graph = (entry: string, format: 'esm' | 'cjs' = 'esm'): ReturnType<typeof createGraph> => {
    const known = graphs.get(entry + format) ?? createGraph(entry, format)
    graphs.set(entry + format, known)
    return known
  }
  const createGraph = async (entry: string, format: 'esm' | 'cjs') => {
    const { metafile, outputFiles } = await build({
      entryPoints: [entry],
      absWorkingDir: ROOT,
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      format,
      platform: 'neutral',
      logLevel: 'error',
    })
    return {
      inputs: Object.keys(metafile.inputs),
      outputs: Object.values(metafile.outputs),
      text: outputFiles[0]!.text,
    }
  }

  it.each(Object.entries(ENTRIES))(
    'of %s contains no other entry, no other crypto, and nothing from outside',
    async (entry, { folders, crypto }) => {
      const { inputs, outputs } = await graph(entry)
      expect(inputs).toEqual(expect.arrayContaining([entry, ...crypto]))
      for (const folder of folders) expect(inputs.filter((path) => path.startsWith(folder))).not.toEqual([])
      expect(
        inputs.filter((path) => !isWithin(path, [entry, 'src/core/', ...folders, ...crypto.flatMap(cryptoParts)])),
      ).toEqual([])
      expect(outputs.flatMap(({ imports }) => imports)).toEqual([])
    },
  )

  /** Returns the uses of some names in a bundle, each with its context. */
  const uses = (text: string, names: RegExp) => {
    const tree = ts.createSourceFile('bundle.js', text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
    const found: string[] = []
    walk(tree, (node) => {
      const named = isUse(node) || (ts.isIdentifier(node) && node.text === 'subtle')
      if (named && names.test(node.text)) found.push(node.parent.getText().slice(0, 60))
      if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitExpression) found.push(at(node))
    })
    return found
  }
  /** What is guarded by `typeof` or a question mark. */
  const URLS = [/^typeof URL$/, /^new URL\(\w+\)$/]
  const BASE64 = [/^typeof btoa$/, /^btoa\(\w+\)$/]
  const RUNTIME = [/^\{process:\w+\}=globalThis$/]
  const expectUses = (found: string[], allowed: RegExp[]) => {
    expect(found).toHaveLength(allowed.length)
    for (const [i, pattern] of allowed.entries()) expect(found[i]).toMatch(pattern)
  }

  it('of src/sync.ts does not contain subtle, nor any unguarded web or Node global', async () => {
    // TextEncoder and URL are guarded by typeof: the table of errors tests the entry without them
    const { text } = await graph('src/sync.ts')
    const names = /^(subtle|crypto|TextDecoder|Buffer|process|require|Headers|Request|fetch|atob|Promise)$/
    expect(uses(text, names)).toEqual([])
    expectUses(uses(text, /^(?:URL)$/), URLS)
    expectUses(uses(text, /^(?:btoa)$/), BASE64)
    expectUses(uses(text, /^(?:globalThis)$/), RUNTIME)
  })

  it('of src/aws4.ts uses only a guarded process of Node, and is synchronous', async () => {
    // a name that is not global may be a member: .crypto, .url
    const { text } = await graph('src/aws4.ts')
    const names = /^(subtle|crypto|url|querystring|Buffer|require|TextDecoder|fetch|atob|btoa|Promise)$/
    expect(uses(text, names)).toEqual([])
    expectUses(uses(text, /^(?:globalThis)$/), RUNTIME)
  })

  interface Signer {
    readonly sign: (request: object, options?: object) => unknown
  }
  /** What a bundle may read of `process`, and a request that it signs. */
  const signers: Record<string, readonly [members: readonly string[], sign: (entry: Signer) => unknown]> = {
    'src/sync.ts': [['versions'], ({ sign }) => sign({ url: URL, body }, { credentials, signingDate: 0 })],
    'src/aws4.ts': [['versions', 'env'], ({ sign }) => sign({ host: 'sqs.eu-west-1.amazonaws.com', body })],
  }
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
  const body = 'x'.repeat(20_000) // long enough for the hash of the runtime
  const URL = 'https://sqs.eu-west-1.amazonaws.com/'
  const env = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }

  it.each(Object.entries(signers))('of %s reads no more of process than it needs', async (entry, [members, sign]) => {
    const { text } = await graph(entry, 'cjs')
    const read = new Set<string>()
    const values: Record<string, unknown> = { versions: {}, env }
    const process = new Proxy(values, {
      get: (target, name) => {
        read.add(String(name))
        return target[String(name)]
      },
    })
    const module = { exports: {} as Signer }
    runInNewContext(text, { module, exports: module.exports, process, TextEncoder, URL: globalThis.URL, Date })
    expect(JSON.stringify(sign(module.exports))).toContain('Signature=')
    expect([...read].sort()).toEqual([...members].sort())
  })

  it('of src/explain.ts is synchronous, and uses no more of the runtime', async () => {
    const { text } = await graph('src/explain.ts')
    const names = /^(subtle|crypto|Buffer|require|fetch|process|Promise)$/
    expect(uses(text, names)).toEqual([])
    expectUses(uses(text, /^(?:globalThis)$/), RUNTIME)
  })

  it('of src/index.ts has no SHA-256 in JavaScript', async () => {
    const { inputs, text } = await graph('src/index.ts')
    for (const file of ['sha256', 'sha256-stream', 'compress']) expect(inputs).not.toContain(`src/crypto/${file}.ts`)
    expect(text).not.toMatch(/0x?6a09e667|1779033703|0x?428a2f98|1116352408/i)
    expect(text).toContain('.subtle')
  })

  it.each(Object.keys(ENTRIES))('of %s is empty if nothing is imported from it', async (entry) => {
    const { outputFiles } = await build({
      stdin: { contents: `import ${JSON.stringify(`./${entry}`)}`, resolveDir: ROOT },
      bundle: true,
      write: false,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      logLevel: 'silent',
      // as if the package had not declared sideEffects: false
      tsconfigRaw: {},
      plugins: [
        {
          name: 'no promise',
          setup: ({ onResolve }) =>
            onResolve({ filter: /\.ts$/ }, ({ path, resolveDir }) => ({
              path: resolve(resolveDir, path),
              sideEffects: true,
            })),
        },
      ],
    })
    expect(outputFiles[0]!.text.trim()).toBe('')
  })
})

describe('the core, and what is as pure,', () => {
  it('is synchronous: no promise, no async function', () => {
    expect(
      find(pure, (node) => node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitExpression),
    ).toEqual([])
    expect(find(pure, (node) => isUse(node) && node.text === 'Promise')).toEqual([])
  })

  it('has no clock and no randomness', () => {
    expect(
      find(
        pure,
        (node) =>
          ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random|performance\.now)$/.test(node.getText()),
      ),
    ).toEqual([])
    expect(
      find(pure, (node) => ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length),
    ).toEqual([])
    expect(find(pure, (node) => ts.isCallExpression(node) && node.expression.getText() === 'Date')).toEqual([])
  })

  it('is independent of the runtime', () => {
    const names = [
      'TextEncoder',
      'TextDecoder',
      'Buffer',
      'Headers',
      'Request',
      'Response',
      'fetch',
      'setTimeout',
      'globalThis',
      'window',
      'self',
      'global',
      'process',
      'require',
      'crypto',
      'console',
      'navigator',
      'Deno',
      'Bun',
    ]
    // typeof in a type tests for a global, and does not remain in the JavaScript
    const isValue = (node: ts.Node): boolean => !ts.isTypeQueryNode(node.parent)
    expect(find(pure, (node) => isUse(node) && names.includes(node.text) && isValue(node))).toEqual([])
  })

  it('uses URL in one file, if it exists', () => {
    const uses: { file: string; parent: string; guarded: boolean }[] = []
    for (const { file, tree } of pure)
      walk(tree, (node) => {
        if (!ts.isIdentifier(node) || node.text !== 'URL' || ts.isVariableDeclaration(node.parent)) return
        let up: ts.Node = node
        while (!ts.isFunctionLike(up) && up.parent) up = up.parent
        const guard = up.getText().indexOf("if (typeof URL !== 'function') return")
        const guarded = guard >= 0 && guard <= node.getStart() - up.getStart()
        uses.push({ file, parent: node.parent.getText(), guarded })
      })
    expect(uses).toEqual([
      { file: 'src/core/http/url.ts', parent: 'typeof URL', guarded: true },
      { file: 'src/core/http/url.ts', parent: 'new URL(url)', guarded: true },
    ])
  })
})

describe('a folder', () => {
  it('does not read the environment, the disk or the network', () => {
    const names = ['process', 'require', 'fetch', 'XMLHttpRequest', 'WebSocket', 'localStorage', 'eval', 'Function']
    // the drop-in reads credentials from the environment, as aws4 does
    // the JavaScript SHA-256 uses the runtime's hash, if any, and a signed fetch is a fetch, as is that of aws4fetch;
    // credentials are in the environment, in files, and in the responses of endpoints
    const allowed =
      /^src\/(?:(?:aws4\/environment|credentials\/runtime|crypto\/runtime)\.ts:\d+ process|(?:credentials\/request|fetch\/signed-fetch|aws4fetch\/client)\.ts:\d+ fetch)$/
    expect(
      find(sources, (node) => isUse(node) && names.includes(node.text)).filter((location) => !allowed.test(location)),
    ).toEqual([])
    expect(find(sources, (node) => isDynamicImport(node) || ts.isMetaProperty(node))).toEqual([])
  })

  it('does not detect runtime features, except in crypto', () => {
    const isValue = (node: ts.Node): boolean => !ts.isTypeQueryNode(node.parent)
    const found = find(sources, (node) => isUse(node) && node.text === 'globalThis' && isValue(node))
    expect([...new Set(found.map((location) => location.replace(/:\d+.*/, '')))]).toEqual([
      'src/crypto/runtime.ts',
      'src/crypto/webcrypto.ts',
    ])
    const members = find(
      sources,
      (node) => ts.isPropertyAccessExpression(node) && node.expression.getText() === 'globalThis',
    )
    expect([...new Set(members.map((location) => location.replace(/:\d+/, '')))]).toEqual([
      'src/crypto/webcrypto.ts globalThis.crypto',
    ])
    // process as a member, if the runtime has it
    const mentions = sources.filter(({ tree }) => {
      let isFound = false
      walk(tree, (node) => {
        if (ts.isIdentifier(node) && node.text === 'process') isFound = true
      })
      return isFound
    })
    expect(mentions.map(({ file }) => file)).toEqual([
      'src/aws4/environment.ts',
      'src/credentials/runtime.ts',
      'src/crypto/runtime.ts',
    ])
  })

  it('has no variable at module scope, and no call there that bundlers must keep', () => {
    const top = (node: ts.Node): boolean => {
      for (let up = node.parent; up; up = up.parent) if (ts.isFunctionLike(up) || ts.isClassLike(up)) return false
      return true
    }
    expect(
      find(sources, (node) => ts.isVariableDeclarationList(node) && top(node) && !(node.flags & ts.NodeFlags.Const)),
    ).toEqual([])
    expect(
      find(sources, (node) => {
        if (!(ts.isCallExpression(node) || ts.isNewExpression(node)) || !top(node)) return false
        return !node
          .getFullText()
          .slice(0, node.getStart() - node.getFullStart())
          .includes('/* @__PURE__ */')
      }),
    ).toEqual([])
  })
})

describe('a fact has one home:', () => {
  /** Returns the files in which a literal of a pattern stands; comments do not count. */
  const filesWith = (among: readonly Source[], pattern: RegExp): string[] =>
    among
      .filter(({ tree }) => {
        let isFound = false
        walk(tree, (node) => {
          const isText =
            ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) || ts.isRegularExpressionLiteral(node)
          if (isText && pattern.test(node.text)) isFound = true
        })
        return isFound
      })
      .map(({ file }) => file)

  it('the rules of services, which are rows of tables', () => {
    const rooms = sources.filter(({ file }) => /^src\/(?:core|received|redaction|s3|fetch|tokens|verify)\//.test(file))
    const proxied = programs.filter(({ file }) => file.startsWith('src/programs/proxy/'))
    const isNamed = (node: ts.Node): boolean =>
      ts.isBinaryExpression(node) &&
      /^[!=]==?$/.test(node.operatorToken.getText()) &&
      /\bservice$/.test(node.left.getText()) &&
      ts.isStringLiteral(node.right)
    expect(rooms.length).toBeGreaterThan(70)
    expect(find([...rooms, ...proxied], isNamed)).toEqual([])
  })

  it('the options of the command line, which the library does not name', () => {
    const library = everything.filter(({ file }) => !/^src\/programs\/cli(?:\.ts|\/)/.test(file))
    // commands and an option of curl that explain prints, and the end of a name that no bucket may have
    const explain = ['decide', 'faults/token', 'traces/surroundings'].map((name) => `src/explain/${name}.ts`)
    const others = [...explain, 'src/programs/serve/http/address.ts']
    expect(filesWith(library, / --[a-z]/)).toEqual(others)
  })

  it('the types of credentials', () => {
    const declared = new Map<string, string[]>()
    const names = /^(?:Credentials(?:Provider|Source)?|ScopedCredentials|SecretCredentials(?:Source)?|SigningKey)$/
    // aws4 has credentials of its own
    for (const { file, tree } of everything.filter(({ file }) => !file.startsWith('src/aws4/')))
      walk(tree, (node) => {
        const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)
        const isExported = isType && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
        if (isExported && names.test(node.name.text))
          declared.set(node.name.text, [...(declared.get(node.name.text) ?? []), file])
      })
    const [core, async] = ['src/core/signing/credentials.ts', 'src/async/credentials.ts']
    expect(Object.fromEntries(declared)).toEqual({
      // those of the core have keys of a runtime as a parameter
      Credentials: [async, core],
      ScopedCredentials: [async, core],
      SigningKey: [async, core],
      SecretCredentials: [core],
      CredentialsProvider: [async],
      // those of Signature Version 4a cannot have a derived key
      CredentialsSource: [async, 'src/sigv4a/async.ts'],
      SecretCredentialsSource: [async],
    })
  })

  it('where services put the code of an error, which others read and write through it', () => {
    expect(filesWith(everything, /x-amzn-errortype/)).toEqual(['src/received/service-error.ts'])
  })
})

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8'))

  it('has no dependency that users would install', () => {
    for (const kind of [
      'dependencies',
      'peerDependencies',
      'optionalDependencies',
      'bundleDependencies',
      'bundledDependencies',
    ])
      expect(manifest).not.toHaveProperty(kind)
  })

  it('has exact versions of devDependencies, and no script that users would run', () => {
    for (const [name, version] of Object.entries(manifest.devDependencies))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(script)
  })

  it('declares no side effects', () => {
    expect(manifest.sideEffects).toBe(false)
  })
})

it('tests that count work have no coverage, which uses the same counters', () => {
  const counting = readdirSync(resolve(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .filter((file) => /from '[./]+support\/linear-work.ts'/.test(readFileSync(resolve(ROOT, 'test', file), 'utf8')))
  expect(counting.length).toBeGreaterThan(5)
  expect(counting.filter((file) => !file.endsWith('.counting.slow.test.ts'))).toEqual([])
})
