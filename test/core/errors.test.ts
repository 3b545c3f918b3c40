import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import * as asynchronous from '../../src/index.ts'
import * as synchronous from '../../src/sync.ts'
import { SECRET } from '../support/credentials.ts'

// Every error: its code, class, argument, reason and message, and that it contains no secret.

type Code = synchronous.SigV4ErrorCode | synchronous.ArgumentErrorCode

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

/** The entries as untyped JavaScript calls them. */
// biome-ignore lint/suspicious/noExplicitAny: the tests pass invalid arguments
type Loose = Record<string, (...args: any[]) => any>
const ENTRIES: [specifier: string, entry: Loose][] = [
  ['sigv4', asynchronous as unknown as Loose],
  ['sigv4/sync', synchronous as unknown as Loose],
]

/** The start of a message after its argument, by `reason`. */
const REASONS: Record<synchronous.ErrorReason, string> = {
  missing: 'is missing',
  type: 'has the wrong type',
  invalid: 'is not valid',
  whitespace: 'contains whitespace',
  expired: 'has expired',
  range: 'is out of range',
  conflict: 'is set twice',
  mismatch: 'does not match',
  unusable: 'cannot be used here',
  unsendable: 'would change in transit',
  reserved: 'is added by signing',
  signed: 'is already signed',
  unknown: 'is unknown',
}

/** A call that throws. */
interface Row {
  what: string
  call: (entry: Loose) => unknown
  code: Code
  argument: string
  reason: synchronous.ErrorReason
  /** Expected in the message, after argument and reason. */
  hint?: RegExp
  /** The entry to call, if not both. */
  only?: string
}

const rows: Row[] = []

function rejects(
  what: string,
  call: Row['call'],
  code: Row['code'],
  argument: string,
  reason: Row['reason'],
  more: Pick<Row, 'hint' | 'only'> = {},
): void {
  rows.push({ what, call, code, argument, reason, ...more })
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

/** Asserts that an error matches its row in both entries. */
function check(error: unknown, { code, argument, reason, hint }: Omit<Row, 'what' | 'call'>): void {
  expect(error).toBeInstanceOf(Error)
  const { message, name, stack, ...data } = error as synchronous.SigV4Error
  expect({ code: data.code, argument: data.argument, reason: data.reason }, `${name}: ${message}`).toEqual({
    code,
    argument,
    reason,
  })
  const own = code.startsWith('ERR_SIGV4_')
  expect(error).toBeInstanceOf(own ? synchronous.SigV4Error : TypeError)
  expect(name).toBe(own ? 'SigV4Error' : 'TypeError')
  expect(synchronous.isSigV4Error(error)).toBe(own)
  const start = `${argument} ${REASONS[reason]}.`
  expect(message.startsWith(start), message).toBe(true)
  const rest = message.slice(start.length)
  expect(rest).toMatch(/^(?: \S.*\.)?$/s)
  if (hint) expect(rest).toMatch(hint)
  expect(message.length).toBeLessThan(250)
  const shown = [message, stack, String(error), JSON.stringify(error), inspect(error, { depth: 9, showHidden: true })]
  for (const secret of SECRETS) for (const text of shown) expect(text).not.toContain(secret)
}

const VALUE = 'ERR_INVALID_ARG_VALUE'
const TYPE = 'ERR_INVALID_ARG_TYPE'
const UNSENDABLE = 'ERR_SIGV4_REQUEST_UNSENDABLE'
const SIGNED = 'ERR_SIGV4_ALREADY_SIGNED'
const CREDENTIALS_MISSING = 'ERR_SIGV4_CREDENTIALS_MISSING'
const SCOPE_UNKNOWN = 'ERR_SIGV4_SCOPE_UNKNOWN'
const X_A = 'options.headers["x-a"]'

// strings without a UTF-8 form

for (const lone of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
  const label = show(lone)
  const hint = /lone surrogate/
  rejects(`key ${label}`, put({ ...OBJECT, key: lone }), VALUE, 'target.key', 'invalid', { hint })
  rejects(`URL path ${label}`, put(`${S3}/${lone}`), VALUE, 'target', 'invalid', { hint })
  rejects(`URL query ${label}`, put(`${S3}/?a=${lone}`), VALUE, 'target', 'invalid', { hint })
  rejects(
    `query name ${label}`,
    put(OBJECT, { query: { [lone]: 'a' } }),
    VALUE,
    `options.query[${JSON.stringify(lone)}]`,
    'invalid',
    { hint },
  )
  rejects(`query value ${label}`, put(OBJECT, { query: { a: ['b', lone] } }), VALUE, 'options.query["a"]', 'invalid', {
    hint,
  })
  rejects(`download ${label}`, get(OBJECT, { download: lone }), VALUE, 'options.download', 'invalid', { hint })
  rejects(`header ${label}`, put(OBJECT, { headers: { 'x-a': lone } }), UNSENDABLE, X_A, 'unsendable')
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
  const label = show(value)
  rejects(`header ${label}`, put(OBJECT, { headers: { 'X-A': value } }), UNSENDABLE, X_A, 'unsendable', {
    hint: /Pass printable ASCII\./,
  })
  rejects(`pair ${label}`, put(OBJECT, { headers: [['x-a', value]] }), UNSENDABLE, X_A, 'unsendable')
  rejects(
    `header in a list ${label}`,
    put(OBJECT, { headers: { 'x-a': ['b', value, 'c'] } }),
    UNSENDABLE,
    X_A,
    'unsendable',
  )
  rejects(`contentType ${label}`, put(OBJECT, { contentType: value }), UNSENDABLE, 'options.contentType', 'unsendable')
  rejects(
    `header to sign ${label}`,
    sign({ url: S3, headers: { 'x-a': value } }),
    UNSENDABLE,
    'request.headers["x-a"]',
    'unsendable',
  )
}
for (const payloadHashHeader of ['true', 1, {}])
  rejects(
    `payloadHashHeader ${show(payloadHashHeader)}`,
    put(OBJECT, { payloadHashHeader }),
    TYPE,
    'options.payloadHashHeader',
    'type',
  )
rejects('header null', put(OBJECT, { headers: { 'x-a': null } }), TYPE, X_A, 'type')
for (const name of ['', ' ', 'a b', 'a:', 'a\n', 'x-a\r\nx-evil', '(a)', 'é', '"a"', 'a\0', '\ud800']) {
  const label = show(name)
  const argument = `options.headers[${JSON.stringify(name)}]`
  rejects(`header name ${label}`, put(OBJECT, { headers: { [name]: 'b' } }), VALUE, argument, 'invalid')
  rejects(`name in a pair ${label}`, put(OBJECT, { headers: [[name, 'b']] }), VALUE, argument, 'invalid')
}
for (const headers of ['a: b', null, 5, true, [['a', 'b', 'c']], [['a']], ['ab']])
  rejects(`headers ${show(headers)}`, put(OBJECT, { headers }), TYPE, 'options.headers', 'type')
rejects(
  'a different host',
  put(OBJECT, { headers: { Host: 'example.com' } }),
  UNSENDABLE,
  'options.headers["host"]',
  'mismatch',
  { hint: /^ Omit it\.$/ },
)
rejects(
  'host of a list',
  put(OBJECT, { headers: { host: ['a', 'b'] } }),
  UNSENDABLE,
  'options.headers["host"]',
  'mismatch',
)
for (const [option, name, value] of [
  ['contentType', 'Content-Type', 'a/b'],
  ['contentLength', 'content-length', 5],
] as const)
  rejects(
    `${option} twice`,
    put(OBJECT, { [option]: value, headers: { [name]: String(value) } }),
    VALUE,
    `options.${option}`,
    'conflict',
  )
// options that a method does not support
for (const [option, value, methods] of [
  ['contentType', 'a/b', ['GET', 'get', 'HEAD']],
  ['contentLength', 5, ['GET', 'get', 'HEAD']],
  ['download', 'a.txt', ['PUT', 'HEAD', 'DELETE', 'POST', 'head']],
] as const)
  for (const method of methods) {
    const options = { credentials: CREDENTIALS, [option]: value }
    const own = `presign${method[0]}${method.slice(1).toLowerCase()}`
    const hint = RegExp(
      `^ ${option === 'download' ? 'Only GET supports' : `${method.toUpperCase()} does not support`} it\\.$`,
    )
    rejects(
      `presign ${method} with ${option}`,
      (entry) => entry.presign!(method, OBJECT, options),
      VALUE,
      `options.${option}`,
      'unusable',
      { hint },
    )
    if (/^(?:GET|HEAD|PUT|DELETE)$/.test(method))
      rejects(
        `${own} with ${option}`,
        (entry) => entry[own]!(OBJECT, options),
        VALUE,
        `options.${option}`,
        'unusable',
        {
          hint,
        },
      )
  }
for (const contentLength of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21, '5 bytes', ''])
  rejects(
    `contentLength ${show(contentLength)}`,
    put(OBJECT, { contentLength }),
    VALUE,
    'options.contentLength',
    'invalid',
  )

// time

for (const expires of [0, -1, -900, 0.5, 1.5, 604_801, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])
  rejects(`expires ${expires}`, put(OBJECT, { expires }), 'ERR_SIGV4_EXPIRES_RANGE', 'options.expires', 'range')
for (const expires of ['0s', '604801s', '-1d', '999ms', '8d', '169h', '99999999999999999999d'])
  rejects(`expires ${show(expires)}`, put(OBJECT, { expires }), 'ERR_SIGV4_EXPIRES_RANGE', 'options.expires', 'range')
for (const expires of [
  '',
  '15 m',
  '15min',
  '15M',
  '900',
  '1.5h',
  '1w',
  'm',
  '1h30m',
  ' 15m',
  '1e3',
  '15m\n',
  'forever',
])
  rejects(`expires ${show(expires)}`, put(OBJECT, { expires }), VALUE, 'options.expires', 'invalid', {
    hint: /Pass seconds, '15m', '7d', or a Date\./,
  })
for (const expires of [true, {}, [900], 900n, () => 900])
  rejects(`expires ${show(expires)}`, put(OBJECT, { expires }), VALUE, 'options.expires', 'invalid')
for (const [what, offset] of [
  ['now', 0],
  ['in the past', -1000],
  ['in less than a second', 999],
  ['in more than 7 days', 604_801_000],
  ['invalid', Number.NaN],
] as const)
  rejects(
    `expires at a Date, ${what}`,
    put(OBJECT, { now: DATE, expires: new Date(DATE.getTime() + offset) }),
    'ERR_SIGV4_EXPIRES_RANGE',
    'options.expires',
    'range',
  )
for (const signedAt of [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Date(Number.NaN),
  'yesterday',
  {},
  253_402_300_800_000, // the year 10000
  -62_135_596_800_000, // the year 1
]) {
  const label = show(signedAt)
  rejects(`now ${label}`, put(OBJECT, { now: signedAt }), VALUE, 'options.now', 'invalid')
  rejects(`now to sign ${label}`, sign({ url: S3 }, { now: signedAt }), VALUE, 'options.now', 'invalid')
}

for (const seconds of [DATE.getTime() / 1000, 1e9 + 1, 1e10 - 1])
  rejects(`now ${seconds}, in seconds`, put(OBJECT, { now: seconds }), VALUE, 'options.now', 'range', {
    hint: /^ Pass milliseconds\.$/,
  })

// credentials

/** A part that is wrong is not missing. */
const codeOf = (reason: Row['reason']): Code =>
  reason === 'missing' || reason === 'expired' ? CREDENTIALS_MISSING : reason === 'type' ? TYPE : VALUE
const missing = (what: string, credentials: unknown, part: string, reason: Row['reason'], hint?: RegExp) => {
  const argument = `options.credentials.${part}`
  const more = hint ? { hint } : {}
  rejects(`credentials ${what}`, put(OBJECT, { credentials }), codeOf(reason), argument, reason, more)
  rejects(`credentials to sign ${what}`, sign({ url: S3 }, { credentials }), codeOf(reason), argument, reason, more)
  rejects(
    `credentials to derive from ${what}`,
    (entry) => entry.deriveSigningKey!({ region: 'eu-west-1', service: 's3' }, { credentials }),
    codeOf(reason),
    argument,
    reason,
    more,
  )
}
for (const credentials of [undefined, null, {}, '', `AKIDEXAMPLE:${SECRET}`, 5]) {
  const label = typeof credentials === 'string' ? 'a string' : show(credentials)
  missing(
    label,
    credentials,
    'accessKeyId',
    'missing',
    /^ Pass \{ accessKeyId, secretAccessKey \}, in this spelling\.$/,
  )
}
for (const [what, value] of [
  ['undefined', undefined],
  ['null', null],
  ['empty', ''],
  ['blank', ' '],
  ['a line break', '\n'],
  ['after a space', (value: string) => ` ${value}`],
  ['before a space', (value: string) => `${value} `],
  ['before a line break', (value: string) => `${value}\n`],
  ['before CR LF', (value: string) => `${value}\r\n`],
  ['before a tab', (value: string) => `${value}\t`],
  ['after a BOM', (value: string) => `\u{feff}${value}`],
] as const) {
  const change = (part: 'accessKeyId' | 'secretAccessKey' | 'sessionToken') => ({
    ...CREDENTIALS,
    [part]: typeof value === 'function' ? value(CREDENTIALS[part]) : value,
  })
  const reason = value ? 'whitespace' : 'missing'
  const hint = value ? /^ Trim it\.$/ : /^$/
  missing(`accessKeyId: ${what}`, change('accessKeyId'), 'accessKeyId', reason, hint)
  missing(`secretAccessKey: ${what}`, change('secretAccessKey'), 'secretAccessKey', reason, hint)
  if (value) missing(`sessionToken: ${what}`, change('sessionToken'), 'sessionToken', reason, hint)
  else
    missing(
      `ASIA, sessionToken: ${what}`,
      { ...change('sessionToken'), accessKeyId: 'ASIAEXAMPLE' },
      'sessionToken',
      reason,
    )
}
missing(
  'accessKeyId with a space inside',
  { ...CREDENTIALS, accessKeyId: 'AKID EXAMPLE' },
  'accessKeyId',
  'whitespace',
  /^ Remove it\.$/,
)
missing('accessKeyId non-ASCII', { ...CREDENTIALS, accessKeyId: 'AKIDÉXAMPLE' }, 'accessKeyId', 'invalid')
for (const id of ['AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'])
  missing(
    `accessKeyId and secretAccessKey ${id.slice(0, 4)}… are swapped`,
    { accessKeyId: SECRET, secretAccessKey: id },
    'accessKeyId',
    'invalid',
    /^ Swap it with secretAccessKey\.$/,
  )
missing('secretAccessKey is a number', { ...CREDENTIALS, secretAccessKey: 12_345 }, 'secretAccessKey', 'type')
missing('secretAccessKey is bytes', { ...CREDENTIALS, secretAccessKey: KEY }, 'secretAccessKey', 'type')
missing('sessionToken non-ASCII', { ...CREDENTIALS, sessionToken: `${TOKEN}é` }, 'sessionToken', 'invalid')
for (const [what, expiration, reason] of [
  ['at the signing date', DATE, 'expired'],
  ['before it', new Date(DATE.getTime() - 1000), 'expired'],
  ['in 1970', new Date(0), 'expired'],
  ['never valid', new Date(Number.NaN), 'invalid'],
  ['a string', 'tomorrow', 'invalid'],
] as const) {
  const credentials = { ...CREDENTIALS, expiration }
  const options = { credentials, now: DATE }
  rejects(`expired: ${what}`, put(OBJECT, options), codeOf(reason), 'options.credentials.expiration', reason)
  rejects(
    `expired to sign: ${what}`,
    sign({ url: S3 }, options),
    codeOf(reason),
    'options.credentials.expiration',
    reason,
  )
}
rejects(
  'a provider, to the synchronous entry',
  put(OBJECT, { credentials: () => CREDENTIALS }),
  TYPE,
  'options.credentials',
  'type',
  { only: 'sigv4/sync' },
)
for (const nothing of [undefined, null, {}, Promise.resolve(), Promise.resolve(null)])
  rejects(
    `a provider that returns ${show(nothing)}`,
    put(OBJECT, { credentials: () => nothing }),
    CREDENTIALS_MISSING,
    'options.credentials.accessKeyId',
    'missing',
    { only: 'sigv4' },
  )

// signing keys

const signingKey = { date: '20150830', region: 'eu-west-1', service: 's3', key: KEY }
const scoped = (change: object) => ({
  credentials: { accessKeyId: 'AKIDEXAMPLE', sessionToken: TOKEN, signingKey: { ...signingKey, ...change } },
  now: DATE,
})
for (const change of [{ date: '20150831' }, { region: 'eu-west-2' }, { service: 'sts' }, { date: undefined }]) {
  const label = show(change)
  const hint = /20150830\/eu-west-1\/s3\/aws4_request/
  rejects(
    `signing key for ${label}`,
    put(OBJECT, scoped(change)),
    'ERR_SIGV4_KEY_SCOPE',
    'options.credentials.signingKey',
    'mismatch',
    { hint },
  )
  rejects(
    `signing key for ${label}, to sign`,
    sign({ url: S3 }, scoped(change)),
    'ERR_SIGV4_KEY_SCOPE',
    'options.credentials.signingKey',
    'mismatch',
    { hint },
  )
}
const imported = await crypto.subtle.importKey('raw', KEY, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
rejects(
  'a CryptoKey, to the synchronous entry',
  put(OBJECT, scoped({ key: imported })),
  TYPE,
  'options.credentials.signingKey.key',
  'type',
  { hint: /'sigv4'/, only: 'sigv4/sync' },
)
for (const [what, key] of [
  ['a string', Buffer.from(KEY).toString('hex')],
  ['missing', undefined],
  ['JSON of bytes', JSON.parse(JSON.stringify(KEY))],
  ['31 bytes', KEY.subarray(1)],
] as const)
  rejects(`signing key: ${what}`, put(OBJECT, scoped({ key })), TYPE, 'options.credentials.signingKey.key', 'type')
rejects(
  'a signing key, to derive one',
  (entry) => entry.deriveSigningKey!({ region: 'eu-west-1', service: 'sts' }, { credentials: scoped({}).credentials }),
  CREDENTIALS_MISSING,
  'options.credentials.secretAccessKey',
  'missing',
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
  { region: 'eu-west-1', service: 's3', date: '120150830' },
  { region: 'eu-west-1', service: 's3', date: new Date(Number.NaN) },
  { region: 'eu-west-1', service: 's3', date: Number.NaN },
])
  rejects(
    `a key for the scope ${show(scope)}`,
    (entry) => entry.deriveSigningKey!(scope, { credentials: CREDENTIALS }),
    VALUE,
    'scope',
    'invalid',
    { hint: /region: 'us-east-1', service: 's3'/ },
  )

for (const name of ['now', 'Region'])
  rejects(
    `a key for a scope with ${name}`,
    (entry) =>
      entry.deriveSigningKey!({ region: 'eu-west-1', service: 's3', [name]: DATE }, { credentials: CREDENTIALS }),
    VALUE,
    `scope.${name}`,
    'unknown',
    { hint: /^ Allowed: date, region, service\.$/ },
  )

// already signed

const HEADERS = ['Authorization', 'X-Amz-Date', 'X-Amz-Security-Token']
const PARAMETERS = ['Algorithm', 'Credential', 'Date', 'Expires', 'Security-Token', 'Signature', 'SignedHeaders'].map(
  (name) => `X-Amz-${name}`,
)
for (const given of HEADERS)
  for (const name of [given, given.toLowerCase(), given.toUpperCase()]) {
    const member = `headers[${JSON.stringify(name.toLowerCase())}]`
    rejects(
      `presign with ${name}`,
      put(OBJECT, { headers: { [name]: TOKEN } }),
      SIGNED,
      `options.${member}`,
      'reserved',
    )
    rejects(`sign with ${name}`, sign({ url: S3, headers: [[name, TOKEN]] }), SIGNED, `request.${member}`, 'reserved')
  }
for (const given of PARAMETERS)
  for (const name of [given, given.toLowerCase(), given.toUpperCase()]) {
    const escaped = name.replace('-', '%2D').replace(/^x/i, (x) => `%${x.charCodeAt(0).toString(16)}`)
    const hint = /without X-Amz- parameters/
    rejects(`presign a URL with ${name}`, put(`${S3}/a?b=1&${name}=${TOKEN}`), SIGNED, 'target', 'signed', { hint })
    rejects(`presign a URL with ${escaped}`, put(`${S3}/a?${escaped}=c`), SIGNED, 'target', 'signed', { hint })
    rejects(
      `presign with the parameter ${name}`,
      put(OBJECT, { query: { [name]: TOKEN } }),
      SIGNED,
      `options.query[${JSON.stringify(name)}]`,
      'reserved',
    )
    rejects(`sign a URL with ${name}`, sign({ url: `${S3}/?${name}=${TOKEN}` }), SIGNED, 'request.url', 'signed', {
      hint,
    })
  }
for (const name of ['service', 'region', 'signQuery'])
  rejects(
    `${name} in the request to sign`,
    (entry) => entry.sign!({ url: S3, [name]: 's3' }, { credentials: CREDENTIALS }),
    VALUE,
    `request.${name}`,
    'unknown',
    { hint: /Pass \{ method, url, headers, body \}/ },
  )
rejects(
  'a presigned URL',
  (entry) => {
    const { url } = synchronous.presignPut(OBJECT, { credentials: CREDENTIALS })
    return put(url)(entry)
  },
  SIGNED,
  'target',
  'signed',
  { hint: /X-Amz-/ },
)
rejects(
  'a signed request',
  (entry) => {
    const signed = synchronous.sign({ url: S3 }, { credentials: CREDENTIALS })
    return sign(signed)(entry)
  },
  SIGNED,
  'request.headers["x-amz-date"]',
  'reserved',
)
for (const headers of [{ 'X-Amz-Content-SHA256': 'UNSIGNED-PAYLOAD' }, { 'x-amz-content-sha256': 'a'.repeat(64) }]) {
  const member = 'headers["x-amz-content-sha256"]'
  const hint = /payloadHash/
  rejects(`presign with ${show(headers)}`, put(OBJECT, { headers }), SIGNED, `options.${member}`, 'reserved', { hint })
  rejects(`sign with ${show(headers)}`, sign({ url: S3, headers }), SIGNED, `request.${member}`, 'reserved', { hint })
}

// URLs that clients would change

const escapes = { hint: /%25/ }
for (const path of ['/%', '/a%', '/%4', '/%zz', '/%u00e9', '/%e9%', '/%%41']) {
  rejects(`path ${path}`, put(S3 + path), UNSENDABLE, 'target', 'unsendable', escapes)
  rejects(`path to sign ${path}`, sign({ url: API + path }), UNSENDABLE, 'request.url', 'unsendable', escapes)
}
for (const query of ['?%', '?a=%', '?a=1&%zz=b', '?a=100%&b', '?a=%ff%f']) {
  rejects(`query ${query}`, put(`${S3}/${query}`), UNSENDABLE, 'target', 'unsendable', escapes)
  rejects(`query to sign ${query}`, sign({ url: `${API}/${query}` }), UNSENDABLE, 'request.url', 'unsendable', escapes)
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
  const hint = /\. or \.\. segment/
  rejects(`path ${path} for S3`, put(S3 + path), UNSENDABLE, 'target', 'unsendable', { hint })
  rejects(`path ${path} for S3, to sign`, sign({ url: S3 + path }), UNSENDABLE, 'request.url', 'unsendable', { hint })
  const options = { region: 'eu-west-1', service: 'execute-api', pathNormalization: 'none' }
  rejects(`path ${path}, not normalized`, sign({ url: API + path }, options), UNSENDABLE, 'request.url', 'unsendable', {
    hint,
  })
}
for (const key of ['.', '..'])
  for (const pathStyle of [true, false]) {
    const target = { ...OBJECT, key, pathStyle }
    rejects(`key ${key}, pathStyle ${pathStyle}`, put(target), UNSENDABLE, 'target.key', 'unsendable')
    rejects(
      `objectUrl of key ${key}, pathStyle ${pathStyle}`,
      (entry) => entry.objectUrl!(target),
      UNSENDABLE,
      'target.key',
      'unsendable',
    )
  }
rejects(
  'endpoint with a dot segment',
  put({ ...OBJECT, endpoint: 'http://localhost:9000/a/../b' }),
  UNSENDABLE,
  'target.endpoint',
  'unsendable',
)

rejects(
  'endpoint with a query',
  put({ ...OBJECT, endpoint: 'http://localhost:9000/?a=b' }),
  VALUE,
  'target.endpoint',
  'invalid',
)

// invalid targets

for (const target of [
  `${S3}/a#fragment`,
  `${S3}/a#`,
  `https://AKIDEXAMPLE:${PASSWORD}@photos.s3.eu-west-1.amazonaws.com/a`,
  `https://${PASSWORD}@photos.s3.eu-west-1.amazonaws.com/a`,
  `https://user:${PASSWORD}@/a`,
  'ftp://photos.s3.eu-west-1.amazonaws.com/a',
  'file:///photos/a',
  'gs://photos/a',
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
  'xhttps://photos.s3.eu-west-1.amazonaws.com/a',
  'HTTPSHTTPS://photos.s3.eu-west-1.amazonaws.com/a',
  `${S3}/a\\b`,
]) {
  const label = show(target)
  const hint = /^ Pass an absolute http\(s\) URL without/
  rejects(`URL ${label}`, put(target), VALUE, 'target', 'invalid', { hint })
  rejects(`URL to sign ${label}`, sign({ url: target }), VALUE, 'request.url', 'invalid', { hint })
  rejects(`endpoint ${label}`, put({ ...OBJECT, endpoint: target }), VALUE, 'target.endpoint', 'invalid', { hint })
}
for (const target of [undefined, null, 5, true, {}, [], { key: 'a' }])
  rejects(`target ${show(target)}`, put(target), TYPE, 'target', 'type', {
    hint: /^ Pass a URL or \{ bucket, key \}\.$/,
  })
for (const endpoint of [5, {}, true])
  rejects(`endpoint ${show(endpoint)}`, put({ ...OBJECT, endpoint }), TYPE, 'target.endpoint', 'type', {
    hint: /^ Pass a URL\.$/,
  })
for (const pathStyle of ['true', 1, {}])
  rejects(`pathStyle ${show(pathStyle)}`, put({ ...OBJECT, pathStyle }), TYPE, 'target.pathStyle', 'type')
for (const name of ['Key', 'contentType'])
  rejects(`target with ${name}`, put({ ...OBJECT, [name]: 'a' }), VALUE, `target.${name}`, 'unknown', {
    hint: /^ Allowed: bucket, key, region, endpoint, pathStyle, service\.$/,
  })
rejects(
  'target without bucket',
  put({ bucket: undefined, key: 'a', region: 'eu-west-1' }),
  VALUE,
  'target.bucket',
  'invalid',
)
for (const target of [undefined, null, 5, 'a', {}, { key: 'a', region: 'eu-west-1' }])
  rejects(`objectUrl of ${show(target)}`, (entry) => entry.objectUrl!(target), VALUE, 'target.bucket', 'invalid')
for (const request of [undefined, null, 5]) rejects(`request ${show(request)}`, sign(request), TYPE, 'request', 'type')
for (const request of [{}, { method: 'GET' }, { url: undefined }, { url: 5 }])
  rejects(`request ${show(request)}`, sign(request), TYPE, 'request.url', 'type')
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
  const label = show(bucket)
  rejects(`bucket ${label}`, put({ ...OBJECT, bucket }), VALUE, 'target.bucket', 'invalid')
  rejects(
    `objectUrl of bucket ${label}`,
    (entry) => entry.objectUrl!({ ...OBJECT, bucket }),
    VALUE,
    'target.bucket',
    'invalid',
  )
}
for (const [bucket, change] of [
  ['My_Photos', { pathStyle: false }],
  ['photos', { pathStyle: false, endpoint: 'http://127.0.0.1:9000' }],
  ['My.Photos', { pathStyle: false, endpoint: 'http://localhost:9000' }],
  ['xn--photos', {}],
] as const)
  rejects(
    `bucket ${bucket} in the host, ${show(change)}`,
    put({ ...OBJECT, bucket, ...change }),
    VALUE,
    'target.pathStyle',
    'invalid',
  )
for (const key of [undefined, null])
  rejects(`key ${show(key)}`, put({ ...OBJECT, key }), VALUE, 'target.key', 'missing', {
    hint: /Pass it, or the URL of the bucket/,
  })
for (const key of [5, {}, ['a']]) rejects(`key ${show(key)}`, put({ ...OBJECT, key }), TYPE, 'target.key', 'type')
rejects('an empty key', put({ ...OBJECT, key: '' }), VALUE, 'target.key', 'missing', {
  hint: /Pass it, or the URL of the bucket/,
})
rejects(
  'objectUrl of an empty key',
  (entry) => entry.objectUrl!({ ...OBJECT, key: '' }),
  VALUE,
  'target.key',
  'missing',
)
for (const method of ['', ' ', 'GE T', 'GET\r\nx: y', 'GET\n', 'é', 5, null, undefined, {}]) {
  const label = show(method)
  rejects(
    `method ${label}`,
    (entry) => entry.presign!(method, OBJECT, { credentials: CREDENTIALS }),
    VALUE,
    'method',
    'invalid',
  )
  if (method !== undefined && method !== null)
    rejects(`method to sign ${label}`, sign({ method, url: S3 }), VALUE, 'request.method', 'invalid')
}

// unknown scopes

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
  const unusable = /s3-(?:global|website)/.test(target)
  const more = { hint: RegExp(new URL(target).host.replace(/[.[\]]/g, '\\$&')) }
  const [argument, reason] = unusable ? (['target', 'unusable'] as const) : (['options.region', 'missing'] as const)
  rejects(`scope of ${target}`, get(target), SCOPE_UNKNOWN, argument, reason, more)
  rejects(
    `scope of ${target}, to sign`,
    sign({ url: target }),
    SCOPE_UNKNOWN,
    unusable ? 'request.url' : argument,
    reason,
    more,
  )
}
for (const call of [put('http://localhost:9000/a'), sign({ url: 'http://localhost:9000/a' })])
  rejects('neither region nor service', call, SCOPE_UNKNOWN, 'options.region', 'missing', {
    hint: /^ The host localhost:9000 does not identify it\. Pass service too\.$/,
  })
for (const [missing, options] of [
  ['region', { service: 's3' }],
  ['service', { region: 'eu-west-1' }],
] as const)
  rejects(`no ${missing}`, put('http://localhost:9000/a', options), SCOPE_UNKNOWN, `options.${missing}`, 'missing', {
    hint: /^ The host localhost:9000 does not identify it\.$/,
  })
const both = { region: 'eu-west-1', service: 's3' }
rejects(
  'a multi-region access point, regardless of the options',
  put('https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/a', both),
  SCOPE_UNKNOWN,
  'target',
  'unusable',
  { hint: /s3-global/ },
)
for (const name of ['presignGet', 'presignPut', 'presignHead', 'presignDelete'])
  rejects(
    `a service that is not S3, by ${name}`,
    (entry) => entry[name]!('https://dynamodb.eu-west-1.amazonaws.com/', { credentials: CREDENTIALS }),
    SCOPE_UNKNOWN,
    'options.region',
    'missing',
    { hint: /dynamodb\.eu-west-1\.amazonaws\.com/ },
  )
rejects(
  'an unknown host, with a region only',
  put('https://example.com/a', { region: 'eu-west-1' }),
  SCOPE_UNKNOWN,
  'options.service',
  'missing',
  { hint: /example\.com/ },
)
for (const region of [undefined, ''])
  rejects(
    `object without region: ${show(region)}`,
    put({ ...OBJECT, region }),
    SCOPE_UNKNOWN,
    'target.region',
    'missing',
    { hint: /^ Pass it, or an endpoint\.$/ },
  )
rejects(
  'object at an unknown endpoint, without region',
  put({ ...OBJECT, region: undefined, endpoint: 'http://localhost:9000' }),
  SCOPE_UNKNOWN,
  'options.region',
  'missing',
  { hint: /localhost:9000/ },
)
for (const region of ['eu west 1', 'eu/west', 'example.com/', 'eu-west-1.example.com', 'a?b', 'a@b', 'é', 'a\nb']) {
  const label = show(region)
  rejects(`region ${label}`, put({ ...OBJECT, region }), VALUE, 'target.region', 'invalid')
  rejects(
    `objectUrl in region ${label}`,
    (entry) => entry.objectUrl!({ ...OBJECT, region }),
    VALUE,
    'target.region',
    'invalid',
  )
  rejects(`options.region ${label}`, sign({ url: API }, { region }), SCOPE_UNKNOWN, 'options.region', 'invalid')
  rejects(
    `options.service ${label}`,
    sign({ url: API }, { service: region }),
    SCOPE_UNKNOWN,
    'options.service',
    'invalid',
  )
}
// regions that AWS cannot have: on AWS hosts only, because other services have regions of any form
for (const region of [
  'eu-west1',
  'euwest1',
  'eu-west',
  'us-east',
  'auto',
  'EU-WEST-1',
  'eu_west_1',
  'aws-global',
  '1',
  'eu-west-1a',
]) {
  const hint = /^ Pass an AWS region, such as eu-west-1\.$/
  rejects(`AWS region ${region}`, put({ ...OBJECT, region }), VALUE, 'target.region', 'invalid', { hint })
  rejects(
    `AWS region ${region}, as an option`,
    put({ bucket: 'photos', key: 'a' }, { region }),
    SCOPE_UNKNOWN,
    'options.region',
    'invalid',
    { hint },
  )
  for (const url of [
    S3,
    API,
    'https://iam.amazonaws.com/',
    'https://s3.cn-north-1.amazonaws.com.cn/',
    'https://A.S3.AMAZONAWS.COM:8443/',
  ]) {
    rejects(
      `${url} in ${region}`,
      sign({ url }, { region, service: 's3' }),
      SCOPE_UNKNOWN,
      'options.region',
      'invalid',
      { hint },
    )
    rejects(`${url} in ${region}, presigned`, get(url, { region }), SCOPE_UNKNOWN, 'options.region', 'invalid', {
      hint,
    })
  }
  rejects(
    `AWS endpoint in ${region}`,
    put({ ...OBJECT, region, endpoint: 'https://s3.eu-west-1.amazonaws.com' }),
    VALUE,
    'target.region',
    'invalid',
    { hint },
  )
  rejects(
    `form in ${region}`,
    (entry) => entry.presignPost!({ ...OBJECT, region }, { credentials: CREDENTIALS }),
    VALUE,
    'target.region',
    'invalid',
    { hint },
  )
}
for (const contentType of [
  'jpeg',
  '',
  '/',
  'image/',
  '/jpeg',
  'image jpeg',
  'image/ jpeg',
  '.jpg',
  'image/jpeg/x',
  'a b/c',
]) {
  const hint = /^ Pass type\/subtype, such as image\/jpeg\.$/
  rejects(`contentType ${contentType}`, put(OBJECT, { contentType }), VALUE, 'options.contentType', 'invalid', { hint })
  rejects(
    `contentType of a form ${contentType}`,
    (entry) => entry.presignPost!(OBJECT, { credentials: CREDENTIALS, contentType }),
    VALUE,
    'options.contentType',
    'invalid',
    { hint },
  )
  rejects(
    `contentType of an upload ${contentType}`,
    (entry) => entry.presignMultipartUpload!(OBJECT, { credentials: CREDENTIALS, size: 1, contentType }),
    VALUE,
    'options.contentType',
    'invalid',
    { hint },
  )
}
for (const [target, object] of [
  ['s3://photos/2026/cat.jpg', '{"bucket":"photos","key":"2026/cat.jpg"}'],
  ['S3://photos/a%20b', '{"bucket":"photos","key":"a%20b"}'],
  ["s3://photos/it's", '{"bucket":"photos","key":"it\'s"}'],
  ['s3://photos', '{"bucket":"photos","key":"…"}'],
  ['s3://photos/', '{"bucket":"photos","key":"…"}'],
  [new URL('s3://photos/cat.jpg'), '{"bucket":"photos","key":"cat.jpg"}'],
] as const) {
  const hint = RegExp(`^ Pass ${object.replace(/[{}\\.]/g, '\\$&')}\\.$`)
  for (const call of [
    put(target),
    get(target),
    (entry: Loose) => entry.presign!('GET', target, { credentials: CREDENTIALS }),
  ])
    rejects(`target ${target}`, call, VALUE, 'target', 'invalid', { hint })
  if (typeof target === 'string') {
    rejects(`objectUrl of ${target}`, (entry) => entry.objectUrl!(target), VALUE, 'target', 'invalid', { hint })
    rejects(
      `form for ${target}`,
      (entry) => entry.presignPost!(target, { credentials: CREDENTIALS }),
      VALUE,
      'target',
      'invalid',
      { hint },
    )
  }
}
rejects(
  'objectUrl without region',
  (entry) => entry.objectUrl!({ bucket: 'photos', key: 'a' }),
  SCOPE_UNKNOWN,
  'target.region',
  'missing',
)

// bodies and their hashes

for (const [what, body] of [
  ['a ReadableStream', new Blob(['a']).stream()],
  ['a Node stream', Readable.from(['a'])],
  ['a FormData', new FormData()],
  ['an object', { a: 1 }],
  ['a list', [1, 2]],
  ['a number', 5],
  ['false', false],
  ['a promise', Promise.resolve('a')],
  ['a function', () => 'a'],
] as const)
  rejects(
    `body: ${what}`,
    sign({ method: 'PUT', url: S3, body }),
    'ERR_SIGV4_BODY_NOT_HASHABLE',
    'request.body',
    'type',
    { hint: /options\.payloadHash/ },
  )
rejects(
  'body: a Blob, to the synchronous entry',
  sign({ method: 'PUT', url: S3, body: new Blob(['a']) }),
  'ERR_SIGV4_BODY_NOT_HASHABLE',
  'request.body',
  'type',
  { hint: /options\.payloadHash/, only: 'sigv4/sync' },
)
for (const payloadHash of [
  '',
  'a',
  'A'.repeat(64),
  'a'.repeat(63),
  'a'.repeat(65),
  'unsigned-payload',
  `${'a'.repeat(64)}\n`,
  5,
  null,
  KEY,
]) {
  const label = show(payloadHash)
  rejects(`payloadHash ${label}`, put(OBJECT, { payloadHash }), VALUE, 'options.payloadHash', 'invalid', {
    hint: /^ Pass a SHA-256 in lowercase hex\.$/,
  })
  if (payloadHash !== null)
    rejects(`payloadHash to sign ${label}`, sign({ url: S3 }, { payloadHash }), VALUE, 'options.payloadHash', 'invalid')
}

// invalid options

for (const options of [undefined, null, 5, 'a']) {
  const label = show(options)
  for (const name of ['presignGet', 'presignPut', 'presignHead', 'presignDelete'])
    rejects(`${name}, options ${label}`, (entry) => entry[name]!(OBJECT, options), TYPE, 'options', 'type')
  rejects(`presign, options ${label}`, (entry) => entry.presign!('GET', OBJECT, options), TYPE, 'options', 'type')
  rejects(`sign, options ${label}`, (entry) => entry.sign!({ url: S3 }, options), TYPE, 'options', 'type')
}
for (const download of [5, null, {}, true])
  rejects(`download ${show(download)}`, get(OBJECT, { download }), TYPE, 'options.download', 'type', {
    hint: /file name/,
  })
for (const [name, values] of [
  ['pathEncoding', ['', 'triple', true]],
  ['pathNormalization', ['', 'posix', false]],
  ['sessionTokenPlacement', ['', 'unsigned', 0]],
] as const)
  for (const value of values) {
    const options = { [name]: value }
    rejects(`${name} ${show(value)}`, put(OBJECT, options), VALUE, `options.${name}`, 'invalid')
    rejects(`${name} ${show(value)} to sign`, sign({ url: S3 }, options), VALUE, `options.${name}`, 'invalid')
  }
for (const name of ['signedHeaders', 'unsignedHeaders'])
  for (const value of ['x-a', [5], {}])
    rejects(`${name} ${show(value)}`, put(OBJECT, { [name]: value }), TYPE, `options.${name}`, 'type')
for (const query of [[], null, 5, 'a=b', new URLSearchParams('a=b')])
  rejects(`query ${show(query)}`, put(OBJECT, { query }), TYPE, 'options.query', 'type', {
    hint: /Object\.fromEntries/,
  })
for (const value of [null, true, {}, [['a']], new Date(0)])
  rejects(`query value ${show(value)}`, put(OBJECT, { query: { a: value } }), TYPE, 'options.query["a"]', 'type')

describe.each(ENTRIES)('%s rejects', (specifier, entry) => {
  const own = rows.filter(({ only = specifier }) => only === specifier)
  it.each(own.map((row) => [row.what, row] as const))('%s', async (_, row) => {
    const promised = specifier === 'sigv4' && !row.what.startsWith('objectUrl')
    let returned: unknown
    try {
      returned = row.call(entry)
    } catch (error) {
      expect(promised, `thrown instead of rejected: ${error}`).toBe(false)
      check(error, row)
      return
    }
    expect(promised, `returned ${show(returned)}`).toBe(true)
    check(
      await (returned as Promise<unknown>).then(
        (result) => expect.unreachable(`returned ${show(result)}`),
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

  it('passes on an error of the credential provider', async () => {
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
      await expect(asynchronous.deriveSigningKey(both, { credentials })).rejects.toBe(error)
    }
  })

  it.each([
    ['crypto', undefined],
    ['crypto.subtle', {}],
  ])('names sigv4/sync in the error without %s and node:crypto', async (_, stub) => {
    vi.stubGlobal('crypto', stub)
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
    const row = {
      code: 'ERR_SIGV4_CRYPTO_UNAVAILABLE',
      argument: 'crypto.subtle',
      reason: 'missing',
      hint: /'sigv4\/sync'/,
    } as const
    const credentials = { ...CREDENTIALS }
    const caught = (call: Promise<unknown>) => call.catch((error) => error)
    check(await caught(asynchronous.presignGet(OBJECT, { credentials })), row)
    check(await caught(asynchronous.sign({ url: S3 }, { credentials })), row)
    check(await caught(asynchronous.deriveSigningKey(both, { credentials })), row)
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
    // the failure is not cached with the credentials
    await expect(asynchronous.presignGet(OBJECT, { credentials })).resolves.toHaveProperty('url')
  })

  it('leaves no unhandled rejection', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    vi.stubGlobal('crypto', {})
    await asynchronous.presignGet(OBJECT, { credentials: { ...CREDENTIALS } }).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

describe('a name in a message', () => {
  it('contains no character that a terminal would interpret', () => {
    const name = '\u001b[31m\u009b1m\u202eabc\u2066'
    const calls = [
      () => synchronous.presignPut(OBJECT, { credentials: CREDENTIALS, headers: { [name]: 'x' } }),
      () => synchronous.presignPut(OBJECT, { credentials: CREDENTIALS, query: { [name]: true as never } }),
      () => synchronous.presignPost(OBJECT, { credentials: CREDENTIALS, fields: { [name]: 'x' } }),
      () => synchronous.presignPost(OBJECT, { credentials: CREDENTIALS, conditions: [[name as 'eq', '$a', 'b']] }),
    ]
    for (const call of calls) {
      let error: synchronous.SigV4Error | undefined
      try {
        call()
      } catch (thrown) {
        error = thrown as synchronous.SigV4Error
      }
      for (const text of [error?.message, error?.argument]) expect(text).toMatch(/^[ -~]+$/)
      expect(error?.message).toContain('1m[hidden]abc[hidden]')
    }
  })

  it('keeps its case', () => {
    expect(() => synchronous.presignPut(OBJECT, { credentials: CREDENTIALS, headers: { 'Sp ace': 'x' } })).toThrow(
      'Sp ace',
    )
  })
})

describe('sigv4/sync in a realm with nothing but ECMAScript', () => {
  const realm = createContext({})
  let elsewhere: typeof synchronous

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: "import * as sync from './src/sync.ts'; globalThis.sync = sync", resolveDir: '.' },
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2020',
      absWorkingDir: new URL('../..', import.meta.url).pathname,
      logLevel: 'error',
    })
    runInContext(outputFiles[0]!.text, realm)
    elsewhere = (realm as { sync: typeof synchronous }).sync
  })

  it('has no web or Node globals', () => {
    const names = ['URL', 'TextEncoder', 'crypto', 'Headers', 'process', 'Buffer', 'setTimeout']
    expect(runInContext(`[${names.map((name) => `typeof ${name}`)}].join()`, realm)).toBe(
      names.fill('undefined').join(),
    )
  })

  it('returns the same bytes', () => {
    const target = { ...OBJECT, key: 'résumé (1) 😀.pdf' }
    const options = { credentials: CREDENTIALS, now: DATE.getTime() }
    const bound = { ...options, contentType: 'application/pdf' }
    expect({ ...elsewhere.presignPut(target, bound) }).toEqual({ ...synchronous.presignPut(target, bound) })
    const request = { url: S3, body: 'é' }
    expect(elsewhere.sign(request, options)).toEqual(synchronous.sign(request, options))
    expect(elsewhere.deriveSigningKey(both, { credentials: CREDENTIALS }).key.length).toBe(32)
  })

  it('throws errors that isSigV4Error recognizes across realms', () => {
    const caught = runInContext(
      "try { sync.presignGet('https://example.com/', { credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }) } catch (error) { error }",
      realm,
    )
    expect(caught).not.toBeInstanceOf(Error)
    expect(caught).not.toBeInstanceOf(synchronous.SigV4Error)
    expect(synchronous.isSigV4Error(caught)).toBe(true)
    expect(asynchronous.isSigV4Error(caught)).toBe(true)
    expect({ ...caught }).toMatchObject({ code: SCOPE_UNKNOWN, argument: 'options.region', reason: 'missing' })
  })

  it('accepts bytes, dates and signing keys from a different realm', () => {
    const bytes = runInContext('Uint8Array.from([97, 98])', realm)
    const date = runInContext('new Date(1440938160000)', realm)
    const options = { credentials: CREDENTIALS, now: date }
    expect(synchronous.sign({ url: S3, body: bytes }, options).headers).toEqual(
      synchronous.sign({ url: S3, body: 'ab' }, { ...options, now: DATE }).headers,
    )
    const expires = runInContext('new Date(1440938220000)', realm)
    expect(synchronous.presignGet(OBJECT, { ...options, expires }).url).toContain('X-Amz-Expires=60&')
    const key = runInContext('sync.deriveSigningKey', realm)(
      { ...both, date: '20150830' },
      { credentials: CREDENTIALS },
    )
    const scoped = { accessKeyId: 'AKIDEXAMPLE', sessionToken: TOKEN, signingKey: key }
    expect(synchronous.presignGet(OBJECT, { credentials: scoped, now: DATE })).toEqual(
      synchronous.presignGet(OBJECT, { credentials: CREDENTIALS, now: DATE }),
    )
  })
})

describe('isSigV4Error', () => {
  it('returns true for errors of this library only', () => {
    const code = 'ERR_SIGV4_SCOPE_UNKNOWN'
    expect(synchronous.isSigV4Error(new synchronous.SigV4Error(code, 'a'))).toBe(true)
    expect(asynchronous.isSigV4Error(new synchronous.SigV4Error(code, 'a'))).toBe(true)
    const foreignErrors = [
      undefined,
      null,
      5,
      code,
      {},
      new Error(code),
      Object.assign(new TypeError('a'), { code: 'ERR_INVALID_ARG_VALUE' }),
      Object.assign(new Error('a'), { code: 'OTHER_ERR_SIGV4_SCOPE_UNKNOWN' }),
    ]
    for (const foreignError of foreignErrors) expect(synchronous.isSigV4Error(foreignError)).toBe(false)
  })

  it('recognizes an error that was passed on as a cause', () => {
    const cause = new Error('why')
    const error = new synchronous.SigV4Error('ERR_SIGV4_SCOPE_UNKNOWN', 'a', { cause })
    expect(error.cause).toBe(cause)
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe('SigV4Error: a')
  })
})
