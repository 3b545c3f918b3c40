// `sigv4-tools proxy`, as it is published, and other proxies under load. The load, the upstream, and each proxy are processes of
// their own. Options: `seconds` of each load of small requests, `rounds`, `mebibytes` that are sent in a round of bodies.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { createCertificate } from '../../packages/sigv4-tools/test/support/proxy/certificate.ts'
import { freePort } from '../support/starting.ts'
import { awsSigv4Proxy } from './contestants/aws-sigv4-proxy.ts'
import { credentials, REGION } from './measure/fixture.mjs'
import { median, quantile, shuffled } from './measure/race.mjs'
import { options, reason, report } from './measure/report.mjs'

const MIB = 1024 ** 2
const SERVERS = fileURLToPath(new URL('proxied.mjs', import.meta.url))
const CLI = fileURLToPath(new URL('../../packages/sigv4-tools/dist/cli.js', import.meta.url))
const bodyOf = (length) => Buffer.alloc(length, 'body ')

/** How each proxy is started. `cert` is the certificate of an upstream with TLS. */
const contestants = {
  'sigv4-tools proxy': ({ upstream, service, port, cert }) => ({
    file: process.execPath,
    args: [CLI, 'proxy', upstream, '--service', service, '--region', REGION, '--port', String(port)],
    env: { NODE_EXTRA_CA_CERTS: cert },
  }),
  'aws-sigv4-proxy': ({ upstream, service, port, cert, binary }) => {
    const { protocol, host } = new URL(upstream)
    const scope = ['--name', service, '--region', REGION, ...(service === 's3' ? ['--unsigned-payload'] : [])]
    const to = ['--host', host, '--upstream-url-scheme', protocol.slice(0, -1), '--port', `127.0.0.1:${port}`]
    return { file: binary, args: [...scope, ...to], env: { SSL_CERT_FILE: cert } }
  },
  'Node, unsigned': ({ upstream, port, cert }) => ({
    file: process.execPath,
    args: [SERVERS, JSON.stringify({ role: 'bare', upstream, port })],
    env: { NODE_EXTRA_CA_CERTS: cert },
  }),
}

async function start(name, target) {
  const port = await freePort()
  const { file, args, env } = contestants[name]({ ...target, port })
  const aws = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }
  const child = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...aws, ...env, AWS_SESSION_TOKEN: '', NO_COLOR: '1' },
  })
  let printed = ''
  child.stderr.on('data', (text) => {
    printed = (printed + text).slice(-2000)
  })
  const exited = once(child, 'exit')
  for (let isReady = false; !isReady; await sleep(20)) {
    if (child.exitCode !== null) throw new Error(`${name} exited: ${printed}`)
    const socket = connect(port, '127.0.0.1')
    isReady = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
  }
  const stop = async () => {
    child.kill()
    await exited
  }
  return { name, url: `http://127.0.0.1:${port}`, pid: child.pid, stop }
}

/** Peak memory of a process in bytes, and the seconds in which it used a processor, on Linux. */
function used(pid) {
  const read = (file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8')
    } catch {
      return ''
    }
  }
  const [, peak] = /VmHWM:\s+(\d+) kB/.exec(read('status')) ?? []
  const times = read('stat').split(') ').at(-1).split(' ')
  return { peak: Number(peak) * 1024, cpu: (Number(times[11]) + Number(times[12])) / 100 }
}

/** Sends requests, and throws unless each is responded to completely. */
async function load({ url, pid }, { sent, received, connections, seconds, amount }) {
  const times = []
  const { cpu } = used(pid)
  const started = performance.now()
  let ended = started
  const run = autocannon({
    url: `${url}/photos/cat.jpg?length=${received}`,
    method: sent > 0 ? 'PUT' : 'GET',
    ...(sent > 0 && { body: bodyOf(sent), headers: { 'content-type': 'text/plain' } }),
    connections,
    timeout: 60,
    ...(amount ? { amount } : { duration: seconds }),
  })
  let failed = 0
  run.on('response', (_, status, bytes, ms) => {
    if (status !== 200 || bytes < received) failed++
    times.push(ms)
    ended = performance.now()
  })
  const { errors } = await run
  if (failed + errors > 0 || times.length === 0)
    throw new Error(`${failed + errors} of ${times.length + errors} requests failed`)
  return {
    perSecond: (times.length * 1000) / (ended - started),
    ...{ p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
    cpu: ((used(pid).cpu - cpu) * 1e3) / times.length,
  }
}

/** Loads new processes of all proxies in turn. Returns a row for each, without a warm-up round in the medians. */
async function race(target, names, { rounds, ...settings }) {
  const running = []
  const results = new Map(names.map((name) => [name, []]))
  try {
    for (const name of names) running.push(await start(name, target))
    for (let round = 0; round <= rounds; round++)
      for (const proxy of shuffled(running)) {
        const result = await load(proxy, settings)
        if (round > 0) results.get(proxy.name).push(result)
      }
    const base = results.get('aws-sigv4-proxy')
    return running.map(({ name, pid }) => {
      const own = results.get(name)
      const middle = (key) => median(own.map((result) => result[key]))
      return {
        name,
        perSecond: middle('perSecond'),
        ...(base && { relative: median(own.map(({ perSecond }, round) => perSecond / base[round].perSecond)) }),
        ...{ p50: middle('p50'), p99: middle('p99'), cpu: middle('cpu'), peak: used(pid).peak },
      }
    })
  } finally {
    for (const { stop } of running) await stop()
  }
}

async function main({ seconds, rounds, mebibytes }) {
  const folder = mkdtempSync(join(tmpdir(), 'sigv4-bench-'))
  const { certFile: cert } = createCertificate(folder, ['127.0.0.1'])
  const upstream = fork(SERVERS, [JSON.stringify({ role: 'upstream', folder })], { execArgv: [] })
  try {
    const [[port, tlsPort]] = await once(upstream, 'message')
    const leftOut = []
    const binary = await awsSigv4Proxy((text) => console.error(text)).catch((error) => {
      leftOut.push(`aws-sigv4-proxy: ${reason(error)}`)
    })
    const names = Object.keys(contestants).filter((name) => binary || name !== 'aws-sigv4-proxy')
    const search = { upstream: `http://127.0.0.1:${port}`, service: 'es', binary }
    const storage = { upstream: `https://127.0.0.1:${tlsPort}`, service: 's3', cert, binary }

    const small = []
    for (const connections of [1, 64, 512])
      for (const row of await race(search, names, { rounds, sent: 0, received: 1024, connections, seconds }))
        small.push({ ...row, connections })
    report('proxy', small, leftOut)

    const bodies = []
    for (const [way, target] of Object.entries({ 'hashed, http': search, 'unsigned, https': storage }))
      for (const direction of ['up', 'down'])
        for (const [size, connections] of [
          [1, 16],
          [100, 2],
        ]) {
          const [sent, received] = direction === 'up' ? [size * MIB, 0] : [0, size * MIB]
          // short requests must be many, so that the compiler has seen the code of each proxy
          const amount = Math.max(connections, Math.ceil(((size > 1 ? 1 : 4) * mebibytes) / size))
          const body = `${size} MiB ${direction}${direction === 'up' ? `, ${way}` : way.replace(/.*,/, ',')}`
          for (const row of await race(target, names, { rounds, sent, received, connections, amount }))
            bodies.push({ ...row, body, speed: (row.perSecond * size * MIB) / 1e6 })
        }
    report('proxy-bodies', bodies, leftOut)
  } finally {
    upstream.kill()
    rmSync(folder, { recursive: true })
  }
  process.exit(0)
}

await main(options)
