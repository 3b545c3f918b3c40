// Presigns PUTs of 1,024 keys side by side with the peers, in interleaved rounds of one process: the machine's speed
// drifts, so that only ratios of the same round count. `npm run bench [-- ROUNDS]`
import { createHash, createHmac } from 'node:crypto'
import aws4 from 'aws4'
import { AwsV4Signer } from 'aws4fetch'
import * as dropIn from '../../dist/aws4.js'
import * as asynchronous from '../../dist/index.js'
import * as synchronous from '../../dist/sync.js'

const rounds = Number(process.argv[2] ?? 21)
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const [host, region, type] = ['photos.s3.eu-west-1.amazonaws.com', 'eu-west-1', 'image/jpeg']
const paths = Array.from({ length: 1024 }, (_, i) => `/uploads/2026/photo%20${i}.jpg`)
const ours = (path) => [
  `https://${host}${path}`,
  { credentials, expires: 900, headers: { 'content-type': type }, region, service: 's3' },
]

const contestants = {
  'sigv4/sync': { count: 2000, presign: (path) => synchronous.presignPut(...ours(path)).url },
  aws4: {
    count: 2000,
    presign: (path) => {
      const request = { host, path: `${path}?X-Amz-Expires=900`, method: 'PUT', service: 's3', region, signQuery: true }
      return `https://${host}${aws4.sign({ ...request, headers: { 'content-type': type } }, credentials).path}`
    },
  },
  sigv4: { count: 200, presign: async (path) => (await asynchronous.presignPut(...ours(path))).url },
  aws4fetch: {
    count: 200,
    presign: async (path) => {
      const url = `https://${host}${path}?X-Amz-Expires=900`
      const headers = { 'content-type': type }
      const signer = new AwsV4Signer({
        ...credentials,
        url,
        method: 'PUT',
        headers,
        service: 's3',
        region,
        signQuery: true,
        allHeaders: true,
      })
      return (await signer.sign()).url.href
    },
  },
}

/** Whether the signature of a URL is right, by node:crypto alone. */
function isRight(url) {
  const { pathname, searchParams } = new URL(url)
  const signature = searchParams.get('X-Amz-Signature')
  searchParams.delete('X-Amz-Signature')
  searchParams.sort()
  const encode = (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
  const query = [...searchParams].map((pair) => pair.map(encode).join('=')).join('&')
  const request = `PUT\n${pathname}\n${query}\ncontent-type:${type}\nhost:${host}\n\ncontent-type;host\nUNSIGNED-PAYLOAD`
  const date = searchParams.get('X-Amz-Date')
  const scope = [date.slice(0, 8), region, 's3', 'aws4_request']
  const key = scope.reduce(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  )
  const hash = createHash('sha256').update(request).digest('hex')
  return (
    createHmac('sha256', key)
      .update(`AWS4-HMAC-SHA256\n${date}\n${scope.join('/')}\n${hash}`)
      .digest('hex') === signature
  )
}

/** Microseconds a URL; each URL is read once, so that no contestant leaves it unmade. */
async function time({ count, presign }) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < count; i++) {
    const url = presign(paths[i & 1023])
    ;(typeof url === 'string' ? url : await url).charCodeAt(400)
  }
  return Number(process.hrtime.bigint() - start) / count / 1000
}

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1]
const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]))
for (const name in contestants) {
  if (!isRight(await contestants[name].presign(paths[7]))) throw new Error(`${name} signs wrong`)
  for (let i = 0; i < 5; i++) await time(contestants[name])
}
for (let round = 0; round < rounds; round++)
  for (const name of Object.keys(contestants).sort(() => Math.random() - 0.5))
    times[name].push(await time(contestants[name]))

const ratio = (name, base) => median(times[name].map((own, round) => times[base][round] / own)).toFixed(2)
console.log(`presign PUT, signing key warm, node ${process.version}, median of ${rounds} rounds\n`)
for (const name in contestants)
  console.log(
    `${name.padEnd(12)} ${median([...times[name]])
      .toFixed(1)
      .padStart(7)} µs`,
  )
console.log(
  `\nsigv4/sync is ${ratio('sigv4/sync', 'aws4')} × aws4, sigv4 is ${ratio('sigv4', 'aws4fetch')} × aws4fetch`,
)

// The drop-in: the same calls with both modules, which must give the same.
const body = JSON.stringify({ TableName: 'photos', Key: { id: { S: 'photo 1'.padEnd(160) } } })
const calls = {
  'header, GET': (path) => ({ host, path, service: 's3', region }),
  'header, POST of 200 bytes': () => ({
    host: 'dynamodb.eu-west-1.amazonaws.com',
    path: '/',
    body,
    headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'DynamoDB_20120810.GetItem' },
  }),
  'query, GET': (path) => ({ host, path: `${path}?X-Amz-Expires=900`, service: 's3', region, signQuery: true }),
  'query, token of EKS': () => ({
    host: 'sts.eu-west-1.amazonaws.com',
    path: '/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60',
    headers: { 'x-k8s-aws-id': 'my-cluster' },
    signQuery: true,
  }),
}

console.log('\nsigv4/aws4 beside aws4, signing key warm\n')
for (const [name, make] of Object.entries(calls)) {
  const presign = (sign) => (path) => {
    const { headers, path: signed } = sign(make(path), credentials)
    const text = headers.Authorization ?? signed
    text.charCodeAt(99)
    return text
  }
  const run = (sign) => time({ count: 2000, presign: presign(sign) })
  const both = () => [dropIn.sign, aws4.sign].map((sign) => JSON.stringify(sign(make(paths[7]), credentials)))
  const [given, expected] = both()
  if (given !== expected && new Set(both()).size > 1) throw new Error(`sigv4/aws4 signs otherwise: ${name}`)
  for (let i = 0; i < 5; i++) for (const sign of [dropIn.sign, aws4.sign]) await run(sign)
  const own = []
  const theirs = []
  for (let round = 0; round < rounds; round++) {
    own.push(await run(dropIn.sign))
    theirs.push(await run(aws4.sign))
  }
  const times4 = [own, theirs].map((list) =>
    median([...list])
      .toFixed(1)
      .padStart(7),
  )
  const faster = median(own.map((time, round) => theirs[round] / time)).toFixed(2)
  console.log(`${name.padEnd(26)} ${times4[0]} µs, aws4 ${times4[1]} µs: ${faster} ×`)
}
