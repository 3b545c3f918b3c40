import { describe, expect, it } from 'vitest'
import aws4, { fixed } from '../../src/aws4.ts'
import type { Module } from '../support/aws4/oracle.ts'
import { tableRows } from '../support/aws4/page.ts'

// Every row of the table of corrections in docs/aws4.md has a test here, and every test has a row.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const DATE = 'Sun, 30 Aug 2015 12:36:00 GMT'

/** Creates signers in both modes for the same request, aws4's first. */
function signers(make: () => Module, given: Module = credentials): [Module, Module] {
  return [new aws4.RequestSigner(make(), given), new (fixed.RequestSigner as Module)(make(), given)]
}

/** Signs the requests in both modes. */
function signed(make: () => Module, given: Module = credentials): [Module, Module] {
  return [(aws4.sign as Module)(make(), given), (fixed.sign as Module)(make(), given)]
}

function scope({ service, region }: Module): string {
  return `${service}, ${region}`
}

/** Returns a line of the canonical request. */
function line(signer: Module, index: number): string {
  return signer.canonicalString().split('\n')[index]
}

const code = (value: string) => expect.objectContaining({ code: value })
const caught = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

const rows: Record<string, () => void> = {
  'a host whose labels are not `service.region`': () => {
    const hosts: [host: string, theirs: string, own: string][] = [
      ['photos.s3.dualstack.eu-west-1.amazonaws.com', 'dualstack, eu-west-1', 's3, eu-west-1'],
      ['s3-fips.us-west-2.amazonaws.com', 's3, fips', 's3, us-west-2'],
      ['photos.s3-accelerate.amazonaws.com', 's3, accelerate', 's3, us-east-1'],
      ['x.s3-accesspoint.eu-west-1.amazonaws.com', 's3, accesspoint', 's3, eu-west-1'],
      ['bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com', 'eu-west-1, vpce', 's3, eu-west-1'],
      ['eu-west-1.queue.amazonaws.com', 'eu-west-1, queue', 'sqs, eu-west-1'],
      ['git-codecommit.eu-west-1.amazonaws.com', 'git-codecommit, eu-west-1', 'codecommit, eu-west-1'],
      ['bedrock-runtime.us-west-2.amazonaws.com', 'bedrock-runtime, us-west-2', 'bedrock, us-west-2'],
      ['abc.lambda-url.eu-west-1.on.aws', ', us-east-1', 'lambda, eu-west-1'],
      ['abc.r2.cloudflarestorage.com', ', us-east-1', 's3, auto'],
      ['email.eu-west-1.amazonaws.com', 'ses, eu-west-1', 'ses, eu-west-1'],
    ]
    for (const [host, theirs, own] of hosts) expect(signers(() => ({ host })).map(scope), host).toEqual([theirs, own])
  },
  'a host in uppercase, with a port, or with a final dot': () => {
    for (const host of [
      'SQS.eu-west-1.amazonaws.COM',
      'sqs.eu-west-1.amazonaws.com:8443',
      'sqs.eu-west-1.amazonaws.com.',
    ])
      expect(signers(() => ({ host })).map(scope)).toEqual([', us-east-1', 'sqs, eu-west-1'])
    expect(signers(() => ({ host: 'SQS.eu-west-1.amazonaws.com' }))[1].request.headers.Host).toBe(
      'sqs.eu-west-1.amazonaws.com',
    )
  },
  'a `URL` as the request': () => {
    const url = new URL('https://sqs.eu-west-1.amazonaws.com:8443/a?b=c')
    const [theirs, own] = signed(() => new URL(url))
    expect(theirs.path).toBe('/')
    expect([own.path, own.hostname, own.port]).toEqual(['/a?b=c', 'sqs.eu-west-1.amazonaws.com', '8443'])
    expect(own.headers.Host).toBe('sqs.eu-west-1.amazonaws.com:8443')
    expect(fixed.sign(url, credentials)).not.toBe(url)
    expect(Object.keys(url)).toEqual([])
  },
  'a string without `https://` as the request': () => {
    const text = 'sqs.eu-west-1.amazonaws.com/a'
    const [theirs] = [aws4.sign(text, credentials)]
    expect(theirs.path).toBe(text)
    expect(caught(() => fixed.sign(text, credentials))).toEqual(code('ERR_INVALID_ARG_VALUE'))
  },
  '`Headers`, a `Map` or pairs as `headers`': () => {
    const pairs: [string, string][] = [['x-a', '1']]
    for (const make of [() => new Headers(pairs), () => new Map(pairs), () => pairs]) {
      const [theirs, own] = signed(() => ({ service: 'sqs', headers: make() }))
      expect(theirs.headers['x-a']).toBeUndefined()
      expect(own.headers['x-a']).toBe('1')
      expect(own.headers.Authorization).toContain('SignedHeaders=host;x-a;x-amz-date')
    }
  },
  'a header in a different case: `HOST`, `X-AMZ-DATE`': () => {
    const headers = { HOST: 'a.example', 'X-AMZ-DATE': '20200101T000000Z', 'content-Type': 'a' }
    const [theirs, own] = signed(() => ({ service: 'sqs', body: 'a', headers }))
    expect(theirs.headers.Host).toBe('sqs.us-east-1.amazonaws.com')
    const { Authorization, ...rest } = own.headers
    expect(rest).toEqual({
      host: 'a.example',
      'x-amz-date': '20200101T000000Z',
      'content-type': 'a',
      'Content-Length': 1,
    })
    expect(Authorization).toContain('/20200101/')
  },
  'a header twice, in two cases': () => {
    const make = () => ({ service: 'sqs', headers: { 'X-A': '1', 'x-a': '2', Date: DATE } })
    const [theirs] = [aws4.sign(make(), credentials)]
    expect(theirs.headers.Authorization).toContain('x-a;x-a')
    expect(caught(() => fixed.sign(make(), credentials))).toEqual(code('ERR_INVALID_ARG_VALUE'))
  },
  'a header `constructor`': () => {
    const [theirs, own] = signers(() => ({ service: 'sqs', headers: { constructor: 'a' } }))
    expect([theirs.sign(), own.sign()].map(({ headers }) => headers.Authorization.includes('constructor'))).toEqual([
      false,
      true,
    ])
  },
  'port 443 or 80, a port that the host already contains, IPv6': () => {
    const hosts = (request: Module) =>
      signers(() => (request === `${request}` ? request : { service: 's3', ...request })).map(
        (signer) => signer.request.headers.Host,
      )
    expect(hosts({ host: 'a.example', port: 443 })).toEqual(['a.example:443', 'a.example'])
    expect(hosts({ host: 'a.example:443' })).toEqual(['a.example:443', 'a.example'])
    expect(hosts({ host: 'a.example', port: 80 })).toEqual(['a.example:80', 'a.example'])
    expect(hosts({ host: 'a.example', port: 80, protocol: 'https:' })).toEqual(['a.example:80', 'a.example:80'])
    expect(hosts({ host: 'a.example', port: 443, protocol: 'http:' })).toEqual(['a.example:443', 'a.example:443'])
    expect(hosts({ host: 'a.example:9000', port: 9000 })).toEqual(['a.example:9000:9000', 'a.example:9000'])
    expect(hosts('https://[::1]:9000/')).toEqual(['::1:9000', '[::1]:9000'])
    expect(signers(() => ({ service: 'sqs', port: 443 })).map((signer) => signer.request.hostname)).toEqual([
      'sqs.us-east-1.amazonaws.com:443',
      'sqs.us-east-1.amazonaws.com',
    ])
  },
  'a method in lowercase': () => {
    const [theirs, own] = signers(() => ({ service: 'sqs', method: 'patch' }))
    expect([line(theirs, 0), line(own, 0), own.request.method]).toEqual(['patch', 'PATCH', 'PATCH'])
  },
  'the same request signed again': () => {
    const again = (module: Module) => {
      const request: Module = { service: 'sqs', headers: { Date: DATE } }
      module.sign(request, { ...credentials, sessionToken: 'first' })
      request.headers.Date = 'Mon, 31 Aug 2015 12:36:00 GMT'
      const { headers } = module.sign(request, { ...credentials, sessionToken: 'second' })
      return [headers['X-Amz-Date'], headers['X-Amz-Security-Token']]
    }
    expect(again(aws4)).toEqual(['20150830T123600Z', 'first'])
    expect(again(fixed)).toEqual(['20150831T123600Z', 'second'])
  },
  'a presigned path signed again, or read again': () => {
    const again = (module: Module) => {
      const request: Module = {
        service: 's3',
        path: '/a?b=c&X-Amz-Expires=60',
        signQuery: true,
        headers: { Date: DATE },
      }
      module.sign(request, credentials)
      request.headers.Date = 'Mon, 31 Aug 2015 12:36:00 GMT'
      const signer = new module.RequestSigner(request, credentials)
      const { path } = signer.sign()
      return [
        /X-Amz-Date=(\w+)/.exec(path)![1],
        signer.canonicalString().includes('X-Amz-Signature'),
        signer.sign().path === path,
      ]
    }
    expect(again(aws4)).toEqual(['20150830T123600Z', true, false])
    expect(again(fixed)).toEqual(['20150831T123600Z', false, true])
  },
  'a path with an escape and a character that needs one': () => {
    const paths = signed(() => ({ service: 's3', path: '/a b%2Bc?d=é&e=%2F' })).map(({ path }) => path)
    expect(paths).toEqual(['/a%20b%252Bc?d=%C3%A9&e=%252F', '/a%20b%2Bc?d=%C3%A9&e=%2F'])
  },
  'a path with `#`': () => {
    const [theirs, own] = signers(() => ({ service: 's3', path: '/a#b' }))
    expect([theirs.sign().path, line(theirs, 1)]).toEqual(['/a#b', '/a%23b'])
    expect([own.sign().path, line(own, 1)]).toEqual(['/a%23b', '/a%23b'])
  },
  'a parameter twice, for S3': () => {
    const queries = signers(() => ({ service: 's3', path: '/?a=2&a=1' })).map((signer) => line(signer, 2))
    expect(queries).toEqual(['a=2', 'a=1&a=2'])
  },
  'more than 1,000 parameters': () => {
    const path = `/?${Array.from({ length: 1200 }, (_, i) => `p${i}=a`).join('&')}`
    const counts = signed(() => ({ service: 's3', path })).map((request) => request.path.split('&').length)
    expect(counts).toEqual([1000, 1200])
  },
  'a parameter `__proto__`': () => {
    const queries = signers(() => ({ service: 's3', path: '/?__proto__=a' })).map((signer) => line(signer, 2))
    expect(queries).toEqual(['', '__proto__=a'])
  },
  '`signedHeaders()` or `authHeader()` before `sign()`': () => {
    for (const method of ['signedHeaders', 'authHeader', 'canonicalHeaders']) {
      const [theirs, own] = signers(() => ({ service: 'sqs', headers: { Date: DATE } }))
      expect([theirs, own].map((signer) => signer[method]().includes('x-amz-date'))).toEqual([false, true])
    }
  },
  'missing credentials': () => {
    expect(aws4.sign({ service: 'sqs' }, {}).headers.Authorization).toContain('Credential=undefined/')
    for (const missing of [{}, { accessKeyId: 'a' }, { ...credentials, accessKeyId: 'ASIAEXAMPLE' }])
      expect(caught(() => fixed.sign({ service: 'sqs' }, missing))).toEqual(code('ERR_SIGV4_CREDENTIALS_MISSING'))
  },
  '`X-Amz-Expires` outside 1 to 604800': () => {
    for (const expires of ['0', '-5', 'x', '604801', '15m']) {
      const make = () => ({ service: 's3', path: `/?X-Amz-Expires=${expires}`, signQuery: true })
      expect(aws4.sign(make(), credentials).path).toContain(`X-Amz-Expires=${expires}`)
      expect(caught(() => fixed.sign(make(), credentials))).toEqual(code('ERR_SIGV4_EXPIRES_RANGE'))
    }
    expect(fixed.sign({ service: 's3', path: '/?X-Amz-Expires=604800', signQuery: true }, credentials).path).toContain(
      '604800',
    )
  },
  'a host that does not identify a service': () => {
    expect(aws4.sign({ host: 'localhost' }, credentials).headers.Authorization).toContain('/us-east-1//aws4_request')
    expect(caught(() => fixed.sign({ host: 'localhost' }, credentials))).toEqual(code('ERR_SIGV4_SCOPE_UNKNOWN'))
  },
  '`X-Amz-Date` with `doNotModifyHeaders`': () => {
    const headers = { 'X-Amz-Date': '20200101T000000Z' }
    const scopes = signed(() => ({ service: 'sqs', doNotModifyHeaders: true, headers })).map(
      ({ headers }) => /\/(\d{8})\//.exec(headers.Authorization)![1],
    )
    expect([scopes[0] === '20200101', scopes[1]]).toEqual([false, '20200101'])
  },
  'a header `X-Amz-Date` with `signQuery`': () => {
    const headers = { 'X-Amz-Date': '20200101T000000Z' }
    const dates = signed(() => ({ service: 'sqs', signQuery: true, headers })).map(
      ({ path }) => /X-Amz-Date=(\w+)/.exec(path)![1],
    )
    expect([dates[0] === headers['X-Amz-Date'], dates[1]]).toEqual([false, headers['X-Amz-Date']])
  },
  '`s3express`, `s3-outposts`, `s3-object-lambda`': () => {
    for (const service of ['s3express', 's3-outposts', 's3-object-lambda']) {
      const make = () => ({ service, path: '/a//b%20c', host: 'a.example' })
      const [theirs, own] = signers(make)
      expect([line(theirs, 1), line(own, 1)]).toEqual(['/a/b%2520c', '/a//b%20c'])
      expect([theirs, own].map(({ request }) => 'X-Amz-Content-Sha256' in request.headers)).toEqual([false, true])
      const presigned = signers(() => ({ ...make(), signQuery: true })).map((signer) => [
        signer.sign().path.includes('X-Amz-Expires=86400'),
        signer.canonicalString().endsWith('UNSIGNED-PAYLOAD'),
      ])
      expect(presigned).toEqual([
        [false, false],
        [true, true],
      ])
    }
  },
  '`sts` and a region': () => {
    const hosts = signers(() => ({ service: 'sts', region: 'us-west-2' })).map(({ request, region }) => [
      request.hostname,
      region,
    ])
    expect(hosts).toEqual([
      ['sts.amazonaws.com', 'us-west-2'],
      ['sts.us-west-2.amazonaws.com', 'us-west-2'],
    ])
  },
  '`iam`, `route53`, `cloudfront` and a region': () => {
    for (const service of ['iam', 'route53', 'cloudfront']) {
      const hosts = signers(() => ({ service, region: 'us-west-2' })).map(({ request, region }) => [
        request.hostname,
        region,
      ])
      expect(hosts).toEqual([
        [`${service}.amazonaws.com`, 'us-west-2'],
        [`${service}.amazonaws.com`, 'us-east-1'],
      ])
    }
  },
  'a region in China': () => {
    const hosts = signers(() => ({ service: 's3', region: 'cn-north-1' })).map(({ request }) => request.headers.Host)
    expect(hosts).toEqual(['s3.cn-north-1.amazonaws.com', 's3.cn-north-1.amazonaws.com.cn'])
  },
  '`X-Amz-Content-Sha256` with `signQuery`, for S3': () => {
    const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    const make = () => ({ service: 's3', signQuery: true, headers: { 'X-Amz-Content-Sha256': hash } })
    expect(signers(make).map((signer) => signer.canonicalString().split('\n').pop())).toEqual([
      'UNSIGNED-PAYLOAD',
      hash,
    ])
  },
}

describe('the fixed mode', () => {
  it('has a row in docs/aws4.md for each correction, and the reverse', () => {
    expect(tableRows('Corrections')).toEqual(Object.keys(rows))
  })

  it.each(Object.entries(rows))('corrects %s', (_, check) => check())

  it('signs requests without these faults as aws4 does', () => {
    const requests = [
      { service: 'sqs', region: 'eu-west-1', path: '/?Action=ListQueues&a=2&a=1' },
      { host: 'photos.s3.eu-west-1.amazonaws.com', path: '/a%20b/../c', method: 'PUT', body: 'a' },
      { host: 'dynamodb.eu-west-1.amazonaws.com', body: '{}', headers: { 'Content-Type': 'application/json' } },
      { host: 'localhost', port: 9000, service: 's3', path: '/photos/cat.jpg', signQuery: true },
      { service: 'codecommit', host: 'git-codecommit.us-east-1.amazonaws.com', method: 'GIT', path: '/v1/repos/a' },
    ]
    for (const request of requests) {
      const [theirs, own] = signed(() => ({ ...request, headers: { Date: DATE, ...request.headers } }), {
        ...credentials,
        sessionToken: 'a',
      })
      expect(own).toEqual(theirs)
      expect(JSON.stringify(own)).toBe(JSON.stringify(theirs))
    }
  })

  it('has signers of the documented classes', () => {
    expect(new fixed.RequestSigner({ service: 'sqs' }, credentials)).toBeInstanceOf(aws4.RequestSigner)
    expect(fixed.RequestSigner.name).toBe('RequestSigner')
  })
})
