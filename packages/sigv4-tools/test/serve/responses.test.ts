import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presignGet, sign } from '../../../../src/sync.ts'
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
import { amzDateOf, sha256 } from '../../../../test/support/oracle.ts'
import { type RunningServer, serve } from '../../src/serve.ts'

// S3 error responses: status, code, message, and elements in order.

const NOW = Date.UTC(2024, 0, 2, 3, 4, 5)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const SERVER_TIME = '2024-01-02T03:04:05Z'
const DATE = amzDateOf(NOW)
const SCOPE = `20240102/${REGION}/s3/aws4_request`

const DENIED = 'AccessDenied'
const QUERY = 'AuthorizationQueryParametersError'
const MALFORMED = 'AuthorizationHeaderMalformed'
const PARSING = 'Error parsing the X-Amz-Credential parameter; '
const HEADER = 'The authorization header is malformed; '
const WRONG =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
const MISSING =
  'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.'
const SKEWED = 'The difference between the request time and the current time is too large.'
const NOT_SIGNED = 'There were headers present in the request which were not signed'

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

function withHeaders(request: Handmade, change: Record<string, string | undefined>): Handmade {
  const headers = Object.entries({ ...request.headers, ...change }).filter(([, value]) => value !== undefined)
  return { ...request, headers: Object.fromEntries(headers) as Record<string, string> }
}

const replaceIn = (request: Handmade, from: string, to: string): Handmade => ({
  ...request,
  target: request.target.replace(from, to),
})

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
  // presigned
  [
    'presigned, expired',
    () => query({ time: NOW - HOUR }),
    403,
    DENIED,
    'Request has expired',
    { 'X-Amz-Expires': '900', Expires: '2024-01-02T02:19:05Z', ServerTime: SERVER_TIME },
  ],
  [
    'presigned, date ahead',
    () => query({ time: NOW + HOUR }),
    403,
    DENIED,
    'Request is not yet valid',
    { 'X-Amz-Date': String(NOW + HOUR), Expires: '2024-01-02T04:19:05Z', ServerTime: SERVER_TIME },
  ],
  ...['Algorithm', 'Credential', 'Signature', 'Date', 'SignedHeaders', 'Expires'].map(
    (name): Row => [
      `presigned, X-Amz-${name} missing`,
      () => query({ without: [`X-Amz-${name}`] }),
      400,
      QUERY,
      MISSING,
    ],
  ),
  [
    'presigned, credential too short',
    () => query({ credential: `${KEY_ID}/20240102/${REGION}/aws4_request` }),
    400,
    QUERY,
    `${PARSING}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
  ],
  [
    'presigned, credential encoded twice',
    () => query({ credential: `${KEY_ID}/${SCOPE}`.replaceAll('/', '%2F') }),
    400,
    QUERY,
    `${PARSING}the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
  ],
  [
    'presigned, other region',
    () => query({ region: 'eu-west-1' }),
    400,
    QUERY,
    `${PARSING}the region 'eu-west-1' is wrong; expecting 'us-east-1'`,
    { Region: REGION },
  ],
  [
    'presigned, other service',
    () => query({ service: 's2' }),
    400,
    QUERY,
    `${PARSING}incorrect service "s2". This endpoint belongs to "s3".`,
  ],
  [
    'presigned, other terminator',
    () => query({ terminator: 'aws5_request' }),
    400,
    QUERY,
    `${PARSING}incorrect terminal "aws5_request". This endpoint uses "aws4_request".`,
  ],
  [
    'presigned, other day in the credential',
    () => query({ credential: `${KEY_ID}/20240101/${REGION}/s3/aws4_request` }),
    400,
    QUERY,
    `${PARSING}Invalid credential date "20240101". This date is not the same as X-Amz-Date: "20240102".`,
  ],
  [
    'presigned, expiry of more than a week',
    () => query({ expires: '604801' }),
    400,
    QUERY,
    'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
  ],
  ['presigned, negative expiry', () => query({ expires: '-1' }), 400, QUERY, 'X-Amz-Expires must be non-negative'],
  ['presigned, expiry not a number', () => query({ expires: 'abc' }), 400, QUERY, 'X-Amz-Expires should be a number'],
  [
    'presigned, date in a different format',
    () => replaceIn(query(), DATE, '2024-01-02T03:04:05Z'),
    400,
    QUERY,
    `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`,
  ],
  [
    'presigned, unsigned x-amz-*',
    () => query({ unsigned: { 'x-amz-meta-b': '1', 'x-amz-acl': 'private' } }),
    403,
    DENIED,
    NOT_SIGNED,
    { HeadersNotSigned: 'x-amz-acl, x-amz-meta-b' },
  ],
  [
    'presigned, unknown key ID',
    () => query({ keyId: 'UNKNOWN' }),
    403,
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
    { AWSAccessKeyId: 'UNKNOWN' },
  ],
  [
    'presigned, unknown token',
    () => query({ token: 'a-token' }),
    400,
    'InvalidToken',
    NO_TOKEN, // S3 repeats the token as Token-0
  ],
  [
    'query and header',
    () =>
      withHeaders(query(), {
        authorization: `AWS4-HMAC-SHA256 Credential=${KEY_ID}/${SCOPE}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      }),
    400,
    'InvalidArgument',
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    {
      ArgumentName: 'Authorization',
      ArgumentValue: 'AWS4-HMAC-SHA256',
    },
  ],
  // header
  ...[-16, 16].map(
    (minutes): Row => [
      `header, clock ${minutes} minutes off`,
      () => header({ time: NOW + minutes * MINUTE }),
      403,
      'RequestTimeTooSkewed',
      SKEWED,
      { RequestTime: amzDateOf(NOW + minutes * MINUTE), ServerTime: SERVER_TIME, MaxAllowedSkewMilliseconds: '900000' },
    ],
  ),
  [
    'header, unsigned x-amz-*',
    () => header({ unsigned: { 'x-amz-meta-b': '1', 'x-amz-acl': 'private' } }),
    403,
    DENIED,
    NOT_SIGNED,
    { HeadersNotSigned: 'x-amz-acl, x-amz-meta-b' },
  ],
  [
    'header, other region',
    () => header({ region: 'eu-west-1' }),
    400,
    MALFORMED,
    `${HEADER}the region 'eu-west-1' is wrong; expecting 'us-east-1'`,
    { Region: REGION },
  ],
  [
    'header, other service',
    () => header({ service: 's2' }),
    400,
    MALFORMED,
    `${HEADER}incorrect service "s2". This endpoint belongs to "s3".`,
  ],
  [
    'header, other terminator',
    () => header({ terminator: 'aws5_request' }),
    400,
    MALFORMED,
    `${HEADER}incorrect terminal "aws5_request". This endpoint uses "aws4_request".`,
  ],
  [
    'header, other day in the credential',
    () => header({ credential: `${KEY_ID}/20240101/${REGION}/s3/aws4_request` }),
    400,
    MALFORMED,
    `${HEADER}Invalid credential date "20240101". This date is not the same as X-Amz-Date: "20240102".`,
  ],
  [
    'header, empty key ID',
    () => header({ credential: `/${SCOPE}` }),
    400,
    MALFORMED,
    `${HEADER}a non-empty Access Key (AKID) must be provided in the credential.`,
  ],
  [
    'header, unknown key ID',
    () => header({ keyId: 'UNKNOWN' }),
    403,
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
    { AWSAccessKeyId: 'UNKNOWN' },
  ],
  [
    'header, unknown token',
    () => header({ token: 'a-token' }),
    400,
    'InvalidToken',
    NO_TOKEN, // S3 repeats the token as Token-0
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
    'header, missing payload hash',
    () => withHeaders(header(), { 'x-amz-content-sha256': undefined }),
    400,
    'InvalidRequest',
    'Missing required header for this request: x-amz-content-sha256',
  ],
  [
    'header, invalid payload hash',
    () => header({ payloadHash: 'nonsense' }),
    400,
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value.',
    { ArgumentName: 'x-amz-content-sha256', ArgumentValue: 'nonsense' },
  ],
  [
    'header, missing date',
    () => withHeaders(header(), { 'x-amz-date': undefined }),
    403,
    DENIED,
    'AWS authentication requires a valid Date or x-amz-date header',
  ],
  [
    'a different scheme',
    () => withHeaders(header(), { authorization: 'Bearer of-bad-news' }),
    400,
    'InvalidArgument',
    'Unsupported Authorization Type',
    { ArgumentName: 'Authorization', ArgumentValue: 'Bearer' },
  ],
  [
    'Signature Version 2',
    () => withHeaders(header(), { authorization: `AWS ${KEY_ID}:frJIUN8DYpKDtOLCwo//yllqDzg=` }),
    400,
    'InvalidRequest',
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  ],
  [
    'anonymous',
    () => ({ method: 'GET', target: '/bucket/key', headers: { host: 'localhost' } }),
    403,
    DENIED,
    'Access Denied',
  ],
  // forms
  ['form, expired', () => form({ expiration: NOW - 1 }), 403, DENIED, 'Invalid according to Policy: Policy expired.'],
  [
    'form, condition not met',
    () => form({ fields: { key: 'another' } }),
    403,
    DENIED,
    'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "uploaded"]',
  ],
  [
    'form, a field without a condition',
    () => form({ fields: { acl: 'private' } }),
    403,
    DENIED,
    'Invalid according to Policy: Extra input fields: acl',
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
  ...['X-Amz-Signature', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Algorithm', 'policy'].map(
    (name): Row => [
      `form, ${name} missing`,
      () => form({ fields: { [name.toLowerCase()]: null } }),
      400,
      'InvalidArgument',
      `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      { ArgumentName: name },
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
    'form, other region',
    () => form({ region: 'eu-west-1' }),
    400,
    'InvalidArgument',
    "the region 'eu-west-1' is wrong; expecting 'us-east-1'",
    { ArgumentName: 'X-Amz-Credential', Region: REGION },
  ],
  [
    'form, without a bucket',
    () => form({ path: '/' }),
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: 'POST', ResourceType: 'SERVICE' },
  ],
  [
    'form, anonymous',
    () =>
      form({
        fields: Object.fromEntries(
          ['policy', ...['algorithm', 'credential', 'date', 'signature'].map((name) => `x-amz-${name}`)].map((name) => [
            name,
            null,
          ]),
        ),
      }),
    403,
    DENIED,
    'Access Denied',
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

describe('S3 accepts', () => {
  const accepted = async (request: Handmade) => {
    const reply = await send(server.port, request)
    expect(reply.status, reply.text).toBe(200)
    return reply
  }

  it.each([
    ['a header', () => header()],
    ['a presigned URL', () => query()],
    ['a presigned URL valid for a week', () => query({ expires: '604800' })],
    ['a clock 14 minutes off', () => header({ time: NOW + 14 * MINUTE })],
    ['a presigned URL signed yesterday', () => query({ time: NOW - DAY + MINUTE, expires: '86400' })],
    ['a parameter without a value', () => ({ ...replaceIn(header({ query: { x: '' } }), 'x=', 'x') })],
    ['a plus sign for a space', () => replaceIn(header({ query: { x: 'a b' } }), 'a%20b', 'a+b')],
    ['an unsigned payload hash', () => query({ unsigned: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })],
    ['an unsigned content type', () => header({ unsigned: { 'content-type': 'text/odd' } })],
  ] as const)('%s', async (_, make) => {
    expect((await accepted(make())).text).toBe('stored')
  })

  it('a form, whose file is stored', async () => {
    const reply = await send(server.port, form())
    expect([reply.status, reply.text]).toEqual([204, ''])
    expect((await accepted(header({ path: '/bucket/uploaded' }))).text).toBe('a file')
  })

  it('requests signed by this library', async () => {
    const options = { credentials, region: REGION, now: NOW }
    const endpoint = server.url
    const { url } = presignGet({ bucket: 'bucket', key: 'key', endpoint }, options)
    expect(await (await fetch(url)).text()).toBe('stored')
    const signed = sign({ url: `${endpoint}/bucket/key` }, { ...options, service: 's3' })
    expect(await (await fetch(signed.url, signed)).text()).toBe('stored')
  })
})
