import { afterAll, describe, expect, it } from 'vitest'
import { sign as signAws4 } from '../../../../src/aws4.ts'
import * as main from '../../../../src/index.ts'
import * as sync from '../../../../src/sync.ts'
import { trace } from '../../../../src/trace.ts'
import { toErrorResponse, verify, verifyPost } from '../../../../src/verify.ts'
import { CREDENTIALS, KEY_ID, SECRET } from '../../../../test/support/credentials.ts'
import { checkLinear } from '../../../../test/support/linear-work.ts'
import { explain, inspect } from '../../src/explain.ts'
import { run, temporary } from '../support/cli.ts'

// All functions take linear time: ten times the input takes about ten times the work.

const CHARACTERS = [...' \t\r\n%&;,/.=+"\'<>{}[]()\\\0é0a-:*', '\u2028', '\u{1f600}', '\ud800']

const credentials = CREDENTIALS
const dated = { credentials, region: 'eu-west-1', now: Date.UTC(2026, 0, 31, 12) }
const options = { ...dated, service: 's3' } as never
const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const URL_ = `https://${HOST}/cat.jpg`
const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=${KEY_ID}/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
const HEADERS = { host: HOST, 'x-amz-date': '20260131T120000Z', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
const accept = { credentials: () => credentials, now: Date.UTC(2026, 0, 31, 12) } as never
const signed = { ...HEADERS, authorization: AUTHORIZATION }
const sent = (url: string, headers: object = signed, body = '') => ({ method: 'GET', url, headers, body }) as never
const target = { bucket: 'photos', key: 'cat.jpg', region: 'eu-west-1' }
const request = { method: 'PUT', url: URL_, headers: {} }
const post = sync.presignPost({ bucket: 'photos', region: 'eu-west-1', keyPrefix: 'a/' } as never, dated)
const { folder, write, remove } = temporary()
afterAll(remove)

const cli = async (args: string[], stdin = '', env = {}): Promise<void> => {
  const keys = { AWS_ACCESS_KEY_ID: KEY_ID, AWS_SECRET_ACCESS_KEY: SECRET }
  const { code, stderr } = await run(args, { stdin, env: { ...keys, ...env }, home: folder })
  if (![0, 1, 2].includes(code!) || stderr.includes('something went wrong'))
    throw new Error(`${args[0]} exited with ${code}: ${stderr.slice(0, 200)}`)
}
const raw = (header: string): string => `GET /cat.jpg HTTP/1.1\r\nHost: ${HOST}\r\n${header}\r\n\r\n`
const log = (line: string): string =>
  `> GET /cat.jpg HTTP/1.1\r\n> Host: ${HOST}\r\n${line}\r\n>\r\n< HTTP/1.1 403 Forbidden\r\n<\r\n`
const har = (text: string): string =>
  JSON.stringify({
    log: {
      entries: [
        {
          request: { method: 'GET', url: URL_ + text, headers: [{ name: 'a', value: text }] },
          response: { status: 403, headers: [], content: { text } },
        },
      ],
    },
  })
const explained = (body: string) => explain({ request: sent(URL_), response: { status: 403, body } })
const profiled = (text: string) =>
  cli(['presign', 'get', URL_, '--profile', 'p'], '', { AWS_SHARED_CREDENTIALS_FILE: write('p', text) })
const told = (text: string) => cli(['explain', '--response', write('r', text), 'get', URL_])

/** The functions under test. `explain` has no credentials, with which its search has a time limit. */
const ROWS: Record<string, (x: string) => unknown> = {
  'presign: method': (x) => main.presign(`G${x}T`, URL_, options),
  'presign: URL path': (x) => main.presign('GET', `${URL_}${x}a`, options),
  'presign: URL query': (x) => main.presign('GET', `${URL_}?a=${x}a`, options),
  'presign: URL host': (x) => main.presign('GET', `https://a${x}a.amazonaws.com/`, { credentials } as never),
  'presignGet: download': (x) => main.presignGet(URL_, { ...(options as object), download: `a${x}a` } as never),
  'presignPut: key': (x) => main.presignPut({ ...target, key: `a${x}a` }, options),
  'presignPut: bucket': (x) => main.presignPut({ ...target, bucket: `a${x}a` }, options),
  'presignPut: header': (x) => main.presignPut(URL_, { ...(options as object), headers: { a: `a${x}a` } } as never),
  'presignPost: prefix': (x) =>
    main.presignPost({ bucket: 'photos', region: 'eu-west-1', keyPrefix: `a${x}a` } as never, options),
  'presignPost: field': (x) => main.presignPost(target, { ...(options as object), fields: { acl: `a${x}a` } } as never),
  'presignMultipartUpload: key': (x) =>
    main.presignMultipartUpload({ ...target, key: `a${x}a` }, { ...(options as object), size: 1 } as never),
  'sign: URL': (x) => main.sign({ ...request, url: `${URL_}${x}a` }, options),
  'sign: header': (x) => main.sign({ ...request, headers: { a: `a${x}a` } }, options),
  'sign: body': (x) => main.sign({ ...request, body: `a${x}a` }, options),
  'deriveSigningKey: secret': (x) =>
    main.deriveSigningKey(
      {
        date: '20260131',
        region: 'a',
        service: 's3',
      } as never,
      { credentials: { ...credentials, secretAccessKey: `a${x}a` } },
    ),
  'sync presign: URL': (x) => sync.presign('GET', `${URL_}${x}a?b=${x}a`, options),
  'sync sign: header': (x) => sync.sign({ ...request, headers: { a: `a${x}a` } }, options),
  'parseMultipartResponse: text': (x) => main.parseMultipartResponse(`<Error><Code>a${x}a</Code></Error>`),
  'parseMultipartResponse: root': (x) => main.parseMultipartResponse(`<Error${x}a`),
  'multipartCompletionBody: ETag': (x) => main.multipartCompletionBody([{ partNumber: 1, etag: `"a${x}a"` }]),
  'toFormData: field': (x) => main.toFormData(post, 'a', { fields: { key: `a/${x}a` } }),
  'toFormData: file name': (x) => main.toFormData(post, 'a', { filename: `a${x}a`, fields: { key: 'a/b' } } as never),
  'checkPost: field': (x) => main.checkPost(post, { key: `a/${x}a` } as never),
  'verify: path': (x) => verify(sent(`/a${x}a`), accept),
  'verify: query': (x) => verify(sent(`/?a${x}a`), accept),
  'verify: Authorization': (x) => verify(sent('/', { ...signed, authorization: `${AUTHORIZATION}${x}a` }), accept),
  'verify: header': (x) => verify(sent('/', { ...signed, 'x-amz-meta-a': `a${x}a` }), accept),
  'verify: body': (x) => verify(sent('/', { ...signed, 'x-amz-content-sha256': '0'.repeat(64) }, `a${x}a`), accept),
  'verifyPost: field': (x) => verifyPost({ ...post.fields, key: `a/${x}a` } as never, accept),
  'verifyPost: policy': (x) => verifyPost({ ...post.fields, policy: `a${x}a` } as never, accept),
  toErrorResponse: (x) => toErrorResponse(new Error(x), { resource: `/a${x}a`, requestId: `a${x}a` } as never),
  'explain: path': (x) => explain({ request: sent(`${URL_}${x}a`) }),
  'explain: query': (x) => explain({ request: sent(`${URL_}?X-Amz-Signature=0&a=${x}a`) }),
  'explain: header': (x) => explain({ request: sent(URL_, { ...signed, a: `a${x}a` }) }),
  'explain: Authorization': (x) =>
    explain({ request: sent(URL_, { ...signed, authorization: `${AUTHORIZATION}${x}a` }) }),
  'explain: response': (x) =>
    explained(
      `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>GET\n/\n${x}a</CanonicalRequest>${x}a</Error>`,
    ),
  'explain: response in JSON': (x) =>
    explained(`{"message":"The Canonical String for this request should have been\\n'${x}a`),
  'explain: signed': (x) =>
    explain({
      request: sent(URL_),
      signed: { canonicalRequest: `GET\n/\n${x}a\nhost:a\n\nhost\n0` },
    } as never),
  'explain: form': (x) =>
    explain({
      request: sent(
        URL_,
        { host: HOST, 'content-type': 'multipart/form-data; boundary=a' },
        `--a\r\nContent-Disposition: form-data; name="policy"\r\n\r\n${x}a\r\n--a--`,
      ),
    }),
  'inspect: URL': (x) => inspect(`${URL_}?X-Amz-Signature=${x}a` as never),
  'inspect: request': (x) => inspect(sent(`${URL_}?a=${x}a`, { ...signed, a: `a${x}a` })),
  'trace: header': (x) => trace({ ...request, headers: { a: `a${x}a` } } as never, options),
  'aws4: path': (x) => signAws4({ host: HOST, path: `/a${x}a?b=${x}a` }, credentials),
  'aws4: URL': (x) => signAws4(`${URL_}${x}a` as never, credentials),
  'aws4: spaces in a URL': (x) => signAws4(`a${x}a`, credentials),
  'aws4: header': (x) => signAws4({ host: HOST, path: '/', headers: { a: `a${x}a` } }, credentials),
  'CLI: URL': (x) => cli(['presign', 'get', `${URL_}${x}a`]),
  'CLI: object': (x) => cli(['presign', 'get', `s3://a${x}a/b`, '--region', 'eu-west-1']),
  'CLI: option': (x) => cli(['presign', 'get', URL_, `--a${x}a`]),
  'CLI: header': (x) => cli(['sign', 'GET', URL_, '-H', `a: a${x}a`]),
  'CLI: request': (x) => cli(['verify', '-'], raw(`a: a${x}a`)),
  'CLI: end of a line': (x) => cli(['inspect', '-'], raw(`a: a\r\n${x}a`)),
  'CLI: log': (x) => cli(['explain', '-'], log(`> a: a${x}a`)),
  'CLI: first line': (x) => cli(['inspect', '-'], `GET /${x}a HTTP/1.1\r\nHost: a\r\n\r\n`),
  'CLI: HAR': (x) => cli(['explain', '-'], har(`a${x}a`)),
  'CLI: response': (x) => told(`HTTP/1.1 403 Forbidden\r\na: b\r\n\r\n${x}a`),
  'CLI: response of a log': (x) => told(`< HTTP/1.1 403 Forbidden\n< \n${x}a`),
  'CLI: interim responses': (x) => told('HTTP/1.1 100 Continue\n\n'.repeat(x.length / 20)),
  'CLI: credentials': (x) =>
    cli(['presign', 'get', URL_, '--credentials', '-'], `{"AccessKeyId":"a${x}a","SecretAccessKey":"a"}`),
  'CLI: value of a profile': (x) => profiled(`[p]\naws_access_key_id = a${x}a\naws_secret_access_key = b`),
  'CLI: title of a profile': (x) => profiled(`[p${x}a]\na = b`),
}

/** Whether an error is documented. aws4 passes on the `URIError` of `encodeURIComponent`. */
function isTyped(error: unknown, row: string): boolean {
  if (row.startsWith('aws4') && error instanceof URIError) return true
  const code = String((error as { code?: unknown }).code)
  return /^ERR_SIGV4_/.test(code) || (error instanceof TypeError && /^ERR_INVALID_ARG_/.test(code))
}

/** Returns a call with a character, repeated. Its errors must be documented. */
const calling = (row: string, call: (x: string) => unknown, character: string) => (length: number) => {
  const text = character.repeat(length)
  return async () => {
    try {
      await call(text)
    } catch (error) {
      if (!isTyped(error, row)) throw error
    }
  }
}

/** Throws if ten times the input takes far more than ten times the work. Returns the work. */
function compare(row: string, call: (x: string) => unknown, character: string, length: number): Promise<number> {
  const name = `${row}: ${JSON.stringify(character)} x ${length}`
  return checkLinear(name, calling(row, call, character), length)
}

describe('no input causes quadratic time', () => {
  it.each(Object.entries(ROWS))(
    '%s',
    async (row, call) => {
      const works: [number, string][] = []
      for (const character of CHARACTERS) works.push([await compare(row, call, character, 10_000), character])
      const [worst, second] = works.sort(([one], [other]) => other - one)
      await compare(row, call, second![1], 100_000)
      await compare(row, call, worst![1], 100_000)
    },
    300_000,
  )

  it('a function with quadratic time is detected', async () => {
    const call = (x: string) => `a${x}a`.replace(/[\t ]+$/, '')
    await expect(compare('trim', call, ' ', 10_000)).rejects.toThrow('x 10000')
  })
})
