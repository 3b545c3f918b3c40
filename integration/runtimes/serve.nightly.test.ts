import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Packed, pack } from '../../test/support/packed.ts'
import { fromNpm, MODULES, WITHIN } from './engines.ts'
import { runToEnd } from './process.ts'

// sigv4-tools/serve, which other engines than Node run with their own versions of the modules of Node.

const PROGRAM = `
import { presignGet, presignPost, presignPut, sign, toFormData } from 'sigv4'
import { serve } from 'sigv4-tools/serve'

const log = []
const server = await serve({ log: (entry) => log.push(entry) })
const { url: endpoint, credentials } = server
const target = { bucket: 'photos', key: 'a b/é.txt', region: 'eu-west-1', endpoint }
const statuses = []
const send = async (url, init) => {
  const response = await fetch(url, init)
  statuses.push(response.status)
  return response.text()
}
const put = await presignPut(target, { credentials })
await send(put.url, { ...put, body: 'x'.repeat(100_000) })
const get = await presignGet(target, { credentials })
const { length } = await send(get.url)
await send(get.url + '&a=1')
const post = await presignPost({ bucket: 'photos', keyPrefix: 'u/', region: 'eu-west-1', endpoint }, { credentials })
await send(post.url, { method: 'POST', body: toFormData(post, new File(['abc'], 'f.txt')) })
const remove = await sign({ method: 'DELETE', url: endpoint + '/photos/none' }, { credentials, region: 'us-east-1', service: 's3' })
await send(remove.url, remove)
const inUse = await serve({ port: server.port }).catch(({ code }) => code)
await Promise.all([server.close(), server[Symbol.asyncDispose]()])
const closed = await fetch(endpoint).catch(() => 'closed')
console.log(JSON.stringify([statuses, length, inUse, closed, log.length]))
`

let packed: Packed
beforeAll(async () => {
  packed = await pack()
  writeFileSync(join(packed.folder, 'serve.mjs'), PROGRAM)
}, 120_000)
afterAll(() => packed?.remove())

it.for<[name: string, file: string, args: string[]]>([
  ['node22', 'bin/node', []],
  ['node26', 'bin/node', []],
  ['@oven/bun-linux-x64', 'bin/bun', []],
  ['@deno/linux-x64-glibc', 'deno', ['run', '--allow-net', '--allow-env', '--allow-sys']],
])('%s runs the server', async ([name, file, args], { skip }) => {
  const { missing } = fromNpm(name)
  if (missing && !process.env.CI) skip(`NOT RUN: ${missing}`)
  const command = { file: join(MODULES, name, file), args: [...args, 'serve.mjs'], cwd: packed.folder }
  const { status, output } = await runToEnd(command, WITHIN)
  expect([status, output.trim()]).toEqual([
    0,
    JSON.stringify([[200, 200, 403, 204, 204], 100_000, 'EADDRINUSE', 'closed', 5]),
  ])
})
