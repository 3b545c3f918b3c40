import { describe, expect, it } from 'vitest'
import { sign as signAws4 } from '../../src/aws4.ts'
import { parseUrl } from '../../src/core/http/url.ts'
import * as main from '../../src/index.ts'
import { chunkReader } from '../../src/received/aws-chunked.ts'
import { MAX_FORM_SIZE } from '../../src/s3/limits.ts'
import { checkPolicy, type FormFields, readForm } from '../../src/s3/post/form.ts'
import { parseDer } from '../../src/sigv4a/der.ts'
import { sigv4a } from '../../src/sigv4a.ts'
import * as sync from '../../src/sync.ts'
import { trace } from '../../src/trace.ts'
import { SigV4VerifyError, toErrorResponse, verify, verifyPost } from '../../src/verify.ts'
import { forge, forgeForm, NOW, scopedKey, target } from '../support/attacks/attacker.ts'
import { encoded, forgeUpload, SIGNED, UNSIGNED } from '../support/attacks/chunked.ts'
import { CHARACTERS, many, repeating, settling } from '../support/attacks/linear.ts'
import { CREDENTIALS, KEY_ID } from '../support/credentials.ts'
import { expectLinear, type Make } from '../support/linear.ts'

// Whatever callers and attackers send: four times the input takes about four times as long.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const URL_ = `https://${HOST}/cat.jpg`
const dated = { credentials: CREDENTIALS, region: 'eu-west-1', now: Date.UTC(2026, 0, 31, 12) }
const options = { ...dated, service: 's3' }
const multipart = { ...options, size: 1 }
const request = { method: 'PUT', url: URL_, headers: {} }
const object = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
const prefix = { bucket: 'photos', region: 'eu-west-1' }
const post = sync.presignPost({ ...prefix, keyPrefix: 'a/' }, dated)

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=${KEY_ID}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-a, Signature=${'0'.repeat(64)}`
const signed = {
  host: HOST,
  'x-amz-date': '20260131T120000Z',
  'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  'x-amz-meta-a': 'a',
  authorization: AUTHORIZATION,
}
const accepting = { credentials: () => CREDENTIALS, now: dated.now }
const posted = { ...accepting, bucket: 'photos', size: 1 }
const unsigned = { ...accepting, allowUnsignedPayload: true, pathNormalization: 'rfc3986' } as const
const received = (url: string, headers: object = {}, body = '') =>
  verify({ method: 'GET', url, headers: { ...signed, ...headers }, body }, unsigned)

describe('characters in an option or a request take linear time', () => {
  const ROWS: Record<string, (x: string) => unknown> = {
    'presign: method': (x) => main.presign(`G${x}T`, URL_, options),
    'presign: URL': (x) => main.presign('GET', `${URL_}${x}a?b=${x}a`, options),
    'presign: host': (x) => main.presign('GET', `https://a${x}a.amazonaws.com/`, { credentials: CREDENTIALS }),
    'presignGet: download': (x) => main.presignGet(URL_, { ...options, download: `a${x}a` }),
    'presignPut: key': (x) => main.presignPut({ ...object, key: `a${x}a` }, options),
    'presignPut: bucket': (x) => main.presignPut({ ...object, bucket: `a${x}a` }, options),
    'presignPut: header': (x) => main.presignPut(URL_, { ...options, headers: { a: `a${x}a` } }),
    'presignPost: prefix': (x) => main.presignPost({ ...prefix, keyPrefix: `a${x}a` }, options),
    'presignPost: field': (x) => main.presignPost(object, { ...options, fields: { acl: `a${x}a` } }),
    'presignMultipartUpload: key': (x) => main.presignMultipartUpload({ ...object, key: `a${x}a` }, multipart as never),
    'sign: URL': (x) => main.sign({ ...request, url: `${URL_}${x}a` }, options),
    'sign: header and body': (x) => main.sign({ ...request, headers: { a: `a${x}a` }, body: `a${x}a` }, options),
    'deriveSigningKey: secret': (x) =>
      main.deriveSigningKey({ date: '20260131', region: 'a', service: 's3' } as never, {
        credentials: { ...CREDENTIALS, secretAccessKey: `a${x}a` },
      }),
    'sync presign: URL': (x) => sync.presign('GET', `${URL_}${x}a?b=${x}a`, options),
    'sync sign: header': (x) => sync.sign({ ...request, headers: { a: `a${x}a` } }, options),
    'parseMultipartResponse: text': (x) => main.parseMultipartResponse(`<Error><Code>a${x}a</Code></Error>`),
    'parseMultipartResponse: root': (x) => main.parseMultipartResponse(`<Error${x}a`),
    'multipartCompletionBody: ETag': (x) => main.multipartCompletionBody([{ partNumber: 1, etag: `"a${x}a"` }]),
    'toFormData: field': (x) => main.toFormData(post, 'a', { fields: { key: `a/${x}a` } }),
    'toFormData: file name': (x) => main.toFormData(post, 'a', { filename: `a${x}a`, fields: { key: 'a/b' } } as never),
    'checkPost: field': (x) => main.checkPost(post as never, { key: `a/${x}a` } as never),
    'verify: path': (x) => received(`/a${x}a`),
    'verify: query': (x) => received(`/?a${x}a`),
    'verify: Authorization': (x) => received('/', { authorization: `${AUTHORIZATION}${x}a` }),
    'verify: header': (x) => received('/', { 'x-amz-meta-a': `a${x}a` }),
    'verify: host': (x) => received('/', { host: `a${x}a` }),
    'verify: body': (x) => received('/', { 'x-amz-content-sha256': '0'.repeat(64) }, `a${x}a`),
    'verifyPost: field': (x) => verifyPost({ ...post.fields, key: `a/${x}a` }, posted),
    'verifyPost: policy': (x) => verifyPost({ ...post.fields, policy: `a${x}a` }, posted),
    toErrorResponse: (x) => toErrorResponse(new Error(x), { resource: `/a${x}a`, requestId: `a${x}a` } as never),
    'trace: header': (x) => trace({ ...request, headers: { a: `a${x}a` } } as never, options),
    'aws4: path': (x) => signAws4({ host: HOST, path: `/a${x}a?b=${x}a` }, CREDENTIALS),
    'aws4: URL': (x) => signAws4(`${URL_}${x}a` as never, CREDENTIALS),
    'aws4: spaces in a URL': (x) => signAws4(`a${x}a`, CREDENTIALS),
    'aws4: header': (x) => signAws4({ host: HOST, path: '/', headers: { a: `a${x}a` } }, CREDENTIALS),
    'parseUrl: host': (x) => parseUrl(`https://a${x}a/`, 'target'),
  }

  it.each(Object.entries(ROWS))('%s', async (row, call) => {
    // aws4 passes on the error of encodeURIComponent
    const allowed = row.startsWith('aws4') ? URIError : undefined
    for (const character of CHARACTERS) await expectLinear(repeating(call, character, allowed), { length: 50_000 })
  })
})

describe('parts of a received request take linear time', () => {
  const verifying = { credentials: scopedKey, now: NOW }
  const forged = (query: string) => {
    const request = forge({ query })
    return () => verify({ url: target(request), headers: request.headers }, verifying)
  }
  const ROWS: Record<string, Make> = {
    parameters: (length) => forged(many(length, (i) => `a${i}=b&`)),
    'the same parameter': (length) => forged(many(length, () => 'a=b&')),
    'signing parameters': (length) => () => received(`/?${'&X-Amz-Expires=1'.repeat(length / 16)}`),
    'escapes in the path and the query': (length) => () =>
      received(`/${'%C3%A9'.repeat(length / 12)}?${'%C3%A9'.repeat(length / 12)}`),
    'dot segments': (length) => () => received('/a/..'.repeat(length / 5)),
    'octets of a header': (length) => () => received('/', { host: '\xc3\xa9'.repeat(length / 2) }),
    'the names of signed headers': (length) => () =>
      received('/', {
        authorization: AUTHORIZATION.replace('=host', `=host${many(length, (i) => `;i${String(i).padStart(9, '0')}`)}`),
      }),
    'the same name of a signed header': (length) => () =>
      received('/', { authorization: AUTHORIZATION.replace('=host', `=${'host;'.repeat(length / 5)}host`) }),
    'parts of a credential': (length) => () =>
      received('/', { authorization: AUTHORIZATION.replace('=AKI', `=${'a/'.repeat(length / 2)}AKI`) }),
    'parts of an Authorization header': (length) => () =>
      received('/', { authorization: AUTHORIZATION + ',Expires=1'.repeat(length / 10) }),
    'Punycode in a host': (length) => () => parseUrl(`https://1.xn--${'abcdefgh9'.repeat(length / 10)}.com/`, 'target'),
  }

  it.each(Object.entries(ROWS))('%s', (_, make) => expectLinear(settling(make)))

  it.each(['*a', '*', ',', '*eu', 'e*,'])('a region set of %j', (pattern) =>
    expectLinear((length) => {
      const set = pattern.repeat(length / pattern.length)
      return () => sigv4a.includes(set, 'eu-west-1')
    }),
  )

  it.each(['0', '3', '02', '30'])('a signature of %j', (digits) =>
    expectLinear((length) => {
      const text = `30${digits.repeat(length / digits.length)}`
      return () => parseDer(text)
    }),
  )

  it('until its signature is compared', async () => {
    for (const url of ['/a', '/?a', '/a/..'])
      await expect(received(url)).rejects.toMatchObject({ code: 'ERR_SIGV4_SIGNATURE_MISMATCH' })
  })
})

describe('aws-chunked takes linear time', () => {
  const check = (count: number, kind: typeof SIGNED | typeof UNSIGNED, isByteByByte = false) => {
    const parts = Array.from({ length: count }, () => Buffer.from('a'))
    const upload = forgeUpload(parts, { kind })
    const { forged } = upload
    const body = encoded(upload)
    const pieces = isByteByByte ? Array.from(body, (byte) => Uint8Array.of(byte)) : [body]
    const request = { method: forged.method, url: target(forged), headers: forged.headers }
    const options = { payload: 'deferred', allowSmallChunks: true, allowUnsignedPayload: true } as const
    return async () => {
      const { verifyBody } = await verify(request, { credentials: scopedKey, now: NOW, ...options })
      let size = 0
      for await (const bytes of verifyBody(pieces)) size += bytes.length
      expect(size).toBe(count)
    }
  }
  const reader = (signed: boolean, trailers: string[]) => chunkReader({ signed, trailers, minChunkSize: 0 })

  it.each<[string, number, Make]>([
    ['signed chunks', 1000, (count) => check(count, SIGNED)],
    ['unsigned chunks', 20_000, (count) => check(count, UNSIGNED)],
    ['signed chunks byte by byte', 400, (count) => check(count, SIGNED, true)],
    [
      'a chunk byte by byte',
      100_000,
      (length) => {
        const head = `${length.toString(16)};chunk-signature=${'0'.repeat(64)}\r\n`
        const bytes = Array.from(Buffer.from(head + 'a'.repeat(length)), (byte) => Uint8Array.of(byte))
        return () => {
          const { push } = reader(true, [])
          for (const byte of bytes) push(byte)
        }
      },
    ],
    [
      'trailers',
      // names are limited to 8 KiB
      1200,
      (count) => {
        const names = Array.from({ length: count }, (_, i) => `t${i}`)
        const bytes = Buffer.from(`0\r\n${names.map((name) => `${name}:\r\n`).join('')}\r\n`)
        return () => reader(false, names).push(bytes)
      },
    ],
  ])('in %s', (_, length, make) => expectLinear(settling(make), { length }))
})

describe('a form takes linear time', () => {
  const list = <Item>(count: number, item: (i: number) => Item) => Array.from({ length: count }, (_, i) => item(i))
  const named = (count: number): Record<string, string> =>
    Object.fromEntries(list(count, (i) => [`x-amz-meta-a${i}`, 'b']))
  const expiration = new Date(NOW + 1000).toISOString()
  const anyKey = ['starts-with', '$key', '']
  const policy = (...conditions: unknown[]) =>
    JSON.stringify({ expiration, conditions: [{ bucket: 'b' }, ...conditions] })
  const checkForm = (policy: unknown, fields: FormFields = { key: 'a' }, filename = '') =>
    checkPolicy(policy, readForm(fields, { bucket: 'b', ...(filename && { filename }) }), NOW)
  const options = { credentials: scopedKey, now: NOW, bucket: 'photos', size: 1 }
  const isType = ['starts-with', '$Content-Type', ' ']

  it.each<[string, Make]>([
    ['a policy in JSON', (length) => () => checkForm(`{${' '.repeat(length)}}`)],
    ['a policy in Base64', (length) => () => checkForm('a'.repeat(length))],
    ['a key', (length) => () => checkForm(policy(anyKey), { key: 'a'.repeat(length) })],
    [
      'many fields',
      (length) => {
        const fields = Object.fromEntries(list(length / 100, (i) => [`x-ignore-${i}`, 'x'.repeat(88)]))
        return () => checkForm(policy(anyKey), { key: 'a', ...fields })
      },
    ],
    [
      'a long file name in a field',
      (length) => () =>
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
        checkForm(policy(anyKey), { key: '${filename}'.repeat(length / 100) }, 'x'.repeat(length / 10)),
    ],
  ])('until it is rejected for its size: %s', (_, make) =>
    expectLinear(
      (length) => {
        const call = make(length)
        return () => expect(call()).toMatchObject({ awsCode: 'MaxPostPreDataLengthExceededError' })
      },
      { length: 1_000_000 },
    ),
  )

  /** The longest that is evaluated. */
  const length = MAX_FORM_SIZE - 480
  it.each<[string, Make]>([
    ['deep lists', (length) => () => checkForm(`{"conditions":${'['.repeat(length)}`)],
    [
      'conditions on a list',
      (length) => {
        const text = policy(anyKey, ...list(length / 50, () => isType))
        return () => checkForm(text, { key: 'a', 'Content-Type': ','.repeat(length / 4) })
      },
    ],
    [
      'conditions',
      (length) => {
        const text = policy(anyKey, ...list(length / 20, (i) => ({ [`a${i}`]: '' })))
        return () => checkForm(text)
      },
    ],
    ['invalid Base64', (length) => () => checkForm(`${'A'.repeat(length)}*`)],
    ['spaces', (length) => () => checkForm(' '.repeat(length))],
    [
      'an expiration',
      (length) => () => checkForm({ expiration: `2015-12-30T12:00:00.${'0'.repeat(length * 50)}`, conditions: [] }),
    ],
  ])('if it is evaluated: %s', (_, make) => expectLinear(make, { length }))

  it.each<[string, number, Make]>([
    [
      'verifyPost: fields',
      10_000,
      (count) => {
        const { fields } = forgeForm({ fields: named(count) })
        return () => verifyPost(fields, options)
      },
    ],
    [
      'verifyPost: repeated fields',
      100_000,
      (count) => {
        const pairs = Object.entries(forgeForm().fields)
        const repeated = list(count, (): [string, string] => ['x-amz-meta-a', 'b'])
        return () => verifyPost([...pairs, ...repeated], options)
      },
    ],
    [
      'checkPost: conditions',
      10_000,
      (count) => {
        const conditions = list(count, (i) => ['eq', `$x-amz-meta-a${i}`, 'b'])
        const { fields } = forgeForm()
        return () => main.checkPost({ expiration, conditions } as never, fields, { size: 1 } as never)
      },
    ],
    [
      'checkPost: variables',
      100_000,
      (length) => {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an S3 variable
        const fields = { key: 'a', 'x-amz-meta-note': '${filename}'.repeat(length / 8) }
        const filename = 'n'.repeat(length / 2)
        return () => main.checkPost({ expiration, conditions: [] } as never, fields, { filename, size: 1 })
      },
    ],
  ])('%s', (_, length, make) =>
    expectLinear(
      (length) => {
        const call = make(length)
        return async () => {
          try {
            await call()
          } catch (error) {
            expect(error).toBeInstanceOf(SigV4VerifyError)
          }
        }
      },
      { length },
    ),
  )
})

describe('an S3 response takes linear time', () => {
  it.each<[string, (length: number) => string]>([
    [
      'parts',
      (length) =>
        `<ListPartsResult>${many(length, (i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>"a"</ETag></Part>`)}</ListPartsResult>`,
    ],
    ['open parts', (length) => `<ListPartsResult>${'<Part>'.repeat(length / 6)}</ListPartsResult>`],
    [
      'open tags',
      (length) => `<CompleteMultipartUploadResult>${'<ETag '.repeat(length / 6)}</CompleteMultipartUploadResult>`,
    ],
    ['closing tags', (length) => `<Error>${'</Error> '.repeat(length / 9)}.`],
  ])('%s', (_, textOf) =>
    expectLinear((length) => {
      const text = textOf(length)
      return () => main.parseMultipartResponse(text)
    }),
  )
})
