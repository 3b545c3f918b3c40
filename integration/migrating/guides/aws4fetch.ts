import { createSignedFetch, type SignedFetchOptions } from '../../../src/fetch.ts'
import { presign, presignPut, sign } from '../../../src/index.ts'
import { credentials, peer, type Row, type Signed, temporary } from '../rows.ts'

type Init = RequestInit & { aws?: object }

/** Signs with aws4fetch, and returns what is sent. */
async function signed(url: string, init: Init = {}, client: object = {}): Promise<Signed> {
  const { AwsClient } = peer('aws4fetch')
  const request: Request = await new AwsClient({ ...credentials, ...client }).sign(url, init)
  const headers = Object.fromEntries(request.headers)
  return request.url.includes('X-Amz-Signature') ? request.url : { url: request.url, headers }
}

/** Returns what is sent while the service fails, and how long the client waits. */
async function failing(send: () => Promise<unknown>): Promise<Signed[]> {
  const sent: Signed[] = []
  const { fetch, setTimeout: timeout } = globalThis
  const { random } = Math
  Math.random = () => 1
  globalThis.fetch = async (input, init) => {
    const { url, headers } = new Request(input, init)
    sent.push({ url, headers: Object.fromEntries(headers) })
    return new Response(null, { status: 500 })
  }
  globalThis.setTimeout = ((run: () => void, milliseconds: number) => {
    sent.push(`https://wait.example/?${milliseconds}`)
    return timeout(run, 0)
  }) as typeof timeout
  try {
    await send()
  } finally {
    Object.assign(globalThis, { fetch, setTimeout: timeout })
    Math.random = random
  }
  return sent
}

const theirs = (options: object) => () => {
  const { AwsClient } = peer('aws4fetch')
  return failing(() => new AwsClient({ ...credentials, ...options }).fetch(QUEUE))
}
const ours = (retry: SignedFetchOptions['retry']) => () =>
  failing(() => createSignedFetch({ credentials, retry })(QUEUE))

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/'
const PHOTO = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const TABLES = 'https://dynamodb.eu-west-1.amazonaws.com/'
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' }
const API = 'https://abc.execute-api.eu-west-1.amazonaws.com/a%20b'
const DEVICE = 'wss://abc-ats.iot.eu-west-1.amazonaws.com/mqtt'

export function rows(): Row[] {
  return [
    [
      '`accessKeyId`, `secretAccessKey`, `sessionToken`',
      () => signed(QUEUE, {}, temporary),
      () => sign({ url: QUEUE }, { credentials: temporary }),
    ],
    [
      '`service`, `region`',
      () => signed('https://search.example.com/', {}, { service: 'es', region: 'eu-west-1' }),
      () => sign({ url: 'https://search.example.com/' }, { credentials, service: 'es', region: 'eu-west-1' }),
    ],
    ['`retries`', theirs({ retries: 2 }), ours({ attempts: 3 })],
    ['`initRetryMs`', theirs({ retries: 3, initRetryMs: 8 }), ours({ attempts: 4, baseDelay: '8ms' })],
    ['`client.fetch(url, init)`', theirs({ retries: 0 }), ours({ attempts: 1 })],
    [
      '`client.sign(url, init)`',
      () => signed(TABLES, { method: 'POST', headers: JSON_TYPE, body: '{}' }),
      () =>
        // content-type is a signed header here: unsignedHeaders reproduces the signature of aws4fetch
        sign(
          { url: TABLES, method: 'POST', headers: JSON_TYPE, body: '{}' },
          { credentials, unsignedHeaders: ['content-type'] },
        ),
    ],
    [
      '`client.sign(request)`',
      () => signed(new Request(TABLES, { method: 'POST', headers: JSON_TYPE, body: '{}' }) as never),
      () =>
        sign(new Request(TABLES, { method: 'POST', headers: JSON_TYPE, body: '{}' }), {
          credentials,
          unsignedHeaders: ['content-type'],
        }),
    ],
    [
      'S3 with a body',
      () => signed(PHOTO, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'x' }),
      () =>
        sign(
          { url: PHOTO, method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'x' },
          { credentials, payloadHash: 'UNSIGNED-PAYLOAD', unsignedHeaders: ['content-type'] },
        ),
    ],
    [
      '`aws: { signQuery: true }`',
      () => signed(PHOTO, { method: 'PUT', aws: { signQuery: true } }),
      async () => (await presignPut(PHOTO, { credentials, expires: '1d' })).url,
    ],
    [
      '`X-Amz-Expires` in the URL',
      () => signed(`${PHOTO}?X-Amz-Expires=60`, { aws: { signQuery: true } }),
      async () => (await presign('GET', PHOTO, { credentials, expires: 60 })).url,
    ],
    [
      '`aws: { datetime }`',
      () => signed(QUEUE, { aws: { datetime: '20260101T000000Z' } }),
      () => sign({ url: QUEUE }, { credentials, now: Date.UTC(2026, 0, 1) }),
    ],
    [
      '`aws: { appendSessionToken: true }`',
      () => signed(`${DEVICE}?X-Amz-Expires=60`, { aws: { signQuery: true, appendSessionToken: true } }, temporary),
      async () => {
        const options = {
          credentials: temporary,
          expires: 60,
          sessionTokenPlacement: 'appended',
        } as const
        return (await presign('GET', DEVICE, options)).url
      },
    ],
    [
      '`aws: { allHeaders: true }`',
      () => signed(QUEUE, { headers: { 'user-agent': 'app/1' }, aws: { allHeaders: true } }),
      () => sign({ url: QUEUE, headers: { 'user-agent': 'app/1' } }, { credentials, signedHeaders: ['user-agent'] }),
    ],
    [
      '`aws: { singleEncode: true }`',
      () => signed(API, { aws: { singleEncode: true } }),
      () => sign({ url: API }, { credentials, pathEncoding: 'single' }),
    ],
    [
      '`X-Amz-Content-Sha256` header',
      () => signed(PHOTO, { method: 'PUT', headers: { 'X-Amz-Content-Sha256': 'a'.repeat(64) } }),
      () => sign({ url: PHOTO, method: 'PUT' }, { credentials, payloadHash: 'a'.repeat(64) }),
    ],
    ['`cache`', () => signed(QUEUE, {}, { cache: new Map() }), () => sign({ url: QUEUE }, { credentials })],
  ]
}
