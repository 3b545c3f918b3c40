import { equal } from '../harness.ts'
import type { Case, Signer } from './vectors.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const temporary = { ...credentials, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'IQoJ+b3/=' }
const signedAt = 1_440_938_160_000
const photo = { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' }
const scope = { date: '20150830', region: 'eu-west-1', service: 's3' }

type Input = Parameters<Signer['presign']>

/** Presigning with options, targets and strings of every kind. */
const PRESIGNED: Record<string, Input> = {
  'an S3 object': ['GET', photo, { credentials, now: signedAt }],
  'a bucket with a dot': ['GET', { ...photo, bucket: 'my.photos' }, { credentials, now: signedAt }],
  'an endpoint': ['PUT', { ...photo, endpoint: 'http://localhost:9000/s3' }, { credentials, now: signedAt }],
  'a virtual host': [
    'PUT',
    { ...photo, endpoint: 'https://minio.test', pathStyle: false },
    { credentials, now: signedAt },
  ],
  'a directory bucket': ['GET', { ...photo, bucket: 'b--euw1-az1--x-s3' }, { credentials, now: signedAt }],
  'a key of special characters': [
    'GET',
    { ...photo, key: 'a/../b//.c/!\'()*~+ %2F?#&=;:@$,[]|\\^`{}"<>' },
    { credentials, now: signedAt },
  ],
  'a key outside the BMP': [
    'GET',
    { ...photo, key: '👩‍💻/𐀀/\u{10ffff}/\uffff/e\u0301' },
    { credentials, now: signedAt },
  ],
  'all single-byte characters': ['GET', { ...photo, key: bytes(1, 256) }, { credentials, now: signedAt }],
  'headers and query': [
    'PUT',
    photo,
    {
      credentials,
      now: signedAt,
      expires: '7d',
      headers: { 'X-Amz-Meta-B': ' two  spaces ', 'x-amz-meta-a': '1', 'Content-Type': 'image/jpeg' },
      query: { z: ['2', '10', ''], a: 'é+ &=', B: '', ä: '\u{10000}\ufffd' },
    },
  ],
  'unsigned headers': [
    'GET',
    photo,
    { credentials, now: signedAt, headers: { 'user-agent': 'x', range: 'bytes=0-1' }, signedHeaders: ['Range'] },
  ],
  'a session token': ['GET', photo, { credentials: temporary, now: signedAt }],
  'an appended session token': [
    'GET',
    'wss://data.iot.eu-west-1.amazonaws.com/mqtt',
    { credentials: temporary, now: signedAt, service: 'iotdevicegateway', sessionTokenPlacement: 'appended' },
  ],
  'a payload hash': ['PUT', photo, { credentials, now: signedAt, payloadHash: '0123456789abcdef'.repeat(4) }],
  'a URL of a different service': [
    'GET',
    'https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15',
    { credentials, now: new Date(signedAt), headers: [['x-k8s-aws-id', 'my-cluster']], expires: 60 },
  ],
  'a URL with escapes and spaces': [
    'GET',
    'https://photos.s3.eu-west-1.amazonaws.com/%7Ea%2fb%c3%a9/c d/é?list-type=2&prefix=a+b%20c&empty&=x',
    { credentials, now: signedAt },
  ],
  'the first and the last day': ['GET', photo, { credentials, now: Date.UTC(9999, 11, 31, 23, 59, 59) - 1000 * 60 }],
  'a leap day': ['GET', photo, { credentials, now: Date.UTC(2028, 1, 29, 0, 0, 0, 999) }],
  'a date as expiry': ['GET', photo, { credentials, now: signedAt, expires: new Date(signedAt + 61_999) }],
  'credentials that expire first': [
    'GET',
    photo,
    { credentials: { ...credentials, expiration: new Date(4_102_444_800_000) }, now: 4_102_444_800_000 - 1000 },
  ],
}

/** Other functions. Their results are compared between entries and engines. */
const CALLS: Record<string, (signer: Signer) => unknown> = {
  presignGet: (signer) => signer.presignGet(photo, { credentials, now: signedAt, download: 'Katze „schläft".jpg' }),
  presignPut: (signer) =>
    signer.presignPut(photo, { credentials, now: signedAt, contentType: 'application/pdf', contentLength: 7 }),
  presignHead: (signer) => signer.presignHead(photo, { credentials, now: signedAt, expires: '90s' }),
  presignDelete: (signer) => signer.presignDelete(photo, { credentials, now: signedAt, expires: '12h' }),
  objectUrl: (signer) => signer.objectUrl(photo),
  accessPoint: (signer) => {
    const target = {
      ...signer.accessPoint('arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/a'),
      key: 'é',
    }
    return signer.presignGet(target, { credentials, now: signedAt })
  },
  'the same options and a different path': async (signer) => {
    const options = { credentials, now: signedAt, headers: { 'x-amz-meta-a': '1' }, query: { a: '1' } }
    const urls = []
    for (const key of ['a', 'b', 'a']) urls.push((await signer.presignGet({ ...photo, key }, options)).url)
    options.query.a = '2'
    urls.push((await signer.presignGet({ ...photo, key: 'a' }, options)).url)
    if (urls[0] !== urls[2] || urls[2] === urls[3]) throw new Error('a changed option')
    return urls
  },
  'a key that was forgotten': async (signer) => {
    const one = await signer.presignGet(photo, { now: signedAt, credentials })
    signer.forgetSigningKeys()
    equal(one, await signer.presignGet(photo, { now: signedAt, credentials }))
    return one
  },
  'a derived key': async (signer) => {
    const signingKey = await signer.deriveSigningKey(scope, { credentials })
    const options = { now: signedAt, credentials: { accessKeyId: credentials.accessKeyId, signingKey } }
    const [one, other] = [
      await signer.presignGet(photo, options),
      await signer.presignGet(photo, { now: signedAt, credentials }),
    ]
    equal(one, other)
    return one
  },
  'a request without a body': (signer) =>
    signer.sign({ url: 'https://sqs.eu-west-1.amazonaws.com/?Action=ListQueues' }, { credentials, now: signedAt }),
  'a string body': (signer) =>
    signer.sign(
      {
        url: 'https://dynamodb.eu-west-1.amazonaws.com/',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'X-Amz-Target': 'DynamoDB_20120810.ListTables' },
        body: '{"é":"𝒳"}',
      },
      { credentials: temporary, now: signedAt },
    ),
  'a path that is normalized and encoded twice': (signer) =>
    signer.sign(
      { url: 'https://execute-api.eu-west-1.amazonaws.com/a//b%20c/%2F/é' },
      { credentials, now: signedAt, service: 'execute-api' },
    ),
  'header names of every kind': (signer) =>
    signer.sign(
      {
        url: 'https://photos.s3.eu-west-1.amazonaws.com/',
        headers: {
          constructor: '1',
          toString: '2',
          A_b: '3',
          "!#$%&'*+.^`|~": '4',
          '0': '5',
          'X-Amz-Meta-B': '',
          b: '6',
        },
      },
      { credentials, now: signedAt },
    ),
  'no payload': (signer) =>
    signer.sign(
      { method: 'PUT', url: 'https://photos.s3.eu-west-1.amazonaws.com/a', body: {} },
      { credentials, now: signedAt, payloadHash: 'UNSIGNED-PAYLOAD' },
    ),
}

/** Equivalent binary bodies. */
const BODIES: Record<string, () => Uint8Array | ArrayBuffer | DataView> = {
  bytes: () => Uint8Array.of(0, 255, 128, 10),
  'a view of bytes': () => Uint8Array.of(9, 0, 255, 128, 10, 9).subarray(1, 5),
  'an ArrayBuffer': () => Uint8Array.of(0, 255, 128, 10).buffer,
  'a DataView': () => new DataView(Uint8Array.of(9, 0, 255, 128, 10).buffer, 1),
}

/** Presigns and signs with the functions of an entry. */
export function signingCases(signer: Signer): Case[] {
  return [
    ...Object.entries(PRESIGNED).map(([name, input]): Case => {
      return [
        `presigns ${name}`,
        async (output) => {
          const result = await signer.presign(...input)
          if (!/[?&]X-Amz-Signature=[\da-f]{64}(&|$)/.test(result.url)) throw new Error(result.url)
          output(name, result)
        },
      ]
    }),
    ...Object.entries(CALLS).map(
      ([name, call]): Case => [`returns ${name}`, async (output) => output(name, await call(signer))],
    ),
    ...Object.entries(BODIES).map(([name, body]): Case => {
      return [`signs ${name}`, async (output) => output(name, (await signBody(signer, body())).headers)]
    }),
  ]
}

export async function signBody(signer: Signer, body: unknown): ReturnType<Signer['sign']> {
  const result = await signer.sign(
    { method: 'PUT', url: 'https://photos.s3.eu-west-1.amazonaws.com/a', body },
    { credentials, now: signedAt },
  )
  equal(result.body === body, true, 'whether the body is unchanged')
  return result
}

function bytes(from: number, to: number): string {
  let text = ''
  for (let code = from; code < to; code++) text += String.fromCharCode(code)
  return text
}
