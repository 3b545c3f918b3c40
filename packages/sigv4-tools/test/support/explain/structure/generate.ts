import { createHash } from 'node:crypto'
import {
  amzDateOf,
  byBytes,
  encode,
  type Pair,
  type Parameter,
  type Signed,
  sha256,
  sign,
  UNSIGNED_PAYLOAD,
} from '../../../../../../test/support/oracle.ts'
import { randomBelow } from '../../../../../../test/support/random.ts'
import { type ClientRequest, type SentRequest, send } from './client.ts'
import { type Aspect, isSetAside, MISTAKES, type Mistake } from './mistakes.ts'

// Requests that a service rejects because the client assembled its strings wrongly, with the right secret access key;
// and requests that are signed with a wrong secret by a correct signer. The same seed returns the same cases.
//
// A third of the mistakes is set aside (see mistakes.ts): do not look at those cases before the last run. A checker of
// the search maps the aspect of a case to the causes that it accepts, and counts by isSetAside.
//
// Evidence:
//   a  an error without the service's strings, and the secret
//   b  an error with the service's strings, and the secret
//   c  an error with the service's strings, and what the client printed, without the secret

export type Kind =
  | 's3-get'
  | 's3-put'
  | 's3-presigned-get'
  | 's3-presigned-put'
  | 's3-form'
  | 'dynamodb'
  | 'sts'
  | 'execute-api'
  | 'es'

export const KINDS: readonly Kind[] = [
  's3-get',
  's3-put',
  's3-presigned-get',
  's3-presigned-put',
  's3-form',
  'dynamodb',
  'sts',
  'execute-api',
  'es',
]

export type Level = 'a' | 'b' | 'c'

export type WrongSecret = 'rotated' | 'other-account' | 'truncated' | 'other-environment'

export interface StructureCase {
  readonly id: string
  /** Name of a row, or `wrong-secret`. */
  readonly mistake: string
  /** What is wrong, so that a checker can accept causes without a list of the rows. */
  readonly aspect: Aspect | 'secret'
  readonly kind: Kind
  readonly level: Level
  readonly isSetAside: boolean
  /**
   * Whether the evidence determines the mistake. It does not if the client's strings are right and there is no secret,
   * nor if the secret reproduces the signature and the service did not return its strings.
   */
  readonly isProvable: boolean
  readonly request: SentRequest
  /** The user's credentials; without the secret for level c. */
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey?: string
    readonly sessionToken?: string
  }
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  /** What the client printed; a form has no canonical request. */
  readonly client?: { readonly canonicalRequest?: string; readonly stringToSign: string }
  /** Only for `wrong-secret`. */
  readonly secret?: {
    readonly variant: WrongSecret
    /** The secret in `credentials`: the service's, or the one that the client signed with. */
    readonly atHand: 'service' | 'client' | 'none'
  }
}

/** A case, and what a test needs to check it. */
export interface CheckedCase {
  readonly structureCase: StructureCase
  readonly signing: ClientRequest
  readonly fields: readonly Pair[]
  readonly change: Mistake['change']
}

// ---- Random values ----

class Source {
  readonly below: (limit: number) => number

  constructor(seed: string) {
    this.below = randomBelow(createHash('sha256').update(seed).digest().readUInt32BE())
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  characters(alphabet: string, length: number): string {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]!).join('')
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    const shuffled = [...items]
    for (let index = shuffled.length - 1; index > 0; index--) {
      const other = this.below(index + 1)
      ;[shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!]
    }
    return shuffled
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const HEX = '0123456789abcdef'
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BASE64 = `${LETTERS.toUpperCase()}${LETTERS}${DIGITS}+/`

const REGIONS = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-northeast-1', 'sa-east-1']
const BUCKETS = ['acme-invoices', 'media.example.com', 'data-lake-prod', 'user-uploads-eu', 'backups-2026']
const FOLDERS = ['invoices/2026', 'photos', 'raw/events/dt=2026-03-14', 'exports', 'firmware/esp32']
const FILES = [
  'report.pdf',
  'photo (1).jpg',
  'data.parquet',
  "o'hara & sons.csv",
  'résumé final.docx',
  'state=fl:city.json',
  'notes+drafts!.txt',
  'plain.bin',
]
const JSON_BODIES: readonly object[] = [
  { orderId: 'A-1042', items: [{ sku: 'TSHIRT-M', quantity: 2 }], note: 'bitte klingeln – Müller' },
  { query: { match: { title: 'quarterly report' } }, size: 20 },
  { userId: 42, active: true, tags: ['new', 'eu'] },
  { name: 'Zoë', city: 'København', age: 33 },
  { source: 'sensor-7', values: [21.5, 21.75, 22], unit: '°C' },
]
const TEXT_BODIES = [
  'id,name\n1,Anna\n2,Björn\n',
  'Welcome to Amazon S3.',
  '{"event":"click","page":"/home"}',
  'a'.repeat(300),
]

function secretOf(source: Source): string {
  return source.characters(BASE64, 40)
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

function awsKeys(source: Source): Keys {
  const secretAccessKey = secretOf(source)
  if (source.chance(60)) return { accessKeyId: `AKIA${source.characters(BASE32, 16)}`, secretAccessKey }
  const sessionToken = `IQoJb3JpZ2luX2VjE${source.characters(BASE64, 182 + source.below(120))}==`
  return { accessKeyId: `ASIA${source.characters(BASE32, 16)}`, secretAccessKey, sessionToken }
}

function dateFrom(source: Source): Date {
  return new Date(
    Date.UTC(2026, source.below(11), 1 + source.below(28), source.below(24), source.below(60), source.below(60)),
  )
}

// ---- Servers ----

interface Server {
  readonly name: 'aws' | 'minio' | 'r2' | 'ceph'
  readonly scheme: 'https' | 'http'
  readonly host: string
  readonly region: string
  readonly isPathStyle: boolean
  readonly bucket: string
  readonly keys: Keys
}

/** S3 itself returns its strings; the compatible servers here do not. */
function storageServer(source: Source, hasStrings: boolean, isForm: boolean): Server {
  const bucket = source.pick(BUCKETS)
  if (hasStrings) {
    const region = source.pick(REGIONS)
    const isPathStyle = bucket.includes('.') || source.chance(30)
    const host = isPathStyle ? `s3.${region}.amazonaws.com` : `${bucket}.s3.${region}.amazonaws.com`
    return { name: 'aws', scheme: 'https', host, region, isPathStyle, bucket, keys: awsKeys(source) }
  }
  const name = source.pick(isForm ? (['minio', 'ceph'] as const) : (['minio', 'minio', 'r2', 'ceph'] as const))
  if (name === 'r2') {
    const host = `${source.characters(HEX, 32)}.r2.cloudflarestorage.com`
    const keys = { accessKeyId: source.characters(HEX, 32), secretAccessKey: source.characters(HEX, 64) }
    return { name, scheme: 'https', host, region: 'auto', isPathStyle: true, bucket, keys }
  }
  const longTerm = { accessKeyId: source.characters(BASE32, 20), secretAccessKey: secretOf(source) }
  const token = source.characters(BASE64, 160)
  const keys: Keys = source.chance(25) ? { ...longTerm, sessionToken: `${token}==` } : longTerm
  if (name === 'minio') {
    const [scheme, host] = source.pick([
      ['http', 'localhost:9000'],
      ['http', '10.0.3.17:9000'],
      ['https', 'minio.internal.example.com:9443'],
      ['https', 'storage.example.com'],
      ['http', 'minio'],
    ] as const)
    return { name, scheme, host, region: 'us-east-1', isPathStyle: true, bucket, keys }
  }
  const isPathStyle = bucket.includes('.') || source.chance(40)
  const domain = source.pick(['nyc3.digitaloceanspaces.com', 'fra1.digitaloceanspaces.com'])
  const host = isPathStyle ? domain : `${bucket}.${domain}`
  return { name, scheme: 'https', host, region: domain.split('.')[0]!, isPathStyle, bucket, keys }
}

// ---- Requests ----

interface Prepared {
  readonly signing: ClientRequest
  readonly fields: readonly Pair[]
  readonly server: Server['name']
  readonly date: Date
  readonly right: Signed
}

/** Writes header names as one of the usual clients does. */
function namesAs(style: 'title' | 'lower' | 'mixed', name: string): string {
  const title = name.replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())
  if (style === 'lower') return name
  return style === 'title' || /^(?:host|content-type|x-amz-date)$/.test(name) ? title : name
}

interface HeaderInput {
  readonly source: Source
  readonly keys: Keys
  readonly amzDate: string
  readonly headers: Pair[]
}

/** Adds the headers of signing, and puts all of them in the order and case of a client. */
function headersOf({ source, keys, amzDate, headers }: HeaderInput): { headers: Pair[]; signedHeaders: string[] } {
  const all: Pair[] = [...headers, ['x-amz-date', amzDate]]
  if (keys.sessionToken !== undefined) all.push(['x-amz-security-token', keys.sessionToken])
  const style = source.pick(['title', 'lower', 'mixed'] as const)
  const signedHeaders = all.map(([name]) => name).sort(byBytes)
  const unsigned: Pair[] = source.chance(50)
    ? [['user-agent', source.pick(['python-requests/2.32.3', 'Go-http-client/1.1'])]]
    : []
  const [host, ...others] = [...all, ...unsigned]
  const ordered = source.chance(70) ? [host!, ...source.shuffle(others)] : source.shuffle([host!, ...others])
  return { headers: ordered.map(([name, value]) => [namesAs(style, name), value]), signedHeaders }
}

const parameter = (name: string, value?: string): Parameter =>
  value === undefined ? [encode(name), undefined] : [encode(name), encode(value)]

function keyPath(source: Source): string {
  const key = `${source.pick(FOLDERS)}/${source.pick(FILES)}`
  // some clients leave punctuation as it is
  return source.chance(40) ? encode(key, `/!'()=`) : encode(key, '/')
}

interface Base {
  readonly keys: Keys
  readonly amzDate: string
  readonly region: string
  readonly service: string
}

const scopeFields = ({ keys, amzDate, region, service }: Base) => ({
  amzDate,
  scope: [amzDate.slice(0, 8), region, service, 'aws4_request'] as const,
  accessKeyId: keys.accessKeyId,
  secretAccessKey: keys.secretAccessKey,
  ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
})

const credentialOf = ({ keys, amzDate, region, service }: Base): string =>
  `${keys.accessKeyId}/${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`

function s3Request(source: Source, kind: Kind, hasStrings: boolean): Prepared {
  const server = storageServer(source, hasStrings, kind === 's3-form')
  const { keys, region, scheme, host, bucket } = server
  const date = dateFrom(source)
  const amzDate = amzDateOf(date)
  const base: Base = { keys, amzDate, region, service: 's3' }
  const root = server.isPathStyle ? `/${bucket}` : ''
  const common = {
    ...scopeFields(base),
    scheme,
    host,
    bucket,
    pathRule: 's3' as const,
  }
  if (kind === 's3-form') {
    const fields: Pair[] = [
      ['key', `${source.pick(FOLDERS)}/\${filename}`],
      ['acl', source.pick(['private', 'public-read'])],
      ['Content-Type', source.pick(['text/plain', 'image/jpeg'])],
      ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
      ['x-amz-credential', credentialOf(base)],
      ['x-amz-date', amzDate],
    ]
    if (keys.sessionToken !== undefined) fields.push(['x-amz-security-token', keys.sessionToken])
    const conditions: unknown[] = [{ bucket }, ['starts-with', '$key', `${fields[0]![1].split('/')[0]}/`]]
    for (const [name, value] of fields.slice(1)) conditions.push({ [name]: value })
    if (source.chance(50)) conditions.push(['content-length-range', 0, 10485760])
    const expiration = new Date(date.getTime() + 3_600_000).toISOString()
    const signing: ClientRequest = {
      ...common,
      method: 'POST',
      path: `${root}/`,
      query: [],
      headers: [
        ['Host', host],
        ['Content-Type', 'multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW0'],
      ],
      signedHeaders: [],
      body: source.pick(TEXT_BODIES),
      payloadHash: '',
      location: 'form',
      policy: JSON.stringify({ expiration, conditions }),
    }
    return { signing, fields, server: server.name, date, right: sign(signing) }
  }
  const isPut = kind === 's3-put' || kind === 's3-presigned-put'
  const isList = !isPut && source.chance(25)
  const path = isList ? root || '/' : `${root}/${keyPath(source)}`
  const body = isPut ? source.pick(TEXT_BODIES) : ''
  const extra: Parameter[] = []
  if (isList) {
    extra.push(
      parameter('list-type', '2'),
      parameter('prefix', `${source.pick(FOLDERS)}/a b`),
      parameter('delimiter', '/'),
    )
    if (source.chance(50)) extra.push(parameter('fetch-owner', 'true'))
  } else if (isPut) {
    if (source.chance(30))
      extra.push(parameter('partNumber', '3'), parameter('uploadId', source.characters(BASE64, 24)))
    else if (source.chance(25)) extra.push(parameter('tagging'))
  } else if (source.chance(50)) {
    extra.push(
      parameter('response-content-disposition', `attachment; filename="${source.pick(FILES)}"`),
      parameter('response-content-type', 'application/octet-stream'),
    )
    if (source.chance(40)) extra.push(parameter('versionId', source.characters(BASE64, 20)))
  } else if (source.chance(40)) {
    extra.push(parameter(source.pick(['acl', 'tagging', 'torrent'])))
  }
  const contentHeaders: Pair[] = []
  if (isPut && source.chance(70))
    contentHeaders.push(['content-type', source.pick(['text/csv', 'application/json', 'text/plain; charset=utf-8'])])
  if (isPut && source.chance(30)) contentHeaders.push(['x-amz-acl', 'bucket-owner-full-control'])
  if (kind === 's3-presigned-get' || kind === 's3-presigned-put') {
    const signed: Pair[] = [['host', host], ...contentHeaders]
    const signedHeaders = signed.map(([name]) => name).sort(byBytes)
    const parameters: Parameter[] = [
      parameter('X-Amz-Algorithm', 'AWS4-HMAC-SHA256'),
      parameter('X-Amz-Credential', credentialOf(base)),
      parameter('X-Amz-Date', amzDate),
      parameter('X-Amz-Expires', source.pick(['900', '3600', '86400'])),
      parameter('X-Amz-SignedHeaders', signedHeaders.join(';')),
    ]
    if (keys.sessionToken !== undefined) parameters.splice(4, 0, parameter('X-Amz-Security-Token', keys.sessionToken))
    const style = source.pick(['title', 'lower'] as const)
    const signing: ClientRequest = {
      ...common,
      method: isPut ? 'PUT' : 'GET',
      path,
      query: source.chance(50) ? [...extra, ...parameters] : [...parameters, ...extra],
      headers: signed.map(([name, value]) => [namesAs(style, name), value]),
      signedHeaders,
      body,
      payloadHash: UNSIGNED_PAYLOAD,
      location: 'query',
    }
    return { signing, fields: [], server: server.name, date, right: sign(signing) }
  }
  const payloadHash = isPut && scheme === 'https' && source.chance(35) ? UNSIGNED_PAYLOAD : sha256(body)
  if (!isPut && !isList && source.chance(40)) contentHeaders.push(['range', 'bytes=0-1023'])
  if (isPut && source.chance(45))
    contentHeaders.push(['x-amz-meta-note', source.pick(['quarterly  report', ' first   draft ', 'v2 final'])])
  if (isPut && source.chance(40)) contentHeaders.push(['content-length', String(Buffer.byteLength(body))])
  const headers: Pair[] = [['host', host], ['x-amz-content-sha256', payloadHash], ...contentHeaders]
  const signing: ClientRequest = {
    ...common,
    method: isPut ? 'PUT' : 'GET',
    path,
    query: source.shuffle(extra),
    ...headersOf({ source, keys, amzDate, headers }),
    body,
    payloadHash,
    location: 'header',
  }
  return { signing, fields: [], server: server.name, date, right: sign(signing) }
}

function awsRequest(source: Source, kind: Kind): Prepared {
  const keys = awsKeys(source)
  const region = source.pick(REGIONS)
  const date = dateFrom(source)
  const amzDate = amzDateOf(date)
  let host: string
  let method = 'POST'
  let path = '/'
  let query: Parameter[] = []
  let body = ''
  const extra: Pair[] = []
  if (kind === 'dynamodb') {
    host = `dynamodb.${region}.amazonaws.com`
    const [target, input] = source.pick([
      ['GetItem', { TableName: 'Orders', Key: { Id: { S: 'A-1042' } } }],
      ['PutItem', { TableName: 'Users', Item: { Id: { N: '42' }, Name: { S: 'Björn' } } }],
      [
        'Query',
        {
          TableName: 'Music',
          KeyConditionExpression: 'Artist = :a',
          ExpressionAttributeValues: { ':a': { S: 'Sigur Rós' } },
        },
      ],
      ['ListTables', {}],
    ] as const)
    body = JSON.stringify(input)
    extra.push(['content-type', 'application/x-amz-json-1.0'], ['x-amz-target', `DynamoDB_20120810.${target}`])
    if (source.chance(40)) extra.push(['content-length', String(Buffer.byteLength(body))])
  } else if (kind === 'sts') {
    host = `sts.${region}.amazonaws.com`
    body = source.pick([
      'Action=GetCallerIdentity&Version=2011-06-15',
      'Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdeploy&RoleSessionName=ci',
      'Action=GetSessionToken&Version=2011-06-15&DurationSeconds=3600',
    ])
    extra.push([
      'content-type',
      source.pick(['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=utf-8']),
    ])
  } else if (kind === 'execute-api') {
    host = `${source.characters(`${LETTERS}${DIGITS}`, 10)}.execute-api.${region}.amazonaws.com`
    path = source.pick([
      '/prod/orders',
      '/v1/users/42',
      '/dev/@connections/L0SM9cOFvHcCIhw%3D',
      '/prod/files/a%20b.txt',
      '/beta/reports/2026%2F03',
    ])
    method = source.pick(['GET', 'GET', 'POST', 'DELETE'])
    if (method === 'POST') {
      body = JSON.stringify(source.pick(JSON_BODIES))
      extra.push(['content-type', 'application/json'])
      if (source.chance(40)) extra.push(['content-length', String(Buffer.byteLength(body))])
    }
    if (source.chance(70))
      query = source.pick<Parameter[]>([
        [parameter('MarketplaceIds', 'ATVPDKIKX0DER'), parameter('createdAfter', '2026-04-12T11:21:04Z')],
        [parameter('createdAfter', '2026-04-12'), parameter('MarketplaceIds', 'A1PA6795UKMFR9')],
        [parameter('id', '1000000161418039'), parameter('id-type', 'receipt')],
        [parameter('status', 'open orders'), parameter('limit', '50'), parameter('$filter', "name eq 'x' (all)")],
        [parameter('verbose'), parameter('page', '2'), parameter('page.size', '100')],
        [parameter('tag', 'b'), parameter('tag', 'a'), parameter('email', 'jo+x@example.com')],
      ])
    if (source.chance(25)) extra.push(['x-api-key', source.characters(`${LETTERS}${DIGITS}`, 40)])
  } else {
    const name = `${source.pick(['logs', 'products', 'analytics'])}-${source.characters(`${LETTERS}${DIGITS}`, 26)}`
    host = `${source.pick(['search', 'vpc'])}-${name}.${region}.es.amazonaws.com`
    path = source.pick([
      '/logs-2026.03.*/_search',
      '/products/_doc/user%2F42',
      '/twitter/_doc/joe%40example.com',
      '/index-1/type/a%20b%3Ac/_update',
      '/%3Clogstash-%7Bnow%2Fd%7D%3E/_search',
      '/_cat/indices',
    ])
    method = path.endsWith('_search')
      ? source.pick(['GET', 'POST'])
      : path.startsWith('/_cat')
        ? 'GET'
        : source.pick(['PUT', 'GET'])
    if (method !== 'GET') {
      body = JSON.stringify(source.pick(JSON_BODIES))
      extra.push(['content-type', 'application/json'])
    }
    if (source.chance(60))
      query = source.pick<Parameter[]>([
        [parameter('sort', '_doc'), parameter('size', '50')],
        [parameter('v'), parameter('s', 'index:desc')],
        [parameter('q', 'title:(hello world)'), parameter('q.parser', 'lucene'), parameter('Pretty', 'true')],
        [parameter('filter_path', 'hits.hits._source,took'), parameter('pretty')],
      ])
  }
  const signing: ClientRequest = {
    ...scopeFields({ keys, amzDate, region, service: kind }),
    scheme: 'https',
    host,
    method,
    path,
    query,
    ...headersOf({ source, keys, amzDate, headers: [['host', host], ...extra] }),
    body,
    payloadHash: sha256(body),
    location: 'header',
    pathRule: 'other',
  }
  return { signing, fields: [], server: 'aws', date, right: sign(signing) }
}

const prepare = (source: Source, kind: Kind, level: Level): Prepared =>
  kind.startsWith('s3-') ? s3Request(source, kind, level !== 'a') : awsRequest(source, kind)

// ---- Responses ----

const escapeXml = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
const hexBytes = (value: string): string =>
  [...Buffer.from(value)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
const S3_MESSAGE =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.'
const AWS_MESSAGE =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

/** What the service returns for a request whose signature does not match, in its own strings. */
function respond(
  source: Source,
  kind: Kind,
  level: Level,
  prepared: Prepared,
  provided: string,
): StructureCase['response'] {
  const { signing, server, date } = prepared
  const { canonicalRequest, stringToSign } = prepared.right
  const headers: Record<string, string> = { date: new Date(date.getTime() + 1000).toUTCString() }
  const element = (name: string, value: string): string => `<${name}>${escapeXml(value)}</${name}>`
  if (kind.startsWith('s3-')) {
    headers['content-type'] = 'application/xml'
    const requestId = source.characters('0123456789ABCDEF', 16)
    const error = (...elements: string[]): string =>
      `${XML}<Error>${element('Code', 'SignatureDoesNotMatch')}${elements.join('')}</Error>`
    headers['x-amz-request-id'] = requestId
    if (server === 'aws') {
      headers.server = 'AmazonS3'
      const strings = [element('StringToSign', stringToSign), element('SignatureProvided', provided)]
      strings.push(element('StringToSignBytes', hexBytes(stringToSign)))
      if (canonicalRequest !== undefined)
        strings.push(
          element('CanonicalRequest', canonicalRequest),
          element('CanonicalRequestBytes', hexBytes(canonicalRequest)),
        )
      const ids = [element('RequestId', requestId), element('HostId', `${source.characters(BASE64, 75)}=`)]
      const body = error(
        element('Message', S3_MESSAGE),
        element('AWSAccessKeyId', signing.accessKeyId),
        ...strings,
        ...ids,
      )
      return { status: 403, headers, body }
    }
    if (server === 'minio') {
      headers.server = 'MinIO'
      const key = decodeURIComponent(signing.path).split('/').slice(2).join('/')
      const resource = element('Resource', decodeURIComponent(signing.path))
      const names = key === '' ? [] : [element('Key', key)]
      names.push(element('BucketName', signing.bucket!), resource)
      const ids = [element('RequestId', requestId), element('HostId', source.characters(HEX, 64))]
      return { status: 403, headers, body: error(element('Message', S3_MESSAGE), ...names, ...ids) }
    }
    if (server === 'r2') {
      headers.server = 'cloudflare'
      const message = S3_MESSAGE.replace('your key', 'your secret access key')
      return { status: 403, headers, body: error(element('Message', message)) }
    }
    const ids = [element('RequestId', `tx${source.characters(HEX, 21)}`), element('HostId', source.characters(HEX, 20))]
    return { status: 403, headers, body: error('<Message/>', element('BucketName', signing.bucket!), ...ids) }
  }
  const strings = `\n\nThe Canonical String for this request should have been\n'${canonicalRequest}'\n\nThe String-to-Sign should have been\n'${stringToSign}'\n`
  const message = level === 'a' ? AWS_MESSAGE : AWS_MESSAGE + strings
  const requestId = [8, 4, 4, 4, 12].map((length) => source.characters(HEX, length)).join('-')
  headers['x-amzn-requestid'] = requestId
  if (kind === 'sts') {
    headers['content-type'] = 'text/xml'
    const error = element('Type', 'Sender') + element('Code', 'SignatureDoesNotMatch') + element('Message', message)
    const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>${error}</Error>${element('RequestId', requestId)}</ErrorResponse>`
    return { status: 403, headers, body }
  }
  if (kind === 'dynamodb') {
    headers['content-type'] = 'application/x-amz-json-1.0'
    const type = 'com.amazon.coral.service#InvalidSignatureException'
    return { status: 400, headers, body: JSON.stringify({ __type: type, message }) }
  }
  headers['content-type'] = 'application/json'
  headers['x-amzn-errortype'] = 'InvalidSignatureException'
  return { status: 403, headers, body: JSON.stringify({ message }) }
}

// ---- Cases ----

/** Requests of a kind with either sort of error, from which each mistake takes one that shows it. */
const POOL_SIZE = 120

type Pools = (kind: Kind, level: Level) => readonly Prepared[]

function poolsOf(seed: number): Pools {
  const pools = new Map<string, Prepared[]>()
  return (kind, level) => {
    const name = `${kind}/${level === 'a' ? 'message' : 'strings'}`
    const known = pools.get(name)
    if (known !== undefined) return known
    const source = new Source(`${seed}/${name}`)
    const pool = Array.from({ length: POOL_SIZE }, () => prepare(source, kind, level))
    pools.set(name, pool)
    return pool
  }
}

interface CaseInput {
  readonly seed: number
  readonly pools: Pools
  readonly mistake: Mistake
  readonly kind: Kind
  readonly level: Level
  readonly index: number
}

function mistakeCase({ seed, pools, mistake, kind, level, index }: CaseInput): CheckedCase | undefined {
  const id = `${mistake.name}/${kind}/${level}${index}`
  const source = new Source(`${seed}/${id}`)
  const pool = pools(kind, level)
  const start = source.below(pool.length)
  for (let offset = 0; offset < pool.length; offset++) {
    const prepared = pool[(start + offset) % pool.length]!
    const { signing, fields, right } = prepared
    if (!mistake.applies(signing)) continue
    const wrong = sign(signing, mistake.change)
    if (wrong.signature === right.signature) continue
    const hasOtherStrings =
      wrong.stringToSign !== right.stringToSign || wrong.canonicalRequest !== right.canonicalRequest
    const { accessKeyId, secretAccessKey, sessionToken } = signing
    const structureCase: StructureCase = {
      id,
      mistake: mistake.name,
      aspect: mistake.aspect,
      kind,
      level,
      isSetAside: isSetAside(mistake.name),
      isProvable: level !== 'c' || hasOtherStrings,
      request: send(signing, wrong.signature, fields),
      credentials: {
        accessKeyId,
        ...(level === 'c' ? {} : { secretAccessKey }),
        ...(sessionToken === undefined ? {} : { sessionToken }),
      },
      response: respond(source, kind, level, prepared, wrong.signature),
      ...(level === 'c' ? { client: printed(wrong) } : {}),
    }
    return { structureCase, signing, fields, change: mistake.change }
  }
  return undefined
}

const printed = ({ canonicalRequest, stringToSign }: Signed): NonNullable<StructureCase['client']> => ({
  ...(canonicalRequest === undefined ? {} : { canonicalRequest }),
  stringToSign,
})

const VARIANTS: readonly WrongSecret[] = ['rotated', 'other-account', 'truncated', 'other-environment']

function secretCase(seed: number, kind: Kind, level: Level, index: number): CheckedCase {
  const variant = VARIANTS[index % VARIANTS.length]!
  const id = `wrong-secret/${kind}/${level}${index}`
  const source = new Source(`${seed}/${id}`)
  const prepared = prepare(source, kind, level)
  const { signing, fields } = prepared
  const { accessKeyId, sessionToken } = signing
  const secret = signing.secretAccessKey
  const wrongSecret = variant === 'truncated' ? secret.slice(0, -1) : source.characters(BASE64, secret.length)
  const atHand = level === 'c' ? 'none' : index % 3 === 2 ? 'client' : 'service'
  const wrong = sign({ ...signing, secretAccessKey: wrongSecret })
  const structureCase: StructureCase = {
    id,
    mistake: 'wrong-secret',
    aspect: 'secret',
    kind,
    level,
    isSetAside: false,
    isProvable: atHand === 'service' || (atHand === 'client' && level === 'b'),
    request: send(signing, wrong.signature, fields),
    credentials: {
      accessKeyId,
      ...(atHand === 'none' ? {} : { secretAccessKey: atHand === 'service' ? secret : wrongSecret }),
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
    response: respond(source, kind, level, prepared, wrong.signature),
    ...(level === 'c' ? { client: printed(wrong) } : {}),
    secret: { variant, atHand },
  }
  return { structureCase, signing, fields, change: {} }
}

/** Levels of the cases of a wrong secret, for each kind: 17 cases for each of nine kinds. */
const SECRET_LEVELS: readonly Level[] = [...'aaaaaaaaabbbbbccc'] as Level[]

/** Cases of each mistake, unless few kinds of requests show it. */
const LEAST_CASES = 8
const MOST_ROUNDS = 4

/**
 * The level of the second case of a kind. Strings that are right determine nothing without the secret, so mistakes in
 * the key and the signature have few cases at level c.
 */
function secondLevel({ aspect }: Mistake, turn: number): Level {
  const isAfterStrings = aspect === 'key' || aspect === 'signature'
  return turn % (isAfterStrings ? 6 : 2) === 1 ? 'c' : 'b'
}

/** Generates the cases of the mistakes and of wrong secrets, with what a test needs to check them. */
export function generateChecked(seed = 1, mistakes: readonly Mistake[] = MISTAKES): CheckedCase[] {
  const cases: CheckedCase[] = []
  const pools = poolsOf(seed)
  for (const [row, mistake] of mistakes.entries()) {
    const start = cases.length
    for (let index = 0; index < MOST_ROUNDS && (index === 0 || cases.length - start < LEAST_CASES); index++) {
      for (const [column, kind] of KINDS.entries()) {
        for (const level of ['a', secondLevel(mistake, row + column + index)] as const) {
          const checked = mistakeCase({ seed, pools, mistake, kind, level, index })
          if (checked !== undefined) cases.push(checked)
        }
      }
    }
  }
  for (const kind of KINDS) {
    for (const [index, level] of SECRET_LEVELS.entries()) cases.push(secretCase(seed, kind, level, index))
  }
  return cases
}

/** Generates all cases; the same seed and mistakes return the same ones. */
export const generateStructureCases = (seed = 1, mistakes: readonly Mistake[] = MISTAKES): StructureCase[] =>
  generateChecked(seed, mistakes).map(({ structureCase }) => structureCase)
