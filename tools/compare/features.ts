import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { ROOT } from '../../test/support/packed.ts'
import { PROGRAMS, bundle as programBundle, weight } from '../programs.ts'
import { FOLDER, load, type Package, presignNow } from './packages.ts'

/** A row of the comparison: whether a package can do it, found out by trying. */
export type Feature = readonly [name: string, test: (each: Package) => boolean | Promise<boolean>]

async function isRejected(call: () => unknown): Promise<boolean> {
  try {
    await call()
    return false
  } catch {
    return true
  }
}

/** Returns whether a package exports a function, or a class with a method, whose name matches. */
async function exportsMatch({ specifiers }: Package, pattern: RegExp): Promise<boolean> {
  const modules = await Promise.all(specifiers.map(load))
  return modules.some((module) =>
    Object.entries({ ...module.default, ...module }).some(
      ([name, value]) =>
        typeof value === 'function' &&
        (pattern.test(name) ||
          Object.getOwnPropertyNames(value.prototype ?? {}).some((method) => pattern.test(method))),
    ),
  )
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
  ['POST forms', (each) => exportsMatch(each, /post/i)],
  ['Multipart uploads', (each) => exportsMatch(each, /multipart/i)],
  ['Verifies requests', (each) => exportsMatch(each, /^verify/i)],
  ['Explains rejections', (each) => exportsMatch(each, /^explain/i)],
  ['Signs event streams', (each) => exportsMatch(each, /^sign(?:Event|Message)/)],
  ['Sends and retries requests', (each) => exportsMatch(each, /^fetch$/)],
]

async function regionFromHost(each: Package): Promise<boolean> {
  const presign = (): string | Promise<string> => each.presign({ host: 'photos.s3.eu-west-1.amazonaws.com' })
  return !(await isRejected(presign)) && (await presign()).includes('%2Feu-west-1%2Fs3%2F')
}

/** Whether the URL of a key with dot segments still names that key after a URL parser has read it. */
async function keepsKeys(each: Package): Promise<boolean> {
  return decodeURIComponent(new URL(await each.presign({ key: 'a/../b' })).pathname) === '/a/../b'
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

/** Bundles the program of a package for browsers, or for Node if it imports modules of Node. */
async function bundled({ program }: Package): Promise<{ code: string; isForNode: boolean }> {
  for (const platform of ['browser', 'node'] as const)
    try {
      const stdin = { contents: program!, resolveDir: FOLDER }
      const { outputFiles } = await build({ ...OPTIONS, platform, stdin })
      return { code: outputFiles![0]!.text, isForNode: platform === 'node' }
    } catch (error) {
      if (platform === 'node') throw error
    }
  throw new Error('unreachable')
}

const ownProgram = (specifier: string) =>
  PROGRAMS.find(([what, from]) => what.startsWith('presignPut') && from === specifier)!

/** Kilobytes of a bundle that presigns a PUT, minified and gzipped. */
export async function size(each: Package): Promise<string> {
  const { code, isForNode } = each.program
    ? await bundled(each)
    : { code: await programBundle(ownProgram('sigv4'), ROOT, { minify: true, tsconfigRaw: {} }), isForNode: false }
  return `${(weight(code) / 1000).toFixed(1)} kB${isForNode ? ', Node only' : ''}`
}

/** Whether a package presigns in a realm like that of an `http://` page: without `crypto.subtle`, `Buffer` and `process`. */
async function runsInsecurely(each: Package): Promise<boolean> {
  const { code, isForNode } = each.program
    ? await bundled(each)
    : { code: await programBundle(ownProgram('sigv4/sync'), ROOT, { minify: true, tsconfigRaw: {} }), isForNode: false }
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
