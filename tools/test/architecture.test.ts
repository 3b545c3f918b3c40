import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { CREDENTIALS } from '../../test/support/credentials.ts'
import { filesIn } from '../../test/support/docs/markdown.ts'
import { treeOf } from '../../test/support/tree.ts'
import { ENTRIES as PUBLIC, SOURCES, TOOLS } from '../entries.js'

// Boundaries between folders: which imports are allowed, and which globals a folder may use.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What each entry of the library contains of `src/crypto`. Web Crypto and the JavaScript SHA-256 are never combined. */
const CRYPTO: Readonly<Record<string, readonly string[]>> = {
  'src/aws4.ts': ['compress', 'key-cache', 'native-hmac', 'runtime', 'sha256'],
  'src/aws4fetch.ts': ['key-cache', 'runtime', 'webcrypto'],
  'src/credentials.ts': ['key-cache', 'runtime', 'webcrypto'],
  'src/fetch.ts': ['body', 'key-cache', 'runtime', 'webcrypto'],
  'src/index.ts': ['body', 'key-cache', 'runtime', 'webcrypto'],
  'src/sigv4a.ts': ['body', 'key-cache', 'runtime', 'webcrypto'],
  'src/smithy.ts': ['key-cache', 'runtime', 'webcrypto'],
  'src/streams.ts': ['blocks', 'compress', 'key-cache', 'runtime', 'verifying', 'webcrypto'],
  'src/sync.ts': ['compress', 'key-cache', 'native-hmac', 'runtime', 'sha256'],
  'src/tokens-sync.ts': ['compress', 'key-cache', 'native-hmac', 'runtime', 'sha256'],
  'src/tokens.ts': ['key-cache', 'runtime', 'webcrypto'],
  'src/trace.ts': ['compress', 'key-cache', 'native-hmac', 'runtime', 'sha256'],
  'src/verify.ts': ['blocks', 'compress', 'key-cache', 'runtime', 'sha256-stream', 'verifying', 'webcrypto'],
}

/** Which file belongs to the tools: explain, the CLI, and the servers that it starts, with what they share. */
const TOOL = /^packages\/sigv4-tools\/src\//

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

const everything: Source[] = ['src', 'packages/sigv4-tools/src', 'suite/format', 'suite/generator']
  .flatMap((folder) => filesIn(folder, '.ts'))
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

const tools = everything.filter(({ file }) => TOOL.test(file))
const sources = everything.filter(({ file }) => file.startsWith('src/'))
/** The core, and the rooms beside it, which are as pure. Two functions of forms are bound to a runtime. */
const pure = everything.filter(
  ({ file }) =>
    /^src\/(?:core|received|s3|trace)\/|^packages\/sigv4-tools\/src\/redaction\//.test(file) &&
    !/\/(?:check-post|to-form-data|trace)\.ts$/.test(file),
)
const entries = sources.filter(({ file }) => dirname(file) === 'src')
/** What runs in every runtime: the library, and what explains. */
const EXPLAIN = 'packages/sigv4-tools/src/explain.ts'
const portable = everything.filter(
  ({ file }) => /^src\/|^packages\/sigv4-tools\/src\/(?:explain|redaction|formats)\//.test(file) || file === EXPLAIN,
)

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
  it('of the entries are those of exports, in jsr.json and tsconfig.json, too', () => {
    const read = (name: string) => JSON.parse(readFileSync(resolve(ROOT, name), 'utf8'))
    const files = PUBLIC.map(({ entry, name }) => [entry, `./src/${name}.ts`])
    expect(Object.entries(read('jsr.json').exports)).toEqual(files)
    const paths = Object.entries(SOURCES).map(([specifier, source]) => [specifier, [`./${source}`]])
    expect(Object.entries(read('tsconfig.json').compilerOptions.paths)).toEqual(paths)
    expect(files.map(([, file]) => file).sort()).toEqual(entries.map(({ file }) => `./${file}`).sort())
    const ofTools = tools.map(({ file }) => file).filter((file) => dirname(file) === 'packages/sigv4-tools/src')
    const names = ['cli', ...TOOLS.map(({ name }) => name)]
    expect(ofTools).toEqual(names.map((name) => `packages/sigv4-tools/src/${name}.ts`).sort())
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

// .dependency-cruiser.cjs says which imports are allowed
describe('imports', () => {
  it('name a file, with its extension', () => {
    for (const { file, imports } of everything)
      for (const { specifier } of imports) expect(specifier, file).toMatch(/^\.\.?\/.+\.ts$|^node:/)
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

  it.each(Object.entries(CRYPTO))(
    'of %s contains no other entry, no other crypto, and nothing from outside',
    async (entry, names) => {
      const { inputs, outputs } = await graph(entry)
      const files = inputs.filter((path) => path.startsWith('src/crypto/'))
      expect(files.map((path) => path.slice('src/crypto/'.length, -'.ts'.length)).sort()).toEqual(names)
      expect(inputs.filter((path) => path !== entry && (dirname(path) === 'src' || !path.startsWith('src/')))).toEqual(
        [],
      )
      expect(outputs.flatMap(({ imports }) => imports)).toEqual([])
    },
  )

  it('is listed here', () => {
    expect(Object.keys(CRYPTO).sort()).toEqual(entries.map(({ file }) => file))
  })

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
    'src/sync.ts': [['versions'], ({ sign }) => sign({ url: URL, body }, { credentials, now: 0 })],
    'src/aws4.ts': [['versions', 'env'], ({ sign }) => sign({ host: 'sqs.eu-west-1.amazonaws.com', body })],
  }
  const credentials = { ...CREDENTIALS }
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

  it('of explain is synchronous, and uses no more of the runtime', async () => {
    const { text } = await graph(EXPLAIN)
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

  it.each([...Object.keys(CRYPTO), EXPLAIN])('of %s is empty if nothing is imported from it', async (entry) => {
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
      find(portable, (node) => isUse(node) && names.includes(node.text)).filter((location) => !allowed.test(location)),
    ).toEqual([])
    expect(find(portable, (node) => isDynamicImport(node) || ts.isMetaProperty(node))).toEqual([])
  })

  it('does not detect runtime features, except in crypto', () => {
    const isValue = (node: ts.Node): boolean => !ts.isTypeQueryNode(node.parent)
    const found = find(portable, (node) => isUse(node) && node.text === 'globalThis' && isValue(node))
    expect([...new Set(found.map((location) => location.replace(/:\d+.*/, '')))]).toEqual([
      'src/crypto/runtime.ts',
      'src/crypto/webcrypto.ts',
    ])
    const members = find(
      portable,
      (node) => ts.isPropertyAccessExpression(node) && node.expression.getText() === 'globalThis',
    )
    expect([...new Set(members.map((location) => location.replace(/:\d+/, '')))]).toEqual([
      'src/crypto/webcrypto.ts globalThis.crypto',
    ])
    // process as a member, if the runtime has it
    const mentions = portable.filter(({ tree }) => {
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
      find(portable, (node) => ts.isVariableDeclarationList(node) && top(node) && !(node.flags & ts.NodeFlags.Const)),
    ).toEqual([])
    expect(
      find(portable, (node) => {
        if (!(ts.isCallExpression(node) || ts.isNewExpression(node)) || !top(node)) return false
        return !node
          .getFullText()
          .slice(0, node.getStart() - node.getFullStart())
          .includes('/* @__PURE__ */')
      }),
    ).toEqual([])
  })
})

it('the rules of services are rows of tables, and no condition names a service', () => {
  const rooms = everything.filter(({ file }) =>
    /^(?:src\/(?:core|received|s3|fetch|tokens|verify)|packages\/sigv4-tools\/src\/proxy)\//.test(file),
  )
  const isNamed = (node: ts.Node): boolean =>
    ts.isBinaryExpression(node) &&
    /^[!=]==?$/.test(node.operatorToken.getText()) &&
    /\bservice$/.test(node.left.getText()) &&
    ts.isStringLiteral(node.right)
  expect(rooms.length).toBeGreaterThan(70)
  expect(find(rooms, isNamed)).toEqual([])
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
