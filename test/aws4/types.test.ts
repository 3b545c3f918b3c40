import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

// Programs written for @types/aws4, compiled with it and with this package's types in its place.

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replaceAll('\\', '/')

const PROGRAMS: Record<string, string> = {
  'requests and credentials': `
    import * as https from 'node:https'
    import * as aws4 from 'aws4'
    const opts: aws4.Request = {
      host: 'sqs.us-east-1.amazonaws.com', hostname: 'a', port: 443, method: 'POST', path: '/?a', body: Buffer.from('a'), service: 'sqs',
      region: 'us-east-1', signQuery: false, headers: { 'Content-Type': 'a', 'X-List': ['a', 'b'], 'Content-Length': 1 }, doNotModifyHeaders: true,
      doNotEncodePath: true, agent: new https.Agent(), timeout: 5,
    }
    const credentials: aws4.Credentials = { accessKeyId: process.env.A, secretAccessKey: 'b', sessionToken: 'c' }
    const signed: aws4.Request = aws4.sign(opts, credentials)
    https.request(signed, (response) => response.resume()).end(signed.body)
    https.request(aws4.sign({ service: 'sqs', path: '/' })).end()
    const fromText: aws4.Request = aws4.sign('https://sqs.us-east-1.amazonaws.com/')
    const headers = aws4.sign({ host: 'a', path: '/' }, credentials).headers as Record<string, string>
    fetch('https://a', { headers, method: signed.method ?? 'GET' })
    export const path: string | undefined = fromText.path
    function wrap(request: aws4.Request): aws4.Request { return aws4.sign({ ...request, service: 's3' }, credentials) }
    wrap(opts)
  `,
  'a signer': `
    import { RequestSigner, Request, Credentials } from 'aws4'
    const signer = new RequestSigner({ service: 'sqs', region: 'us-east-1', path: '/' }, { accessKeyId: 'a', secretAccessKey: 'b' })
    const request: Request = signer.request
    const credentials: Credentials = signer.credentials
    const texts: string[] = [
      signer.service, signer.region, signer.createHost(), signer.getDateTime(), signer.getDate(), signer.authHeader(), signer.signature(),
      signer.stringToSign(), signer.canonicalString(), signer.canonicalHeaders(), signer.signedHeaders(), signer.credentialString(), signer.formatPath(),
    ]
    const flags: boolean[] = [signer.isCodeCommitGit, signer.isSingleRegion()]
    const [service, region]: [string, string] = signer.matchHost('a')
    signer.datetime = '20150830T123600Z'
    signer.parsePath()
    signer.prepareRequest()
    const parsed: { path: string; query: Record<string, string | string[]> } | undefined = signer.parsedPath
    const more: Credentials = signer.defaultCredentials()
    const signed: Request = signer.sign()
    class Own extends RequestSigner {
      constructor(request: string | Request) { super(request, {}) }
      override createHost(): string { return super.createHost() + this.region }
    }
    new Own('https://a').sign()
    export { request, credentials, texts, flags, service, region, parsed, more, signed }
  `,
}

/** Additional types of this package. */
const MORE = `
  import aws4, { RequestSigner, sign } from 'aws4'
  sign({ host: 'a', extraHeadersToIgnore: { a: true }, extraHeadersToInclude: { b: true } }).headers.Authorization
  const request = sign({ url: 'https://a', data: { a: 1 }, host: 'a' }, null)
  const path: string = request.path
  const url: string = request.url
  const signer = new RequestSigner({ host: null, hostname: 'a' })
  signer.filterHeaders()
  const names: string[] = (signer.filteredHeaders ?? []).map(([name]) => name)
  aws4.sign({ host: 'a' })
  export { path, url, names }
`

const WRONG = [
  `import { RequestSigner, sign } from 'aws4'; sign({ host: 5 })`,
  `sign({ host: 'a' }, { accessKeyId: 5 })`,
  'sign(5)',
  `new RequestSigner({ host: 'a' }).nothing()`,
]

/** Libraries and types, parsed once for all programs. */
const parsed = new Map<string, ts.SourceFile | undefined>()

function compile(text: string, ours: boolean, extra: ts.CompilerOptions = {}): string[] {
  const file = `${ROOT}test/aws4-program.ts`
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    typeRoots: [`${ROOT}node_modules/@types`],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    ...(ours ? { paths: { aws4: [`${ROOT}src/aws4.ts`] } } : {}),
    ...extra,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.readFile = (name) => (name === file ? text : readFile(name))
  host.getSourceFile = (name, target, ...rest) => {
    if (name === file) return ts.createSourceFile(name, text, target)
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, target, ...rest))
    return parsed.get(name)
  }
  const program = ts.createProgram([file], options, host)
  const source = program.getSourceFile(file)!
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe('the types', () => {
  it.each(Object.entries(PROGRAMS))('replace @types/aws4: %s', (_, text) => {
    expect(compile(text, false)).toEqual([])
    expect(compile(text, true)).toEqual([])
  })

  it('have what @types/aws4 lacks', () => {
    expect(compile(MORE, true)).toEqual([])
    expect(compile(MORE, false)).not.toEqual([])
  })

  it('reject invalid programs', () => {
    expect(compile(WRONG.join('\n'), true)).toHaveLength(WRONG.length)
  })

  it.each([true, false])('fit every form of import, with esModuleInterop %s', (esModuleInterop) => {
    const text = `
      import one from 'aws4'
      import * as other from 'aws4'
      import third = require('aws4')
      for (const { sign } of [one, other, third]) sign({ host: 'a' })`
    const old = { module: ts.ModuleKind.CommonJS, ignoreDeprecations: '6.0', verbatimModuleSyntax: false }
    expect(compile(text, true, { ...old, esModuleInterop })).toEqual([])
  })
}, 300_000)
