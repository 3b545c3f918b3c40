import fc from 'fast-check'
import * as asynchronous from '../../../src/index.ts'
import * as synchronous from '../../../src/sync.ts'
import type { VerifiedRequest, VerifyOptions } from '../../../src/verify.ts'
import { KEY_ID, SECRET } from '../credentials.ts'
import { sha256 } from '../oracle.ts'
import { character } from '../unicode.ts'
import { NOW, received, TOKEN } from './helpers.ts'

// Arbitrary requests that this package can sign.

const text = fc.oneof(
  fc.string({ unit: character, maxLength: 6 }),
  fc.constantFrom("!'()*", '+', '%', '%2F', '&=?#;:@,$', '[]^|`{}"<>\\', ' ', '€ 😀 é', '\t\r\n'),
)
const key = fc
  .array(fc.oneof(text, fc.constantFrom('', '.', '..', 'a')), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter((key) => !/^\.{0,2}$/.test(key))
const value = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 9 }),
  fc.constantFrom('a  b', 'text/plain; charset="utf-8"', 'a,b, c'),
)
const headers = fc.dictionary(
  fc.constantFrom('content-type', 'x-amz-meta-a', 'x-amz-acl', 'cache-control', 'x-b', 'user-agent'),
  value,
  { maxKeys: 4, noNullPrototype: true },
)
const query = fc.dictionary(
  text.filter((name) => !/^(?:x-amz-.*|signature|__proto__)$/i.test(name)),
  fc.oneof(text, fc.array(text, { maxLength: 3 })),
  { maxKeys: 3, noNullPrototype: true },
)

/** A request, and how to sign it. */
export const signing = fc.record({
  entry: fc.constantFrom('asynchronous', 'synchronous'),
  location: fc.constantFrom('header', 'query'),
  service: fc.constantFrom('s3', 's3express', 's3-outposts', 'execute-api', 'sts', 'iotdevicegateway'),
  method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH'),
  key,
  headers,
  query,
  body: fc.oneof(fc.string({ unit: character, maxLength: 20 }), fc.uint8Array({ maxLength: 70 })),
  isUnsigned: fc.boolean(),
  token: fc.constantFrom(undefined, TOKEN),
  placement: fc.constantFrom(undefined, 'signed', 'appended'),
  signedHeaders: fc.constantFrom(undefined, ['user-agent']),
  unsignedHeaders: fc.constantFrom(undefined, ['cache-control']),
  pathEncoding: fc.constantFrom(undefined, 'single', 'double'),
  expires: fc.integer({ min: 1, max: 604_800 }),
  holdsKey: fc.boolean(),
})
export type Signing = typeof signing extends fc.Arbitrary<infer Value> ? Value : never

export interface Sent {
  request: ReturnType<typeof received>
  options: VerifyOptions
  payload: VerifiedRequest['payload']
  url: string
  body: Uint8Array<ArrayBuffer>
}

/** Signs a request, and returns it with the options to verify it. */
export async function make(one: Signing): Promise<Sent> {
  const { location, service, query, isUnsigned, token, placement, pathEncoding, expires } = one
  const entry = one.entry === 'synchronous' ? synchronous : asynchronous
  const isS3 = service.startsWith('s3')
  const hasBody = one.method !== 'GET' && one.method !== 'DELETE'
  const body = Uint8Array.from(hasBody ? Buffer.from(one.body as string) : [])
  const scope = { region: 'eu-west-1', service }
  const secrets = { accessKeyId: KEY_ID, secretAccessKey: SECRET, ...(token && { sessionToken: token }) }
  const signingKey = await entry.deriveSigningKey(
    { ...scope, date: NOW },
    { credentials: { accessKeyId: KEY_ID, secretAccessKey: SECRET } },
  )
  const credentials = one.holdsKey
    ? { accessKeyId: KEY_ID, signingKey: signingKey as synchronous.SigningKey, ...(token && { sessionToken: token }) }
    : secrets
  const isFree = isUnsigned && (isS3 || location === 'header')
  const payloadHash = isFree ? 'UNSIGNED-PAYLOAD' : sha256(body)
  const common = {
    credentials,
    ...scope,
    payloadHash,
    now: NOW,
    sessionTokenPlacement: placement as 'signed' | undefined,
    signedHeaders: one.signedHeaders,
    unsignedHeaders: one.unsignedHeaders,
    pathEncoding: pathEncoding as 'single' | undefined,
  }
  const url = entry.objectUrl({
    bucket: 'photos',
    key: one.key,
    region: 'eu-west-1',
    endpoint: 'https://files.example.com',
  })
  // in S3 objects, dots are encoded, which only S3 decodes
  // and a path that starts with two slashes is rejected: URL parsers read a host
  const target = isS3 ? url : new URL(url.replaceAll('%2F', '/')).href.replace(/(?<=\.com)\/+/, '/')
  const added = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  )
  const full = target + (added.length && location === 'header' ? `?${new URLSearchParams(added)}` : '')
  const signed =
    location === 'query'
      ? await entry.presign(one.method, target, { ...common, headers: one.headers, query, expires })
      : await entry.sign(
          { method: one.method, url: full, headers: one.headers, body },
          { ...common, payloadHashHeader: true },
        )
  const options: VerifyOptions = {
    credentials: () => (one.holdsKey ? (signingKey as synchronous.SigningKey) : secrets),
    ...scope,
    now: NOW,
    allowUnsignedPayload: true,
    pathEncoding: pathEncoding as 'single' | undefined,
    sessionTokenPlacement: placement as 'signed' | undefined,
    // keys may have empty segments, which services other than S3 merge: their applications must do the same
    ...(!isS3 && { pathNormalization: 'rfc3986' as const }),
  }
  return { request: received(signed, body), options, payload: isFree ? 'unsigned' : 'verified', url: signed.url, body }
}
