import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

// The asynchronous and the synchronous drivers are the same program, except for promises, providers and what only Web
// Crypto can do.

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/** The types that accept a function only in the asynchronous entry. */
const TYPES: Readonly<Record<string, string>> = {
  CredentialsSource: 'Credentials',
  SecretCredentialsSource: 'SecretCredentials',
}

/** Differences between a file of `src/async` and its counterpart: the statement in each, exactly once. */
const DIFFERENCES: Readonly<Record<string, readonly (readonly [async: string, sync: string])[]>> = {
  'presign.ts': [],
  'post.ts': [],
  // src/sigv4a/async.ts and sync.ts, which differ as the files below do
  sigv4a: [
    [
      'source: Credentials): PresignedRequest { const credentials = source;',
      'credentials: SecretCredentials): PresignedRequest {',
    ],
    [
      'sign<Body>(request: UnsignedRequest<Body> | Request, options',
      'sign<Body = never>(request: UnsignedRequest<Body>, options',
    ],
    [
      "const source = copyCredentials(options?.credentials); const record = hasTag(request, 'Request') ? readRequest(request as Request, options?.payloadHash) : request; const input = readSign4a(record as UnsignedRequest, options);",
      'const input = readSign4a(request, options);',
    ],
    // which the caller may change while a body is read or hashed
    ['checkCrypto(); const { payloadHash: given,', 'const { credentials, payloadHash: given,'],
    ['const { body } = record;', 'const { body } = request;'],
    ['given ?? hashBody(body); if (checksum)', 'given ?? sha256Hex(contentOf(body)); if (checksum)'],
    ['addBody(running, body);', 'running.update(contentOf(body));'],
    ['running.digest(); } const credentials = source;', 'running.digest(); }'],
    ['prepareSign(input, body as Body,', 'prepareSign(input, body,'],
    [
      'return signed(prepared, signature(prepared, credentials));',
      'return signed(prepared, signature(prepared, credentials)) as SignedRequest<Body>;',
    ],
    [
      'deriveSigningKey4a(credentials: Credentials): Uint8Array { const resolved = credentials; checkSecret(resolved, Date.now()); checkCrypto(); return derivePrivateKey(resolved.accessKeyId, resolved.secretAccessKey);',
      'deriveSigningKey4a(credentials: SecretCredentials): Uint8Array { checkSecret(credentials, Date.now()); return derivePrivateKey(credentials.accessKeyId, credentials.secretAccessKey);',
    ],
  ],
  // a provider has a separate name, and a key can be a CryptoKey
  'signing-key.ts': [
    ['KeyScope, use?: { readonly extractable?: boolean | undefined; }): SigningKey', 'KeyScope): SigningKey'],
    [
      "const { extractable = true } = use ?? {}; checkMembers('use', use ?? {}, KEY_USE); if (typeof extractable !== 'boolean') fail('ERR_INVALID_ARG_TYPE', 'use.extractable', 'type', 'Pass a boolean.');",
      '',
    ],
    ['const resolved = credentials;', ''],
    ['checkSecret(resolved,', 'checkSecret(credentials,'],
    ['const key = derive(resolved.secretAccessKey, scopeParts(parsed));', ''],
    ['key: extractable ? key : hmacKey(key) }', 'key: derive(credentials.secretAccessKey, scopeParts(parsed)) }'],
  ],
  // a Request and a Blob can only be read asynchronously, and a signed fetch knows two clocks
  'sign.ts': [
    [
      "sign<Body>(request: UnsignedRequest<Body> | Request, options: SignOptions): SignedRequest<Body> { checkRequest(request); const source = copyCredentials(options?.credentials); const record = hasTag(request, 'Request') ? readRequest(request as Request, options?.payloadHash) : request; return signRecord(record as UnsignedRequest<Body>, options, source); }\nexport function signRecord<Body>(request: UnsignedRequest<Body>, options: SignOptions, source: Credentials, validAt?: number): SignedRequest<Body> {",
      'sign<Body = never>(request: UnsignedRequest<Body>, options: SignOptions): SignedRequest<Body> { checkRequest(request);',
    ],
    [
      'const { payloadHash: given, checksum } = options;',
      'const { credentials, payloadHash: given, checksum } = options;',
    ],
    ['given ?? hashBody(body);', 'given ?? sha256Hex(contentOf(body));'],
    ['addBody(running, body);', 'running.update(contentOf(body));'],
    ['const credentials = source;', ''],
    ['credentials, context, validAt);', 'credentials, context);'],
  ],
}

/** Functions in only one of the two files: the other imports its own. */
const UNIQUE: Readonly<Record<string, readonly string[]>> = { 'sign.ts': ['contentOf'], sigv4a: ['contentOf'] }

/** Returns whether an expression calls a provider: `typeof source === 'function' ? await source() : source`. */
function isProvided(node: ts.Node): node is ts.ConditionalExpression {
  if (!ts.isConditionalExpression(node) || !ts.isIdentifier(node.whenFalse)) return false
  const name = node.whenFalse.text
  return node.condition.getText() === `typeof ${name} === 'function'` && node.whenTrue.getText() === `await ${name}()`
}

/** Returns the program of a driver without what makes it asynchronous. */
function programOf(file: string, text: string): string {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true)
  const { transformed, dispose } = ts.transform(tree, [
    (context) => (root) => {
      const visit = (node: ts.Node): ts.Node | undefined => {
        if (isProvided(node)) return node.whenFalse
        if (ts.isAwaitExpression(node)) return ts.visitNode(node.expression, visit)
        if (ts.isParenthesizedExpression(node) && ts.isAwaitExpression(node.expression))
          return ts.visitNode(node.expression.expression, visit)
        if (node.kind === ts.SyntaxKind.AsyncKeyword) return undefined
        if (ts.isCallExpression(node) && node.expression.getText() === 'Promise.all')
          return ts.visitNode(node.arguments[0]!, visit)
        if (ts.isTypeReferenceNode(node) && node.typeName.getText() === 'Promise')
          return ts.visitNode(node.typeArguments![0]!, visit)
        if (ts.isIdentifier(node) && node.text in TYPES) return ts.factory.createIdentifier(TYPES[node.text]!)
        return ts.visitEachChild(node, visit, context)
      }
      return ts.visitNode(root, visit) as ts.SourceFile
    },
  ])
  const printer = ts.createPrinter({ removeComments: true })
  const printed = transformed[0]!.statements
    .filter((statement) => !ts.isImportDeclaration(statement) && !ts.isTypeAliasDeclaration(statement))
    .filter((statement) => !ts.isInterfaceDeclaration(statement))
    .filter((statement) => !ts.isFunctionDeclaration(statement) || statement.body)
    .filter((statement) => !(ts.isFunctionDeclaration(statement) && UNIQUE[file]?.includes(statement.name?.text ?? '')))
    .map((statement) => printer.printNode(ts.EmitHint.Unspecified, statement, tree).replace(/\s+/g, ' '))
  dispose()
  return printed.join('\n')
}

const read = (folder: string, file: string) => readFileSync(`${SRC}${folder}/${file}`, 'utf8')

const sources = (file: string): [asynchronous: string, synchronous: string] =>
  file === 'sigv4a'
    ? [read('sigv4a', 'async.ts'), read('sigv4a', 'sync.ts')]
    : [read('async', file), read('sync', file)]

/** Returns both programs after the declared differences are applied. */
function pairs(file: string, asynchronous: string, synchronous: string): [string, string] {
  let ours = programOf(file, asynchronous)
  const theirs = programOf(file, synchronous)
  for (const [here, there] of DIFFERENCES[file] ?? []) {
    expect(ours.split(here), `${file}: ${here}`).toHaveLength(2)
    if (there) expect(theirs.split(there), `${file}: ${there}`).toHaveLength(2)
    ours = ours.replace(here, () => there)
  }
  const lines = (text: string) => text.replace(/ +/g, ' ').replace(/;(?! )/g, ';')
  return [lines(ours), lines(theirs)]
}

describe('the drivers', () => {
  it('are the files of both folders, except that credentials with promises have separate types', () => {
    const files = Object.keys(DIFFERENCES)
      .filter((name) => name !== 'sigv4a')
      .sort()
    expect(readdirSync(`${SRC}sync`).sort()).toEqual(files)
    expect(readdirSync(`${SRC}async`).sort()).toEqual([...files, 'credentials.ts', 'hold.ts'].sort())
    // which are types, and nothing else
    const statements = ts.createSourceFile('', read('async', 'credentials.ts'), ts.ScriptTarget.ES2022).statements
    for (const statement of statements)
      expect(
        ts.isTypeAliasDeclaration(statement) ||
          ts.isInterfaceDeclaration(statement) ||
          (ts.isImportDeclaration(statement) && statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword),
      ).toBe(true)
  })

  it.each(Object.keys(DIFFERENCES))('are the same: %s', (file) => {
    const [ours, theirs] = pairs(file, ...sources(file))
    expect(ours.split('\n')).toEqual(theirs.split('\n'))
  })

  it.each([
    ['presign.ts', "readPresign('PUT'", "readPresign('POST'"],
    ['presign.ts', 'checkKey(target)', ''],
    ['presign.ts', 'now ?? Date.now()', 'Date.now()'],
    ['presign.ts', 'options, hostScope, downloadDisposition', 'options, s3HostScope, downloadDisposition'],
    ['post.ts', 'form.policy, form.context', 'form.context, form.policy'],
    ['post.ts', 'target: PostTarget', 'target: object'],
    ['sign.ts', 'checkRequest(request)', ''],
    ['signing-key.ts', 'checkSecret(credentials, Date.now(), parsed.service)', 'checkSecret(credentials, 0)'],
    [
      'sigv4a',
      "readPresign4a('PUT', target, options, s3HostScope)",
      "readPresign4a('PUT', target, options, hostScope)",
    ],
    ['sigv4a', 'checkRequest(request)', ''],
  ])('are different if one of them is changed: %s without %s', (file, text, change) => {
    const [asynchronous, synchronous] = sources(file)
    const changed = synchronous.replace(text, change)
    expect(changed).not.toBe(synchronous)
    let same: boolean
    try {
      const [ours, theirs] = pairs(file, asynchronous, changed)
      same = ours === theirs
    } catch {
      same = false
    }
    expect(same).toBe(false)
  })
})

describe('the drivers of tokens', () => {
  const files = ['complete.ts', 'logins.ts', 'requests.ts']

  it('are the files of both folders, except that options with promises have separate types', () => {
    expect(readdirSync(`${SRC}tokens/sync`).sort()).toEqual(files)
    expect(readdirSync(`${SRC}tokens/async`).sort()).toEqual([...files, 'options.ts'].sort())
  })

  it.each(files)('are the same: %s', (file) => {
    const [ours, theirs] = pairs(
      file,
      // which the caller may change while a body is hashed
      read('tokens/async', file).replace('source = copyCredentials(source)\n', ''),
      // which rejects a provider
      read('tokens/sync', file).replace('= resolved(source)', '= source'),
    )
    expect(ours).not.toBe('')
    expect(ours.split('\n')).toEqual(theirs.split('\n'))
  })

  it('are different if one of them is changed', () => {
    const text = read('tokens/sync', 'logins.ts').replace('= resolved(source)', '= source')
    const changed = text.replace('complete(readMskToken(', 'complete(readDsqlToken(')
    expect(changed).not.toBe(text)
    const [ours, theirs] = pairs('logins.ts', read('tokens/async', 'logins.ts'), changed)
    expect(ours).not.toBe(theirs)
  })
})
