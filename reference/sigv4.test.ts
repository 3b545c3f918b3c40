import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import {
  type DocRequest,
  docExamples,
  type Pair,
  type SuiteCase,
  suiteCases,
  suiteContext,
} from '../test/support/fixtures.ts'
import {
  canonicalQuery,
  canonicalUri,
  type HttpRequest,
  hex,
  hmac,
  presign,
  sign,
  signingKey,
  stringToSign,
} from './sigv4.ts'

// AWS's signing test suite and the examples in its documentation: node --test, deno test --allow-read, or bun test.

const CASES = suiteCases()

/**
 * Cases in which the suite combines S3's rules for paths with a service that is not S3, or whose path `URL` changes. For
 * these, the path is passed to `canonicalUri`, and the steps after it are called one after another.
 */
const PATHS = /^get-(?:.+-unnormalized|space-normalized|utf8)$/

/** Returns the headers that the caller passes: repeated ones as arrays. */
function headersOf(pairs: readonly Pair[], ...without: string[]): Record<string, string | string[]> {
  const headers: Record<string, string[]> = {}
  for (const [name, value] of pairs)
    if (!without.includes(name.toLowerCase())) headers[name] = [...(headers[name] ?? []), value]
  return headers
}

const hostOf = (pairs: readonly Pair[]) => pairs.find(([name]) => name.toLowerCase() === 'host')![1]
const dateOf = (amzDate: string) => new Date(amzDate.replace(/(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'))
const shownIn = (text: string) => /Signature=([\da-f]{64})/.exec(text)?.[1]
const sorted = (lines: readonly string[]) => [...lines].sort()

/** The parameters of a target or URL, decoded. */
const parametersOf = (target: string) =>
  sorted([...new URLSearchParams(target.split('?')[1])].map((pair) => pair.join('=')))

async function checkCase(suiteCase: SuiteCase, location: 'header' | 'query'): Promise<void> {
  const { name, request } = suiteCase
  const suite = suiteContext(suiteCase)
  const recorded = suiteCase[location]
  const { accessKeyId, secretAccessKey, region, service, amzDate, expires } = suite
  const sessionToken = suite.omitSessionToken ? undefined : suite.sessionToken
  const payloadHash = hex(
    await crypto.subtle.digest('SHA-256', new TextEncoder().encode(suite.signBody ? request.body : '')),
  )
  const headers = headersOf(request.headers, 'host', 'x-amz-date')
  if (suite.signBody && location === 'header') headers['x-amz-content-sha256'] = payloadHash
  const { method, target } = request
  const input: HttpRequest = { method, url: `https://${hostOf(request.headers)}${target}`, headers }
  const credentials = { accessKeyId, secretAccessKey, sessionToken }
  const options = { service, region, credentials, date: dateOf(amzDate), expires, payloadHash }
  const result = await (location === 'header' ? sign : presign)(input, options)

  if (PATHS.test(name)) {
    const lines = result.canonicalRequest.split('\n')
    lines[1] = canonicalUri(target.split('?')[0]!, 's3')
    const scope = `${amzDate.slice(0, 8)}/${region}/${service}/aws4_request`
    const toSign = await stringToSign(lines.join('\n'), amzDate, scope)
    equal(lines.join('\n'), recorded.canonicalRequest)
    equal(toSign, recorded.stringToSign)
    equal(hex(await hmac(await signingKey(secretAccessKey, scope), toSign)), recorded.signature)
    return
  }
  const { canonicalRequest } = recorded
  // two cases have no query location: their path is that of the header location
  if (!canonicalRequest) {
    equal(result.canonicalRequest.split('\n')[1], suiteCase.header.canonicalRequest!.split('\n')[1])
    return
  }
  // one case records its canonical request for a different time than its signature
  equal(result.canonicalRequest, canonicalRequest.replace(/x-amz-date:\d+T\d+Z/, `x-amz-date:${amzDate}`))
  if (recorded.stringToSign) equal(result.stringToSign, recorded.stringToSign)
  const signed = recorded.signedRequest!
  const authorization = signed.headers.find(([header]) => header.toLowerCase() === 'authorization')?.[1]
  const expected = shownIn(authorization ?? signed.target)
  ok(expected)
  if (recorded.signature) equal(expected, recorded.signature)
  equal(shownIn(result.headers.authorization ?? result.url), expected)

  // what is sent, to which the token is added if it is not signed
  const [tokenHeader, tokenParameter] = suite.omitSessionToken
    ? [`x-amz-security-token:${suite.sessionToken}`, `X-Amz-Security-Token=${suite.sessionToken}`]
    : []
  const inHeader = location === 'header'
  deepEqual(
    sorted([...parametersOf(result.url), ...(tokenParameter && !inHeader ? [tokenParameter] : [])]),
    parametersOf(signed.target),
  )
  const expectedHeaders = Object.entries(headersOf(signed.headers, 'host')).map(
    ([header, values]) => `${header.toLowerCase()}:${[values].flat().map(trim).join(',')}`,
  )
  const sent = Object.entries(result.headers).map(([header, value]) => `${header}:${trim(value)}`)
  deepEqual(sorted([...sent, ...(tokenHeader && inHeader ? [tokenHeader] : [])]), sorted(expectedHeaders))
}

const trim = (value: string) => value.trim().replace(/\s+/g, ' ')

for (const suiteCase of CASES)
  for (const location of ['header', 'query'] as const)
    test(`${suiteCase.name} in the ${location}`, () => checkCase(suiteCase, location))

test('the suite is complete', () => {
  equal(CASES.length, 40)
  equal(CASES.filter(({ name }) => PATHS.test(name)).length, 9)
  equal(CASES.filter(({ query }) => query.canonicalRequest).length, 38)
})

// ---- AWS's documentation ----

const EXAMPLES = docExamples().filter(
  (example): example is DocRequest => example.kind === 'header' || example.kind === 'query',
)

for (const { id, kind, request, expected, published, credentials, amzDate, ...scope } of EXAMPLES)
  test(`the example ${id}`, async () => {
    const { region, service, expires = 900 } = scope
    const search = new URLSearchParams(request.query).toString()
    const url = `https://${hostOf(request.headers)}${request.path}${search && `?${search}`}`
    const own = service === 's3' ? ['host', 'x-amz-date', 'x-amz-content-sha256'] : ['host', 'x-amz-date']
    const headers = headersOf(request.headers, ...own)
    const input = { method: request.method, url, headers, body: request.body }
    // a presigned URL for S3 has its payload hash by default
    const payloadHash = kind === 'query' ? undefined : request.payloadHash
    const options = { service, region, credentials, date: dateOf(amzDate), expires, payloadHash }
    const result = await (kind === 'header' ? sign : presign)(input, options)
    equal(result.canonicalRequest, expected.canonicalRequest)
    equal(result.stringToSign, expected.stringToSign)
    equal(shownIn(result.headers.authorization ?? result.url), published.signature)
  })

test('the examples are complete', () => equal(EXAMPLES.length, 10))

// ---- Rules of the specification that neither has a case for ----

const OPTIONS = {
  service: 's3',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  date: new Date('2026-01-31T12:00:00Z'),
}
const INPUT = { method: 'GET', url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg' }

test('parameters are sorted by the bytes of the name, then of the value', () => {
  const parameters = ['a=b', 'a=B', 'a=', 'B=1', 'é=1', 'z=1', 'a-b=1'].map((pair) => pair.split('='))
  equal(canonicalQuery(parameters), '%C3%A9=1&B=1&a=&a=B&a=b&a-b=1&z=1')
})

test('everything is encoded that is not unreserved', () => {
  equal(canonicalUri("/a-b_c.d~e!'()*", 's3'), '/a-b_c.d~e%21%27%28%29%2A')
  equal(canonicalQuery([["!'()*", '+ %&=/']]), '%21%27%28%29%2A=%2B%20%25%26%3D%2F')
})

test('a plus sign in a URL is a space', async () => {
  const { url, canonicalRequest } = await sign({ ...INPUT, url: `${INPUT.url}?prefix=a+b%2B` }, OPTIONS)
  equal(canonicalRequest.split('\n')[2], 'prefix=a%20b%2B')
  equal(url, `${INPUT.url}?prefix=a%20b%2B`)
})

test('the host has a port unless it is the default', async () => {
  for (const [url, host] of [
    ['http://LOCALHOST:9000/photos/cat.jpg', 'localhost:9000'],
    ['https://example.com:443/', 'example.com'],
  ] as const)
    ok((await sign({ ...INPUT, url }, OPTIONS)).canonicalRequest.includes(`\nhost:${host}\n`))
})

test('the payload hash is a header where the service requires it', async () => {
  const payloadHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  equal((await sign(INPUT, OPTIONS)).headers['x-amz-content-sha256'], payloadHash)
  equal((await sign(INPUT, { ...OPTIONS, service: 'aoss' })).headers['x-amz-content-sha256'], payloadHash)
  equal((await sign(INPUT, { ...OPTIONS, service: 'sqs' })).headers['x-amz-content-sha256'], undefined)
  const unsigned = await presign(INPUT, OPTIONS)
  deepEqual(unsigned.headers, {})
  ok(unsigned.canonicalRequest.endsWith('\nhost\nUNSIGNED-PAYLOAD'))
  const bound = await presign(INPUT, { ...OPTIONS, payloadHash })
  deepEqual(bound.headers, { 'x-amz-content-sha256': payloadHash })
  ok(bound.canonicalRequest.endsWith(`\nhost;x-amz-content-sha256\n${payloadHash}`))
})

test('a URL without a query is sent without one', async () => equal((await sign(INPUT, OPTIONS)).url, INPUT.url))

test('a URL is valid for 1 second to 7 days', async () => {
  for (const expires of [0, -1, 604_801, Number.NaN]) await rejects(presign(INPUT, { ...OPTIONS, expires }), RangeError)
  const { url } = await presign(INPUT, { ...OPTIONS, expires: 604_800 })
  ok(url.includes('&X-Amz-Expires=604800&'))
})
