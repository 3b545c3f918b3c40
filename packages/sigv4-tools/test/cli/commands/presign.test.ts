import { describe, expect, it } from 'vitest'
import { DOC_CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { asReceived } from '../../../../../test/support/service.ts'
import { errorOf, KEYS, run, succeed, verified } from '../../support/cli.ts'

const OBJECT = 's3://photos/cat.jpg'
const REGION = ['--region', 'eu-west-1']
const DATE = ['--now', '2026-01-31T12:00:00Z']

interface Presigned {
  method: string
  url: string
  headers: Record<string, string>
  expiresAt: string
  limitedBy?: string
}

async function presign(method: string, target: string, ...more: string[]): Promise<Presigned> {
  return JSON.parse(await succeed(['presign', method, target, ...DATE, '--json', ...more]))
}

describe('presign', () => {
  it('prints only the URL if no headers must be sent', async () => {
    // The example in "Authenticating Requests: Using Query Parameters" in the S3 documentation.
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: DOC_CREDENTIALS.secretAccessKey,
    }
    const args = ['https://examplebucket.s3.amazonaws.com/test.txt', '--now=2013-05-24', '--expires', '1d']
    expect(await succeed(['presign', 'get', ...args], { env })).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404\n',
    )
  })

  it.each(['get', 'put', 'head', 'delete', 'GET', 'Put'])('signs for %s', async (method) => {
    const result = await presign(method, OBJECT, ...REGION)
    expect(Object.keys(result)).toEqual(['version', 'method', 'url', 'headers', 'expiresAt'])
    expect(result.method).toBe(method.toUpperCase())
    expect(result.expiresAt).toBe('2026-01-31T12:15:00.000Z')
    expect(verified(asReceived(result))).toMatchObject({ expires: 900, signedHeaders: ['host'] })
  })

  it('prints required headers to standard error, and the URL to standard output', async () => {
    const args = ['presign', 'put', OBJECT, ...REGION, '--content-type', 'image/png']
    const one = await run(args)
    expect(one.stdout).toMatch(/^https:\S+\n$/)
    expect(one.stderr).toBe('Send exactly this header with it:\n  content-type: image/png\n')
    const two = await run([...args, '-H', 'X-Amz-Meta-Owner: eric'])
    expect(two.stderr).toBe(
      'Send exactly these headers with it:\n  x-amz-meta-owner: eric\n  content-type: image/png\n',
    )
  })

  it('signs the options', async () => {
    const put = await presign(
      ...['put', OBJECT, ...REGION, '--content-type=text/plain', '--content-length=5', '-H', 'x-amz-acl: private'],
      ...['--query', 'x=1', '--query', 'x=é&', '--expires', '7d', '--payload-hash', 'UNSIGNED-PAYLOAD'],
    )
    expect(put.headers).toEqual({ 'content-type': 'text/plain', 'x-amz-acl': 'private' })
    const received = asReceived({ ...put, headers: { ...put.headers, 'content-length': '5' } })
    const { signedHeaders, expires } = verified(received)
    expect(signedHeaders).toEqual(['content-length', 'content-type', 'host', 'x-amz-acl'])
    expect(expires).toBe(604_800)
    expect(new URL(put.url).searchParams.getAll('x').sort()).toEqual(['1', 'é&'])
    const get = await presign('get', OBJECT, ...REGION, '--download', 'Katze schläft.jpg')
    expect(new URL(get.url).searchParams.get('response-content-disposition')).toBe(
      `attachment; filename="Katze schl_ft.jpg"; filename*=UTF-8''Katze%20schl%C3%A4ft.jpg`,
    )
  })

  it.each(['get', 'put', 'head', 'delete'])(
    'does not sign for a bucket unless its URL is passed: %s',
    async (method) => {
      const bucket = (url: string) => `the target does not contain a key. For the bucket, pass ${url}.`
      const aws = 'https://photos.s3.eu-west-1.amazonaws.com/'
      for (const target of ['s3://photos', 's3://photos/', 'S3://photos/']) {
        expect(await errorOf(['presign', method, target, ...REGION])).toBe(bucket(aws))
        expect(await errorOf(['presign', method, target, ...REGION, '--query', 'cors='])).toBe(bucket(aws))
        expect(await errorOf(['presign', method, target, ...REGION, '--endpoint', 'http://localhost:9000'])).toBe(
          bucket('http://localhost:9000/photos/ with --service s3'),
        )
      }
      expect((await presign(method, aws)).url).toMatch(/^https:\/\/photos\.s3\.eu-west-1\.amazonaws\.com\/\?/)
      const { url } = await presign(method, 'http://localhost:9000/photos/', '--service', 's3', ...REGION)
      expect(url).toMatch(/^http:\/\/localhost:9000\/photos\/\?/)
    },
  )

  it.each([
    ['90s', 90],
    ['90', 90],
    ['15m', 900],
    ['12h', 43_200],
    ['2026-02-01', 43_200],
    ['2026-01-31T12:00:30Z', 30],
    ['2026-01-31T14:00:30+02:00', 30],
    ['20260131T120030Z', 30],
  ])('accepts the lifetime %s', async (expires, seconds) => {
    const { url } = await presign('get', OBJECT, ...REGION, '--expires', expires)
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe(String(seconds))
  })

  it.each(['8d', '0', '1y', 'soon', '-5', '2026-01-31T12:00:00', '2026-13-01', '2026-01-30', '1e3', ''])(
    'rejects the lifetime %j',
    async (expires) => {
      expect(await errorOf(['presign', 'get', OBJECT, ...REGION, ...DATE, `--expires=${expires}`])).toMatch(
        /^--expires (?:must be a duration |must be a date such as |is out of range(?: \(got "\S+"\))?\. Pass 1s to 7d, or a date within 7 days of signing\.$)/,
      )
    },
  )

  it('encodes the key of an s3:// target', async () => {
    for (const [key, path] of [
      ['a b?c#d&e', '/a%20b%3Fc%23d%26e'],
      ['résumé (1)+100%.pdf', '/r%C3%A9sum%C3%A9%20%281%29%2B100%25.pdf'],
      ['a//b/', '/a//b/'],
      ['a%20b', '/a%2520b'],
      ['/', '//'],
      ['x/../y', '/x%2F..%2Fy'],
    ]) {
      const result = await presign('get', `s3://photos/${key}`, ...REGION)
      expect(new URL(result.url).pathname).toBe(path)
      verified(asReceived(result))
    }
  })

  it('finds S3 with the options and the environment', async () => {
    const origin = async (args: string[], env: Record<string, string> = {}) => {
      const url = await succeed(['presign', 'get', 's3://photos/x', ...args], { env: { ...KEYS, ...env } })
      return url.split('?')[0]
    }
    const local = 'http://localhost:9000'
    expect(await origin([...REGION, '--endpoint', local])).toBe(`${local}/photos/x`)
    expect(await origin([...REGION, '--endpoint', local, '--no-path-style'])).toBe('http://photos.localhost:9000/x')
    expect(await origin([...REGION, '--path-style'])).toBe('https://s3.eu-west-1.amazonaws.com/photos/x')
    expect(await origin(REGION, { AWS_ENDPOINT_URL: local })).toBe(`${local}/photos/x`)
    expect(await origin(REGION, { AWS_ENDPOINT_URL_S3: local, AWS_ENDPOINT_URL: 'http://other' })).toBe(
      `${local}/photos/x`,
    )
    const ignored = { AWS_ENDPOINT_URL: local, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }
    expect(await origin(REGION, ignored)).toBe('https://photos.s3.eu-west-1.amazonaws.com/x')
    expect(await origin([], { AWS_REGION: 'eu-west-3' })).toBe('https://photos.s3.eu-west-3.amazonaws.com/x')
    expect(await origin([], { AWS_REGION: 'eu-west-3', AWS_DEFAULT_REGION: 'x' })).toContain('.eu-west-3.')
    expect(await origin([], { AWS_DEFAULT_REGION: 'eu-west-2' })).toContain('.eu-west-2.')
    expect(await origin(REGION, { AWS_REGION: 'eu-west-3' })).toContain('.eu-west-1.')
  })

  it('uses the region of the host, and otherwise of the environment', async () => {
    const scope = async (...args: string[]) => {
      const { stdout } = await run(['presign', 'get', ...args], { env: { ...KEYS, AWS_REGION: 'eu-west-3' } })
      return new URL(stdout).searchParams.get('X-Amz-Credential')!.split('/').slice(2, 4).join(' ')
    }
    expect(await scope('https://photos.s3.us-west-2.amazonaws.com/x')).toBe('us-west-2 s3')
    expect(await scope('https://sts.amazonaws.com/?Action=GetCallerIdentity')).toBe('us-east-1 sts')
    expect(await scope('https://localhost:9000/x', '--service', 's3')).toBe('eu-west-3 s3')
    expect(await scope('https://localhost:9000/x', '--service', 's3', '--region', 'a')).toBe('a s3')
    expect(await scope('s3://photos/x', '--endpoint', 'https://s3.fr-par.scw.cloud')).toBe('fr-par s3')
  })

  it('places the session token as specified', async () => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'token==' }
    const url = async (placement?: string) =>
      succeed(
        [
          'presign',
          'get',
          'https://data.iot.eu-west-1.amazonaws.com/mqtt',
          ...(placement ? ['--session-token-placement', placement] : []),
        ],
        { env },
      )
    expect(await url()).toMatch(/X-Amz-Security-Token=token%3D%3D&.*X-Amz-Signature=\w{64}\n$/)
    expect(await url('signed')).toMatch(/X-Amz-Security-Token=token%3D%3D&.*X-Amz-Signature=\w{64}\n$/)
    expect(await url('appended')).toMatch(/X-Amz-Signature=\w{64}&X-Amz-Security-Token=token%3D%3D\n$/)
  })

  it('reports when the credentials expire first', async () => {
    const expiration = new Date(Date.now() + 60_000).toISOString()
    const stdin = JSON.stringify({
      Version: 1,
      AccessKeyId: 'ASIAX',
      SecretAccessKey: 'b',
      SessionToken: 'c',
      Expiration: expiration,
    })
    const args = ['presign', 'get', OBJECT, ...REGION, '--credentials', '-']
    const { code, stderr } = await run(args, { env: {}, stdin })
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^The credentials expire first: the URL is valid until \S+Z\.\n$/),
    ])
    const { stdout } = await run([...args, '--json'], { env: {}, stdin })
    expect(JSON.parse(stdout)).toMatchObject({ limitedBy: 'credentials', expiresAt: expiration })
  })

  it('prints details only with --verbose, and never secrets', async () => {
    const env = { ...KEYS, AWS_SESSION_TOKEN: 'my-session-token', AWS_REGION: 'eu-west-1' }
    const { stdout, stderr } = await run(['presign', 'get', OBJECT, '--verbose', ...DATE], { env })
    expect(stderr).toBe(
      'region: eu-west-1, from AWS_REGION\naccess key ID: AKIDEXAMPLE, from the environment\nvalid until 2026-01-31T12:15:00Z\n',
    )
    expect(stdout).toContain('X-Amz-Security-Token=my-session-token')
    expect((await run(['presign', 'get', OBJECT, ...DATE], { env })).stderr).toBe('')
  })

  it.each([
    [['presign'], 'the method must be get, put, head, or delete.'],
    [['presign', OBJECT], "the method must precede the URL. Use 'npx sigv4-tools presign get URL'."],
    [['presign', 'patch', OBJECT], 'the method must be get, put, head, or delete (got "patch").'],
    [
      ['presign', 'post', OBJECT],
      `the method must be get, put, head, or delete (got "post"). To create a form, use 'npx sigv4-tools post'.`,
    ],
    [['presign', 'get'], 'the target is missing. Pass https://… or s3://bucket/key.'],
    [['presign', 'get', 'photos.s3.amazonaws.com/x'], 'the target must be https://… or s3://bucket/key.'],
    [['presign', 'get', 'ftp://x/y'], 'the target must be https://… or s3://bucket/key.'],
    [['presign', 'get', 's3://'], 'the bucket name is missing. Pass s3://bucket/key.'],
    [['presign', 'get', 's3:///x', ...REGION], 'the bucket name is missing. Pass s3://bucket/key.'],
    [['presign', 'get', 's3://a b/x', ...REGION], 'the bucket name is not valid. Write s3://bucket/key.'],
    [
      ['presign', 'get', OBJECT],
      'the region is missing. Pass --region, pass --endpoint for an S3-compatible server, or set AWS_REGION.',
    ],
    [
      ['presign', 'get', OBJECT, '--endpoint', 'http://localhost:1'],
      'the region is missing. Pass --region or set AWS_REGION.',
    ],
    [
      ['presign', 'get', 'https://x/y', '--endpoint', 'http://z'],
      '--endpoint cannot be combined with a URL. Pass s3://bucket/key.',
    ],
    [
      ['presign', 'get', OBJECT, '--path-style', '--no-path-style'],
      '--path-style and --no-path-style cannot be combined.',
    ],
    [['presign', 'get', OBJECT, ...REGION, '--content-type', 'x'], '--content-type is supported only for put.'],
    [['presign', 'put', OBJECT, ...REGION, '--download', 'x'], '--download is supported only for get.'],
    [
      ['presign', 'put', OBJECT, ...REGION, '--content-length', '1.5'],
      '--content-length must be an integer between 0 and 9007199254740991 (got "1.5").',
    ],
    [
      ['presign', 'put', OBJECT, ...REGION, '--content-type=a', '-H', 'Content-Type: b'],
      '--content-type and -H content-type cannot be combined.',
    ],
    [['presign', 'get', OBJECT, ...REGION, '-H', 'nonsense'], "-H must have the form 'NAME: VALUE'."],
    [['presign', 'get', OBJECT, ...REGION, '-H', 'a b: c'], '-H "a b" is not valid.'],
    [
      ['presign', 'get', OBJECT, ...REGION, '-H', 'a: é'],
      '-H "a" would change in transit. It contains a control or non-ASCII character.',
    ],
    [['presign', 'get', OBJECT, ...REGION, '-H', 'host: x'], '-H "host" does not match. Omit it.'],
    [['presign', 'get', OBJECT, ...REGION, '--query', '=x'], '--query must have the form NAME=VALUE.'],
    [
      ['presign', 'get', OBJECT, ...REGION, '--payload-hash', 'x'],
      '--payload-hash is not valid (got "x"). Pass a SHA-256 in lowercase hex, or UNSIGNED-PAYLOAD.',
    ],
    [
      ['presign', 'get', OBJECT, ...REGION, '--now', 'yesterday'],
      '--now must be a date such as 2026-01-31T12:00:00Z (got "yesterday").',
    ],
    [
      ['presign', 'get', OBJECT, ...REGION, '--session-token-name', 'x'],
      '--session-token-name is not valid (got "x"). Pass x-amz-security-token or x-amz-s3session-token.',
    ],
    [
      ['presign', 'get', OBJECT, ...REGION, '--session-token-placement', 'x'],
      '--session-token-placement must be signed or appended (got "x").',
    ],
    [
      ['presign', 'get', 's3://my.bucket/x', ...REGION, '--endpoint', 'http://127.0.0.1', '--no-path-style'],
      'the path style is not valid. This bucket requires --path-style.',
    ],
    [
      ['presign', 'get', OBJECT, ...REGION, '--endpoint', 'http://user@localhost'],
      '--endpoint is not valid. Pass an absolute http(s) URL without a user name, query, or fragment.',
    ],
    [
      ['presign', 'get', OBJECT, ...REGION, '--endpoint', 'http://localhost/%'],
      '--endpoint contains an unescaped %. Encode it as %25.',
    ],
    [['presign', 'get', 'https://x.example/100%'], 'the URL contains an unescaped %. Encode it as %25.'],
    [
      ['presign', 'get', 's3://photos/..', ...REGION],
      /^the key would change in transit\. It cannot be \. or \.\. alone\.$/,
    ],
    [['presign', 'get', 'https://photos.s3.eu-west-1.amazonaws.com/a/../b'], /segment\. Write s3:\/\/bucket\/key;/],
    [['presign', 'get', 'https://photos.s3.eu-west-1.amazonaws.com/a#b'], /fragment \(# is %23\)/],
    [
      ['presign', 'get', 'https://photos.s3.eu-west-1.amazonaws.com/a?X-Amz-Signature=x'],
      /^the URL is already signed\. Pass it without parameters such as X-Amz-Signature\.$/,
    ],
    [['presign', 'get', 'https://example.com/'], '--region is missing. Pass it, and --service for a host outside AWS.'],
    [['presign', 'get', OBJECT, '--region', 'a b'], '--region is not valid. Pass a name such as us-east-1.'],
  ])('%j is rejected in one line', async (args, message) => {
    const line = await errorOf(args)
    if (typeof message === 'string') expect(line).toBe(message)
    else expect(line).toMatch(message)
    expect(line).not.toMatch(/options\.|target\./)
  })
})
