import { describe, expect, it } from 'vitest'
import { DOC_CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { readResponse } from '../../../src/explain/response/response.ts'
import { explain, parseEvidence } from '../../../src/explain.ts'

// What pastes show in part, or in words alone.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const HEADERS = `accept:application/json\ncontent-type:application/json\nhost:api.example.com\nx-amz-date:20260131T120000Z\n`
const MISMATCH = 'The request signature we calculated does not match the signature you provided.'
const NOW = Date.UTC(2026, 0, 31, 12, 1)

const findings = (text: string) => explain({ ...parseEvidence(text), now: NOW }).findings
const first = (text: string): string | undefined => findings(text)[0]?.cause

describe('canonical requests whose end was cut off', () => {
  const paste = (ours: string, theirs: string): string =>
    `Canonical request that I sent:\n${ours}\n\n${MISMATCH}\n\nThe Canonical String for this request should have been\n'${theirs}`

  it('are compared as far as they go', () => {
    const text = paste(`GET\n/path/%C3%A4\n\n${HEADERS}`, `GET\n/path/%25C3%25A4\n\n${HEADERS}`)
    expect(findings(text)[0]).toMatchObject({ cause: 'path-double-encoding', confidence: 'likely' })
    expect(parseEvidence(text).signed?.canonicalRequest?.split('\n').slice(-2)).toEqual([
      'accept;content-type;host;x-amz-date',
      '…',
    ])
  })

  it('show what their start shows, and no difference from a request that is not shown', () => {
    const error = (canonical: string): string =>
      `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/us-east-1/s3/aws4_request\n${'ab'.repeat(32)}</StringToSign><CanonicalRequest>${canonical}`
    for (const end of ['', '\n\nhost:a.example', '\n\nhost:a.example</CanonicalRequest></Error>']) {
      expect(first(error(`GET\n/bucket/a%3Db${end}`))).toBe('path-encoding')
      expect(first(error(`GET\n/bucket/a%253Db${end}`))).toBe('path-double-encoding')
      expect(first(error(`GET\n/bucket/ab${end}`))).toBe('wrong-secret')
    }
    expect(first(error('GET'))).toBe('wrong-secret')
  })

  it('of the client alone show what is visible in them, but not when they were sent', () => {
    const canonical = (host: string): string =>
      `Canonical request:\nGET\n/\n\nhost:${host}\nx-amz-date:20150101T000000Z\n\nhost;x-amz-date\n${'ab'.repeat(32)}\n`
    const of = (text: string) => explain(parseEvidence(text)).findings.map(({ cause }) => cause)
    expect(of(canonical('localhost:80'))).toEqual(['host-port'])
    expect(of(canonical('localhost:9000'))).toEqual([])
  })

  it('do not lack the headers that were cut off', () => {
    const [all, some] = [HEADERS, HEADERS.split('\n').slice(0, 2).join('\n')]
    expect(first(paste(`GET\n/a\n\n${all}`, `GET\n/b\n\n${some}\n`))).toBe('path')
  })

  it('may be of a request with the method OPTIONS', () => {
    const text = paste(`OPTIONS\n/a\n\n${HEADERS}`, `OPTIONS\n/b\n\n${HEADERS}`)
    expect(first(text)).toBe('path')
    expect(parseEvidence(text).signed?.canonicalRequest).toMatch(/^OPTIONS\n\/a\n(?:.*\n)+…$/)
  })

  it('show a parameter without an equals sign', () => {
    expect(first(paste(`POST\n/a\nuploads\n${HEADERS}`, `POST\n/a\nuploads=\n${HEADERS}`))).toBe('query-empty-value')
  })
})

describe('errors', () => {
  it('of which the start was cut off are still errors', () => {
    const { response } = parseEvidence(
      `1ab23</StringToSign><SignatureProvided>${'a1'.repeat(32)}</SignatureProvided><HostId>x</HostId></Error>`,
    )
    expect(response?.code).toBe('SignatureDoesNotMatch')
  })

  it('whose bytes were cut off keep their strings', () => {
    const string = `AWS4-HMAC-SHA256 20260131T120000Z 20260131/eu-west-1/s3/aws4_request ${'ab'.repeat(32)}`
    const bytes = [...string.slice(0, 40)].map((letter) => letter.charCodeAt(0).toString(16)).join(' ')
    const { response } = parseEvidence(
      `<Error><Code>SignatureDoesNotMatch</Code><Message>${MISMATCH}</Message><StringToSign>${string}</StringToSign><StringToSignBytes>${bytes}`,
    )
    expect(response?.elements?.StringToSign).toBe(string.replaceAll(' ', '\n'))
  })

  it('of which the bytes were cut off are not cut off as well', () => {
    const string = `AWS4-HMAC-SHA256 20260131T120000Z 20260131/eu-west-1/s3/aws4_request ${'ab'.repeat(32)}`
    const bytes = [...string.replaceAll(' ', '\n').slice(0, 40)].map((letter) =>
      letter.charCodeAt(0).toString(16).padStart(2, '0'),
    )
    const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${string}</StringToSign><StringToSignBytes>${bytes.join(' ')}`
    expect(readResponse({ status: 403, body }).stringToSign).toBe(string)
  })

  it.each([
    [
      'AuthFailure: AWS was not able to validate the provided access credentials\n\tstatus code: 401',
      'unknown-access-key',
    ],
    ['I still get\n> Missing required header for this request: x-amz-content-sha256\nfrom s3', 'missing-header'],
    ['S3 says SignaturDoesNotMatch.', 'wrong-secret'],
    [
      "<Error>\\n<Code>InvalidRequest</Code>\\n<Message>header 'range' is listed in signed headers, but is not present</Message></Error>",
      'header-missing',
    ],
    [
      'AuthorizationHeaderMalformed: The authorization header is malformed; a non-empty region must be provided in the credential.',
      'scope-region',
    ],
    [
      'Signature version 4 presigned URLs must have an expiration date less than one week in the future',
      'expires-range',
    ],
    [
      "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY/20260131/us-west-2/tagging/aws4_request'",
      'keys-swapped',
    ],
  ])('are read: %j', (text, cause) => {
    expect(first(text)).toBe(cause)
  })

  it.each([
    [-5.5, 'clock-timezone'],
    [5, 'clock-timezone'],
    [10.5, 'clock-past'],
    [-10.5, 'clock-timezone'],
    [-15.5, 'clock-future'],
  ])('show a time zone only if there is one: %s hours', (hours, cause) => {
    const of = (time: number): string => new Date(time).toISOString().replace(/[:-]|\.\d{3}/g, '')
    const word = hours > 0 ? 'expired' : 'not yet current'
    const text = `Signature ${word}: ${of(NOW - hours * 3_600_000)} is ${hours > 0 ? 'now earlier' : 'still later'} than ${of(NOW - 300_000)} (${of(NOW)} - 5 min.)`
    expect(first(text)).toBe(cause)
  })
})

it('a secret in place of the access key ID is not shown, even if the service returns it', async () => {
  const secret = DOC_CREDENTIALS.secretAccessKey
  const message = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${secret}/20260131/us-west-2/tagging/aws4_request'`
  const body = JSON.stringify({ __type: 'IncompleteSignatureException', message })
  for (const evidence of [
    parseEvidence(`IncompleteSignatureException: ${message}`),
    { response: { status: 400, body } },
  ]) {
    const explanation = explain(evidence)
    expect(explanation.findings[0]?.cause).toBe('keys-swapped')
    expect(JSON.stringify(explanation)).not.toContain(secret.slice(0, 12))
  }
})

describe('URLs', () => {
  const url = (rest: string): string =>
    `https://${HOST}/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260131%2Feu-west-1%2Fs3%2Faws4_request${rest}`

  it('that end with dots do not lack what follows', () => {
    expect(findings(url('&X-Amz-Date=...')).map(({ cause }) => cause)).not.toContain('missing-param')
    expect(first(url('&X-Amz-Date=20260131T120000Z'))).toBe('missing-param')
  })
})

describe('requests', () => {
  const head = `GET / HTTP/1.1\nHost: ${HOST}\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/eu-west-1/s3/aws4_request, SignedHeaders=NAMES, Signature=${'a1'.repeat(32)}\nx-amz-content-sha256: UNSIGNED-PAYLOAD\n`
  const rejected = '\n\n<Error><Code>SignatureDoesNotMatch</Code></Error>'

  it('without a date are shown in part if the service compared their signature', () => {
    const causes = findings(head.replace('NAMES', 'host;range;x-amz-content-sha256;x-amz-date') + rejected)
    expect(causes.map(({ cause }) => cause)).not.toEqual(expect.arrayContaining(['missing-header']))
  })

  it.each([
    ['x-amz-meta-com.apple.quarantine', 'a dot', 'header-missing'],
    ['x_tenant', 'an underscore', 'header-missing'],
  ])('may lose the header %s, which has %s in its name', (name, what, cause) => {
    const names = ['host', name, 'x-amz-content-sha256', 'x-amz-date'].sort().join(';')
    const text = `${head.replace('NAMES', names)}${name}: 1\nx-amz-date: 20260131T120000Z${rejected}`
    expect(findings(text)[0]).toMatchObject({ cause, message: expect.stringContaining(what) })
  })

  it('of two attempts have two dates, which is not the cause if something else differs', () => {
    const canonical = `GET\n/my-bucket/a%20b\n\nhost:localhost:9000\nx-amz-date:20260131T115500Z\n\nhost;x-amz-date\n${'ab'.repeat(32)}`
    const request = `GET /my-bucket/a_b HTTP/1.1\nHost: localhost:9000\nx-amz-date: 20260131T120000Z\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/us-east-1/s3/aws4_request,SignedHeaders=host;x-amz-date,Signature=${'a1'.repeat(32)}`
    expect(findings(`Canonical request of the client:\n${canonical}\n\n${request}`)[0]).toMatchObject({ cause: 'path' })
  })

  it('keep the commas of an Authorization header on three lines', () => {
    const [authorization] = /AWS4-.*/.exec(head.replace('NAMES', 'host'))!
    const text = `Authorization: ${authorization.replaceAll(', ', ',\n  ')}`
    expect(findings(`GET / HTTP/1.1\n${text}${rejected}`).map(({ cause }) => cause)).not.toContain(
      'malformed-authorization',
    )
  })

  it('of Version 2 are compared by their content type', () => {
    const text = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>PUT\n\ntext/html; charset=UTF-8\n1597091875\n/bucket/key</StringToSign></Error>`
    expect(findings(text)[0]).toMatchObject({ cause: 'header-changed', message: expect.stringContaining('text/html') })
    expect(first(text.replace('text/html; charset=UTF-8', ''))).toBe('signature-v2')
  })
})

describe('a canonical request without its request', () => {
  const start = 'GET\n/cat.jpg\n\nhost:photos.s3.amazonaws.com\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:'

  it.each(['20260131T120000Z', '20260131T12', '202601', ''])(
    'that ends in the middle of its date has no wrong date: %s',
    (date) => {
      for (const end of ['', '\n'])
        expect(explain(parseEvidence(`${start}${date}${end}`)).findings.map(({ cause }) => cause)).toEqual([])
    },
  )

  it.each([
    ['in uppercase', 'HOST:photos.s3.amazonaws.com\nX-AMZ-DATE:20260131T120000Z'],
    ['capitalized', 'Host:photos.s3.amazonaws.com\nX-Amz-Date:20260131T120000Z'],
  ])('is recognized with names of headers that are %s', (_, headers) => {
    const canonical = `GET\n/cat.jpg\n\n${headers}\n\nhost;x-amz-date\n${'0123456789abcdef'.repeat(4)}`
    const evidence = parseEvidence(`My canonical request:\n${canonical}\n`)
    expect(evidence.signed?.canonicalRequest).toBe(canonical)
    expect(explain(evidence).findings[0]?.cause).toBe('signed-headers')
  })
})

describe('a JSON error that ends after the time of the signature', () => {
  it.each(['', ' is', ' is now', ' is now earlier'])('does not have an expiry: %j', (end) => {
    const evidence = parseEvidence(`{"message":"Signature expired: 20260131T120000Z${end}`)
    const { findings } = explain(evidence)
    expect(findings.filter(({ confidence }) => confidence !== 'possible')).toEqual([])
    expect(findings.map(({ message, expected }) => `${message} ${expected}`).join()).not.toContain('2026')
  })
})

describe('a signed request whose parts stand apart', () => {
  const SIGNATURE = 'a1b2c3d4'.repeat(8)
  const SCOPE = '20260131/eu-west-1/execute-api/aws4_request'
  const API = 'abc123.execute-api.eu-west-1.amazonaws.com'
  const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`
  const HEAD = [`Host: ${API}`, 'X-Amz-Date: 20260131T120000Z', `Authorization: ${AUTHORIZATION}`]
  const DENIED = '\n\nHTTP/1.1 403 Forbidden\n\n{"message":"Forbidden"}\n'
  const requestOf = (text: string) => parseEvidence(text + DENIED).request
  const namesOf = (text: string) => {
    const request = requestOf(text)
    return request && [request.method, request.url, (request.headers as [string, string][]).length]
  }

  it.each([
    ['empty lines', `GET /items HTTP/1.1\n\n${HEAD.join('\n')}`, '/items'],
    [
      'what .NET prints',
      `Method: GET, RequestUri: 'https://${API}/items', Version: 1.1, Content: <null>, Headers:\n\n{\n\n  ${HEAD.join('\n  ')}\n\n}`,
      `https://${API}/items`,
    ],
    ['a label', `GET https://${API}/items\n\nHeaders:\n  ${HEAD.join('\n  ')}`, `https://${API}/items`],
    ['text', `GET /items HTTP/1.1\nHost: ${API}\n\nSigned with these headers:\n${HEAD.join('\n')}`, '/items'],
  ])('has the headers that %s separate from its first line', (_, text, url) => {
    expect(namesOf(text)).toEqual(['GET', url, 3])
    expect(findings(text + DENIED).map(({ cause }) => cause)).not.toContain('anonymous')
  })

  it('does not have those of a request to a different host, or of nothing that is signed', () => {
    const other = HEAD.map((line) => line.replace(API, 'b.example.com')).join('\n')
    expect(namesOf(`GET /items HTTP/1.1\nHost: ${API}\n\nAnother one:\n${other}`)?.[2]).toBe(1)
    expect(first(`GET /items HTTP/1.1\nHost: ${API}${DENIED}`)).toBe('anonymous')
  })

  it('is not called anonymous if it contains a signature that is not read', () => {
    const text = (line: string): string => `GET /items HTTP/1.1\nHost: ${API}\n\nlog entry ${line}${DENIED}`
    for (const line of [`[auth=AWS4-HMAC-SHA256 Credential=…${SCOPE}`, 'x-amz-signature : "…"', 'X-Amz-Credential%3D…'])
      expect(findings(text(line))).not.toContainEqual(
        expect.objectContaining({ cause: 'anonymous', confidence: 'likely' }),
      )
    expect(findings(text('the signature is wrong'))[0]).toMatchObject({ cause: 'anonymous', confidence: 'likely' })
  })

  it('is presigned if an object contains its parameters, in any case', () => {
    const parameters = {
      host: API,
      'x-amz-algorithm': 'AWS4-HMAC-SHA256',
      'x-amz-credential': `AKIDEXAMPLE/${SCOPE}`,
      'x-amz-date': '20260131T120000Z',
      'x-amz-signedheaders': 'host',
      'x-amz-expires': '900',
      'x-amz-signature': SIGNATURE,
    }
    const { url } = parseEvidence(JSON.stringify(parameters)).request ?? {}
    expect(url).toBe(
      `https://${API}/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F${SCOPE.replaceAll('/', '%2F')}&X-Amz-Date=20260131T120000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=900&X-Amz-Signature=${SIGNATURE}`,
    )
    const { 'x-amz-signature': _, ...unsigned } = parameters
    const { 'x-amz-signedheaders': list, ...form } = parameters
    expect(list).toBe('host')
    for (const others of [unsigned, { ...form, policy: 'e30=' }])
      expect(parseEvidence(JSON.stringify(others)).request?.url).not.toContain('X-Amz-Credential')
  })

  it('has the target up to the version of HTTP, whatever is in it', () => {
    const target = `/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE %F  20260131&X-Amz-Date=20260131T120000Z&X-Amz-Signature=${SIGNATURE}`
    expect(requestOf(`-->GET ${target} HTTP/1.1\nHost: ${API}`)?.url).toBe(target)
    const plain = target.replace(' %F  ', '%2F')
    expect(requestOf(`the URL is ${plain} and I use HTTP/1.1`)?.url).toBe(plain)
  })

  it('has the body under a label if it has the length that the headers state', () => {
    const post = ['POST /items HTTP/1.1', ...HEAD, 'Content-Length: 15'].join('\n')
    const curl = `> ${post.replaceAll('\n', '\n> ')}\n>\n< HTTP/1.1 403 Forbidden\n< Server: x\n<`
    for (const head of [post, curl])
      for (const label of ['Body:\n', 'Request body: ', 'payload =\n'])
        expect(requestOf(`${head}\n\n${label}{"a":1,"b":"x"}\n`)?.body).toBe('{"a":1,"b":"x"}')
    for (const text of ['Body:\n{"a":1}', 'Response body:\n{"a":1,"b":"x"}'])
      expect(requestOf(`${curl}\n\n${text}\n`)?.body).toBeUndefined()
  })
})

describe('what a paste is called', () => {
  const described = (text: string) =>
    parseEvidence(text).items.map(({ kind, description }) => `${kind}: ${description}`)

  it('is the first line of a message, and its parentheses are complete', () => {
    const message = 'The request signature we calculated does not match the signature you provided.'
    expect(described(JSON.stringify({ message: `${message}\n\nThe second line.\n` }))).toEqual([
      `error: JSON error "${message}"`,
    ])
    const expired =
      'Signature expired: 20150309T200000Z is now earlier than 20150309T204045Z (20150309T204545Z - 5 min.)'
    expect(described(`Error: ${expired}`)).toEqual([`error: Error "${expired}"`])
    expect(described(`It fails (${message})`)).toEqual([`error: Error "${message}"`])
  })

  it('is a URL only if it is one that was requested', () => {
    const url = `https://${HOST}/cat.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=${'ab'.repeat(32)}`
    expect(described(`Request URL: ${url}`)).toEqual(['url: Presigned URL'])
    expect(described(`Request URL: ${url}\nRequest Method: PUT\n`)).toEqual([
      'request: PUT request from the network panel of a browser',
    ])
    const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'
    expect(described(`the error <ErrorResponse xmlns=\\"${namespace}\\">\\n it is`)).toEqual([])
    expect(described(`I requested "${namespace}"`)).toEqual(['url: URL'])
  })
})

describe('a line that a terminal wrapped', () => {
  const CODE = 'InvalidRequest'
  const error = (end: string): string =>
    `  raise error_class(response)\nbotocore.errorfactory.${CODE}: An error occurred (${CODE}) when${end}calling the PutObject operation: Missing required header for${end}this request: Content-MD5`

  it('is joined before its message is read', () => {
    for (const end of [' ', '\n', '\n  '])
      expect(parseEvidence(error(end)).response).toEqual({
        code: CODE,
        message: 'Missing required header for this request: Content-MD5',
      })
  })

  it('is not joined to an error that starts later, or to another paragraph', () => {
    const text = `This is a long line of prose about my problem with S3\n${error(' ').split('\n')[1]}`
    expect(parseEvidence(text).items).toMatchObject([{ kind: 'error', lines: [2, 2] }])
    expect(parseEvidence(error('\n\n')).response).toBeUndefined()
  })
})

describe('names of headers in a log', () => {
  const scope = '20260131/main/s3/aws4_request'
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x_own, Signature=${'ab'.repeat(32)}`

  it('have hyphens again in a log of Terraform', () => {
    const sent = `2026-01-31T12:00:01.057Z [DEBUG] backend-s3: HTTP Request Sent: aws.region=main http.method=PUT http.url="https://s3.example.dev/state?a=b" http.request.header.authorization="${authorization}" http.request.header.x_amz_date=20260131T120000Z http.request.body=""`
    const received = `2026-01-31T12:00:01.190Z [DEBUG] backend-s3: HTTP Response Received: http.status_code=403 http.response.header.cf_ray=9a3c http.response.body="<Error><Code>SignatureDoesNotMatch</Code><Resource>\\"/state\\"</Resource></Error>"`
    expect(parseEvidence(`${sent}\n${received}`)).toMatchObject({
      request: {
        method: 'PUT',
        url: 'https://s3.example.dev/state?a=b',
        headers: [
          ['authorization', authorization],
          ['x-amz-date', '20260131T120000Z'],
          ['host', 's3.example.dev'],
        ],
        body: '',
      },
      response: {
        status: 403,
        headers: [['cf-ray', '9a3c']],
        body: '<Error><Code>SignatureDoesNotMatch</Code><Resource>"/state"</Resource></Error>',
      },
    })
    // a body of several lines follows its name
    expect(parseEvidence(sent.replace(/""$/, '')).request?.body).toBeUndefined()
    // other names: the parts are joined by what they are
    expect(parseEvidence(sent.replaceAll('http.', 'grpc.')).request).toMatchObject({
      method: 'PUT',
      url: 'https://s3.example.dev/state?a=b',
    })
  })

  it('have hyphens again in JSON, unless they are signed with underscores', () => {
    const headers = {
      host: 'storage.internal:5000',
      x_forwarded_host: 'storage.example.com',
      x_own: '1',
      x_amz_date: '20260131T120000Z',
      x_amz_content_sha256: 'UNSIGNED-PAYLOAD',
      authorization,
    }
    const text = JSON.stringify({ req: { method: 'GET', url: '/s3/a', headers } }, undefined, 2)
    const { request } = parseEvidence(text)
    const names = ['host', 'x-forwarded-host', 'x_own', 'x-amz-date', 'x-amz-content-sha256', 'authorization']
    expect((request?.headers as [string, string][] | undefined)?.map(([name]) => name)).toEqual(names)
    const message = expect.stringContaining('received the host storage.example.com and sent storage.internal:5000')
    expect(findings(`${text}\n${MISMATCH}`)).toContainEqual(expect.objectContaining({ cause: 'host', message }))
    const same = text.replace('storage.example.com', 'storage.internal:5000')
    expect(JSON.stringify(findings(`${same}\n${MISMATCH}`))).not.toContain('received the host')
  })
})

describe('the word header', () => {
  it('is a hint in prose, and not in the directives of nginx', () => {
    const text = (line: string) =>
      `https://${HOST}/a?X-Amz-Signature=${'ab'.repeat(32)}\n${MISMATCH}\nA presigned URL. ${line}\n`
    const hints = (line: string) => parseEvidence(text(line)).hints ?? []
    expect(hints('Which header do I have to send?')).toContain('header-changed')
    expect(hints('proxy_set_header Host $http_host;\nadd_header X-A b;')).not.toContain('header-changed')
  })
})
