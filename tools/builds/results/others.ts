import fc from 'fast-check'
import type { Build, Comparison } from './comparison.ts'
import * as values from './values.ts'

// Calls of `aws4fetch`, `smithy`, and of the functions of `streams` that are exact.

const CHECKSUMS = ['crc32', 'crc32c', 'crc64nvme', 'md5', 'sha1', 'sha256', 'sha512']
const bytes = fc.uint8Array({ maxLength: 300 })
const data = values.mostly(bytes, ['a', '', null, 5, undefined, new ArrayBuffer(3)])

const header = values.mostly(
  fc.oneof(
    fc.record({ type: fc.constantFrom('byte', 'short', 'integer'), value: fc.integer({ min: -200, max: 40_000 }) }),
    fc.record({ type: fc.constantFrom('string', 'uuid'), value: values.text }),
    fc.constantFrom<unknown>(
      ...[
        { type: 'boolean', value: true },
        { type: 'long', value: 5n },
        { type: 'binary', value: new Uint8Array(2) },
      ],
      ...[{ type: 'timestamp', value: new Date(values.NOW) }, { type: 'a' }, { type: 'boolean', value: 1 }],
    ),
  ),
  [null, 5, undefined, {}],
)
const event = values.mostly(
  fc.record({ headers: fc.dictionary(values.text, header, { maxKeys: 3 }), body: data }, { requiredKeys: [] }),
  [undefined, null, 'a'],
)

const aws4fetchOptions = fc
  .tuple(
    fc.constantFrom<object>(values.KEYS, values.TEMPORARY),
    values.url,
    values.some({
      method: values.method,
      headers: values.headers,
      body: fc.constantFrom<unknown>('{}', 'é', new Uint8Array(3), undefined),
      service: values.service,
      region: values.region,
      signQuery: fc.boolean(),
      allHeaders: fc.boolean(),
      singleEncode: fc.boolean(),
      appendSessionToken: fc.boolean(),
      datetime: fc.constantFrom('20150830T123600Z', undefined),
    }),
  )
  .map(([keys, url, rest]) => ({ ...keys, url, ...rest }))

async function sign(build: Build, path: 'AwsV4Signer' | 'fixed', options: unknown): Promise<unknown> {
  const { aws4fetch } = build
  const signer = new (path === 'fixed' ? aws4fetch.fixed.AwsV4Signer : aws4fetch.AwsV4Signer)(options)
  const signed = await signer.sign()
  return { signed, authorization: await signer.authHeader() }
}

const smithyRequest = fc.record(
  {
    method: values.method,
    protocol: fc.constantFrom('https:', 'http:'),
    hostname: fc.constantFrom('photos.s3.eu-west-1.amazonaws.com', 'localhost'),
    port: fc.constantFrom(undefined, 9000),
    path: fc.constantFrom('/', '/a b', '/a/../b', '/%C3%A9', ''),
    query: fc.dictionary(values.text, values.text, { maxKeys: 2 }),
    headers: fc.dictionary(fc.constantFrom('host', 'X-A', 'x-amz-meta-a', 'User-Agent'), values.text, { maxKeys: 3 }),
    body: fc.constantFrom<unknown>(undefined, '', '{}', new Uint8Array(3)),
  },
  { requiredKeys: ['method', 'protocol', 'hostname', 'path', 'headers'] },
)
const smithyInit = fc.record(
  {
    credentials: fc.constantFrom<object>(values.KEYS, values.TEMPORARY),
    region: fc.constantFrom('eu-west-1', 'us-east-1'),
    service: fc.constantFrom('s3', 'dynamodb'),
    uriEscapePath: fc.boolean(),
    applyChecksum: fc.boolean(),
  },
  { requiredKeys: ['credentials', 'region', 'service'] },
)
const smithyOptions = values.some({
  signingDate: fc.constantFrom<unknown>(new Date(values.NOW), values.NOW, undefined),
  signingRegion: fc.constantFrom('cn-north-1', undefined),
  expiresIn: fc.constantFrom(60, 604_801, undefined),
  unsignableHeaders: fc.constant(new Set(['x-a'])),
})

export function otherCalls(): Comparison[] {
  return [
    ...CHECKSUMS.map(
      (name): Comparison => ({
        ...{ name: `streams.${name}.create`, group: 'sign', share: 0.2, arbitrary: fc.tuple(data, data) },
        async call({ streams }, pieces) {
          const checksum = streams[name]
          const running = checksum.create()
          for (const piece of pieces) running.update(piece)
          return [checksum.header, checksum.length, await running.digest()]
        },
      }),
    ),
    { name: 'streams.encodeEvent', group: 'sign', share: 1, arbitrary: fc.tuple(event) },
    {
      ...{ name: 'streams.decodeEvent', group: 'sign', share: 1, arbitrary: fc.tuple(event, fc.nat(2000)) },
      call({ streams }, [event, changed]) {
        const bytes: Uint8Array = streams.encodeEvent(event)
        const bit = changed as number
        if (bit < 8 * bytes.length) bytes[bit >> 3]! ^= 1 << (bit & 7)
        return streams.decodeEvent(bytes)
      },
    },
    {
      ...{ name: 'aws4fetch.AwsV4Signer', group: 'sign', share: 3, arbitrary: fc.tuple(aws4fetchOptions) },
      call: (build, [options]) => sign(build, 'AwsV4Signer', options),
    },
    {
      ...{ name: 'aws4fetch.fixed.AwsV4Signer', group: 'sign', share: 3, arbitrary: fc.tuple(aws4fetchOptions) },
      call: (build, [options]) => sign(build, 'fixed', options),
    },
    ...(['sign', 'presign'] as const).map(
      (method): Comparison => ({
        ...{ name: 'smithy.SignatureV4', title: `smithy.SignatureV4, ${method}`, group: 'sign', share: 2 },
        arbitrary: fc.tuple(smithyInit, smithyRequest, smithyOptions),
        call: ({ smithy }, [init, request, options]) => new smithy.SignatureV4(init)[method](request, options),
      }),
    ),
  ]
}
