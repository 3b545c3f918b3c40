// Clients that send signed requests to a local server, which is a process of its own. Options: `rounds`, `count` of requests
// in each; or `contestant`: the first request of this process, and its memory after others.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { credentials, REGION } from './measure/fixture.mjs'
import { isSigned, sha256 } from './measure/oracle.mjs'
import { median, shuffled } from './measure/race.mjs'
import { options, report } from './measure/report.mjs'

const OBJECT = Buffer.alloc(1024, 'a')
const BUCKET = 'photos'
// without a character that is escaped, which aws-sigv4-fetch would escape twice
const keyOf = (i) => `uploads/2026/photo-${i & 1023}.jpg`
const service = 's3'
const region = REGION

/** Responds to every request with the same object, and checks the signature of the first ones of each connection. */
function respond() {
  const checked = new WeakMap()
  const server = createServer((request, response) => {
    const { method, url: path, headers, socket } = request
    const count = checked.get(socket) ?? 0
    checked.set(socket, count + 1)
    const payloadHash = headers['x-amz-content-sha256'] ?? sha256('')
    const isAccepted = count > 2 || isSigned({ method, host: headers.host, path, headers, payloadHash })
    response.writeHead(isAccepted ? 200 : 403, { 'content-type': 'image/jpeg', etag: '"a"' })
    response.end(isAccepted ? OBJECT : '<Error><Code>SignatureDoesNotMatch</Code></Error>')
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
}

/** Each client, and a function that downloads an object completely. */
const contestants = {
  'sigv4/fetch': async (endpoint) => {
    const { createSignedFetch } = await import('../../dist/fetch.js')
    return withFetch(createSignedFetch({ credentials, region, service }), endpoint)
  },
  aws4fetch: async (endpoint) => {
    const { AwsClient } = await import('aws4fetch')
    const client = new AwsClient({ ...credentials, region, service })
    return withFetch((url) => client.fetch(url), endpoint)
  },
  'aws-sigv4-fetch': async (endpoint) => {
    const { createSignedFetcher } = await import('aws-sigv4-fetch')
    return withFetch(createSignedFetcher({ credentials, region, service }), endpoint)
  },
  'aws-sdk v3': async (endpoint) => {
    const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3')
    const requestHandler = { httpAgent: { maxSockets: 128 } }
    const client = new S3Client({ credentials, region, endpoint, forcePathStyle: true, requestHandler })
    return async (i) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: keyOf(i) }))
      return (await Body.transformToByteArray()).length
    }
  },
}

function withFetch(send, endpoint) {
  return async (i) => {
    const response = await send(`${endpoint}/${BUCKET}/${keyOf(i)}`)
    if (!response.ok) throw new Error(await response.text())
    return (await response.arrayBuffer()).byteLength
  }
}

async function get(run, i) {
  const length = await run(i)
  if (length !== OBJECT.length) throw new Error(`it received ${length} bytes`)
}

/** Sends requests, so many at once; returns milliseconds. */
async function send(run, count, atOnce) {
  let next = 0
  const start = performance.now()
  const line = async () => {
    while (next < count) await get(run, next++)
  }
  await Promise.all(Array.from({ length: atOnce }, line))
  return performance.now() - start
}

async function race(endpoint, { rounds, count }) {
  const runs = []
  for (const [name, start] of Object.entries(contestants)) runs.push({ name, run: await start(endpoint) })
  const rows = []
  for (const atOnce of [1, 16, 128]) {
    const times = new Map(runs.map(({ name }) => [name, []]))
    for (let round = 0; round <= rounds; round++)
      for (const { name, run } of shuffled(runs)) {
        const ms = await send(run, count, atOnce)
        if (round > 0) times.get(name).push(ms)
      }
    const ours = times.get('sigv4/fetch')
    for (const [name, own] of times) {
      const relative = median(own.map((ms, round) => ms / ours[round]))
      rows.push({ name, connections: atOnce, perSecond: (count * 1000) / median(own), relative })
    }
  }
  report('fetch', rows)
}

async function first(endpoint, { contestant, count }) {
  const rss = () => process.resourceUsage().maxRSS * 1024
  const before = rss()
  const start = performance.now()
  const run = await contestants[contestant](endpoint)
  await get(run, 0)
  const ms = performance.now() - start
  await send(run, count, 128)
  report('fetch-fresh', [{ name: contestant, ms, added: rss() - before }])
}

if (options.isServer) respond()
else {
  const server = fork(fileURLToPath(import.meta.url), [JSON.stringify({ isServer: true })])
  try {
    const [port] = await once(server, 'message')
    await (options.contestant ? first : race)(`http://127.0.0.1:${port}`, options)
  } finally {
    server.kill()
  }
  process.exit(0)
}
