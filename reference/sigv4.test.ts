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
import { canonicalUri, type HttpRequest, hex, hmac, presign, sign, signingKey, stringToSign } from './sigv4.ts'

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

test('a URL is valid for 1 second to 7 days', async () => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }
  const input = { method: 'GET', url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg' }
  for (const expires of [0, -1, 604_801, Number.NaN])
    await rejects(presign(input, { service: 's3', region: 'eu-west-1', credentials, expires }), RangeError)
  const { url } = await presign(input, { service: 's3', region: 'eu-west-1', credentials, expires: 604_800 })
  ok(url.includes('&X-Amz-Expires=604800&'))
})
