import * as aws4fetch from 'aws4fetch'
import fc from 'fast-check'
import { expect } from 'vitest'
import * as entry from '../../../src/aws4fetch.ts'
import { host, target, text } from '../aws4/arbitraries.ts'
import { SECRET } from '../credentials.ts'
import { hosts } from './suite.ts'

// Random requests are passed to aws4fetch and to its replacement, and everything that a caller can see is compared.

// biome-ignore lint/suspicious/noExplicitAny: members that no type has are read, and options that no type allows are passed
type Any = any

/** Creates a value for each side, because a stream can be read once. */
type Make<Value = unknown> = () => Value

const constant = <Value>(...values: Value[]) => fc.constantFrom(...values)
const label = fc.oneof(
  constant(
    's3',
    's3-accelerate',
    's3-us-west-2',
    's3-external-1',
    's3-fips-us-gov-west-1',
    's3-',
    'us-gov',
    'us-east-1',
  ),
  constant(
    'eu-west-1',
    'ap-northeast-1',
    'iot',
    'data',
    'jobs',
    'autoscaling',
    'queue',
    'email',
    'kms-fips',
    'dualstack',
  ),
  constant(
    'constructor',
    '__proto__',
    'git-codecommit',
    'pinpoint',
    'vpce',
    'es',
    'x'.repeat(63),
    'x'.repeat(64),
    '',
    'a',
  ),
)
const domain = constant(
  ...['amazonaws.com', 'amazonaws.com.cn', 'on.aws', 'lambda-url.eu-west-1.on.aws', 'r2.cloudflarestorage.com'],
  ...['s3.us-west-001.backblazeb2.com', 'backblazeb2.com', 'xamazonaws.com', 'localhost:9000', 'amazonaws.com:8443'],
)
const anyHost = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.array(label, { maxLength: 4 }), domain).map(([labels, end]) => [...labels, end].join('.')),
  },
  { weight: 2, arbitrary: constant(...hosts().map(([name]) => name)) },
  { weight: 1, arbitrary: host },
)
const anyUrl = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .tuple(constant('https', 'https', 'http', 'wss'), anyHost, target)
      .map(([scheme, name, rest]) => `${scheme}://${name}${rest}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyHost, constant('/mqtt', '/', '/?X-Amz-Expires=60'))
      .map(([name, path]) => `https://${name}${path}`),
  },
  {
    weight: 1,
    arbitrary: constant('', 'a', 'https://', 'https://user:secret@sqs.eu-west-1.amazonaws.com/', 'data:,a'),
  },
)

const headerName = constant(
  ...['Content-Type', 'content-type', 'Host', 'X-Amz-Date', 'X-Amz-Content-Sha256', 'X-Amz-Target', 'User-Agent'],
  ...[
    'Range',
    'X-A',
    'X-B',
    'Authorization',
    'X-Amz-Security-Token',
    'cf-ray',
    'set-cookie',
    'Accept-Encoding',
    'b d',
    '',
  ],
)
const headerValue = fc.oneof(
  constant(
    'a',
    ' a  b ',
    'a\tb',
    '',
    'é',
    'text/plain',
    'application/json',
    'UNSIGNED-PAYLOAD',
    'a\nb',
    '😀',
    'a\u00a0 b',
  ),
  constant('AnyScaleFrontendService.A', 'AnyScaleScalingPlannerFrontendService.B', 'AutoScaling_2011'),
)
const anyHeaders: fc.Arbitrary<Make> = fc
  .tuple(fc.array(fc.tuple(headerName, headerValue), { maxLength: 4 }), constant('object', 'pairs', 'Headers', 'none'))
  .map(([pairs, kind]) => () => {
    if (kind === 'none') return undefined
    if (kind === 'pairs') return pairs
    if (kind === 'object') return Object.fromEntries(pairs)
    const headers = new Headers()
    for (const [name, value] of pairs)
      try {
        headers.append(name, value)
      } catch {
        // not every pair is valid
      }
    return headers
  })

const bytes = new TextEncoder().encode('{"a":"é"}')
const anyBody = fc.oneof(
  {
    weight: 3,
    arbitrary: constant<Make>(
      () => undefined,
      () => undefined,
      () => null,
      () => '',
    ),
  },
  {
    weight: 3,
    arbitrary: text(4).map(
      (body): Make =>
        () =>
          body,
    ),
  },
  {
    weight: 3,
    arbitrary: constant<Make>(
      () => bytes.slice(),
      () => bytes.slice().buffer,
      () => new DataView(bytes.slice().buffer, 1, 3),
      () => new ArrayBuffer(0),
      () => new Uint16Array([1, 2]),
      () => new Blob(['a'], { type: 'text/plain' }),
      () => new URLSearchParams({ a: 'b c' }),
      () => new Blob(['a']).stream(),
      () => 5,
      () => ({}),
    ),
  },
)

const token = constant<unknown>(undefined, undefined, undefined, 'the/token+=', '', null)
const service = constant(undefined, undefined, undefined, 's3', 's3', 'es', 'iotdevicegateway', '')
const region = constant(undefined, undefined, 'eu-west-1', '')
const identity = {
  accessKeyId: constant<unknown>(...Array(12).fill('AKIDEXAMPLE'), '', undefined, null),
  secretAccessKey: constant<unknown>(...Array(12).fill(SECRET), '', undefined, null),
  sessionToken: token,
  service,
  region,
}
const signing = {
  datetime: constant(undefined, undefined, '20150830T123600Z', '20150830', 'today', ''),
  signQuery: constant(undefined, false, true, true),
  appendSessionToken: constant(undefined, undefined, true, false),
  allHeaders: constant(undefined, undefined, true, false),
  singleEncode: constant(undefined, undefined, true, false),
}
const anyMethod = constant(undefined, undefined, 'GET', 'POST', 'PUT', 'patch', 'Delete', '', 'TRACE', 'a b')

const anySigner = fc.record({ ...identity, ...signing, method: anyMethod })
const anyClient = fc.record({
  ...identity,
  retries: constant(undefined, 0, null),
  initRetryMs: constant(undefined, 0, 5),
})
const anyInit = fc.record(
  {
    method: anyMethod,
    redirect: constant('follow', 'manual', 'error', 'x'),
    cache: constant('default', 'no-store'),
    credentials: constant('omit', 'include'),
    keepalive: constant(true, false),
    duplex: constant('half', undefined),
    service: constant('ignored'),
    aws: fc.oneof(constant(undefined, null, {}), fc.record({ ...identity, ...signing }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
)
const inputKind = constant('string', 'string', 'string', 'URL', 'object', 'Request', 'Request', 'used Request')

const hex = (buffer: ArrayBuffer): string => Buffer.from(buffer).toString('hex')

/** Returns what a caller can see of a value. */
function shape(value: Any): unknown {
  if (value instanceof URL) return `URL ${value.href}`
  if (value instanceof Headers) return [...value]
  if (value instanceof Map) return [...value].map(([name, key]) => [name, hex(key)])
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? value : `${typeof value} ${String(value)}`
  return Object.prototype.toString.call(value)
}

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return { returned: await run() }
  } catch (error) {
    const { name, message } = error as Error
    return { threw: (error as Error).constructor.name, name, message }
  }
}

const METHODS = ['hexBodyHash', 'canonicalString', 'stringToSign', 'signature', 'authHeader', 'sign'] as const

/** Creates a signer and calls its methods; returns its fields before and after, and all results. */
async function observeSigner(module: Any, options: object): Promise<unknown> {
  let signer: Any
  const fields = () => Object.entries(signer ?? {}).map(([name, value]) => [name, shape(value)])
  const created = await outcome(() => {
    signer = new module.AwsV4Signer(options)
    return fields()
  })
  const results: unknown[] = []
  if (signer)
    for (const name of METHODS)
      results.push(
        await outcome(async () => {
          const result = await signer[name]()
          if (typeof result === 'string') return result
          // the objects themselves are returned
          const members = Object.entries(result).map(([key, value]) => [key, value === signer[key]])
          return { members, again: (await signer.sign()).url.href }
        }),
      )
  return { created, results, after: fields() }
}

async function observeClient(module: Any, options: object, input: Any, init: Any): Promise<unknown> {
  let client: Any
  const created = await outcome(() => {
    client = new module.AwsClient(options)
    return Object.entries(client).map(([name, value]) => [name, shape(value)])
  })
  const signed = await outcome(async () => {
    const request: Request = await client.sign(input, init)
    const { method, url, headers, redirect, cache, credentials, mode, referrer, integrity, keepalive, signal } = request
    const members = {
      method,
      url,
      headers: [...headers],
      redirect,
      cache,
      credentials,
      mode,
      referrer,
      integrity,
      keepalive,
    }
    return { ...members, aborted: signal.aborted, body: await request.text() }
  })
  const isUsed = input instanceof Request && input.bodyUsed
  return { created, signed, isUsed, cache: shape(client?.cache), init: Object.keys(init ?? {}) }
}

function inputOf(kind: string, url: string, headers: Any, body: Any): Make {
  return () => {
    if (kind === 'string') return url
    if (kind === 'object') return { toString: () => url }
    try {
      if (kind === 'URL') return new URL(url)
      const hasBody = body !== undefined && body !== null
      const request = new Request(url, {
        ...(hasBody && { method: 'PUT', body }),
        headers,
        duplex: 'half',
      } as RequestInit)
      if (kind === 'used Request') void request.text()
      return request
    } catch {
      return url // no such Request exists
    }
  }
}

/** Compares both for random requests. A failure prints its seed and path. */
export async function compareRandomRequests(runs: number): Promise<void> {
  const arbitrary = fc.record({
    url: anyUrl,
    headers: anyHeaders,
    body: anyBody,
    signer: anySigner,
    client: anyClient,
    init: anyInit,
    kind: inputKind,
    own: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ url, headers, body, signer, client, init, kind, own }) => {
      const run = async (module: Any): Promise<unknown> => {
        const seen = await observeSigner(module, { ...signer, url, headers: headers(), body: body() })
        const input = inputOf(kind, url, headers(), kind.endsWith('Request') ? body() : undefined)()
        const more = kind.endsWith('Request') && own ? {} : { headers: headers(), body: body() }
        return [seen, await observeClient(module, client, input, { ...more, ...init })]
      }
      const [ours, theirs] = [await run(entry), await run(aws4fetch)]
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) expect(ours).toEqual(theirs)
    }),
    { numRuns: runs },
  )
}
