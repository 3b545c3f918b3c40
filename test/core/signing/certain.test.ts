import { describe, expect, it } from 'vitest'
import { resignChunks, signChunks } from '../../../src/streams.ts'
import { presign, presignGet, presignPost, sign } from '../../../src/sync.ts'
import { trace } from '../../../src/trace.ts'

// What AWS is certain to reject is an error before a request is signed, and only then.

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const S3 = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
const signature = (url: string): string => new URL(url).searchParams.get('X-Amz-Credential')!

describe('a region that contradicts the host', () => {
  const error = {
    code: 'ERR_INVALID_ARG_VALUE',
    argument: 'options.region',
    reason: 'mismatch',
    message: 'options.region does not match. Pass eu-west-1, as in the host.',
  }

  it.each([
    S3,
    'https://s3.eu-west-1.amazonaws.com/photos/cat.jpg',
    'https://photos.s3-eu-west-1.amazonaws.com/cat.jpg',
    'https://photos.s3.dualstack.eu-west-1.amazonaws.com/cat.jpg',
    'https://photos.us-east-1.s3.eu-west-1.amazonaws.com/cat.jpg',
    'https://PHOTOS.s3.eu-west-1.amazonaws.com:443/cat.jpg',
  ])('is an error of all functions that sign: %s', (url) => {
    const options = { credentials, region: 'us-east-1' }
    expect(() => presignGet(url, options)).toThrow(expect.objectContaining(error))
    expect(() => presign('GET', url, options)).toThrow(expect.objectContaining(error))
    expect(() => sign({ url }, options)).toThrow(expect.objectContaining(error))
  })

  it.each([
    'https://sqs.eu-west-1.amazonaws.com/',
    'https://search-films-abc.eu-west-1.es.amazonaws.com/',
    'https://abc.lambda-url.eu-west-1.on.aws/',
    'https://dynamodb.eu-west-1.api.aws/',
  ])('is an error for other services, too: %s', (url) => {
    expect(() => sign({ url }, { credentials, region: 'us-east-1' })).toThrow(expect.objectContaining(error))
    sign({ url }, { credentials, region: 'eu-west-1' })
  })

  it('is an error for an endpoint', () => {
    const target = { bucket: 'photos', key: 'a', region: 'us-east-1', endpoint: 'https://s3.eu-west-1.amazonaws.com' }
    const own = { argument: 'target.region', reason: 'mismatch' }
    expect(() => presignGet(target, { credentials })).toThrow(expect.objectContaining(own))
    expect(() => presignPost(target, { credentials })).toThrow(expect.objectContaining(own))
  })

  it.each([
    'https://photos.s3.amazonaws.com/cat.jpg',
    'https://photos.s3-accelerate.amazonaws.com/cat.jpg',
    'https://photos.vpce-0a1b-6a7b.s3.eu-west-1.vpce.amazonaws.com/cat.jpg',
    'https://s3.eu-central-003.backblazeb2.com/photos/cat.jpg',
    'http://s3.eu-west-1.localhost.localstack.cloud:4566/photos/cat.jpg',
    'http://127.0.0.1:9000/photos/cat.jpg',
  ])('is impossible: %s', (url) => {
    expect(signature(presignGet(url, { credentials, region: 'us-east-1', service: 's3' }).url)).toContain('/us-east-1/')
  })

  it('is signed by what describes or repeats a request', async () => {
    const options = { credentials, region: 'us-east-1' }
    const now = new Date()
    expect(trace({ method: 'GET', url: S3, headers: {} }, { ...options, now }).stringToSign).toContain('/us-east-1/s3/')
    const from = await signChunks({ url: S3 }, { ...options, decodedLength: 3, now })
    expect(from.headers.authorization).toContain('/us-east-1/s3/')
    expect(resignChunks).toBeTypeOf('function')
  })

  it('is not a region with `fips-` in front, which only AWS SDKs know', () => {
    for (const region of ['fips-us-west-2', 'us-west-2-fips'])
      expect(() => presignGet('https://photos.s3.amazonaws.com/a', { credentials, region })).toThrow(
        expect.objectContaining({ argument: 'options.region', reason: 'invalid' }),
      )
  })
})

describe('a key that is too long', () => {
  const error = {
    code: 'ERR_INVALID_ARG_VALUE',
    reason: 'range',
    message: expect.stringContaining('The key has over 1024 bytes.'),
  }
  const object = (key: string, rest = {}) => ({ bucket: 'photos', key, region: 'eu-west-1', ...rest })

  it.each([
    ['ASCII', 'k'.repeat(1024)],
    ['UTF-8', 'é'.repeat(512)],
    ['encoded', ' '.repeat(1024)],
    ['with %', '%'.repeat(1024)],
    ['with slashes', '/k'.repeat(512)],
  ])('has more than 1,024 bytes: %s', (_, key) => {
    for (const pathStyle of [true, false]) {
      presignGet(object(key, { pathStyle }), { credentials })
      expect(() => presignGet(object(`${key}k`, { pathStyle }), { credentials })).toThrow(
        expect.objectContaining({ ...error, argument: 'target.key' }),
      )
    }
  })

  it('is an error in a URL', () => {
    const key = encodeURIComponent('é'.repeat(512))
    for (const host of ['photos.s3.eu-west-1.amazonaws.com', 's3.eu-west-1.amazonaws.com/photos']) {
      sign({ url: `https://${host}/${key}` }, { credentials })
      presignGet(`https://${host}/${'é'.repeat(512)}`, { credentials })
      expect(() => sign({ url: `https://${host}/${key}k` }, { credentials })).toThrow(expect.objectContaining(error))
      expect(() => presignGet(`https://${host}/${'é'.repeat(513)}`, { credentials })).toThrow(
        expect.objectContaining({ ...error, argument: 'target' }),
      )
    }
  })

  it('is for the server to reject elsewhere', () => {
    const key = 'k'.repeat(2000)
    presignGet(object(key, { endpoint: 'http://127.0.0.1:9000' }), { credentials })
    presignGet(object(key, { endpoint: 'https://account.r2.cloudflarestorage.com', region: 'auto' }), { credentials })
    sign({ url: `https://abc.execute-api.eu-west-1.amazonaws.com/${key}` }, { credentials })
  })
})
