import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  base64,
  byBytes,
  type CanonicalParts,
  canonicalLines,
  canonicalPairs,
  canonicalParameters,
  chain,
  type Data,
  EMPTY_HASH,
  encode,
  headerBlock,
  hmac,
  hmacHex,
  joinParameters,
  type MacInput,
  type Pair,
  RIGHT,
  sha256,
  signedPairs,
  sortParameters,
  UNSIGNED_PAYLOAD,
} from '../../../../../../test/support/oracle.ts'
import type { Change, ClientRequest, Scope } from './client.ts'

// Mistakes in assembling the strings to sign, from public threads and from misreadings of AWS's documentation: the rows
// are in fixtures/mistakes, and each is the oracle with the steps replaced that stand here under its name.
//
// One third of the rows is set aside: `isSetAside` of a row is computed from the hash of its name. The author of the
// search for mistakes must not look at the rows and cases that are set aside before the last run, nor tune the search
// to them, so that they show what it finds in requests that it was not written for.
//
// Each row changes the signature and nothing else of the request. Where a real client would also send something
// malformed (such as a list of signed headers with spaces), a service would report another error, and explain has other
// evidence; the rows here are about the strings alone.

/** The part of the assembly that is wrong. */
export type Aspect = 'canonical request' | 'payload hash' | 'string to sign' | 'key' | 'signature' | 'policy'

export interface Mistake {
  readonly name: string
  /** What the client did wrong, in one sentence. */
  readonly says: string
  /** A thread, or the section whose misreading leads to the mistake. */
  readonly source: string
  readonly aspect: Aspect
  /** Whether a client could make the mistake with this request, and the service would report a wrong signature. */
  applies(request: ClientRequest): boolean
  readonly change: Change
}

/** What the words of the column `requests` ask of a request; `!` negates one. */
const WORDS: Record<string, (request: ClientRequest) => boolean> = {
  any: () => true,
  canonical: ({ location }) => location !== 'form',
  header: ({ location }) => location === 'header',
  presigned: ({ location }) => location === 'query',
  form: ({ location }) => location === 'form',
  s3: ({ scope }) => scope[2] === 's3',
  query: ({ location, query }) => location !== 'form' && query.length > 0,
  path: ({ location, path }) => location !== 'form' && path !== '/',
  slash: ({ path }) => path.endsWith('/'),
  'bucket-in-path': ({ bucket, path }) => path.startsWith(`/${bucket}/`),
  'bucket-in-host': ({ bucket, host }) => bucket !== undefined && host.startsWith(`${bucket}.`),
  port: ({ host }) => /:\d+$/.test(host),
  headers: ({ signedHeaders }) => signedHeaders.length > 1,
  token: ({ sessionToken }) => sessionToken !== undefined,
  /** A header states the payload hash, so that a different one would not only be a mistake of the strings. */
  hash: ({ headers }) => headers.some(([name]) => name.toLowerCase() === 'x-amz-content-sha256'),
  unsigned: ({ payloadHash }) => payloadHash === UNSIGNED_PAYLOAD,
  body: ({ body }) => body !== '',
  json: ({ body }) => body.startsWith('{'),
  pairs: ({ body }) => /^[\w.-]+=/.test(body),
}

/** Changes the six parts before they are joined. */
const withParts = (change: (parts: CanonicalParts) => Partial<CanonicalParts>): Change => ({
  canonicalRequest: (parts, request) => RIGHT.canonicalRequest({ ...parts, ...change(parts) }, request),
})

const withoutLine = (line: number): Change => ({
  canonicalRequest: (parts) =>
    canonicalLines(parts)
      .filter((_, index) => index !== line)
      .join('\n'),
})

/** Changes the finished canonical request. */
const rewritten = (change: (canonicalRequest: string) => string): Change => ({
  canonicalRequest: (parts, request) => change(RIGHT.canonicalRequest(parts, request)),
})

/** Changes the finished string to sign. */
const restrung = (change: (lines: string[]) => string): Change => ({
  stringToSign: (parts, request, canonicalRequest) =>
    change(RIGHT.stringToSign(parts, request, canonicalRequest).split('\n')),
})

const withScope = (change: (request: ClientRequest) => string): Change => ({ scope: change })

const withUri = (change: (uri: string, request: ClientRequest) => string): Change => ({
  canonicalUri: (request) => change(RIGHT.canonicalUri(request), request),
})

/** Changes the lines of the canonical headers. */
const withHeaders = (change: (pairs: Pair[], request: ClientRequest) => Pair[]): Change => ({
  canonicalHeaders: (request) => headerBlock(change([...canonicalPairs(request)], request)),
})

/** Changes the signed headers as sent, before their names are in lowercase and sorted. */
const withHeadersAsSent = (change: (pairs: Pair[]) => Pair[]): Change => ({
  canonicalHeaders: (request) => headerBlock(change(signedPairs(request))),
})
const withNamesAsSent = (change: (names: string[]) => string[]): Change => ({
  signedHeaders: (request) => change(signedPairs(request).map(([name]) => name)).join(';'),
})
const byLowercase = (a: string, b: string): number => byBytes(a.toLowerCase(), b.toLowerCase())
const sortByLowercase = (pairs: Pair[]): Pair[] => pairs.sort(([a], [b]) => byLowercase(a, b))
/** The first value of a header as sent. */
const sentValue = (name: string, { headers }: ClientRequest): string =>
  headers.find(([sent]) => sent.toLowerCase() === name)![1]
const lowercase = ([name, value]: Pair): Pair => [name.toLowerCase(), value]

const withQuery = (change: (parameters: Pair[], request: ClientRequest) => Pair[]): Change => ({
  canonicalQuery: (request) => joinParameters(change(sortParameters(canonicalParameters(request)), request)),
})

const withQueryString = (change: (query: string) => string): Change => ({
  canonicalQuery: (request) => change(RIGHT.canonicalQuery(request)),
})

/** Changes the value of a header or parameter. */
const only = (wanted: string, change: (value: string) => string) => (pairs: Pair[]) =>
  pairs.map(([name, value]): Pair => [name, name === wanted ? change(value) : value])
const without = (unwanted: string) => (pairs: Pair[]) => pairs.filter(([name]) => name !== unwanted)

const withHost = (change: (host: string, request: ClientRequest) => string): Change =>
  withHeaders((pairs, request) => only('host', (host) => change(host, request))(pairs))

const withKey = (change: (request: ClientRequest) => Data): Change => ({ key: change })
const withKeyParts = (change: (parts: Scope, request: ClientRequest) => readonly string[]): Change =>
  withKey((request) => chain(`AWS4${request.secretAccessKey}`, change(request.scope, request)))
const withSecret = (change: (secret: string) => string): Change =>
  withKey((request) => chain(change(request.secretAccessKey), request.scope))
const withMac = (change: (input: MacInput) => string): Change => ({ signature: change })
const withPayload = (change: (request: ClientRequest) => string): Change => ({ payloadHash: change })

/** Derives a key in steps whose results are encoded as strings before the next step uses them. */
const encodedKeys = (encoding: BufferEncoding, isLastRaw = false): Change =>
  withKey((request) => {
    let key = `AWS4${request.secretAccessKey}`
    for (const part of request.scope) key = hmac(key, part).toString(encoding)
    return isLastRaw ? Buffer.from(key, encoding) : key
  })

const swappedDerivation: Change = withKey((request) =>
  request.scope.reduce<Buffer>((key, part) => hmac(part, key), Buffer.from(`AWS4${request.secretAccessKey}`)),
)
const swappedLast: Change = withMac(({ key, stringToSign }) => hmacHex(stringToSign, key))

/** Encodes as `encodeURIComponent` of JavaScript does. */
const encodeLoosely = (value: string, kept = ''): string => encode(value, `!'()*${kept}`)

/** Prints JSON as Python's `json.dumps` does: a space after each colon and comma. */
function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${spacedJson(member)}`)
    .join(', ')}}`
}

const lowercaseEscapes = (value: string): string => value.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase())
const portOf = ({ scheme }: ClientRequest): string => (scheme === 'https' ? '443' : '80')

/** The steps that a row replaces. */
const CHANGES: Record<string, Change> = {
  // ---- The canonical request, but for its last line ----

  'no-empty-line-after-headers': withParts(({ headers }) => ({ headers: headers.slice(0, -1) })),
  'two-empty-lines-after-headers': withParts(({ headers }) => ({ headers: `${headers}\n` })),
  'empty-query-line-missing': withoutLine(2),
  'query-left-out': { canonicalQuery: () => '' },
  'signed-headers-line-missing': withoutLine(4),
  'payload-hash-line-missing': withoutLine(5),
  'payload-hash-line-empty': withPayload(() => ''),
  'line-feed-after-canonical-request': rewritten((canonicalRequest) => `${canonicalRequest}\n`),
  'template-literal-with-outer-line-feeds': rewritten((canonicalRequest) => `\n${canonicalRequest}\n`),
  'indented-canonical-request': rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\n    ')),
  'crlf-throughout': {
    ...rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\r\n')),
    ...restrung((lines) => lines.join('\r\n')),
  },
  'crlf-in-canonical-request': rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\r\n')),
  'carriage-returns-as-line-ends': {
    ...rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\r')),
    ...restrung((lines) => lines.join('\r')),
  },
  'backslash-n-in-canonical-request': rewritten((canonicalRequest) => canonicalRequest.replaceAll('\n', '\\n')),
  'header-lines-run-together': {
    canonicalHeaders: (request) => `${headerBlock(canonicalPairs(request)).replaceAll('\n', '')}\n`,
  },
  'method-in-lowercase': { method: ({ method }) => method.toLowerCase() },
  'full-url-in-path-line': { canonicalUri: ({ scheme, host, path }) => `${scheme}://${host}${path}` },
  'host-and-path-in-path-line': withUri((uri, request) => `${request.host}${uri}`),
  'host-in-path-line': { canonicalUri: ({ host }) => host },
  'query-in-path-line': {
    canonicalUri: (request) => `${RIGHT.canonicalUri(request)}?${joinParameters(canonicalParameters(request))}`,
    canonicalQuery: () => '',
  },
  'query-in-both-lines': withUri((uri, request) => `${uri}?${joinParameters(canonicalParameters(request))}`),
  'path-without-leading-slash': withUri((uri) => uri.slice(1)),
  'root-path-empty': { canonicalUri: () => '' },
  'slash-after-path': withUri((uri) => `${uri}/`),
  'bucket-missing-from-path': withUri((uri, request) => uri.slice(request.bucket!.length + 1)),
  'bucket-added-to-path': withUri((uri, request) => `/${request.bucket}${uri}`),
  'path-not-encoded-again': { canonicalUri: ({ path }) => path },
  's3-path-encoded-again': withUri((uri) => encode(uri, '/')),
  'path-decoded': { canonicalUri: ({ path }) => decodeURIComponent(path) },
  'path-slashes-encoded': withUri((uri) => `/${uri.slice(1).replaceAll('/', '%2F')}`),
  'path-spaces-as-plus': withUri((uri) => uri.replaceAll('%20', '+')),
  'path-punctuation-not-encoded': { canonicalUri: ({ path }) => encodeLoosely(decodeURIComponent(path), '/') },
  'path-reserved-characters-not-encoded': { canonicalUri: ({ path }) => encode(decodeURIComponent(path), '/=:@+,&$;') },
  'path-escapes-in-lowercase': withUri((uri) => lowercaseEscapes(uri)),
  'query-unsorted': { canonicalQuery: (request) => joinParameters(canonicalParameters(request)) },
  'query-sorted-as-pairs': {
    canonicalQuery: (request) =>
      canonicalParameters(request)
        .map(([name, value]) => `${name}=${value}`)
        .sort(byBytes)
        .join('&'),
  },
  'query-sorted-without-case': withQuery((parameters) =>
    parameters.sort(([a], [b]) => byLowercase(a, b) || byBytes(a, b)),
  ),
  'query-spaces-as-plus': withQueryString((query) => query.replaceAll('%20', '+')),
  'query-decoded': withQuery((parameters) =>
    parameters.map(([name, value]) => [decodeURIComponent(name), decodeURIComponent(value)]),
  ),
  'query-encoded-again': withQuery((parameters) => parameters.map(([name, value]) => [encode(name), encode(value)])),
  'query-punctuation-not-encoded': withQuery((parameters) =>
    parameters.map(([name, value]) => [
      encodeLoosely(decodeURIComponent(name)),
      encodeLoosely(decodeURIComponent(value)),
    ]),
  ),
  'query-escapes-in-lowercase': withQueryString((query) => lowercaseEscapes(query)),
  'valueless-parameter-without-equals-sign': {
    canonicalQuery: (request) => {
      const bare = new Set(
        request.query.filter(([, value]) => value === undefined).map(([name]) => encode(decodeURIComponent(name))),
      )
      return sortParameters(canonicalParameters(request))
        .map(([name, value]) => (bare.has(name) ? name : `${name}=${value}`))
        .join('&')
    },
  },
  'question-mark-in-query-line': withQueryString((query) => `?${query}`),
  'ampersand-after-query': withQueryString((query) => `${query}&`),
  'headers-in-query-line': {
    canonicalQuery: (request) => joinParameters(canonicalPairs(request).map(([name, value]) => [name, encode(value)])),
  },
  'body-in-query-line': { canonicalQuery: ({ body }) => body },
  'signature-parameter-in-query-line': withQuery((parameters) =>
    sortParameters([...parameters, ['X-Amz-Signature', '']]),
  ),
  'signed-headers-parameter-left-out': withQuery(without('X-Amz-SignedHeaders')),
  'expires-parameter-left-out': withQuery(without('X-Amz-Expires')),
  'signing-parameters-left-out': withQuery((parameters) => parameters.filter(([name]) => !name.startsWith('X-Amz-'))),
  'other-parameters-left-out': withQuery((parameters) => parameters.filter(([name]) => name.startsWith('X-Amz-'))),
  'credential-slashes-not-encoded': withQuery(only('X-Amz-Credential', decodeURIComponent)),
  'signed-headers-parameter-not-encoded': withQuery(only('X-Amz-SignedHeaders', decodeURIComponent)),
  'query-names-in-lowercase': withQuery((parameters) =>
    sortParameters(parameters.map(([name, value]) => [name.toLowerCase(), value])),
  ),
  'token-parameter-left-out': withQuery(without('X-Amz-Security-Token')),
  'token-parameter-not-encoded': withQuery(only('X-Amz-Security-Token', decodeURIComponent)),
  'header-names-as-sent': withHeadersAsSent(sortByLowercase),
  'signed-header-names-as-sent': withNamesAsSent((names) => names.sort(byLowercase)),
  'all-header-names-as-sent': {
    ...withHeadersAsSent(sortByLowercase),
    ...withNamesAsSent((names) => names.sort(byLowercase)),
  },
  'headers-sorted-as-sent': {
    ...withHeadersAsSent((pairs) => pairs.sort(([a], [b]) => byBytes(a, b)).map(lowercase)),
    ...withNamesAsSent((names) => names.sort(byBytes).map((name) => name.toLowerCase())),
  },
  'headers-unsorted': withHeadersAsSent((pairs) => pairs.map(lowercase)),
  'headers-and-signed-headers-unsorted': {
    ...withHeadersAsSent((pairs) => pairs.map(lowercase)),
    ...withNamesAsSent((names) => names.map((name) => name.toLowerCase())),
  },
  'header-values-in-lowercase': { canonicalHeaders: (request) => headerBlock(canonicalPairs(request)).toLowerCase() },
  'header-values-not-trimmed': withHeaders((pairs, request) => pairs.map(([name]) => [name, sentValue(name, request)])),
  'spaces-in-header-values-kept': withHeaders((pairs, request) =>
    pairs.map(([name]) => [name, sentValue(name, request).trim()]),
  ),
  'space-after-header-colon': withHeaders((pairs) => pairs.map(([name, value]) => [name, ` ${value}`])),
  'last-header-left-out': withHeaders((pairs) => pairs.slice(0, -1)),
  'date-header-left-out': withHeaders(without('x-amz-date')),
  'token-header-left-out': withHeaders(without('x-amz-security-token')),
  'token-left-out-of-canonical-request': {
    ...withHeaders(without('x-amz-security-token')),
    signedHeaders: ({ signedHeaders }) => signedHeaders.filter((name) => name !== 'x-amz-security-token').join(';'),
  },
  'host-twice': {
    ...withHeaders((pairs) => pairs.flatMap((pair) => (pair[0] === 'host' ? [pair, pair] : [pair]))),
    signedHeaders: ({ signedHeaders }) =>
      signedHeaders.flatMap((name) => (name === 'host' ? [name, name] : [name])).join(';'),
  },
  'scheme-in-host': withHost((host, { scheme }) => `${scheme}://${host}`),
  'slash-after-host': withHost((host) => `${host}/`),
  'port-left-out': withHost((host) => host.replace(/:\d+$/, '')),
  'default-port-added': withHost((host, request) => `${host}:${portOf(request)}`),
  'content-length-in-characters': withHeaders((pairs, { body }) =>
    only('content-length', () => String(body.length))(pairs),
  ),
  'signed-headers-with-commas': { signedHeaders: ({ signedHeaders }) => signedHeaders.join(',') },
  'signed-headers-with-spaces': { signedHeaders: ({ signedHeaders }) => signedHeaders.join('; ') },
  'semicolon-after-signed-headers': { signedHeaders: (request) => `${RIGHT.signedHeaders(request)};` },
  'space-after-signed-headers': { signedHeaders: (request) => `${RIGHT.signedHeaders(request)} ` },
  'signed-headers-with-label': { signedHeaders: (request) => `SignedHeaders=${RIGHT.signedHeaders(request)}` },

  // ---- The last line of the canonical request ----

  'payload-hash-in-base64': withPayload(({ body }) => Buffer.from(sha256(body), 'hex').toString('base64')),
  'payload-hash-in-uppercase': withPayload(({ body }) => sha256(body).toUpperCase()),
  'body-instead-of-hash': withPayload(({ body }) => body),
  'payload-hash-of-nothing': withPayload(() => EMPTY_HASH),
  'payload-hash-of-undefined': withPayload(() => sha256('undefined')),
  'payload-hash-of-empty-object': withPayload(() => sha256('{}')),
  'payload-hash-of-object-string': withPayload(() => sha256('[object Object]')),
  'payload-hash-of-spaced-json': withPayload(({ body }) => sha256(spacedJson(JSON.parse(body)))),
  'payload-hash-of-quoted-json': withPayload(({ body }) => sha256(JSON.stringify(body))),
  'payload-hash-with-line-feed': withPayload(({ body }) => sha256(`${body}\n`)),
  'payload-hashed-twice': withPayload(({ body }) => sha256(sha256(body))),
  'payload-hash-of-latin-1': withPayload(({ body }) => sha256(Buffer.from(body, 'latin1'))),
  'unsigned-payload-instead-of-hash': withPayload(() => UNSIGNED_PAYLOAD),
  'hash-instead-of-unsigned-payload': withPayload(() => EMPTY_HASH),
  'body-hash-instead-of-unsigned-payload': withPayload(({ body }) => sha256(body)),
  'unsigned-payload-with-space': withPayload(() => 'UNSIGNED PAYLOAD'),
  'unsigned-payload-hashed': withPayload(() => sha256(UNSIGNED_PAYLOAD)),

  // ---- The string to sign ----

  'canonical-request-not-hashed': { requestHash: (canonicalRequest) => canonicalRequest },
  'canonical-request-hashed-twice': { requestHash: (canonicalRequest) => sha256(sha256(canonicalRequest)) },
  'canonical-request-hash-in-base64': {
    requestHash: (canonicalRequest) => Buffer.from(sha256(canonicalRequest), 'hex').toString('base64'),
  },
  'canonical-request-hash-in-uppercase': { requestHash: (canonicalRequest) => sha256(canonicalRequest).toUpperCase() },
  'canonical-request-hash-as-bytes': {
    requestHash: (canonicalRequest) => Buffer.from(sha256(canonicalRequest), 'hex').toString(),
  },
  'canonical-request-hmac': { requestHash: (canonicalRequest) => hmacHex('1', canonicalRequest) },
  'algorithm-line-missing': restrung((lines) => lines.slice(1).join('\n')),
  'date-line-missing': restrung(([algorithm, , ...rest]) => [algorithm, ...rest].join('\n')),
  'date-line-without-time': restrung(([algorithm, date, ...rest]) =>
    [algorithm, date!.slice(0, 8), ...rest].join('\n'),
  ),
  'date-line-with-separators': restrung(([algorithm, date, ...rest]) =>
    [algorithm, date!.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'), ...rest].join('\n'),
  ),
  'scope-line-missing': restrung(([algorithm, date, , ...rest]) => [algorithm, date, ...rest].join('\n')),
  'hash-line-missing': restrung((lines) => lines.slice(0, 3).join('\n')),
  'scope-with-access-key-id': withScope((request) => `${request.accessKeyId}/${RIGHT.scope(request)}`),
  'scope-with-leading-slash': withScope((request) => `/${RIGHT.scope(request)}`),
  'scope-with-trailing-slash': withScope((request) => `${RIGHT.scope(request)}/`),
  'scope-without-aws4-request': withScope((request) => request.scope.slice(0, 3).join('/')),
  'scope-with-time': withScope((request) => [request.amzDate, ...request.scope.slice(1)].join('/')),
  'scope-service-before-region': withScope((request) => {
    const [date, region, service, end] = request.scope
    return [date, service, region, end].join('/')
  }),
  'line-feed-after-string-to-sign': restrung((lines) => `${lines.join('\n')}\n`),
  'crlf-in-string-to-sign': restrung((lines) => lines.join('\r\n')),
  'backslash-n-in-string-to-sign': restrung((lines) => lines.join('\\n')),
  'string-to-sign-with-spaces': restrung((lines) => lines.join(' ')),
  'string-to-sign-hashed-first': withMac(({ key, stringToSign }) => hmacHex(key, sha256(stringToSign))),
  'canonical-request-signed': withMac(({ key, canonicalRequest }) => hmacHex(key, canonicalRequest)),

  // ---- The signing key ----

  'hmac-arguments-swapped-throughout': { ...swappedDerivation, ...swappedLast },
  'hmac-arguments-swapped-in-derivation': swappedDerivation,
  'hmac-arguments-swapped-in-last-step': swappedLast,
  'hex-keys-throughout': encodedKeys('hex'),
  'hex-keys-in-derivation': encodedKeys('hex', true),
  'hex-signing-key': withKey((request) => (RIGHT.key(request) as Buffer).toString('hex')),
  'base64-keys-throughout': encodedKeys('base64'),
  'keys-as-utf-8-strings': encodedKeys('utf8'),
  'derivation-region-before-date': withKeyParts(([date, region, service, end]) => [region, date, service, end]),
  'derivation-service-before-region': withKeyParts(([date, region, service, end]) => [date, service, region, end]),
  'derivation-without-aws4-request': withKeyParts((parts) => parts.slice(0, 3)),
  'derivation-without-service': withKeyParts(([date, region, , end]) => [date, region, end]),
  'derivation-without-region': withKeyParts(([date, , service, end]) => [date, service, end]),
  'derivation-without-date': withKeyParts((parts) => parts.slice(1)),
  'derivation-with-time': withKeyParts(([, ...rest], { amzDate }) => [amzDate, ...rest]),
  'derivation-with-hyphens-in-date': withKeyParts(([date, ...rest]) => [
    date.replace(/^(....)(..)(..)$/, '$1-$2-$3'),
    ...rest,
  ]),
  'derivation-service-in-uppercase': withKeyParts(([date, region, service, end]) => [
    date,
    region,
    service.toUpperCase(),
    end,
  ]),
  'derivation-in-one-step': withKeyParts((parts) => [parts.join('/')]),
  'secret-without-aws4-prefix': withSecret((secret) => secret),
  'secret-with-lowercase-prefix': withSecret((secret) => `aws4${secret}`),
  'no-derivation': withKey(({ secretAccessKey }) => `AWS4${secretAccessKey}`),
  'secret-as-signing-key': withKey(({ secretAccessKey }) => secretAccessKey),

  // ---- The signature ----

  'signature-in-base64': withMac(({ key, stringToSign }) => hmac(key, stringToSign).toString('base64')),
  'signature-in-uppercase': withMac(({ key, stringToSign }) => hmacHex(key, stringToSign).toUpperCase()),
  'signature-hex-in-base64': withMac(({ key, stringToSign }) => base64(hmacHex(key, stringToSign))),
  'signature-with-sha-1': withMac(({ key, stringToSign }) =>
    createHmac('sha1', key).update(stringToSign).digest('hex'),
  ),

  // ---- The policy of a form ----

  'policy-json-signed': { policyToSign: ({ policy }) => policy! },
  'policy-with-line-breaks-signed': {
    policyToSign: (request) => RIGHT.policyToSign(request).replace(/.{1,76}/g, '$&\n'),
  },
  'policy-with-short-lines-signed': {
    policyToSign: (request) => RIGHT.policyToSign(request).replace(/.{1,60}/g, '$&\n'),
  },
  'line-feed-after-policy': { policyToSign: (request) => `${RIGHT.policyToSign(request)}\n` },
  'policy-hashed-first': { policyToSign: (request) => sha256(RIGHT.policyToSign(request)) },
  'string-to-sign-instead-of-policy': {
    policyToSign: (request) =>
      ['AWS4-HMAC-SHA256', request.amzDate, RIGHT.scope(request), sha256(RIGHT.policyToSign(request))].join('\n'),
  },
  'policy-in-base64-twice-signed': { policyToSign: (request) => base64(RIGHT.policyToSign(request)) },
  'policy-in-url-safe-base64-signed': { policyToSign: ({ policy }) => Buffer.from(policy!).toString('base64url') },
  'policy-serialized-again': { policyToSign: ({ policy }) => base64(spacedJson(JSON.parse(policy!))) },
  'policy-with-escaped-base64-signed': { policyToSign: (request) => encode(RIGHT.policyToSign(request)) },
}

const ROWS = new URL('../../../../fixtures/mistakes/mistakes.tsv', import.meta.url)

export const MISTAKES: readonly Mistake[] = readFileSync(ROWS, 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [aspect, name, requests, says, source] = line.split('\t') as [Aspect, string, string, string, string]
    const change = CHANGES[name]
    const words = requests.split(' ').map((word) => [WORDS[word.replace('!', '')], word.startsWith('!')] as const)
    if (change === undefined || words.some(([asks]) => asks === undefined)) throw new Error(`not a row: ${line}`)
    const applies = (request: ClientRequest): boolean => words.every(([asks, isNot]) => asks!(request) !== isNot)
    return { name, says, source, aspect, applies, change }
  })

/** Names of the rows that are set aside: the third with the lowest hashes. */
export const SET_ASIDE: ReadonlySet<string> = new Set(
  MISTAKES.map(({ name }) => name)
    .sort((a, b) => byBytes(sha256(a), sha256(b)))
    .slice(0, MISTAKES.length / 3),
)

export const isSetAside = (name: string): boolean => SET_ASIDE.has(name)
