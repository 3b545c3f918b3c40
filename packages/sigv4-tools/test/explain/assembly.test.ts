import { describe, expect, it } from 'vitest'
import { SECRET } from '../../../../test/support/credentials.ts'
import {
  EMPTY_HASH,
  hmacHex,
  sha256,
  signatureOf,
  signingKey,
  stringToSignOf,
} from '../../../../test/support/oracle.ts'
import { explain, parseEvidence } from '../../src/explain.ts'

// Strings that a client assembled incorrectly and shows: they are compared as they are.

const HOST = 'photos.s3.eu-west-1.amazonaws.com'
const DATE = '20260131T120000Z'
const SCOPE = '20260131/eu-west-1/s3/aws4_request'
const NAMES = 'host;x-amz-content-sha256;x-amz-date'
const now = Date.UTC(2026, 0, 31, 12, 0, 5)

const RIGHT = [
  ...[
    'GET',
    '/cat.jpg',
    '',
    `host:${HOST}`,
    `x-amz-content-sha256:${EMPTY_HASH}`,
    `x-amz-date:${DATE}`,
    '',
    NAMES,
    EMPTY_HASH,
  ],
]
const without = (index: number): string => RIGHT.filter((_, i) => i !== index).join('\n')
const toSign = (canonical: string): string => stringToSignOf(canonical, DATE, SCOPE)

const SIGNATURE = 'a1b2c3d4'.repeat(8)
const headers = {
  Host: HOST,
  'X-Amz-Content-Sha256': EMPTY_HASH,
  'X-Amz-Date': DATE,
  Authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=${NAMES}, Signature=${SIGNATURE}`,
}
const REQUEST = `GET /cat.jpg HTTP/1.1\n${Object.entries(headers)
  .map((pair) => pair.join(': '))
  .join('\n')}\n`
const service = RIGHT.join('\n')
const ERROR = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${toSign(service)}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided><CanonicalRequest>${service}</CanonicalRequest></Error>`

const MISTAKES: [name: string, canonical: string, how: RegExp][] = [
  ['the empty line after the headers', without(6), /without the empty line after the headers/],
  ['the line of the query string', without(2), /without the line of the query string/],
]

describe.each(MISTAKES)('a canonical request without %s', (_, canonical, how) => {
  const own = `My canonical request:\n${canonical}\n\nMy string to sign:\n${toSign(canonical)}\n`

  it.each([
    ['with the request and the error of the service', `${own}\n${REQUEST}\n${ERROR}`],
    ['with the request', `${own}\n${REQUEST}`],
    ['with the error', `${own}\n${ERROR}`],
    ['in strings of a program', `${JSON.stringify(canonical)}\n${JSON.stringify(toSign(canonical))}\n\n${REQUEST}`],
    ['in a code block of Markdown', `\`\`\`\n${own}\`\`\`\n\n${REQUEST}\n${ERROR}`],
  ])('is proven by its hash in the string to sign, pasted %s', (_, text) => {
    const evidence = parseEvidence(text)
    expect(evidence.signed?.canonicalRequest).toBe(canonical)
    const { verdict, findings } = explain({ ...evidence, now })
    expect(findings[0]).toMatchObject({ cause: 'canonical-request', confidence: 'proven' })
    expect(verdict).toMatch(how)
  })

  it('is proven if it is passed', () => {
    const signed = { canonicalRequest: canonical, stringToSign: toSign(canonical) }
    const request = { method: 'GET', url: `https://${HOST}/cat.jpg`, headers }
    const { verdict, findings } = explain({ request, signed, now })
    expect(findings[0]).toMatchObject({ cause: 'canonical-request', confidence: 'proven' })
    expect(verdict).toMatch(how)
  })
})

describe('a canonical request that a copy changed', () => {
  it('is read as it was, as its hash in the string to sign shows', () => {
    for (const copy of [without(6), without(2), RIGHT.join(' '), RIGHT.map((line) => `  ${line}`).join('\n')]) {
      const evidence = parseEvidence(
        `My canonical request:\n${copy}\n\nMy string to sign:\n${toSign(service)}\n\n${REQUEST}`,
      )
      expect(evidence.signed?.canonicalRequest).toBe(service)
      expect(explain({ ...evidence, now }).findings).toEqual([])
    }
  })
})

describe('strings that the client shows, with less of the request', () => {
  it('do not differ from a request that is not signed: that is the cause', () => {
    const signed = { canonicalRequest: service, stringToSign: toSign(service) }
    const response = { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>' }
    const { Authorization, ...unsigned } = headers
    for (const request of [
      { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: unsigned },
      { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: { Host: HOST } },
    ])
      for (const shown of [signed, { stringToSign: signed.stringToSign }])
        expect(explain({ request, response, signed: shown, now }).findings.map(({ cause }) => cause)).toEqual([
          'anonymous',
        ])
  })

  it('do not show that the signature changed if the request without its body does not contain it', () => {
    const policy = Buffer.from('{"expiration":"2026-01-31T13:00:00Z","conditions":[]}').toString('base64')
    const body = `<Error><Code>SignatureDoesNotMatch</Code><StringToSign>${policy}</StringToSign><SignatureProvided>${SIGNATURE}</SignatureProvided></Error>`
    const request = {
      method: 'POST',
      url: `https://${HOST}/`,
      headers: { Host: HOST, 'Content-Type': 'multipart/form-data; boundary=x' },
    }
    const { findings } = explain({ request, response: { status: 403, body }, signed: { stringToSign: policy }, now })
    expect(findings.map(({ cause }) => cause)).not.toContain('tampered-signature')
    expect(findings[0]?.cause).toBe('wrong-secret')
  })
})

describe('a signature that nothing which was tried reproduces', () => {
  const secretAccessKey = SECRET
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey }
  const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
  const signature = (text: string): string => signatureOf(secretAccessKey, SCOPE, text)
  /** A mistake that is not searched for. */
  const unknown = ['(start)', ...RIGHT, '(end)'].join('\n')
  const requestOf = (text: string, agent?: string) => ({
    method: 'GET',
    url: `https://${HOST}/cat.jpg`,
    headers: {
      ...headers,
      ...(agent !== undefined && { 'User-Agent': agent }),
      Authorization: headers.Authorization.replace(SIGNATURE, signature(text)),
    },
  })
  const DIFFERENT = 'the client signed a different host or path'
  const ASSEMBLED = 'he client assembled its canonical request or string to sign in a way that was not tried'

  it.each([
    [
      'of an unknown client is that of a different secret, or of strings that were assembled differently',
      undefined,
      ['wrong-secret', 'canonical-request'],
      `The secret access key differs. Otherwise, ${DIFFERENT}, or t${ASSEMBLED}.`,
    ],
    [
      'of a general HTTP library is rather that of strings that were assembled differently',
      'python-requests/2.32.3',
      ['canonical-request', 'wrong-secret'],
      `T${ASSEMBLED}. Otherwise, the secret access key differs, or ${DIFFERENT}.`,
    ],
  ])('%s', (_, agent, causes, event) => {
    const { verdict, findings, decides } = explain({
      request: requestOf(toSign(unknown), agent),
      response,
      credentials,
      now,
    })
    expect(verdict).toBe(`Possible cause: ${event}`)
    // once, and not again for each cause
    expect(
      findings
        .slice(1)
        .map(({ message }) => message)
        .join(),
    ).not.toContain('Otherwise')
    expect(findings.slice(0, 2).map(({ cause }) => cause)).toEqual(causes)
    expect(findings.map(({ confidence }) => confidence)).not.toContain('likely')
    expect(decides).toMatchObject({
      between: causes,
      evidence: expect.stringMatching(/^Print the canonical request and the string to sign/),
    })
  })

  it.each([
    ['spaces of a header', 'header-whitespace', '/cat.jpg', { 'x-amz-meta-title': 'Q1  summary' }],
    ['a parameter without =', 'query-empty-value', '/cat.jpg?acl', {}],
    ['a path with an empty segment', 'path-normalization', '/a//cat.jpg', {}],
  ])('keeps what the request shows among the first three: %s', (_, cause, target, more: Record<string, string>) => {
    const names = [...NAMES.split(';'), ...Object.keys(more)].sort().join(';')
    const authorization = headers.Authorization.replace(/(SignedHeaders=)[^,]*/, `$1${names}`)
    const request = {
      method: 'GET',
      url: `https://${HOST}${target}`,
      headers: { ...headers, ...more, Authorization: authorization },
    }
    const [without, given] = [undefined, credentials].map((each) =>
      explain({ request, response, credentials: each, now }).findings.map((finding) => finding.cause),
    )
    expect(without!.slice(0, 2)).toContain(cause)
    expect(given!.slice(0, 3)).toContain(cause)
  })

  it('of an official client, which assembles them correctly, is that of a different secret', () => {
    const { findings } = explain({ request: requestOf(toSign(unknown), 'aws-cli/2.31.0'), response, credentials, now })
    expect(findings[0]).toMatchObject({ cause: 'wrong-secret', confidence: 'likely' })
    expect(findings.map(({ cause }) => cause)).not.toContain('canonical-request')
  })

  it.each([
    ['both strings', { canonicalRequest: unknown, stringToSign: toSign(unknown) }, 'canonical-request', 'likely'],
    ['the canonical request', { canonicalRequest: unknown }, 'canonical-request', 'likely'],
    ['the string to sign', { stringToSign: toSign(unknown) }, 'string-to-sign', 'likely'],
  ])(
    'is that of the right secret if the credentials produce it from %s of the client',
    (_, signed, cause, confidence) => {
      const { verdict, findings } = explain({ request: requestOf(toSign(unknown)), response, credentials, signed, now })
      expect(findings[0]).toMatchObject({ cause, confidence })
      expect(verdict).toContain('These credentials produce the received signature from the')
      expect(findings.map((each) => each.cause)).not.toContain('wrong-secret')
    },
  )

  it('is that of a different secret if the credentials do not produce it from the string to sign of the client', () => {
    const signed = { canonicalRequest: service, stringToSign: toSign(service) }
    const { findings } = explain({ request: requestOf('by another key'), response, credentials, signed, now })
    expect(findings[0]).toMatchObject({ cause: 'wrong-secret', confidence: 'likely' })
  })

  it('leaves the string to sign if the canonical request of the client is right', () => {
    const { verdict } = explain({
      request: requestOf('unknown'),
      response,
      credentials,
      signed: { canonicalRequest: service },
      now,
    })
    expect(verdict).toContain('or the client assembled its string to sign in a way that was not tried')
  })

  it('shows a value that differs if the credentials produce it from the strings of the client', () => {
    const canonicalRequest = service.replace('/cat.jpg', '/somewhere/else.png')
    const signed = { canonicalRequest, stringToSign: toSign(canonicalRequest) }
    const { findings } = explain({ request: requestOf(signed.stringToSign), response, credentials, signed, now })
    expect(findings[0]).toMatchObject({ cause: 'path', confidence: 'likely', expected: '/somewhere/else.png' })
  })
})

describe('a string to sign with something other than the hash of a canonical request that is right', () => {
  it('is proven by the strings of the service', () => {
    const signed = { canonicalRequest: service, stringToSign: toSign('something else') }
    const request = { method: 'GET', url: `https://${HOST}/cat.jpg`, headers }
    const { findings } = explain({ request, response: { status: 403, body: ERROR }, signed, now })
    expect(findings[0]).toMatchObject({ cause: 'string-to-sign', confidence: 'proven' })
  })
})

describe('credentials of a different access key ID, without a response', () => {
  it('leave open whether the signature is right', () => {
    const credentials = { accessKeyId: 'AKIDANOTHER', secretAccessKey: SECRET }
    const { signature, findings } = explain({
      request: { method: 'GET', url: `https://${HOST}/cat.jpg`, headers },
      credentials,
      now,
    })
    expect([signature, findings[0]?.cause]).toEqual(['unknown', 'unknown-access-key'])
  })
})

describe('uppercase hexadecimal digits', () => {
  const secretAccessKey = SECRET
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey }
  const response = {
    status: 403,
    body: '{"message":"The request signature we calculated does not match the signature you provided."}',
  }
  const scope = '20260131/eu-west-1/es/aws4_request'
  const host = 'films.eu-west-1.es.amazonaws.com'
  const body = '{"a":1}'
  const key = signingKey(secretAccessKey, scope)
  type Hex = (hash: string) => string
  const upper: Hex = (hash) => hash.toUpperCase()
  const lower: Hex = (hash) => hash
  const explained = (payload: Hex, hash: Hex, last: Hex) => {
    const canonical = `POST\n/x\n\nhost:${host}\nx-amz-date:${DATE}\n\nhost;x-amz-date\n${payload(sha256(body))}`
    const signature = last(hmacHex(key, ['AWS4-HMAC-SHA256', DATE, scope, hash(sha256(canonical))].join('\n')))
    const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`
    const request = {
      method: 'POST',
      url: `https://${host}/x`,
      body,
      headers: { host, 'x-amz-date': DATE, authorization },
    }
    return explain({ request, response, credentials, now }).findings[0]
  }

  it.each([
    ['the payload hash', upper, lower, lower, 'the payload hash'],
    ['the hash of the canonical request', lower, upper, lower, 'the hash of the canonical request'],
    ['the signature', lower, lower, upper, 'the signature'],
    ['both hashes', upper, upper, lower, 'hashes and the signature'],
    ['both hashes and the signature', upper, upper, upper, 'hashes and the signature'],
  ])('of %s are proven, with one fix', (_, payload, hash, last, what) => {
    const finding = explained(payload, hash, last)
    expect(finding?.confidence).toBe('proven')
    expect(finding?.message).toContain('in uppercase hexadecimal digits.')
    expect(finding?.fix).toBe(`Write ${what} in lowercase hexadecimal digits.`)
  })
})

describe('a malformed string under a label', () => {
  const secretAccessKey = SECRET
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey }
  const hash = sha256(service)
  const lines = (date: string, scope: string, ...rest: string[]): string =>
    ['AWS4-HMAC-SHA256', date, scope, ...rest].join('\n')
  const error = '\nHTTP/1.1 403 Forbidden\n\n<Error><Code>SignatureDoesNotMatch</Code></Error>\n'
  const read = (shown: string, signed: string, secrets?: typeof credentials) => {
    const evidence = parseEvidence(
      `${shown}\n\n${REQUEST.replace(SIGNATURE, signatureOf(secretAccessKey, SCOPE, signed))}${error}`,
    )
    return { evidence, ...explain({ ...evidence, credentials: secrets, now }) }
  }
  const dashes = hash.toUpperCase().replace(/..(?!$)/g, '$&-')

  it.each([
    [
      'milliseconds in the date',
      lines('20260131T120000.123Z', SCOPE, hash),
      /the client signed "20260131T120000.123Z"/,
    ],
    ['a date without a time', lines('20260131', SCOPE, hash), /the client signed "20260131"/],
    ['a missing separator', lines(DATE, SCOPE + hash), /line 3 of the string to sign as "\S+request[\da-f]+…"/],
    ['dashes in the hash', lines(DATE, SCOPE, dashes), /line 4 of the string to sign as "..-..-/],
    ['a missing first line', [DATE, SCOPE, hash].join('\n'), /without the algorithm/],
  ])('is read as it stands and checked line by line: %s', (_, signed, how) => {
    for (const label of ['String to sign:', 'StringToSign', 'string_to_sign =', '### String-to-Sign:']) {
      const shown = `CanonicalRequest:\n${service}\n\n${label}\n${signed}`
      const { evidence, findings, verdict, decides } = read(shown, signed)
      expect(evidence.signed?.stringToSign).toBe(signed)
      expect(findings[0]?.confidence).toBe('likely')
      expect(verdict).toMatch(how)
      expect(decides).toBeUndefined()
      expect(read(shown, signed, credentials).findings[0]?.confidence).toBe('proven')
    }
    const { evidence } = read(`StringToSign: ${signed.replaceAll('\n', '\\n')}`, signed)
    expect(evidence.signed?.stringToSign).toBe(signed)
  })

  it('of a canonical request names its wrong line', () => {
    const wrong = ['GET /cat.jpg HTTP/1.1', ...RIGHT.slice(1)].join('\n')
    const { evidence, verdict } = read(
      `Canonical request:\n${wrong}\n\nString to sign:\n${toSign(wrong)}`,
      toSign(wrong),
    )
    expect(evidence.signed).toEqual({ canonicalRequest: wrong, stringToSign: toSign(wrong) })
    expect(verdict).toMatch(/line 1 of the canonical request as "GET.*\/cat.jpg HTTP\/1.1" instead of "GET"/)
  })

  it('is proven with the escapes of PowerShell, in single quotation marks', () => {
    const wrong = RIGHT.join('`n')
    const { evidence, findings, verdict } = read(`Canonical: ${wrong}`, toSign(wrong), credentials)
    expect(evidence.signed?.canonicalRequest).toBe(service)
    expect(findings[0]).toMatchObject({ cause: 'canonical-request', confidence: 'proven' })
    expect(verdict).toMatch(/a backtick and an n between its lines/)
  })

  it('in strings of Python is read without their quotation marks', () => {
    const python = (text: string): string =>
      text
        .split('\n')
        .map((line) => ` '${line}\\n'`)
        .join('\n')
        .replace(/\\n'$/, "')")
    const { evidence } = read(
      `('\\n'\n${python(`CANONICAL REQUEST = ${service}`)}\n('\\n'\n${python(`STRING_TO_SIGN = ${toSign(service)}`)}`,
      toSign(service),
    )
    expect(evidence.signed).toEqual({ canonicalRequest: service, stringToSign: toSign(service) })
  })

  it('is not one if it is a template, part of it is hidden, or the string of a chunk', () => {
    for (const shown of [
      lines('<timestamp>', '<scope>', '<hash>'),
      lines(DATE, SCOPE, '***'),
      ['AWS4-HMAC-SHA256-PAYLOAD', DATE, SCOPE, hash, EMPTY_HASH, hash].join('\n'),
      'is computed from the date, the scope aws4_request,\nand the hash',
    ]) {
      const { findings, evidence } = read(`String to sign:\n${shown}`, toSign(service))
      // nothing shows it; a program that prints its strings is wrong more often than its secret
      const first = evidence.signer?.is === 'own' ? 'canonical-request' : 'wrong-secret'
      expect(findings.filter(({ part }) => part?.of === 'string to sign')).toEqual([])
      expect(findings[0]).toMatchObject({ cause: first, confidence: 'possible' })
    }
  })

  it('is not one if it is the request itself', () => {
    const { evidence } = read(`Canonical request:\n${REQUEST}`, toSign(service))
    expect(evidence.signed).toBeUndefined()
    expect(evidence.request?.headers).toHaveLength(4)
  })
})

describe('a hash in the string to sign', () => {
  const paste = (shown: string, hashed: string): string =>
    `CanonicalRequest:\n${shown}\n\nStringToSign:\n${toSign(hashed)}\n\n${REQUEST}\nHTTP/1.1 403 Forbidden\n\n<Error><Code>SignatureDoesNotMatch</Code></Error>\n`

  it.each([
    ['a line feed at its end', `${service}\n`],
    ['CRLF between its lines', RIGHT.join('\r\n')],
    ['a backslash and an n between its lines', RIGHT.join('\\n')],
    ['without the empty line after the headers', without(6)],
  ])('proves what was hashed without the secret, whatever was printed: %s', (how, hashed) => {
    const { findings, verdict } = explain({ ...parseEvidence(paste(service, hashed)), now })
    expect(findings[0]).toMatchObject({ cause: 'canonical-request', confidence: 'proven' })
    expect(verdict).toContain(how)
  })

  it('proves nothing if it is right, or nothing that was tried has it', () => {
    for (const hashed of [service, 'anything else']) {
      const { findings } = explain({ ...parseEvidence(paste(service, hashed)), now })
      // both strings are printed, so the key is left
      expect(findings[0]).toMatchObject({ cause: 'key-derivation', confidence: 'possible' })
      expect(findings.map(({ cause }) => cause)).toContain('wrong-secret')
    }
  })
})

describe('a canonical request with an incorrect form, and an incorrect header', () => {
  const secretAccessKey = SECRET
  const names = 'host;x-amz-content-sha256;x-amz-date;x-amz-meta-title'
  const sent = { ...headers, 'X-Amz-Meta-Title': 'Q1  summary' }
  /** Signs the lines of a canonical request, in which the spaces of the title are not collapsed. */
  const explained = (change: (lines: string[]) => string[], isGiven: boolean) => {
    const lines = [...RIGHT.slice(0, 6), 'x-amz-meta-title:Q1  summary', '', names, EMPTY_HASH]
    const canonicalRequest = change(lines).join('\n')
    const stringToSign = toSign(canonicalRequest)
    const signature = signatureOf(secretAccessKey, SCOPE, stringToSign)
    const Authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${SCOPE}, SignedHeaders=${names}, Signature=${signature}`
    return explain({
      request: { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: { ...sent, Authorization } },
      response: { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' },
      signed: { canonicalRequest, stringToSign },
      ...(isGiven && { credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey } }),
      now,
    }).findings
  }
  const FORMS: [string, (lines: string[]) => string[], string][] = [
    ['the empty line', (lines) => lines.filter((_, i) => i !== 7), 'Add the empty line after the headers.'],
    ['the query string', (lines) => lines.filter((_, i) => i !== 2), 'Add the line of the query string.'],
    [
      'the last line',
      (lines) => [...lines, ''],
      'Do not add a line break before the first line or after the last one.',
    ],
    ['names', (lines) => lines.map((line) => line.replace(/^x-amz-[^:;]*:/, (name) => name.toUpperCase())), 'line 5'],
    ['lines that nothing explains', (lines) => ['GET', '/cat.jpg', 'query', 'body', ...lines.slice(3)], 'line 3'],
  ]

  // without the credentials, lines of a copy may be missing
  const all = FORMS.flatMap(([what, change, fix]) =>
    [true, ...(/^(?:names|lines)/.test(what) ? [] : [false])].map((isGiven) => ({ what, change, fix, isGiven })),
  )
  it.each(all)(
    'is explained by both, each with its own fix: $what, credentials: $isGiven',
    ({ change, fix, isGiven }) => {
      const found = explained(change, isGiven)
      const [space, form] = [true, false].map((is) => found.find(({ cause }) => (cause === 'header-whitespace') === is))
      expect(space).toMatchObject({ part: { name: 'x-amz-meta-title' }, fix: expect.stringContaining('one space') })
      expect(form?.fix).toContain(fix)
      expect(found.map((each) => each.fix).join()).not.toContain('Write method, path')
    },
  )
})

it('a mistake that changes nothing is not proven: an empty body in base64 is empty, too', () => {
  const capitals = 'Host;X-Amz-Content-Sha256;X-Amz-Date'
  const canonicalRequest = [...RIGHT.slice(0, 7), capitals, EMPTY_HASH].join('\n')
  const stringToSign = toSign(canonicalRequest)
  const Authorization = headers.Authorization.replace(NAMES, capitals).replace(
    SIGNATURE,
    signatureOf(SECRET, SCOPE, stringToSign),
  )
  const { findings } = explain({
    request: { method: 'GET', url: `https://${HOST}/cat.jpg`, headers: { ...headers, Authorization }, body: '' },
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET },
    signed: { canonicalRequest, stringToSign },
    now,
  })
  expect(findings.map(({ cause, confidence }) => `${cause} ${confidence}`)).toEqual(['signed-headers proven'])
})
