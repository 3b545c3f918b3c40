import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { dirname, join, relative, sep } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { sigv4a } from '../../src/sigv4a.ts'
import { presignPut, sign } from '../../src/sync.ts'
import { verify, verifyPost } from '../../src/verify.ts'
import { ROOT } from '../../test/support/packed.ts'
import { PROGRAMS, bundle as programBundle, weight } from '../programs.ts'
import { CREDENTIALS, FOLDER, type Package, presignNow } from './packages.ts'

/** A row of the comparison: whether a package can do it, found out by running it. */
export type Feature = readonly [name: string, test: (each: Package) => boolean | Promise<boolean>]

async function isRejected(call: () => unknown): Promise<boolean> {
  try {
    await call()
    return false
  } catch {
    return true
  }
}

const empty = { accessKeyId: '', secretAccessKey: '' }

export const FEATURES: readonly Feature[] = [
  ['Synchronous functions', (each) => typeof presignNow(each) === 'string'],
  ['Works on `http://` pages', runsInsecurely],
  ['Region and service from the host', (each) => regionFromHost(each)],
  ['Unknown host is an error', (each) => isRejected(() => each.presign({ host: 'files.example.com' }))],
  ['Empty credentials are an error', (each) => isRejected(() => each.presign({ credentials: empty }))],
  ['Expiry over 7 days is an error', (each) => isRejected(() => each.presign({ expires: 604_801 }))],
  ['Keys with `..` reach S3 unchanged', keepsKeys],
  ['POST forms', signsForms],
  ['Plans multipart uploads', plansParts],
  ['Verifies requests', verifies],
  ['Explains rejections', explains],
  ['Signs event streams', signsEvents],
  ['Signs uploads in chunks', signsChunks],
  ['Signature Version 4a', signsForRegions],
  ['Tokens for databases, Kafka, Kubernetes', createsTokens],
  ['Sends and retries requests', retries],
]

async function regionFromHost(each: Package): Promise<boolean> {
  const presign = (): string | Promise<string> => each.presign({ host: 'photos.s3.eu-west-1.amazonaws.com' })
  return !(await isRejected(presign)) && (await presign()).includes('%2Feu-west-1%2Fs3%2F')
}

/** Whether the URL of a key with dot segments still names that key after a URL parser has read it. */
async function keepsKeys(each: Package): Promise<boolean> {
  return decodeURIComponent(new URL(await each.presign({ key: 'a/../b' })).pathname) === '/a/../b'
}

/** Whether a form is signed and limits the size of the file. */
async function signsForms({ abilities }: Package): Promise<boolean> {
  if (!abilities?.form) return false
  const { fields } = await abilities.form()
  const accept = { credentials: () => CREDENTIALS.secretAccessKey, bucket: 'photos', filename: 'cat.jpg' }
  await verifyPost(fields, { ...accept, size: 1000 })
  return isRejected(() => verifyPost(fields, { ...accept, size: 1001 }))
}

/** Whether an object is divided into parts that S3 accepts. */
async function plansParts({ abilities }: Package): Promise<boolean> {
  if (!abilities?.parts) return false
  const lengths = await abilities.parts(100_000_000_000)
  return lengths.length <= 10_000 && lengths.reduce((sum, length) => sum + length, 0) === 100_000_000_000
}

const URL_ = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'

/** Whether a valid request is accepted, and a changed one rejected. */
async function verifies({ abilities }: Package): Promise<boolean> {
  if (!abilities?.verify) return false
  const { headers } = sign({ url: URL_ }, { credentials: CREDENTIALS })
  const sent = { ...headers, host: new URL(URL_).host }
  await abilities.verify({ url: URL_, headers: sent })
  return isRejected(() => abilities.verify!({ url: `${URL_}2`, headers: sent }))
}

/** Whether a changed header is found to be the cause. */
async function explains({ abilities }: Package): Promise<boolean> {
  if (!abilities?.explain) return false
  const { method, url, headers } = presignPut(URL_, { credentials: CREDENTIALS, contentType: 'image/jpeg' })
  const sent = { ...headers, host: new URL(URL_).host, 'content-type': 'image/png' }
  return (await abilities.explain({ method, url, headers: sent })) === 'header-changed'
}

async function signsEvents({ abilities }: Package): Promise<boolean> {
  if (!abilities?.event) return false
  return /^[\da-f]{64}$/.test(String(await abilities.event(new Uint8Array([1, 2, 3]))))
}

/** Whether a body is encoded in signed chunks, of which none may change. */
async function signsChunks({ abilities }: Package): Promise<boolean> {
  if (!abilities?.chunks) return false
  const { url, headers, body } = await abilities.chunks(new Uint8Array(100_000))
  const sent = { method: 'PUT', url, headers: { ...headers, host: new URL(url).host } }
  const accept = { credentials: () => CREDENTIALS.secretAccessKey }
  await verify({ ...sent, body }, accept)
  const changed = body.slice()
  changed[90_000] = 1
  return isRejected(() => verify({ ...sent, body: changed }, accept))
}

/** Whether a URL is valid in several regions. */
async function signsForRegions({ abilities }: Package): Promise<boolean> {
  if (!abilities?.regions) return false
  const url = await abilities.regions()
  const accept = { credentials: () => CREDENTIALS.secretAccessKey, algorithms: [sigv4a], region: 'ap-south-1' }
  const { scope } = await verify({ method: 'GET', url, headers: { host: new URL(url).host } }, accept)
  return scope.region === '*'
}

/** Whether a password for Amazon RDS has the signature that botocore creates. */
async function createsTokens({ abilities }: Package): Promise<boolean> {
  const token = await abilities?.token?.(new Date('2015-08-30T12:36:00Z'))
  return token?.includes('X-Amz-Signature=9cf0f7d1') ?? false
}

/** Whether a signed request is sent again after an error of the server. */
async function retries({ abilities }: Package): Promise<boolean> {
  if (!abilities?.send) return false
  const signed: boolean[] = []
  const server = createServer(({ headers }, response) => {
    signed.push(headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false)
    response.writeHead(signed.length > 1 ? 200 : 503).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const { port } = server.address() as AddressInfo
    return (await abilities.send(`http://127.0.0.1:${port}/`)) === 200 && signed.join() === 'true,true'
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const OPTIONS = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  write: false,
  legalComments: 'none',
  logLevel: 'silent',
} as const

interface Bundle {
  readonly code: string
  readonly isForNode: boolean
}

/** Bundles a program for browsers, or for Node if it imports modules of Node. */
async function bundled(program: string): Promise<Bundle> {
  for (const platform of ['browser', 'node'] as const)
    try {
      const stdin = { contents: program, resolveDir: FOLDER }
      const { outputFiles } = await build({ ...OPTIONS, platform, stdin })
      return { code: outputFiles![0]!.text, isForNode: platform === 'node' }
    } catch (error) {
      if (platform === 'node') throw error
    }
  throw new Error('unreachable')
}

/** Bundles the program of this package that uses a function alone. */
async function ownBundle(name: string, specifier: string): Promise<Bundle> {
  const program = PROGRAMS.find(([what, from]) => what.startsWith(name) && from === specifier)!
  return { code: await programBundle(program, ROOT, { minify: true, tsconfigRaw: {} }), isForNode: false }
}

/** Programs whose size is compared: one per package, and the function that this package has for it. */
export const SIZES = [
  ['Size', 'program', 'presignPut', 'sigv4'],
  ['Size, sending requests', 'sender', 'createSignedFetch', 'sigv4/fetch'],
  ['Size, POST forms', 'form', 'presignPost', 'sigv4'],
] as const

/** Kilobytes of a bundle, minified and gzipped, or a dash if a package has no such program. */
export async function size(each: Package, [, kind, ownName, entry]: (typeof SIZES)[number]): Promise<string> {
  const program = each[kind]
  if (!program && each.program) return '–'
  const { code, isForNode } = await (program ? bundled(program) : ownBundle(ownName, entry))
  return `${(weight(code) / 1000).toFixed(1)} kB${isForNode ? ', Node only' : ''}`
}

/** Size of what is installed for all programs, with dependencies; of this package, what is packed. */
export function installedSize({ program, sender = '', form = '' }: Package): string {
  const bytes =
    program === undefined
      ? packedSize()
      : sizeOf(namesIn([program, sender, form].join('\n')), createRequire(join(FOLDER, 'package.json')))
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** The block of a file system, as `du` counts files and folders. */
const BLOCK = 4096
const blocks = (bytes: number): number => Math.ceil(bytes / BLOCK) * BLOCK

function packedSize(): number {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const [{ files }] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }))
  const folders = new Set(files.map(({ path }: { path: string }) => dirname(path)))
  return files.reduce((sum: number, { size }: { size: number }) => sum + blocks(size), folders.size * BLOCK)
}

/** The packages that programs import. */
const namesIn = (program: string): string[] => [...program.matchAll(/ from '([^']+)'/g)].map(([, name]) => name!)

/** Returns the bytes of packages and of their dependencies, each of them once. */
function sizeOf(names: readonly string[], from: NodeJS.Require, seen = new Set<string>()): number {
  let bytes = 0
  for (const name of names) {
    const folder = from.resolve
      .paths(name)!
      .map((path) => join(path, name))
      .find((path) => existsSync(join(path, 'package.json')))!
    if (seen.has(folder)) continue
    seen.add(folder)
    bytes += BLOCK
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (!relative(folder, join(entry.parentPath, entry.name)).split(sep).includes('node_modules'))
        bytes += entry.isFile() ? blocks(statSync(join(entry.parentPath, entry.name)).size) : BLOCK
    const manifest = join(folder, 'package.json')
    bytes += sizeOf(
      Object.keys(JSON.parse(readFileSync(manifest, 'utf8')).dependencies ?? {}),
      createRequire(manifest),
      seen,
    )
  }
  return bytes
}

/** Whether a package presigns in a realm like that of an `http://` page: without `crypto.subtle`, `Buffer` and `process`. */
async function runsInsecurely(each: Package): Promise<boolean> {
  const { code, isForNode } = await (each.program ? bundled(each.program) : ownBundle('presignPut', 'sigv4/sync'))
  if (isForNode) return false
  const printed: unknown[] = []
  const context = createContext({
    ...{ URL, URLSearchParams, TextEncoder, TextDecoder, Headers, Request, Response, ReadableStream },
    crypto: { getRandomValues: (array: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(array) },
    ...{ setTimeout, clearTimeout, AbortController, structuredClone, queueMicrotask },
    console: { log: (value: unknown) => printed.push(value), warn: () => {} },
  })
  try {
    // The bundle imports and exports nothing, so it can be the body of a function.
    await runInContext(`(async () => {${code}\n})()`, context)
  } catch {
    return false
  }
  return /[\da-f]{64}/.test(JSON.stringify(printed))
}
