import { inspect as show } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { presignGet, presignPut, sign } from '../../../../src/sync.ts'
import { trace } from '../../../../src/trace.ts'
import { CREDENTIALS } from '../../../../test/support/credentials.ts'
import { EMPTY_HASH, sha256, signatureOf } from '../../../../test/support/oracle.ts'
import { readCase } from '../../src/explain/case/read.ts'
import { prove } from '../../src/explain/search/proof.ts'
import { causes, causeText, explain, highlightDiff, inspect } from '../../src/explain.ts'
import { readRecording } from '../support/explain/recorded.ts'

const credentials = { ...CREDENTIALS }
const NOW = Date.UTC(2026, 0, 31, 12)
const OBJECT = { bucket: 'photos', key: 'résumé (1).pdf', region: 'eu-west-1' }
const options = { credentials, now: NOW, contentType: 'image/png' }
const upload = presignPut(OBJECT, options)
const host = 'photos.s3.eu-west-1.amazonaws.com'

/** The request that is sent with a presigned one. */
function sent(change: { method?: string; url?: string; headers?: Record<string, string> } = {}) {
  return { method: 'PUT', url: upload.url, headers: { host, ...upload.headers }, ...change }
}

describe('explain', () => {
  it('calls a correct signature right, with and without a response', () => {
    const known = { request: sent(), credentials, now: NOW }
    expect(explain(known)).toEqual({
      verdict: 'The signature is correct: these credentials produce it.',
      signature: 'right',
      findings: [],
      wanted: [],
    })
    expect(explain({ ...known, response: { status: 200 } })).toEqual({
      verdict: 'The signature is correct, and the service accepted the request.',
      signature: 'right',
      findings: [],
      wanted: [],
    })
  })

  it('accepts the signatures of every signer of this library', () => {
    for (const service of ['s3', 'dynamodb', 'execute-api'])
      for (const sessionToken of [undefined, 'a/token+with=marks']) {
        const who = { ...credentials, ...(sessionToken && { sessionToken }) }
        const url = 'https://example.eu-west-1.amazonaws.com/a%20b/ü?x=1&x=0&y'
        const request = { method: 'POST', url, headers: { 'x-amz-target': 'a  b' }, body: '{"a":"é"}' }
        const signed = sign(request, { credentials: who, service, region: 'eu-west-1', now: NOW })
        const headers = { host: 'example.eu-west-1.amazonaws.com', ...signed.headers }
        const { verdict, findings } = explain({ request: { ...signed, headers }, credentials: who, now: NOW })
        expect(
          findings.filter(({ cause }) => cause !== 'scope-service'),
          verdict,
        ).toEqual([])
      }
  })

  it('tries the values of several headers together, and with a change of another header', () => {
    const request = { method: 'PUT', url: 'https://photos.s3.eu-west-1.amazonaws.com/cat.jpg' }
    const headers = { 'content-type': 'image/png', 'x-amz-meta-owner': 'maria', 'x-amz-meta-title': 'A cat' }
    const signed = sign({ ...request, headers }, { credentials, now: NOW })
    const changed = { host, ...signed.headers, 'x-amz-meta-owner': 'erika', 'x-amz-meta-title': 'A dog' }
    const explained = (more: Record<string, string>, told: Record<string, string>) =>
      explain({
        request: { ...signed, headers: { ...changed, ...more } },
        response: { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' },
        ...{ credentials, now: NOW, signed: { headers: told } },
      }).findings.map(({ confidence, part, expected }) => [confidence, part?.name, expected])
    const owner = ['proven', 'x-amz-meta-owner', 'maria']
    const title = ['proven', 'x-amz-meta-title', 'A cat']
    const told = { 'x-amz-meta-owner': 'maria', 'x-amz-meta-title': 'A cat' }
    expect(explained({}, told)).toEqual([owner, title])
    const type = ['proven', 'content-type', 'image/png']
    expect(explained({ 'content-type': 'image/jpeg' }, told)).toEqual([type, owner, title])
  })

  it('names, proves and fixes a header that was changed', () => {
    const { verdict, findings } = explain({
      request: sent({ headers: { host, 'content-type': 'image/jpeg' } }),
      response: { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' },
      credentials,
      now: NOW,
    })
    expect(findings).toEqual([
      {
        cause: 'header-changed',
        confidence: 'proven',
        message:
          'The Content-Type header changed after signing: the client signed "image/png", and the request contained "image/jpeg".',
        evidence: 'Applying this cause reproduces the received signature or hash.',
        expected: 'image/png',
        actual: 'image/jpeg',
        fix: 'Send "Content-Type: image/png", or create the signature for "image/jpeg".',
        part: { of: 'header', name: 'content-type' },
        isSigned: true,
      },
    ])
    expect(verdict).toBe(`Proven: ${findings[0]!.message}`)
  })

  it('proves nothing about parts that the evidence does not show', () => {
    const { url } = upload
    const needed = 'the method PUT and the header content-type: image/png'
    expect(explain({ request: { url }, credentials, now: NOW })).toEqual({
      verdict: `The signature is correct if the request is sent with ${needed}.`,
      signature: 'right',
      findings: [],
      wanted: [],
    })
    const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
    const { findings } = explain({ request: { url }, response, credentials, now: NOW })
    expect(findings.map(({ cause, confidence }) => `${cause} ${confidence}`)).toEqual([
      'method likely',
      'header-missing likely',
    ])
    // what is shown is still proven
    const plain = presignPut(OBJECT, { credentials, now: NOW }).url
    const changed = explain({ request: { url: `${plain}&utm=1` }, response, credentials, now: NOW })
    expect(changed.findings).toMatchObject([{ cause: 'query-extra', confidence: 'proven' }])
    const shown = explain({ request: { method: 'GET', url, headers: {} }, credentials, now: NOW })
    expect(shown.findings.filter(({ confidence }) => confidence === 'proven').map(({ cause }) => cause)).toEqual([
      'method',
      'header-missing',
    ])
  })

  it('recognizes a URL that a shell cut at an &', () => {
    const { findings } = explain({ request: { url: upload.url.split('&')[0]! }, now: NOW })
    expect(findings[0]).toMatchObject({ cause: 'missing-param', confidence: 'likely', expected: 'X-Amz-Credential' })
  })

  it('shows an access key ID that is also the secret', () => {
    const local = { accessKeyId: 'test', secretAccessKey: 'test' }
    const { findings } = explain({ request: sent(), credentials: local, now: NOW })
    expect(findings.map(({ message }) => message)).toContain(
      'The request was signed with the access key ID AKIDEXAMPLE. The credentials are those of test, so they were not used.',
    )
    const { secretAccessKey } = credentials
    const twice = explain({ request: sent(), credentials: { accessKeyId: secretAccessKey, secretAccessKey }, now: NOW })
    expect(JSON.stringify(twice)).not.toContain(secretAccessKey)
  })

  it('asks for the body of a response without an error', () => {
    const { verdict } = explain({ response: { status: 403 } })
    expect(verdict).toMatch(/Add the body, or, if the request was HEAD, repeat it with GET/)
  })

  it('finds two faults at once', () => {
    const faults: [string, Parameters<typeof sent>[0]][] = [
      ['method header-changed', { method: 'POST', headers: { host, 'content-type': 'image/jpeg' } }],
      ['query-extra header-changed', { url: `${upload.url}&utm=1`, headers: { host, 'content-type': 'text/plain' } }],
      ['path-encoding-case method', { method: 'GET', url: upload.url.replaceAll('%C3%A9', '%c3%a9') }],
    ]
    for (const [expected, change] of faults) {
      const { findings } = explain({ request: sent(change), credentials, now: NOW })
      const proven = findings.filter(({ confidence }) => confidence === 'proven').map(({ cause }) => cause)
      // S3 encodes the path again, so that case alone breaks nothing
      expect(proven.sort()).toEqual(
        expected
          .split(' ')
          .filter((cause) => cause !== 'path-encoding-case')
          .sort(),
      )
    }
  })

  it('says what it would need to know more', () => {
    expect(explain({ request: sent(), now: NOW }).wanted).toEqual(['response', 'credentials'])
    const { wanted, findings } = explain({ request: sent(), response: { status: 403 }, now: NOW })
    expect(wanted).toEqual(['credentials'])
    expect(explain({ response: { status: 403, body: {} as string } }).wanted).toEqual(['request', 'body'])
    expect(findings.every(({ confidence }) => confidence !== 'proven')).toBe(true)
  })

  it('works from the error alone, if that shows what the service computed', () => {
    const { cases, credentials: table } = readRecording('versitygw')!
    const found = cases.find(({ id, refused }) => refused && id.startsWith('header/host/localhost'))!
    const { findings } = explain({ response: found.response, credentials: table[found.credentials]!, now: found.now })
    expect(findings[0]).toMatchObject({ cause: 'host', confidence: 'proven' })
  })

  it('takes the endpoint of the client and hints of its surroundings, and rejects what is neither', () => {
    const response = { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' }
    const request = sent()
    const given = explain({ request, response, now: NOW, endpoint: 'http://minio:9000', hints: ['secret-whitespace'] })
    expect(given.findings.slice(0, 2).map(({ cause }) => cause)).toEqual(['host', 'secret-whitespace'])
    for (const [argument, wrong] of [
      ['input.endpoint', { endpoint: 9000 }],
      ['input.hints', { hints: 'host' }],
      ['input.hints', { hints: ['nothing'] }],
    ] as const)
      expect(() => explain({ request, response, ...wrong } as never)).toThrow(expect.objectContaining({ argument }))
  })

  it('reads an error alone that names its cause, with the values of its message', () => {
    const body =
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-nl-1'</Message><Region>eu-nl-1</Region></Error>"
    const { findings, signature } = explain({ response: { status: 400, body } })
    expect(signature).toBe('wrong')
    expect(findings[0]).toMatchObject({ cause: 'scope-region', expected: 'eu-nl-1', actual: 'us-east-1' })
  })

  it('reads an error alone that denies access as no problem of the signature', () => {
    const { signature, findings } = explain({
      response: { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' },
    })
    expect(signature).toBe('right')
    expect(findings[0]).toMatchObject({ cause: 'not-auth' })
  })

  it('shows no secret, no token and no key of SSE-C', () => {
    const sessionToken = 'FwoGZXIvYXdzEXAMPLE//token+with=marks'
    const key = 'c2VjcmV0LWtleS1vZi1jdXN0b21lci0zMi1ieXRlcyE='
    const who = { ...credentials, sessionToken }
    const url = presignGet(OBJECT, {
      credentials: who,
      now: NOW,
      headers: { 'x-amz-server-side-encryption-customer-key': key },
    }).url
    const secrets = [credentials.secretAccessKey, sessionToken, key]
    const forms = secrets.flatMap((text) => [
      text,
      encodeURIComponent(text),
      encodeURIComponent(encodeURIComponent(text)),
    ])
    const headers = { host, 'x-amz-server-side-encryption-customer-key': key }
    const broken = [
      { method: 'GET', url: `${url}&x=1`, headers },
      { method: 'GET', url: url.replace('token', 'tokem'), headers },
      { method: 'GET', url: url.replace(/&X-Amz-Security-Token=[^&]*/, ''), headers },
      { method: 'GET', url: url.replaceAll('%2F', '%252F').replaceAll('%2B', '%252B'), headers },
      { method: 'GET', url: url.replace('AKIDEXAMPLE', encodeURIComponent(credentials.secretAccessKey)), headers },
      { method: 'GET', url, headers: { host } },
    ]
    for (const request of broken)
      for (const known of [
        { credentials: who },
        {},
        { signed: { canonicalRequest: `GET\n/\n${url}\n\nhost\nUNSIGNED-PAYLOAD` } },
      ]) {
        const text = show(explain({ request, ...known, now: NOW }), { depth: 9 })
        expect(forms.filter((form) => text.includes(form))).toEqual([])
      }
  })

  describe('limits the search for what cannot be found', () => {
    const query = Array.from({ length: 200 }, (_, i) => `p${i}=v`).join('&')
    const url = `${upload.url.replace(/X-Amz-Signature=.*/, `X-Amz-Signature=${'0'.repeat(64)}`)}&${query}`

    const input = { request: sent({ url }), credentials, now: NOW }
    it('to as many hypotheses as it may try', () => {
      const given = readCase(input, { hypotheses: 5000, work: 1e9 })
      expect(prove(given).clues.filter(({ ground }) => ground === 'reproduced')).toEqual([])
      // the next one was not tried
      expect(given.budget.hypotheses).toBeLessThanOrEqual(0)
      expect(given.budget.hypotheses).toBeGreaterThan(-10)
    })

    it('to as many characters as it may write', () => {
      const given = readCase(input)
      expect(prove(given).clues.filter(({ ground }) => ground === 'reproduced')).toEqual([])
      expect(given.budget.hypotheses).toBeGreaterThan(0)
      expect(given.budget.work).toBeLessThan(0)
      expect(given.budget.work).toBeGreaterThan(-1e6)
    })

    it('without the clock: the result is the same on a slow machine', () => {
      // a different date is tried after thousands of other hypotheses
      const request = { method: 'PUT', url: `https://${host}/cat.jpg` }
      const { headers } = sign(request, { credentials, now: NOW })
      const changed = { host, ...headers, 'x-amz-date': '20260131T121459Z' }
      const input = { request: { ...request, headers: changed }, credentials, now: NOW }
      const result = explain(input)
      expect(result.findings[0]).toMatchObject({ confidence: 'proven' })
      let time = NOW
      const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
        time += 10_000
        return time
      })
      try {
        expect(explain(input)).toEqual(result)
      } finally {
        clock.mockRestore()
      }
    })
  })

  it('never throws on what is odd', () => {
    const odd = [
      '',
      '/',
      '?',
      '/%zz?%zz=%',
      '/?X-Amz-Signature',
      '/?amp;X-Amz-Date=1',
      'https://[::1]:9/?Signature=1&AWSAccessKeyId=2',
      '/\ud800?\ud800',
      '/?__proto__=1&constructor=2',
    ]
    const headers = [
      {},
      { authorization: '' },
      { authorization: 'AWS4-HMAC-SHA256' },
      { authorization: 'AWS4-HMAC-SHA256 Credential=/////, SignedHeaders=;;, Signature=' },
      { 'content-type': 'multipart/form-data; boundary=x' },
      { __proto__: null, date: 'never' },
    ]
    const bodies = ['', '<Error><Code>&#x110000;</Code></Error>', '{', '{"__type":1}', 'null', '<a><b>']
    for (const url of odd)
      for (const header of headers)
        for (const body of bodies) {
          const request = {
            method: 'POST',
            url,
            headers: header as Record<string, string>,
            body: '--x\r\nContent-Disposition: form-data; name="policy"\r\n\r\n!\r\n--x--',
          }
          const { verdict } = explain({
            request,
            response: { status: 400, body },
            credentials,
            signed: { canonicalRequest: body, stringToSign: body },
            now: NOW,
          })
          expect(verdict).toMatch(/\S/)
        }
  })
})

it('explain rejects a missing input', () => {
  expect(() => explain(undefined as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'input' }),
  )
  expect(() => explain({})).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE', argument: 'input.request' }),
  )
})

describe('an access key ID that equals its secret, as on local servers', () => {
  const test = { accessKeyId: 'test', secretAccessKey: 'test' }
  const { url } = presignGet(OBJECT, { credentials: test, now: NOW })
  const request = { method: 'GET', headers: { host } }

  it('is not reported as swapped', () => {
    const other = explain({ request: { ...request, url: `${url}&a=1` }, credentials: test, now: NOW })
    expect(other.findings[0]).toMatchObject({ cause: 'query-extra', confidence: 'proven' })
    expect(other.findings.map(({ cause }) => cause)).not.toContain('keys-swapped')
    expect(explain({ request: { ...request, url }, credentials: test, now: NOW }).findings).toEqual([])
  })

  it('is reported as swapped if the credentials are others', () => {
    const swapped = { accessKeyId: credentials.secretAccessKey, secretAccessKey: credentials.accessKeyId }
    const signed = presignGet(OBJECT, { credentials: swapped, now: NOW })
    const { findings } = explain({ request: { ...request, url: signed.url }, credentials, now: NOW })
    expect(findings[0]).toMatchObject({ cause: 'keys-swapped' })
  })
})

describe('causes', () => {
  it('have a description each', () => {
    const all = causes()
    expect(all.length).toBeGreaterThanOrEqual(72)
    expect(new Set(all).size).toBe(all.length)
    for (const cause of all) {
      const { means, happens, fix, check } = causeText(cause)
      for (const text of [means, happens, fix, check]) expect(text).toMatch(/^\S.+\.$/)
    }
  })
})

describe('inspect', () => {
  it('reads a presigned URL', () => {
    const inspection = inspect(upload.url, { now: NOW + 60_000 })
    expect(inspection).toMatchObject({
      location: 'query',
      accessKeyId: 'AKIDEXAMPLE',
      credentialScope: '20260131/eu-west-1/s3/aws4_request',
      region: 'eu-west-1',
      service: 's3',
      signedAt: new Date(NOW),
      expiresAt: new Date(NOW + 900_000),
      secondsUntilExpiry: 840,
      headersToSend: ['content-type'],
      hasSessionToken: false,
      warnings: [],
    })
  })

  it.each([
    ['expired', (url: string) => url.replace('X-Amz-Expires=900', 'X-Amz-Expires=30')],
    ['expires-range', (url: string) => url.replace('X-Amz-Expires=900', 'X-Amz-Expires=604801')],
    ['scope-region', (url: string) => url.replace('.eu-west-1.', '.eu-west-2.')],
    ['session-token', (url: string) => url.replace('AKIDEXAMPLE', 'ASIAEXAMPLE')],
    ['url-double-encoded', (url: string) => url.replaceAll('%2F', '%252F')],
    ['url-html-escaped', (url: string) => url.replaceAll('&', '&amp;')],
    ['missing-param', (url: string) => url.replace(/&X-Amz-Date=[^&]*/, '')],
    ['param-case', (url: string) => url.replace('X-Amz-Date', 'x-amz-date')],
    ['query-duplicate', (url: string) => `${url}&X-Amz-Expires=900`],
    ['malformed-signature', (url: string) => url.slice(0, -1)],
  ])('finds %s', (cause, change) => {
    const { warnings } = inspect(change(upload.url), { now: NOW + 60_000 })
    expect(warnings.map((oddity) => oddity.cause)).toContain(cause)
  })

  it('does not compare a body with its headers, unlike explain', () => {
    const headers = { ...upload.headers, 'content-length': '3' }
    const request = { method: 'PUT', url: upload.url, headers, body: 'four' }
    expect(inspect(request, { now: NOW }).warnings).toEqual([])
    expect(explain({ request, now: NOW }).findings[0]?.cause).toBe('content-length')
  })

  it('takes a URL object and a request, and nothing else', () => {
    expect(inspect(new URL(upload.url), { now: NOW }).warnings).toEqual([])
    expect(inspect({ method: 'GET', url: '/', headers: {} }).warnings[0]!.cause).toBe('anonymous')
    expect(() => inspect(undefined as never)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }))
  })

  it.each<{ rawHeaders: unknown; headers?: object }>([
    { rawHeaders: '', headers: {} },
    { rawHeaders: 'host: a.example', headers: {} },
    { rawHeaders: {}, headers: {} },
    { rawHeaders: [['host', 'a.example']], headers: {} },
    { rawHeaders: '' },
  ])('rejects raw headers that are not a list of strings, as explain does: %j', (members) => {
    const request = { method: 'GET', url: '/', ...members } as never
    const error = { code: 'ERR_INVALID_ARG_TYPE', argument: 'request.rawHeaders', reason: 'type' }
    expect(() => inspect(request)).toThrow(expect.objectContaining(error))
    expect(() => explain({ request })).toThrow(expect.objectContaining(error))
  })
})

describe('trace', () => {
  const request = { method: 'GET', url: '/a/../%zz?b=2&a=1', headers: { host: 'example.amazonaws.com' } }
  const how = { credentials, region: 'us-east-1', service: 'service', now: NOW }

  it('shows every step of a request that sign refuses, with a signature that node:crypto makes too', () => {
    expect(() => sign({ method: 'GET', url: 'https://example.amazonaws.com/%zz' }, how)).toThrow()
    expect(trace(request, how).canonicalRequest).toContain('GET\n/%25zz\na=1&b=2\n')
    expect(trace({ ...request, url: '/\ud800?\udfff' }, how).canonicalRequest).toContain('\n%EF%BF%BD=\n')
    const { canonicalRequest, stringToSign, signature, signedHeaders, credentialScope } = trace(
      { ...request, url: '/a/../b?b=2&a=1' },
      how,
    )
    expect(canonicalRequest).toBe(
      `GET\n/b\na=1&b=2\nhost:example.amazonaws.com\nx-amz-date:20260131T120000Z\n\nhost;x-amz-date\n${EMPTY_HASH}`,
    )
    const hash = sha256(canonicalRequest)
    expect(stringToSign).toBe(`AWS4-HMAC-SHA256\n20260131T120000Z\n20260131/us-east-1/service/aws4_request\n${hash}`)
    expect(signature).toBe(signatureOf(credentials.secretAccessKey, credentialScope, stringToSign))
    expect(signedHeaders).toBe('host;x-amz-date')
  })

  it('makes the signatures of sign and presign', () => {
    const url = 'https://photos.s3.eu-west-1.amazonaws.com/a%20b?x=1'
    const signed = sign({ method: 'PUT', url, body: 'x' }, { credentials, now: NOW })
    const traced = trace({ method: 'PUT', url: '/a%20b?x=1', headers: { host }, body: 'x' }, { credentials, now: NOW })
    expect(signed.headers.authorization).toContain(`Signature=${traced.signature}`)
    const presigned = presignGet(url, { credentials, now: NOW, expires: 60 })
    const query = trace(
      { url: '/a%20b?x=1', headers: { host } },
      { credentials, now: NOW, expires: 60, location: 'query' },
    )
    expect(presigned.url).toContain(`X-Amz-Signature=${query.signature}`)
  })

  it('signs the session token, and has the default lifetime', () => {
    const temporary = { credentials: { ...credentials, sessionToken: 'a/token' }, now: NOW }
    const signed = sign({ method: 'GET', url: `https://${host}/` }, temporary)
    const request = { method: 'GET', url: '/', headers: { host } }
    expect(signed.headers.authorization).toContain(`Signature=${trace(request, temporary).signature}`)
    const presigned = presignGet(`https://${host}/`, temporary)
    expect(presigned.url).toContain(`X-Amz-Signature=${trace(request, { ...temporary, location: 'query' }).signature}`)
  })
})

describe('trace rejects', () => {
  it.each([
    ['a location that is not one', {}, { location: 'body' }, 'ERR_INVALID_ARG_VALUE', 'options.location'],
    ['a body that is an object', { body: {} }, {}, 'ERR_INVALID_ARG_TYPE', 'request.body'],
  ])('%s', (_, change, how, code, argument) => {
    const request = { method: 'GET', url: '/', headers: { host }, ...change } as never
    const options = { credentials, now: NOW, ...how } as never
    expect(() => trace(request, options)).toThrow(expect.objectContaining({ code, argument }))
  })
})

describe('highlightDiff', () => {
  const segments = (one: string, other: string) =>
    highlightDiff(one, other).map(({ before, differs, after }) => [before, differs, after])

  it.each([
    ['image/png', 'image/jpeg', ['image/', 'pn', 'g'], ['image/', 'jpe', 'g']],
    ['a b', 'a\u00a0b', ['a', '[U+0020 SPACE]', 'b'], ['a', '[U+00A0 NO-BREAK SPACE]', 'b']],
    ['a b', 'a   b', ['a ', '', 'b'], ['a ', '[2 spaces]', 'b']],
    ['a', 'a\u200b', ['a', '', ''], ['a', '[U+200B ZERO WIDTH SPACE]', '']],
    ['\u00e9', 'e\u0301', ['', '\u00e9[U+00E9]', ''], ['', 'e[U+0301]', '']],
    ['😀!', '😁!', ['', '😀[U+1F600]', '!'], ['', '😁[U+1F601]', '!']],
    ['aa', 'aaa', ['aa', '', ''], ['aa', 'a', '']],
    ['same', 'same', ['same', '', ''], ['same', '', '']],
    ['é1', 'é2', ['é', '1', ''], ['é', '2', '']],
    // the second halves of these characters are the same
    ['😀', '🨀', ['', '😀[U+1F600]', ''], ['', '🨀[U+1FA00]', '']],
  ])('splits %j and %j where they differ', (one, other, first, second) => {
    expect(segments(one, other)).toEqual([first, second])
  })

  it('spells values that can hardly be told apart in messages', () => {
    const { findings } = explain({
      request: sent({ headers: { host, 'content-type': 'image/png\u00a0x' } }),
      signed: {},
      credentials,
      now: NOW,
    })
    for (const { message } of findings) expect(message).not.toContain('\u00a0')
  })

  it.each(['x-amz-s3session-token', 'x-api-key', 'x-amz-security-token', 'cookie'])(
    'does not show a changed %s',
    (name) => {
      const headers = { host, [name]: 'sent-secret' }
      const canonical = `PUT\n/x\n\nhost:h\n${name}:signed-secret\n\nhost;${name}\n${'a'.repeat(64)}`
      const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical.replace('signed', 'sent')}</CanonicalRequest></Error>`
      const signed = { canonicalRequest: canonical }
      const text = JSON.stringify(explain({ request: sent({ headers }), signed, response: { status: 403, body } }))
      expect(text).toContain(name)
      expect(text).not.toMatch(/(?:signed|sent)-secret/)
    },
  )

  it('does not show the user and password of a URL', () => {
    const { url } = sent()
    const request = { ...sent(), url: url.replace('//', '//user:my-password@') }
    expect(explain({ request, credentials, now: NOW })).toEqual(explain({ request: sent(), credentials, now: NOW }))
    for (const headers of [undefined, { host: 'a.example' }])
      expect(JSON.stringify([explain({ request: { url: request.url, headers } }), inspect(request.url)])).not.toContain(
        'my-password',
      )
  })

  it('does not show a secret among the signed headers', () => {
    const headers = {
      host,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request, SignedHeaders=host;${credentials.secretAccessKey}, Signature=${'0'.repeat(64)}`,
    }
    const text = JSON.stringify(explain({ request: { method: 'GET', url: '/', headers }, credentials, now: NOW }))
    expect(text.toLowerCase()).not.toContain(credentials.secretAccessKey.toLowerCase())
  })

  it('returns the canonical requests of client and service if both are known and differ, without tokens', () => {
    const canonical = (type: string) =>
      `PUT\n/x\n\ncontent-type:${type}\nhost:h\nx-amz-security-token:my-secret-token\n\ncontent-type;host;x-amz-security-token\n${'a'.repeat(64)}`
    const body = `<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>${canonical('b')}</CanonicalRequest></Error>`
    const { canonicalRequests } = explain({
      request: sent(),
      signed: { canonicalRequest: canonical('a') },
      response: { status: 403, body },
    })
    expect(canonicalRequests?.client).toContain('content-type:a\nhost:h\nx-amz-security-token:[hidden]\n')
    expect(canonicalRequests?.service).toContain('content-type:b\nhost:h\nx-amz-security-token:[hidden]\n')
  })
})
