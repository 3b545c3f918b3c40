import { describe, expect, it } from 'vitest'
import type { HeaderRecord } from '../src/core/http/headers.ts'
import { formatQuery, parseQuery, sortPairs } from '../src/core/http/query.ts'
import {
  canonicalHeaders,
  canonicalUri,
  formatCanonicalRequest,
  type PathEncoding,
  type PathNormalization,
} from '../src/core/signing/canonical-request.ts'
import { presignedQuery, tokenParameter } from '../src/core/signing/presign.ts'
import { ALGORITHM, formatStringToSign } from '../src/core/signing/string-to-sign.ts'
import * as sha256 from '../src/crypto/sha256.ts'
import * as webcrypto from '../src/crypto/webcrypto.ts'
import * as asynchronous from '../src/index.ts'
import * as synchronous from '../src/sync.ts'
import {
  type DocKey,
  type DocPolicy,
  type DocRequest,
  docExamples,
  type Location,
  type Pair,
  parseWireRequest,
  type SuiteCase,
  type SuiteContext,
  type SuiteResult,
  suiteCases,
  suiteContext,
  type WireRequest,
} from './support/fixtures.ts'
import { EMPTY_HASH, encode, sha256 as hashOf, signatureOf } from './support/oracle.ts'

const LOCATIONS: Location[] = ['header', 'query']

// ---- What is tested: the core with either crypto implementation, and the public entries ----

interface Room<Key> {
  sha256Hex(data: string): string | Promise<string>
  hmacKey(bytes: Uint8Array): Key | Promise<Key>
  hmacHex(key: Key, text: string): string | Promise<string>
  deriveSigningKey(secretAccessKey: string, parts: readonly string[]): Uint8Array | Promise<Uint8Array>
}

interface Entry {
  sign(
    request: { method: string; url: string; headers: Pair[]; body?: string },
    options: asynchronous.SignOptions,
  ): Signed | Promise<Signed>
  presign(method: string, url: string, options: asynchronous.PresignOptions): Signed | Promise<Signed>
  presignGet(target: asynchronous.S3Object, options: asynchronous.PresignOptions): Signed | Promise<Signed>
  deriveSigningKey(
    scope: { date: string; region: string; service: string },
    options: { credentials: { accessKeyId: string; secretAccessKey: string } },
  ): { key: Uint8Array } | Promise<{ key: Uint8Array }>
}

interface Signed {
  method: string
  url: string
  headers: Record<string, string>
}

const SIDES: { side: string; implementation: Room<unknown>; entry: Entry }[] = [
  { side: 'asynchronous', implementation: webcrypto, entry: asynchronous },
  { side: 'synchronous', implementation: sha256, entry: synchronous },
]

/** What signing requires in addition to the request. */
interface VectorContext {
  amzDate: string
  scope: string
  accessKeyId: string
  /** The security token if it is signed. */
  sessionToken?: string | undefined
  pathEncoding: PathEncoding
  pathNormalization: PathNormalization
}

/** A request as sent, how it is signed, and its four recorded stages. */
interface Vector {
  location: Location
  request: WireRequest
  payloadHash: string
  payloadHashHeader: boolean
  context: VectorContext
  secretAccessKey: string
  /** Sent, not signed. */
  appendedToken?: string | undefined
  expires: number
  canonicalRequest: string
  stringToSign: string
  signature: string
}

interface Stages {
  canonicalRequest: string
  stringToSign: string
  signature: string
  query: string
  headers: Pair[]
}

/** Signs a vector through the core. */
async function throughCore(vector: Vector, implementation: Room<unknown>): Promise<Stages> {
  const { request, context, location, appendedToken } = vector
  const [path, query = ''] = splitTarget(request.target)
  const added: Pair[] = []
  if (location === 'header') {
    added.push(['x-amz-date', context.amzDate])
    if (vector.payloadHashHeader) added.push(['x-amz-content-sha256', vector.payloadHash])
    if (context.sessionToken) added.push(['x-amz-security-token', context.sessionToken])
  }
  const headers = joined([...request.headers, ...added])
  const { amzDate, scope, accessKeyId, sessionToken, pathEncoding, pathNormalization } = context
  const signing = { algorithm: ALGORITHM, amzDate, scope }
  const [date, region, service] = scope.split('/') as [string, string, string]
  const names = Object.keys(headers).sort()
  const signedHeaders = names.join(';')
  const canonicalQuery =
    location === 'query'
      ? presignedQuery(
          parseQuery(query),
          { ...signing, date, region, service },
          {
            accessKeyId,
            expires: vector.expires,
            token: tokenParameter('x-amz-security-token', sessionToken),
            names,
          },
        )
      : formatQuery(sortPairs(parseQuery(query)))
  const canonicalRequest = formatCanonicalRequest({
    method: request.method,
    uri: canonicalUri(path, pathEncoding, pathNormalization),
    query: canonicalQuery,
    headers: canonicalHeaders(headers, names),
    signedHeaders,
    payloadHash: vector.payloadHash,
  })
  const toSign = formatStringToSign(signing, await implementation.sha256Hex(canonicalRequest))
  const key = await implementation.hmacKey(
    await implementation.deriveSigningKey(vector.secretAccessKey, context.scope.split('/')),
  )
  const signature = await implementation.hmacHex(key, toSign)
  const token: Pair[] = appendedToken ? [['X-Amz-Security-Token', appendedToken]] : []
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`
  return {
    canonicalRequest,
    stringToSign: toSign,
    signature,
    query:
      location === 'header'
        ? query
        : [
            canonicalQuery,
            `X-Amz-Signature=${signature}`,
            ...token.map(([n, v]) => `${n}=${encodeURIComponent(v)}`),
          ].join('&'),
    headers:
      location === 'query'
        ? request.headers
        : [...request.headers, ...added, ...token, ['authorization', authorization]],
  }
}

// ---- Helpers that only rearrange, and node:crypto ----

function splitTarget(target: string): [path: string, query?: string] {
  const at = target.indexOf('?')
  return at < 0 ? [target] : [target.slice(0, at), target.slice(at + 1)]
}

/** Joins values of one name by a comma, as `fetch` does. */
function joined(headers: readonly Pair[]): HeaderRecord {
  const record: HeaderRecord = {}
  for (const [given, value] of headers) {
    const name = given.toLowerCase()
    record[name] = name in record ? `${record[name]},${value.trim()}` : value.trim()
  }
  return record
}

/** Sorts header lines, to compare two sets of them. */
function headerSet(headers: readonly Pair[] | HeaderRecord): string[] {
  const pairs = Array.isArray(headers) ? (headers as Pair[]) : Object.entries(headers)
  return pairs.map(([name, value]) => `${name.toLowerCase()}: ${value.trim()}`).sort()
}

/** Decodes and sorts parameters. */
function querySet(query = ''): string[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => (part.includes('=') ? part : `${part}=`).split('=').map(decodeURIComponent).join(' = '))
    .sort()
}

function without(headers: readonly Pair[], ...names: string[]): Pair[] {
  return headers.filter(([name]) => !names.includes(name.toLowerCase()))
}

/** Computes the last two stages of a canonical request by node:crypto. */
function laterStages(canonicalRequest: string, { amzDate, scope }: VectorContext, secretAccessKey: string) {
  const text = ['AWS4-HMAC-SHA256', amzDate, scope, hashOf(canonicalRequest)].join('\n')
  return { stringToSign: text, signature: signatureOf(secretAccessKey, scope, text) }
}

// ---- AWS's signing test suite ----

/** Cases whose path is already encoded, and is encoded once. The suite leaves that to the test. */
const SINGLE = ['get-space-normalized']

interface SuiteVector extends Vector {
  name: string
  suite: SuiteContext
  signedRequest: WireRequest | undefined
}

function suiteVector(suiteCase: SuiteCase, location: Location): SuiteVector {
  const { name } = suiteCase
  const suite = suiteContext(suiteCase)
  const request = { ...suiteCase.request, headers: without(suiteCase.request.headers, 'x-amz-date') }
  const scope = `${suite.amzDate.slice(0, 8)}/${suite.region}/${suite.service}/aws4_request`
  const context: VectorContext = {
    amzDate: suite.amzDate,
    scope,
    accessKeyId: suite.accessKeyId,
    sessionToken: suite.omitSessionToken ? undefined : suite.sessionToken,
    pathEncoding: SINGLE.includes(name) ? 'single' : 'double',
    pathNormalization: suite.normalize ? 'rfc3986' : 'none',
  }
  const recorded = suiteCase[location]
  const canonicalRequest = recorded.canonicalRequest ?? queryCanonicalRequest(suiteCase, suite, scope)
  // double-encode-path records its canonical request for a different time than its signature
  const dated = canonicalRequest.replace(/x-amz-date:\d{8}T\d{6}Z/, `x-amz-date:${suite.amzDate}`)
  const later = laterStages(dated, context, suite.secretAccessKey)
  return {
    name,
    suite,
    location,
    request,
    payloadHash: suite.signBody ? hashOf(request.body) : EMPTY_HASH,
    payloadHashHeader: suite.signBody,
    context,
    secretAccessKey: suite.secretAccessKey,
    appendedToken: suite.omitSessionToken ? suite.sessionToken : undefined,
    expires: suite.expires,
    canonicalRequest: dated,
    stringToSign: recorded.stringToSign ?? later.stringToSign,
    signature: recorded.signature ?? recordedSignature(recorded) ?? later.signature,
    signedRequest: recorded.signedRequest,
  }
}

/** Returns the signature in a recorded signed request, for the cases without a file for it. */
function recordedSignature({ signedRequest }: SuiteResult): string | undefined {
  const authorization = signedRequest?.headers.find(([name]) => name.toLowerCase() === 'authorization')
  return /Signature=([\da-f]{64})$/.exec(authorization?.[1] ?? '')?.[1]
}

/** Returns the canonical request of the query location, for the two cases that only have the header location's. */
function queryCanonicalRequest({ header, request }: SuiteCase, suite: SuiteContext, scope: string): string {
  const [method, uri] = header.canonicalRequest!.split('\n')
  const credential = encodeURIComponent(`${suite.accessKeyId}/${scope}`)
  return [
    method,
    uri,
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${suite.amzDate}&X-Amz-Expires=${suite.expires}&X-Amz-SignedHeaders=host`,
    `host:${request.headers[0]![1]}`,
    '',
    'host',
    EMPTY_HASH,
  ].join('\n')
}

/**
 * What the public entries do not send as in the suite, and why. `fetch` would change such a request, so it is either
 * rejected or signed as `fetch` will send it.
 */
const BY_DESIGN: Record<string, { rejected: string } | { sentAs: string; because: string }> = {
  'get-header-value-multiline': {
    rejected: 'headers contain no line breaks: folding is obsolete (RFC 9112 section 5.2)',
  },
  'get-relative-unnormalized': { rejected: 'URL parsers resolve dot segments' },
  'get-relative-relative-unnormalized': { rejected: 'URL parsers resolve dot segments' },
  'get-slash-dot-slash-unnormalized': { rejected: 'URL parsers resolve dot segments' },
  'get-slash-pointless-dot-unnormalized': { rejected: 'URL parsers resolve dot segments' },
  'get-space-unnormalized': { sentAs: '/example%20space/', because: 'a space in a path is escaped before it is sent' },
  'get-utf8': { sentAs: '/%E1%88%B4', because: 'a path in UTF-8 is escaped before it is sent' },
}

const CASES = suiteCases()
const SUITE = CASES.flatMap((suiteCase) => LOCATIONS.map((location) => suiteVector(suiteCase, location)))

describe('the signing test suite', () => {
  it('is complete', () => {
    const files = (choose: (result: SuiteResult) => unknown): number[] =>
      LOCATIONS.map((location) => CASES.filter((suiteCase) => choose(suiteCase[location]) !== undefined).length)
    expect(CASES.length).toBe(40)
    expect(SUITE.length).toBe(80)
    expect(CASES.filter(({ context }) => context).length).toBe(38)
    expect(files(({ canonicalRequest }) => canonicalRequest)).toEqual([40, 38])
    expect(files((result) => result.stringToSign)).toEqual([39, 38])
    expect(files(({ signature }) => signature)).toEqual([38, 38])
    expect(files(({ signedRequest }) => signedRequest)).toEqual([40, 38])
  })

  it('matches node:crypto, so that it can replace the missing files', () => {
    for (const { name, canonicalRequest, context, secretAccessKey, ...vector } of SUITE)
      expect(laterStages(canonicalRequest, context, secretAccessKey), name).toEqual({
        stringToSign: vector.stringToSign,
        signature: vector.signature,
      })
  })

  it('has a body if a header declares its length', () => {
    const bodies = CASES.filter(({ request }) => request.body !== '')
    expect(bodies.map(({ name }) => name)).toEqual([
      'post-x-www-form-urlencoded',
      'post-x-www-form-urlencoded-parameters',
    ])
    for (const { request } of bodies)
      expect(Number(joined(request.headers)['content-length'])).toBe(Buffer.byteLength(request.body))
  })

  describe.each(SIDES)('through the core, $side', ({ implementation }) => {
    it.each(SUITE)('$name in the $location', async (vector) => {
      const stages = await throughCore(vector, implementation)
      expect(stages.canonicalRequest).toBe(vector.canonicalRequest)
      expect(stages.stringToSign).toBe(vector.stringToSign)
      expect(stages.signature).toBe(vector.signature)
      const { signedRequest } = vector
      if (!signedRequest) return
      const [path, query] = splitTarget(signedRequest.target)
      expect(decodeURIComponent(splitTarget(vector.request.target)[0])).toBe(decodeURIComponent(path))
      expect(querySet(stages.query)).toEqual(querySet(query))
      expect(headerSet(stages.headers)).toEqual(headerSet(signedRequest.headers))
      expect([vector.request.method, vector.request.body]).toEqual([signedRequest.method, signedRequest.body])
    })
  })

  describe.each(SIDES)('through the public entry, $side', ({ entry }) => {
    const send = ({ suite, request, location, context, appendedToken }: SuiteVector, single = false) => {
      const { accessKeyId, secretAccessKey, sessionToken } = suite
      const host = request.headers.find(([name]) => name.toLowerCase() === 'host')![1]
      const url = `https://${host}${request.target}`
      const headers = without(request.headers, 'host')
      const options = {
        credentials: sessionToken ? { accessKeyId, secretAccessKey, sessionToken } : { accessKeyId, secretAccessKey },
        region: suite.region,
        service: suite.service,
        now: new Date(suite.amzDate.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')),
        pathEncoding: single ? 'single' : context.pathEncoding,
        pathNormalization: context.pathNormalization,
        sessionTokenPlacement: appendedToken ? 'appended' : 'signed',
      } as const
      if (location === 'query') {
        const payloadHash = suite.signBody ? { payloadHash: hashOf(request.body) } : {}
        return entry.presign(request.method, url, { ...options, ...payloadHash, headers, expires: suite.expires })
      }
      const body = suite.signBody ? { body: request.body } : {}
      return entry.sign(
        { method: request.method, url, headers, ...body },
        { ...options, payloadHashHeader: suite.signBody },
      )
    }

    /** Returns the path that `fetch` sends for the target of a case. */
    const wirePath = (target: string): string =>
      new URL(`https://example.amazonaws.com${splitTarget(target)[0]}`).pathname

    /** Compares with the recorded request; `signature` may replace the recorded one. */
    const compare = (signed: Signed, vector: SuiteVector, signature = vector.signature) => {
      const { request, signedRequest, location, context } = vector
      const url = new URL(signed.url)
      expect(url.href).toBe(signed.url)
      expect(url.pathname).toBe(wirePath(request.target))
      expect(signed.method).toBe(request.method)
      expect(signed.headers['x-amz-date'] ?? url.searchParams.get('X-Amz-Date')).toBe(context.amzDate)
      const shown = location === 'query' ? url.searchParams.get('X-Amz-Signature') : signed.headers.authorization
      expect(shown).toMatch(new RegExp(`(^|Signature=)${signature}$`))
      if (!signedRequest) return
      const { target, headers }: WireRequest = JSON.parse(
        JSON.stringify(signedRequest).replaceAll(vector.signature, signature),
      )
      expect(querySet(url.search.slice(1))).toEqual(querySet(splitTarget(target)[1]))
      const expected = joined(without(headers, 'host'))
      // clients set it
      if (location === 'query') delete expected['content-length']
      expect(headerSet(signed.headers)).toEqual(headerSet(expected))
    }

    const sendable = SUITE.filter(({ name }) => !(name in BY_DESIGN))

    it('covers every case', () => {
      expect(sendable.length).toBe(66)
      expect(SUITE.length - sendable.length).toBe(2 * Object.keys(BY_DESIGN).length)
    })

    it.each(sendable)('$name in the $location', async (vector) => {
      compare(await send(vector), vector)
    })

    it.each(SUITE.filter(({ name }) => name in BY_DESIGN))('$name in the $location, by design', async (vector) => {
      const design = BY_DESIGN[vector.name]!
      if ('rejected' in design) {
        await expect(async () => send(vector), design.rejected).rejects.toMatchObject({
          name: 'SigV4Error',
          code: 'ERR_SIGV4_REQUEST_UNSENDABLE',
        })
        return
      }
      // The path is sent with escapes, which are encoded again: a different canonical request.
      const [, uri] = vector.canonicalRequest.split('\n')
      const changed = vector.canonicalRequest.replace(uri!, design.sentAs.replaceAll('%', '%25'))
      const { signature } = laterStages(changed, vector.context, vector.secretAccessKey)
      expect(signature, design.because).not.toBe(vector.signature)
      const signed = await send(vector)
      expect(new URL(signed.url).pathname).toBe(design.sentAs)
      compare(signed, vector, signature)
      // With a single encoding it is the suite's.
      compare(await send(vector, true), vector)
    })
  })
})

// ---- AWS's documentation ----

const DOCS = docExamples()
const DOC_REQUESTS = DOCS.filter((example): example is DocRequest => 'request' in example)
const DOC_POLICIES = DOCS.filter((example): example is DocPolicy => example.kind === 'post-policy')
const DOC_KEYS = DOCS.filter((example): example is DocKey => example.kind === 'signing-key')

function docTarget({ path, query }: DocRequest['request']): string {
  const search = query.map((pair) => pair.map((text) => encode(text)).join('=')).join('&')
  return encode(path, '/') + (search && `?${search}`)
}

function docVector({ kind, request, expected, credentials, ...example }: DocRequest): Vector {
  const location = kind === 'query' ? 'query' : 'header'
  const s3 = example.service === 's3'
  return {
    location,
    request: {
      method: request.method,
      target: docTarget(request),
      headers: without(request.headers, 'x-amz-date', 'x-amz-content-sha256'),
      body: request.body ?? '',
    },
    payloadHash: request.payloadHash ?? hashOf(request.body ?? ''),
    payloadHashHeader: 'x-amz-content-sha256' in joined(request.headers),
    context: {
      amzDate: example.amzDate,
      scope: `${example.amzDate.slice(0, 8)}/${example.region}/${example.service}/aws4_request`,
      accessKeyId: credentials.accessKeyId,
      pathEncoding: s3 ? 'single' : 'double',
      pathNormalization: s3 ? 'none' : 'rfc3986',
    },
    secretAccessKey: credentials.secretAccessKey,
    expires: example.expires ?? 0,
    canonicalRequest: expected.canonicalRequest,
    stringToSign: expected.stringToSign,
    signature: expected.signature,
  }
}

/** The pages show the parts of an Authorization header without spaces between them. */
function authorizationParts(authorization = ''): string[] {
  return authorization.split(/, ?/)
}

describe('the examples of the documentation', () => {
  it('are complete', () => {
    const kinds = DOCS.map(({ kind }) => kind)
    const count = (kind: string): number => kinds.filter((other) => other === kind).length
    expect([DOCS.length, ...['header', 'query', 'chunked', 'post-policy', 'signing-key'].map(count)]).toEqual([
      16, 8, 2, 2, 1, 3,
    ])
    expect([DOC_REQUESTS.length, DOC_POLICIES.length, DOC_KEYS.length]).toEqual([12, 1, 3])
    for (const { source } of DOCS) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//)
  })

  it('expect what the pages show', () => {
    for (const { id, published, expected } of DOCS) expect(expected, id).toMatchObject(published)
  })

  describe.each(SIDES)('through the core, $side', ({ implementation }) => {
    it.each(DOC_REQUESTS)('$id', async (example) => {
      const { expected } = example
      const vector = docVector(example)
      const stages = await throughCore(vector, implementation)
      expect(stages.canonicalRequest).toBe(expected.canonicalRequest)
      expect(await implementation.sha256Hex(stages.canonicalRequest)).toBe(expected.canonicalRequestHash)
      expect(stages.stringToSign).toBe(expected.stringToSign)
      expect(stages.signature).toBe(expected.signature)
      if (vector.location === 'query') {
        expect(querySet(stages.query)).toEqual(querySet(new URL(expected.url!).search.slice(1)))
      } else {
        const { authorization, ...headers } = joined(stages.headers)
        expect(authorizationParts(authorization)).toEqual(authorizationParts(expected.authorization))
        expect(headerSet(headers)).toEqual(headerSet(example.request.headers))
      }
    })

    it.each(DOC_POLICIES)('$id: the signature of the policy', async ({ expected, credentials, ...example }) => {
      const scope = `${example.amzDate.slice(0, 8)}/${example.region}/${example.service}/aws4_request`
      const key = await implementation.deriveSigningKey(credentials.secretAccessKey, scope.split('/'))
      expect(Buffer.from(key).toString('hex')).toBe(expected.signingKey)
      expect(await implementation.hmacHex(await implementation.hmacKey(key), expected.stringToSign)).toBe(
        expected.signature,
      )
      expect(example.published.signature).toBe(expected.signature)
    })

    it.each(DOC_KEYS)('$id', async ({ secretAccessKey, date, region, service, expected }) => {
      const key = await implementation.deriveSigningKey(secretAccessKey, [date!, region!, service!, 'aws4_request'])
      expect(Buffer.from(key).toString('hex')).toBe(expected.kSigning)
    })
  })

  describe.each(SIDES)('through the public entry, $side', ({ entry }) => {
    // The library determines region, service, encodings and payload hash from the host.
    it.each(DOC_REQUESTS)('$id', async (example) => {
      const { request, expected, credentials, amzDate, expires } = example
      const host = joined(request.headers).host!
      const url = `https://${host}${docTarget(request)}`
      const headers = without(request.headers, 'host', 'x-amz-date', 'x-amz-content-sha256')
      const signedAt = Date.parse(amzDate.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'))
      if (example.kind === 'query') {
        const signed = await entry.presign(request.method, url, {
          credentials,
          now: signedAt,
          headers,
          expires: expires!,
        })
        expect(signed.url).toBe(expected.url)
        expect(headerSet(signed.headers)).toEqual(headerSet(headers))
        return
      }
      const payloadHash = request.payloadHash === undefined ? {} : { payloadHash: request.payloadHash }
      const body = request.body ? { body: request.body } : {}
      const payloadHashHeader = 'x-amz-content-sha256' in joined(request.headers)
      const signed = await entry.sign(
        { method: request.method, url, headers, ...body },
        { credentials, now: signedAt, ...payloadHash, payloadHashHeader, signedHeaders: ['Range'] },
      )
      expect(signed.url).toBe(url)
      const { authorization, ...rest } = signed.headers
      expect(authorizationParts(authorization)).toEqual(authorizationParts(expected.authorization))
      expect(headerSet(rest)).toEqual(headerSet(without(request.headers, 'host')))
    })

    it('s3-presigned-get as an object', async () => {
      const { credentials, expected, amzDate } = DOC_REQUESTS.find(({ id }) => id === 's3-presigned-get')!
      const endpoint = 'https://s3.amazonaws.com'
      const signed = await entry.presignGet(
        { bucket: 'examplebucket', key: 'test.txt', endpoint, pathStyle: false },
        {
          credentials,
          expires: '1d',
          now: Date.parse(amzDate.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')),
        },
      )
      expect(signed).toMatchObject({ method: 'GET', url: expected.url, headers: {} })
    })

    it.each(DOC_KEYS)('$id', async ({ secretAccessKey, date, region, service, expected }) => {
      const { key } = await entry.deriveSigningKey(
        { date, region, service },
        { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey } },
      )
      expect(Buffer.from(key).toString('hex')).toBe(expected.kSigning)
    })
  })
})

describe('the parser of recorded requests', () => {
  it('splits a raw target, folded headers and a body', () => {
    const text = 'POST /a b?c=d e HTTP/1.1\nHost:example.com\nFolded: one\n  two\n\tthree\nLast:x:y\n\nbody\n\nmore'
    expect(parseWireRequest(text)).toEqual({
      method: 'POST',
      target: '/a b?c=d e',
      headers: [
        ['Host', 'example.com'],
        ['Folded', ' one\n  two\n\tthree'],
        ['Last', 'x:y'],
      ],
      body: 'body\n\nmore',
    })
  })
})
