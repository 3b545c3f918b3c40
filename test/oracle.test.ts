import { describe, expect, it } from 'vitest'
import {
  type DocKey,
  type DocPolicy,
  type DocRequest,
  docExamples,
  type Location,
  type SuiteCase,
  suiteCases,
  suiteContext,
} from './support/fixtures.ts'
import {
  encode,
  type Pair,
  type Parameter,
  parametersOf,
  type SigningRequest,
  sha256,
  sign,
  signingKey,
  signingParameters,
} from './support/oracle.ts'

// The oracle of the tests computes what AWS published. Nothing here calls src.

const scopeOf = ({ amzDate, region, service }: { amzDate: string; region: string; service: string }) =>
  [amzDate.slice(0, 8), region, service, 'aws4_request'] as const

const encoded = (query: readonly Pair[]): Parameter[] => query.map(([name, value]) => [encode(name), encode(value)])

function suiteRequest(suiteCase: SuiteCase, location: Location): SigningRequest {
  const { request } = suiteCase
  const context = suiteContext(suiteCase)
  const { accessKeyId, amzDate, sessionToken } = context
  // one character per octet
  const [, path, search = ''] = /^([^?]*)\??(.*)$/s.exec(Buffer.from(request.target).toString('latin1'))!
  const scope = scopeOf(context)
  // a value on several lines is one value
  const headers = request.headers.map(([name, value]): Pair => [name, value.replaceAll('\n', ' ')])
  const query: Parameter[] = parametersOf(search)
  const payloadHash = sha256(request.body)
  if (location === 'header') {
    headers.push(['X-Amz-Date', amzDate])
    if (context.signBody) headers.push(['x-amz-content-sha256', payloadHash])
    if (sessionToken !== undefined && !context.omitSessionToken) headers.push(['X-Amz-Security-Token', sessionToken])
  }
  const signedHeaders = [...new Set(headers.map(([name]) => name.toLowerCase()))].sort()
  if (location === 'query') {
    const claim = { credential: [accessKeyId, ...scope].join('/'), amzDate }
    query.push(...encoded(signingParameters(claim, String(context.expires), signedHeaders.join(';'))))
    if (sessionToken !== undefined && !context.omitSessionToken)
      query.push(['X-Amz-Security-Token', encode(sessionToken)])
  }
  return {
    method: request.method,
    path: path!,
    query,
    headers,
    signedHeaders,
    payloadHash,
    // the suite encodes the path of this case once
    pathRule: suiteCase.name === 'get-space-normalized' ? 's3' : context.normalize ? 'other' : 'other, not normalized',
    amzDate,
    scope,
    secretAccessKey: context.secretAccessKey,
  }
}

function docRequest(example: DocRequest): SigningRequest {
  const { request, service, amzDate, credentials, kind } = example
  const scope = scopeOf(example)
  const query = encoded(request.query)
  if (kind === 'query') {
    const claim = { credential: [credentials.accessKeyId, ...scope].join('/'), amzDate }
    query.push(...encoded(signingParameters(claim, String(example.expires), example.signedHeaders)))
  }
  return {
    method: request.method,
    path: encode(request.path, '/'),
    query,
    headers: request.headers,
    signedHeaders: example.signedHeaders.split(';'),
    payloadHash: example.expected.payloadHash,
    pathRule: service === 's3' ? 's3' : 'other',
    amzDate,
    scope,
    secretAccessKey: credentials.secretAccessKey,
  }
}

describe('the oracle, with no step replaced', () => {
  const suite = suiteCases()
  let stages = 0

  for (const suiteCase of suite) {
    for (const location of ['header', 'query'] as const) {
      const published = suiteCase[location]
      if (published.signature === undefined) continue
      it(`computes the published strings of ${suiteCase.name}, ${location}`, () => {
        const signed = sign(suiteRequest(suiteCase, location))
        const { canonicalRequest = signed.canonicalRequest, stringToSign = signed.stringToSign, signature } = published
        expect(signed).toEqual({ canonicalRequest, stringToSign, signature })
        stages++
      })
    }
  }

  const examples = docExamples()
  const requests = examples.filter((example): example is DocRequest => 'request' in example)
  for (const example of requests) {
    it(`computes the published strings of ${example.id}`, () => {
      const { canonicalRequest, stringToSign, signature } = example.expected
      expect(sign(docRequest(example))).toEqual({ canonicalRequest, stringToSign, signature })
      stages++
    })
  }

  for (const example of examples.filter((example): example is DocPolicy => example.kind === 'post-policy')) {
    it(`computes the published signature of ${example.id}`, () => {
      const { stringToSign, signature } = example.expected
      const request: SigningRequest = {
        ...suiteRequest(suite[0]!, 'header'),
        policy: Buffer.from(stringToSign, 'base64').toString(),
        amzDate: example.amzDate,
        scope: scopeOf(example),
        secretAccessKey: example.credentials.secretAccessKey,
      }
      expect(sign(request)).toEqual({ stringToSign, signature })
      stages++
    })
  }

  for (const example of examples.filter((example): example is DocKey => example.kind === 'signing-key')) {
    it(`derives the published key of ${example.id}`, () => {
      const parts = [example.date, example.region, example.service, 'aws4_request']
      expect(signingKey(example.secretAccessKey, parts).toString('hex')).toBe(example.expected.kSigning)
      stages++
    })
  }

  it('was compared with all of the published signatures', () => {
    expect(stages).toBeGreaterThanOrEqual(80)
  })
})
