// `sigv4-tools serve`, as it is published, and other servers under load. Options: `server`, `seconds` of each load, `connections`,
// `largeMebibytes`, and `long`: seconds of the load that shows the memory.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sign } from '../../dist/sync.js'
import { drive } from '../../packages/sigv4-tools/test/support/serve/load.ts'
import { minio } from '../servers/minio.ts'
import { versitygw } from '../servers/versitygw.ts'
import { options, report } from './measure/report.mjs'

const CREDENTIALS = { accessKeyId: 'AKIDLOAD', secretAccessKey: 'load-secret' }
const CLI = fileURLToPath(new URL('../../packages/sigv4-tools/dist/cli.js', import.meta.url))

/** Starts the command of the package. */
async function startServe(folder) {
  const args = ['serve', '--port', '0', ...(folder ? ['--dir', folder] : [])]
  const env = { ...process.env, AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, NO_COLOR: '1' }
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...env, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_SESSION_TOKEN: '' },
  })
  let printed = ''
  const endpoint = await new Promise((resolve, reject) => {
    const read = (bytes) => {
      printed = (printed + bytes).slice(-2000)
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)
      if (url) resolve(url[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('exit', () => reject(new Error(`the server exited: ${printed}`)))
  })
  const stop = async () => {
    const exited = new Promise((resolve) => child.removeAllListeners('exit').on('exit', resolve))
    child.kill('SIGTERM')
    await exited
  }
  return { version: '', endpoint, region: 'us-east-1', credentials: CREDENTIALS, pid: child.pid, stop }
}

const progress = (text) => console.error(text)
const servers = {
  '`sigv4-tools serve`': () => startServe(),
  '`sigv4-tools serve --dir`': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sigv4-bench-'))
    const server = await startServe(folder)
    const stop = () => server.stop().finally(() => rmSync(folder, { recursive: true, force: true }))
    return { ...server, stop }
  },
  versitygw: () => versitygw.start(progress),
  MinIO: () => minio.start(progress),
}

const { server: name, seconds, connections, largeMebibytes, long } = options
const server = await servers[name]()
const title = [name, server.version.replace(/^RELEASE\.([\d-]{10}).*/, '$1')].join(' ').trim()
try {
  const { endpoint, region, credentials } = server
  const bucket = sign({ method: 'PUT', url: `${endpoint}/load` }, { credentials, region, service: 's3' })
  const created = await fetch(bucket.url, bucket)
  if (!created.ok) throw new Error(`no bucket: ${created.status} ${await created.text()}`)
  const run = async (load) => {
    const result = await drive(server, load)
    if (result.lost) throw new Error(`${result.lost} of ${result.requests} requests of ${load.methods} failed`)
    return result
  }
  const small = { size: 1024, keys: 1000 }
  await run({ ...small, seconds: 0, connections: 16, methods: ['PUT'] }) // stores the objects
  await run({ ...small, seconds, connections: 16, methods: ['PUT', 'GET'] })
  const rows = []
  for (const method of ['PUT', 'GET'])
    for (const count of connections) {
      const { perSecond, p50, p99 } = await run({ ...small, seconds, connections: count, methods: [method] })
      rows.push({ name: title, method, connections: count, perSecond, p50, p99 })
    }
  report('serve', rows)

  const size = largeMebibytes * 1024 ** 2
  const large = { name: title }
  await run({ size, keys: 1, connections: 1, seconds: 0, methods: ['PUT'] })
  for (const method of ['PUT', 'GET']) {
    const { perSecond } = await run({ size, keys: 1, connections: 2, seconds: Math.max(seconds, 3), methods: [method] })
    large[method] = (perSecond * size) / 1e6
  }
  report('serve-large', [large])

  if (server.pid && long) {
    const memory = () =>
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(server.pid)], { encoding: 'utf8' })) * 1024
    const load = { ...small, connections: 64, methods: ['PUT', 'GET'] }
    const [, before, rest] = [
      await run({ ...load, seconds: long / 5 }),
      memory(),
      await run({ ...load, seconds: (long * 4) / 5 }),
    ]
    report('serve-memory', [{ name: title, requests: rest.requests, seconds: (long * 4) / 5, before, after: memory() }])
  }
} finally {
  await server.stop()
}
process.exit(0)
