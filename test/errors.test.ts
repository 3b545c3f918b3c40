import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as asynchronous from '../src/index.ts'
import * as synchronous from '../src/sync.ts'

// Every refusal: its code, its class, the argument that its message names, and that nothing in it is a secret.

type Code = synchronous.SigV4ErrorCode | synchronous.ArgumentErrorCode

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const TOKEN = 'FwoGZXIvYXdzEJr//////////wEaDM+example/token=='
const PASSWORD = 'hunter2-correct-horse'
const KEY = Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 11) % 256)
const SECRETS = [
  SECRET,
  TOKEN,
  PASSWORD,
  SECRET.slice(4, 30),
  Buffer.from(KEY).toString('hex'),
  Buffer.from(KEY).toString('base64'),
  [...KEY].slice(0, 8).join(','),
  [...KEY].slice(0, 8).join(', '),
]

const DATE = new Date('2015-08-30T12:36:00Z')
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: TOKEN }
const OBJECT = { bucket: 'photos', key: 'a', region: 'eu-west-1' }
const S3 = 'https://photos.s3.eu-west-1.amazonaws.com'
const API = 'https://abc123.execute-api.eu-west-1.amazonaws.com'

/** The entries as JavaScript calls them: with anything. */
// biome-ignore lint/suspicious/noExplicitAny: wrong arguments are what is tested
type Loose = Record<string, (...args: any[]) => any>
const ENTRIES: [specifier: string, entry: Loose][] = [
  ['sigv4', asynchronous as unknown as Loose],
  ['sigv4/sync', synchronous as unknown as Loose],
]

/** A call that is refused. */
interface Row {
  what: string
  call: (entry: Loose) => unknown
  code: Code | readonly Code[]
  names: RegExp
  only?: string
}

const rows: Row[] = []

function refuse(what: string, call: Row['call'], code: Row['code'], names: RegExp, only?: string): void {
  rows.push({ what, call, code, names, ...(only && { only }) })
}

const put =
  (target: unknown, options: object = {}) =>
  (entry: Loose) =>
    entry.presignPut!(target, { credentials: CREDENTIALS, ...options })
const get =
  (target: unknown, options: object = {}) =>
  (entry: Loose) =>
    entry.presignGet!(target, { credentials: CREDENTIALS, ...options })
const sign =
  (request: unknown, options: object = {}) =>
  (entry: Loose) =>
    entry.sign!(request, { credentials: CREDENTIALS, ...options })
const show = (value: unknown) => inspect(value, { breakLength: Number.POSITIVE_INFINITY })

/** Says that an error is what the table says, whatever it is asked for. */
function check(error: unknown, { code, names }: Pick<Row, 'code' | 'names'>): void {
  expect(error).toBeInstanceOf(Error)
  const { code: actual, message, name, stack } = error as synchronous.SigV4Error
  expect([code].flat(), `${name}: ${message}`).toContain(actual)
  const own = actual.startsWith('ERR_SIGV4_')
  expect(error).toBeInstanceOf(own ? synchronous.SigV4Error : TypeError)
  expect(name).toBe(own ? 'SigV4Error' : 'TypeError')
  expect(synchronous.isSigV4Error(error)).toBe(own)
  expect(message).toMatch(names)
  expect(message.length).toBeLessThan(250)
  const shown = [message, stack, String(error), JSON.stringify(error), inspect(error, { depth: 9, showHidden: true })]
  for (const secret of SECRETS) for (const text of shown) expect(text).not.toContain(secret)
}

// text that has no UTF-8 form

for (const lone of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
  const text = show(lone)
  refuse(`key ${text}`, put({ ...OBJECT, key: lone }), 'ERR_INVALID_ARG_VALUE', /lone surrogate/)
  refuse(`URL path ${text}`, put(`${S3}/${lone}`), 'ERR_INVALID_ARG_VALUE', /lone surrogate/)
  refuse(`URL query ${text}`, put(`${S3}/?a=${lone}`), 'ERR_INVALID_ARG_VALUE', /lone surrogate/)
  refuse(`query name ${text}`, put(OBJECT, { query: { [lone]: 'a' } }), 'ERR_INVALID_ARG_VALUE', /lone surrogate/)
  refuse(`query value ${text}`, put(OBJECT, { query: { a: ['b', lone] } }), 'ERR_INVALID_ARG_VALUE', /lone surrogate/)
  refuse(`download ${text}`, get(OBJECT, { download: lone }), 'ERR_INVALID_ARG_VALUE', /lone surrogate/)
  refuse(`header ${text}`, put(OBJECT, { headers: { 'x-a': lone } }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /headers.*x-a/)
}

// headers

for (const value of [
  'a\0b',
  'a\rb',
  'a\nb',
  'a\r\nx-evil: 1',
  'a\x1fb',
  'a\x7f',
  'a\x80',
  'é',
  '€',
  '😀',
  'a\u00a0b',
]) {
  const text = show(value)
  refuse(`header ${text}`, put(OBJECT, { headers: { 'X-A': value } }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /headers.*x-a/)
  refuse(`pair ${text}`, put(OBJECT, { headers: [['x-a', value]] }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /headers.*x-a/)
  refuse(
    `header in a list ${text}`,
    put(OBJECT, { headers: { 'x-a': ['b', value, 'c'] } }),
    'ERR_SIGV4_REQUEST_UNSENDABLE',
    /headers.*x-a/,
  )
  refuse(`contentType ${text}`, put(OBJECT, { contentType: value }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /content-type/)
  refuse(`header to sign ${text}`, sign({ url: S3, headers: { 'x-a': value } }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /x-a/)
}
refuse('header null', put(OBJECT, { headers: { 'x-a': null } }), 'ERR_INVALID_ARG_TYPE', /headers.*x-a/)
for (const name of ['', ' ', 'a b', 'a:', 'a\n', 'x-a\r\nx-evil', '(a)', 'é', '"a"', 'a\0', '\ud800']) {
  const text = show(name)
  refuse(`header name ${text}`, put(OBJECT, { headers: { [name]: 'b' } }), 'ERR_INVALID_ARG_VALUE', /headers/)
  refuse(`name in a pair ${text}`, put(OBJECT, { headers: [[name, 'b']] }), 'ERR_INVALID_ARG_VALUE', /headers/)
}
for (const headers of ['a: b', null, 5, true])
  refuse(`headers ${show(headers)}`, put(OBJECT, { headers }), 'ERR_INVALID_ARG_TYPE', /headers/)
refuse('another host', put(OBJECT, { headers: { Host: 'example.com' } }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /host/)
refuse('host of a list', put(OBJECT, { headers: { host: ['a', 'b'] } }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /host/)
for (const [option, name, value] of [
  ['contentType', 'Content-Type', 'a/b'],
  ['contentLength', 'content-length', 5],
] as const)
  refuse(
    `${option} twice`,
    put(OBJECT, { [option]: value, headers: { [name]: String(value) } }),
    'ERR_INVALID_ARG_VALUE',
    new RegExp(name, 'i'),
  )
for (const contentLength of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21, '5 bytes', ''])
  refuse(
    `contentLength ${show(contentLength)}`,
    put(OBJECT, { contentLength }),
    'ERR_INVALID_ARG_VALUE',
    /content-?length/i,
  )

// time

for (const expires of [0, -1, -900, 0.5, 1.5, 604_801, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])
  refuse(`expires ${expires}`, put(OBJECT, { expires }), 'ERR_SIGV4_EXPIRES_RANGE', /expires/)
for (const expires of ['0', '0s', '604801', '8d', '169h', '99999999999999999999d'])
  refuse(`expires ${show(expires)}`, put(OBJECT, { expires }), 'ERR_SIGV4_EXPIRES_RANGE', /expires/)
for (const expires of [
  '',
  '15 m',
  '15min',
  '15M',
  '1.5h',
  '-1d',
  '1w',
  'm',
  '1h30m',
  ' 15m',
  '1e3',
  '15m\n',
  'forever',
])
  refuse(
    `expires ${show(expires)}`,
    put(OBJECT, { expires }),
    ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE'],
    /expires/,
  )
for (const expires of [true, {}, [900], 900n, () => 900])
  refuse(`expires ${show(expires)}`, put(OBJECT, { expires }), 'ERR_INVALID_ARG_TYPE', /expires/)
for (const [what, offset] of [
  ['now', 0],
  ['in the past', -1000],
  ['in less than a second', 999],
  ['in more than 7 days', 604_801_000],
  ['invalid', Number.NaN],
] as const)
  refuse(
    `expires at a Date, ${what}`,
    put(OBJECT, { signingDate: DATE, expires: new Date(DATE.getTime() + offset) }),
    'ERR_SIGV4_EXPIRES_RANGE',
    /expires/,
  )
for (const signingDate of [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Date(Number.NaN),
  'yesterday',
  {},
  253_402_300_800_000, // the year 10000
  -62_135_596_800_000, // the year 1
]) {
  const text = show(signingDate)
  refuse(`signingDate ${text}`, put(OBJECT, { signingDate }), 'ERR_INVALID_ARG_VALUE', /signingDate/)
  refuse(`signingDate to sign ${text}`, sign({ url: S3 }, { signingDate }), 'ERR_INVALID_ARG_VALUE', /signingDate/)
}

// credentials

const missing = (what: string, credentials: unknown, part: RegExp) => {
  refuse(`credentials ${what}`, put(OBJECT, { credentials }), 'ERR_SIGV4_CREDENTIALS_MISSING', part)
  refuse(`credentials to sign ${what}`, sign({ url: S3 }, { credentials }), 'ERR_SIGV4_CREDENTIALS_MISSING', part)
  refuse(
    `credentials to derive from ${what}`,
    (entry) => entry.deriveSigningKey!(credentials, { region: 'eu-west-1', service: 's3' }),
    'ERR_SIGV4_CREDENTIALS_MISSING',
    part,
  )
}
for (const credentials of [undefined, null, {}, '', `AKIDEXAMPLE:${SECRET}`, 5]) {
  const text = typeof credentials === 'string' ? 'text' : show(credentials)
  missing(text, credentials, /credentials\.accessKeyId/)
}
for (const [what, value] of [
  ['undefined', undefined],
  ['null', null],
  ['empty', ''],
  ['blank', ' '],
  ['a line end', '\n'],
  ['after a blank', (text: string) => ` ${text}`],
  ['before a blank', (text: string) => `${text} `],
  ['before a line end', (text: string) => `${text}\n`],
  ['before CR LF', (text: string) => `${text}\r\n`],
  ['before a tab', (text: string) => `${text}\t`],
  ['after a BOM', (text: string) => `\u{feff}${text}`],
] as const) {
  const change = (part: 'accessKeyId' | 'secretAccessKey' | 'sessionToken') => ({
    ...CREDENTIALS,
    [part]: typeof value === 'function' ? value(CREDENTIALS[part]) : value,
  })
  missing(`accessKeyId: ${what}`, change('accessKeyId'), /credentials\.accessKeyId/)
  missing(`secretAccessKey: ${what}`, change('secretAccessKey'), /credentials\.secretAccessKey/)
  if (value) missing(`sessionToken: ${what}`, change('sessionToken'), /credentials\.sessionToken/)
  else
    missing(
      `ASIA, sessionToken: ${what}`,
      { ...change('sessionToken'), accessKeyId: 'ASIAEXAMPLE' },
      /credentials\.sessionToken/,
    )
}
missing('accessKeyId with a blank inside', { ...CREDENTIALS, accessKeyId: 'AKID EXAMPLE' }, /credentials\.accessKeyId/)
missing('secretAccessKey: a number', { ...CREDENTIALS, secretAccessKey: 12_345 }, /credentials\.secretAccessKey/)
missing('secretAccessKey: bytes', { ...CREDENTIALS, secretAccessKey: KEY }, /credentials\.secretAccessKey/)
missing('sessionToken non-ASCII', { ...CREDENTIALS, sessionToken: `${TOKEN}é` }, /credentials\.sessionToken/)
for (const [what, expiration] of [
  ['at the signing date', DATE],
  ['before it', new Date(0)],
  ['never valid', new Date(Number.NaN)],
  ['text', 'tomorrow'],
] as const) {
  const credentials = { ...CREDENTIALS, expiration }
  const options = { credentials, signingDate: DATE }
  refuse(`expired: ${what}`, put(OBJECT, options), 'ERR_SIGV4_CREDENTIALS_MISSING', /credentials\.expiration/)
  refuse(`expired to sign: ${what}`, sign({ url: S3 }, options), 'ERR_SIGV4_CREDENTIALS_MISSING', /expiration/)
}
refuse(
  'a provider, to the synchronous entry',
  put(OBJECT, { credentials: () => CREDENTIALS }),
  ['ERR_SIGV4_CREDENTIALS_MISSING', 'ERR_INVALID_ARG_TYPE'],
  /credentials/,
  'sigv4/sync',
)
for (const nothing of [undefined, null, {}, Promise.resolve(), Promise.resolve(null)])
  refuse(
    `a provider that gives ${show(nothing)}`,
    put(OBJECT, { credentials: () => nothing }),
    'ERR_SIGV4_CREDENTIALS_MISSING',
    /credentials\.accessKeyId/,
    'sigv4',
  )

// signing keys

const signingKey = { date: '20150830', region: 'eu-west-1', service: 's3', key: KEY }
const scoped = (change: object) => ({
  credentials: { accessKeyId: 'AKIDEXAMPLE', sessionToken: TOKEN, signingKey: { ...signingKey, ...change } },
  signingDate: DATE,
})
for (const change of [{ date: '20150831' }, { region: 'eu-west-2' }, { service: 'sts' }, { date: undefined }]) {
  const text = show(change)
  refuse(`signing key for ${text}`, put(OBJECT, scoped(change)), 'ERR_SIGV4_KEY_SCOPE', /signingKey/)
  refuse(`signing key for ${text}, to sign`, sign({ url: S3 }, scoped(change)), 'ERR_SIGV4_KEY_SCOPE', /signingKey/)
}
const imported = await crypto.subtle.importKey('raw', KEY, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
refuse(
  'a CryptoKey, to the synchronous entry',
  put(OBJECT, scoped({ key: imported })),
  'ERR_INVALID_ARG_TYPE',
  /signingKey.*'sigv4'/,
  'sigv4/sync',
)
for (const [what, key] of [
  ['text', Buffer.from(KEY).toString('hex')],
  ['missing', undefined],
  ['JSON of bytes', JSON.parse(JSON.stringify(KEY))],
] as const)
  refuse(`signing key: ${what}`, put(OBJECT, scoped({ key })), 'ERR_INVALID_ARG_TYPE', /signingKey/)
refuse(
  'a signing key, to derive one',
  (entry) => entry.deriveSigningKey!(scoped({}).credentials, { region: 'eu-west-1', service: 'sts' }),
  'ERR_SIGV4_CREDENTIALS_MISSING',
  /secretAccessKey/,
)
for (const scope of [
  undefined,
  null,
  {},
  { region: 'eu-west-1' },
  { service: 's3' },
  { region: '', service: 's3' },
  { region: 'eu-west-1', service: 'a/b' },
  { region: 'eu-west-1', service: 's3', date: '2015-08-30' },
  { region: 'eu-west-1', service: 's3', date: '20150830T123600Z' },
  { region: 'eu-west-1', service: 's3', date: new Date(Number.NaN) },
  { region: 'eu-west-1', service: 's3', date: Number.NaN },
])
  refuse(
    `a key for the scope ${show(scope)}`,
    (entry) => entry.deriveSigningKey!(CREDENTIALS, scope),
    ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE'],
    /scope/,
  )

// signed already

const HEADERS = ['Authorization', 'X-Amz-Date', 'X-Amz-Security-Token']
const PARAMETERS = ['Algorithm', 'Credential', 'Date', 'Expires', 'Security-Token', 'Signature', 'SignedHeaders'].map(
  (name) => `X-Amz-${name}`,
)
for (const given of HEADERS)
  for (const name of [given, given.toLowerCase(), given.toUpperCase()]) {
    refuse(
      `presign with ${name}`,
      put(OBJECT, { headers: { [name]: TOKEN } }),
      'ERR_SIGV4_ALREADY_SIGNED',
      RegExp(name, 'i'),
    )
    refuse(
      `sign with ${name}`,
      sign({ url: S3, headers: [[name, TOKEN]] }),
      'ERR_SIGV4_ALREADY_SIGNED',
      RegExp(name, 'i'),
    )
  }
for (const given of PARAMETERS)
  for (const name of [given, given.toLowerCase(), given.toUpperCase()]) {
    const escaped = name.replace('-', '%2D').replace(/^x/i, (x) => `%${x.charCodeAt(0).toString(16)}`)
    const names = RegExp(name, 'i')
    refuse(`presign a URL with ${name}`, put(`${S3}/a?b=1&${name}=${TOKEN}`), 'ERR_SIGV4_ALREADY_SIGNED', names)
    refuse(`presign a URL with ${escaped}`, put(`${S3}/a?${escaped}=c`), 'ERR_SIGV4_ALREADY_SIGNED', names)
    refuse(
      `presign with the parameter ${name}`,
      put(OBJECT, { query: { [name]: TOKEN } }),
      'ERR_SIGV4_ALREADY_SIGNED',
      names,
    )
    refuse(`sign a URL with ${name}`, sign({ url: `${S3}/?${name}=${TOKEN}` }), 'ERR_SIGV4_ALREADY_SIGNED', names)
  }
refuse(
  'a presigned URL',
  (entry) => {
    const { url } = synchronous.presignPut(OBJECT, { credentials: CREDENTIALS })
    return put(url)(entry)
  },
  'ERR_SIGV4_ALREADY_SIGNED',
  /X-Amz-/,
)
refuse(
  'a signed request',
  (entry) => {
    const signed = synchronous.sign({ url: S3 }, { credentials: CREDENTIALS })
    return sign(signed)(entry)
  },
  'ERR_SIGV4_ALREADY_SIGNED',
  /already/,
)
for (const headers of [{ 'X-Amz-Content-SHA256': 'UNSIGNED-PAYLOAD' }, { 'x-amz-content-sha256': 'a'.repeat(64) }]) {
  refuse(`presign with ${show(headers)}`, put(OBJECT, { headers }), 'ERR_SIGV4_ALREADY_SIGNED', /payloadHash/)
  refuse(`sign with ${show(headers)}`, sign({ url: S3, headers }), 'ERR_SIGV4_ALREADY_SIGNED', /payloadHash/)
}

// URLs that cannot be sent as they are signed

for (const path of ['/%', '/a%', '/%4', '/%zz', '/a/%ff', '/%c3', '/%ed%a0%80', '/%u00e9'])
  refuse(`path ${path}`, put(S3 + path), 'ERR_SIGV4_REQUEST_UNSENDABLE', /%25/)
for (const query of ['?%', '?a=%', '?a=1&%zz=b', '?a=%ff', '?a=100%&b']) {
  refuse(`query ${query}`, put(`${S3}/${query}`), 'ERR_SIGV4_REQUEST_UNSENDABLE', /%25/)
  refuse(`query to sign ${query}`, sign({ url: `${API}/${query}` }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /%25/)
}
for (const path of [
  '/.',
  '/..',
  '/./a',
  '/a/.',
  '/a/..',
  '/a/../b',
  '/a/./b',
  '/%2e',
  '/a/%2E%2e/b',
  '/a/.%2e',
  '/../a',
]) {
  refuse(`path ${path} of S3`, put(S3 + path), 'ERR_SIGV4_REQUEST_UNSENDABLE', /target/)
  refuse(`path ${path} of S3, to sign`, sign({ url: S3 + path }), 'ERR_SIGV4_REQUEST_UNSENDABLE', /target/)
  const options = { region: 'eu-west-1', service: 'execute-api', pathNormalization: 'none' }
  refuse(`path ${path}, not normalized`, sign({ url: API + path }, options), 'ERR_SIGV4_REQUEST_UNSENDABLE', /target/)
}
for (const key of ['.', '..'])
  for (const pathStyle of [true, false]) {
    const target = { ...OBJECT, key, pathStyle }
    refuse(`key ${key}, pathStyle ${pathStyle}`, put(target), 'ERR_SIGV4_REQUEST_UNSENDABLE', /key/)
    refuse(
      `objectUrl of key ${key}, pathStyle ${pathStyle}`,
      (entry) => entry.objectUrl!(target),
      'ERR_SIGV4_REQUEST_UNSENDABLE',
      /key/,
    )
  }
refuse(
  'endpoint with a dot segment',
  put({ ...OBJECT, endpoint: 'http://localhost:9000/a/../b' }),
  'ERR_SIGV4_REQUEST_UNSENDABLE',
  /target/,
)

refuse(
  'endpoint with a query',
  put({ ...OBJECT, endpoint: 'http://localhost:9000/?a=b' }),
  'ERR_INVALID_ARG_VALUE',
  /target\.endpoint/,
)

// targets that are none

for (const target of [
  `${S3}/a#fragment`,
  `${S3}/a#`,
  `https://AKIDEXAMPLE:${PASSWORD}@photos.s3.eu-west-1.amazonaws.com/a`,
  `https://${PASSWORD}@photos.s3.eu-west-1.amazonaws.com/a`,
  `https://user:${PASSWORD}@/a`,
  'ftp://photos.s3.eu-west-1.amazonaws.com/a',
  'file:///photos/a',
  's3://photos/a',
  'data:,a',
  'javascript://photos.s3.eu-west-1.amazonaws.com/a',
  '//photos.s3.eu-west-1.amazonaws.com/a',
  'photos.s3.eu-west-1.amazonaws.com/a',
  '/photos/a',
  'a',
  '',
  '?a',
  'https:',
  'https://',
  'https:///a',
  'https://?a',
  ' https://photos.s3.eu-west-1.amazonaws.com/a',
  'https://photos.s3.eu-west-1.amazonaws.com:/a',
  'https://photos.s3.eu-west-1.amazonaws.com:port/a',
  'https://photos.s3.eu-west-1.amazonaws.com:99999/a',
  'https://photos .s3.eu-west-1.amazonaws.com/a',
  'https://phötos.s3.eu-west-1.amazonaws.com/a',
  'https://[::1/a',
  'https:\\\\photos.s3.eu-west-1.amazonaws.com\\a',
  'https:/photos.s3.eu-west-1.amazonaws.com/a',
]) {
  const text = show(target)
  refuse(`URL ${text}`, put(target), 'ERR_INVALID_ARG_VALUE', /target/)
  refuse(`URL to sign ${text}`, sign({ url: target }), 'ERR_INVALID_ARG_VALUE', /URL/)
  if (target)
    refuse(`endpoint ${text}`, put({ ...OBJECT, endpoint: target }), 'ERR_INVALID_ARG_VALUE', /target|endpoint/)
}
for (const target of [
  undefined,
  null,
  5,
  true,
  {},
  [],
  { key: 'a' },
  { bucket: undefined, key: 'a', region: 'eu-west-1' },
])
  refuse(`target ${show(target)}`, put(target), ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE'], /target/)
for (const target of [undefined, null, 5, 'a', {}, { key: 'a', region: 'eu-west-1' }])
  refuse(
    `objectUrl of ${show(target)}`,
    (entry) => entry.objectUrl!(target),
    ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE'],
    /target/,
  )
for (const request of [undefined, null, 5, {}, { method: 'GET' }, { url: undefined }, { url: 5 }])
  refuse(
    `request ${show(request)}`,
    sign(request),
    ['ERR_INVALID_ARG_VALUE', 'ERR_INVALID_ARG_TYPE'],
    /request|URL|target/,
  )
for (const bucket of [
  '',
  'a/b',
  '../a',
  'a b',
  'bücket',
  '.a',
  '..',
  'a?b',
  'a#b',
  'a@b',
  'a:b',
  'a%2Fb',
  'a\n',
  null,
  5,
  {},
]) {
  const text = show(bucket)
  refuse(`bucket ${text}`, put({ ...OBJECT, bucket }), 'ERR_INVALID_ARG_VALUE', /target\.bucket/)
  refuse(
    `objectUrl of bucket ${text}`,
    (entry) => entry.objectUrl!({ ...OBJECT, bucket }),
    'ERR_INVALID_ARG_VALUE',
    /target\.bucket/,
  )
}
for (const key of [undefined, null, 5, {}, ['a']])
  refuse(`key ${show(key)}`, put({ ...OBJECT, key }), 'ERR_INVALID_ARG_VALUE', /target\.key/)
for (const method of ['', ' ', 'GE T', 'GET\r\nx: y', 'GET\n', 'é', 5, null, undefined, {}])
  refuse(
    `method ${show(method)}`,
    (entry) => entry.presign!(method, OBJECT, { credentials: CREDENTIALS }),
    'ERR_INVALID_ARG_VALUE',
    /method/,
  )

// scopes that nobody says

for (const target of [
  'https://example.com/a',
  'http://localhost:9000/photos/a',
  'http://127.0.0.1:9000/photos/a',
  'http://[::1]:9000/photos/a',
  'https://photos.s3.eu-west-1.amazonaws.com.example.com/a',
  'https://example-amazonaws.com/a',
  'https://ref.storage.supabase.co/storage/v1/s3/a',
  'https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/a',
  'http://photos.s3-website-eu-west-1.amazonaws.com/a',
  'http://photos.s3-website.eu-central-1.amazonaws.com/a',
  'https://photos.s3-accelerate.amazonaws.com/a',
]) {
  const names = target.includes('accelerate') ? /region/ : /region and service/
  refuse(`scope of ${target}`, get(target), 'ERR_SIGV4_SCOPE_UNKNOWN', names)
  refuse(`scope of ${target}, to sign`, sign({ url: target }), 'ERR_SIGV4_SCOPE_UNKNOWN', names)
}
const both = { region: 'eu-west-1', service: 's3' }
refuse(
  'a multi-region access point, whatever the options say',
  put('https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/a', both),
  'ERR_SIGV4_SCOPE_UNKNOWN',
  /s3-global/,
)
refuse(
  'a service that is not S3, by presignPut',
  put('https://dynamodb.eu-west-1.amazonaws.com/'),
  'ERR_SIGV4_SCOPE_UNKNOWN',
  /service/,
)
for (const region of [undefined, ''])
  refuse(`object without region: ${show(region)}`, put({ ...OBJECT, region }), 'ERR_SIGV4_SCOPE_UNKNOWN', /region/)
refuse(
  'object behind an endpoint that nobody knows, without region',
  put({ ...OBJECT, region: undefined, endpoint: 'http://localhost:9000' }),
  'ERR_SIGV4_SCOPE_UNKNOWN',
  /region/,
)
for (const region of ['eu west 1', 'eu/west', 'example.com/', 'eu-west-1.example.com', 'a?b', 'a@b', 'é', 'a\nb']) {
  const codes = ['ERR_SIGV4_SCOPE_UNKNOWN', 'ERR_INVALID_ARG_VALUE'] as const
  const text = show(region)
  refuse(`region ${text}`, put({ ...OBJECT, region }), codes, /region|target/)
  refuse(`objectUrl in region ${text}`, (entry) => entry.objectUrl!({ ...OBJECT, region }), codes, /region|target/)
  refuse(`options.region ${text}`, sign({ url: API }, { region }), codes, /region/)
  refuse(`options.service ${text}`, sign({ url: API }, { service: region }), codes, /service/)
}
refuse(
  'objectUrl without region',
  (entry) => entry.objectUrl!({ bucket: 'photos', key: 'a' }),
  'ERR_SIGV4_SCOPE_UNKNOWN',
  /region/,
)

// bodies and their hashes

for (const [what, body] of [
  ['a ReadableStream', new Blob(['a']).stream()],
  ['a stream of Node', Readable.from(['a'])],
  ['a FormData', new FormData()],
  ['an object', { a: 1 }],
  ['a list', [1, 2]],
  ['a number', 5],
  ['false', false],
  ['a promise', Promise.resolve('a')],
  ['a function', () => 'a'],
] as const)
  refuse(`body: ${what}`, sign({ method: 'PUT', url: S3, body }), 'ERR_SIGV4_BODY_NOT_HASHABLE', /body.*payloadHash/)
refuse(
  'body: a Blob, to the synchronous entry',
  sign({ method: 'PUT', url: S3, body: new Blob(['a']) }),
  'ERR_SIGV4_BODY_NOT_HASHABLE',
  /body.*payloadHash/,
  'sigv4/sync',
)
for (const payloadHash of [
  '',
  'a',
  'A'.repeat(64),
  'a'.repeat(63),
  'unsigned-payload',
  `${'a'.repeat(64)}\n`,
  5,
  null,
  KEY,
]) {
  const text = show(payloadHash)
  refuse(`payloadHash ${text}`, put(OBJECT, { payloadHash }), 'ERR_INVALID_ARG_VALUE', /payloadHash/)
  if (payloadHash !== null)
    refuse(`payloadHash to sign ${text}`, sign({ url: S3 }, { payloadHash }), 'ERR_INVALID_ARG_VALUE', /payloadHash/)
}

// options that are none

for (const options of [undefined, null, 5, 'a']) {
  const text = show(options)
  for (const name of ['presignGet', 'presignPut', 'presignHead', 'presignDelete'])
    refuse(`${name}, options ${text}`, (entry) => entry[name]!(OBJECT, options), 'ERR_INVALID_ARG_TYPE', /options/)
  refuse(
    `presign, options ${text}`,
    (entry) => entry.presign!('GET', OBJECT, options),
    'ERR_INVALID_ARG_TYPE',
    /options/,
  )
  refuse(`sign, options ${text}`, (entry) => entry.sign!({ url: S3 }, options), 'ERR_INVALID_ARG_TYPE', /options/)
}
for (const download of [5, null, {}, true])
  refuse(`download ${show(download)}`, get(OBJECT, { download }), 'ERR_INVALID_ARG_TYPE', /download/)

describe.each(ENTRIES)('%s refuses', (specifier, entry) => {
  const own = rows.filter(({ only = specifier }) => only === specifier)
  it.each(own.map((row) => [row.what, row] as const))('%s', async (_, row) => {
    const promised = specifier === 'sigv4' && !row.what.startsWith('objectUrl')
    let returned: unknown
    try {
      returned = row.call(entry)
    } catch (error) {
      expect(promised, `not in the promise: ${error}`).toBe(false)
      check(error, row)
      return
    }
    expect(promised, `gave ${show(returned)}`).toBe(true)
    check(
      await (returned as Promise<unknown>).then(
        (result) => expect.unreachable(`gave ${show(result)}`),
        (error) => error,
      ),
      row,
    )
  })
})

describe('sigv4', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('passes on the error of a provider', async () => {
    const error = new Error('no profile')
    const calls = [
      () => Promise.reject(error),
      () => {
        throw error
      },
    ]
    for (const credentials of calls) {
      await expect(asynchronous.presignGet(OBJECT, { credentials })).rejects.toBe(error)
      await expect(asynchronous.sign({ url: S3 }, { credentials })).rejects.toBe(error)
      await expect(asynchronous.deriveSigningKey(credentials, both)).rejects.toBe(error)
    }
  })

  it.each([
    ['crypto', undefined],
    ['crypto.subtle', {}],
  ])('says where to go without %s', async (_, stub) => {
    vi.stubGlobal('crypto', stub)
    const row = { code: 'ERR_SIGV4_CRYPTO_UNAVAILABLE', names: /'sigv4\/sync'/ } as const
    const credentials = { ...CREDENTIALS }
    const caught = (call: Promise<unknown>) => call.catch((error) => error)
    check(await caught(asynchronous.presignGet(OBJECT, { credentials })), row)
    check(await caught(asynchronous.sign({ url: S3 }, { credentials })), row)
    check(await caught(asynchronous.deriveSigningKey(credentials, both)), row)
    vi.unstubAllGlobals()
    // the failure is not kept with the credentials
    await expect(asynchronous.presignGet(OBJECT, { credentials })).resolves.toHaveProperty('url')
  })

  it('leaves no rejection that nobody handles', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    vi.stubGlobal('crypto', {})
    await asynchronous.presignGet(OBJECT, { credentials: { ...CREDENTIALS } }).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('sigv4/sync in a place with nothing but JavaScript', async () => {
  const { outputFiles } = await build({
    stdin: { contents: "import * as sync from './src/sync.ts'; globalThis.sync = sync", resolveDir: '.' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2020',
    absWorkingDir: new URL('..', import.meta.url).pathname,
    logLevel: 'error',
  })
  const realm = createContext({})
  runInContext(outputFiles[0]!.text, realm)
  const elsewhere = (realm as { sync: typeof synchronous }).sync

  it('has no globals of the web or of Node', () => {
    const names = ['URL', 'TextEncoder', 'crypto', 'Headers', 'process', 'Buffer', 'setTimeout']
    expect(runInContext(`[${names.map((name) => `typeof ${name}`)}].join()`, realm)).toBe(
      names.fill('undefined').join(),
    )
  })

  it('gives the same bytes', () => {
    const target = { ...OBJECT, key: 'résumé (1) 😀.pdf' }
    const options = { credentials: CREDENTIALS, signingDate: DATE.getTime(), contentType: 'application/pdf' }
    expect({ ...elsewhere.presignPut(target, options) }).toEqual({ ...synchronous.presignPut(target, options) })
    const request = { url: S3, body: 'é' }
    expect(elsewhere.sign(request, options)).toEqual(synchronous.sign(request, options))
    expect(elsewhere.deriveSigningKey(CREDENTIALS, both).key.length).toBe(32)
  })

  it('throws errors that isSigV4Error knows from elsewhere', () => {
    const caught = runInContext(
      "try { sync.presignGet('https://example.com/', { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }) } catch (error) { error }",
      realm,
    )
    expect(caught).not.toBeInstanceOf(Error)
    expect(caught).not.toBeInstanceOf(synchronous.SigV4Error)
    expect(synchronous.isSigV4Error(caught)).toBe(true)
    expect(asynchronous.isSigV4Error(caught)).toBe(true)
    expect(caught.code).toBe('ERR_SIGV4_SCOPE_UNKNOWN')
  })

  it('takes bytes, dates and signing keys of another realm', () => {
    const bytes = runInContext('Uint8Array.from([97, 98])', realm)
    const date = runInContext('new Date(1440938160000)', realm)
    const options = { credentials: CREDENTIALS, signingDate: date }
    expect(synchronous.sign({ url: S3, body: bytes }, options).headers).toEqual(
      synchronous.sign({ url: S3, body: 'ab' }, { ...options, signingDate: DATE }).headers,
    )
    const expires = runInContext('new Date(1440938220000)', realm)
    expect(synchronous.presignGet(OBJECT, { ...options, expires }).url).toContain('X-Amz-Expires=60&')
    const key = runInContext('sync.deriveSigningKey', realm)(CREDENTIALS, { ...both, date: '20150830' })
    const scoped = { accessKeyId: 'AKIDEXAMPLE', sessionToken: TOKEN, signingKey: key }
    expect(synchronous.presignGet(OBJECT, { credentials: scoped, signingDate: DATE })).toEqual(
      synchronous.presignGet(OBJECT, { credentials: CREDENTIALS, signingDate: DATE }),
    )
  })
})

describe('isSigV4Error', () => {
  it('says yes to the errors of this library and no to the rest', () => {
    const code = 'ERR_SIGV4_SCOPE_UNKNOWN'
    expect(synchronous.isSigV4Error(new synchronous.SigV4Error(code, 'a'))).toBe(true)
    expect(asynchronous.isSigV4Error(new synchronous.SigV4Error(code, 'a'))).toBe(true)
    const strangers = [
      undefined,
      null,
      5,
      code,
      {},
      new Error(code),
      Object.assign(new TypeError('a'), { code: 'ERR_INVALID_ARG_VALUE' }),
    ]
    for (const stranger of strangers) expect(synchronous.isSigV4Error(stranger)).toBe(false)
  })

  it('finds a cause that was passed on', () => {
    const cause = new Error('why')
    const error = new synchronous.SigV4Error('ERR_SIGV4_SCOPE_UNKNOWN', 'a', { cause })
    expect(error.cause).toBe(cause)
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('SigV4Error: a')
  })
})
