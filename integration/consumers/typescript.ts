import { cpSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../../test/support/packed.ts'
import { SOURCES } from '../../tools/entries.js'
import { ARGUMENTS, binary, type Consumer, node, project, version } from './projects.ts'

// The types with each supported compiler, module resolution, and set of global types.

const NEWEST = '7.0'
export const VERSIONS = ['5.5', '5.6', '5.7', '5.8', '5.9', '6.0', NEWEST]

interface Resolution {
  module: string
  moduleResolution: string
  esModuleInterop?: boolean
  files: string[]
}

const RESOLUTIONS: Record<string, Resolution> = {
  node16: { module: 'node16', moduleResolution: 'node16', files: ['use.mts', 'use.cts'] },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', files: ['use.mts', 'use.cts'] },
  bundler: { module: 'esnext', moduleResolution: 'bundler', files: ['use.mts'] },
  // which does not read `exports`
  node10: { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true, files: ['use.cts'] },
  'node10 without interoperability': {
    module: 'commonjs',
    moduleResolution: 'node10',
    esModuleInterop: false,
    files: ['use.cts'],
  },
  'node10, to bundle': { module: 'esnext', moduleResolution: 'node10', files: ['use.mts'] },
}

/** The resolutions of a compiler: all, or the newest and the oldest. TypeScript 7 does not have node10. */
function resolutionsOf(release: string): [string, Resolution][] {
  const hasAll = ['5.5', '6.0', NEWEST].includes(release)
  return Object.entries(RESOLUTIONS).filter(([name]) => {
    if (name.startsWith('node10') && release === NEWEST) return false
    return hasAll || name === 'nodenext' || name === 'node10'
  })
}

const GLOBALS = {
  'with the types of Node': { lib: ['es2022'], types: ['node'], log: '' },
  'with the types of the DOM': { lib: ['es2022', 'dom', 'dom.iterable'], types: [], log: '' },
  'without either, as in React Native': {
    lib: ['es2022'],
    types: [],
    log: 'declare const console: { log(text: string): void }\n',
  },
}

/** The entries that a CommonJS file can import: older compilers do not allow it to import an ES module. */
const inCommonJS = (specifiers: readonly string[]): string[] =>
  specifiers.filter((specifier) => specifier !== 'sigv4-tools/explain')

/** Uses every entry and the types that an editor shows. */
function program(specifiers: readonly string[], log: string, usesDom: boolean): string {
  return `${specifiers.map((specifier, i) => `import * as entry${i} from '${specifier}'`).join('\n')}
import { isSigV4Error, type PresignedRequest, presignGet, SigV4Error, type SigV4ErrorCode } from 'sigv4'
import { presignGet as presignNow, sign } from 'sigv4/sync'

${log}export const all: object[] = [${specifiers.map((_, i) => `entry${i}`).join(', ')}]

const signed: PresignedRequest = presignNow(${ARGUMENTS})
export const headers: Record<string, string> = signed.headers
export const expiresAt: Date = signed.expiresAt
const request = sign({ method: 'PUT', url: signed.url.split('?')[0]!, body: new Uint8Array(1) }, {
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
})
export const body: Uint8Array | undefined = request.body
${usesDom ? 'export const sendable = (): Promise<Response> => fetch(request.url, request)' : ''}
// @ts-expect-error the region is a string
export const wrong = () => presignNow('https://example.com/', { credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, region: 1 })
export function code(error: unknown): SigV4ErrorCode | string | undefined {
  return isSigV4Error(error) || error instanceof SigV4Error ? error.code : undefined
}
presignGet(${ARGUMENTS}).then(({ url }) => {
  console.log(url)
  console.log(signed.url)
})
`
}

/** What must not compile, of the library, and of the tools, which are ES modules. */
const MISUSED = { '': 'test/support/misused.ts', 'tools-': 'packages/sigv4-tools/test/support/misused.ts' }

/** Returns calls that must not compile, with the imports of a user. */
function misused(file: string): string {
  const specifiers = new Map(Object.entries(SOURCES).map(([specifier, source]) => [join(ROOT, source), specifier]))
  return readFileSync(join(ROOT, file), 'utf8').replace(
    /(?<=from ')\.[^']+/g,
    (source) => specifiers.get(join(ROOT, dirname(file), source))!,
  )
}

/** The aliases, and the names of the packages that they replace. */
const ALIASES = { aws4: 'aws4', aws4fetch: 'aws4fetch', 'smithy-signature-v4': '@smithy/signature-v4' }

/** Uses the packages that the aliases replace, in every form of import. */
function replaced(isCommonJS: boolean): string {
  return `import byDefault, * as star from 'aws4'
import { type Credentials, type Request, RequestSigner, sign } from 'aws4'
import { AwsClient, AwsV4Signer } from 'aws4fetch'
import * as fetchStar from 'aws4fetch'
import { createScope, getSigningKey, SignatureV4, SignatureV4Base, type SignatureV4Init, signatureV4aContainer } from '@smithy/signature-v4'
import * as smithyStar from '@smithy/signature-v4'
${isCommonJS ? "import required = require('aws4')" : 'const required = star'}
const credentials: Credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
const request: Request = { host: 'sqs.eu-west-1.amazonaws.com', path: '/', headers: { Date: 'Mon, 31 Aug 2015 12:36:00 GMT' } }
const signed: unknown[] = [star, byDefault, required, { sign }].map((each) => each.sign({ ...request }, credentials).headers)
signed.push(new RequestSigner({ ...request }, credentials).sign().headers)
const init: SignatureV4Init = { credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, region: 'a', service: 'b' }
const signer: SignatureV4Base = new SignatureV4(init)
const client: AwsClient = new fetchStar.AwsClient({ accessKeyId: 'a', secretAccessKey: 'b' })
const names: unknown[] = [AwsV4Signer, getSigningKey, signatureV4aContainer, smithyStar.SignatureV4Base, createScope('a', 'b', 'c')]
if (new Set(signed.map((headers) => JSON.stringify(headers))).size !== 1) throw new Error('The headers differ.')
if (!(signer instanceof SignatureV4 && client instanceof AwsClient && names.every((name) => name))) throw new Error('A name is missing.')
// @ts-expect-error a method is a string
export const wrongMethod = () => sign({ host: 'a', method: 5 })
// @ts-expect-error the service is missing
export const wrongInit = () => new SignatureV4({ credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, region: 'a' })
`
}

/** The compilers. */
export function typescriptConsumers(specifiers: readonly string[]): Consumer[] {
  return VERSIONS.map((release) => {
    const name = `typescript-${release}`
    return {
      name: `TypeScript ${release}`,
      version: version(name),
      async run(folder) {
        const projects: string[] = []
        const outputs: string[] = []
        for (const [alias, replaces] of Object.entries(ALIASES))
          cpSync(join(ROOT, 'packages', alias), join(folder, 'node_modules', replaces), { recursive: true })
        for (const [resolution, { files, ...options }] of resolutionsOf(release))
          for (const [globals, { log, ...set }] of Object.entries(GLOBALS)) {
            const isOfNode = set.types.length > 0
            if (!isOfNode && resolution.startsWith('node10')) continue
            const name = `${resolution}-${globals}`.replace(/\W+/g, '-')
            const compilerOptions = {
              ...options,
              ...set,
              ...(resolution.startsWith('node10') && release === '6.0' ? { ignoreDeprecations: '6.0' } : {}),
              target: 'es2022',
              strict: true,
              exactOptionalPropertyTypes: true,
              skipLibCheck: false,
              skipDefaultLibCheck: true,
              rootDir: '.',
              outDir: 'out',
            }
            const texts = Object.fromEntries(
              files.flatMap((file) => {
                const isCommonJS = file.endsWith('.cts')
                const own = program(isCommonJS ? inCommonJS(specifiers) : specifiers, log, globals.includes('DOM'))
                const wrong = Object.entries(MISUSED).filter(([name]) => name === '' || !isCommonJS)
                const others = [
                  [`replaced-${file}`, replaced(isCommonJS)],
                  ...wrong.map(([name, path]) => [`${name}misused-${file}`, misused(path)]),
                ]
                return [[file, own], ...(isOfNode ? others : [])]
              }),
            )
            project(join(folder, name), {
              'package.json': '{ "type": "module" }',
              'tsconfig.json': JSON.stringify({ compilerOptions, files: Object.keys(texts) }),
              ...texts,
            })
            projects.push(name)
            outputs.push(...Object.keys(texts).map((file) => `./${name}/out/${file.replace(/ts$/, 'js')}`))
          }
        await node(folder, [binary(name, 'tsc'), '-b', ...projects])
        const load = outputs.map((file) => `await import('${file}')`).join('\n')
        const printed = [await node(folder, ['--input-type=module', '--eval', load])]
        return { printed }
      },
    }
  })
}
