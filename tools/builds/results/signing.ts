import fc from 'fast-check'
import {
  credentials as aws4Credentials,
  request as aws4Request,
  url as aws4Url,
  environment,
} from '../../../test/support/aws4/arbitraries.ts'
import { requestCall, type SignerCall } from '../../../test/support/smithy/requests.ts'
import type { Build, Comparison } from './comparison.ts'
import { type Form, postOptions, postTarget } from './forms.ts'
import { outcomeOf, shapeOf } from './outcome.ts'
import * as values from './values.ts'

// Calls of the functions that sign, of all entries.

const { expires, garbled, headers, method, object, options, query, region, service, some, text, url } = {
  ...values,
  query: values.PRESIGNING.query,
}
const MIB = 1_048_576
const date = values.SIGNING.now!
const multipart = {
  ...{ expires, region, now: date, partSize: fc.constantFrom(5 * MIB, 6 * MIB, 5_368_709_120, undefined) },
  size: fc.oneof(fc.integer({ min: 0, max: 40 * MIB }), fc.constantFrom(5e9, 5_497_558_138_880, 50_000 * MIB)),
}
const uploadOptions = options({ ...multipart, contentType: values.PRESIGNING.contentType, headers }).map((given) => ({
  ...{ size: 7 * MIB },
  ...given,
}))
/** Large objects only with a list of parts: S3 allows 10,000. */
const partsOptions = fc
  .tuple(options({ ...multipart, parts: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 }) }), text)
  .map(([given, uploadId]) => {
    const complete: { size: number; parts?: number[] } = { ...{ size: 7 * MIB, uploadId }, ...given }
    return complete.size > 50 * MIB ? { ...complete, parts: complete.parts ?? [1, 2] } : complete
  })

const unsignedRequest = values.mostly<unknown>(
  fc.record({ method, url, headers, body: values.body }, { requiredKeys: ['url'] }),
  fc
    .record({ method: fc.constantFrom('PUT', 'POST'), url, body: fc.constantFrom('', 'a', 'é') })
    .filter(({ url }) => URL.canParse(url) && /^https?:/i.test(url) && !/\/\/[^/]*@/.test(url))
    .map(({ url, ...init }) => new values.Fresh(`new Request(${JSON.stringify(url)})`, () => new Request(url, init))),
  12,
)
const keyScope = fc.record({ date: fc.constantFrom<unknown>('20150830', values.NOW, undefined), region, service })

/** A key that cannot be read is compared by what it signs. */
async function derive(build: Build, entry: 'index' | 'sync', args: unknown[]): Promise<unknown> {
  const derived = await build[entry].deriveSigningKey(...args)
  if (!(derived.key instanceof CryptoKey)) return derived
  return { derived, signature: await crypto.subtle.sign('HMAC', derived.key, new Uint8Array(1)) }
}

const { download, contentType, contentLength, ...presigning } = values.PRESIGNING
const all = options(values.PRESIGNING)
/** Mostly the options that the method supports. */
const presignOptions = (supported: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  values.mostly(options({ ...presigning, ...supported }), all, 9)
const putOptions = presignOptions({ contentType, contentLength })
const anyObject = values.mostly<unknown>(object, values.anyTarget, 9)

type Table = Record<string, [share: number, ...args: fc.Arbitrary<unknown>[]]>

const SIGNING: Table = {
  presign: [7, method, values.anyTarget, all],
  presignGet: [6, values.anyTarget, presignOptions({ download })],
  presignPut: [8, values.anyTarget, putOptions],
  presignHead: [3, values.anyTarget, presignOptions({})],
  presignDelete: [3, values.anyTarget, putOptions],
  presignMultipartUpload: [3, anyObject, uploadOptions],
  presignMultipartParts: [3, anyObject, partsOptions],
  presignPost: [6, postTarget, postOptions],
  sign: [9, unsignedRequest, options(values.SIGNING)],
}

const calls = (entry: string, table: Table): Comparison[] =>
  Object.entries(table).map(([name, [share, ...args]]) => ({
    ...{ name: `${entry}.${name}`, group: 'sign', share, arbitrary: garbled(...args) },
  }))

/** The functions that both entries have, with or without promises. */
export function signingCalls(entry: 'index' | 'sync'): Comparison[] {
  const use = entry === 'sync' ? fc.constant({}) : fc.constantFrom({}, { extractable: true }, { extractable: false })
  const options = fc.tuple(values.credentials, use).map(([credentials, more]) => ({ credentials, ...more }))
  return [
    ...calls(entry, SIGNING),
    {
      ...{ name: `${entry}.deriveSigningKey`, group: 'sign', share: 2 },
      arbitrary: garbled(keyScope, options),
      call: (build, args) => derive(build, entry, args),
    },
  ]
}

const uploaded = fc.record({
  etag: fc.constantFrom('"a"', 'b', 'W/"c"', '"a&<b>"', '"d-2"'),
  checksum: fc.constantFrom(undefined, { algorithm: 'CRC32C', value: '4waSgw==' }, { algorithm: 'CRC32', value: '<' }),
})
const xml = fc
  .tuple(
    fc.constantFrom('', '<?xml version="1.0"?>\n', ' '),
    fc.constantFrom('Error', 'InitiateMultipartUploadResult', 'CompleteMultipartUploadResult', 'ListPartsResult', 'a'),
    fc.array(
      fc.oneof(
        fc.tuple(fc.constantFrom('UploadId', 'Code', 'ETag'), text).map(([name, text]) => `<${name}>${text}</${name}>`),
        text.map((tag) => `<Part><PartNumber>1</PartNumber><ETag>&quot;${tag}&quot;</ETag><Size>5</Size></Part>`),
        fc.constantFrom('&amp;', '&#60;', '<a/>', '<!-- -->'),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([start, root, content]) => `${start}<${root}>${content.join('')}</${root}>`)
const arn = fc
  .tuple(
    fc.constantFrom('arn:aws', 'arn:aws-cn', 'arn:AWS', 'aws'),
    fc.constantFrom('s3', 's3-object-lambda', 's3-outposts', 's3express', 'sqs'),
    fc.constantFrom('eu-west-1', 'cn-north-1', 'us-iso-east-1', '', 'europe'),
    fc.constantFrom('123456789012', '1', ''),
    fc.constantFrom('accesspoint/photos', 'accesspoint:a.mrap', 'outpost/op-1/accesspoint/photos', 'photos'),
  )
  .map((parts) => parts.join(':'))
const file = fc.constantFrom<unknown>(
  ...['text', new Uint8Array(3), new Blob(['a'], { type: 'image/png' }), new File(['é'], 'ä.txt')],
  { uri: 'file:///a' },
)
const filling = some({
  filename: text,
  fields: fc.dictionary(fc.constantFrom('key', 'Key', 'file', 'x-amz-meta-a', 'Content-Type'), text, { maxKeys: 3 }),
})
export const thrown = fc.constantFrom<unknown>(
  ...[undefined, null, 'ERR_SIGV4_EXPIRED', {}, { code: 'ERR_SIGV4_EXPIRED' }, { code: 'ERR_INVALID_ARG_TYPE' }],
  ...[new Error('a'), Object.assign(new Error('a'), { code: 'ERR_SIGV4_KEY_SCOPE' })],
)

const SHARED: Table = {
  objectUrl: [3, anyObject],
  accessPoint: [1, arn],
  multipartCompletionBody: [
    1,
    fc.array(uploaded, { maxLength: 4 }).map((all) => all.map((each, i) => ({ partNumber: i + 1, ...each }))),
    fc.constantFrom(undefined, 1, 2, 3),
  ],
  parseMultipartResponse: [1, xml],
  isSigV4Error: [0.2, thrown],
}

/** Functions without cryptography, which both entries export. */
export function sharedCalls(forms: fc.Arbitrary<Form>): Comparison[] {
  return [
    {
      // which service and region a host identifies is a table: every row of it must be used
      ...{ name: 'sync.presign', title: 'sync.presign, AWS hosts', group: 'sign', share: 2 },
      arbitrary: fc.tuple(fc.array(fc.constantFrom(...values.ENDPOINTS), { maxLength: 200, size: 'max' })),
      call: ({ sync }, [hosts]) =>
        Promise.all(
          (hosts as string[]).map((host) =>
            outcomeOf(() => sync.presign('GET', `https://${host}/`, { credentials: values.KEYS })),
          ),
        ),
    },
    ...calls('sync', SHARED),
    {
      ...{ name: 'sync.checkPost', group: 'sign', share: 3 },
      arbitrary: forms.map(({ policy, fields, details }) => [policy, fields, details]),
    },
    {
      ...{ name: 'sync.toFormData', group: 'sign', share: 1 },
      arbitrary: garbled(
        forms.map(({ policy }) => ({ fields: policy })),
        ...[file, filling],
      ),
      async call({ sync }, args) {
        const form: FormData = sync.toFormData(...args)
        const contents = [...form.values()].map((value) => (typeof value === 'string' ? value : value.text()))
        return [form, await Promise.all(contents)]
      },
    },
    {
      ...{ name: 'sync.SigV4Error', group: 'sign', share: 0.2 },
      arbitrary: fc.tuple(fc.constantFrom('ERR_SIGV4_EXPIRED'), text, fc.constantFrom(undefined, { cause: 'a' })),
      call: ({ sync }, args) => new sync.SigV4Error(...args),
    },
  ]
}

const name = fc.constantFrom('a', 'my-name', 'my-name', 'name', 'é', 'a b', 'A&b')
const lifetime = fc.constantFrom<unknown>(60, 299, 900, '15m', undefined)
const login = options({ expires: lifetime, now: date })
const request = options({ region, now: date })
const DSQL = 'abc.dsql.us-east-1.on.aws'
const oneOf = (...given: string[]): fc.Arbitrary<unknown> => values.mostly<unknown>(fc.constantFrom(...given), url)

// biome-ignore format: a table
const LOGINS: Record<string, [target: fc.Arbitrary<unknown>, options: fc.Arbitrary<unknown>]> = {
  rdsToken: [fc.record({ host: oneOf('db.abc.eu-west-1.rds.amazonaws.com'), port: fc.nat(65_535), user: name, region }), login],
  dsqlToken: [fc.oneof(fc.constant(DSQL), fc.record({ host: fc.constant(DSQL), admin: fc.boolean() })), login],
  cacheToken: [fc.record({ cache: name, user: name, region, service: fc.constantFrom('memorydb', undefined) }), login],
  mskToken: [fc.oneof(oneOf('b-1.kafka.abc.kafka.eu-west-1.amazonaws.com:9098'), fc.record({ region })), login],
  eksToken: [fc.record({ cluster: name, region }), login],
  bedrockKey: [fc.record({ region }), login],
  keyspacesResponse: [fc.record({ challenge: fc.constantFrom('nonce=abc', 'a'), region }), login],
  codecommitCredentials: [oneOf('https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/a'), request],
  sesSmtpPassword: [fc.record({ region }), fc.record({ credentials: values.credentials })],
  callerIdentity: [fc.record({ region, headers, parameters: fc.constantFrom('body', 'query', undefined) }), request],
  s3ExpressSession: [fc.record({ bucket: fc.constantFrom('cache--use1-az4--x-s3', 'photos'), region }), request],
  appSyncProtocols: [oneOf('https://abc.appsync-api.eu-west-1.amazonaws.com/graphql', 'https://api.example.com/graphql'), request],
  webSocketUrl: [
    oneOf('wss://abc.execute-api.eu-west-1.amazonaws.com/v1', 'wss://transcribestreaming.us-east-1.amazonaws.com:8443/a'),
    options({ region, service, query, expires: fc.oneof(lifetime, fc.constant(false)), now: date }),
  ],
}

/** The functions that return logins and their requests. */
export const tokenCalls = (entry: 'tokens' | 'tokens-sync'): Comparison[] =>
  calls(entry, Object.fromEntries(Object.entries(LOGINS).map(([name, args]) => [name, [1.5, ...args]])))

const METHODS = [
  ...['isSingleRegion', 'createHost', 'prepareRequest', 'sign', 'getDateTime', 'getDate', 'authHeader', 'signature'],
  ...['stringToSign', 'canonicalString', 'filterHeaders', 'canonicalHeaders', 'signedHeaders', 'credentialString'],
  ...['defaultCredentials', 'parsePath', 'formatPath', 'matchHost'],
]
const aws4Given = fc.oneof<fc.Arbitrary<unknown>[]>(aws4Request, aws4Request, aws4Url, url.map(values.urlObject))
const aws4Keys = fc.oneof<fc.Arbitrary<unknown>[]>(aws4Credentials, fc.constantFrom(values.KEYS, values.TEMPORARY))

/** Sets the environment of a call, which aws4 reads. */
function setEnvironment(variables: object): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, variables)
}

/** Calls of `aws4`. */
export function aws4Calls(): Comparison[] {
  return [
    {
      ...{ name: 'aws4.sign', group: 'sign', share: 8, changesArguments: true },
      arbitrary: fc.tuple(aws4Given, aws4Keys, environment),
      call({ aws4 }, [request, credentials, variables]) {
        setEnvironment(variables as object)
        return aws4.sign(request, credentials)
      },
    },
    {
      ...{ name: 'aws4.RequestSigner', group: 'sign', share: 5, changesArguments: true },
      arbitrary: fc.tuple(aws4Given, aws4Keys, fc.array(fc.constantFrom(...METHODS), { maxLength: 5 })),
      async call({ aws4 }, [request, credentials, methods]) {
        setEnvironment({})
        const signer = new aws4.RequestSigner(request, credentials)
        const outcomes = []
        for (const method of methods as string[])
          outcomes.push(await outcomeOf(() => signer[method]('photos.s3-eu-west-1.amazonaws.com')))
        return { outcomes, signer: shapeOf(signer) }
      },
    },
  ]
}

const aws4fetchOptions = fc
  .tuple(
    fc.constantFrom(values.KEYS, values.TEMPORARY),
    some({
      ...{ method, headers, service, region, body: fc.constantFrom<unknown>('{}', 'é', new Uint8Array(3), undefined) },
      ...{ signQuery: fc.boolean(), allHeaders: fc.boolean(), singleEncode: fc.boolean() },
      ...{ appendSessionToken: fc.boolean(), datetime: fc.constantFrom('20150830T123600Z', undefined) },
    }),
    url,
  )
  .map(([keys, rest, url]) => ({ ...keys, url, ...rest }))

const data = fc.oneof<fc.Arbitrary<unknown>[]>(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('a', ''))
const header = fc.oneof<fc.Arbitrary<unknown>[]>(
  fc.record({ type: fc.constantFrom('short', 'integer'), value: fc.integer({ min: -200, max: 30_000 }) }),
  fc.record({ type: fc.constant('string'), value: text }),
  fc.constantFrom(
    ...[
      { type: 'boolean', value: true },
      { type: 'byte', value: -3 },
      { type: 'long', value: 5n },
    ],
    ...[
      { type: 'timestamp', value: new Date(0) },
      { type: 'binary', value: new Uint8Array(2) },
      { type: 'uuid', value: 'a' },
    ],
  ),
)
const event = fc.record({ headers: fc.dictionary(text, header, { maxKeys: 3 }), body: data }, { requiredKeys: [] })

/** Calls of `aws4fetch`, `smithy`, and of the functions of `streams` and `explain` that are exact. */
export function otherCalls(): Comparison[] {
  const traced = fc.record(
    {
      ...{ method, body: values.body, url: url.map((url) => url.replace(/^https?:\/\/[^/?]*/, '')) },
      headers: headers.map((own) => (own instanceof Headers ? own : { host: 'a.example', ...Object(own) })),
    },
    { requiredKeys: ['url', 'headers'] },
  )
  const tracing = options({ ...values.SIGNING, location: fc.constantFrom('header', 'query'), expires })
  return [
    ...['crc32', 'crc32c', 'crc64nvme', 'md5', 'sha1', 'sha256', 'sha512'].map(
      (name): Comparison => ({
        ...{ name: `streams.${name}.create`, group: 'sign', share: 0.2, arbitrary: garbled(data, data) },
        async call({ streams }, pieces) {
          const checksum = streams[name]
          const running = checksum.create()
          for (const piece of pieces) running.update(piece)
          return [checksum.header, checksum.length, await running.digest()]
        },
      }),
    ),
    { name: 'streams.encodeEvent', group: 'sign', share: 1, arbitrary: garbled(event) },
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
      ...{ name: 'aws4fetch.AwsV4Signer', group: 'sign', share: 3, arbitrary: garbled(aws4fetchOptions) },
      async call({ aws4fetch }, [options]) {
        const signer = new aws4fetch.AwsV4Signer(options)
        return { signed: await signer.sign(), authorization: await signer.authHeader() }
      },
    },
    ...(['sign', 'presign'] as const).map(
      (method): Comparison => ({
        ...{ name: 'smithy.SignatureV4', title: `smithy.SignatureV4, ${method}`, group: 'sign', share: 2 },
        arbitrary: fc.tuple(requestCall),
        call({ smithy }, [given]) {
          const { init, request, options } = given as SignerCall
          return new smithy.SignatureV4(init)[method](request, options)
        },
      }),
    ),
    { name: 'trace.trace', group: 'explain', share: 1, arbitrary: garbled(traced, tracing) },
  ]
}
