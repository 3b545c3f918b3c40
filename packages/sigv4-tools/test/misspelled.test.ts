import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as obtaining from '../../../src/credentials.ts'
import * as fetching from '../../../src/fetch.ts'
import * as asynchronous from '../../../src/index.ts'
import * as synchronous from '../../../src/sync.ts'
import * as tokens from '../../../src/tokens.ts'
import * as tokensSync from '../../../src/tokens-sync.ts'
import * as tracing from '../../../src/trace.ts'
import * as verifying from '../../../src/verify.ts'
import { CREDENTIALS } from '../../../test/support/credentials.ts'
import { ROOT } from '../../../test/support/packed.ts'
import * as explaining from '../src/explain.ts'
import * as serving from '../src/serve.ts'

// Every exported function rejects every documented option if it is misspelled: an ignored option is a weaker signature.

type Call = (given: object) => unknown

const OBJECT = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
const FORM = { bucket: 'photos', keyPrefix: 'uploads/', region: 'eu-west-1' }
const credentials = { ...CREDENTIALS }
const SCOPE = { region: 'eu-west-1', service: 's3' }
const LARGE = { credentials, size: 10_000_000 }
const REQUEST = { method: 'GET', url: '/', headers: { host: 'photos.s3.eu-west-1.amazonaws.com' } }
const lookup = { credentials: () => 'secret' }

type Signer = typeof synchronous | typeof asynchronous
const post = synchronous.presignPost(FORM, { credentials })

/** By function, its parameters that have members, and a call that passes the given members in addition to valid ones. */
const signing = (entry: Signer): Record<string, Record<string, Call>> => {
  const { presign, presignPost, presignMultipartUpload, presignMultipartParts, sign, objectUrl } = entry
  const single = (call: (target: typeof OBJECT, options: never) => unknown): Record<string, Call> => ({
    target: (given) => call({ ...OBJECT, ...given }, { credentials } as never),
    options: (given) => call(OBJECT, { credentials, ...given } as never),
  })
  return {
    presign: single((target, options) => presign('GET', target, options)),
    presignGet: single(entry.presignGet),
    presignPut: single(entry.presignPut),
    presignHead: single(entry.presignHead),
    presignDelete: single(entry.presignDelete),
    presignPost: {
      target: (given) => presignPost({ ...FORM, ...given }, { credentials }),
      options: (given) => presignPost(FORM, { credentials, ...given }),
    },
    presignMultipartUpload: {
      target: (given) => presignMultipartUpload({ ...OBJECT, ...given }, LARGE),
      options: (given) => presignMultipartUpload(OBJECT, { ...LARGE, ...given }),
    },
    presignMultipartParts: {
      target: (given) => presignMultipartParts({ ...OBJECT, ...given }, { ...LARGE, uploadId: 'a' }),
      options: (given) => presignMultipartParts(OBJECT, { ...LARGE, uploadId: 'a', ...given }),
    },
    sign: { options: (given) => sign({ url: 'https://sqs.eu-west-1.amazonaws.com/' }, { credentials, ...given }) },
    objectUrl: { target: (given) => objectUrl({ ...OBJECT, ...given }) },
    deriveSigningKey: {
      scope: (given) => entry.deriveSigningKey({ ...SCOPE, ...given }, { credentials }),
      options: (given) => entry.deriveSigningKey(SCOPE, { credentials, ...given }),
    },
    checkPost: { details: (given) => entry.checkPost(post.fields.policy!, post.fields, { size: 1, ...given }) },
    toFormData: { options: (given) => entry.toFormData(post, 'text', given) },
  }
}

/** By function of tokens, a target. */
const TARGETS = {
  rdsToken: { host: 'mydb.123456789012.eu-west-1.rds.amazonaws.com', port: 5432, user: 'jane' },
  dsqlToken: { host: '4iabtwpsabc.dsql.eu-west-1.on.aws' },
  cacheToken: { cache: 'my-cache', user: 'jane', region: 'eu-west-1' },
  mskToken: { region: 'eu-west-1' },
  eksToken: { cluster: 'my-cluster', region: 'eu-west-1' },
  bedrockKey: { region: 'eu-west-1' },
  keyspacesResponse: { challenge: 'nonce=1', region: 'eu-west-1' },
  codecommitCredentials: 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/website',
  sesSmtpPassword: { region: 'eu-west-1' },
  callerIdentity: { region: 'eu-west-1' },
  s3ExpressSession: { bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' },
  appSyncProtocols: 'https://a1b2.appsync-api.eu-west-1.amazonaws.com/event',
  webSocketUrl: 'wss://a1b2.execute-api.eu-west-1.amazonaws.com/prod',
} as const

const tokensOf = (entry: typeof tokens | typeof tokensSync): Record<string, Record<string, Call>> =>
  Object.fromEntries(
    Object.entries(TARGETS).map(([name, target]) => {
      const call = entry[name as keyof typeof TARGETS] as (target: unknown, options: object) => unknown
      return [
        name,
        {
          ...(typeof target === 'object' && {
            target: (given: object) => call({ ...target, ...given }, { credentials }),
          }),
          options: (given: object) => call(target, { credentials, ...given }),
        },
      ]
    }),
  )

const FUNCTIONS: Readonly<Record<string, Record<string, Record<string, Call>>>> = {
  index: signing(asynchronous),
  sync: signing(synchronous),
  tokens: tokensOf(tokens),
  'tokens-sync': tokensOf(tokensSync),
  verify: {
    verify: { options: (given) => verifying.verify({ headers: {} }, { ...lookup, ...given }) },
    verifyPost: { options: (given) => verifying.verifyPost({}, { ...lookup, bucket: 'photos', ...given }) },
    toErrorResponse: { options: (given) => verifying.toErrorResponse(new Error('a'), given) },
  },
  'sigv4-tools/explain': {
    explain: {
      input: (given) => explaining.explain({ request: { url: '/', headers: {} }, ...given }),
      'input.signed': (given) => explaining.explain({ request: { url: '/', headers: {} }, signed: given }),
    },
    inspect: { options: (given) => explaining.inspect('https://example.com/', given) },
  },
  trace: {
    trace: { options: (given) => tracing.trace(REQUEST, { credentials, ...SCOPE, ...given }) },
  },
  fetch: {
    createSignedFetch: {
      options: (given) => fetching.createSignedFetch({ credentials, ...given }),
      'options.retry': (given) => fetching.createSignedFetch({ credentials, retry: given }),
    },
  },
  credentials: {
    fromWebIdentity: { options: (given) => obtaining.fromWebIdentity(given) },
    fromS3Express: {
      target: (given) =>
        obtaining.fromS3Express({ bucket: 'photos--use1-az4--x-s3', region: 'us-east-1', ...given }, { credentials }),
      options: (given) =>
        obtaining.fromS3Express({ bucket: 'photos--use1-az4--x-s3', region: 'us-east-1' }, { credentials, ...given }),
    },
  },
  'sigv4-tools/serve': { serve: { options: async (given) => (await serving.serve(given)).close() } },
}

/** Functions whose parameters are values, not options: received requests, forms, errors and environments may have more members. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  index: [
    'accessPoint',
    'isSigV4Error',
    'SigV4Error',
    'forgetSigningKeys',
    'multipartCompletionBody',
    'parseMultipartResponse',
  ],
  sync: [
    'accessPoint',
    'isSigV4Error',
    'SigV4Error',
    'forgetSigningKeys',
    'multipartCompletionBody',
    'parseMultipartResponse',
  ],
  tokens: ['isSigV4Error', 'SigV4Error'],
  'tokens-sync': ['isSigV4Error', 'SigV4Error'],
  verify: ['isSigV4Error', 'SigV4Error', 'SigV4VerifyError'],
  trace: [],
  'sigv4-tools/explain': ['causes', 'causeText', 'highlightDiff', 'parseEvidence'],
  fetch: ['isSigV4Error', 'SigV4Error'],
  credentials: ['isSigV4Error', 'SigV4Error', 'fromContainer', 'fromEnvironment'],
  'sigv4-tools/serve': [],
}

/** Returns the source of an entry of the library or, with the name of its package, of the tools. */
const sourceOf = (entry: string): string =>
  `${ROOT}/${entry.startsWith('sigv4-tools/') ? `packages/${entry.replace('/', '/src/')}` : `src/${entry}`}.ts`

const program = ts.createProgram(Object.keys(FUNCTIONS).map(sourceOf), {
  ...ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile).config.compilerOptions,
  noEmit: true,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
})
const checker = program.getTypeChecker()

/** Returns the members that a parameter of an exported function has, according to its type. */
function membersOf(file: string, name: string, path: string): string[] {
  const source = program.getSourceFile(sourceOf(file))!
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!).find((each) => each.name === name)!
  const target = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const [parameter, ...inner] = path.split('.')
  const names = new Set<string>()
  for (const signature of checker.getTypeOfSymbol(target).getCallSignatures()) {
    const found = signature.parameters.find((each) => each.name === parameter)
    if (!found) continue
    let type = checker.getNonNullableType(checker.getTypeOfSymbol(found))
    for (const member of inner) type = checker.getNonNullableType(checker.getTypeOfSymbol(type.getProperty(member)!))
    // of a target, the URL has none of its own
    for (const each of type.isUnion() ? type.types : [type])
      if (!each.getProperty('href') && !(each.flags & (ts.TypeFlags.String | ts.TypeFlags.BooleanLike)))
        for (const { name } of each.getProperties()) names.add(name)
  }
  return [...names]
}

const functions = Object.entries(FUNCTIONS).flatMap(([file, list]) =>
  Object.entries(list).flatMap(([name, parameters]) =>
    Object.entries(parameters).map(([parameter, call]) => ({ file, name, parameter, call })),
  ),
)

/** The ways in which a name is misspelled, or spelled as in other libraries. */
const misspell = (name: string): string[] =>
  [
    `${name}s`,
    name.slice(0, -1),
    name[0]!.toUpperCase() + name.slice(1),
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  ].filter((each) => each !== name)

it.each(Object.keys(FUNCTIONS))('every function of %s is here', (file) => {
  const entry = {
    index: asynchronous,
    sync: synchronous,
    tokens,
    'tokens-sync': tokensSync,
    verify: verifying,
    'sigv4-tools/explain': explaining,
    trace: tracing,
    fetch: fetching,
    credentials: obtaining,
    'sigv4-tools/serve': serving,
  }[file]!
  expect([...Object.keys(FUNCTIONS[file]!), ...VALUES[file]!].sort()).toEqual(Object.keys(entry).sort())
})

describe.each(functions)('$file: $name', ({ file, name, parameter, call }) => {
  const members = membersOf(file, name, parameter)
  it(`accepts every member of ${parameter} that is documented`, async () => {
    expect(members.length).toBeGreaterThan(0)
    for (const member of members)
      try {
        await call({ [member]: undefined })
      } catch (error) {
        expect((error as { reason?: string }).reason).not.toBe('unknown')
      }
  })

  it.each(members.flatMap(misspell).filter((each) => !members.includes(each)))(
    `rejects ${parameter}.%s`,
    async (misspelled) => {
      const result = (async () => call({ [misspelled]: 'a' }))()
      await expect(result).rejects.toMatchObject({
        name: 'TypeError',
        code: 'ERR_INVALID_ARG_VALUE',
        argument: `${parameter}.${misspelled}`,
        reason: 'unknown',
      })
      await expect(result).rejects.toThrow(/ is unknown\. Allowed: \w+/)
    },
  )
})
