import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { verify } from '../../src/verify.ts'
import { CREDENTIALS } from '../../test/support/credentials.ts'
import { ROOT } from '../../test/support/packed.ts'
import { runToEnd, start } from '../runtimes/process.ts'
import { freePort, untilReady } from '../support/starting.ts'
import { RECIPES } from './compile.ts'

// Runs recipes: in this process, or in the engines of integration/runtimes.

export const credentials = { ...CREDENTIALS }
export const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: 'eu-west-1',
  BUCKET: 'photos',
}
export const lookup = (id: string): string | undefined =>
  id === credentials.accessKeyId ? credentials.secretAccessKey : undefined

const ENGINES = join(ROOT, 'integration/runtimes/node_modules')
const DENO = join(ENGINES, '@deno/linux-x64-glibc/deno')
const BUN = join(ENGINES, '@oven/bun-linux-x64/bin/bun')
const WORKERD = join(ENGINES, '@cloudflare/workerd-linux-64/bin/workerd')
const WITHIN = 60_000

/** Returns what to install, if anything is missing. */
export function missing(): string | undefined {
  const needs: [path: string, command: string][] = [
    [join(RECIPES, 'node_modules/react-native/package.json'), 'npm ci --ignore-scripts --prefix examples/recipes'],
    [
      join(ROOT, 'integration/consumers/node_modules/next/package.json'),
      'npm ci --ignore-scripts --prefix integration/consumers',
    ],
    [WORKERD, 'npm ci --ignore-scripts --prefix integration/runtimes'],
    [join(ROOT, 'dist/index.js'), 'npm run build'],
  ]
  return needs.find(([path]) => !existsSync(path))?.[1]
}

/** Loads a recipe. Its types are those of its platform, which are checked apart from this program. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export const load = (file: string): Promise<any> => import(/* @vite-ignore */ pathToFileURL(join(RECIPES, file)).href)

/** Verifies a presigned request as S3 would, and throws if it is not correct. */
export async function verified(request: { method: string; url: string; headers?: object }): Promise<string> {
  const { host, pathname, search } = new URL(request.url)
  const headers = { ...request.headers, host }
  // a Blob is not a body as servers receive it
  const received = { method: request.method, url: pathname + search, headers }
  const { accessKeyId } = await verify(received, { credentials: lookup })
  return `${host}${decodeURIComponent(pathname)} ${accessKeyId}`
}

function temporary(): string {
  mkdirSync(join(RECIPES, '.cache'), { recursive: true })
  return mkdtempSync(join(RECIPES, '.cache/run-'))
}

type Engine = 'deno' | 'bun' | 'workerd'

/** Starts a recipe as a server in an engine, calls `use` with its URL, and stops it. */
export async function serve<T>(engine: Engine, use: (url: string) => Promise<T>): Promise<T> {
  const port = await freePort()
  const folder = temporary()
  const bucket = await startBucket()
  try {
    if (engine === 'workerd') await writeWorker(folder, port, bucket.port)
    const deno = ['serve', ...denoOptions, '--allow-env', '--host', '127.0.0.1', '--port', String(port), 'deno.ts']
    const { file, args, cwd } = {
      deno: { file: DENO, args: deno, cwd: RECIPES },
      bun: { file: BUN, args: ['bun.ts'], cwd: RECIPES },
      workerd: { file: WORKERD, args: ['serve', 'worker.capnp'], cwd: folder },
    }[engine]
    const env = { ...ENVIRONMENT, ...denoEnvironment(folder), PORT: String(port), DO_NOT_TRACK: '1' }
    const server = start({ file, args, cwd, env })
    try {
      await untilReady(server, () => fetch(`http://127.0.0.1:${port}/`, { method: 'OPTIONS' }))
      return await use(`http://127.0.0.1:${port}`)
    } finally {
      await server.stop()
    }
  } finally {
    bucket.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const denoOptions = ['--no-lock', '--no-remote', '--node-modules-dir=manual']
const denoEnvironment = (folder: string): Record<string, string> => ({ DENO_NO_UPDATE_CHECK: '1', DENO_DIR: folder })

/** Type-checks programs with Deno, which reads the types of a package only if it is installed, not linked. */
export async function denoCheck(...programs: string[]): Promise<{ status: number; output: string }[]> {
  const folder = temporary()
  const installed = join(folder, 'node_modules/sigv4')
  try {
    cpSync(join(ROOT, 'dist'), join(installed, 'dist'), { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'))
    writeFileSync(join(folder, 'package.json'), '{ "dependencies": { "sigv4": "*" } }')
    const results = []
    for (const program of programs) {
      writeFileSync(join(folder, 'deno.ts'), program)
      const args = ['check', ...denoOptions, 'deno.ts']
      results.push(await runToEnd({ file: DENO, args, cwd: folder, env: denoEnvironment(folder) }, WITHIN))
    }
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A bucket that contains a photo, for requests that are signed correctly. */
async function startBucket(): Promise<{ port: number; close(): void }> {
  const server = createServer(async ({ method, url, headers, rawHeaders }, response) => {
    const request = { method: method!, url: url!, headers, rawHeaders }
    const isSigned = await verify(request, { credentials: lookup }).then(
      () => true,
      () => false,
    )
    const { host, range = 'all' } = headers
    response.writeHead(isSigned ? 200 : 403).end(isSigned ? `${range} of ${host}${url}` : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port, close: () => server.close() }
}

/** Writes the Worker, and a configuration in which every outgoing request goes to the bucket. */
async function writeWorker(folder: string, port: number, bucket: number): Promise<void> {
  const outfile = join(folder, 'worker.js')
  await build({ entryPoints: [join(RECIPES, 'workers.ts')], outfile, bundle: true, format: 'esm', logLevel: 'error' })
  const bindings = {
    BUCKET_URL: 'https://photos.s3.eu-west-1.amazonaws.com',
    ACCESS_KEY_ID: credentials.accessKeyId,
    SECRET_ACCESS_KEY: credentials.secretAccessKey,
  }
  const list = Object.entries(bindings).map(([name, text]) => `(name = "${name}", text = "${text}")`)
  writeFileSync(
    join(folder, 'worker.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-11-01",
      bindings = [${list.join(', ')}],
      globalOutbound = "bucket")),
    (name = "bucket", external = (address = "127.0.0.1:${bucket}", http = ()))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]);
`,
  )
}
