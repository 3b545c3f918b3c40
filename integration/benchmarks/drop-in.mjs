// `sigv4/aws4` beside aws4: the same calls, which must return the same. Options: `rounds`.
import original from 'aws4'
import * as replacement from '../../dist/aws4.js'
import {
  credentials,
  EXPIRES,
  HOST,
  keyOf,
  pathOf,
  REGION,
  TABLE_BODY,
  TABLE_HEADERS,
  TABLE_HOST,
} from './measure/fixture.mjs'
import { isSigned, sha256 } from './measure/oracle.mjs'
import { race } from './measure/race.mjs'
import { options, report } from './measure/report.mjs'

const EMPTY = sha256('')
const requests = {
  'header, S3 GET': [(i) => ({ host: HOST, path: pathOf(keyOf(i)), service: 's3', region: REGION }), EMPTY],
  'header, POST of 200 bytes': [
    () => ({ host: TABLE_HOST, path: '/', body: TABLE_BODY, headers: { ...TABLE_HEADERS } }),
    sha256(TABLE_BODY),
  ],
  'query, S3 GET': [
    (i) => {
      const path = `${pathOf(keyOf(i))}?X-Amz-Expires=${EXPIRES}`
      return { host: HOST, path, service: 's3', region: REGION, signQuery: true }
    },
    'UNSIGNED-PAYLOAD',
  ],
  'query, EKS token': [
    () => ({
      host: `sts.${REGION}.amazonaws.com`,
      path: '/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60',
      headers: { 'x-k8s-aws-id': 'my-cluster' },
      signQuery: true,
    }),
    EMPTY,
  ],
}

const rows = []
for (const [name, [make, payloadHash]] of Object.entries(requests)) {
  const sign = (library) => (i) => {
    const signed = library.sign(make(i), credentials)
    return signed.headers.Authorization ?? signed.path
  }
  const signed = [replacement, original].map((library) => library.sign(make(7), credentials))
  for (const { host = signed[0].hostname, path, headers, method = 'GET' } of signed)
    if (!isSigned({ host, path, headers, method, payloadHash })) throw new Error(`${name}: signed incorrectly`)
  const contestants = [
    { name: 'sigv4/aws4', run: sign(replacement) },
    { name: 'aws4', run: sign(original) },
  ]
  const [ours, theirs] = await race(contestants, { rounds: options.rounds, base: 'sigv4/aws4' })
  rows.push({ name, ns: ours.ns, peer: theirs.ns, relative: theirs.relative })
}
report('drop-in', rows)
