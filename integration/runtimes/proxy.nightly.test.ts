import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Packed, pack } from '../../test/support/packed.ts'
import { fromNpm, MODULES, WITHIN } from './engines.ts'
import { runToEnd } from './process.ts'

// sigv4-tools/proxy, which other engines than Node run with their own versions of the modules of Node.

const PROGRAM = `
import { sign } from 'sigv4'
import { proxy } from 'sigv4-tools/proxy'
import { serve } from 'sigv4-tools/serve'

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
while (!entry) await new Promise((resolve) => setTimeout(resolve, 20))
await Promise.all([signing, resigning, watching, server].map((each) => each.close()))
const closed = await fetch(signing.url).catch(() => 'closed')
console.log(JSON.stringify([statuses, entry.verdict, entry.cause, closed]))
`

/** Sends requests that servers read in different ways; prints the statuses, and what arrives at the upstream. */
const AMBIGUOUS = `
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { proxy } from 'sigv4-tools/proxy'

const arrived = []
const upstream = createServer((request, response) => {
  arrived.push(request.url)
  response.end()
})
await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve))
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const url = 'http://127.0.0.1:' + upstream.address().port
const { port, close } = await proxy({ upstream: url, credentials, service: 'es', region: 'eu-west-1' })
const exchange = (bytes) => new Promise((resolve) => {
  let text = ''
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  socket.on('data', (data) => { text += data }).on('error', () => {}).on('close', () => resolve(text))
  setTimeout(() => socket.destroy(), 3000)
})
const results = {}
for (const [name, bytes] of Object.entries(JSON.parse(process.env.REQUESTS))) {
  const text = await exchange(bytes)
  const statuses = [...text.matchAll(/HTTP\\/1\\.1 (\\d+)/g)].map(([, status]) => Number(status))
  results[name] = [statuses.join(), ...arrived.splice(0)].join(' ')
}
console.log(JSON.stringify(results))
process.exit()
`

const HEAD = 'Host: localhost\r\nConnection: close\r\n'
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'
const REQUESTS: Record<string, string> = {
  'none of them': `GET /a HTTP/1.1\r\n${HEAD}\r\n`,
  'a length and chunks': `POST /a HTTP/1.1\r\n${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
  'two lengths': `POST /a HTTP/1.1\r\n${HEAD}Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'a folded header': `GET /a HTTP/1.1\r\n${HEAD}X-A: 1\r\n X-B: 2\r\n\r\n`,
  'a bare line feed': `GET /a HTTP/1.1\r\n${HEAD}X-A: 1\nX-B: 2\r\n\r\n`,
  'two hosts': `GET /a HTTP/1.1\r\nHost: evil.example\r\n${HEAD}\r\n`,
  'two hosts, the first of the proxy': `GET /a HTTP/1.1\r\n${HEAD}Host: evil.example\r\n\r\n`,
  'an absolute target': `GET http://evil.example/a HTTP/1.1\r\n${HEAD}\r\n`,
  'a space before the colon': `GET /a HTTP/1.1\r\n${HEAD}X-A : 1\r\n\r\n`,
  'a signed length': `POST /a HTTP/1.1\r\n${HEAD}Content-Length: +1\r\n\r\na`,
  'a different transfer encoding': `POST /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
}

const STATUSES = [200, 200, 0, 200, 200, 5, 200, 200, 3_000_000, 404, 403, 200, 400, 403]

let packed: Packed
beforeAll(async () => {
  packed = await pack()
  writeFileSync(join(packed.folder, 'proxy.mjs'), PROGRAM)
  writeFileSync(join(packed.folder, 'ambiguous.mjs'), AMBIGUOUS)
}, 120_000)
afterAll(() => packed?.remove())

const ENGINES: [name: string, file: string, args: string[]][] = [
  ['node22', 'bin/node', []],
  ['node26', 'bin/node', []],
  ['@oven/bun-linux-x64', 'bin/bun', []],
  [
    '@deno/linux-x64-glibc',
    'deno',
    ['run', '--allow-net', '--allow-env', '--allow-sys', '--allow-read', '--allow-write'],
  ],
]

it.for(ENGINES)('%s runs the proxy', async ([name, file, args], { skip }) => {
  const { missing } = fromNpm(name)
  if (missing && !process.env.CI) skip(`NOT RUN: ${missing}`)
  const command = { file: join(MODULES, name, file), args: [...args, 'proxy.mjs'], cwd: packed.folder }
  const { status, output } = await runToEnd(command, WITHIN)
  expect([status, output.trim()]).toEqual([0, JSON.stringify([STATUSES, 'wrong', 'query-extra', 'closed'])])
})

it.for(ENGINES)('%s rejects requests that servers read in different ways', async ([name, file, args], { skip }) => {
  const { missing } = fromNpm(name)
  if (missing && !process.env.CI) skip(`NOT RUN: ${missing}`)
  const env = { REQUESTS: JSON.stringify(REQUESTS) }
  const command = { file: join(MODULES, name, file), args: [...args, 'ambiguous.mjs'], cwd: packed.folder, env }
  const { status, output } = await runToEnd(command, WITHIN)
  const rejected = Object.fromEntries(Object.keys(REQUESTS).map((each) => [each, '400']))
  expect([status, JSON.parse(output)]).toEqual([
    0,
    { ...rejected, 'none of them': '200 /a', 'a different transfer encoding': '501' },
  ])
})
