// How the time of a call grows with its input: the exponent of the growth is fitted to the larger sizes, where fixed costs no
// longer hide it. Options: `rounds`, `largest`: bytes of the largest body, `limit`: the largest exponent of linear growth.
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import * as aws4 from '../../dist/aws4.js'
import * as library from '../../dist/index.js'
import * as sync from '../../dist/sync.js'
import { verify } from '../../dist/verify.js'
import { explain, parseEvidence } from '../../packages/sigv4-tools/dist/explain.js'
import { BUCKET, credentials, HOST, REGION } from './measure/fixture.mjs'
import { options, report } from './measure/report.mjs'

const scope = { credentials, region: REGION, service: 's3' }
const object = { bucket: BUCKET, key: 'cat.jpg', region: REGION }
const url = `https://${HOST}/cat.jpg`
const range = (count, make) => Array.from({ length: count }, (_, i) => make(i))
const headers = (count) => Object.fromEntries(range(count, (i) => [`x-amz-meta-h${i}`, `value ${i}`]))
const query = (count) => range(count, (i) => `&p${i}=value%20${i}`).join('')
const received = ({ method = 'GET', url, headers }) => {
  const { host, pathname, search } = new URL(url)
  return { method, url: pathname + search, headers: { host, ...headers } }
}
const wrong = (request) => JSON.parse(JSON.stringify(request).replace(/Signature=.{64}/, `Signature=${'0'.repeat(64)}`))
const settings = { credentials: () => credentials }
const list = (count) => range(count, (i) => ({ partNumber: i + 1, etag: `"${'0'.repeat(32)}"` }))
const parts = (count) =>
  `<ListPartsResult><Bucket>b</Bucket><UploadId>u</UploadId>${range(count, (i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>"${'0'.repeat(32)}"</ETag><Size>5</Size></Part>`).join('')}</ListPartsResult>`
const rejected = '<Error><Code>SignatureDoesNotMatch</Code></Error>'
const log = (count) =>
  range(count, (i) => `> GET /cat-${i}.jpg HTTP/1.1\n> Host: ${HOST}\n>\n< HTTP/1.1 200 OK\n<\n`).join('')

/** Each takes a size and returns the call to time. */
const COUNTS = {
  'headers, `presign`': (n) => {
    const given = headers(n)
    return () => sync.presignPut(url, { ...scope, headers: given })
  },
  'headers, `sign`': (n) => {
    const request = { method: 'PUT', url, headers: headers(n) }
    return () => sync.sign(request, scope)
  },
  'headers, `sign` of `sigv4`': (n) => {
    const request = { method: 'PUT', url, headers: headers(n) }
    return () => library.sign(request, scope)
  },
  'headers, `sigv4/aws4`': (n) => {
    const given = headers(n)
    return () =>
      aws4.sign({ host: HOST, path: '/cat.jpg', service: 's3', region: REGION, headers: { ...given } }, credentials)
  },
  'headers, `verify`': (n) => {
    const request = received(sync.sign({ url, headers: headers(n) }, scope))
    return () => verify(request, settings)
  },
  'headers, `explain`': (n) => {
    const request = wrong(received(sync.sign({ url, headers: headers(n) }, scope)))
    return () => explain({ request, response: { status: 403, body: rejected } })
  },
  'parameters, `presign`': (n) => {
    const target = `${url}?${query(n).slice(1)}`
    return () => sync.presignPut(target, scope)
  },
  'parameters, `sigv4/aws4`': (n) => {
    const path = `/cat.jpg?${query(n).slice(1)}`
    return () => aws4.sign({ host: HOST, path, service: 's3', region: REGION, signQuery: true }, credentials)
  },
  'parameters, `verify`': (n) => {
    const request = received(sync.presignGet(`${url}?${query(n).slice(1)}`, scope))
    return () => verify(request, settings)
  },
  'parameters, `explain`': (n) => {
    const request = wrong(received(sync.presignGet(`${url}?${query(n).slice(1)}`, scope)))
    return () => explain({ request, response: { status: 403, body: rejected } })
  },
  // an S3 key has at most 1,024 bytes
  'length of the path, `presign`': (n) => {
    const target = `https://abc.execute-api.${REGION}.amazonaws.com/${'é/'.repeat(n).slice(0, n)}`
    return () => sync.presign('GET', target, { credentials })
  },
  // S3 limits a form to 20 KB
  'conditions (500 at most), `presignPost`': (n) => {
    const conditions = range(n, (i) => ['starts-with', `$c${i}`, ''])
    return () => sync.presignPost(object, { credentials, conditions })
  },
  'parts, `presignMultipartParts`': (n) => {
    const given = { credentials, size: n * 5_242_880, partSize: 5_242_880, uploadId: 'u' }
    return () => sync.presignMultipartParts(object, given)
  },
  'parts, `multipartCompletionBody`': (n) => {
    const all = list(n)
    return () => sync.multipartCompletionBody(all, n)
  },
  'parts, `parseMultipartResponse`': (n) => {
    const body = parts(n)
    return () => sync.parseMultipartResponse(body)
  },
  'requests in a log, `parseEvidence`': (n) => {
    const text = log(n)
    return () => parseEvidence(text)
  },
}

const body = (n) => ({ method: 'PUT', url, body: new Uint8Array(n) })
const BYTES = {
  'bytes of a body, `sigv4`': (n) => {
    const request = body(n)
    return () => library.sign(request, scope)
  },
  'bytes of a body, `sigv4/sync`': (n) => {
    const request = body(n)
    return () => sync.sign(request, scope)
  },
  'bytes of a body, `sigv4/sync` without node:crypto': (n) => {
    const request = body(n)
    return () => {
      const { getBuiltinModule } = process
      process.getBuiltinModule = undefined
      try {
        return sync.sign(request, scope)
      } finally {
        process.getBuiltinModule = getBuiltinModule
      }
    }
  },
  'bytes of a body, @noble/hashes': (n) => {
    const { body: bytes } = body(n)
    return () => nobleSha256(bytes)
  },
}

const LIMIT = options.limit

/** The smallest milliseconds per call for each size, of calls that take 20 ms together, in rounds over all sizes. */
async function fastest(calls, sizes) {
  const runs = []
  for (const [i, call] of calls.entries()) {
    let ms = 0
    // until the code is compiled
    for (const end = performance.now() + 50; ms === 0 || performance.now() < end; ) {
      const start = performance.now()
      await call()
      ms = performance.now() - start
    }
    const rounds = sizes[i] >= 64 * 1024 ** 2 ? 2 : options.rounds
    runs.push({ call, rounds, count: Math.max(1, Math.min(5000, Math.ceil(20 / ms))), best: Number.POSITIVE_INFINITY })
  }
  for (let round = 0; round < options.rounds; round++)
    for (const run of runs) {
      if (round >= run.rounds) continue
      const start = performance.now()
      for (let i = 0; i < run.count; i++) await run.call()
      run.best = Math.min(run.best, (performance.now() - start) / run.count)
    }
  return runs.map(({ best }) => best)
}

/** The slope of a line through the logarithms. */
function exponent(sizes, times) {
  const [x, y] = [sizes, times].map((list) => list.map(Math.log))
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length
  const [mx, my] = [mean(x), mean(y)]
  return mean(x.map((value, i) => (value - mx) * (y[i] - my))) / mean(x.map((value) => (value - mx) ** 2))
}

async function measure(table, rows, all, fitted) {
  const results = []
  for (const [name, make] of Object.entries(rows)) {
    const largest = Number(/\((\d+) at most/.exec(name)?.[1] ?? all.at(-1))
    const sizes = all.map((size) => Math.min(size, largest))
    const calls = sizes.map(make)
    let times = sizes.map(() => Number.POSITIVE_INFINITY)
    let slope = Number.POSITIVE_INFINITY
    // again if the machine was busy
    for (let attempt = 0; attempt < 3 && slope > LIMIT; attempt++) {
      const measured = await fastest(calls, sizes)
      times = times.map((ms, i) => Math.min(ms, measured[i]))
      slope = exponent(sizes.slice(-fitted), times.slice(-fitted))
    }
    const row = { name, exponent: slope }
    for (const [i, size] of all.entries()) row[size] = times[i] * 1e6
    results.push(row)
  }
  report(table, results)
}

await measure('growth-counts', COUNTS, [1, 10, 100, 1000, 10_000], 3)
const bytes = [1024, 1024 ** 2, 16 * 1024 ** 2, 256 * 1024 ** 2].filter((size) => size <= options.largest)
await measure('growth-bytes', BYTES, bytes, 3)
