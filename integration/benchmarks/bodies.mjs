// Signing requests with bodies. Options: `rounds`; `runtimeHash: false` measures what runtimes without node:crypto do.
import { createHash } from 'node:crypto'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import original from 'aws4'
import { credentials, HOST, REGION } from './measure/fixture.mjs'
import { isSigned, sha256 } from './measure/oracle.mjs'
import { race } from './measure/race.mjs'
import { options, report } from './measure/report.mjs'

if (options.runtimeHash === false) process.getBuiltinModule = undefined
const [library, sync, aws4] = await Promise.all(
  ['index', 'sync', 'aws4'].map((entry) => import(`../../dist/${entry}.js`)),
)

const KIB = 1024
const SIZES = {
  '0 B': 0,
  '1 KiB': KIB,
  '64 KiB': 64 * KIB,
  '1 MiB': KIB ** 2,
  '16 MiB': 16 * KIB ** 2,
  '256 MiB': 256 * KIB ** 2,
}
const scope = { credentials, region: REGION, service: 's3' }
const url = `https://${HOST}/body`
const likeAws4 = (module) => (body) =>
  module.sign({ host: HOST, path: '/body', method: 'PUT', service: 's3', region: REGION, body }, credentials).headers

const signers = {
  'sigv4/sync': (body) => sync.sign({ method: 'PUT', url, body }, scope).headers,
  'sigv4/aws4': likeAws4(aws4),
  ...(options.runtimeHash !== false && {
    sigv4: async (body) => (await library.sign({ method: 'PUT', url, body }, scope)).headers,
    aws4: likeAws4(original),
  }),
}
const hashes =
  options.runtimeHash === false
    ? { '@noble/hashes': (body) => bytesToHex(nobleSha256(typeof body === 'string' ? utf8ToBytes(body) : body)) }
    : { 'node:crypto': (body) => createHash('sha256').update(body).digest('hex') }

for (const kind of ['bytes', 'strings']) {
  const rows = []
  for (const [name, size] of Object.entries(SIZES).filter(([, size]) => size <= options.largest)) {
    const bytes = Buffer.alloc(size, 'The quick brown fox. ')
    const body = kind === 'bytes' ? new Uint8Array(bytes.buffer, bytes.byteOffset, size) : bytes.toString('latin1')
    const payloadHash = sha256(bytes)
    const contestants = []
    for (const [name, sign] of Object.entries(signers)) {
      if (!isSigned({ method: 'PUT', host: HOST, path: '/body', headers: await sign(body), payloadHash }))
        throw new Error(`${name} signs ${size} ${kind} incorrectly`)
      contestants.push({ name, isAsync: name === 'sigv4', run: () => sign(body) })
    }
    for (const [name, hash] of Object.entries(hashes)) {
      if (hash(body) !== payloadHash) throw new Error(`${name} hashes ${size} ${kind} incorrectly`)
      contestants.push({ name, run: () => hash(body) })
    }
    const isLarge = size > KIB ** 2
    const rounds =
      size > 16 * KIB ** 2 ? Math.min(2, options.rounds) : isLarge ? Math.min(7, options.rounds) : options.rounds
    const base = Object.keys(hashes)[0]
    const results = await race(contestants, { rounds, base, warmMs: isLarge ? 1 : 100 })
    const row = { name, size }
    for (const { name, ns, relative } of results) Object.assign(row, { [name]: ns, [`${name} relative`]: relative })
    rows.push(row)
  }
  report(`bodies-${kind}${options.runtimeHash === false ? '-javascript' : ''}`, rows)
}
