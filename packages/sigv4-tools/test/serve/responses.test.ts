import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEY_ID, SECRET } from '../../../../test/support/credentials.ts'
import {
  byForm,
  byHeader,
  byQuery,
  elements,
  type FormMaking,
  type Handmade,
  type Making,
  REGION,
  send,
} from '../../../../test/support/hand.ts'
import { sha256 } from '../../../../test/support/oracle.ts'
import { type RunningServer, serve } from '../../src/serve.ts'

// S3 error responses: status, code, message, and elements in order, one of each kind. What is rejected, and in which words, is
// tested at verify (test/verify/rejections.test.ts, test/verify/post.test.ts) and by the rows of the suite (../audit).

const NOW = Date.UTC(2024, 0, 2, 3, 4, 5)
const HOUR = 3_600_000
const SERVER_TIME = '2024-01-02T03:04:05Z'

const DENIED = 'AccessDenied'
const WRONG =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'

let server: RunningServer
const credentials = { accessKeyId: KEY_ID, secretAccessKey: SECRET }

beforeAll(async () => {
  server = await serve({ credentials, region: REGION, now: () => NOW })
  const put = byHeader({ ...making(), method: 'PUT', path: '/bucket/key', body: 'stored' })
  expect((await send(server.port, put)).status).toBe(200)
})

afterAll(() => server.close())

function making(change: Partial<Making> = {}): Making {
  return { path: '/bucket/key', time: NOW, host: `127.0.0.1:${server.port}`, ...change }
}

const header = (change: Partial<Making> = {}) => byHeader(making(change))
const query = (change: Partial<Making> = {}) => byQuery(making(change))

const form = (change: Partial<FormMaking> = {}) => byForm({ ...making({ path: '/bucket' }), ...change })

/** Code, message, and the following elements in order. */
type Expected = [status: number, code: string, message: string, details?: Record<string, string>]

type Row = [situation: string, request: () => Handmade, ...expected: Expected]

/** The conditions of a form, without the date. */
const CONDITIONS = [
  { bucket: 'bucket' },
  { key: 'uploaded' },
  ...['algorithm', 'credential', 'date'].map((name) => ['starts-with', `$x-amz-${name}`, '']),
]

/** S3's message, and what a server without a token adds. */
const NO_TOKEN =
  'The provided token is malformed or otherwise invalid. The server has no session token. Start it with AWS_SESSION_TOKEN, or pass credentials.sessionToken.'

const ROWS: Row[] = [
  [
    'presigned, expired',
    () => query({ time: NOW - HOUR }),
    403,
    DENIED,
    'Request has expired',
    { 'X-Amz-Expires': '900', Expires: '2024-01-02T02:19:05Z', ServerTime: SERVER_TIME },
  ],
  ['presigned, unknown token', () => query({ token: 'a-token' }), 400, 'InvalidToken', NO_TOKEN], // S3 repeats the token as Token-0
  [
    'header, other region',
    () => header({ region: 'eu-west-1' }),
    400,
    'AuthorizationHeaderMalformed',
    "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'",
    { Region: REGION },
  ],
  [
    'header, different body',
    () => ({ ...header({ method: 'PUT', path: '/bucket/other', body: 'signed' }), body: 'sent!!' }),
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { ClientComputedContentSHA256: sha256('signed'), S3ComputedContentSHA256: sha256('sent!!') },
  ],
  [
    'anonymous',
    () => ({ method: 'GET', target: '/bucket/key', headers: { host: 'localhost' } }),
    403,
    DENIED,
    'Access Denied',
  ],
  // forms
  [
    'form, condition not met',
    () => form({ fields: { key: 'another' } }),
    403,
    DENIED,
    'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "uploaded"]',
  ],
  ...(
    [
      ['EntityTooLarge', [0, 5], 'Your proposed upload exceeds the maximum allowed size', { MaxSizeAllowed: '5' }],
      [
        'EntityTooSmall',
        [7, 9],
        'Your proposed upload is smaller than the minimum allowed size',
        { MinSizeAllowed: '7' },
      ],
    ] as const
  ).map(
    ([code, [min, max], message, limit]): Row => [
      `form, ${code}`,
      () => form({ conditions: [...CONDITIONS, ['content-length-range', min, max]] }),
      400,
      code,
      message,
      { ProposedSize: '6', ...limit },
    ],
  ),
  [
    'form, key missing',
    () => form({ fields: { key: null } }),
    400,
    'InvalidArgument',
    "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    { ArgumentName: 'key', ArgumentValue: '' },
  ],
  [
    'form, without a bucket',
    () => form({ path: '/' }),
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: 'POST', ResourceType: 'SERVICE' },
  ],
  // Errors other than those of signatures.
  [
    'missing key',
    () => header({ path: '/bucket/other' }),
    404,
    'NoSuchKey',
    'The specified key does not exist.',
    { Key: 'other' },
  ],
  [
    'missing bucket',
    () => header({ path: '/nothing/key' }),
    404,
    'NoSuchBucket',
    'The specified bucket does not exist',
    { BucketName: 'nothing' },
  ],
  [
    'invalid escapes',
    () => ({ method: 'GET', target: '/bucket/100%', headers: { host: 'localhost' } }),
    400,
    'InvalidURI',
    "Couldn't parse the specified URI.",
    { URI: '100%' },
  ],
  [
    'a fragment',
    () => ({ ...header(), target: '/bucket/key#part' }),
    400,
    'InvalidURI',
    "Couldn't parse the specified URI.",
    { URI: '/bucket/key#part' },
  ],
]

/** Returns the elements of a document in order, without the random ones. */
function shown(text: string) {
  const found = elements(text)
  expect(found.RequestId).toMatch(/^[\dA-F]{16}$/)
  expect(found.HostId).toMatch(/^[\w+/=]{32,}$/)
  expect(Object.keys(found).slice(-2)).toEqual(['RequestId', 'HostId'])
  return Object.entries(found).slice(0, -2)
}

describe('a rejection matches the S3 response', () => {
  it.each(ROWS)('%s', async (_, make, status, code, message, details = {}) => {
    const reply = await send(server.port, make())
    expect(shown(reply.text)).toEqual(Object.entries({ Code: code, Message: message, ...details }))
    expect(reply.status).toBe(status)
    expect(reply.headers['content-type']).toBe('application/xml')
    expect(reply.headers['x-amz-request-id']).toBe(elements(reply.text).RequestId)
  })

  it.each([
    ['header', () => header({ secret: 'wrong' })],
    ['presigned', () => query({ secret: 'wrong' })],
  ] as const)('%s, wrong signature: with the strings to compare, and their bytes', async (_, make) => {
    const request = make()
    const reply = await send(server.port, request)
    const bytes = (text: string) =>
      Buffer.from(text)
        .toString('hex')
        .replace(/..(?!$)/g, '$& ')
    const { toSign, canonical } = request as Required<Handmade>
    const signatureProvided = /Signature=([\da-f]{64})/.exec(request.headers.authorization ?? request.target)![1]
    expect(shown(reply.text)).toEqual([
      ['Code', 'SignatureDoesNotMatch'],
      ['Message', WRONG],
      ['AWSAccessKeyId', KEY_ID],
      ['StringToSign', toSign],
      ['SignatureProvided', signatureProvided],
      ['StringToSignBytes', bytes(toSign)],
      ['CanonicalRequest', canonical],
      ['CanonicalRequestBytes', bytes(canonical)],
    ])
    expect(reply.status).toBe(403)
  })

  it.each([
    [
      'altered',
      () =>
        form({ sentPolicy: Buffer.from('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}').toString('base64') }),
    ],
    ['invalid JSON', () => form({ sentPolicy: 'bm8gSlNPTg==' })],
    ['signed with a different secret', () => form({ secret: 'wrong' })],
  ] as const)('form, policy %s: with the policy to compare, without a canonical request', async (_, make) => {
    const request = make()
    const sent = /name="policy"\r\n\r\n(\S+)/.exec(request.body as string)![1]!
    const reply = await send(server.port, request)
    expect(Object.keys(elements(reply.text))).toEqual([
      'Code',
      'Message',
      'AWSAccessKeyId',
      'StringToSign',
      'SignatureProvided',
      'StringToSignBytes',
      'RequestId',
      'HostId',
    ])
    expect(elements(reply.text)).toMatchObject({ Code: 'SignatureDoesNotMatch', Message: WRONG, StringToSign: sent })
    expect(reply.status).toBe(403)
  })

  it('is the same for HEAD, without a document', async () => {
    const get = await send(server.port, header({ method: 'GET', keyId: 'UNKNOWN' }))
    const head = await send(server.port, header({ method: 'HEAD', keyId: 'UNKNOWN' }))
    expect(head.status).toBe(get.status)
    expect(head.text).toBe('')
    expect(head.headers['content-type']).toBe('application/xml')
  })
})
