// Verifies the body of an upload while it is streamed, beside node:crypto hashing the same pieces. Options: `kind`,
// `mebibytes`, `rounds`.
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { verify } from '../../dist/verify.js'
import { credentials, HOST, REGION } from './measure/fixture.mjs'
import { hmac, sha256, signingKey } from './measure/oracle.mjs'
import { median } from './measure/race.mjs'
import { options, report } from './measure/report.mjs'

const { kind, mebibytes, rounds } = options
const CHUNK = Buffer.alloc(64 * 1024, 'The quick brown fox. ')
const COUNT = mebibytes * 16
const SIZE = CHUNK.length * COUNT
const date = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '')
const scope = `${date.slice(0, 8)}/${REGION}/s3/aws4_request`
const key = signingKey(scope)
const sign = (...lines) => hmac(key, lines.join('\n')).toString('hex')

function* plain() {
  for (let i = 0; i < COUNT; i++) yield Buffer.from(CHUNK)
}

/** The trailing header. */
function checksum() {
  let crc = 0
  for (let i = 0; i < COUNT; i++) crc = crc32(CHUNK, crc)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return `x-amz-checksum-crc32:${bytes.toString('base64')}`
}
const CRC = kind.includes('trailer') ? checksum() : ''

/** Signed chunks of 64 KiB, or unsigned ones with a trailer. */
function* chunks(seed) {
  const [empty, hash] = [sha256(''), sha256(CHUNK)]
  let previous = seed
  const next = (type, ...lines) => {
    previous = sign(`AWS4-HMAC-SHA256-${type}`, date, scope, previous, ...lines)
    return previous
  }
  const head = (length, dataHash) =>
    `${length.toString(16)}${seed === undefined ? '' : `;chunk-signature=${next('PAYLOAD', empty, dataHash)}`}\r\n`
  for (let i = 0; i < COUNT; i++)
    yield Buffer.concat([Buffer.from(head(CHUNK.length, hash)), CHUNK, Buffer.from('\r\n')])
  yield Buffer.from(head(0, empty))
  if (!kind.includes('trailer')) return yield Buffer.from('\r\n')
  const signature = seed === undefined ? '' : `x-amz-trailer-signature:${next('TRAILER', sha256(`${CRC}\n`))}\r\n`
  yield Buffer.from(`${CRC}\r\n${signature}\r\n`)
}

const kinds = {
  'one hash': () => {
    const hash = createHash('sha256')
    for (const piece of plain()) hash.update(piece)
    return [hash.digest('hex'), {}]
  },
  'signed chunks': () => ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', {}],
  'signed chunks, signed trailer': () => ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', {}],
  'unsigned chunks, trailer': () => ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', {}],
}

const [payloadHash] = kinds[kind]()
const isChunked = payloadHash.startsWith('STREAMING')
const headers = {
  ...(isChunked && { 'content-encoding': 'aws-chunked' }),
  host: HOST,
  'x-amz-content-sha256': payloadHash,
  'x-amz-date': date,
  ...(isChunked && { 'x-amz-decoded-content-length': String(SIZE) }),
  ...(kind.includes('trailer') && { 'x-amz-trailer': 'x-amz-checksum-crc32' }),
}
const names = Object.keys(headers).join(';')
const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`)
const canonicalRequest = ['PUT', '/body', '', ...lines, '', names, payloadHash].join('\n')
const seed = sign('AWS4-HMAC-SHA256', date, scope, sha256(canonicalRequest))
headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${seed}`
const source = () => (isChunked ? chunks(payloadHash.includes('HMAC') ? seed : undefined) : plain())
const request = { method: 'PUT', url: '/body', headers: { ...headers, 'content-length': String(SIZE) } }
const settings = { credentials: () => credentials, payload: 'deferred', allowUnsignedPayload: true }

/** Milliseconds until the body is verified. */
async function verified(pieces) {
  const { verifyBody } = await verify(request, settings)
  const start = performance.now()
  let length = 0
  for await (const bytes of verifyBody(pieces)) length += bytes.length
  if (length !== SIZE) throw new Error(`${length} of ${SIZE} bytes`)
  return performance.now() - start
}

function* altered() {
  for (const piece of source()) yield piece.length > 1000 ? Buffer.alloc(piece.length) : piece
}

const before = process.resourceUsage().maxRSS
const [own, peer] = [[], []]
for (let round = 0; round < rounds; round++) {
  own.push(await verified(source()))
  const start = performance.now()
  const hash = createHash('sha256')
  for (const piece of source()) hash.update(piece)
  hash.digest()
  peer.push(performance.now() - start)
}
const added = (process.resourceUsage().maxRSS - before) * 1024
const isAccepted = await verified(altered()).then(
  () => true,
  () => false,
)
if (isAccepted && !payloadHash.includes('UNSIGNED')) throw new Error('an altered body is accepted')
const rate = (times) => SIZE / 1e6 / (median(times) / 1000)
report('uploads', [{ name: kind, rate: rate(own), peer: rate(peer), share: rate(own) / rate(peer), added }])
