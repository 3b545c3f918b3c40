import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

// Writes the synchronous drivers from the asynchronous ones: npm run twins. With --check, it fails if they are not current.

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** What a synchronous driver imports in place of a module. `source` is the module of `resolved`, which rejects a function. */
interface Room {
  readonly from: string
  readonly to: string
  readonly files: readonly string[]
  readonly entry: string
  readonly modules: Readonly<Record<string, string>>
  readonly source: string
}

export const ROOMS: readonly Room[] = [
  {
    from: 'src/async',
    to: 'src/sync',
    files: ['complete.ts', 'post.ts', 'presign.ts'],
    entry: 'sigv4',
    modules: {
      '../crypto/webcrypto.ts': '../crypto/sha256.ts',
      '../crypto/body.ts': './body.ts',
      './credentials.ts': '../core/signing/credentials.ts',
    },
    source: '../core/signing/credentials.ts',
  },
  {
    from: 'src/tokens/async',
    to: 'src/tokens/sync',
    files: ['complete.ts', 'logins.ts', 'requests.ts'],
    entry: 'sigv4/tokens',
    modules: {
      '../../crypto/webcrypto.ts': '../../crypto/sha256.ts',
      './options.ts#CredentialsSource': '../../core/signing/credentials.ts',
      './options.ts#SesOptions': '../services/ses.ts',
      './options.ts#S3ExpressSessionOptions': '../services/s3-express.ts',
      './options.ts#WebSocketOptions': '../services/web-socket.ts',
      './options.ts': '../recipe/recipe.ts',
    },
    source: '../../core/signing/credentials.ts',
  },
]

/** Types that accept a function only in the asynchronous entry. */
const SOURCES: Readonly<Record<string, string>> = {
  CredentialsSource: 'Credentials',
  SecretCredentialsSource: 'SecretCredentials',
}

const HEAD = (file: string): string => `// @generated from ${file} by npm run twins: change that file instead.\n\n`

/** Returns the synchronous driver for the text of an asynchronous one. */
export function twinOf(text: string, file: string, room: Room): string {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  const isOptions = (node: ts.Node): node is ts.InterfaceDeclaration =>
    ts.isInterfaceDeclaration(node) &&
    node.members.length === 0 &&
    node.heritageClauses?.[0]?.types[0]?.typeArguments?.[0]?.getText() === 'CredentialsSource'
  // the options whose credentials are not a function are those of the core
  const core = new Map<string, string>()
  for (const statement of tree.statements)
    if (isOptions(statement))
      core.set(statement.heritageClauses![0]!.types[0]!.expression.getText(), statement.name.text)
  const names = (name: string): string => core.get(name) ?? SOURCES[name] ?? name

  const result = ts.transform(tree, [
    (context) => (root) => {
      const visit = (node: ts.Node): ts.Node | undefined => {
        if (isOptions(node) || isCopy(node)) return undefined
        if (isProvided(node)) return provided(node.whenFalse as ts.Identifier)
        if (ts.isAwaitExpression(node)) return ts.visitNode(node.expression, visit)
        if (ts.isParenthesizedExpression(node) && ts.isAwaitExpression(node.expression))
          return ts.visitNode(node.expression.expression, visit)
        if (node.kind === ts.SyntaxKind.AsyncKeyword) return undefined
        if (ts.isCallExpression(node) && node.expression.getText() === 'Promise.all')
          return ts.visitNode(node.arguments[0]!, visit)
        if (ts.isTypeReferenceNode(node) && node.typeName.getText() === 'Promise')
          return ts.visitNode(node.typeArguments![0]!, visit)
        if (ts.isIdentifier(node) && names(node.text) !== node.text)
          return ts.factory.createIdentifier(names(node.text))
        return ts.visitEachChild(node, visit, context)
      }
      const provided = (name: ts.Identifier): ts.Expression =>
        ts.factory.createCallExpression(ts.factory.createIdentifier('resolved'), undefined, [name])
      return ts.visitNode(root, visit) as ts.SourceFile
    },
  ])
  const printer = ts.createPrinter({ removeComments: true })
  const statements = result.transformed[0]!.statements.filter((statement) => !ts.isImportDeclaration(statement)).map(
    (statement) => {
      const printed = printer.printNode(ts.EmitHint.Unspecified, statement, tree)
      return commentOf(ts.getOriginalNode(statement), text, room) + printed
    },
  )
  result.dispose()
  const body = statements.join('\n\n')
  return `${HEAD(`${room.from}/${file}`)}${importsOf(tree, room, names, body)}\n${body}`
}

/** `source = copyCredentials(source)`: nothing is awaited before they are used. */
function isCopy(node: ts.Node): boolean {
  return ts.isExpressionStatement(node) && /^\w+ = copyCredentials\(/.test(node.getText())
}

/** `typeof source === 'function' ? await source() : source` */
function isProvided(node: ts.Node): node is ts.ConditionalExpression {
  if (!ts.isConditionalExpression(node) || !ts.isIdentifier(node.whenFalse)) return false
  const name = node.whenFalse.text
  return node.condition.getText() === `typeof ${name} === 'function'` && node.whenTrue.getText() === `await ${name}()`
}

/** Returns the comment of a statement: for an exported function, its first paragraph and its example. */
function commentOf(node: ts.Node, text: string, { entry }: Room): string {
  const range = ts.getLeadingCommentRanges(text, node.getFullStart())?.at(-1)
  const comment = range && range.end + 1 >= node.getStart() ? text.slice(range.pos, range.end) : ''
  const example = /^ \* @example\n(?: \*.*\n)*? \* ```ts\n(?: \*.*\n)*? \* ```\n/m.exec(comment)?.[0]
  if (!example || !ts.isFunctionDeclaration(node)) return comment && `${comment}\n`
  const [paragraph] = comment.split(/^ \*\n/m)
  const names = [...text.matchAll(/^export async function (\w+)/gm)].map(([, name]) => name)
  const synchronous = example
    .replaceAll(`'${entry}'`, `'${entry}/sync'`)
    .replace(RegExp(`\\bawait (?=(?:${names.join('|')})\\()`, 'g'), '')
  return `${paragraph} *\n${synchronous} * @see \`${node.name!.text}\` of \`${entry}\` for the full documentation.\n */\n`
}

/** Returns the imports of what a program uses, by module. */
function importsOf(tree: ts.SourceFile, room: Room, names: (name: string) => string, body: string): string {
  const modules = new Map<string, Map<string, string>>()
  const add = (module: string, name: string, isType: boolean): void => {
    if (!RegExp(`\\b${name}\\b`).test(body)) return
    modules.set(module, (modules.get(module) ?? new Map()).set(name, isType ? `type ${name}` : name))
  }
  for (const statement of tree.statements) {
    if (!ts.isImportDeclaration(statement)) continue
    const from = (statement.moduleSpecifier as ts.StringLiteral).text
    const clause = statement.importClause!
    for (const { name, propertyName, isTypeOnly } of (clause.namedBindings as ts.NamedImports).elements) {
      const module = room.modules[`${from}#${name.text}`] ?? room.modules[from] ?? from
      const own = names(name.text)
      const isType = isTypeOnly || clause.phaseModifier === ts.SyntaxKind.TypeKeyword
      add(module, own === name.text && propertyName ? `${propertyName.text} as ${own}` : own, isType)
    }
  }
  add(room.source, 'resolved', false)
  return [...modules].map(([from, all]) => `import { ${[...all.values()].join(', ')} } from '${from}'\n`).join('')
}

/** Returns text as `npm run format` leaves it. */
function formatted(text: string, path: string): string {
  return execFileSync('npx', ['biome', 'check', '--write', '--stdin-file-path', path], {
    cwd: ROOT,
    input: text,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  })
}

/** Returns the path and the text of each synchronous driver. */
export function twins(): [path: string, text: string][] {
  return ROOMS.flatMap((room) =>
    room.files.map((file): [string, string] => {
      const path = `${room.to}/${file}`
      return [path, formatted(twinOf(readFileSync(`${ROOT}${room.from}/${file}`, 'utf8'), file, room), path)]
    }),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check')
  const stale = twins().filter(([path, text]) => {
    const isStale = readFileSync(ROOT + path, 'utf8') !== text
    if (isStale && !isCheck) writeFileSync(ROOT + path, text)
    return isStale
  })
  for (const [path] of stale) console.log(isCheck ? `${path} is stale: npm run twins` : `${path} written`)
  if (isCheck && stale.length > 0) process.exitCode = 1
}
