import { readdirSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

// The walls of the house: who imports whom, and what no room may touch.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const LONGEST = 250

/** Every entry with its crypto rooms: one, and beside Web Crypto the stream that it lacks. Its folder is its own. */
const ENTRIES: Record<string, readonly string[]> = {
  'src/index.ts': ['src/crypto/webcrypto.ts'],
  'src/sync.ts': ['src/crypto/sha256.ts'],
  'src/verify.ts': ['src/crypto/webcrypto.ts', 'src/crypto/stream.ts'],
  'src/explain.ts': ['src/crypto/sha256.ts'],
  'src/aws4.ts': ['src/crypto/sha256.ts'],
}

/** Programs for Node: the command line, and the server that it starts. They use entries, and nobody uses them. */
const PROGRAM = /^src\/(?:cli|serve)(?:\.ts|\/)/

interface Source {
  file: string
  text: string
  tree: ts.SourceFile
  /** Everything that is imported or re-exported; `type`: nothing of it is left in JavaScript. */
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

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

const everything: Source[] = readdirSync(resolve(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .sort()
  .map((file) => {
    const text = readFileSync(resolve(ROOT, file), 'utf8')
    const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
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
const crypto = sources.filter(({ file }) => file.startsWith('src/crypto/'))
/** The entries, and what they have in their folders. */
const entries = sources.filter(({ file }) => entryOf(file) !== undefined)

function entryOf(file: string): string | undefined {
  return Object.keys(ENTRIES).find((entry) => file === entry || file.startsWith(`${entry.slice(0, -'.ts'.length)}/`))
}

/** The crypto rooms, each with the files that it has to itself. */
const rooms = new Map(
  Object.values(ENTRIES)
    .flat()
    .map((room) => {
      const parts = new Set<string>()
      const add = (file: string): void => {
        if (parts.has(file)) return
        parts.add(file)
        const { imports = [] } = crypto.find((source) => source.file === file) ?? {}
        for (const { path } of imports) if (path.startsWith('src/crypto/')) add(path)
      }
      add(room)
      return [room, parts] as const
    }),
)

/** Where a node stands: for the message of a failure. */
function at(node: ts.Node): string {
  const tree = node.getSourceFile()
  return `${tree.fileName}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText().slice(0, 60)}`
}

/** The nodes of some sources for which `is` says yes. */
function find(among: readonly Source[], is: (node: ts.Node) => boolean): string[] {
  const found: string[] = []
  for (const { tree } of among)
    walk(tree, (node) => {
      if (is(node)) found.push(at(node))
    })
  return found
}

/** Whether a node is a use of a name, and not the name of a member, a parameter or a property. */
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
  it('are all in a room', () => {
    expect(core.length).toBeGreaterThan(8)
    const parts = [...rooms.values()].flatMap((room) => [...room])
    expect([...new Set(parts)].sort()).toEqual(crypto.map(({ file }) => file))
    expect(entries.map(({ file }) => file)).toEqual(expect.arrayContaining(Object.keys(ENTRIES)))
    expect(sources).toHaveLength(core.length + crypto.length + entries.length)
    expect(sources.filter(({ file }) => /utils?\.ts|types\.ts|core\/index\.ts/.test(file))).toEqual([])
  })

  it.each(everything.map(({ file, text }) => [file, text]))(`%s has at most ${LONGEST} lines of code`, (_, text) => {
    const code = text.split('\n').filter((line) => !/^\s*(?:\/?\*|\/\/|$)/.test(line)) // the manual of an entry is long
    expect(code.length).toBeLessThanOrEqual(LONGEST)
  })

  it('are erasable TypeScript: what types leave behind is JavaScript', () => {
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
    const known = new Set(sources.map(({ file }) => file))
    for (const { file, imports } of sources)
      for (const { specifier, path } of imports) {
        expect(specifier, file).toMatch(/^\.\.?\/.+\.ts$/)
        expect(known, file).toContain(path)
      }
  })

  it.each(core.map(({ file, imports }) => [file, imports] as const))('of %s stay in the core', (_, imports) => {
    for (const { path } of imports) expect(path).toMatch(/^src\/core\//)
  })

  it.each(crypto.map(({ file, imports }) => [file, imports] as const))(
    'of %s go to the core and stay in the room',
    (file, imports) => {
      for (const own of [...rooms.values()].filter((parts) => parts.has(file)))
        for (const { path } of imports) if (!path.startsWith('src/core/')) expect(own).toContain(path)
    },
  )

  it.each(entries.map(({ file, imports }) => [file, imports] as const))(
    'of %s go to the core, to its own folder and to its crypto rooms',
    (file, imports) => {
      const own = entryOf(file)!
      const outside = imports.map(({ path }) => path).filter((path) => !path.startsWith('src/core/'))
      for (const path of outside) if (entryOf(path) !== own || path === own) expect(ENTRIES[own]).toContain(path)
    },
  )

  it('of the programs go to entries and to programs', () => {
    for (const { file, imports } of programs)
      for (const { specifier, path } of imports)
        if (!specifier.startsWith('node:'))
          expect(PROGRAM.test(path) || path in ENTRIES || path.startsWith('src/core/'), `${file}: ${path}`).toBe(true)
  })

  it('make no circle', () => {
    const byFile = new Map(sources.map((source) => [source.file, source]))
    const done = new Set<string>()
    /** Along imports of values; types may know each other. */
    const visit = (file: string, path: string[]): void => {
      expect(path, [...path, file].join(' → ')).not.toContain(file)
      if (done.has(file)) return
      for (const { path: next, type } of byFile.get(file)!.imports) if (!type) visit(next, [...path, file])
      done.add(file)
    }
    for (const { file } of sources) visit(file, [])
    expect(done.size).toBe(sources.length)
  })
})

describe('the graph of an entry, bundled', () => {
  const graph = async (entry: string) => {
    const { metafile, outputFiles } = await build({
      entryPoints: [entry],
      absWorkingDir: ROOT,
      bundle: true,
      write: false,
      metafile: true,
      minify: true,
      format: 'esm',
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
    'of %s has no other entry, no other crypto room, and nothing from outside',
    async (entry, own) => {
      const { inputs, outputs } = await graph(entry)
      const parts = new Set(own.flatMap((room) => [...rooms.get(room)!]))
      expect(inputs).toEqual(expect.arrayContaining([entry, ...own]))
      const others = inputs.filter((path) => !path.startsWith('src/core/') && !parts.has(path))
      expect(others.filter((path) => entryOf(path) !== entry)).toEqual([])
      expect(outputs.flatMap(({ imports }) => imports)).toEqual([])
    },
  )

  it('of src/sync.ts never says subtle, nor any other name of the web or of Node', async () => {
    // TextEncoder is asked for by typeof and used where it is there: the table of errors has a test without it
    const { text } = await graph('src/sync.ts')
    const names =
      /^(subtle|crypto|TextDecoder|Buffer|process|require|URL|Headers|Request|fetch|atob|btoa|Promise|globalThis)$/
    const tree = ts.createSourceFile('sync.js', text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
    const found: string[] = []
    walk(tree, (node) => {
      const named = isUse(node) || (ts.isIdentifier(node) && node.text === 'subtle')
      if (named && names.test(node.text)) found.push(at(node))
      if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitExpression) found.push(at(node))
    })
    expect(found).toEqual([])
  })

  it('of src/aws4.ts has nothing of Node but a guarded process, and is synchronous', async () => {
    // URL is for hosts that are not ASCII; what is no name of its own may be a member: .crypto, .url
    const { text } = await graph('src/aws4.ts')
    const names = /^(subtle|crypto|url|querystring|Buffer|require|TextDecoder|fetch|atob|btoa|Promise|globalThis)$/
    const tree = ts.createSourceFile('aws4.js', text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
    const found: string[] = []
    walk(tree, (node) => {
      const named = isUse(node) || (ts.isIdentifier(node) && node.text === 'subtle')
      if (named && names.test(node.text)) found.push(at(node))
      if (node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitExpression) found.push(at(node))
    })
    expect(found).toEqual([])
    expect(text.match(/\bprocess\b/g)).toHaveLength(2) // typeof process, and its env
  })

  it('of src/index.ts has no SHA-256 of its own', async () => {
    const { inputs, text } = await graph('src/index.ts')
    expect(inputs).not.toContain('src/crypto/sha256.ts')
    expect(text).not.toMatch(/0x?6a09e667|1779033703|0x?428a2f98|1116352408/i)
    expect(text).toContain('.subtle')
  })

  it.each(Object.keys(ENTRIES))('of %s is empty if nothing of it is used', async (entry) => {
    const { outputFiles } = await build({
      stdin: { contents: `import ${JSON.stringify(`./${entry}`)}`, resolveDir: ROOT },
      bundle: true,
      write: false,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      logLevel: 'silent',
      // as if the package did not promise to have no side effects
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

describe('the core', () => {
  it('does nothing later: no promise, no async function', () => {
    expect(
      find(core, (node) => node.kind === ts.SyntaxKind.AsyncKeyword || node.kind === ts.SyntaxKind.AwaitExpression),
    ).toEqual([])
    expect(find(core, (node) => isUse(node) && node.text === 'Promise')).toEqual([])
  })

  it('has no clock and no chance', () => {
    expect(
      find(
        core,
        (node) =>
          ts.isPropertyAccessExpression(node) && /^(Date\.now|Math\.random|performance\.now)$/.test(node.getText()),
      ),
    ).toEqual([])
    expect(
      find(core, (node) => ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length),
    ).toEqual([])
    expect(find(core, (node) => ts.isCallExpression(node) && node.expression.getText() === 'Date')).toEqual([])
  })

  it('does not know where it runs', () => {
    const names = [
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
    // typeof in a type says what a place has, and is gone in JavaScript
    const isValue = (node: ts.Node): boolean => !ts.isTypeQueryNode(node.parent)
    expect(find(core, (node) => isUse(node) && names.includes(node.text) && isValue(node))).toEqual([])
  })
})

describe('no room', () => {
  it('reads the environment, the disk or the network', () => {
    const names = ['process', 'require', 'fetch', 'XMLHttpRequest', 'WebSocket', 'localStorage', 'eval', 'Function']
    // aws4 reads credentials from the environment when it is called without, and so does what replaces it
    const allowed = /^src\/aws4\/environment\.ts:\d+ process$/
    expect(
      find(sources, (node) => isUse(node) && names.includes(node.text)).filter((place) => !allowed.test(place)),
    ).toEqual([])
    expect(find(sources, (node) => isDynamicImport(node) || ts.isMetaProperty(node))).toEqual([])
  })

  it('has a variable at module scope, or a call there that bundlers must keep', () => {
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

  it('has exact versions of what developers install, and no script that users would run', () => {
    for (const [name, version] of Object.entries(manifest.devDependencies))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(manifest.scripts).not.toHaveProperty(script)
  })

  it('promises no side effects', () => {
    expect(manifest.sideEffects).toBe(false)
  })
})
