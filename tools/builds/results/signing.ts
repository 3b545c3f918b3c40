import fc from 'fast-check'
import type { Build, Comparison } from './comparison.ts'
import { type Form, postOptions, postTarget } from './forms.ts'
import { outcomeOf } from './outcome.ts'
import * as values from './values.ts'

// Calls of the functions that sign, of `index` and `sync`.

const MIB = 1_048_576
const size = values.mostly(
  fc.oneof(fc.integer({ min: 0, max: 40 * MIB }), fc.constantFrom(5e9, 5_497_558_138_880, 10_000 * 5 * MIB)),
  [-1, 1.5, 5_497_558_138_881, '5', null, undefined, Number.NaN],
)
const partSize = values.mostly(fc.constantFrom<unknown>(5 * MIB, 6 * MIB, 5_368_709_120, undefined), [
  ...[MIB, 5 * MIB + 0.5, 'a', null],
])
const partNumbers = values.mostly(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 }), [
  ...[5, null, ['1'], '12', [0], [10_001], [9], new Set([1]), undefined],
])
const multipart = { size, partSize, expires: values.expires, region: values.region, signingDate: values.date }
const uploadOptions = values
  .options({ ...multipart, contentType: values.PRESIGNING.contentType, headers: values.headers })
  .map((options) => (Object(options).credentials === undefined ? options : { size: 7 * MIB, ...Object(options) }))
/** Large objects only with a list of parts: S3 allows 10,000. */
const partsOptions = fc
  .tuple(values.options({ ...multipart, parts: partNumbers }), values.mostly(values.text, ['', undefined, 5]))
  .map(([options, uploadId]): unknown => {
    if (Object(options).credentials === undefined) return options
    const complete = { size: 7 * MIB, uploadId, ...Object(options) }
    return complete.size > 50 * MIB ? { ...complete, parts: complete.parts ?? [1, 2] } : complete
  })

const unsignedRequest = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record(
      { method: values.method, url: values.url, headers: values.headers, body: values.body },
      { requiredKeys: ['url'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ method: fc.constantFrom('PUT', 'POST'), url: values.url, body: fc.constantFrom('', 'a', 'é') })
      .filter(({ url }) => URL.canParse(url) && /^https?:/i.test(url) && !/\/\/[^/]*@/.test(url))
      .map(({ url, ...init }) => new values.Fresh(`new Request(${JSON.stringify(url)})`, () => new Request(url, init))),
  },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, 'https://example.com', {}, { url: 5 }, []) },
)
const scopeDate = values.mostly(fc.constantFrom<unknown>('20150830', new Date(values.NOW), values.NOW, undefined), [
  ...['2015', '', -1, null, {}],
])
const keyScope = values.mostly(
  fc.record(
    { date: scopeDate, region: values.region, service: values.service },
    { requiredKeys: ['region', 'service'] },
  ),
  [undefined, null, {}, 'eu-west-1'],
)
const use = fc.constantFrom<unknown>(undefined, undefined, {}, { extractable: true }, { extractable: false })

/** A key that cannot be read is compared by what it signs. */
async function derive(build: Build, entry: 'index' | 'sync', args: unknown[]): Promise<unknown> {
  const derived = await build[entry].deriveSigningKey(...args)
  if (!(derived.key instanceof CryptoKey)) return derived
  return { derived, signature: await crypto.subtle.sign('HMAC', derived.key, new Uint8Array(1)) }
}

const { download, contentType, contentLength, ...presigning } = values.PRESIGNING
const all = values.options(values.PRESIGNING)
/** Mostly the options that the method supports. */
const presignOptions = (supported: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: values.options({ ...presigning, ...supported }) }, { weight: 1, arbitrary: all })
const getOptions = presignOptions({ download })
const putOptions = presignOptions({ contentType, contentLength })
const object = fc.oneof({ weight: 9, arbitrary: values.object }, { weight: 1, arbitrary: values.target })

const SIGNING: Record<string, [share: number, ...args: fc.Arbitrary<unknown>[]]> = {
  presign: [7, values.method, values.target, all],
  presignGet: [6, values.target, getOptions],
  presignPut: [8, values.target, putOptions],
  presignHead: [3, values.target, presignOptions({})],
  presignDelete: [3, values.target, putOptions],
  presignMultipartUpload: [3, object, uploadOptions],
  presignMultipartParts: [3, object, partsOptions],
  presignPost: [6, postTarget, postOptions],
  sign: [9, unsignedRequest, values.options(values.SIGNING)],
}

/** The functions that both entries have, with or without promises. */
export function signingCalls(entry: 'index' | 'sync'): Comparison[] {
  return [
    ...Object.entries(SIGNING).map(
      ([name, [share, ...args]]): Comparison => ({
        ...{ name: `${entry}.${name}`, group: 'sign', share },
        arbitrary: fc.tuple(...args),
      }),
    ),
    {
      ...{ name: `${entry}.deriveSigningKey`, group: 'sign', share: 2 },
      arbitrary: fc.tuple(values.credentials, keyScope, use),
      call: (build, args) => derive(build, entry, args),
    },
  ]
}

const uploaded = fc.record({
  partNumber: fc.integer({ min: 1, max: 4 }),
  etag: fc.constantFrom('"a"', 'b', 'W/"c"', '"a&<b>"', '"d-2"'),
  checksum: fc.constantFrom(undefined, { algorithm: 'CRC32C', value: '4waSgw==' }, { algorithm: 'CRC32', value: '<' }),
})
const oddUpload = [null, {}, { partNumber: 0, etag: 'a' }, { partNumber: 1 }, { partNumber: 1, etag: 'é' }]
const uploads = values.mostly(fc.array(values.mostly(uploaded, oddUpload), { maxLength: 4 }), [
  ...[null, undefined, 'a', {}, 5],
])

const element = fc.oneof(
  fc
    .tuple(fc.constantFrom('UploadId', 'Code', 'Message', 'ETag'), values.text)
    .map(([name, text]) => `<${name}>${text}</${name}>`),
  fc
    .tuple(fc.constantFrom('1', '2', '', 'a'), values.text)
    .map(([n, text]) => `<Part><PartNumber>${n}</PartNumber><ETag>&quot;${text}&quot;</ETag><Size>5</Size></Part>`),
  fc.constantFrom('&amp;', '&#60;', '<a/>', '<!-- -->'),
)
const root = fc.constantFrom(
  ...['Error', 'InitiateMultipartUploadResult', 'CompleteMultipartUploadResult', 'ListPartsResult', 'a'],
)
const xml = fc
  .tuple(fc.constantFrom('', '<?xml version="1.0"?>\n', ' '), root, fc.array(element, { maxLength: 4 }))
  .map(([start, root, content]) => `${start}<${root}>${content.join('')}</${root}>`)

/** Which service and region a host identifies is a table: every row of it must be used. */
const everyHost: Comparison = {
  ...{ name: 'sync.presign', title: 'sync.presign, AWS hosts', group: 'sign', share: 2 },
  arbitrary: fc.tuple(fc.array(fc.constantFrom(...values.ENDPOINTS), { maxLength: 200, size: 'max' })),
  call: ({ sync }, [hosts]) =>
    Promise.all(
      (hosts as string[]).map((host) =>
        outcomeOf(() => sync.presign('GET', `https://${host}/`, { credentials: values.KEYS })),
      ),
    ),
}

export const thrown = fc.constantFrom<unknown>(
  ...[undefined, null, 'ERR_SIGV4_EXPIRED', {}, { code: 'ERR_SIGV4_EXPIRED' }, { code: 'ERR_INVALID_ARG_TYPE' }],
  ...[new Error('a'), Object.assign(new Error('a'), { code: 'ERR_SIGV4_KEY_SCOPE' })],
)
const file = values.mostly(
  fc.constantFrom<unknown>(
    ...['text', new Uint8Array(3), new Blob(['a'], { type: 'image/png' }), new File(['é'], 'ä.txt')],
    { uri: 'file:///a' },
  ),
  [null, undefined, 5, {}, []],
)
const senderFields = fc
  .array(
    fc.tuple(
      fc.constantFrom('key', 'Key', 'file', 'x-amz-meta-a', 'Content-Type'),
      fc.oneof(values.text, fc.constantFrom(5, undefined)),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => Object.fromEntries(pairs))
const filling = values.some({
  filename: values.mostly(values.text, [5, null]),
  fields: values.mostly(senderFields, [null, 5, undefined]),
})

const arn = values.mostly(
  fc
    .tuple(
      fc.constantFrom('arn:aws', 'arn:aws-cn', 'arn:AWS', 'aws'),
      fc.constantFrom('s3', 's3-object-lambda', 's3-outposts', 's3express', 'sqs'),
      fc.constantFrom('eu-west-1', 'cn-north-1', 'us-iso-east-1', '', 'europe'),
      fc.constantFrom('123456789012', '1', ''),
      fc.constantFrom(
        'accesspoint/photos',
        'accesspoint:a.mrap',
        'outpost/op-1/accesspoint/photos',
        'photos',
        'accesspoint/',
      ),
    )
    .map((parts) => parts.join(':')),
  [undefined, null, '', 5],
)

/** Functions without cryptography, which both entries export. */
export function sharedCalls(forms: fc.Arbitrary<Form>): Comparison[] {
  const table: Record<string, [share: number, ...args: fc.Arbitrary<unknown>[]]> = {
    objectUrl: [3, object],
    accessPoint: [1, arn],
    multipartCompletionBody: [1, uploads, fc.constantFrom<unknown>(undefined, undefined, 1, 2, 3, 1.5, 'a')],
    parseMultipartResponse: [1, values.mostly(xml, [undefined, null, '', '<a>', 5])],
    isSigV4Error: [0.2, thrown],
  }
  return [
    everyHost,
    ...Object.entries(table).map(
      ([name, [share, ...args]]): Comparison => ({
        ...{ name: `sync.${name}`, group: 'sign', share },
        arbitrary: fc.tuple(...args),
      }),
    ),
    {
      ...{ name: 'sync.checkPost', group: 'sign', share: 3 },
      arbitrary: forms.map(({ policy, fields, details }) => [policy, fields, details]),
    },
    {
      ...{ name: 'sync.toFormData', group: 'sign', share: 1 },
      arbitrary: fc.tuple(
        forms.map(({ policy }) => ({ fields: policy })),
        file,
        filling,
      ),
      async call({ sync }, args) {
        const form: FormData = sync.toFormData(...args)
        const contents = [...form.values()].map((value) => (typeof value === 'string' ? value : value.text()))
        return [form, await Promise.all(contents)]
      },
    },
    {
      ...{ name: 'sync.SigV4Error', group: 'sign', share: 0.2 },
      arbitrary: fc.tuple(
        fc.constantFrom('ERR_SIGV4_EXPIRED', 'ERR_SIGV4_KEY_SCOPE'),
        values.text,
        fc.constantFrom(undefined, { cause: 'a' }),
      ),
      call: ({ sync }, args) => new sync.SigV4Error(...args),
    },
  ]
}
