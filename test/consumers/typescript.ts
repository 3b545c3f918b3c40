import { join } from 'node:path'
import { ARGUMENTS, binary, type Consumer, node, project, version } from './projects.ts'

// The types with each supported compiler, module resolution, and set of global types.

const NEWEST = '7.0'
export const VERSIONS = ['5.5', '5.6', '5.7', '5.8', '5.9', '6.0', NEWEST]

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16', files: ['use.mts', 'use.cts'] },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', files: ['use.mts', 'use.cts'] },
  bundler: { module: 'esnext', moduleResolution: 'bundler', files: ['use.mts'] },
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
  specifiers.filter((specifier) => specifier !== 'sigv4/explain')

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

/** The compilers, with all resolutions for the oldest and the newest. */
export function typescriptConsumers(specifiers: readonly string[]): Consumer[] {
  return VERSIONS.map((release) => {
    const name = `typescript-${release}`
    const isEdge = ['5.5', '6.0', NEWEST].includes(release)
    const resolutions = Object.entries(RESOLUTIONS).filter(([key]) => isEdge || key === 'nodenext')
    return {
      name: `TypeScript ${release}`,
      version: version(name),
      async run(folder) {
        const projects: string[] = []
        const outputs: string[] = []
        for (const [resolution, { files, ...options }] of resolutions)
          for (const [globals, { log, ...set }] of Object.entries(GLOBALS)) {
            const name = `${resolution}-${globals.replace(/\W+/g, '-')}`
            const compilerOptions = {
              ...options,
              ...set,
              target: 'es2022',
              strict: true,
              exactOptionalPropertyTypes: true,
              skipLibCheck: false,
              skipDefaultLibCheck: true,
              rootDir: '.',
              outDir: 'out',
            }
            const text = (file: string): string =>
              program(file.endsWith('.cts') ? inCommonJS(specifiers) : specifiers, log, globals.includes('DOM'))
            project(join(folder, name), {
              'package.json': '{ "type": "module" }',
              'tsconfig.json': JSON.stringify({ compilerOptions, files }),
              ...Object.fromEntries(files.map((file) => [file, text(file)])),
            })
            projects.push(name)
            outputs.push(...files.map((file) => `./${name}/out/${file.replace('ts', 'js')}`))
          }
        await node(folder, [binary(name, 'tsc'), '-b', ...projects])
        const load = outputs.map((file) => `await import('${file}')`).join('\n')
        const printed = [await node(folder, ['--input-type=module', '--eval', load])]
        return { printed }
      },
    }
  })
}
