import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { presignGet } from '../../../../../src/sync.ts'
import { CREDENTIALS } from '../../../../../test/support/credentials.ts'
import { runs } from '../../../../../test/support/depth.ts'
import { type Evidence, parseEvidence } from '../../../src/explain/paste/parse.ts'
import { readResponse } from '../../../src/explain/response/response.ts'
import { explain } from '../../../src/explain.ts'
import { PASTES } from '../../support/pastes.ts'

// What people paste, in every shape that is known, and the same carried by mail, Markdown and Windows.

/** Everything but the list of what was recognized. */
function content(text: string): Omit<Evidence, 'items'> {
  const { items, ...rest } = parseEvidence(text)
  return rest
}

const STRINGS = /^(?:Code|Message|(?:CanonicalRequest|StringToSign)(?:Bytes)?)$/

/** Evidence with what `explain` reads in its response, in whichever form that contains it. */
// who signed has tests of its own
function understood({ response, signer: _, ...rest }: Omit<Evidence, 'items'>) {
  if (!response) return rest
  const { status, code, message, elements, headers, canonicalRequest, stringToSign } = readResponse(response)
  const [own = ''] = message.split('\n\nThe Canonical String')
  const others = [...elements].filter(([name]) => !STRINGS.test(name))
  const { body } = response
  // what is neither XML nor JSON is kept as it is
  const plain = typeof body === 'string' && !/^\s*[<{]/.test(body) ? body : undefined
  return {
    ...rest,
    response: { status, code, message: own.trim(), others, headers, canonicalRequest, stringToSign, plain },
  }
}

describe.each(PASTES)('$title', ({ paste, expected, kinds }) => {
  it('is read', () => {
    expect(understood(content(paste))).toEqual(understood(expected))
    const { items } = parseEvidence(paste)
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(kinds ?? []))
    const last = paste.split('\n').length
    for (const { lines, description } of items) {
      expect(description).toMatch(/^[A-Z]/)
      expect(lines[0]).toBeGreaterThan(0)
      expect(lines[1]).toBeGreaterThanOrEqual(lines[0])
      expect(lines[1]).toBeLessThanOrEqual(last)
    }
  })

  const each = (change: (line: string) => string) => paste.split('\n').map(change).join('\n')
  it.each([
    ['with line ends of Windows', () => paste.replaceAll('\n', '\r\n')],
    ['quoted', () => each((line) => `> ${line}`)],
    ['quoted twice', () => each((line) => `> > ${line}`)],
    ['quoted without spaces', () => each((line) => `>> ${line}`)],
    ['in a code block', () => `\`\`\`\n${paste.replace(/\n$/, '')}\n\`\`\`\n`],
    ['in a code block with a language', () => `Hello\n\n~~~console\n${paste.replace(/\n$/, '')}\n~~~\n\nThanks.`],
    ['indented', () => each((line) => (line === '' ? '' : `    ${line}`))],
    ['between paragraphs', () => `Hello,\nwhat is wrong here?\n\n${paste}\n\nThanks a lot!\n`],
    ['with zero-width spaces', () => `\ufeff${paste.replaceAll('\n', '\u200b\n')}`],
    ['with colors', () => each((line) => (line === '' ? '' : `\x1b[1;31m${line}\x1b[0m`))],
  ])('is the same %s', (_, changed) => {
    expect(understood(content(changed()))).toEqual(understood(expected))
  })
})

describe('hostile input', () => {
  it.each([
    ['a request in an escaped string with no target', 'GET \\n HTTP/1.1\\n'],
    ['a panel with a line separator in a value', 'General\nStatus: a\u2028b'],
    [
      'a map of headers after a URL without a method',
      `sent to https://a.s3.amazonaws.com/b dict_items([('Host', 'a'), ('Authorization', 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260131/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}')])`,
    ],
  ])('does not throw: %s', (_, text) => {
    expect(parseEvidence(text).items).toBeInstanceOf(Array)
  })

  const fragments = fc.constantFrom(
    ...PASTES.flatMap(({ paste }) => paste.split(/(?<=[\n ])/)),
    ...['{', '}', '"', "'", '\n', '<', '>', '\\', '`', '&amp;', '```', '\0', '\ud800', '=> ', '\x1b[0m'],
    ...['\u2028', '\r', '\\n', '\\t', "' + '", 'General\n', 'dict_items(['],
  )
  it('never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fragments, fc.string()), { maxLength: 60 }), (pieces) => {
        const { items } = parseEvidence(pieces.join(''))
        expect(Array.isArray(items)).toBe(true)
      }),
      { numRuns: runs(500, 20_000) },
    )
  })

  it('that are not strings throw', () => {
    expect(() => parseEvidence(undefined as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringMatching(/^text has the wrong type/),
      }),
    )
  })
})

describe('secrets', () => {
  const secret = fc.stringMatching(/^[A-Za-z\d/+]{40}$/).filter((text) => /\d/.test(text) && new Set(text).size > 12)
  const lines = fc.constantFrom<(text: string) => string>(
    (text) => `AWS_SECRET_ACCESS_KEY=${text}`,
    (text) => `export AWS_SECRET_ACCESS_KEY="${text}"`,
    (text) => `aws_secret_access_key = ${text}`,
    (text) => `  secretAccessKey: '${text}',`,
    (text) => `"SecretAccessKey": "${text}",`,
    (text) => `new AWS.S3({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: '${text}' })`,
    (text) => `my secret key is ${text}`,
    (text) =>
      `curl --aws-sigv4 aws:amz:eu-west-1:s3 --user "AKIAIOSFODNN7EXAMPLE:${text}" https://photos.s3.amazonaws.com/`,
    (text) => `aws_session_token=${text}`,
  )
  it('are never part of the result, and their lines are named', () => {
    fc.assert(
      fc.property(secret, lines, fc.constantFrom(...PASTES), fc.boolean(), (text, line, { paste }, isFirst) => {
        const pasted = isFirst ? `${line(text)}\n\n${paste}` : `${paste}\n\n${line(text)}\n`
        const evidence = parseEvidence(pasted)
        expect(JSON.stringify(evidence)).not.toContain(text)
        const at = pasted.split('\n').findIndex((each) => each.includes(text)) + 1
        expect(evidence.items).toContainEqual({
          kind: 'credentials',
          lines: [at, at],
          description: expect.stringMatching(/, do not share this line$/),
        })
      }),
      { numRuns: runs(100, 5000) },
    )
  })

  it('that are placeholders are not reported', () => {
    for (const line of [
      'AWS_SECRET_ACCESS_KEY=YOUR_SECRET_ACCESS_KEY1',
      'secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY_2',
      'secret_key=xxxxxxxxxxxxxxxxxxxxxxx1',
    ])
      expect(parseEvidence(line).items).toEqual([])
  })

  it('in headers that were sent stay, and are reported', () => {
    const token = 'FwoGZXIvYXdzEXAMPLE0123456789token'
    const { request, items } = parseEvidence(
      `> GET /x HTTP/1.1\n> Host: photos.s3.amazonaws.com\n> X-Amz-Security-Token: ${token}\n>\n`,
    )
    expect(request?.headers).toContainEqual(['X-Amz-Security-Token', token])
    expect(items).toContainEqual({
      kind: 'credentials',
      lines: [3, 3],
      description: 'A session token, do not share this line',
    })
  })
})

describe('what has nothing to do with signatures', () => {
  it.each([
    '',
    ' \n\t\n',
    'hello',
    'Hello,\n\nhow are you?\n',
    '[1]',
    '{"log":1}',
    '{"log":{"entries":[]}}',
    '\0\x01\x02',
    '# Title\n\nSome *text*.\n\n- a list\n',
  ])('is not recognized: %j', (text) => {
    expect(parseEvidence(text)).toEqual({ items: [] })
  })
})

describe('strings that Python prints in several lines', () => {
  it('are joined, unless a comma follows', () => {
    const parts = ['Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, ', 'SignedHeaders=host, Signature=01']
    const headers = `{'Authorization': 'AWS4-HMAC-SHA256 ${parts[0]}'\n                  '${parts[1]}',\n 'x-amz-date': '20150830T123600Z'}`
    const text = `{'url': 'https://b.s3.us-east-1.amazonaws.com/a', 'headers': ${headers}}`
    expect(parseEvidence(text).request?.headers).toEqual([
      ['Authorization', `AWS4-HMAC-SHA256 ${parts.join('')}`],
      ['x-amz-date', '20150830T123600Z'],
    ])
  })
})

describe('the SDK for PHP', () => {
  const SUMMARY =
    "AuthorizationHeaderMalformed (client): The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'ap-northeast-1'"
  const START =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header (truncated...)'

  it.each([
    ['in the next line', `${START}\n ${SUMMARY} - <?xml version="1.0" encoding="UTF-8"?>`],
    ['in the same line', `${START.replace('\n', ' ')} ${SUMMARY}`],
  ])('prints a truncated error, and its message %s', (_, text) => {
    const { findings } = explain({
      ...parseEvidence(`PHP Fatal error: Error executing "ListObjects"; response:\n${text}`),
    })
    expect(findings[0]).toMatchObject({ cause: 'scope-region', expected: 'ap-northeast-1', actual: 'us-east-1' })
  })
})

describe('a browser that blocks a response', () => {
  const URL = 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg'
  const SIGNED = `${URL}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=${'0123456789abcdef'.repeat(4)}`
  const FETCH = `Access to fetch at '${URL}' from origin 'http://localhost:3000' has been blocked by CORS policy:`
  const FIREFOX = `Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at ${URL}. (Reason:`

  it.each([
    `${FETCH} Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.`,
    `${FETCH} Request header field x-amz-acl is not allowed by Access-Control-Allow-Headers in preflight response.`,
    `${FETCH} Method PUT is not allowed by Access-Control-Allow-Methods in preflight response.`,
    `OPTIONS ${SIGNED} 403 (Forbidden)\n${FETCH} No 'Access-Control-Allow-Origin' header is present on the requested resource.`,
    `${FIREFOX} CORS preflight response did not succeed). Status code: 403.`,
    `${FIREFOX} header ‘x-amz-acl’ is not allowed according to header ‘Access-Control-Allow-Headers’ from CORS preflight response).`,
    'Preflight response is not successful. Status code: 403',
    'Request header field x-amz-acl is not allowed by Access-Control-Allow-Headers in preflight response',
    'Method PUT is not allowed by Access-Control-Allow-Methods.',
  ])('at the preflight does so because of CORS, not of the signature: %s', (text) => {
    const { verdict, signature, findings } = explain(parseEvidence(text))
    expect(signature).toBe('right')
    expect(verdict).toBe(
      'The signature is not the problem: the preflight request, which is not signed, was not allowed.',
    )
    expect(findings[0]).toMatchObject({
      cause: 'cors',
      confidence: 'likely',
      fix: expect.stringMatching(/^Add a CORS rule/),
    })
  })

  it.each([
    `${FETCH} No 'Access-Control-Allow-Origin' header is present on the requested resource.`,
    `PUT ${SIGNED} 403 (Forbidden)\n${FETCH} No 'Access-Control-Allow-Origin' header is present on the requested resource.`,
    `${FIREFOX} CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403.`,
    `${FIREFOX} CORS request did not succeed). Status code: (null).`,
    'Origin http://localhost:3000 is not allowed by Access-Control-Allow-Origin. Status code: 403',
    `Fetch API cannot load ${URL} due to access control checks.`,
  ])('otherwise hides whether the signature is right: %s', (text) => {
    const { verdict, signature, findings } = explain(parseEvidence(text))
    expect(signature).toBe('unknown')
    expect(verdict).toMatch(/^Either a CORS rule was missing, or the service rejected .* the browser hides/)
    expect(findings[0]).toMatchObject({
      cause: 'cors',
      fix: expect.stringContaining('curl -v'),
    })
  })

  it('names the resource by an ellipsis', () => {
    const { findings } = explain(parseEvidence(`${FIREFOX} CORS header ‘Access-Control-Allow-Origin’ missing).`))
    expect(findings[0]!.evidence).toContain("remote resource at … (Reason: CORS header 'Access-")
  })

  it('does not hide that the credentials make a different signature', () => {
    const { signature, findings } = explain({
      request: {
        method: 'PUT',
        url: SIGNED,
      },
      response: { status: 403, message: `${FETCH} No 'Access-Control-Allow-Origin' header is present.` },
      credentials: { ...CREDENTIALS },
    })
    expect(signature).toBe('wrong')
    expect(findings[0]!.cause).toBe('wrong-secret')
  })
})

describe('the host to which curl connected', () => {
  const log = (connected: string, more = ''): string =>
    `* Connected to ${connected} (10.0.0.1) port 443\n${more}> GET /cat.jpg HTTP/1.1\n> Host: photos.s3.eu-west-1.amazonaws.com\n>\n`

  it('is the endpoint of the client', () => {
    expect(parseEvidence(log('proxy.internal')).endpoint).toBe('https://proxy.internal')
    expect(parseEvidence(log('proxy.internal').replace('443', '9000')).endpoint).toBe('http://proxy.internal:9000')
  })

  it('is not worth a word if it is that of the request', () => {
    expect(parseEvidence(log('photos.s3.eu-west-1.amazonaws.com')).endpoint).toBeUndefined()
  })

  it.each(['minio:9000', 'minio', 'localhost', 'localhost:9000'])('is proven to be signed, not %s', (host) => {
    const credentials = { ...CREDENTIALS }
    const url = 'http://localhost:9411/photos/cat.jpg'
    const signed = presignGet(url, { credentials, region: 'us-east-1', service: 's3' }).url.slice(21)
    const pasted = `* Connected to localhost (127.0.0.1) port 9411 (#0)\n> GET ${signed} HTTP/1.1\n> Host: ${host}\n>\n< HTTP/1.1 403 Forbidden\n<\n<Error><Code>SignatureDoesNotMatch</Code></Error>`
    expect(explain({ ...parseEvidence(pasted), credentials }).findings[0]).toMatchObject({
      cause: host.startsWith('minio') ? 'host' : 'host-port',
      confidence: 'proven',
      expected: 'localhost:9411',
      actual: host,
    })
  })

  it('is not if a proxy forwards the bytes', () => {
    expect(
      parseEvidence(log('proxy.internal', '* CONNECT tunnel established, response 200\n')).endpoint,
    ).toBeUndefined()
  })
})
