import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { causes } from '../../src/explain/model/causes.ts'
import { ERRORS, type Reading, readMeaning } from '../../src/explain/response/errors.ts'
import { type ResponseAsReceived, readResponse } from '../../src/explain/response/response.ts'
import { preciselyTold } from '../../src/explain/told/told.ts'

// Every known error, from AWS and other servers, is read as what its source code, or a thread about it, shows to be its
// cause. The rows are in packages/sigv4-tools/fixtures/service-messages.

interface Row {
  readonly server: string
  readonly version: string
  readonly code: string
  readonly status: number
  readonly message: string
  /** The likeliest first. `?`: anything that changes the signature. */
  readonly causes: readonly string[]
  readonly condition: string
  readonly source: string
}

const [header, ...lines] = readFileSync(
  new URL('../../fixtures/service-messages/messages.tsv', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
const rows = lines.map((line): Row => {
  const [server, version, code, status, message, list, condition, source] = line.split('\t') as string[]
  return {
    ...{ server: server!, version: version!, code: code!, status: Number(status), message: message! },
    ...{ causes: list!.split(' '), condition: condition!, source: source! },
  }
})

/** Rows with words that a server uses for many faults: server, code and message. */
const SILENT: Readonly<Record<string, readonly string[]>> = {
  'the response has no body': ['aws-s3  ', 'moto  ', 'noobaa  ', 'seaweedfs  '],
  'the words are the same for a missing permission': [
    'localstack AccessDenied Access Denied',
    'noobaa AccessDenied Access Denied',
    'scality-cloudserver AccessDenied Access Denied',
    'swift-s3api AccessDenied Access Denied.',
    "ozone-s3gateway AccessDenied User doesn't have the right to access this resource.",
  ],
  'the words are the same for any argument': [
    'ceph-rgw InvalidArgument ',
    'noobaa InvalidArgument Invalid Argument',
    'scality-cloudserver InvalidArgument Invalid Argument',
    'swift-s3api InvalidArgument Invalid Argument.',
    'seaweedfs InvalidRequest Invalid Request',
    'versitygw InvalidRequest Invalid Request.',
    'versitygw  Bad Request',
    'minio MalformedPOSTRequest The body of your POST request is not well-formed multipart/form-data.',
  ],
  'the words are the same for a feature that the server lacks': [
    'ceph-rgw NotImplemented ',
    'scality-cloudserver NotImplemented A header you provided implies functionality that is not implemented.',
    'seaweedfs NotImplemented A header you provided implies functionality that is not implemented',
  ],
  'the words are the same for a failure of the server': [
    'noobaa InternalError We encountered an internal error. Please try again.',
  ],
}

/** Rows of which other servers mean something else by the same words, or which name a cause and not the signature's. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'scality-cloudserver BadRequest unsupported checksum algorithm': 'elsewhere a checksum header',
  'aws-s3 InvalidLocationConstraint The specified location-constraint is not valid': 'elsewhere the region signed for',
  'aws-s3 InvalidSecurity The provided security credentials are not valid.': 'elsewhere the secret or the key ID',
}

const nameOf = ({ server, code, message }: Row): string => `${server} ${code} ${message}`
const silent = new Set(Object.values(SILENT).flat())

/** Example values for what a row leaves open. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'X-Amz-Date': '20250102T030405Z',
  'now - limit': '20250102T040405Z',
  'now + limit': '20250102T020405Z',
  limit: '20250102T040405Z',
  now: '20250102T040905Z',
  date: '20250102T030405Z',
  iso: '2025-01-02T03:04:05Z',
  day: '20250102',
  'scope day': '20250101',
  'scope date': '20250101',
  expected: 'eu-west-1',
  region: 'eu-west-1',
  sent: 'us-east-1',
  'scope sent': '20250102/us-east-1/s3/aws4_request',
  name: 'x-amz-acl',
  names: 'x-amz-acl, x-amz-date',
  field: 'acl',
  n: '20',
}

const filled = (text: string): string =>
  text
    .replace('({now} +', '(20250102T015905Z +')
    .replace(/\{([^{}"]+)\}/g, (_, name: string) => EXAMPLES[name] ?? name.split('|')[0]!)

const xml = (text: string): string =>
  text.replace(/[&<>']/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;' })[mark]!)

/** The response with which a server returns an error. */
function responseOf({ server, code, status, message: raw, condition }: Row): ResponseAsReceived {
  const message = filled(raw)
  if (/empty body/.test(condition)) return { status, body: '' }
  if (/^plain text/.test(condition)) return { status, body: message }
  if (/^made by/.test(condition)) return { status, message }
  const json = (body: object, headers = {}): ResponseAsReceived => ({ status, headers, body: JSON.stringify(body) })
  const elements = `<Code>${code}</Code>${raw === '' ? '' : `<Message>${xml(message)}</Message>`}`
  switch (server) {
    case 'aws-json':
      return json({ __type: `com.amazon.coral.service#${code}`, message })
    case 'aws-api-gateway':
    case 'aws-iot':
      return json({ message }, { 'x-amzn-ErrorType': `${code}:http://internal.amazon.com/coral/` })
    case 'aws-opensearch':
      return /aoss/.test(condition)
        ? json({ status, error: { reason: message, type: code } })
        : json({ Message: message }, code ? { 'x-amzn-ErrorType': code } : {})
    case 'aws-coral-xml':
      return { status, body: `<${code}>\n  <Message>${xml(message)}</Message>\n</${code}>\n` }
    case 'aws-query':
    case 'versitygw-iam':
      return {
        status,
        body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>${elements}</Error></ErrorResponse>`,
      }
    case 'supabase-storage':
      return json({ Error: { Resource: '/photos', Code: code, Message: message } })
    case 'google-cloud-storage': {
      const stated = /^Details/.test(condition) ? message : /Details =? ?"([^"]*)"/.exec(filled(condition))?.[1]
      const first = stated === message ? '<Message>Invalid argument.</Message>' : `<Message>${xml(message)}</Message>`
      const details = stated === undefined ? '' : `<Details>${xml(stated)}</Details>`
      return {
        status,
        body: `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code>${first}${details}</Error>`,
      }
    }
    default:
      return {
        status,
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements}<RequestId>1</RequestId></Error>`,
      }
  }
}

/** What is wrong with the reading of a row; `undefined` if it agrees. */
function disagreement({ code, causes: [first, ...others] }: Row, { kind, causes }: Reading): string | undefined {
  const read = `${kind} ${causes.join(' ')}`.trim()
  if (first === '?')
    return kind === 'mismatch' || (code !== 'SignatureDoesNotMatch' && others.includes(causes[0]!)) ? undefined : read
  if (first === 'not-auth')
    return /^(?:elsewhere|ambiguous|silent)$/.test(kind) || (others.length > 0 && causes.includes('not-auth'))
      ? undefined
      : read
  return causes.some((cause) => cause === first) ? undefined : read
}

const readings = rows.map((row) => {
  const answer = readResponse(responseOf(row))
  const reading = readMeaning(answer)
  return { row, answer, reading, told: preciselyTold(answer, reading) }
})
const disagreeing = readings.filter(({ row, reading }) => disagreement(row, reading) !== undefined)

describe('rows of errors', () => {
  it('find every occurrence, in any case, and have a value for each group', () => {
    expect(ERRORS.length).toBeGreaterThan(150)
    for (const row of ERRORS) {
      const { source, flags } = row.match
      const groups = new RegExp(`${source}|`).exec('')!.length - 1
      const values = 'values' in row ? row.values : undefined
      expect([flags, values?.length ?? 0], source).toEqual(['gi', groups])
    }
  })
})

describe('messages of services', () => {
  it('are many, each with its server, version and source', () => {
    expect(header).toBe('server\tversion\tcode\tstatus\tmessage\tcauses\tcondition\tsource')
    expect(rows.length).toBeGreaterThanOrEqual(1000)
    expect(new Set(rows.map(({ server }) => server)).size).toBeGreaterThanOrEqual(31)
    const known = new Set<string>(['?', ...causes()])
    for (const row of rows) {
      expect(row.source, nameOf(row)).toMatch(/\S/)
      expect(row.version, nameOf(row)).toMatch(/\S/)
      expect(row.source, nameOf(row)).not.toMatch(/^\/|\/(?:work|tmp|home|root)\//)
      expect(
        row.causes.filter((cause) => !known.has(cause)),
        nameOf(row),
      ).toEqual([])
    }
  })

  it('are read as their causes', () => {
    const wrong = disagreeing.filter(({ row }) => !silent.has(nameOf(row)) && !(nameOf(row) in DIFFERENT))
    expect(wrong.map(({ row, reading }) => `${nameOf(row)}: ${disagreement(row, reading)}`)).toEqual([])
  })

  it('that are listed as unreadable are not read', () => {
    const unread = new Set(disagreeing.map(({ row }) => nameOf(row)))
    expect([...silent, ...Object.keys(DIFFERENT)].filter((name) => !unread.has(name))).toEqual([])
    const kinds = disagreeing.filter(({ row }) => silent.has(nameOf(row))).map(({ reading }) => reading.kind)
    expect([...new Set(kinds)].sort()).toEqual(['ambiguous', 'elsewhere', 'silent'])
  })

  it('are read with the likeliest cause first, in at least 95 %', () => {
    const caused = readings.filter(({ row }) => row.causes[0] !== '?' && row.causes[0] !== 'not-auth')
    const right = caused.filter(({ row, reading }) => {
      // a time zone is a special case of a wrong clock, and looked for first
      const read = reading.causes.filter((cause) => cause !== 'clock-timezone' || row.causes[0] === cause)
      return read[0] === row.causes[0]
    })
    expect(caused.length).toBeGreaterThan(800)
    expect(right.length / caused.length).toBeGreaterThanOrEqual(0.95)
  })

  it('have values that belong to what the message means', () => {
    const told = readings.filter(({ told }) => told.length > 0)
    expect(told.length).toBeGreaterThanOrEqual(150)
    const wrong = told.filter(
      ({ reading, told }) => reading.kind !== 'accepted' && !told.some(({ cause }) => reading.causes.includes(cause)),
    )
    expect(wrong.map(({ row, told }) => `${nameOf(row)}: ${told.map(({ cause }) => cause)}`)).toEqual([])
    for (const { told: signs } of told)
      for (const { message } of signs) expect(message).not.toMatch(/undefined|NaN|\{|\}| {2}/)
  })
})

describe('errors that do not name a cause', () => {
  it.each([
    ['NoSuchKey', 'The specified key does not exist.', 'elsewhere'],
    ['NotImplemented', 'A header you provided implies functionality that is not implemented', 'elsewhere'],
    ['AccessDenied', 'User: arn:aws:iam::1:user/a is not authorized to perform: s3:GetObject', 'elsewhere'],
    ['AccessDenied', 'Access Denied', 'ambiguous'],
    ['InvalidArgument', 'Invalid Argument', 'ambiguous'],
    ['InternalError', 'We encountered an internal error. Please try again.', 'silent'],
    ['SignatureDoesNotMatch', '', 'mismatch'],
  ])('are read by their code: %s, %s', (code, message, kind) => {
    const body = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
    expect(readMeaning(readResponse({ status: 400, body })).kind).toBe(kind)
  })

  it('may contain a header or a canonical request, which are not read', () => {
    const header = `'a' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer Signature expired'.`
    expect(readMeaning(readResponse({ status: 403, message: header })).causes[0]).toBe('malformed-authorization')
    const strings = `The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'GET\n/policy-expired'`
    expect(readMeaning(readResponse({ status: 403, message: strings })).kind).toBe('mismatch')
  })
})

describe('values of messages', () => {
  const told = (given: ResponseAsReceived) => {
    const response = readResponse(given)
    return preciselyTold(response, readMeaning(response))[0]
  }

  it.each([
    [
      "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
      {
        cause: 'scope-region',
        message: 'The request was signed for the region "us-east-1". The service requires the region "eu-west-1".',
        expected: 'eu-west-1',
        actual: 'us-east-1',
      },
    ],
    [
      'The authorization header is malformed; incorrect service "s2". This endpoint belongs to "s3".',
      {
        cause: 'scope-service',
        message: 'The request was signed for the service "s2". The endpoint belongs to the service "s3".',
        expected: 's3',
        actual: 's2',
      },
    ],
    [
      'Credential termination string should be aws4_request, not aws5',
      {
        cause: 'scope-terminator',
        message: 'The credential scope ended with "aws5". It must end with "aws4_request".',
        expected: 'aws4_request',
        actual: 'aws5',
      },
    ],
    [
      "The region name 'eu-west-1' is not valid. Must be one of: wnam, enam, weur, eeur, apac, oc, auto",
      {
        cause: 'scope-region',
        message: 'The request was signed for the region "eu-west-1". The service requires the region "auto".',
        expected: 'auto',
        actual: 'eu-west-1',
      },
    ],
    [
      'Credential access key has length 64, should be 32',
      {
        cause: 'keys-swapped',
        message: 'The access key ID has 64 characters. The service requires 32.',
        expected: '32',
        actual: '64',
      },
    ],
    [
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256",
      { cause: 'malformed-authorization', message: 'The Authorization header did not contain Credential, Signature.' },
    ],
    [
      'Required search parameters X-Amz-Date,  X-Amz-Expires missing',
      { cause: 'missing-param', message: 'The URL did not contain X-Amz-Date, X-Amz-Expires.' },
    ],
    [
      "Date must be in ISO-8601 'basic format'. Got '1442252505'. See http://en.wikipedia.org/wiki/ISO_8601",
      {
        cause: 'date-format',
        message: 'The date is "1442252505". The required format is yyyyMMddTHHmmssZ.',
        expected: 'yyyyMMddTHHmmssZ',
        actual: '1442252505',
      },
    ],
    [
      "'accept' is named as a SignedHeader, but it does not exist in the HTTP request.",
      {
        cause: 'header-missing',
        message: 'The request did not contain the signed header accept.',
        part: { of: 'header', name: 'accept' },
      },
    ],
    [
      'Access Denied. (Each form field that you specify in a form must appear in the list of policy conditions. "acl, tagging" not specified in the policy.)',
      { cause: 'policy-extra-field', message: 'The policy does not contain a condition for the fields acl, tagging.' },
    ],
    [
      "Policy condition 'eq' for field 'acl' failed: expected 'private', got 'public-read'",
      {
        cause: 'policy-condition',
        message: 'The policy requires "private" for the acl field, but the form contained "public-read".',
        ...{ part: { of: 'field', name: 'acl' }, expected: 'private', actual: 'public-read' },
      },
    ],
  ])('are shown: %s', (message, expected) => {
    expect(told({ status: 400, body: `<Error><Code>X</Code><Message>${xml(message)}</Message></Error>` })).toEqual({
      ...expected,
      ground: 'stated',
    })
  })

  it('are shown of every part of the scope that a message names', () => {
    const message =
      "Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'es'."
    const response = readResponse({ status: 403, body: JSON.stringify({ message }) })
    expect(preciselyTold(response, readMeaning(response)).map(({ message }) => message)).toEqual([
      'The request was signed for the region "us-east-1", which the service does not accept.',
      'The endpoint belongs to the service "es".',
    ])
  })

  it('are shown if elements contain them', () => {
    const google = `<Error><Code>ExpiredToken</Code><Message>Invalid argument.</Message><Details>Request signature expired at: 2025-01-02T03:04:05+00:00</Details></Error>`
    const date = 'Thu, 02 Jan 2025 05:04:05 GMT'
    expect(told({ status: 400, headers: { date }, body: google })).toMatchObject({
      cause: 'expired',
      message: 'The signature expired at 2025-01-02T03:04:05Z, 2 hours before the service received the request.',
    })
    const garage = `<Error><Code>AuthorizationHeaderMalformed</Code><Message>Authorization header malformed, unexpected scope: 20250102/us-east-1/s3/aws4_request</Message><Region>garage</Region></Error>`
    expect(told({ status: 400, body: garage })).toMatchObject({ expected: 'garage', actual: 'us-east-1' })
    const header = `<Error><Code>MalformedSecurityHeader</Code><Message>Your request has a malformed header.</Message><ParameterName>x-goog-acl</ParameterName><Details>Header must be signed</Details></Error>`
    expect(told({ status: 400, body: header })).toMatchObject({
      cause: 'unsigned-header',
      part: { of: 'header', name: 'x-goog-acl' },
    })
    const digest = `<Error><Code>BadDigest</Code><Message>The Content-MD5 you specified did not match what we received.</Message><ExpectedDigest>a==</ExpectedDigest><CalculatedDigest>b==</CalculatedDigest></Error>`
    expect(told({ status: 400, body: digest })).toMatchObject({ cause: 'content-md5', expected: 'a==', actual: 'b==' })
  })
})

describe('forms of errors', () => {
  const read = (response: ResponseAsReceived) => {
    const { status, code, message } = readResponse(response)
    return { status, code, message }
  }
  const error = { code: 'SignatureDoesNotMatch', message: 'The signature is <wrong> & long.' }

  it.each<[string, ResponseAsReceived]>([
    [
      'CDATA',
      {
        body: '<Error><Code>SignatureDoesNotMatch</Code><Message><![CDATA[The signature is <wrong> & long.]]></Message></Error>',
      },
    ],
    [
      'namespace prefixes',
      {
        body: '<s:Error xmlns:s="urn:x"><s:Code>SignatureDoesNotMatch</s:Code><s:Message>The signature is &lt;wrong> &amp; long.</s:Message></s:Error>',
      },
    ],
    [
      'a root element as the code',
      {
        body: '<SignatureDoesNotMatch>\n <Message>The signature is &lt;wrong> &amp; long.</Message>\n</SignatureDoesNotMatch>',
      },
    ],
    [
      'an XML body that is cut',
      { body: '<Error><Code>SignatureDoesNotMatch</Code><Message>The signature is &lt;wrong> &amp; long.' },
    ],
    [
      'nested JSON',
      { body: '{"Error":{"Code":"SignatureDoesNotMatch","Message":"The signature is <wrong> & long."}}' },
    ],
    [
      'a JSON list of errors',
      { body: '{"errors":[{"errorType":"SignatureDoesNotMatch","message":"The signature is <wrong> & long."}]}' },
    ],
    [
      'JSON with type and reason',
      { body: '{"status":403,"error":{"type":"SignatureDoesNotMatch","reason":"The signature is <wrong> & long."}}' },
    ],
    [
      'a JSON body that is cut',
      { body: '{"__type":"a.b#SignatureDoesNotMatch","message":"The signature is <wrong> & long.' },
    ],
    [
      'headers of a website endpoint',
      { headers: { 'x-amz-error-code': 'SignatureDoesNotMatch', 'x-amz-error-message': error.message } },
    ],
    [
      'headers of MinIO',
      { headers: { 'x-minio-error-code': 'SignatureDoesNotMatch', 'x-minio-error-desc': `"${error.message}"` } },
    ],
    [
      'a page of a website endpoint',
      {
        body: '<html><head><title>403 Forbidden</title></head><body><ul><li>Code: SignatureDoesNotMatch</li>\n<li>Message: The signature is &lt;wrong&gt; &amp; long.</li></ul></body></html>',
      },
    ],
    [
      'the words of boto3',
      { body: `An error occurred (SignatureDoesNotMatch) when calling the PutObject operation: ${error.message}` },
    ],
    [
      'the words of the SDK for Java',
      {
        message: `${error.message} (Service: Amazon S3; Status Code: 403; Error Code: SignatureDoesNotMatch; Request ID: 1)`,
      },
    ],
    ['the words of the SDK for JavaScript', { message: `SignatureDoesNotMatch: ${error.message}` }],
  ])('are read: %s', (_, response) => {
    expect(read({ status: 403, ...response })).toEqual({ status: 403, ...error })
  })

  it('have a status in a page or in JSON', () => {
    const page = '<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body><center>nginx</center></body></html>'
    expect(read({ body: page })).toEqual({ status: 403, code: '', message: '403 Forbidden' })
    expect(read({ body: '{"statusCode":"400","error":"InvalidSignature","message":"Missing signature"}' })).toEqual({
      ...{ status: 400, code: 'InvalidSignature', message: 'Missing signature' },
    })
    expect(readResponse({ status: 200, body: '<ListBucketResult><Name>a</Name></ListBucketResult>' }).code).toBe('')
  })

  describe('with the octets of a string', () => {
    const text = 'AWS4-HMAC-SHA256\n20250102T030405Z\n20250102/us-east-1/s3/aws4_request\nabc'
    const hex = Buffer.from(text).toString('hex')
    const body = (shown: string, octets: string): string =>
      `<Error><StringToSign>${shown}</StringToSign><StringToSignBytes>${octets}</StringToSignBytes></Error>`
    const read = (...given: [string, string]) => readResponse({ status: 403, body: body(...given) }).stringToSign
    const lost = text.replaceAll('\n', ' ')

    it.each([
      ['grouped by one', hex.replace(/../g, '$& ')],
      ['grouped by two, in uppercase', hex.toUpperCase().replace(/..../g, '$& ')],
      ['not grouped', hex],
    ])('replace one without its line breaks: %s', (_, octets) => {
      expect(read(lost, octets)).toBe(text)
    })

    it('do not replace one with other words, or a longer one', () => {
      expect(read(text.replace('abc', '[hidden]'), hex)).toBe(text.replace('abc', '[hidden]'))
      expect(read(text, hex.slice(0, 80))).toBe(text)
      expect(read(lost, hex.slice(0, 81))).toBe(lost)
      expect(readResponse({ body: `<Error><StringToSignBytes>${hex}</StringToSignBytes></Error>` }).stringToSign).toBe(
        text,
      )
    })
  })
})
