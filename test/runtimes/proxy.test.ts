import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Packed, pack } from '../support/packed.ts'
import { fromNpm, MODULES, WITHIN } from './engines.ts'
import { runToEnd } from './process.ts'

// sigv4/proxy, which other engines than Node run with their own versions of the modules of Node.

const PROGRAM = `
import { sign } from 'sigv4'
import { proxy } from 'sigv4/proxy'
import { serve } from 'sigv4/serve'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const server = await serve({ credentials, region: 'us-east-1' })
const common = { upstream: server.url, credentials, service: 's3', region: 'us-east-1' }
const statuses = []
const send = async (url, init) => {
  const response = await fetch(url, init)
  statuses.push(response.status)
  return response.text()
}
const signing = await proxy(common)
for (const size of [0, 5, 3_000_000]) {
  await send(signing.url + '/photos/a%20b', { method: 'PUT', body: 'x'.repeat(size) })
  statuses.push((await send(signing.url + '/photos/a%20b')).length)
}
await send(signing.url + '/photos/none')
await send(signing.url, { headers: { 'sec-fetch-site': 'cross-site' } })
const resigning = await proxy({ ...common, mode: 'resign' })
const put = { method: 'PUT', url: resigning.url + '/photos/c', body: 'abc' }
const signed = await sign(put, { credentials: resigning.clientCredentials, service: 's3', region: 'us-east-1' })
await send(signed.url, signed)
await send(signed.url, { ...signed, body: 'abd' })
let entry
const watching = await proxy({ upstream: server.url, mode: 'watch', credentials, log: (each) => { entry = each } })
const { url, ...init } = await sign({ ...put, url: watching.url + '/photos/d' }, { credentials, service: 's3', region: 'us-east-1' })
await send(url + '?a=1', init)
for (let i = 0; i < 100 && !entry; i++) await new Promise((resolve) => setTimeout(resolve, 20))
await Promise.all([signing, resigning, watching, server].map((each) => each.close()))
const closed = await fetch(signing.url).catch(() => 'closed')
console.log(JSON.stringify([statuses, entry.verdict, entry.cause, closed]))
`

const STATUSES = [200, 200, 0, 200, 200, 5, 200, 200, 3_000_000, 404, 403, 200, 400, 403]

let packed: Packed
beforeAll(async () => {
  packed = await pack()
  writeFileSync(join(packed.folder, 'proxy.mjs'), PROGRAM)
}, 120_000)
afterAll(() => packed?.remove())

it.for<[name: string, file: string, args: string[]]>([
  ['node22', 'bin/node', []],
  ['node26', 'bin/node', []],
  ['@oven/bun-linux-x64', 'bin/bun', []],
  [
    '@deno/linux-x64-glibc',
    'deno',
    ['run', '--allow-net', '--allow-env', '--allow-sys', '--allow-read', '--allow-write'],
  ],
])('%s runs the proxy', async ([name, file, args], { skip }) => {
  const { missing } = fromNpm(name)
  if (missing && !process.env.CI) skip(`NOT RUN: ${missing}`)
  const command = { file: join(MODULES, name, file), args: [...args, 'proxy.mjs'], cwd: packed.folder }
  const { status, output } = await runToEnd(command, WITHIN)
  expect([status, output.trim()]).toEqual([0, JSON.stringify([STATUSES, 'wrong', 'query-extra', 'closed'])])
})
