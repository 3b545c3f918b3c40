import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { vi } from 'vitest'
import { type VerifiedRequest, verify, verifyPost } from '../../src/verify.ts'
import { ROOT } from '../../test/support/packed.ts'
import { credentials, HERE } from './rows.ts'

// Runs the programs of the guides, and verifies what they send.

const FENCE = /^```diff\n(.*?)^```$/gms
const ENTRIES = ['index', 'sync', 'aws4', 'aws4fetch', 'fetch', 'smithy']

/** Returns the programs of a page: each before and after the change that its fence shows. */
export function programsOf(page: string): { before: string; after: string }[] {
  return [...page.matchAll(FENCE)].map(([, diff]) => {
    const without = (mark: string): string =>
      diff!
        .split('\n')
        .filter((line) => line[0] !== mark)
        .map((line) => line.slice(1))
        .join('\n')
    return { before: without('+'), after: without('-') }
  })
}

/** Returns the examples of a page, with what they leave out. */
export function examplesOf(page: string): string[] {
  const given = `const credentials = ${JSON.stringify(credentials)}\n`
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => given + code)
}

/** What a program sent, and who signed it. */
export interface Sent {
  method: string
  address: string
  body: unknown
  signer: string
}

/** Runs a program on the sources of this package, and returns its verified requests. */
export async function run(program: string): Promise<Sent[]> {
  const folder = join(HERE, '.cache')
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `program-${Math.random()}.mjs`)
  await build({
    stdin: { contents: program, resolveDir: HERE },
    outfile,
    bundle: true,
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    alias: Object.fromEntries(
      ENTRIES.map((entry) => [entry === 'index' ? 'sigv4' : `sigv4/${entry}`, join(ROOT, `src/${entry}.ts`)]),
    ),
  })
  const sent: Sent[] = []
  vi.stubGlobal('fetch', async (input: string | Request, init: RequestInit = {}) => {
    if (typeof input === 'string') sent.push(await receive(new URL(input), init))
    else {
      const request = new Request(input, init)
      const { method, headers } = request
      sent.push(await receive(new URL(request.url), { method, headers, body: await request.text() }))
    }
    return Response.json({})
  })
  // the adapter for Node sends nothing that can be replaced
  const { default: axios } = await import(
    /* @vite-ignore */ pathToFileURL(join(HERE, 'node_modules/axios/index.js')).href
  )
  axios.defaults.adapter = 'fetch'
  vi.spyOn(console, 'log').mockImplementation(() => {})
  try {
    await import(/* @vite-ignore */ pathToFileURL(outfile).href)
    return sent
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    rmSync(outfile)
  }
}

async function receive({ host, origin, pathname, search }: URL, init: RequestInit): Promise<Sent> {
  const body = init.body instanceof ArrayBuffer ? Buffer.from(init.body).toString() : init.body
  const { method = body ? 'POST' : 'GET' } = init
  if (body instanceof FormData) {
    const { accessKeyId } = await verifyPost(body, { credentials: lookup, bucket: 'photos' })
    return { method, address: origin, body: undefined, signer: accessKeyId }
  }
  const headers = { ...Object.fromEntries(new Headers(init.headers)), host }
  const request = { method, url: pathname + search, headers, ...(typeof body === 'string' && { body }) }
  const { accessKeyId }: VerifiedRequest = await verify(request, { credentials: lookup, allowUnsignedPayload: true })
  return { method, address: origin + pathname, body, signer: accessKeyId }
}

const lookup = (id: string): string | undefined =>
  id === credentials.accessKeyId ? credentials.secretAccessKey : undefined
