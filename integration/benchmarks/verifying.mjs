// Verifying requests without a body or with a short one. Options: `rounds`.
import { createHash, createHmac } from 'node:crypto'
import { AwsSignature } from '@filen/aws4-express'
import { presignGet, sign } from '../../dist/sync.js'
import { verify } from '../../dist/verify.js'
import { credentials, HOST, keyOf, REGION } from './measure/fixture.mjs'
import { isSigned, sha256 } from './measure/oracle.mjs'
import { race } from './measure/race.mjs'
import { options, report } from './measure/report.mjs'

const AT_ONCE = 128
const scope = { credentials, region: REGION, service: 's3' }
const received = ({ method = 'GET', url, headers }, body) => {
  const { host, pathname, search } = new URL(url)
  const length = body === undefined ? {} : { 'content-length': String(body.length) }
  return {
    method,
    url: pathname + search,
    headers: { host, ...length, ...headers },
    ...(body !== undefined && { body }),
  }
}
const body = 'x'.repeat(1024)
const url = (i) => `https://${HOST}/${keyOf(i).replaceAll(' ', '-')}` // @filen/aws4-express encodes a path twice
const kinds = {
  'header, GET': (i) => received(sign({ url: url(i), headers: {} }, scope)),
  'header, PUT of 1 KiB': (i) => received(sign({ method: 'PUT', url: url(i), body }, scope), body),
  'query, GET': (i) => received(presignGet(url(i), { ...scope, expires: '1h' })),
}

const settings = { credentials: () => credentials, region: REGION, service: 's3' }
const hidden = { ...settings, hideUnknownKeys: true }

/** The same hashes with node:crypto, and nothing else: the limit of a verifier that keeps no signing key. */
function hashes({ body }) {
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest()
  if (body !== undefined) createHash('sha256').update(body).digest('hex')
  const hash = createHash('sha256').update(CANONICAL_REQUEST).digest('hex')
  const key = ['20261126', REGION, 's3', 'aws4_request'].reduce(hmac, `AWS4${credentials.secretAccessKey}`)
  return hmac(key, `AWS4-HMAC-SHA256\n20261126T000000Z\n20261126/${REGION}/s3/aws4_request\n${hash}`).toString('hex')
}
const CANONICAL_REQUEST = 'x'.repeat(330)

/** The middleware, called as Express calls it. */
function express(request) {
  return new Promise((resolve, reject) => {
    const { headers, body } = request
    const req = { ...request, header: (name) => headers[name.toLowerCase()], rawBody: body }
    const fail = () => reject(new Error('rejected'))
    const res = { status: () => ({ send: fail }) }
    const middleware = new AwsSignature().verify({
      secretKey: () => credentials.secretAccessKey,
      onSignatureMismatch: fail,
      onMissingHeaders: fail,
    })
    middleware(req, res, (error) => (error ? reject(error) : resolve(true)))
  })
}

const verifiers = {
  'sigv4/verify': (request) => verify(request, settings),
  '`hideUnknownKeys`': (request) => verify(request, hidden),
  'node:crypto': hashes,
  '@filen/aws4-express': express,
}

const rows = []
const leftOut = []
for (const [kind, make] of Object.entries(kinds)) {
  const requests = Array.from({ length: 1024 }, (_, i) => make(i))
  const { method, url: path, headers, body } = requests[7]
  const payloadHash = kind.startsWith('query') ? 'UNSIGNED-PAYLOAD' : sha256(body ?? '')
  if (!isSigned({ method, host: HOST, path, headers, payloadHash })) throw new Error(`${kind}: signed incorrectly`)
  const row = { name: kind }
  const contestants = []
  for (const [name, check] of Object.entries(verifiers)) {
    const run = (i) => check(requests[i & 1023])
    const isAsync = name !== 'node:crypto'
    const bad = JSON.parse(JSON.stringify(requests[3]).replace(/Signature=./, 'Signature=g'))
    const accepts = async (request) => Boolean(await Promise.resolve(check(request)).catch(() => false))
    if (isAsync && (!(await accepts(requests[3])) || (await accepts(bad)))) {
      leftOut.push(`${name}, ${kind}: does not verify it`)
      continue
    }
    contestants.push({ name, isAsync, run })
    if (name === 'sigv4/verify' || name === '`hideUnknownKeys`') {
      const all = (i) => Promise.all(Array.from({ length: AT_ONCE }, (_, j) => run(i + j)))
      contestants.push({ name: `${name}, 128 at once`, isAsync, run: all })
    }
  }
  const results = await race(contestants, { rounds: options.rounds, base: 'node:crypto' })
  for (const { name, ns } of results) row[name] = 1e9 / (name.endsWith('at once') ? ns / AT_ONCE : ns)
  rows.push(row)
}
report('verify', rows, leftOut)
