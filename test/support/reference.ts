import fc from 'fast-check'
import ts from 'typescript'
import { type Options, presign, sign } from '../../reference/sigv4.ts'
import * as sigv4 from '../../src/index.ts'
import { treeOf } from './tree.ts'

// Random requests that the package and the reference must sign equally.

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('', '+', ' ', '%', '%20', '/', '//', "!'()*", '&=?#;:@,$', 'é€😀', 'a', 'a-b', 'A', '~_.-'),
)

/** A segment of a path as sent: encoded, with some characters that need no escape; never one that a URL parser resolves. */
const segment = fc
  .oneof(text.map(encodeURIComponent), fc.constantFrom('', "a!$&'()*+,;=:@", '%2F', '...', '%28x%29'))
  .filter((sent) => !/^\.{1,2}$/.test(sent))

const parameter = fc.tuple(text, text, fc.boolean(), fc.boolean()).map(([name, value, plus, bare]) => {
  const encoded = `${encodeURIComponent(name)}${bare && value === '' ? '' : `=${encodeURIComponent(value)}`}`
  return plus ? encoded.replaceAll('%20', '+') : encoded
})

const headerName = fc.constantFrom(
  ...['Content-Type', 'x-amz-meta-note', 'X-Amz-Acl', 'x-amz-target', 'accept', 'My-Header', 'my-header2', 'a', 'A-b'],
)
const headerValue = fc.string({ unit: fc.constantFrom(...'ab,;= \t"/-'), maxLength: 12 })
const headerValues = fc.array(headerValue, { minLength: 1, maxLength: 3 })

/** The tables of services that have a rule of their own, as patterns. */
const TABLES = treeOf('src/core/services.ts')
  .statements.flatMap((node) => (ts.isVariableStatement(node) ? [...node.declarationList.declarations] : []))
  .flatMap(({ initializer }) => (initializer && ts.isRegularExpressionLiteral(initializer) ? [initializer.text] : []))
  .map((literal) => RegExp(literal.slice(1, -1)))
if (TABLES.length < 4) throw new Error('src/core/services.ts contains no tables')

/** A service of each table, and others. The reference does not cover S3 Express. */
const service = fc
  .oneof(...TABLES.map((table) => fc.stringMatching(table)), fc.constantFrom('execute-api', 'sqs', 'es', 'service'))
  .filter((name) => name !== 's3express')

const requests = fc.record({
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'get', 'patch'),
  origin: fc.constantFrom(
    ...['https://example.amazonaws.com', 'https://Photos.S3.eu-west-1.amazonaws.com', 'http://localhost:9000'],
    ...['https://example.com:443', 'http://[::1]:8080', 'http://example.com:443'],
  ),
  path: fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
  query: fc.array(parameter, { maxLength: 5 }).map((parameters) => parameters.join('&')),
  headers: fc.dictionary(headerName, headerValues, { maxKeys: 4 }),
  body: fc.option(fc.oneof(text, fc.uint8Array({ maxLength: 100 })), { nil: undefined }),
  service,
  region: fc.constantFrom('us-east-1', 'eu-west-1', 'cn-north-1'),
  secretAccessKey: fc.string({ unit: fc.constantFrom(...'abcXYZ019/+'), minLength: 16, maxLength: 64 }),
  sessionToken: fc.option(fc.string({ unit: fc.constantFrom(...'abcXYZ019/+='), minLength: 16 }), { nil: undefined }),
  date: fc.date({ min: new Date('2001-10-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
  expires: fc.integer({ min: 1, max: 604_800 }),
  payloadHash: fc.constantFrom(undefined, 'UNSIGNED-PAYLOAD', 'e3b0'.repeat(16)),
})

/** What is sent, without differences that do not matter: S3's paths may be sent with or without escapes, and the package
 * sends the parameters of `sign` in the caller's order. */
export function sent({ method, url, headers }: { method: string; url: string; headers: Record<string, string> }) {
  const { origin, pathname, search } = new URL(url)
  return { method, origin, path: decodeURIComponent(pathname), query: search.slice(1).split('&').sort(), headers }
}

/** Signs random requests by the package and by the reference, with headers and as URLs, and throws if they differ. */
export async function compareWithPackage(runs: number, equal: (one: unknown, other: unknown) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, origin, path, query, headers, body, ...given }) => {
      const { service, secretAccessKey, sessionToken, date, expires } = given
      // the package rejects a region that is not that of the host
      const region = /s3\.(.+)\.amazonaws/i.exec(origin)?.[1] ?? given.region
      // other services do not define it
      const payloadHash =
        given.payloadHash === 'UNSIGNED-PAYLOAD' && !service.startsWith('s3') ? undefined : given.payloadHash
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey, ...(sessionToken && { sessionToken }) }
      const options: Options = { service, region, credentials, date, payloadHash }
      const shared = { service, region, credentials, now: date, payloadHash }
      const url = `${origin}${path}${query && `?${query}`}`
      const lowercase = Object.keys(headers).map((name) => name.toLowerCase())
      fc.pre(new Set(lowercase).size === lowercase.length)
      const pairs = Object.entries(headers).flatMap(([name, values]) =>
        values.map((value): [string, string] => [name, value]),
      )
      const byPackage = await sigv4.presign(method, url, { ...shared, headers: pairs, expires })
      equal(sent(await presign({ method, url, headers }, { ...options, expires })), sent(byPackage))
      const hasBody = body !== undefined && !/^(?:get|head)$/i.test(method)
      const request = { method, url, headers: pairs, ...(hasBody && { body }) }
      equal(
        sent(await sign({ method, url, headers, ...(hasBody && { body }) }, options)),
        sent(await sigv4.sign(request, shared)),
      )
    }),
    { numRuns: runs },
  )
}
