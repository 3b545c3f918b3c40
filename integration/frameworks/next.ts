import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { forge } from '../../test/support/attacks/attacker.ts'
import type { Reply } from '../../test/support/hand.ts'
import { ROOT } from '../../test/support/packed.ts'
import { start } from '../runtimes/process.ts'
import { freePort, untilReady } from '../support/starting.ts'
import { type Answered, type App, sendTo } from './app.ts'
import { example } from './documented.ts'
import { CONSUMERS, NEXT } from './packages.ts'

// Next.js with the route handler of the documentation, as `next dev` runs it: a build takes five times as long.

/** Headers that configure the application, because it runs in another process. */
const HOST_OPTION = 'x-test-host'
const MIDDLEWARE = 'x-test-middleware'

/** sigv4/verify, which shows in the response what it returned or threw. */
const OBSERVED = `
import * as original from './src/verify.ts'

export async function verify(request, options) {
  const host = request.headers.get('${HOST_OPTION}') ?? undefined
  const signed = await original.verify(request, { ...options, host })
  return { ...signed, accessKeyId: signed.payload }
}

export function toErrorResponse(error) {
  const { status, body, headers } = original.toErrorResponse(error)
  const { code = 'none', argument = '' } = error
  return { status, body, headers: { ...headers, 'x-code': code, 'x-argument': argument } }
}
`

const PROXY = `
import { NextResponse } from 'next/server'

export function proxy(request) {
  const headers = new Headers(request.headers)
  headers.set('x-request-id', crypto.randomUUID())
  const [name, value] = headers.get('${MIDDLEWARE}')?.split('=') ?? []
  if (name) headers.set(name, value)
  return NextResponse.next({ request: { headers } })
}
`

const OPTIONS = `
const options = {
  credentials: (id) => (id === 'AKIDEXAMPLE' ? 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' : undefined),
  region: 'eu-west-1',
  service: 's3',
}
`

export async function startNext(): Promise<App> {
  mkdirSync(join(CONSUMERS, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(CONSUMERS, '.cache/frameworks-'))
  const files = {
    'package.json': '{ "private": true, "type": "module" }',
    'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(CONSUMERS)} }, devIndicators: false }`,
    'proxy.js': PROXY,
    'app/photos/[...key]/route.js': example('export { handle as GET') + OPTIONS,
    'node_modules/sigv4/package.json': '{ "type": "module", "exports": { "./verify": "./verify.js" } }',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  await build({
    stdin: { contents: OBSERVED, resolveDir: ROOT },
    outfile: join(folder, 'node_modules/sigv4/verify.js'),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    logLevel: 'error',
  })
  const port = await freePort()
  const group = start({
    file: process.execPath,
    args: [NEXT, 'dev', '--port', String(port), '--hostname', '127.0.0.1'],
    cwd: folder,
    env: { NEXT_TELEMETRY_DISABLED: '1', NEXT_IGNORE_INCORRECT_LOCKFILE: '1' },
  })
  const stop = async (): Promise<void> => {
    await group.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    // it compiles the route for the first request
    await untilReady(group, async () => (await sendTo(port, forge())).headers['x-code'])
  } catch (error) {
    await stop()
    throw error
  }
  return {
    async send(forged, { host, middleware }) {
      const headers = [...forged.headers]
      if (host) headers.push([HOST_OPTION, host])
      if (middleware) headers.push([MIDDLEWARE, middleware.join('=')])
      return withOutcome(await sendTo(port, { ...forged, headers }))
    },
    stop,
  }
}

function withOutcome({ status, text, headers }: Reply): Answered {
  const { 'x-code': code, 'x-argument': argument } = headers
  if (code) return { status, text, error: { code, argument } }
  return { status, text, ...(status === 200 && { payload: JSON.parse(text).from }) }
}
