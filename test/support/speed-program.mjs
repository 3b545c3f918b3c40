// Times dist and aws4 in short turns in one process, and prints how many times as fast as aws4 each row is: the median of
// many rounds, each with the best of several turns, so that other work on the machine does not change the ratio.
import aws4 from 'aws4'
import * as sigv4 from '../../dist/index.js'
import * as sync from '../../dist/sync.js'

const inline = () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' })
const held = inline()
const BODY = '{"TableName":"photos","Key":{"id":{"S":"1"}}}'
const HEADERS = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.GetItem' }
const put = (presignPut, credentials) => (i) =>
  presignPut(
    { bucket: 'photos', key: `uploads/2026/photo ${i & 1023}.jpg`, region: 'eu-west-1' },
    { credentials: credentials(), contentType: 'image/jpeg' },
  )
const json = (sign) => () =>
  sign(
    { method: 'POST', url: 'https://dynamodb.eu-west-1.amazonaws.com/', headers: { ...HEADERS }, body: BODY },
    { credentials: inline() },
  )

const aws4Put = (i) => {
  const path = `/uploads/2026/photo%20${i & 1023}.jpg?X-Amz-Expires=900`
  const headers = { 'content-type': 'image/jpeg' }
  const request = { host: 'photos.s3.eu-west-1.amazonaws.com', path, method: 'PUT', headers, signQuery: true }
  return aws4.sign({ ...request, service: 's3', region: 'eu-west-1' }, inline()).path
}
const aws4Json = () =>
  aws4.sign(
    { host: 'dynamodb.eu-west-1.amazonaws.com', method: 'POST', path: '/', headers: { ...HEADERS }, body: BODY },
    inline(),
  )

const ROWS = {
  'await presignPut, held': [put(sigv4.presignPut, () => held), aws4Put],
  'await presignPut, inline': [put(sigv4.presignPut, inline), aws4Put],
  'await presignPut, provider': [put(sigv4.presignPut, () => async () => inline()), aws4Put],
  'await sign, JSON': [json(sigv4.sign), aws4Json],
  'sync.presignPut, held': [put(sync.presignPut, () => held), aws4Put],
  'sync.presignPut, inline': [put(sync.presignPut, inline), aws4Put],
  'sync.sign, JSON': [json(sync.sign), aws4Json],
}

let sink
async function turn(run, isAsync) {
  const start = performance.now()
  for (let i = 0; i < 60; i++) {
    sink = isAsync ? await run(i) : run(i)
    const url = typeof sink === 'string' ? sink : sink.url
    if (url) url.charCodeAt(url.length - 1) // joins what was concatenated, as a caller would
  }
  return performance.now() - start
}

const ratios = Object.fromEntries(Object.keys(ROWS).map((name) => [name, []]))
for (let round = -60; round < 60; round++)
  for (const [name, [ours, theirs]] of Object.entries(ROWS)) {
    const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let attempt = 0; attempt < 4; attempt++) {
      best[0] = Math.min(best[0], await turn(ours, name.startsWith('await')))
      best[1] = Math.min(best[1], await turn(theirs, false))
    }
    if (round >= 0) ratios[name].push(best[1] / best[0])
  }
for (const name of Object.keys(ratios)) ratios[name] = ratios[name].sort((a, b) => a - b)[30]
console.log(JSON.stringify(ratios))
