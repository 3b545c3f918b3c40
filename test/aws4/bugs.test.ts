import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import * as reference from '../../reference/sigv4.ts'
import { presign, presignGet, sign, type UnsignedRequest } from '../../src/index.ts'
import { type Module, modules } from '../support/aws4/oracle.ts'
import { tableRows } from '../support/aws4/page.ts'
import { CREDENTIALS } from '../support/credentials.ts'
import { sent } from '../support/reference.ts'

// Every row of the table of bugs in docs/aws4.md has a test here, and every test has a row. aws4 and its replacement have
// the bug; sigv4 signs as the reference does, which is a different implementation, or throws.

const credentials = { ...CREDENTIALS }
const NOW = new Date('2015-08-30T12:36:00Z')
const AMZ_DATE = '20150830T123600Z'
const LATER = new Date('2015-08-31T12:36:00Z')
const OLD = '20200101T000000Z'
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const SQS = 'https://sqs.eu-west-1.amazonaws.com/'
const PHOTOS = 'https://photos.s3.eu-west-1.amazonaws.com/'
const OPTIONS = { credentials, now: NOW }

interface Bug {
  /** Does what the row describes. */
  readonly run: (module: Module) => unknown
  /** The result of aws4 and of its replacement. */
  readonly wrong: unknown
  /** Checks what sigv4 does instead. */
  readonly right: () => Promise<void>
}

const code = (value: string) => expect.objectContaining({ code: value })

const scopeOf = ({ service, region }: Module): string => `${service}, ${region}`

/** Returns a line of the canonical request. */
const line = (signer: Module, index: number): string => signer.canonicalString().split('\n').at(index)

/** Checks that sigv4, which is not told the scope, signs a request as the reference does for it. */
async function expectSigned(request: UnsignedRequest, scope: string, expected: Partial<reference.HttpRequest> = {}) {
  const [service, region] = scope.split(', ') as [string, string]
  const url = String(request.url)
  const signed = await reference.sign({ method: 'GET', url, ...expected }, { service, region, credentials, date: NOW })
  expect(sent(await sign(request, OPTIONS))).toEqual(sent(signed))
}

/** Checks that sigv4 presigns a URL as the reference does for S3 in eu-west-1. */
async function expectPresigned(url: string, options: { expires?: number; payloadHash?: string; region?: string } = {}) {
  const given = { service: 's3', region: 'eu-west-1', credentials, date: NOW, ...options }
  const signed = await reference.presign({ method: 'GET', url }, given)
  expect(sent(await presign('GET', url, { ...OPTIONS, ...options }))).toEqual(sent(signed))
}

/** Returns the signature of a GET request for `/a//b%20c`, whose path is signed as sent, as for S3. */
async function signatureForS3(service: string, query: string, headers: string[][], hash: string): Promise<string> {
  const scope = `20150830/eu-west-1/${service}/aws4_request`
  const canonical = reference.canonicalRequest('GET', '/a//b%20c', query, headers, hash)
  const toSign = await reference.stringToSign(canonical, AMZ_DATE, scope)
  return reference.hex(await reference.hmac(await reference.signingKey(credentials.secretAccessKey, scope), toSign))
}

const HOSTS: [host: string, wrong: string, right: string][] = [
  ['photos.s3.dualstack.eu-west-1.amazonaws.com', 'dualstack, eu-west-1', 's3, eu-west-1'],
  ['s3-fips.us-west-2.amazonaws.com', 's3, fips', 's3, us-west-2'],
  ['x.s3-accesspoint.eu-west-1.amazonaws.com', 's3, accesspoint', 's3, eu-west-1'],
  ['bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com', 'eu-west-1, vpce', 's3, eu-west-1'],
  ['eu-west-1.queue.amazonaws.com', 'eu-west-1, queue', 'sqs, eu-west-1'],
  ['git-codecommit.eu-west-1.amazonaws.com', 'git-codecommit, eu-west-1', 'codecommit, eu-west-1'],
  ['bedrock-runtime.us-west-2.amazonaws.com', 'bedrock-runtime, us-west-2', 'bedrock, us-west-2'],
  ['abc.lambda-url.eu-west-1.on.aws', ', us-east-1', 'lambda, eu-west-1'],
  ['abc.r2.cloudflarestorage.com', ', us-east-1', 's3, auto'],
]
const ACCELERATE = 'photos.s3-accelerate.amazonaws.com'

const ODD_HOSTS = ['SQS.eu-west-1.amazonaws.COM', 'sqs.eu-west-1.amazonaws.com:8443', 'sqs.eu-west-1.amazonaws.com.']

const PORTS: [request: Module, wrong: string, url: string][] = [
  [{ host: 'a.example', port: 443 }, 'a.example:443', 'https://a.example:443/'],
  [{ host: 'a.example', port: 80, protocol: 'http:' }, 'a.example:80', 'http://a.example:80/'],
  [{ host: 'a.example:9000', port: 9000 }, 'a.example:9000:9000', 'https://a.example:9000/'],
  ['https://[::1]:9000/', '::1:9000', 'https://[::1]:9000/'],
]

const S3_LIKE = ['s3express', 's3-outposts', 's3-object-lambda']
const MANY = Array.from({ length: 1200 }, (_, i) => `p${i}=a`).join('&')

const bugs: Record<string, Bug> = {
  'a host whose labels are not `service.region`': {
    run: ({ RequestSigner }) =>
      [...HOSTS.map(([host]) => host), ACCELERATE].map((host) => scopeOf(new RequestSigner({ host }, credentials))),
    wrong: [...HOSTS.map(([, wrong]) => wrong), 's3, accelerate'],
    async right() {
      for (const [host, , scope] of HOSTS) await expectSigned({ url: `https://${host}/` }, scope)
      const url = `https://${ACCELERATE}/`
      await expect(sign({ url }, OPTIONS)).rejects.toEqual(code('ERR_SIGV4_SCOPE_UNKNOWN'))
      await expectPresigned(url, { region: 'eu-west-1' })
    },
  },
  'a host in uppercase, with a port, or with a final dot': {
    run: ({ RequestSigner }) => ODD_HOSTS.map((host) => scopeOf(new RequestSigner({ host }, credentials))),
    wrong: [', us-east-1', ', us-east-1', ', us-east-1'],
    async right() {
      for (const host of ODD_HOSTS) await expectSigned({ url: `https://${host}/` }, 'sqs, eu-west-1')
    },
  },
  'a `URL`': {
    run: ({ sign }) => sign(new URL(`${SQS}a?b=c`), credentials).path,
    wrong: '/',
    right: () => expectSigned({ url: new URL(`${SQS}a?b=c`) }, 'sqs, eu-west-1'),
  },
  'a URL without `https://`': {
    run: ({ sign }) => sign('sqs.eu-west-1.amazonaws.com/a', credentials).path,
    wrong: 'sqs.eu-west-1.amazonaws.com/a',
    right: () =>
      expect(sign({ url: 'sqs.eu-west-1.amazonaws.com/a' }, OPTIONS)).rejects.toEqual(code('ERR_INVALID_ARG_VALUE')),
  },
  '`Headers`, a `Map`, or pairs as `headers`': {
    run: ({ sign }) =>
      headersOf([['x-a', '1']]).map((headers) => sign({ service: 'sqs', headers }, credentials).headers['x-a']),
    wrong: [undefined, undefined, undefined],
    async right() {
      for (const headers of headersOf([['x-a', '1']]))
        await expectSigned({ url: SQS, headers }, 'sqs, eu-west-1', { headers: { 'x-a': '1' } })
    },
  },
  'a header in a different case: `HOST`, `content-Type`, `X-AMZ-DATE`': {
    run({ sign }) {
      const headers = { HOST: 'a.example', 'X-AMZ-DATE': OLD, 'content-Type': 'a' }
      return Object.keys(sign({ service: 'sqs', body: 'a', headers }, credentials).headers).sort()
    },
    wrong: [
      ...['Authorization', 'Content-Length', 'Content-Type', 'HOST', 'Host', 'X-AMZ-DATE', 'X-Amz-Date'],
      'content-Type',
    ],
    async right() {
      const headers = { HOST: 'sqs.eu-west-1.amazonaws.com', 'content-Type': 'a' }
      const expected = { method: 'POST', body: 'a', headers: { 'content-type': 'a' } }
      await expectSigned({ method: 'POST', url: SQS, body: 'a', headers }, 'sqs, eu-west-1', expected)
      const dated = sign({ url: SQS, headers: { 'X-AMZ-DATE': OLD } }, OPTIONS)
      await expect(dated).rejects.toEqual(code('ERR_SIGV4_ALREADY_SIGNED'))
    },
  },
  'a header twice, in two cases': {
    run: ({ RequestSigner }) =>
      new RequestSigner({ service: 'sqs', headers: { 'X-A': '1', 'x-a': '2' } }, credentials).signedHeaders(),
    wrong: 'host;x-a;x-a',
    right: () =>
      expectSigned({ url: SQS, headers: { 'X-A': '1', 'x-a': '2' } }, 'sqs, eu-west-1', {
        headers: { 'x-a': ['1', '2'] },
      }),
  },
  'a header `constructor`': {
    run: ({ RequestSigner }) =>
      new RequestSigner({ service: 'sqs', headers: { constructor: 'a' } }, credentials).signedHeaders(),
    wrong: 'host',
    right() {
      const headers = { constructor: 'a' }
      return expectSigned({ url: SQS, headers }, 'sqs, eu-west-1', { headers })
    },
  },
  'port 443 or 80, a port that the host already contains, IPv6': {
    run: ({ RequestSigner }) =>
      PORTS.map(([given]) => {
        const request = typeof given === 'string' ? given : { ...given, service: 's3' }
        return new RequestSigner(request, credentials).request.headers.Host
      }),
    wrong: PORTS.map(([, wrong]) => wrong),
    async right() {
      const own = { ...OPTIONS, service: 's3', region: 'eu-west-1' }
      for (const [, , url] of PORTS) {
        const options = { service: 's3', region: 'eu-west-1', credentials, date: NOW }
        expect(sent(await sign({ url }, own))).toEqual(sent(await reference.sign({ method: 'GET', url }, options)))
      }
    },
  },
  'a method in lowercase': {
    run({ RequestSigner }) {
      const signer = new RequestSigner({ service: 'sqs', method: 'patch' }, credentials)
      return [line(signer, 0), signer.sign().method]
    },
    wrong: ['patch', 'patch'],
    right: () => expectSigned({ method: 'patch', url: SQS }, 'sqs, eu-west-1', { method: 'PATCH' }),
  },
  'the same request signed again': {
    run({ sign }) {
      const request: Module = { service: 'sqs', headers: { Date: NOW.toUTCString() } }
      sign(request, { ...credentials, sessionToken: 'first' })
      request.headers.Date = LATER.toUTCString()
      const { headers } = sign(request, { ...credentials, sessionToken: 'second' })
      return [headers['X-Amz-Date'], headers['X-Amz-Security-Token']]
    },
    wrong: [AMZ_DATE, 'first'],
    async right() {
      const request = Object.freeze({ url: SQS })
      for (const [date, sessionToken] of [[NOW, 'first'] as const, [LATER, 'second'] as const]) {
        const temporary = { ...credentials, sessionToken }
        const options = { service: 'sqs', region: 'eu-west-1', credentials: temporary, date }
        const own = await sign(request, { credentials: temporary, now: date })
        expect(sent(own)).toEqual(sent(await reference.sign({ method: 'GET', ...request }, options)))
        await expect(sign(own, OPTIONS)).rejects.toEqual(code('ERR_SIGV4_ALREADY_SIGNED'))
      }
    },
  },
  'a presigned path signed again, or read again': {
    run({ RequestSigner, sign }) {
      const headers: Module = { Date: NOW.toUTCString() }
      const request: Module = { service: 's3', path: '/a?b=c&X-Amz-Expires=60', signQuery: true, headers }
      sign(request, credentials)
      request.headers.Date = LATER.toUTCString()
      const signer = new RequestSigner(request, credentials)
      const { path } = signer.sign()
      const isSigned = signer.canonicalString().includes('X-Amz-Signature')
      return [new URL(path, PHOTOS).searchParams.get('X-Amz-Date'), isSigned, signer.sign().path === path]
    },
    wrong: [AMZ_DATE, true, false],
    async right() {
      const { url } = await presign('GET', `${PHOTOS}a?b=c`, OPTIONS)
      const again = presign('GET', url, { credentials, now: LATER })
      await expect(again).rejects.toEqual(code('ERR_SIGV4_ALREADY_SIGNED'))
      await expectPresigned(`${PHOTOS}a?b=c`)
    },
  },
  'a path with an escape and a character that needs one': {
    run: ({ sign }) => sign({ service: 's3', path: '/a b%2Bc?d=é&e=%2F' }, credentials).path,
    wrong: '/a%20b%252Bc?d=%C3%A9&e=%252F',
    async right() {
      const url = `${PHOTOS}a b%2Bc?d=é&e=%2F`
      await expectSigned({ url }, 's3, eu-west-1')
      expect((await sign({ url }, OPTIONS)).url).toBe(`${PHOTOS}a%20b%2Bc?d=%C3%A9&e=%2F`)
    },
  },
  'a path with `#`': {
    run({ RequestSigner }) {
      const signer = new RequestSigner({ service: 's3', path: '/a#b' }, credentials)
      return [signer.sign().path, line(signer, 1)]
    },
    wrong: ['/a#b', '/a%23b'],
    async right() {
      await expect(sign({ url: `${PHOTOS}a#b` }, OPTIONS)).rejects.toEqual(code('ERR_INVALID_ARG_VALUE'))
      await expectSigned({ url: `${PHOTOS}a%23b` }, 's3, eu-west-1')
      const own = await presignGet({ bucket: 'photos', key: 'a#b' }, { ...OPTIONS, region: 'eu-west-1' })
      expect(own.url).toBe((await presign('GET', `${PHOTOS}a%23b`, OPTIONS)).url)
    },
  },
  'a parameter twice, for S3': {
    run: ({ RequestSigner }) => line(new RequestSigner({ service: 's3', path: '/?a=2&a=1' }, credentials), 2),
    wrong: 'a=2',
    right: () => expectSigned({ url: `${PHOTOS}?a=2&a=1` }, 's3, eu-west-1'),
  },
  'more than 1,000 parameters': {
    run: ({ sign }) => sign({ service: 's3', path: `/?${MANY}` }, credentials).path.split('&').length,
    wrong: 1000,
    right: () => expectSigned({ url: `${PHOTOS}?${MANY}` }, 's3, eu-west-1'),
  },
  'a parameter `__proto__`': {
    run({ RequestSigner }) {
      const signer = new RequestSigner({ service: 's3', path: '/?__proto__=a' }, credentials)
      return [line(signer, 2), signer.sign().path]
    },
    wrong: ['', '/?__proto__=a'],
    right: () => expectSigned({ url: `${PHOTOS}?__proto__=a` }, 's3, eu-west-1'),
  },
  '`signedHeaders()` or `authHeader()` before `sign()`': {
    run: ({ RequestSigner }) =>
      ['signedHeaders', 'authHeader'].map((method) => {
        const signer = new RequestSigner({ service: 'sqs' }, credentials)
        signer[method]()
        const { headers } = signer.sign()
        return ['X-Amz-Date' in headers, headers.Authorization.includes('x-amz-date')]
      }),
    wrong: [
      [true, false],
      [true, false],
    ],
    async right() {
      await expectSigned({ url: SQS }, 'sqs, eu-west-1')
      const { headers } = await sign({ url: SQS }, OPTIONS)
      expect(headers.authorization).toContain('SignedHeaders=host;x-amz-date,')
    },
  },
  'missing credentials': {
    run: ({ sign }) => /Credential=\w+/.exec(sign({ service: 'sqs' }, {}).headers.Authorization)![0],
    wrong: 'Credential=undefined',
    async right() {
      const temporary = { ...credentials, accessKeyId: 'ASIAEXAMPLE' }
      for (const missing of [{}, { accessKeyId: 'a' }, temporary] as (typeof credentials)[])
        await expect(sign({ url: SQS }, { credentials: missing })).rejects.toEqual(
          code('ERR_SIGV4_CREDENTIALS_MISSING'),
        )
    },
  },
  '`X-Amz-Expires` outside 1 to 604800': {
    run: ({ sign }) =>
      [0, -5, 604_801].map((expires) => {
        const { path } = sign({ service: 's3', path: `/?X-Amz-Expires=${expires}`, signQuery: true }, credentials)
        return new URL(path, PHOTOS).searchParams.get('X-Amz-Expires')
      }),
    wrong: ['0', '-5', '604801'],
    async right() {
      for (const expires of [0, -5, 604_801])
        await expect(presign('GET', PHOTOS, { ...OPTIONS, expires })).rejects.toEqual(code('ERR_SIGV4_EXPIRES_RANGE'))
      for (const expires of [1, 604_800]) await expectPresigned(PHOTOS, { expires })
    },
  },
  'a host that does not identify a service': {
    run: ({ RequestSigner }) => new RequestSigner({ host: 'localhost' }, credentials).credentialString(),
    wrong: '20150830/us-east-1//aws4_request',
    right: () => expect(sign({ url: 'http://localhost/' }, OPTIONS)).rejects.toEqual(code('ERR_SIGV4_SCOPE_UNKNOWN')),
  },
  '`X-Amz-Date` with `doNotModifyHeaders`': {
    run({ RequestSigner }) {
      const headers = { 'X-Amz-Date': OLD }
      const signer = new RequestSigner({ service: 'sqs', doNotModifyHeaders: true, headers }, credentials)
      return [signer.sign().headers['X-Amz-Date'], signer.credentialString()]
    },
    wrong: [OLD, '20150830/us-east-1/sqs/aws4_request'],
    right: expectDateOption,
  },
  'a header `X-Amz-Date` with `signQuery`': {
    run({ sign }) {
      const { path } = sign({ service: 's3', signQuery: true, headers: { 'X-Amz-Date': OLD } }, credentials)
      const { searchParams } = new URL(path, PHOTOS)
      return [searchParams.get('X-Amz-SignedHeaders'), searchParams.get('X-Amz-Date')]
    },
    wrong: ['host;x-amz-date', AMZ_DATE],
    async right() {
      await expectDateOption()
      const presigned = presign('GET', PHOTOS, { credentials, headers: { 'X-Amz-Date': OLD } })
      await expect(presigned).rejects.toEqual(code('ERR_SIGV4_ALREADY_SIGNED'))
    },
  },
  '`s3express`, `s3-outposts`, `s3-object-lambda`': {
    run: ({ RequestSigner }) =>
      S3_LIKE.map((service) => {
        const given = { service, path: '/a//b%20c', host: 'a.example' }
        const signer = new RequestSigner({ ...given }, credentials)
        const presigning = new RequestSigner({ ...given, signQuery: true }, credentials)
        return [line(signer, 1), 'X-Amz-Content-Sha256' in signer.request.headers, line(presigning, -1)]
      }),
    wrong: S3_LIKE.map(() => ['/a/b%2520c', false, EMPTY_HASH]),
    async right() {
      const url = 'https://a.example/a//b%20c'
      const host = ['host', 'a.example']
      for (const service of S3_LIKE) {
        const own = { ...OPTIONS, service, region: 'eu-west-1' }
        const hash = ['x-amz-content-sha256', EMPTY_HASH]
        const signature = await signatureForS3(service, '', [host, hash, ['x-amz-date', AMZ_DATE]], EMPTY_HASH)
        const { headers } = await sign({ url }, own)
        expect(headers).toMatchObject({ 'x-amz-content-sha256': EMPTY_HASH, 'x-amz-date': AMZ_DATE })
        expect(headers.authorization).toContain(`Signature=${signature}`)
        const presigned = await presign('GET', url, own)
        const [, query, added] = /\?(.*)&X-Amz-Signature=(\w+)$/.exec(presigned.url)!
        expect(query).toContain('X-Amz-Expires=900')
        expect(added).toBe(await signatureForS3(service, query!, [host], 'UNSIGNED-PAYLOAD'))
      }
    },
  },
  '`sts` and a region': {
    run: ({ RequestSigner }) => {
      const signer = new RequestSigner({ service: 'sts', region: 'us-west-2' }, credentials)
      return [signer.request.hostname, signer.region]
    },
    wrong: ['sts.amazonaws.com', 'us-west-2'],
    async right() {
      await expectSigned({ url: 'https://sts.us-west-2.amazonaws.com/' }, 'sts, us-west-2')
      await expectSigned({ url: 'https://sts.amazonaws.com/' }, 'sts, us-east-1')
    },
  },
  '`iam`, `route53`, `cloudfront` and a region': {
    run: ({ RequestSigner }) =>
      ['iam', 'route53', 'cloudfront'].map((service) => {
        const signer = new RequestSigner({ service, region: 'us-west-2' }, credentials)
        return [signer.request.hostname, signer.region]
      }),
    wrong: ['iam', 'route53', 'cloudfront'].map((service) => [`${service}.amazonaws.com`, 'us-west-2']),
    async right() {
      for (const service of ['iam', 'route53', 'cloudfront'])
        await expectSigned({ url: `https://${service}.amazonaws.com/` }, `${service}, us-east-1`)
    },
  },
  'a region in China': {
    run: ({ RequestSigner }) =>
      new RequestSigner({ service: 's3', region: 'cn-north-1' }, credentials).request.headers.Host,
    wrong: 's3.cn-north-1.amazonaws.com',
    async right() {
      const given = { service: 's3', region: 'cn-north-1', credentials, date: NOW }
      const url = 'https://photos.s3.cn-north-1.amazonaws.com.cn/cat.jpg'
      const own = await presignGet({ bucket: 'photos', key: 'cat.jpg' }, { ...OPTIONS, region: 'cn-north-1' })
      expect(sent(own)).toEqual(sent(await reference.presign({ method: 'GET', url }, given)))
      await expectSigned({ url }, 's3, cn-north-1')
    },
  },
  '`X-Amz-Content-Sha256` with `signQuery`, for S3': {
    run({ RequestSigner }) {
      const headers = { 'X-Amz-Content-Sha256': EMPTY_HASH }
      return line(new RequestSigner({ service: 's3', signQuery: true, headers }, credentials), -1)
    },
    wrong: 'UNSIGNED-PAYLOAD',
    right: () => expectPresigned(PHOTOS, { payloadHash: EMPTY_HASH }),
  },
}

/** Returns the pairs in each form that `fetch` and others accept. */
function headersOf(pairs: [string, string][]): [Headers, Map<string, string>, [string, string][]] {
  return [new Headers(pairs), new Map(pairs), pairs]
}

/** Checks that the date is an option, and not a header. */
async function expectDateOption(): Promise<void> {
  const dated = sign({ url: SQS, headers: { 'X-Amz-Date': OLD } }, { credentials })
  await expect(dated).rejects.toEqual(code('ERR_SIGV4_ALREADY_SIGNED'))
  const date = new Date('2020-01-01T00:00:00Z')
  const own = await sign({ url: SQS }, { credentials, now: date })
  const options = { service: 'sqs', region: 'eu-west-1', credentials, date }
  expect(sent(own)).toEqual(sent(await reference.sign({ method: 'GET', url: SQS }, options)))
}

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
})
afterAll(() => {
  vi.useRealTimers()
})

describe('a bug of aws4', () => {
  it('has a row in docs/aws4.md, and the reverse', () => {
    expect(tableRows('Bugs that sigv4 does not have')).toEqual(Object.keys(bugs))
  })

  it.each(Object.entries(bugs))('is in aws4, in its replacement, and not in sigv4: %s', async (_, bug) => {
    for (const [name, module] of Object.entries(modules)) expect(bug.run(module), name).toEqual(bug.wrong)
    await bug.right()
  })
})
