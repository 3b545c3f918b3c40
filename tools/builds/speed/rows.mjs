// What is measured. A row is a function of the number of the call, so that each call can differ from the one before it.
import { likeAws4, ours } from '../../../integration/benchmarks/contestants/ours.mjs'
import {
  BUCKET,
  credentials,
  EXPIRES,
  HOST,
  keyOf,
  MAX_FORM_SIZE,
  REGION,
  TYPE,
} from '../../../integration/benchmarks/measure/fixture.mjs'
import { hmac, sha256, signingKey } from '../../../integration/benchmarks/measure/oracle.mjs'

/** The entries that the rows call. */
export const ENTRIES = ['index', 'sync', 'verify', 'aws4', 'explain']

const scope = { credentials, region: REGION, service: 's3' }
const url = `https://${HOST}/uploads/2026/photo.jpg`
const object = (key) => ({ bucket: BUCKET, key, region: REGION })
const QUERY = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x-parameter ${i}`, `value/${i} ä`]))
const BODY = 'The quick brown fox. '.repeat(5)
const MIB = 1024 ** 2
/** When everything is signed that is verified, however long the run takes. */
const NOW = Date.now()

/** Requests that both builds verify, signed by one of them. */
export function signedRequests({ presignGet, presignPost, sign }) {
  const received = ({ method, url, headers }, body) => {
    const { host, pathname, search } = new URL(url)
    const length = body === undefined ? {} : { 'content-length': String(body.length) }
    return { method, url: pathname + search, headers: { host, ...length, ...headers }, body }
  }
  const each = (make) => Array.from({ length: 64 }, (_, i) => make(i))
  const key = (i) => ({ bucket: BUCKET, region: REGION, key: keyOf(i) })
  return {
    header: each((i) => received(sign({ method: 'PUT', url: `${url}?partNumber=${i}`, body: BODY }, scope), BODY)),
    query: each((i) => received(presignGet(key(i), { ...scope, expires: '7d' }))),
    forms: each(
      (i) => presignPost(key(i), { credentials, contentLengthRange: [0, MAX_FORM_SIZE], contentType: TYPE }).fields,
    ),
  }
}

/** An upload of 1 MiB in 16 signed chunks, signed with node:crypto, and its body in pieces as a socket delivers them. */
function chunkedUpload() {
  const amzDate = new Date(NOW).toISOString().replace(/[:-]|\.\d+/g, '')
  const credential = `${amzDate.slice(0, 8)}/${REGION}/s3/aws4_request`
  const key = signingKey(credential)
  const headers = {
    'content-encoding': 'aws-chunked',
    host: HOST,
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'x-amz-date': amzDate,
    'x-amz-decoded-content-length': String(MIB),
  }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const canonical = `PUT\n/chunks\n\n${lines.join('')}\n${names}\n${headers['x-amz-content-sha256']}`
  const hex = (...rest) => hmac(key, rest.join('\n')).toString('hex')
  let signature = hex('AWS4-HMAC-SHA256', amzDate, credential, sha256(canonical))
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${credential}, SignedHeaders=${names}, Signature=${signature}`
  const chunks = [...Array.from({ length: 16 }, () => Buffer.alloc(MIB / 16, 'x')), Buffer.alloc(0)].map((data) => {
    signature = hex('AWS4-HMAC-SHA256-PAYLOAD', amzDate, credential, signature, sha256(''), sha256(data))
    return Buffer.concat([
      Buffer.from(`${data.length.toString(16)};chunk-signature=${signature}\r\n`),
      data,
      Buffer.from('\r\n'),
    ])
  })
  const body = Buffer.concat(chunks)
  const pieces = []
  for (let at = 0; at < body.length; at += 65_536) pieces.push(body.subarray(at, at + 65_536))
  const sent = { ...headers, authorization, 'content-length': String(body.length) }
  return { request: { method: 'PUT', url: '/chunks', headers: sent }, pieces }
}

const signedUrl = `${url}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261126%2F${REGION}%2Fs3%2Faws4_request&X-Amz-Date=20261126T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=${'0'.repeat(64)}`
const LOG = `* Connected to ${HOST} (127.0.0.1) port 443
> PUT ${signedUrl.slice(url.indexOf('/uploads'))} HTTP/1.1
> Host: ${HOST}
> User-Agent: curl/8.14.1
> Accept: */*
> Content-Type: image/png
> Content-Length: 1024
>
} [1024 bytes data]
< HTTP/1.1 403 Forbidden
< x-amz-request-id: 4442587FB7D0A2F9
< Content-Type: application/xml
< Date: Thu, 26 Nov 2026 12:00:01 GMT
<
{ [512 bytes data]
<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><SignatureProvided>${'0'.repeat(64)}</SignatureProvided></Error>
* Connection #0 to host ${HOST} left intact
`

const pluck = (isAsync, result, member) => (isAsync ? result.then((all) => all[member]) : result[member])

/** The rows of an entry that signs, `index` or `sync`. */
function signingRows(kind, entry, isAsync) {
  const tasks = ours(entry, isAsync)
  const put = (target, options) =>
    pluck(isAsync, entry.presignPut(target, { ...scope, expires: EXPIRES, ...options }), 'url')
  const { accessKeyId, secretAccessKey } = credentials
  const rows = {
    'presignPut, same options': tasks.put,
    'presignPut, two option sets in turn': tasks.options,
    'presignPut, a new second each call': tasks.second,
    'presignPut, object': tasks.object,
    'presignPut, cold key': (i) =>
      put(url, {
        credentials: { accessKeyId, secretAccessKey: secretAccessKey + i },
        headers: { 'content-type': TYPE },
      }),
    'presignPut, key with escapes': (i) =>
      put(object(`résumé & "notes" ${i}/100% 東京 (1).pdf`), { contentType: TYPE }),
    'sign, PUT with a small body': () =>
      pluck(
        isAsync,
        entry.sign({ method: 'PUT', url, headers: { 'content-type': TYPE }, body: BODY }, scope),
        'headers',
      ),
    'sign, POST of JSON': tasks.headerJson,
    presignPost: tasks.form,
    'presignGet, 20 parameters': (i) =>
      pluck(isAsync, entry.presignGet(object(keyOf(i)), { credentials, query: QUERY }), 'url'),
    'presignMultipartParts, 100 parts': (i) => {
      const options = { credentials, size: 100 * 5 * MIB, partSize: 5 * MIB, uploadId: 'VXBsb2FkIElE' }
      return pluck(isAsync, entry.presignMultipartParts(object(keyOf(i)), options), 'parts')
    },
    deriveSigningKey: (i) =>
      entry.deriveSigningKey({ date: '20261126', region: `region-${i}`, service: 's3' }, { credentials }),
  }
  return Object.entries(rows).map(([name, run]) => ({ name: `${kind} ${name}`, isAsync, isLong: isAsync, run }))
}

async function verifyingRows({ verify, verifyPost }, { header, query, forms }) {
  const settings = { credentials: () => credentials, now: NOW, region: REGION, service: 's3' }
  const row = (name, run) => ({ name, isAsync: true, isLong: true, run })
  const { request, pieces } = chunkedUpload()
  const upload = await verify(request, { ...settings, payload: 'deferred' })
  return [
    row('verify, header', (i) => verify(header[i & 63], settings)),
    row('verify, query', (i) => verify(query[i & 63], settings)),
    row('verifyPost', (i) =>
      verifyPost(forms[i & 63], { credentials: () => credentials, now: NOW, bucket: BUCKET, size: 1000 }),
    ),
    row('verifyBody, 1 MiB in signed chunks', async () => {
      let length = 0
      for await (const piece of upload.verifyBody(pieces)) length += piece.length
      return length === MIB
    }),
  ]
}

/** All rows of a build that run in this process. `mismatch` is a recorded request, its response, and the credentials. */
export async function rowsOf({ index, sync, verify, aws4, explain }, requests, mismatch) {
  const tasks = likeAws4(aws4)
  const row = (name, run, isLong = false) => ({ name, isAsync: false, isLong, run })
  return [
    ...signingRows('sync', sync, false),
    ...signingRows('async', index, true),
    row('aws4 sign, header', tasks.headerPut),
    row('aws4 sign, query', tasks.put),
    ...(await verifyingRows(verify, requests)),
    row('explain, a recorded mismatch', () => explain.explain(mismatch).findings, true),
    row('inspect', () => explain.inspect(signedUrl).warnings, true),
    row('parseEvidence, a log of curl', () => explain.parseEvidence(LOG), true),
  ]
}
