import { join } from 'node:path'
import { start } from '../runtimes/process.ts'
import { freePort, untilReady } from '../support/starting.ts'
import { ARGUMENTS, ASYNC, binary, type Consumer, HERE, node, project, SYNC, version } from './projects.ts'

const required = (text: string): string => text.replace(/import (\{.*\}) from ('.*')/, 'const $1 = require($2)')

/** Node: both entries, imported and required. */
export const nodeConsumer = (): Consumer => ({
  name: 'Node, import and require',
  version: process.version.slice(1),
  async run(folder) {
    const files = { 'a.mjs': ASYNC, 'b.mjs': SYNC, 'c.cjs': required(ASYNC), 'd.cjs': required(SYNC) }
    project(folder, files)
    const printed: string[] = []
    for (const name of Object.keys(files)) printed.push(await node(folder, [name]))
    return { printed }
  },
})

/** Jest with CommonJS, whose environments are separate realms. The jsdom environment lacks Web Crypto and TextEncoder. */
export const jestConsumer = (environment: 'node' | 'jsdom'): Consumer => ({
  name: `Jest, CommonJS, ${environment}`,
  version: version('jest'),
  async run(folder) {
    const sync = `
test('presigns synchronously', () => {
  const { presignGet } = require('sigv4/sync')
  process.stdout.write(presignGet(${ARGUMENTS}).url + '\\n')
})
test('takes bytes of this realm', () => {
  const { sign } = require('sigv4/sync')
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const url = 'https://b.s3.amazonaws.com/a'
  const [one, other] = [new Uint8Array([97]), 'a'].map((body) => sign({ url, body }, { credentials, now: 0 }))
  expect(one.headers).toEqual(other.headers)
  expect(() => sign({ url: 1 }, { credentials })).toThrow()
})
`
    const more = `
test('presigns', async () => {
  const { presignGet, isSigV4Error } = require('sigv4')
  process.stdout.write((await presignGet(${ARGUMENTS})).url + '\\n')
  const error = await presignGet('https://example.com/', { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }).catch((e) => e)
  expect(isSigV4Error(error)).toBe(true)
})
`
    project(folder, {
      'package.json': '{}',
      'use.test.js': sync + more,
      'jest.config.json': JSON.stringify({
        testEnvironment: environment === 'node' ? 'node' : join(HERE, 'node_modules/jest-environment-jsdom'),
        transform: {},
        rootDir: '.',
        haste: { enableSymlinks: false },
        cacheDirectory: 'cache',
      }),
    })
    const output = await node(folder, [
      binary('jest'),
      '--config',
      'jest.config.json',
      '--runInBand',
      '--ci',
      '--silent=false',
    ])
    return { printed: output.match(/https:\S+/g) ?? [] }
  },
})

/** Next.js: builds a route for its edge runtime, and requests it. */
export const nextConsumer = (): Consumer => ({
  name: 'Next.js, edge route',
  version: version('next'),
  async run(folder) {
    project(folder, {
      'package.json': '{ "private": true, "type": "module" }',
      'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(HERE)} }, experimental: { cpus: 1 } }`,
      'app/presign/route.js': `import { presignGet } from 'sigv4'
import { presignGet as presignNow } from 'sigv4/sync'
export const runtime = 'edge'
export const dynamic = 'force-dynamic'
export async function GET() {
  return new Response((await presignGet(${ARGUMENTS})).url + '\\n' + presignNow(${ARGUMENTS}).url)
}
`,
    })
    const env = { NEXT_TELEMETRY_DISABLED: '1', NEXT_IGNORE_INCORRECT_LOCKFILE: '1' }
    await node(folder, [binary('next'), 'build'], env)
    const port = await freePort()
    const server = start({
      file: process.execPath,
      args: [binary('next'), 'start', '--port', String(port), '--hostname', '127.0.0.1'],
      cwd: folder,
      env,
    })
    try {
      const response = await untilReady(server, () => fetch(`http://127.0.0.1:${port}/presign`))
      const text = await response.text()
      if (!response.ok) throw new Error(`${response.status}: ${server.output()}`)
      return { printed: text.split('\n') }
    } finally {
      await server.stop()
    }
  },
})
